import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What the box found.
struct SearchPage: Sendable {
    /// How much one may type.
    static let longest = 60

    let words: String
    let kind: RegisterKind?
    let isFirst: Bool
    let mayReadPeople: Bool
    /// Whether whole numbers are theirs to ask about.
    let mayFindByNumber: Bool
    let mayReadCases: Bool
    let hasPages: Bool
    let formToken: String
    let names: DivisionNames
    let types: CaseTypes
    var hits = RegisterHits()
    var places: [RegisterHit] = []
    var cases: [CaseRow] = []
    var hasMoreCases = false
    /// Whether the words are a whole number, which is asked about by a button.
    var asksForNumber = false
    /// Whether these are the people with a number.
    var isByNumber = false
    /// Whether the number is the end of a plate only.
    var isEnd = false
    /// What somebody wrote besides the purpose.
    let note: String
    /// Why the question comes back.
    var error: LinliError?

    init(_ request: Request, _ services: Services) {
        let form = request.method == .post ? request.form : request.query
        words = String((form["q"] ?? "").prefix(SearchPage.longest))
        kind = form["kind"].flatMap { RegisterKind(rawValue: $0) }
        isFirst = form["after"] == nil
        mayReadPeople = request.context.actor.may(.peopleRead)
        mayFindByNumber = mayReadPeople && request.context.actor.may(.peopleReveal)
        note = form["note"] ?? ""
        mayReadCases = request.context.actor.may(.casesRead)
        hasPages = SearchPage.hasPages(services)
        formToken = request.formToken
        names = services.divisions
        types = services.queries.types
    }

    /// Whether this program has pages of what stands in the registers.
    static func hasPages(_ services: Services) -> Bool {
        services.features.routes.contains { $0.method == .get && $0.path == RegisterPath.pattern }
    }

    /// The page of a hit.
    static func path(_ hit: RegisterHit) -> String {
        hit.kind.map { RegisterPath.desk(RegisterSubject($0, hit.id)) } ?? RegisterPath.place(ID(rawValue: hit.id))
    }

    var page: Page { Page(Text("查找", "Find"), frame: .desk(""), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(heading)</h1></div>
        <section class="card" aria-label="\(Text("查找", "Find"))">
        <form class="flt" action="/desk/find" role="search">\
        <input type="search" name="q" value="\(isByNumber ? "" : words)" maxlength="\(SearchPage.longest)" \
        aria-label="\(Text("姓名、首字母、地址、编号", "Name, initials, address, number"))">\
        \(when: mayReadPeople, kinds)<button class="btn ghost">\(Text("查", "Find"))</button></form>
        \(asksForNumber ? numberQuestion : results)\(plateQuestion)
        </section>
        \(when: !places.isEmpty, placeList)
        \(when: !cases.isEmpty, caseList)
        </main>
        """
    }

    private var heading: Text {
        if isByNumber {
            return isEnd
                ? Text("车牌尾号对得上的人", "People with a plate that ends so") : Text("有这个号码的人", "People with this number")
        }
        return words.isEmpty ? Text("查找", "Find") : Text("查“\(words)”", "Find “\(words)”")
    }

    private var kinds: HTML {
        select(
            "kind", RegisterKind.allCases.filter { $0 != .household }.map { (value: $0.rawValue, text: $0.name) },
            selected: kind?.rawValue, empty: Text("全部", "Everything"),
            attributes: " aria-label=\"\(Text("找什么", "What to find"))\""
        )
    }

    /// Who asks whose a whole number is reads it: they say so by the button, and the person can see it later.
    private var numberQuestion: HTML {
        let wrong = error?.text(for: "purpose")
        let what =
            isEnd
            ? Text(
                "按车牌尾号找人会记下来，本人以后看得到是谁查的。",
                "Looking people up by the end of a plate is noted, and they can see who did.")
            : Text(
                "这是一个完整的号码。按它找人会记下来，本人以后看得到是谁查的。",
                "This is a whole number. Looking somebody up by it is noted, and they can see who did.")
        return """
            \(problem(error))
            <form class="pad stack" method="post" action="/desk/find">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="q" value="\(words)">
            \(notice(what, icon: "lock"))
            \(field(Text("用途", "What for"), for: "purpose", error: wrong, select(
            "purpose", ReadingPurpose.allCases.map { (value: $0.rawValue, text: $0.name) }, selected: nil,
            empty: Text("请选", "Choose"), attributes: described("purpose", error: wrong))))
            \(field(Text("说明", "Note"), for: "note", hint: Text("写具体的事，本人会看到。", "Say what it is about; the person will read it."), optional: true, """
            <input id="note" name="note" maxlength="200" autocomplete="off" value="\(note)"\(described("note", hint: true, error: nil))>
            """))
            <div class="btns"><button class="btn">\(Text("按号码找人", "Find by number"))</button></div></form>
            """
    }

    /// From four characters to whose plate ends so: they are looked for as words, too, so this is asked on purpose.
    private var plateQuestion: HTML {
        guard mayFindByNumber, !asksForNumber, !isByNumber, isFirst, kind == nil else { return .empty }
        guard let end = PlateNumber.end(words) else { return .empty }
        let path = address("/desk/find", [("q", words), ("as", "plate")])
        let what = Text("谁的车牌尾号是 \(end)", "Whose plate ends in \(end)")
        return "<p class=\"pg\"><a class=\"btn ghost\" href=\"\(path)\">\(what)</a></p>"
    }

    private var results: HTML {
        guard !hits.hits.isEmpty else { return nothing }
        return """
            <ul class="plain">\(each: hits.hits, line)</ul>
            <p class="pg">\(limits)\(when: !isFirst, first)\(hits.next.map(more))</p>
            """
    }

    private var nothing: HTML {
        if words.isEmpty || !(places.isEmpty && cases.isEmpty) && !isByNumber {
            return words.isEmpty
                ? emptyState(
                    Text("写姓名、拼音首字母、地址或编号", "Type a name, initials, an address or a number"),
                    Text(
                        "王芳可以写 wf；号码、车牌写末四位；几个词之间空一格，都有的才算。",
                        "wf finds 王芳; of numbers and plates type the last four; several words must all fit."),
                    icon: "search")
                : .empty
        }
        return emptyState(
            Text("没有找到", "Nothing was found"),
            Text("少写几个字试试；只找得到您负责范围内、还在册的。", "Try fewer words; only what is in your area is found."), icon: "search")
    }

    private func line(_ hit: RegisterHit) -> HTML {
        let words: HTML = """
            <span class="bd"><b class="ttl">\(hit.title)</b>
            <span class="sub num">\((hit.detail + [names.place(hit.division)]).joined(separator: " · "))</span></span>\
            \(tag(hit.kindName, .mute))
            """
        guard hasPages else { return "<li><div class=\"cell\">\(words)</div></li>" }
        return "<li><a class=\"cell\" href=\"\(SearchPage.path(hit))\">\(words)\(icon("chevron"))</a></li>"
    }

    private var limits: Text {
        if isByNumber, isEnd, hits.hits.count == RegisterFinder.shownByNumber {
            return Text(
                "只列前 \(hits.hits.count) 人，写完整的车牌可以缩小范围。",
                "Only the first \(hits.hits.count) are shown; a whole plate narrows it down.")
        }
        if hits.isCut {
            return Text(
                "只看了前 \(RegisterFinder.candidateLimit) 条，多写几个字可以缩小范围。",
                "Only the first \(RegisterFinder.candidateLimit) were looked at; add words to narrow it down.")
        }
        guard hits.next == nil else { return Text("后面还有。", "There are more.") }
        return isFirst
            ? Text("共 \(hits.hits.count) 条。", "\(hits.hits.count) found.") : Text("后面没有了。", "There are no more.")
    }

    /// The way back: pages go on behind a hit, and no page knows the one before it.
    private var first: HTML {
        let path = address("/desk/find", [("q", words), ("kind", kind?.rawValue)])
        return " <a class=\"btn ghost\" href=\"\(path)\">\(Text("回第一页", "First page"))</a>"
    }

    private func more(_ after: Int64) -> HTML {
        let path = address("/desk/find", [("q", words), ("kind", kind?.rawValue), ("after", "\(after)")])
        return " <a class=\"btn ghost\" href=\"\(path)\" rel=\"next\">\(Text("下一页", "Next"))</a>"
    }

    private var placeList: HTML {
        """
        <section class="card" aria-labelledby="h-places"><div class="hd"><h2 id="h-places">\
        \(Text("地点", "Places"))</h2></div><ul class="plain">\(each: places, line)</ul></section>
        """
    }

    private var caseList: HTML {
        """
        <section class="card" aria-labelledby="h-cases"><div class="hd"><h2 id="h-cases">\
        \(Text("工单", "Cases"))</h2></div><ul class="plain">\(each: cases, caseLine)</ul>
        \(when: hasMoreCases, """
            <p class="pg"><a class="btn ghost" href="\(address("/desk/search", [("q", words)]))">\
            \(Text("全部工单", "All cases"))</a></p>
            """)</section>
        """
    }

    private func caseLine(_ row: CaseRow) -> HTML {
        """
        <li><a class="cell" href="\(CasePath.desk(row.id))"><span class="bd">\
        <b class="ttl">\(row.title.isEmpty ? row.number : row.title)</b>
        <span class="sub num">\(row.number) · \(row.whereabouts.isEmpty ? names.place(row.division) : row.whereabouts)\
        </span></span>\(icon("chevron"))</a></li>
        """
    }
}
