import LinliCore
import LinliKernel
import LinliUI

/// The codes that hang on walls, and the form for another one.
struct WallCodesPage {
    let codes: [WallCode]
    let places: [PlaceSummary]
    let form: Form
    let error: LinliError?
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames

    var page: Page {
        Page(Text("楼道码", "Codes on walls"), frame: .desk("/desk/wall-codes"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("楼道码", "Codes on walls"))</h1></div>
        \(problem(error))
        \(when: done == "revoke", notice(Text("已作废，扫了会说已失效。", "Revoked: who scans it reads that it does not hold."), .ok, icon: "done"))
        <div class="card"><div class="hd"><h2>\(Text("贴在外面的码", "Codes that hang outside"))</h2></div>
        \(codes.isEmpty ? empty : table)
        </div>
        <aside class="stack"><section class="card pad" aria-labelledby="h-new">
        <h2 id="h-new">\(Text("做一张新的", "Make one"))</h2>
        <form class="stack" method="post" action="/desk/wall-codes">\(LinliUI.formToken(formToken))
        \(placeField)
        \(noteField)
        <button class="btn">\(icon("plus"))\(Text("做码", "Make it"))</button>
        </form></section></aside>
        </main>
        """
    }

    private var empty: HTML {
        emptyState(
            Text("还没有楼道码", "No codes yet"),
            Text(
                "选一个楼门或电梯，打印出来贴上。居民扫一下就能反映，地点已经填好，不用登录。",
                "Choose an entrance, print and hang it: residents scan it and the place is filled in."
            ),
            icon: "box"
        )
    }

    private var placeField: HTML {
        field(
            Text("贴在哪里", "Where it hangs"), for: "place", error: error?.text(for: "place"),
            """
            <select id="place" name="place" required\(described("place", error: error?.text(for: "place")))>\
            <option value="">\(Text("请选", "Choose"))</option>\
            \(PlaceOptions(places: places, selected: form["place"]).html)</select>
            """
        )
    }

    private var noteField: HTML {
        field(
            Text("具体位置", "Exactly where"), for: "note", optional: true, error: error?.text(for: "note"),
            """
            <input id="note" name="note" maxlength="40" autocomplete="off" value="\(form["note"] ?? "")" \
            placeholder="\(Text("如：1层电梯口", "Such as: by the lift"))"\(described("note", error: error?.text(for: "note")))>
            """
        )
    }

    private var table: HTML {
        """
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("楼道码", "Codes on walls"))</caption>
        <thead><tr><th scope="col">\(Text("地点", "Place"))</th><th scope="col">\(Text("什么时候做的", "Made"))</th>\
        <th scope="col">\(Text("操作", "Actions"))</th></tr></thead>
        <tbody>\(each: codes, row)</tbody></table></div>
        """
    }

    private func row(_ code: WallCode) -> HTML {
        """
        <tr><td class="wide"><b>\(code.address)</b><span class="sub">\(when: !code.note.isEmpty, "\(code.note) · ")\
        \(names.place(code.division)) · <span class="num">\(code.path)</span></span></td>
        <td data-label="\(Text("做于", "Made"))">\(time(code.createdAt, code.createdAt.relative(to: now)))</td>
        <td data-label="\(Text("操作", "Actions"))">\(code.revokedAt == nil ? actions(code) : tag(Text("已作废", "Revoked"), .mute))</td></tr>
        """
    }

    private func actions(_ code: WallCode) -> HTML {
        let base = "/desk/wall-codes/\(code.id)"
        guard code.gone == nil else {
            return """
                <div class="btns">\(tag(Text("地点已注销，请取下", "The place is gone: please take it down"), .warn))\(revoke(base))</div>
                """
        }
        return """
            <div class="btns"><a class="btn weak sm" href="\(base)/print">A4</a>\
            <a class="btn weak sm" href="\(base)/print?size=a6">A6</a>\
            \(revoke(base))</div>
            """
    }

    private func revoke(_ base: String) -> HTML {
        """
        <form method="post" action="\(base)/revoke" data-confirm="\(Text("作废后扫码就打不开了，确定吗？", "Nobody can use it afterwards. Revoke it?"))">\
        \(LinliUI.formToken(formToken))<button class="btn ghost sm">\(Text("作废", "Revoke"))</button></form>
        """
    }
}

/// What somebody reads who scans a code of a place that is there no more.
struct WallCodeGonePage {
    let code: WallCode
    let committee: UnitSummary?

    var page: Page {
        Page(title, frame: .resident(.report), body)
    }

    private var title: Text {
        code.gone == nil
            ? Text("这张码已经失效", "This code was revoked") : Text("这处地点已经没有了", "This place is gone")
    }

    private var body: HTML {
        """
        <main id="main" class="one"><section class="card pad stack">
        <h1>\(title)</h1>
        <p>\(what)</p>
        <p>\(Text("这张码不再用了。要反映的事还在，请从这里写，地点自己填。", "This code is not used any more. If something is wrong here, tell it and say where."))</p>
        <p><a class="btn wide" href="/report">\(icon("report"))\(Text("我要反映", "Tell it"))</a></p>
        \(committee.map(phone))
        <p><b>\(Text("有人受伤、着火、闻到燃气味，先打 110、119、120。", "Somebody hurt, fire, a smell of gas: first call 110, 119, 120."))</b></p>
        </section></main>
        """
    }

    /// Why and since when, as the register has it.
    private var what: Text {
        guard let gone = code.gone else { return Text(same: code.address) }
        let (day, reason) = (gone.at.date.full, gone.reason?.name ?? Text("注销", "Ended"))
        return Text(
            "“\(code.address)”已于 \(day.zh) 注销：\(reason.zh)。",
            "“\(code.address)” ended on \(day.en): \(reason.en).")
    }

    private func phone(_ unit: UnitSummary) -> HTML {
        """
        <p>\(Text("也可以打电话：", "Or call: "))\(unit.name)\(when: !unit.phone.isEmpty, " <a class=\"num\" href=\"tel:\(unit.phone)\">\(unit.phone)</a>")</p>
        """
    }
}

/// A code as it is printed: what it is for, where it hangs, and whom to call without a phone that scans.
struct WallCodeSheet {
    let code: WallCode
    let committee: UnitSummary?
    let link: String
    let isSmall: Bool
    let formToken: String

    var page: Page {
        Page(Text("楼道码 \(code.address)", "Code \(code.address)"), frame: .desk("/desk/wall-codes"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="btns noprint"><a class="btn ghost" href="/desk/wall-codes">\(icon("back", small: true))\(Text("回列表", "Back"))</a>\
        <button class="btn" type="button" data-print data-js hidden>\(icon("print"))\(Text("打印", "Print"))</button>\
        <a class="btn weak" href="/desk/wall-codes/\(code.id)/print\(when: !isSmall, "?size=a6")">\
        \(isSmall ? Text("换 A4", "As A4") : Text("换 A6", "As A6"))</a></div>
        <article class="sheet wallcode\(when: isSmall, " a6")">
        <h1>\(Text("扫一扫，反映这里的问题", "Scan to report a problem here"))</h1>
        <p class="where">\(code.address)\(when: !code.note.isEmpty, " · \(code.note)")</p>
        \(qrCode(link, label: Text("反映问题的二维码", "QR code for reporting")))
        <p class="secret">\(link)</p>
        <p>\(Text("灯不亮、水管漏、垃圾没清，拍张照就行。不用登录，地点已经填好。", "A dark lamp, a leak, rubbish: one photo is enough. No account; the place is filled in."))</p>
        \(committee.map(phone))
        <p><b>\(Text("有人受伤、着火、闻到燃气味，先打 110、119、120。", "Somebody hurt, fire, a smell of gas: first call 110, 119, 120."))</b></p>
        </article>
        </main>
        """
    }

    private func phone(_ unit: UnitSummary) -> HTML {
        """
        <p class="tel">\(Text("也可以打电话：", "Or call: "))\(unit.name)\(when: !unit.phone.isEmpty, " <b class=\"num\">\(unit.phone)</b>")</p>
        """
    }
}
