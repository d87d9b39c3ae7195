import LinliCore
import LinliKernel
import LinliUI

/// How many may have each service, were told, said no, were reached or not, part by part.
struct CareCoveragePage {
    struct Service: Sendable {
        var service: CareService
        var parts: [(division: DivisionCode, progress: CareProgress)]
    }

    /// A service that is not in the catalogue any more, with how many open orders it has.
    struct Gone: Sendable {
        var service: String
        var name: Text
        var count: Int
    }

    let area: DivisionCode
    let divisions: [DivisionCode]
    let rows: [Service]
    /// What units said of what they could not bring.
    let refusals: [CareRefusalCount]
    let gone: [Gone]
    /// With what earlier books said of the services that units could not bring.
    let book: LabelBook
    /// How small a group is told apart: the reader may stand above the people.
    let size: GroupSize
    let mayList: Bool
    let names: DivisionNames

    var page: Page {
        Page(Text("服务送到没有", "Who is reached"), frame: .desk("/desk/care/services"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("服务送到没有", "Who is reached"))</h1>\
        <a class="btn ghost" href="\(address("/desk/reports", [("division", "\(area)")]))">\(icon("chart", small: true))\
        \(Text("工作报表", "Reports of work"))</a>\
        <p class="note">\(names[area])\(when: size.isBlurred, "\(Text("，一处不到 \(size.least) 人的不说具体几个", "; where there are fewer than \(size.least) people, their number is not told"))")</p></div>
        \(when: divisions.count > 1, choices)
        \(when: rows.isEmpty, emptyState(
            Text("还没有服务目录", "No services yet"), Text("管理员在“标签与服务”里发布。", "An administrator publishes them."), icon: "heart"))
        <div class="stack">\(each: rows, card)\(when: !gone.isEmpty, leftOver)\(when: !refusals.isEmpty, refused)</div>
        </main>
        """
    }

    private var refused: HTML {
        """
        <section class="card" aria-labelledby="refused"><div class="hd"><h2 id="refused">\(Text("有人要，单位做不了的", "Wanted, but units could not"))</h2></div>
        <ul class="plain">\(each: refusals, { row in
            """
            <li class="cell"><span class="bd"><span class="ttl">\(serviceName(row.service)) · \(row.unit)</span>\
            <span class="sub">\(row.reason.name)</span></span><b class="num">\(size.text(row.count))</b></li>
            """
        })</ul></section>
        """
    }

    private func serviceName(_ id: String) -> Text { CareOffer.name(id, book) }

    /// What nobody brings any more and was not ended.
    private var leftOver: HTML {
        """
        <section class="card" aria-labelledby="gone"><div class="hd"><h2 id="gone">\(Text("目录里没有了、还没停的", "Not listed any more, still open"))</h2></div>
        <p class="pad note">\(Text("没有单位送了：跟本人说明，再停掉。", "Nobody brings them: tell the people, and end them."))</p>
        <ul class="plain">\(each: gone, left)</ul></section>
        """
    }

    private func left(_ row: Gone) -> HTML {
        let path = address("/desk/care/services/\(row.service)", [("division", "\(area)")])
        let name: HTML =
            mayList ? "<a class=\"ttl\" href=\"\(path)\">\(row.name)</a>" : "<span class=\"ttl\">\(row.name)</span>"
        return """
            <li class="cell"><span class="bd">\(name)</span><b class="num">\(size.text(row.count))</b></li>
            """
    }

    private var choices: HTML {
        """
        <nav class="card flt" aria-label="\(Text("范围", "Areas"))">\(each: divisions, { other in
            """
            <a class="btn ghost sm" href="\(address("/desk/care/services", [("division", "\(other)")]))"\
            \(when: other == area, " aria-current=\"page\"")>\(names[other])</a>
            """
        })</nav>
        """
    }

    private func card(_ row: Service) -> HTML {
        let id = "s-\(row.service.id)"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(row.service.name)</h2>\
            \(when: mayList, """
                <a class="btn ghost sm" href="\(address("/desk/care/services/\(row.service.id)", [("division", "\(area)")]))">\
                \(Text("没送到的人", "Not reached"))</a>
                """)</div>
            <p class="pad note">\(Text("给：", "For: "))\(row.service.rule.words) · \(Text("依据：", "Basis: "))\(row.service.basis)\
            \(when: row.parts.contains { $0.progress.exceptional > 0 || $0.progress.former > 0 }, CareCoveragePage.apart)</p>
            <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(row.service.name)</caption>
            <thead><tr><th scope="col">\(Text("地方", "Place"))</th>\(each: CareCoveragePage.heads, {
                "<th scope=\"col\" class=\"r\">\($0)</th>"
            })</tr></thead>
            <tbody>\(each: row.parts, { line(Text(same: names[$0.division]), [$0.progress]) })\
            \(when: row.parts.count > 1, line(Text("合计", "Together"), row.parts.map(\.progress)))</tbody></table></div></section>
            """
    }

    private static let apart: HTML = """
         · \(Text(
            "不符合条件、有特殊情况告知的，告知以后不再符合或不让按信息推荐的，都单独算，不算在别的列里；该送没送到的也在“没送到的人”里",
            """
            Whom the rule does not name stands apart, in no other column: told by way of exception, or named once and not any \
            more or off by their own wish; who of them is not reached stands on that list, too
            """))
        """

    private static let heads = [
        Text("可享受", "May have"), Text("问过", "Told"), Text("不需要", "Said no"), Text("已送到", "Reached"),
        Text("还没送到", "Not reached"), Text("特殊情况", "Exceptions"), Text("不再列入的", "Named once"),
    ]

    /// A part, or several together: what is not told of one is not told by their sum either.
    private func line(_ name: Text, _ parts: [CareProgress]) -> HTML {
        let numbers = [\CareProgress.entitled, \.asked, \.declined, \.reached, \.unreached, \.exceptional, \.former]
        return """
            <tr><th scope="row" class="wide">\(name)</th>\(each: zip(CareCoveragePage.heads, numbers), { head, number in
                "<td class=\"r num\" data-label=\"\(head)\">\(together(parts.map { $0[keyPath: number] }))</td>"
            })</tr>
            """
    }

    private func together(_ numbers: [Int]) -> Text {
        var total = GroupTotal()
        for number in numbers { total.add(number, size) }
        return total.text(size)
    }
}

/// Who may have a service and is not reached, by name, for who looks after them.
struct CareUnreachedPage {
    struct Entry: Sendable {
        var person: PersonRecord
        var home: CareHome?
        var because: [Text]
        var offer: CareOffer?
    }

    static let limit = 50

    let service: CareService
    /// Whether it is not in the catalogue any more.
    let isGone: Bool
    let area: DivisionCode
    let isOpen: Bool
    let now: Instant
    let formToken: String
    let names: DivisionNames
    var people: [Entry] = []
    var error: LinliError?

    private var path: String { "/desk/care/services/\(service.id)" }

    var page: Page {
        Page(
            Text("没送到：\(service.name.zh)", "Not reached: \(service.name.en)"), frame: .desk("/desk/care/services"), body
        )
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("没送到：\(service.name.zh)", "Not reached: \(service.name.en)"))</h1>\
        <a class="btn ghost" href="\(address("/desk/care/services", [("division", "\(area)")]))">\(icon("back", small: true))\
        \(Text("回到汇总", "Back to the counts"))</a></div>
        \(problem(error))
        <p class="note">\(names[area]) · \(service.what)</p>
        \(when: isGone, notice(Text(
            "目录里没有这项服务了，没有单位送：跟本人说明，再停掉。", "Not in the catalogue any more, nobody brings it: tell them, and end it."
        ), .warn))
        \(isOpen ? list : CareWords.opener(path, [("division", "\(area)")], formToken, error))
        </main>
        """
    }

    private var list: HTML {
        guard !people.isEmpty else {
            return """
                <section class="card" aria-label="\(Text("名单", "List"))">\(emptyState(
                    Text("都送到了，或还没有人符合", "Everybody is reached, or nobody qualifies"),
                    Text("有人新符合条件时会列在这里。", "Who newly qualifies is listed here."), icon: "done"))</section>
                """
        }
        let last = people.count == CareUnreachedPage.limit ? people.last?.person.id : nil
        return """
            <section class="card" aria-labelledby="list"><div class="hd"><h2 id="list">\(Text("名单", "List"))</h2></div>
            <ul class="plain">\(each: people, row)</ul>\(last.map(next))</section>
            """
    }

    private func row(_ entry: Entry) -> HTML {
        """
        <li class="cell"><span class="bd"><a class="ttl" href="/desk/care/people/\(entry.person.id)">\
        \(CareWords.who(entry.person, now))</a>\
        <span class="sub">\(entry.home.map { Text(same: $0.address) } ?? Text("没有住址", "No address"))</span>\
        <span class="sub">\(CareWords.because(entry.because))</span>\
        \(entry.offer.map { "<span class=\"tags\">\(CareWords.state($0, now))\(standing($0))</span>" as HTML })</span></li>
        """
    }

    /// That no unit has it, and that the rule does not name them.
    private func standing(_ offer: CareOffer) -> HTML {
        """
        \(when: offer.state == .accepted && offer.unit == nil && !offer.hasReached(now), tag(
            Text("没有单位接", "No unit has it"), .warn))\
        \(when: offer.isException, tag(Text("特殊情况", "Exception"), .warn))
        """
    }

    private func next(_ last: ID<Person>) -> HTML {
        guard service.fieldClass > .basic else {
            let more = address(path, [("division", "\(area)"), ("after", "\(last)")])
            return "<p class=\"pg\"><a class=\"btn ghost sm\" href=\"\(more)\">\(Text("后面的", "More"))</a></p>"
        }
        return """
            <form class="pg" method="post" action="\(path)">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="division" value="\(area)"><input type="hidden" name="after" value="\(last)">\
            <input type="hidden" name="purpose" value="service">\
            <button class="btn ghost sm">\(Text("后面的", "More"))</button></form>
            """
    }
}
