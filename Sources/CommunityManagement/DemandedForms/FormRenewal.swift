import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets
import LinliUI

extension FormLayout {
    /// Whether rows above its heading group the columns and nobody read them so: a form from before headings of several rows
    /// were understood. Columns of two people that are called the same are one to it.
    func isFlat(_ about: FormAbout) -> Bool {
        guard let lowest = heading.last, !names.contains(where: { $0.contains(FormHeading.separator) }) else {
            return false
        }
        // What merged cells said again was left out of the rows, and is in the names.
        var last = names
        if heading.count > 1 {
            for column in names.indices {
                let said = lowest.indices.contains(column) ? lowest[column] : ""
                let isAgain = said.isEmpty && column > 0 && names[column] == last[column - 1]
                last[column] = isAgain ? names[column] : said
            }
        }
        let lines: [[String]] = above + Array(heading.dropLast()) + [last]
        let rows: [SheetRow] = lines.enumerated().map { SheetRow(number: $0.offset + 1, cells: $0.element) }
        // A heading that cannot be found again is none of several rows.
        let again = (try? FormLayout.find(rows, about: about))?.names ?? []
        return again.count == names.count && again.contains { $0.contains(FormHeading.separator) }
    }
}

extension DemandedForm {
    /// Tells a page that was opened before the sheet was changed from one of its columns now.
    var stamp: String { DemandedForm.stamp(of: columns.map(\.name)) }

    /// The stamp of columns that are called so.
    static func stamp(of names: [String]) -> String {
        let text = FormHeading.keys(of: names).joined(separator: "\n")
        let sum = text.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return String(sum)
    }
}

extension FormsCommands {
    /// What the place knows of some headings, as they are and by what stands lowest.
    static func remembered(
        _ headings: [String], in division: DivisionCode, _ tx: ReadTx
    ) throws -> [String: String] {
        let said = headings + headings.map(FormHeading.lowest)
        return try SheetDrafts.remembered(memory, said.map(FormMatch.plain), in: division, tx)
    }

    static let renewedMeanwhile = LinliError(
        .conflict, "forms.renewed",
        Text("这张表刚换过表样，列变了：请按现在的列再填", "The sheet of this form was just changed: please type again by its columns now"))
}

extension FormsStore {
    /// What the stamp of a form is now.
    static func stamp(of form: ID<DemandedForm>, _ tx: ReadTx) throws -> String {
        let names: [String] = try tx.all(
            "SELECT heading FROM demanded_column WHERE form_id = \(form) ORDER BY position"
        ) { try $0[0] }
        return DemandedForm.stamp(of: names)
    }

    /// Keeps a form as it was for the rounds of `id` that were handed in with it, also where they were opened again: off
    /// every list, as one that is demanded no more. Nothing where there is no such round.
    static func keep(
        _ former: DemandedForm, _ layout: [UInt8], of id: ID<DemandedForm>, _ tx: WriteTx
    ) throws {
        let handedIn: SQL = "(done_at IS NOT NULL OR kept_sources IS NOT NULL)"
        let rounds: SQL = "form_id = \(id) AND \(handedIn) AND layout_of IS NULL"
        guard try tx.exists("SELECT 1 FROM demanded_round WHERE \(rounds) LIMIT 1") else { return }
        try insert(former, layout, tx)
        try tx.execute("UPDATE demanded_form SET retired_at = \(tx.now) WHERE id = \(former.id)")
        try tx.execute("UPDATE demanded_round SET layout_of = \(former.id) WHERE \(rounds)")
    }

    /// A form as it was when a round of it was handed in, also once that is opened again; itself for another open round, and
    /// where its sheet was not changed since.
    static func asOf(
        _ round: FormRound, _ form: DemandedForm, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> DemandedForm {
        guard let id = round.layoutOf, let former = try find(id, isRetired: true, keys, tx)
        else { return form }
        var then = form
        (then.layout, then.columns) = (former.layout, former.columns)
        return then
    }
}

extension Migration {
    /// Rounds that were handed in know the form as it was where its sheet was changed since.
    static let demandedRenewals = Migration(
        "2026-12-04.41-demanded-renewals",
        "ALTER TABLE demanded_round ADD COLUMN layout_of INTEGER REFERENCES demanded_form (id);"
    )
}

/// Where the sheet of a form is given: its file, which sheet of it, or its heading as text.
struct FormSheetFields {
    let typed: Form
    let error: LinliError?

    var file: HTML {
        let wrong = error?.text(for: "file")
        return field(
            Text("表格文件", "The file"), for: "file",
            hint: Text("Excel（xlsx）或 CSV，原样传。", "Excel (xlsx) or CSV, as it came."),
            error: wrong,
            "<input id=\"file\" type=\"file\" name=\"file\" accept=\".xlsx,.csv,.txt\"\(described("file", hint: true, error: wrong))>"
        )
    }

    var sheet: HTML {
        let wrong = error?.text(for: "sheet")
        return field(
            Text("哪张工作表", "Which sheet"), for: "sheet",
            hint: Text(
                "文件里有几张表时写表名；不写就取列名认得最多的那张。",
                "By its name where there are several; else the one whose columns are known best."),
            optional: true, error: wrong,
            """
            <input id="sheet" name="sheet" maxlength="100" autocomplete="off" value="\(typed["sheet"] ?? "")"\
            \(described("sheet", hint: true, error: wrong))>
            """)
    }

    var pasted: HTML {
        field(
            Text("或者把表头贴进来", "Or paste its heading"), for: "table", optional: true,
            "<textarea id=\"table\" name=\"table\" rows=\"3\" maxlength=\"20000\">\n\(typed.all("table").first ?? "")</textarea>"
        )
    }
}

extension FormPage {
    /// What a form that was registered before headings of several rows were understood says of itself.
    var flat: HTML {
        guard form.layout.isFlat(form.about) else { return .empty }
        return notice(
            Text(
                "这张表的表头不止一行，登记时只读了最下面一行：同名的列（比如老人的姓名、监护人的姓名）分不开。在“换表样”里把表再传一次，就按完整的表头认；认过的列、填过的期都在。",
                "Its heading has several rows, of which the lowest alone was read when it was registered: columns of one name, such as those of an elder and of a guardian, are taken for the same. Give its sheet again under “Change the sheet”; columns you confirmed and periods stay."
            ), .warn)
    }

    /// Giving the sheet again: as it is read now, or because it was changed by who demands it.
    var renewal: HTML {
        let fields = FormSheetFields(typed: typed, error: error)
        let isTried = ["file", "sheet"].contains { error?.text(for: $0) != nil }
        return """
            <details class="more pad"\(when: isTried || form.layout.isFlat(form.about), " open")>\
            <summary>\(Text("换表样", "Change the sheet"))</summary>
            <form class="stack" method="post" action="/desk/forms/\(form.id)/layout" enctype="multipart/form-data">\
            \(LinliUI.formToken(formToken))<input type="hidden" name="version" value="\(form.version)">
            <p class="note">\(Text(
                "先给你看换了会怎样，确认了才换。列名没变的，认过的照旧；列名变了的，以前填的答案不跟过去，要再问。交过的期（重新打开的也是）还是交的时候的样子，开着的期按新的列接着填。",
                "You see what would change before it does. Columns of the same name stay as you confirmed them; of those called otherwise now earlier answers do not come along and are asked again. What was handed in stays as it was, also where it was opened again; open periods go on with the new columns."
            ))</p>
            \(fields.file)\(fields.sheet)\(fields.pasted)
            <button class="btn ghost">\(Text("看看换了会怎样", "See what would change"))</button></form></details>
            """
    }
}
