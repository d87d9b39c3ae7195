import LinliCore
import LinliKernel
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// That a round which was handed in was opened again: by whom and when, and when and from where it had been filled. What it
/// was handed in with stays until it is handed in anew, and is found after that, too.
struct FormReopening: Sendable {
    let id: ID<FormReopening>
    let at: Instant
    /// Who opened it again, as they are called now.
    let by: String?
    /// When it had been handed in.
    let handedInAt: Instant
    /// Where its cells came from then, by column; nil where its rows were not kept.
    let sources: [String]?

    /// The last one of a round.
    static func last(of round: ID<FormRound>, _ tx: ReadTx) throws -> FormReopening? {
        try tx.first(
            """
            SELECT o.id, o.at, a.name, o.done_at, o.sources FROM demanded_reopening o
            LEFT JOIN account a ON a.id = o.account_id WHERE o.round_id = \(round) ORDER BY o.id DESC LIMIT 1
            """
        ) { row in
            let sources: String? = try row[4]
            return FormReopening(
                id: try row[0], at: try row[1], by: try row[2], handedInAt: try row[3],
                sources: try sources.map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) })
        }
    }
}

extension FormsCommands {
    /// The form of a round, as it was when that was handed in where its sheet was changed since.
    func form(of round: FormRound, _ context: Context) async throws -> DemandedForm {
        let (form, keys) = (try await find(round.form, context), database.keys)
        return try await database.read { try FormsStore.asOf(round, form, keys, $0) }
    }

    /// Opens a round again that was handed in by mistake. It goes on from what it was handed in with: every cell stays until
    /// somebody answers it or has its column filled anew, whatever the registers and later rounds say. One from before rows
    /// were kept is filled with what is known now.
    ///
    /// - Throws: `.conflict` for one that is open.
    func reopen(_ round: FormRound, _ context: Context) async throws {
        let form = try await find(round.form, context)
        try await database.write(context, "forms.reopen") { tx in
            guard let now = try FormsStore.round(round.id, tx), let handedInAt = now.doneAt else {
                throw LinliError(
                    .conflict, "forms.open", Text("这一期还没有交上去", "This period was not handed in yet"))
            }
            let sources: String? = try tx.value(
                "SELECT kept_sources FROM demanded_round WHERE id = \(round.id)", as: String.self)
            let reopening = try tx.newID(FormReopening.self)
            try tx.execute(
                """
                INSERT INTO demanded_reopening (id, round_id, at, account_id, done_at, sources)
                VALUES (\(reopening), \(round.id), \(tx.now), \(context.actor.account),
                    \(handedInAt), \(sources))
                """)
            try tx.execute(
                """
                UPDATE demanded_round SET done_at = NULL, reopened_at = \(tx.now), refilled = NULL,
                    revision = revision + 1,
                    layout_of = CASE WHEN kept_sources IS NULL THEN NULL ELSE layout_of END
                WHERE id = \(round.id)
                """)
            try tx.audit(Subject("demandedRound", round.id, division: form.division), fields: ["reopened"])
        }
    }

    /// Fills columns of a round that was opened again anew: what the registers know as they know it now; what somebody
    /// answers is asked again, the answer it was handed in with offered. `FormRound.rowsAnew` stands for its rows.
    ///
    /// - Throws: `.conflict` for a round that was handed in, `.invalid` for another one and for a column there is not.
    func refill(_ round: FormRound, _ columns: [Int], _ context: Context) async throws {
        let form = try await self.form(of: round, context)
        let known = columns.allSatisfy { $0 == FormRound.rowsAnew || form.columns.indices.contains($0) }
        guard !columns.isEmpty, known else {
            throw LinliError.invalid(
                "forms.refill", [.init("refill", Text("请选要重填的列", "Please choose a column to fill anew"))])
        }
        try await database.write(context, "forms.refill") { tx in
            guard let now = try FormsStore.round(round.id, tx), now.doneAt == nil else {
                throw FormsCommands.isHandedIn
            }
            guard now.isCorrected else {
                throw LinliError.invalid(
                    "forms.refill",
                    [.init("refill", Text("重新打开的一期才要重填", "Only a period that was opened again is filled anew"))])
            }
            let all = Set(now.refilled + columns).sorted()
            let text = String(decoding: try JSONEncoder().encode(all), as: UTF8.self)
            try tx.execute(
                "UPDATE demanded_round SET refilled = \(text), revision = revision + 1 WHERE id = \(round.id)")
            let fields = columns.sorted().map { $0 == FormRound.rowsAnew ? "rows" : "column.\($0)" }
            try tx.audit(Subject("demandedRound", round.id, division: form.division), fields: ["refilled"] + fields)
        }
    }

    /// A form with its columns from where they came when a round was handed in before it was opened again.
    ///
    /// - Throws: `.notFound` where nothing of that was kept.
    func handedInEarlier(_ form: DemandedForm, _ round: FormRound) async throws -> DemandedForm {
        guard let sources = try await database.read({ try FormReopening.last(of: round.id, $0) })?.sources else {
            throw LinliError.notFound("forms.earlier")
        }
        return form.filled(from: sources)
    }

    /// What a round was handed in with before it was opened again: that stands in it until it is handed in anew.
    func readEarlier(_ form: DemandedForm, _ round: FormRound) async throws -> FilledForm {
        let last = try await database.read { try FormReopening.last(of: round.id, $0) }
        return try await FormsKept.read(form, round.id, endedBy: round.isCorrected ? nil : last?.id, database)
    }
}

extension FormsReading {
    /// A round that was opened again: what it was handed in with, with the columns that are filled anew, and what was
    /// answered in it since.
    static func corrected(
        _ form: DemandedForm, _ round: FormRound, _ context: Context, _ services: Services
    ) async throws -> FilledForm {
        let (form, database) = (form.handedIn(round), services.database)
        var filled = try await FormsKept.read(form, round.id, database)
        let last = try await database.read { try FormReopening.last(of: round.id, $0) }
        guard let last else { return filled }
        if !round.refilled.isEmpty {
            let now = try await fill(
                form, since: round.openedAt, round: round.id, period: round.period, filler: context.actor.name,
                at: context.now, services)
            filled = FormRefill(form, round.refilled, handedInAt: last.handedInAt).merged(filled, with: now)
        }
        let (about, keys) = (form.about, database.keys)
        let given = try await database.read { tx in
            try FormsReading.given(about, in: round.id, since: last.at, keys, tx)
        }
        let people: [Int64] = about == .person ? given.keys.sorted() : []
        let mates = try await database.read { try FormsReading.mates(of: people, $0) }
        filled.answer(given, mates, of: form)
        return filled
    }
}

/// Fills some columns of a round that was opened again anew.
struct FormRefill: Sendable {
    private let form: DemandedForm
    private let columns: Set<Int>
    private let isOfRows: Bool
    private let isOfHead: Bool
    private let handedInAt: Instant

    init(_ form: DemandedForm, _ refilled: [Int], handedInAt: Instant) {
        var columns = Set(refilled.filter { form.columns.indices.contains($0) })
        let ofHead = Set(
            form.columns.indices.filter { index in
                switch form.columns[index].source {
                case .head, .known(.headName): true
                default: false
                }
            })
        // The cells of a row are of one head.
        isOfHead = !columns.isDisjoint(with: ofHead)
        if isOfHead { columns.formUnion(ofHead) }
        isOfRows = refilled.contains(FormRound.rowsAnew)
        if isOfRows {
            columns.formUnion(form.columns.indices.filter { form.columns[$0].source == .known(.serial) })
        }
        (self.form, self.columns, self.handedInAt) = (form, columns, handedInAt)
    }

    /// What it was handed in with, and its columns as they are known now.
    func merged(_ kept: FilledForm, with now: FilledForm) -> FilledForm {
        var merged = kept
        let before = Dictionary(kept.rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(now.rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        merged.rows =
            isOfRows
            ? now.rows.map { row in before[row.id].map { self.row($0, row) } ?? row }
            : kept.rows.map { row in after[row.id].map { self.row(row, $0) } ?? row }
        return merged
    }

    private func row(_ kept: FilledForm.Row, _ now: FilledForm.Row) -> FilledForm.Row {
        var row = kept
        if isOfHead { row.head = now.head }
        for index in columns where row.cells.indices.contains(index) && now.cells.indices.contains(index) {
            let was = kept.cells[index] ?? ""
            row.otherCells[index] = now.otherCells[index]
            row.cells[index] = now.cells[index]
            row.offered[index] = now.offered[index]
            let isKnown = now.cells[index] != nil && !now.answered.contains(index)
            guard form.columns[index].source == .ask || !isKnown else { continue }
            // What nobody but somebody knows is asked again: an answer of a later period is none of this one.
            row.otherCells[index] = nil
            row.cells[index] = nil
            guard !was.isEmpty else { continue }
            row.offered[index] = FormSubject.Answer(
                value: was, at: handedInAt, owner: kept.otherCells[index]?.rawValue)
        }
        return row
    }
}

extension FilledForm {
    /// Puts what was answered in its place: for a row itself, and in columns of the home for others of the household.
    mutating func answer(
        _ given: [Int64: [String: FormSubject.Answer]], _ mates: [Int64: [Int64]], of form: DemandedForm
    ) {
        guard !given.isEmpty else { return }
        let keys = form.keys
        for place in rows.indices {
            let id = rows[place].id.rawValue
            for (index, key) in keys.enumerated() where rows[place].cells.indices.contains(index) {
                if let answer = given[id]?[key] {
                    rows[place].cells[index] = answer.value
                    rows[place].otherCells[index] = nil
                    rows[place].offered[index] = nil
                    continue
                }
                guard form.columns[index].isOfHome else { continue }
                let owner: ID<Person>? = rows[place].otherCells[index]
                guard rows[place].cells[index] == nil || owner != nil else { continue }
                let others = (mates[id] ?? []).filter { other in owner.map { $0.rawValue == other } ?? true }
                let answers = others.compactMap { other in given[other]?[key].map { (other: other, answer: $0) } }
                guard let newest = answers.max(by: { $0.answer.at < $1.answer.at }) else { continue }
                rows[place].cells[index] = newest.answer.value
                rows[place].otherCells[index] = ID(rawValue: newest.other)
                rows[place].offered[index] = nil
            }
        }
    }
}

extension Migration {
    /// That a round was opened again is a row with who and when; what it was handed in with before stays.
    static let demandedReopenings = Migration(
        "2026-12-05.71-demanded-reopenings",
        """
        CREATE TABLE demanded_reopening (
            id INTEGER NOT NULL PRIMARY KEY,
            round_id INTEGER NOT NULL REFERENCES demanded_round (id),
            at INTEGER NOT NULL,
            account_id INTEGER REFERENCES account (id),
            done_at INTEGER NOT NULL,
            sources TEXT CHECK (length(sources) <= 60000)
        ) STRICT;
        CREATE INDEX demanded_reopening_round ON demanded_reopening (round_id, id);
        ALTER TABLE demanded_filled ADD COLUMN reopening_id INTEGER REFERENCES demanded_reopening (id);
        ALTER TABLE demanded_round ADD COLUMN refilled TEXT CHECK (length(refilled) <= 1000);
        """
    )
}
