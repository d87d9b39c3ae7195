import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// A case as everybody sees it: how far it is, until when, what was done; never who told it or at which door.
struct PublicCasePage {
    let item: PublicCase
    let names: DivisionNames
    let catalogue: EventCatalogue
    let now: Instant
    /// Whether one more may join it.
    var isJoinable = false
    var count: VoiceCount?

    private var row: PublicCaseRow { item.row }

    var page: Page {
        Page(Text(same: row.title), frame: .resident(.elsewhere), body)
    }

    private var body: HTML {
        """
        <main id="main">
        <div class="col">
        \(state)
        <section class="card" aria-labelledby="h-what">
        <div class="hd"><h2 id="h-what">\(Text("什么事", "What it is about"))</h2></div>
        <div class="pad prose">\(PublicCasePage.paragraphs(row.text))</div>
        \(photos("before"))
        </section>
        \(result)
        \(history)
        </div>
        <div class="col side">
        \(facts)
        \(actions)
        </div>
        </main>
        """
    }

    private var state: HTML {
        """
        <section class="card" aria-label="\(Text("办到哪一步", "How far it is"))">
        <div class="state">
        <p class="big">\(PublicWords.headline(row))</p>
        \(row.leadNumber.map { number in
            """
            <p class="note">\(Text("和邻居反映的同一件事一起办：", "Handled together with what neighbours told: "))\
            <a class="num" href="\(CasePath.neighbour(number))">\(number)</a></p>
            """ as HTML
        })
        \(when: !row.state.isFinal, NeedWords.due(row.state, row.dueAt, now: now, isPaused: row.isPaused))
        \(row.closedAt.map { at in
            "<p class=\"note\">\(PublicWords.day(at, now: now)) \(row.state.residentName)</p>" as HTML
        })
        </div>
        \(PublicWords.steps(row))
        </section>
        """
    }

    /// A text with its lines as paragraphs.
    static func paragraphs(_ text: String) -> HTML {
        "\(each: text.split(whereSeparator: \.isNewline), { "<p>\(String($0))</p>" })"
    }

    private var result: HTML {
        let shots = photos("after")
        guard !row.result.isEmpty || !shots.isEmpty else { return .empty }
        return """
            <section class="card" aria-labelledby="h-done">
            <div class="hd"><h2 id="h-done">\(Text("怎么办的", "What was done"))</h2></div>
            \(when: !row.result.isEmpty, "<div class=\"pad prose\">\(PublicCasePage.paragraphs(row.result))</div>")
            \(shots)
            </section>
            """
    }

    private func photos(_ kind: String) -> HTML {
        let photos = item.photos.filter { $0.kind == kind }
        guard !photos.isEmpty else { return .empty }
        let name = kind == "after" ? Text("办理后", "After") : Text("办理前", "Before")
        return """
            <div class="shots">\(each: photos.enumerated(), { index, photo in
                """
                <figure><a href="\(CasePath.neighbourPhoto(row.number, photo.file))">\
                <img src="\(CasePath.neighbourPhoto(row.number, photo.file, isThumbnail: true))" \
                alt="\(name + Text("的照片 \(index + 1)：\(row.title)", ", photo \(index + 1): \(row.title)"))" \
                loading="lazy" width="640" height="480"></a><figcaption>\(name)</figcaption></figure>
                """
            })</div>
            """
    }

    private var history: HTML {
        """
        <section class="card" aria-labelledby="h-tl">
        <div class="hd"><h2 id="h-tl">\(Text("办理过程", "What happened"))</h2></div>
        <ol class="tl">\(each: item.lines.reversed(), { line in
            "<li><b>\(line.what)</b>\(PublicWords.day(line.at, now: now))</li>"
        })</ol>
        </section>
        """
    }

    private var facts: HTML {
        """
        <section class="card" aria-label="\(Text("基本情况", "Facts"))">
        <dl class="kv gap">
        <dt>\(Text("编号", "Number"))</dt><dd class="num">\(row.number)</dd>
        <dt>\(Text("地点", "Where"))</dt><dd>\(whereabouts)</dd>
        <dt>\(Text("类别", "Kind"))</dt><dd>\(PublicWords.category(row.category, catalogue))</dd>
        <dt>\(Text("反映", "Reported"))</dt><dd>\(PublicWords.day(row.createdAt, now: now))\
        \(count.map { " · \(SimilarParts.homes($0))" as HTML })</dd>
        \(PublicWords.unit(row).map { "<dt>\(Text("承办", "Unit"))</dt><dd>\($0)</dd>" as HTML })
        </dl>
        <p class="pad note">\(Text("文字和照片由社区工作人员整理公开，不写是谁反映的。", "Words and photos were cleared by community staff; nobody is named."))</p>
        </section>
        """
    }

    private var whereabouts: HTML {
        let community = names[row.community]
        guard !row.address.isEmpty else { return "\(community)" }
        guard let place = row.place else { return "\(row.address)<br><span class=\"note\">\(community)</span>" }
        let link = address(PublicListPage.path, [("place", "\(place)")])
        return "<a href=\"\(link)\">\(row.address)</a><br><span class=\"note\">\(community)</span>"
    }

    private var actions: HTML {
        let alone = address("/report", [("place", row.place.map { "\($0)" }), ("minor", row.category)])
        // What is done already, or what only its reporter made public, is told anew.
        let same = isJoinable ? CasePath.join(row.leadNumber ?? row.number) : alone
        let more = address(PublicListPage.path, [("area", row.community.description)])
        return """
            <section class="card pad stack" aria-label="\(Text("接着做", "Next"))">
            <a class="btn wide" href="\(same)">\(icon("report"))\(Text("我也遇到了", "I have the same"))</a>
            <a class="btn ghost wide" href="\(more)">\(icon("list"))\(Text("看大家反映的事", "All reported nearby"))</a>
            </section>
            """
    }
}
