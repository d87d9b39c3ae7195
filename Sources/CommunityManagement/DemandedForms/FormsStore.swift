import LinliCore
import LinliKernel
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How often a form is demanded.
enum FormRhythm: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case once, week, month, quarter, halfYear, year

    var name: Text {
        switch self {
        case .once: Text("一次性", "Once")
        case .week: Text("每周", "Weekly")
        case .month: Text("每月", "Monthly")
        case .quarter: Text("每季", "Quarterly")
        case .halfYear: Text("半年", "Half-yearly")
        case .year: Text("每年", "Yearly")
        }
    }

    /// The day it is due after a day; nil: not again.
    func next(after day: CivilDate) -> CivilDate? {
        let months: Int
        switch self {
        case .once: return nil
        case .week: return day.adding(days: 7)
        case .month: months = 1
        case .quarter: months = 3
        case .halfYear: months = 6
        case .year: months = 12
        }
        let count = day.year * 12 + day.month - 1 + months
        let (year, month) = (count / 12, count % 12 + 1)
        return CivilDate(year: year, month: month, day: min(day.day, CivilDate.days(inMonth: month, of: year)))
    }
}

/// A form that somebody above demands.
struct DemandedForm: Sendable {
    var id: ID<DemandedForm>
    /// The community or street that must fill it in.
    var division: DivisionCode
    var title: String
    var issuer: String
    var basis: String
    var rhythm: FormRhythm
    /// What its rows stand for.
    var about = FormAbout.person
    /// The label whose people it is about; empty: everybody, or rows of another kind.
    var label: String
    var due: CivilDate?
    var layout: FormLayout
    var columns: [FormColumn]
    var version: Int
}

/// Where a page of forms ended: at a form, on the day it is due.
struct FormCursor: Sendable {
    /// After every day.
    static let never = 9_999_999

    let due: Int
    let form: ID<DemandedForm>

    init(_ form: DemandedForm) { (due, self.form) = (form.due?.daysSinceEpoch ?? FormCursor.never, form.id) }

    /// Parses what `description` wrote.
    init?(_ text: String) {
        guard let cursor = CaseCursor(text) else { return nil }
        (due, form) = (Int(cursor.at.milliseconds) - FormCursor.first, ID(rawValue: cursor.id.rawValue))
    }

    /// `1020787-00f…`, for addresses.
    var description: String {
        let day = Instant(milliseconds: Int64(due + FormCursor.first))
        return CaseCursor(at: day, id: ID(rawValue: form.rawValue)).description
    }

    /// Added, so that no day of the calendar is below zero: a cursor has no sign.
    private static let first = 1_000_000
}

/// A form filled for a period.
struct FormRound: Sendable {
    var id: ID<FormRound>
    var form: ID<DemandedForm>
    var period: String
    var openedAt: Instant
    var doneAt: Instant?
    /// Minutes of work, as whoever filled it says; nil when nobody said.
    var minutes: Int?
    /// Of how many rows, when it was opened; how many cells they had then, and how many of these were not known.
    var people: Int
    var cells: Int
    var asked: Int
    /// How many values somebody typed for it since.
    var typed = 0
    /// When it was opened again after it had been handed in.
    var reopenedAt: Instant?
    /// Where its cells came from when it was handed in, by column; nil while it is open, and where its rows were not kept.
    var sources: [String]?
    /// The form as it was when it was handed in, where its sheet was changed since.
    var layoutOf: ID<DemandedForm>?
    /// How often answers were saved for it.
    var revision = 0
    /// Which columns of a round that was opened again are filled anew, and, as `FormRound.rowsAnew`, whether its rows are.
    var refilled: [Int] = []

    /// Stands among `refilled` for the rows.
    static let rowsAnew = -1
    /// Whether it was opened again and goes on from what it was handed in with.
    var isCorrected: Bool { doneAt == nil && sources != nil }
}

/// Another form that asks for the same.
struct FormOverlap: Sendable {
    var form: ID<DemandedForm>
    var title: String
    var issuer: String
    var division: DivisionCode
    var columns: Int
}

/// Every SQL text about demanded forms.
enum FormsStore {
    /// What is said of a form, without its layout.
    private static let said: SQL =
        "f.id, f.division, f.title, f.issuer, f.basis, f.rhythm, f.label, f.due, f.version, f.about"
    private static let columns: SQL = "\(said), f.layout, f.layout_sealed"

    /// A form of `columns`, or without keys one of `said`.
    private static func form(_ row: Row, _ keys: KeyRing?) throws -> DemandedForm {
        let id: ID<DemandedForm> = try row[0]
        let due: Int? = try row[7]
        var layout = FormLayout(above: [], heading: [], below: [], names: [])
        if let keys { layout = try FormLayout(try row[11], clear: try row[10], of: id, keys) }
        return DemandedForm(
            id: id, division: try row[1], title: try row[2], issuer: try row[3], basis: try row[4],
            rhythm: try row[5], about: try row[9], label: try row[6], due: due.map { CivilDate(daysSinceEpoch: $0) },
            layout: layout, columns: [], version: try row[8])
    }

    /// A form that is demanded; with `isRetired` also one that is demanded no more.
    static func find(
        _ id: ID<DemandedForm>, isRetired: Bool = false, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> DemandedForm? {
        let here: SQL = isRetired ? "" : " AND f.retired_at IS NULL"
        let named: DemandedForm? = try tx.first(
            "SELECT \(columns) FROM demanded_form f WHERE f.id = \(id)\(here)"
        ) { try form($0, keys) }
        guard var found = named else { return nil }
        found.columns = try tx.all(
            """
            SELECT heading, source, missing, sureness, keeps, is_of_home FROM demanded_column
            WHERE form_id = \(id) ORDER BY position
            """
        ) { row in
            FormColumn(
                name: try row[0], source: FormSource(try row[1]), missing: try row[2], sureness: try row[3],
                keepsDays: try row[4], isOfHome: try row[5])
        }
        return found
    }

    /// The forms of some divisions, the one due first on top, those that are due on no day at the end. Without keys they
    /// have no layout: each is sealed and may be long.
    static func list(
        in divisions: [DivisionCode], after: FormCursor? = nil, limit: Int = 200, _ keys: KeyRing?, _ tx: ReadTx
    ) throws -> [DemandedForm] {
        guard !divisions.isEmpty else { return [] }
        let asked: SQL = keys == nil ? said : columns
        let due: SQL = "COALESCE(f.due, \(FormCursor.never))"
        let rest: SQL = after.map { " AND (\(due), f.id) > (\($0.due), \($0.form))" } ?? ""
        let inside = divisions.map { code -> SQL in
            "f.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        return try tx.all(
            """
            SELECT \(asked) FROM demanded_form f
            WHERE f.retired_at IS NULL AND (\(SQL.joined(inside, separator: " OR ")))\(rest)
            ORDER BY \(due), f.id LIMIT \(limit)
            """
        ) { try form($0, keys) }
    }

    /// Forms by other issuers that ask for the same columns of the same place; from three columns on, each counted once and
    /// without the running number, as for `pairs`.
    static func overlaps(of form: DemandedForm, _ tx: ReadTx) throws -> [FormOverlap] {
        // Others who must fill it in of the same people: the same division, one around it or inside it.
        let around = [form.division, form.division.ancestor(at: .street)]
        let (least, most) = (form.division.range.lowerBound, form.division.range.upperBound)
        return try tx.all(
            """
            SELECT f.id, f.title, f.issuer, f.division, count(DISTINCT a.what)
            FROM demanded_column a JOIN demanded_column b ON b.what = a.what AND b.form_id <> a.form_id
                AND a.what <> 'known:serial'
            JOIN demanded_form f ON f.id = b.form_id
            WHERE a.form_id = \(form.id) AND f.retired_at IS NULL AND f.issuer <> \(form.issuer)
            AND f.about = \(form.about)
            AND (f.division IN \(SQL.list(around)) OR f.division BETWEEN \(least) AND \(most))
            GROUP BY f.id, f.title, f.issuer, f.division HAVING count(DISTINCT a.what) >= 3
            ORDER BY count(DISTINCT a.what) DESC, f.id LIMIT 20
            """
        ) { row in
            FormOverlap(
                form: try row[0], title: try row[1], issuer: try row[2], division: try row[3], columns: try row[4])
        }
    }

    /// Stores a form, its layout sealed for it.
    static func insert(_ form: DemandedForm, _ layout: [UInt8], _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO demanded_form (id, division, title, issuer, basis, rhythm, about, label, due, layout,
                layout_sealed, created_by, at, version)
            VALUES (\(form.id), \(form.division), \(form.title), \(form.issuer), \(form.basis), \(form.rhythm),
                \(form.about), \(form.label), \(form.due?.daysSinceEpoch), '', \(layout),
                \(tx.context.actor.account), \(tx.now), 1)
            """
        )
        try put(form.columns, of: form.id, tx)
    }

    static func put(_ columns: [FormColumn], of form: ID<DemandedForm>, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM demanded_column WHERE form_id = \(form)")
        let keys = FormHeading.keys(of: columns.map(\.name))
        for (position, column) in columns.enumerated() {
            let what: String =
                switch column.source {
                case .ask, .constant: "ask:\(keys[position])"
                default: column.source.text
                }
            try tx.execute(
                """
                INSERT INTO demanded_column (form_id, position, heading, source, missing, sureness, what, keeps,
                    is_of_home)
                VALUES (\(form), \(position), \(String(column.name.prefix(200))), \(column.source.text),
                    \(column.missing), \(column.sureness), \(what), \(column.keepsDays), \(column.isOfHome))
                """
            )
        }
    }

    // MARK: Rounds

    private static let round: SQL =
        """
        r.id, r.form_id, r.period, r.opened_at, r.done_at, r.minutes, r.people, r.cells, r.asked, r.typed, r.reopened_at,
        r.kept_sources, r.layout_of, r.revision, r.refilled
        """

    private static func round(_ row: Row) throws -> FormRound {
        let (sources, refilled): (String?, String?) = (try row[11], try row[14])
        return FormRound(
            id: try row[0], form: try row[1], period: try row[2], openedAt: try row[3], doneAt: try row[4],
            minutes: try row[5], people: try row[6], cells: try row[7], asked: try row[8], typed: try row[9],
            reopenedAt: try row[10],
            sources: try sources.map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) },
            layoutOf: try row[12], revision: try row[13],
            refilled: try refilled.map { try JSONDecoder().decode([Int].self, from: Data($0.utf8)) } ?? [])
    }

    static func round(_ id: ID<FormRound>, _ tx: ReadTx) throws -> FormRound? {
        try tx.first("SELECT \(round) FROM demanded_round r WHERE r.id = \(id)", round)
    }

    /// The round of a form for a period. Rounds from before periods had one spelling keep what was typed, so each is read.
    static func round(of form: DemandedForm, for period: FormPeriod, _ tx: ReadTx) throws -> ID<FormRound>? {
        let rounds: [(id: ID<FormRound>, period: String, at: Instant)] = try tx.all(
            "SELECT id, period, opened_at FROM demanded_round WHERE form_id = \(form.id) ORDER BY id DESC"
        ) { (id: try $0[0], period: try $0[1], at: try $0[2]) }
        let same = rounds.first { $0.period == period.text }
        return same?.id
            ?? rounds.first { FormPeriod(stored: $0.period, form.rhythm, openedOn: $0.at.date) == period }?.id
    }

    static func rounds(of forms: [ID<DemandedForm>], limit: Int = 200, _ tx: ReadTx) throws -> [FormRound] {
        try tx.all(
            """
            SELECT \(round) FROM demanded_round r WHERE r.form_id IN \(SQL.list(forms)) ORDER BY r.id DESC LIMIT \(limit)
            """, round)
    }
}

/// What somebody typed for a row and a column, sealed; nil takes an earlier answer back.
struct FormAnswer: Sendable {
    let id: ID<FormAnswer>
    let row: ID<FormRow>
    let name: String
    let sealed: [UInt8]?

    /// In which table the answers for a kind of row lie.
    static func table(_ about: FormAbout) -> String { about == .person ? "demanded_answer" : "demanded_row_answer" }
}
