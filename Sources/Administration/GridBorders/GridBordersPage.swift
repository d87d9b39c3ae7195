import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The borders of a community's grids: drawn, listed, and those of a file beside them before they are stored.
struct GridBordersPage {
    let choice: CommunityChoice
    let grids: [Division]
    let outlines: [GridOutline]
    let mayChange: Bool
    let preview: (file: GridBorderFile, check: GridBorderCheck)?
    let done: String?
    let error: LinliError?
    let formToken: String
    let names: DivisionNames

    var page: Page {
        Page(Text("网格边界", "Grid borders"), frame: .desk("/admin/grids"), choice.community.map(body) ?? nothing)
    }

    private var nothing: HTML {
        """
        <main id="main" class="wrap"><div class="ttlbar"><h1>\(Text("网格边界", "Grid borders"))</h1></div>
        <section class="card">\(CommunityChoice.none)</section></main>
        """
    }

    private func body(_ community: DivisionCode) -> HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(names[community]) · \(Text("网格边界", "Grid borders"))</h1></div>
        \(problem(error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <div class="stack">
        \(preview.map { look($0.file, $0.check, community) })
        <section class="card" aria-labelledby="now"><div class="hd"><h2 id="now">\(Text("现在的边界", "Borders that hold"))</h2></div>
        \(choice.form("/admin/grids", names))
        \(grids.isEmpty ? noGrids(community) : "\(drawing)\(list)")
        </section>
        </div>
        \(when: mayChange && !grids.isEmpty, upload(community))
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "put": Text("边界已存好，地图上点选马上按它来。", "Stored: points on the map go by them from now on.")
        case "remove": Text("边界已去掉。", "The border was removed.")
        default: nil
        }
    }

    private func noGrids(_ community: DivisionCode) -> HTML {
        emptyState(
            Text("这个社区还没有网格", "This community has no grids yet"),
            Text("先加网格，再来画边界。", "First add the grids, then bring their borders."),
            icon: "tree",
            action: """
                <a class="btn" href="/admin/divisions?under=\(community)">\(Text("去加网格", "Add grids"))</a>
                """
        )
    }

    private var drawing: HTML {
        let shapes = outlines.enumerated().map { AreaSketch.Shape($1.area, label: $1.name, level: $0 % 3) }
        return AreaSketch(shapes).map { sketch in
            """
            <div class="pad"><div class="map">\(sketch.svg(label: Text("现在的网格边界", "The borders that hold")))</div></div>
            """
        } ?? .empty
    }

    private var list: HTML {
        "<ul>\(each: grids, row)</ul>"
    }

    private func row(_ grid: Division) -> HTML {
        let outline = outlines.first { $0.code == grid.code }
        let size = outline.map { Int($0.area.squareMetres.rounded()) }
        let question = Text("去掉“\(grid.name)”的边界？", "Remove the border of “\(grid.name)”?")
        return """
            <li><div class="cell"><span class="bd"><a class="ttl" href="/admin/grid-roles/\(grid.code)">\(grid.name)</a><span class="sub num">\
            \(grid.code.short)\(size.map { HTML.text(Text(" · \($0) 平方米", " · \($0) m²")) })</span></span>\
            \(outline == nil ? tag(Text("没有边界", "No border"), .warn) : HTML.empty)\
            \(when: outline != nil && mayChange, """
                <form method="post" action="/admin/grids/\(grid.code)/remove" data-confirm="\(question)">\
                \(LinliUI.formToken(formToken))<button class="btn ghost sm">\(Text("去掉", "Remove"))\
                <span class="sr"> \(grid.name)</span></button></form>
                """)</div></li>
            """
    }

    // MARK: Bringing a file

    private func upload(_ community: DivisionCode) -> HTML {
        let hint = Text(
            "GeoJSON，经度在前。每个边界在 properties 里写 code（15 位代码）或 name（如 第1网格）。",
            """
            GeoJSON, longitude first. The properties of each border say its code (15 digits) or name.
            """
        )
        return """
            <aside class="card"><div class="hd"><h2>\(Text("换边界", "Bring borders"))</h2></div>
            <form class="form" method="post" action="/admin/grids/look" enctype="multipart/form-data">\
            \(LinliUI.formToken(formToken))<input type="hidden" name="under" value="\(community)">
            \(field(
                Text("边界文件", "File"), for: "file", hint: hint, error: error?.text(for: "file"),
                """
                <input id="file" name="file" type="file" required accept=".geojson,.json,application/geo+json,application/json"\
                \(described("file", hint: true, error: error?.text(for: "file")))>
                """
            ))
            \(field(
                Text("坐标", "Coordinates"), for: "datum",
                hint: Text("存的都是 WGS 84，别的先换算。", "WGS 84 is kept; others are converted."),
                """
                <select id="datum" name="datum"\(described("datum", hint: true, error: nil))>\
                <option value="wgs84">\(Text("WGS 84、CGCS2000", "WGS 84, CGCS2000"))</option>\
                <option value="gcj02">\(Text("GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)"))</option>\
                <option value="bd09">\(Text("BD-09（百度）", "BD-09 (Baidu)"))</option></select>
                """
            ))
            <div class="full btns"><button class="btn">\(Text("先看看", "Have a look first"))</button></div>
            </form>
            \(when: !outlines.isEmpty, """
                <p class="pad"><a href="/api/v1/grids.geojson?under=\(community)" download="grids.geojson">\
                \(Text("下载现在的边界，改好再传", "Download the present ones to edit them"))</a></p>
                """)
            </aside>
            """
    }

    private func look(_ file: GridBorderFile, _ check: GridBorderCheck, _ community: DivisionCode) -> HTML {
        let shapes = file.outlines.enumerated().map { AreaSketch.Shape($1.area, label: $1.name, level: $0 % 3) }
        let marks = check.marks.map { AreaSketch.Mark($0.box, $0.isOverlap ? .bad : .warn) }
        let label = Text("文件里的边界，重叠是红色，空隙是橙色", "The file's borders: overlaps in red, gaps in orange")
        return """
            <section class="card" aria-labelledby="look"><div class="hd"><h2 id="look">\
            \(Text("文件里的 \(file.outlines.count) 个边界", "\(file.outlines.count) borders in the file"))</h2></div>
            \(AreaSketch(shapes, marks: marks).map {
                "<div class=\"pad\"><div class=\"map\">\($0.svg(label: label))</div></div>"
            })
            <div class="pad stack">\(each: remarks(check), { notice($0.text, $0.tone) })</div>
            \(when: check.isGood, """
                <form class="pad btns" method="post" action="/admin/grids">\(LinliUI.formToken(formToken))\
                <input type="hidden" name="under" value="\(community)">\
                <textarea name="borders" hidden>\(file.compact)</textarea>\
                <button class="btn">\(Text("存下这些边界", "Store these borders"))</button></form>
                """)
            </section>
            """
    }

    private func remarks(_ check: GridBorderCheck) -> [(text: Text, tone: Tone)] {
        var remarks: [(text: Text, tone: Tone)] = check.overlaps.map { overlap in
            let size = overlap.squareMetres
            return (
                Text(
                    "\(overlap.names.map { "“\($0)”" }.joined(separator: "和"))重叠 \(size) 平方米",
                    "\(overlap.names.map { "“\($0)”" }.joined(separator: " and ")) overlap by \(size) m²"
                ), size > GridBorderCheck.tolerated ? .bad : .warn
            )
        }
        remarks += check.crossings.map {
            (Text("“\($0)”的边界自己交叉了", "The border of “\($0)” crosses itself"), .bad)
        }
        if check.gap > 0 {
            let text = Text("中间有 \(check.gap) 平方米不属于任何网格", "\(check.gap) m² inside belong to no grid")
            remarks.append((text, .warn))
        }
        if check.lost > 0 {
            let text = Text(
                "现在归这些网格的 \(check.lost) 平方米，以后不属于任何网格",
                "\(check.lost) m² that these grids have now would belong to none")
            remarks.append((text, .warn))
        }
        if check.isScattered {
            remarks.append(
                (Text("这些网格离得太远，不像一个社区的", "These grids are too far apart for one community"), .bad)
            )
        }
        if remarks.isEmpty {
            remarks.append((Text("没有重叠，没有空隙", "No overlaps and no gaps"), .ok))
        }
        return remarks
    }
}
