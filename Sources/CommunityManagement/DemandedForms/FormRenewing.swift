import LinliCore
import LinliKernel
import LinliSQL
import LinliUI

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the columns of a form become under the sheet as it came again, before it takes effect.
struct FormRenewing: Sendable {
    /// Where what is said of a column comes from.
    enum Origin: Sendable {
        /// It was there before.
        case kept
        /// It was there once, under this very heading, and what was said of it is remembered.
        case recalled
        case new
    }

    var columns: [FormColumn] = []
    /// Of each column.
    var origins: [Origin] = []
    /// Columns that are no more.
    var gone: [Gone] = []

    struct Gone: Sendable {
        let column: FormColumn
        /// Which of those that are called the same, from 1.
        let number: Int
    }

    /// Columns that are no more and of which somebody had said something.
    var lost: [FormColumn] { gone.map(\.column).filter(\.isSet) }
}

extension FormColumn {
    /// Whether somebody said something of it.
    var isSet: Bool { sureness >= 100 || missing != nil || keepsDays != nil || isOfHome }
}

extension DemandedForm {
    /// The columns under new headings: what somebody said of a column stands where its heading is the same, where `recall`
    /// remembers it of that heading, or where what is asked stands lowest in it as often as before. What is asked of somebody
    /// else now is looked at anew.
    func renewing(
        under names: [String], recall: (String, Int) -> FormColumn? = { _, _ in nil }, suggest: (String) -> FormColumn
    ) -> FormRenewing {
        var (renewing, used, seen): (FormRenewing, Set<Int>, [String: Int]) = (FormRenewing(), [], [:])
        func add(_ column: FormColumn, _ origin: FormRenewing.Origin) {
            renewing.columns.append(column)
            renewing.origins.append(origin)
        }
        for (index, name) in names.enumerated() {
            seen[name, default: 0] += 1
            if let place = same(as: index, in: names) {
                used.insert(place)
                add(columns[place], .kept)
            } else if var column = recall(name, seen[name] ?? 1) {
                column.name = name
                add(column, .recalled)
            } else if let place = alike(index, in: names), let column = columns[place].renamed(name) {
                used.insert(place)
                add(column, .kept)
            } else {
                add(suggest(name), .new)
            }
        }
        var numbers: [String: Int] = [:]
        for (index, column) in columns.enumerated() {
            numbers[column.name, default: 0] += 1
            guard !used.contains(index) else { continue }
            renewing.gone.append(FormRenewing.Gone(column: column, number: numbers[column.name] ?? 1))
        }
        return renewing
    }

    /// The column with the same heading, where there are as many as before.
    private func same(as index: Int, in names: [String]) -> Int? {
        let before = columns.indices.filter { columns[$0].name == names[index] }
        let now = names.indices.filter { names[$0] == names[index] }
        guard before.count == now.count, let place = now.firstIndex(of: index) else { return nil }
        return before[place]
    }

    /// The column in which the same is asked.
    private func alike(_ index: Int, in names: [String]) -> Int? {
        func asked(_ name: String) -> String { FormMatch.plain(FormHeading.lowest(name)) }
        let before = columns.indices.filter { asked(columns[$0].name) == asked(names[index]) }
        let now = names.indices.filter { asked(names[$0]) == asked(names[index]) }
        if before.count == now.count, let place = now.firstIndex(of: index) { return before[place] }
        let own = now.filter { !FormHeading.isGroupedUnderOther(names[$0]) }
        return own == [index] && before.count == 1 ? before[0] : nil
    }
}

extension FormColumn {
    /// The column under another heading; nil where it shows a field that is asked of somebody else under it.
    fileprivate func renamed(_ name: String) -> FormColumn? {
        let isOfOther = FormHeading.isGroupedUnderOther(name) && !FormHeading.isGroupedUnderOther(self.name)
        switch source {
        case .ask, .constant: break
        default: if isOfOther { return nil }
        }
        var column = self
        column.name = name
        if !FormHeading.isOwn(name) { column.sureness = min(sureness, 70) }
        return column
    }
}

extension FormsCommands {
    /// What would become of the columns of a form under its sheet as it came again.
    ///
    /// - Throws: `.conflict` when somebody changed it meanwhile, `.notFound` for a form of others.
    func renewing(
        _ id: ID<DemandedForm>, _ layout: FormLayout, version: Int, _ context: Context
    ) async throws -> FormRenewing {
        let form = try await find(id, context)
        guard form.version == version else { throw FormsCommands.changedMeanwhile }
        return try await database.read { try FormsCommands.renewing(form, layout, $0) }
    }

    private static func renewing(_ form: DemandedForm, _ layout: FormLayout, _ tx: ReadTx) throws -> FormRenewing {
        let book = try LabelBook.current(tx)
        let remembered = try FormsCommands.remembered(layout.names, in: form.division, tx)
        let settings = try FormsStore.settings(of: form.id, tx)
        return form.renewing(
            under: layout.names, recall: { name, number in settings[FormSettingPlace(heading: name, number: number)] }
        ) { name in
            FormMatch.suggest(name, book, about: form.about, remembered: remembered)
        }
    }

    /// Gives a form the layout of its sheet as it came again: its columns keep what somebody said of them, by their
    /// headings; rounds that were handed in keep the layout and the columns they had, open ones go on with the new ones.
    /// What was said of columns that are no more is remembered, so that the right sheet brings it back after a wrong one.
    ///
    /// - Throws: `.conflict` when somebody changed it meanwhile, and, unless `isSure`, when columns would go of which
    ///   somebody had said something; `.notFound` for a form of others.
    func renew(
        _ id: ID<DemandedForm>, _ layout: FormLayout, version: Int, isSure: Bool, _ context: Context
    ) async throws {
        let form = try await find(id, context)
        let fresh = try layout.sealed(for: id, database.keys)
        var copy = form
        copy.id = try database.newID()
        let former = copy
        let kept = try form.layout.sealed(for: former.id, database.keys)
        try await database.write(context, "forms.renew") { tx in
            let renewing = try FormsCommands.renewing(form, layout, tx)
            let changed = try tx.execute(
                """
                UPDATE demanded_form SET layout = '', layout_sealed = \(fresh), version = version + 1
                WHERE id = \(id) AND version = \(version)
                """)
            guard changed == 1, form.version == version else { throw FormsCommands.changedMeanwhile }
            guard isSure || renewing.lost.isEmpty else { throw FormsCommands.losing(renewing.lost) }
            try FormsStore.keep(former, kept, of: id, tx)
            try FormsStore.remember(renewing.gone, of: id, tx)
            try FormsStore.put(renewing.columns, of: id, tx)
            try tx.audit(Subject("demandedForm", id, division: form.division), fields: ["layout", "columns"])
        }
    }

    private static func losing(_ columns: [FormColumn]) -> LinliError {
        let (zh, en) = (
            columns.map(\.name).joined(separator: "、"), columns.map(\.name).joined(separator: ", ")
        )
        return LinliError(
            .conflict, "forms.renewLoses",
            Text(
                "这份表样里没有这几列，换了它们的设置就不用了：\(zh)。没有换；真的要换，请确认",
                "This sheet has no such columns that were set: \(en). Nothing was changed; confirm it first"))
    }
}

/// Where what was said of a column is remembered.
struct FormSettingPlace: Hashable, Sendable {
    let heading: String
    /// Which of those that are called the same, from 1.
    let number: Int
}

extension FormsStore {
    /// What was said of columns a form had once.
    static func settings(of form: ID<DemandedForm>, _ tx: ReadTx) throws -> [FormSettingPlace: FormColumn] {
        var settings: [FormSettingPlace: FormColumn] = [:]
        try tx.each(
            """
            SELECT heading, number, source, missing, sureness, keeps, is_of_home FROM demanded_setting
            WHERE form_id = \(form)
            """
        ) { row in
            let (heading, number): (String, Int) = (try row[0], try row[1])
            settings[FormSettingPlace(heading: heading, number: number)] = FormColumn(
                name: heading, source: FormSource(try row[2]), missing: try row[3], sureness: try row[4],
                keepsDays: try row[5], isOfHome: try row[6])
        }
        return settings
    }

    /// Remembers what was said of columns that are no more, in place of what was remembered of such headings before.
    static func remember(_ gone: [FormRenewing.Gone], of form: ID<DemandedForm>, _ tx: WriteTx) throws {
        for entry in gone where entry.column.isSet {
            let (column, heading) = (entry.column, String(entry.column.name.prefix(200)))
            try tx.execute(
                """
                DELETE FROM demanded_setting
                WHERE form_id = \(form) AND heading = \(heading) AND number = \(entry.number)
                """)
            try tx.execute(
                """
                INSERT INTO demanded_setting (form_id, heading, number, source, missing, sureness, keeps, is_of_home)
                VALUES (\(form), \(heading), \(entry.number), \(column.source.text), \(column.missing),
                    \(column.sureness), \(column.keepsDays), \(column.isOfHome))
                """)
        }
    }
}

extension FormLayout {
    /// A layout as a page carried it while somebody looked at what it would change.
    ///
    /// - Throws: `.invalid` for what is none.
    init(carried text: String) throws {
        let wrong = LinliError.invalid(
            "forms.file", [.init("file", Text("请再传一次表格", "Please give the sheet again"))])
        // A page of ours wrote it, but it comes back from a browser: whoever may renew the form may as well send any layout,
        // as with a file.
        guard let layout = try? JSONDecoder().decode(FormLayout.self, from: Data(text.utf8)),
            (1...FormLayout.widest).contains(layout.names.count)
        else { throw wrong }
        self = layout
    }

    /// For a page to carry.
    func carried() throws -> String { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
}

extension Migration {
    /// What was said of columns that went with another sheet.
    static let demandedSettings = Migration(
        "2026-12-05.72-demanded-settings",
        """
        CREATE TABLE demanded_setting (
            form_id INTEGER NOT NULL REFERENCES demanded_form (id),
            heading TEXT NOT NULL CHECK (length(heading) <= 200),
            number INTEGER NOT NULL,
            source TEXT NOT NULL CHECK (length(source) <= 120),
            missing TEXT CHECK (length(missing) <= 100),
            sureness INTEGER NOT NULL CHECK (sureness BETWEEN 0 AND 100),
            keeps INTEGER,
            is_of_home INTEGER NOT NULL CHECK (is_of_home IN (0, 1)),
            PRIMARY KEY (form_id, heading, number)
        ) STRICT;
        """
    )
}

extension FormPage {
    /// A sheet somebody gave again, what it would change, and the layout for the page to carry.
    struct Renewing: Sendable {
        let plan: FormRenewing
        let layout: String
    }

    /// What the sheet given again would change: nothing is changed yet.
    func preview(_ renewing: Renewing) -> HTML {
        let (plan, lost) = (renewing.plan, renewing.plan.lost.count)
        let said =
            lost == 0
            ? Text("还没有换。看一眼，再按“换成这一份”。", "Nothing is changed yet: look, then use it.")
            : Text(
                "还没有换。这份里没有的 \(lost) 列是设置过的，换了就不再填；再换回有这些列的表样，设置会回来。传错了就别换。",
                "Nothing is changed yet. \(lost) columns you set are not in it and would be filled no more; a sheet that has them brings their settings back. Leave it if this is the wrong sheet."
            )
        return """
            \(notice(said, lost == 0 ? .info : .warn))
            <section class="card" aria-labelledby="preview"><div class="hd"><h2 id="preview">\(Text(
                "换了会这样", "What would change"))</h2></div>
            <ul class="plain">\(each: zip(plan.columns, plan.origins), { entry($0.0, $0.1) })\
            \(each: plan.gone, { gone($0.column) })</ul>
            <form class="pad" method="post" action="/desk/forms/\(form.id)/layout" enctype="multipart/form-data">\
            \(LinliUI.formToken(formToken))<input type="hidden" name="version" value="\(form.version)">\
            <input type="hidden" name="layout" value="\(renewing.layout)"><input type="hidden" name="sure" value="yes">
            <div class="btns"><button class="btn">\(Text("换成这一份", "Use this one"))</button>\
            <a class="btn ghost" href="/desk/forms/\(form.id)">\(Text("不换", "Leave it"))</a></div></form></section>
            """
    }

    private func entry(_ column: FormColumn, _ origin: FormRenewing.Origin) -> HTML {
        let mark: HTML =
            switch origin {
            case .kept: tag(Text("照旧", "Stays"), .ok)
            case .recalled: tag(Text("记得以前的设置", "Its settings come back"), .ok)
            case .new: tag(Text("新的列", "New"), .warn)
            }
        return line(column, mark)
    }

    private func gone(_ column: FormColumn) -> HTML {
        line(column, tag(Text("没有了", "Gone"), column.isSet ? .bad : .mute))
    }

    private func line(_ column: FormColumn, _ mark: HTML) -> HTML {
        let name = column.name.isEmpty ? "–" : column.name
        let said = FormPage.settings(column)
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(name) \(mark)</span>\
            \(when: !said.zh.isEmpty, "<span class=\"sub\">\(said)</span>")</span></li>
            """
    }

    /// What somebody said of a column, in words.
    private static func settings(_ column: FormColumn) -> Text {
        var said: [Text] = []
        if column.source == .ask { said.append(Text("要人填", "Asked")) }
        if let days = column.keepsDays, let found = keeps(days).first(where: { $0.value == "\(days)" }) {
            said.append(found.text)
        }
        if column.isOfHome { said.append(Text("一户一个答案", "One answer a household")) }
        if column.missing != nil { said.append(Text("没有登记时不问", "Not asked if unknown")) }
        if column.sureness >= 100 { said.append(Text("确认过", "Confirmed")) }
        return Text(said.map(\.zh).joined(separator: " · "), said.map(\.en).joined(separator: " · "))
    }
}
