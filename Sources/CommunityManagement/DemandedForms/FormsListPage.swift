import LinliCore
import LinliKernel
import LinliUI

/// The forms of one's places; for a street also which ask for the same.
struct FormsListPage {
    let forms: [DemandedForm]
    let rounds: [FormRound]
    /// How often each was filled, and the minutes that took.
    let spent: [ID<DemandedForm>: (rounds: Int, minutes: Int)]
    /// Who demands the same of the same people; for a street.
    let pairs: [FormPair]
    let isOfStreet: Bool
    let today: CivilDate
    let done: String?
    let names: DivisionNames

    var page: Page {
        isOfStreet
            ? Page(Text("谁在要报表", "Who demands forms"), frame: .desk("/desk/forms/demands"), body)
            : Page(Text("报表", "Forms"), frame: .desk("/desk/forms"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(isOfStreet ? Text("谁在要报表", "Who demands forms") : Text("报表", "Forms"))</h1>\
        \(when: !isOfStreet, FormsListPage.newLink)</div>
        \(when: done == "retire", notice(Text("不再列出这张表。", "The form is off the list."), .ok, icon: "done"))
        \(forms.isEmpty ? empty : "\(figures)\(when: isOfStreet, twice)\(when: isOfStreet, issuers)\(list)")
        </main>
        """
    }

    private static let newLink: HTML = """
        <a class="btn" href="/desk/forms/new">\(icon("plus", small: true))\(Text("登记一张表", "Register a form"))</a>
        """

    private var empty: HTML {
        """
        <section class="card" aria-label="\(Text("报表", "Forms"))">\(emptyState(
            Text("还没有登记过报表", "No form is registered"),
            Text("上级要的表传上来一次，以后每期自动填好，只问系统不知道的。", "Upload a form once; each period it fills itself and asks only what is not known."),
            icon: "copy"))</section>
        """
    }

    private var figures: HTML {
        let (times, minutes) = (spent.values.map(\.rounds).reduce(0, +), spent.values.map(\.minutes).reduce(0, +))
        return """
            <div class="stats"><div class="stat"><span>\(Text("报表", "Forms"))</span><b>\(forms.count)</b></div>
            <div class="stat"><span>\(Text("填过的期数", "Times filled"))</span><b>\(times)</b></div>
            <div class="stat"><span>\(Text("共用分钟", "Minutes in all"))</span><b>\(minutes)</b></div></div>
            """
    }

    private var list: HTML {
        """
        <section class="card" aria-labelledby="all"><div class="hd"><h2 id="all">\(Text("报表", "Forms"))</h2></div>
        <ul class="plain">\(each: forms, row)</ul></section>
        """
    }

    // MARK: Asked twice

    private var twice: HTML {
        guard !pairs.isEmpty else {
            return """
                <section class="card pad" aria-label="\(Text("重复要", "Asked twice"))"><p class="note">\(icon("done", small: true))\(Text(
                    "没有两家在要同样的列。", "No two issuers demand the same columns."))</p></section>
                """
        }
        let minutes = pairs.map(\.minutesTwice).reduce(0, +)
        return """
            <section class="card" aria-labelledby="twice"><div class="hd"><h2 id="twice">\(Text(
                "重复要：\(pairs.count) 对，约 \(minutes) 分钟花在问过的列上",
                "Asked twice: \(pairs.count) pairs, some \(minutes) minutes on columns asked before"))</h2></div>
            <ul class="plain">\(each: pairs, pair)</ul>
            <p class="pad note">\(Text(
                "两家要的列至少三列相同、填的地方相同才列出；分钟按后登记那张表里相同列的比例折算，是估数。",
                "Pairs share three columns or more and a place. Minutes are an estimate: those of the later form, by its share of such columns."
            ))</p></section>
            """
    }

    private func pair(_ pair: FormPair) -> HTML {
        let percent = pair.percent
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(side(pair.first)) ↔ \(side(pair.second))</span>
            <span class="sub">\(tag(pair.people.name, pair.people == .partly ? .mute : .warn)) \(Text(
                "\(pair.shared.count) 列相同，占前一张 \(percent.first)%、后一张 \(percent.second)%：",
                "\(pair.shared.count) columns the same, \(percent.first) % of the first, \(percent.second) % of the second: "
            ))\(pair.shared.prefix(12).joined(separator: "、"))\(when: pair.shared.count > 12, "……")</span>
            <span class="sub">\(cost(pair.first))；\(cost(pair.second))；\(Text(
                "约 \(pair.minutesTwice) 分钟是重复的", "some \(pair.minutesTwice) minutes twice"))</span></span></li>
            """
    }

    private func side(_ side: FormPair.Side) -> Text {
        Text(
            "\(side.issuer)《\(side.title)》（\(names[side.division])）",
            "“\(side.title)” of \(side.issuer) (\(names[side.division]))")
    }

    private func cost(_ side: FormPair.Side) -> Text {
        Text(
            "\(side.issuer)：填过 \(side.rounds) 期，\(side.minutes) 分钟",
            "\(side.issuer): \(side.rounds) times, \(side.minutes) minutes")
    }

    /// What each issuer demands, and what that took, in the order of their names.
    private var issuers: HTML {
        let all = Dictionary(grouping: forms, by: \.issuer).sorted { $0.key < $1.key }
        let heads = [
            Text("谁要的", "Who"), Text("表", "Forms"), Text("填过（期）", "Times filled"), Text("用时（分钟）", "Minutes"),
        ]
        return """
            <section class="card" aria-labelledby="issuers"><div class="hd"><h2 id="issuers">\(Text("谁要了多少", "Who demands how much"))</h2></div>
            <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("谁要了多少", "Who demands how much"))</caption>
            <thead><tr>\(each: heads, { "<th scope=\"col\">\($0)</th>" })</tr></thead>
            <tbody>\(each: all, { issuer, mine in
                let work = mine.compactMap { spent[$0.id] }
                return issuerRow(
                    issuer, [mine.count, work.map(\.rounds).reduce(0, +), work.map(\.minutes).reduce(0, +)], heads)
            })</tbody></table></div></section>
            """
    }

    private func issuerRow(_ issuer: String, _ numbers: [Int], _ heads: [Text]) -> HTML {
        """
        <tr><th scope="row" class="wide">\(issuer)</th>\(each: zip(heads.dropFirst(), numbers), { head, number in
            "<td class=\"r num\" data-label=\"\(head)\">\(number)</td>"
        })</tr>
        """
    }

    private func row(_ form: DemandedForm) -> HTML {
        let mine = rounds.filter { $0.form == form.id }
        let title: HTML =
            isOfStreet
            ? "<span class=\"ttl\">\(form.title)</span>"
            : "<a class=\"ttl\" href=\"/desk/forms/\(form.id)\">\(form.title)</a>"
        return """
            <li class="cell"><span class="bd">\(title)
            <span class="sub">\(form.issuer) · \(names[form.division]) · \(form.rhythm.name)\
            \(mine.first.map { last($0) })</span>
            \(when: isOfStreet, "<span class=\"sub\">\(basis(form))</span>")</span>\(due(form))</li>
            """
    }

    private func last(_ round: FormRound) -> HTML {
        let end = round.doneAt == nil ? Text("还没填完", "not done") : Text("填完了", "done")
        let minutes = round.minutes.map { Text("用了 \($0) 分钟", "took \($0) min") } ?? end
        return " · \(round.period) \(minutes)"
    }

    private func due(_ form: DemandedForm) -> HTML {
        guard let due = form.due else { return .empty }
        let day = due.year == today.year ? due.dayAndMonth : due.full
        let text = Text("\(day.zh)前交", "due \(day.en)")
        return tag(text, due < today ? .bad : due.daysSinceEpoch - today.daysSinceEpoch <= 3 ? .warn : .mute)
    }

    private func basis(_ form: DemandedForm) -> Text {
        let minutes = spent[form.id]?.minutes ?? 0
        let ground =
            form.basis.isEmpty ? Text("没有写依据", "no basis given") : Text("依据：\(form.basis)", "Basis: \(form.basis)")
        return ground + Text("，一共用了 \(minutes) 分钟", ", \(minutes) minutes in all")
    }
}

/// Registering a form: the file once, who wants it and why.
struct FormNewPage {
    let divisions: [DivisionCode]
    let labels: [Label]
    let typed: Form
    let error: LinliError?
    let formToken: String
    let names: DivisionNames

    private var sheets: FormSheetFields { FormSheetFields(typed: typed, error: error) }

    var page: Page { Page(Text("登记一张表", "Register a form"), frame: .desk("/desk/forms"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap solo">
        <div class="ttlbar"><h1>\(Text("登记一张表", "Register a form"))</h1></div>
        \(problem(error))
        <form class="card form" method="post" action="/desk/forms" enctype="multipart/form-data">\(LinliUI.formToken(formToken))
        \(input("title", Text("表名", "Name of the form")))
        \(input("issuer", Text("谁要的", "Who demands it")))
        <div class="full">\(input("basis", Text("依据（文号）", "Basis"), optional: true))</div>
        \(field(Text("多久一次", "How often"), for: "rhythm", select(
            "rhythm", FormRhythm.allCases.map { ($0.rawValue, $0.name) }, selected: typed["rhythm"] ?? "month")))
        \(field(Text("下次什么时候交", "Next due"), for: "due", optional: true,
            "<input id=\"due\" type=\"date\" name=\"due\" value=\"\(typed["due"] ?? "")\">"))
        \(field(Text("一行是什么", "What a row is"), for: "about", select(
            "about", FormAbout.allCases.map { ($0.rawValue, $0.name) }, selected: typed["about"] ?? "person")))
        \(field(Text("填谁", "About whom"), for: "label", hint: Text("一人一行的表才要选。", "Only for a form of people."),
            error: error?.text(for: "label"), select(
            "label", labels.map { ($0.id, $0.indented) }, selected: typed["label"], empty: Text("所有人", "Everybody"))))
        \(field(Text("哪里", "Where"), for: "division", error: error?.text(for: "division"), select(
            "division", divisions.map { ("\($0)", Text(same: names[$0])) }, selected: typed["division"])))
        <div class="full">\(sheets.file)</div>
        <div class="full">\(sheets.sheet)</div>
        <div class="full">\(sheets.pasted)</div>
        <div class="full btns"><button class="btn">\(Text("传上来，看看各列", "Upload and look at its columns"))</button></div>
        </form></main>
        """
    }

    private func input(_ name: String, _ label: Text, optional: Bool = false) -> HTML {
        let wrong = error?.text(for: name)
        return field(
            label, for: name, optional: optional, error: wrong,
            """
            <input id="\(name)" name="\(name)" autocomplete="off" maxlength="200" value="\(typed[name] ?? "")"\
            \(when: !optional, " required")\(described(name, error: wrong))>
            """)
    }
}
