import LinliCore
import LinliKernel
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Rows of a round as they were handed in: what the registers and the answers said then stands, whatever they say later.
///
/// The cells of a row are kept by whose they are, sealed: its own, those of the head of the household, those that somebody
/// else of it answered. So they go along when entries are merged, and go when one of them is erased, without the others.
struct FormsKept: Sendable {
    /// Whose cells of a row.
    enum Role: String, Sendable, SQLConvertible, SQLDecodable {
        case row, head, other
    }

    /// The cells of a row that are of one entry.
    struct Piece: Sendable {
        let id: ID<FormsKept>
        let position: Int
        let role: Role
        /// What it is, a person or what the row stands for, and which.
        let kind: String
        let subject: Int64
        let sealed: [UInt8]
    }

    /// What is sealed.
    private struct Cells: Codable {
        /// By the column.
        var known: [Int: String] = [:]
        /// Those that nobody had filled; of the row's own only.
        var open: [Int]?
        var name: String?
        var address: String?
    }

    let pieces: [Piece]
    /// Where the cells came from, by column, as text: who may read them is asked of these, also when a column is matched
    /// to something else later.
    let sources: String

    /// Where a piece lies sealed.
    static func cell(_ id: Int64) -> Cell { Cell("demanded_filled", "value_sealed", id) }

    /// What a form is handed in with, ready to be stored.
    init(_ filled: FilledForm, of form: DemandedForm, _ database: Database) throws {
        let texts = form.columns.map(\.source.text)
        sources = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
        let isOfHead: [Bool] = form.columns.map { column in
            switch column.source {
            case .head, .known(.headName): true
            default: false
            }
        }
        var pieces: [Piece] = []
        for (position, row) in filled.rows.enumerated() {
            var own = Cells(open: row.open, name: row.name, address: row.address)
            var head = Cells()
            var others: [ID<Person>: Cells] = [:]
            for (index, value) in row.cells.enumerated() {
                guard let value else { continue }
                if let other = row.otherCells[index] {
                    others[other, default: Cells()].known[index] = value
                } else if row.head != nil, isOfHead.indices.contains(index), isOfHead[index] {
                    head.known[index] = value
                } else {
                    own.known[index] = value
                }
            }
            func keep(_ cells: Cells, _ role: Role, _ kind: String, _ subject: Int64) throws {
                let id: ID<FormsKept> = try database.newID()
                let text = String(decoding: try JSONEncoder().encode(cells), as: UTF8.self)
                pieces.append(
                    Piece(
                        id: id, position: position, role: role, kind: kind, subject: subject,
                        sealed: try database.keys.seal(text, cell: FormsKept.cell(id.rawValue))))
            }
            let person = RegisterKind.person.rawValue
            try keep(own, .row, form.about.rawValue, row.id.rawValue)
            if let id = row.head, !head.known.isEmpty { try keep(head, .head, person, id.rawValue) }
            for (id, cells) in others.sorted(by: { $0.key < $1.key }) { try keep(cells, .other, person, id.rawValue) }
        }
        self.pieces = pieces
    }

    /// Keeps them with their round. What it was handed in with before stays under the reopening that ended it.
    func store(in round: ID<FormRound>, _ tx: WriteTx) throws {
        if let reopening = try FormReopening.last(of: round, tx) {
            try tx.execute(
                """
                UPDATE demanded_filled SET reopening_id = \(reopening.id)
                WHERE round_id = \(round) AND reopening_id IS NULL
                """)
        }
        try tx.execute("UPDATE demanded_round SET kept_sources = \(sources), refilled = NULL WHERE id = \(round)")
        try FormsStore.forgetEnded(in: round, tx)
        let rows = pieces.map { piece -> SQL in
            """
            (\(piece.id), \(round), \(piece.position), \(piece.role), \(piece.kind), \(piece.subject), \(piece.sealed))
            """
        }
        try tx.insert(
            into: "demanded_filled (id, round_id, position, role, kind, subject_id, value_sealed)", rows, columns: 7)
    }

    /// A round as it was handed in, last or before a reopening that ended that. Rows of who was erased since are gone, and so are those of who wants nothing but
    /// keeping; what was theirs in the rows of others is empty.
    static func read(
        _ form: DemandedForm, _ round: ID<FormRound>, endedBy reopening: ID<FormReopening>? = nil, _ database: Database
    ) async throws -> FilledForm {
        let pieces = try await database.read { try FormsKept.pieces(of: round, endedBy: reopening, $0) }
        var (rows, places): ([FilledForm.Row], [Int: Int]) = ([], [:])
        for piece in pieces where piece.role == .row {
            let cells = try open(piece, database.keys)
            var values = [String?](repeating: "", count: form.columns.count)
            for index in cells.open ?? [] where values.indices.contains(index) { values[index] = nil }
            for (index, value) in cells.known where values.indices.contains(index) { values[index] = value }
            places[piece.position] = rows.count
            rows.append(
                FilledForm.Row(
                    id: ID(rawValue: piece.subject), name: cells.name ?? "", address: cells.address ?? "", head: nil,
                    cells: values))
        }
        for piece in pieces where piece.role != .row {
            guard let place = places[piece.position] else { continue }
            if piece.role == .head { rows[place].head = ID(rawValue: piece.subject) }
            for (index, value) in try open(piece, database.keys).known where rows[place].cells.indices.contains(index) {
                rows[place].cells[index] = value
                if piece.role == .other { rows[place].otherCells[index] = ID(rawValue: piece.subject) }
            }
        }
        return FilledForm(rows: rows, columns: form.columns)
    }

    private static func open(_ piece: Piece, _ keys: KeyRing) throws -> Cells {
        try read(try keys.open(piece.sealed, cell: cell(piece.id.rawValue)))
    }

    private static func read(_ text: String) throws -> Cells {
        try JSONDecoder().decode(Cells.self, from: Data(text.utf8))
    }

    /// What a piece says, opened, for whom it is about: the cells that are not empty, in the order of the columns.
    static func told(_ text: String, under headings: [Int: String]) throws -> [(name: String, value: String)] {
        try read(text).known.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { column, value in
            (name: headings[column] ?? "\(column + 1)", value: value)
        }
    }

    private static func pieces(
        of round: ID<FormRound>, endedBy reopening: ID<FormReopening>?, _ tx: ReadTx
    ) throws -> [Piece] {
        let version: SQL = reopening.map { id -> SQL in "k.reopening_id = \(id)" } ?? "k.reopening_id IS NULL"
        return try tx.all(
            """
            SELECT k.id, k.position, k.role, k.kind, k.subject_id, k.value_sealed FROM demanded_filled k
            WHERE k.round_id = \(round) AND \(version) AND NOT (k.kind = 'person' AND EXISTS (
                SELECT 1 FROM person p WHERE p.id = k.subject_id AND p.restricted_at IS NOT NULL))
            ORDER BY k.position, k.id
            """
        ) { row in
            Piece(
                id: try row[0], position: try row[1], role: try row[2], kind: try row[3], subject: try row[4],
                sealed: try row[5])
        }
    }
}

extension DemandedForm {
    /// The form with its columns from where they came when a round of it was handed in, but for those that are filled anew
    /// since it was opened again; itself for an open round, and for one from before rows were kept.
    func handedIn(_ round: FormRound) -> DemandedForm {
        guard let sources = round.sources else { return self }
        return filled(from: sources, but: round.refilled)
    }

    /// The form with its columns from where they came once.
    func filled(from sources: [String], but anew: [Int] = []) -> DemandedForm {
        guard sources.count == columns.count else { return self }
        var form = self
        for (index, source) in sources.enumerated() where !anew.contains(index) {
            form.columns[index].source = FormSource(source)
        }
        return form
    }
}

extension FormsReading {
    /// A round filled: as it was handed in, also where it was opened again and nobody changed it since; else for what is
    /// known now. Of one that was handed in before rows were kept only the answers are of then.
    static func fill(
        _ form: DemandedForm, _ round: FormRound, _ context: Context, _ services: Services
    ) async throws -> FilledForm {
        if round.isCorrected { return try await corrected(form, round, context, services) }
        if round.sources != nil {
            return try await FormsKept.read(form.handedIn(round), round.id, services.database)
        }
        let isOpen = round.doneAt == nil
        return try await fill(
            form, since: round.openedAt, handedIn: round.doneAt, round: isOpen ? round.id : nil,
            period: isOpen ? round.period : nil, filler: context.actor.name, at: context.now, services)
    }
}

extension Migration {
    /// What rounds were handed in with.
    static let demandedKept = Migration(
        "2026-12-02.33-demanded-kept",
        """
        ALTER TABLE demanded_round ADD COLUMN kept_sources TEXT CHECK (length(kept_sources) <= 60000);
        CREATE TABLE demanded_filled (
            id INTEGER NOT NULL PRIMARY KEY,
            round_id INTEGER NOT NULL REFERENCES demanded_round (id),
            position INTEGER NOT NULL,
            role TEXT NOT NULL CHECK (role IN ('row', 'head', 'other')),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            subject_id INTEGER NOT NULL,
            value_sealed BLOB NOT NULL
        ) STRICT;
        CREATE INDEX demanded_filled_round ON demanded_filled (round_id, position);
        CREATE INDEX demanded_filled_subject ON demanded_filled (kind, subject_id);
        """
    )
}
