import LinliCore
import LinliSQL
import LinliStandards

extension Migration {
    /// What was learned from closed cases: numbers only. `suggestion_case` says what a case was counted as, so that a
    /// reopened one is taken out again exactly.
    static let suggestions = Migration(
        "2026-11-25.49-suggestions",
        """
        CREATE TABLE suggestion_case (
            case_id INTEGER NOT NULL PRIMARY KEY REFERENCES case_item (id),
            at INTEGER NOT NULL,
            category TEXT NOT NULL CHECK (length(category) <= 40),
            nature TEXT NOT NULL CHECK (length(nature) <= 20),
            unit_id INTEGER REFERENCES unit (id),
            street INTEGER NOT NULL,
            community INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX suggestion_case_at ON suggestion_case (at);
        CREATE TABLE suggestion_mark (
            kind TEXT NOT NULL CHECK (kind IN ('category', 'nature')),
            label TEXT NOT NULL CHECK (length(label) <= 40),
            mark INTEGER NOT NULL CHECK (mark BETWEEN 0 AND 65535),
            cases INTEGER NOT NULL,
            PRIMARY KEY (kind, label, mark)
        ) STRICT;
        CREATE TABLE suggestion_nature (
            category TEXT NOT NULL CHECK (length(category) <= 40),
            nature TEXT NOT NULL CHECK (length(nature) <= 20),
            cases INTEGER NOT NULL,
            PRIMARY KEY (category, nature)
        ) STRICT;
        CREATE TABLE suggestion_unit (
            area INTEGER NOT NULL,
            category TEXT NOT NULL CHECK (length(category) <= 40),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            cases INTEGER NOT NULL,
            PRIMARY KEY (area, category, unit_id)
        ) STRICT;
        """
    )
}

extension Migration {
    /// Which marks of its words a case was not counted by, because they say where it is; none for what was counted before
    /// that was told apart.
    static let suggestionPlaces = Migration(
        "2026-12-04.10-suggestion-places",
        "ALTER TABLE suggestion_case ADD COLUMN left_out BLOB;"
    )
}

extension Subscriber {
    /// Learns from a case that is closed, and forgets it again when it is reopened. What counts is how the case stands
    /// then: a category that staff corrected meanwhile is the one that is learned, and a closed case whose place is
    /// corrected is learned there.
    static let caseLearning = Subscriber(
        "cases.suggestions",
        kinds: ["case.changed", "case.moved"],
        where: { $0.facts["from"] == CaseLearning.closed || $0.facts["to"] == CaseLearning.closed },
        .inStore { tx, event in
            let id = ID<Case>(rawValue: event.subject.id)
            if event.facts["from"] == CaseLearning.closed { try CaseLearning.forget(id, tx) }
            if event.facts["to"] == CaseLearning.closed { try CaseLearning.learn(id, tx) }
        }
    )
}

/// Keeps the counts that suggestions are made from.
enum CaseLearning {
    /// The state whose cases teach: handled and judged. A withdrawn case says nothing.
    static let closed = "closed"

    /// A case as it was counted.
    private struct Lesson {
        let category: String
        let nature: String
        let unit: ID<Unit>?
        let street: Int64
        let community: Int64
        /// The marks of its words that say where it is.
        var leftOut: Set<UInt16> = []
    }

    /// The marks of a text that are none when doors and the names of a case's place are taken out.
    private static func marks(ofPlacesIn text: String, _ words: PlaceWords) -> Set<UInt16> {
        Set(TextFeatures(text).hashes).subtracting(TextFeatures(words.without(text)).hashes)
    }

    private static func bytes(_ marks: Set<UInt16>) -> [UInt8] {
        marks.sorted().flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }

    private static func marks(_ bytes: [UInt8]?) -> Set<UInt16> {
        guard let bytes else { return [] }
        return Set(stride(from: 1, to: bytes.count, by: 2).map { UInt16(bytes[$0 - 1]) << 8 | UInt16(bytes[$0]) })
    }

    /// Counts a case as it stands. A part of another case says nothing that the whole does not, what was only guessed and
    /// never confirmed must not teach the next guess, and what is said against a unit teaches nobody: everybody is offered
    /// what was learned.
    static func learn(_ id: ID<Case>, _ tx: SystemTx) throws {
        try forget(id, tx)
        let found = try tx.first(
            """
            SELECT category, nature, handler_unit, street, community, text, place_id FROM case_item
            WHERE id = \(id) AND parent_id IS NULL AND doubt = 0 AND against_unit = 0
            """
        ) { row in
            (
                lesson: Lesson(
                    category: try row[0], nature: try row[1], unit: try row[2], street: try row[3],
                    community: try row[4]
                ),
                text: try row[5] as String, place: try row[6] as ID<Place>?
            )
        }
        guard let (read, text, place) = found, !read.category.isEmpty else { return }
        var lesson = read
        let divisions = [lesson.community, lesson.street].map { DivisionCode(rawValue: $0) }
        lesson.leftOut = marks(ofPlacesIn: text, try PlaceNames.of(place, divisions, tx))
        try tx.execute(
            """
            INSERT INTO suggestion_case (case_id, at, category, nature, unit_id, street, community, left_out)
            VALUES (\(id), \(tx.now), \(lesson.category), \(lesson.nature), \(lesson.unit), \(lesson.street),
                \(lesson.community), \(bytes(lesson.leftOut)))
            """
        )
        try count(lesson, text, 1, tx)
    }

    /// Takes a case out again; nothing when it was not counted.
    static func forget(_ id: ID<Case>, _ tx: SystemTx) throws {
        let found = try tx.first(
            """
            SELECT s.category, s.nature, s.unit_id, s.street, s.community, c.text, s.left_out
            FROM suggestion_case s JOIN case_item c ON c.id = s.case_id WHERE s.case_id = \(id)
            """
        ) { row in
            (
                lesson: Lesson(
                    category: try row[0], nature: try row[1], unit: try row[2], street: try row[3],
                    community: try row[4], leftOut: marks(try row[6] as [UInt8]?)
                ),
                text: try row[5] as String
            )
        }
        guard let (lesson, text) = found else { return }
        try tx.execute("DELETE FROM suggestion_case WHERE case_id = \(id)")
        try count(lesson, text, -1, tx)
    }

    private static func count(_ lesson: Lesson, _ text: String, _ change: Int, _ tx: SystemTx) throws {
        for statement in marks(of: text, lesson.leftOut, lesson.category, lesson.nature, change) {
            try tx.execute(statement)
        }
        try tx.execute(
            """
            INSERT INTO suggestion_nature (category, nature, cases)
            VALUES (\(lesson.category), \(lesson.nature), \(change))
            ON CONFLICT (category, nature) DO UPDATE SET cases = suggestion_nature.cases + excluded.cases
            """
        )
        guard let unit = lesson.unit else { return }
        for area in Set([lesson.community, lesson.street]).sorted() {
            try tx.execute(
                """
                INSERT INTO suggestion_unit (area, category, unit_id, cases)
                VALUES (\(area), \(lesson.category), \(unit), \(change))
                ON CONFLICT (area, category, unit_id)
                DO UPDATE SET cases = suggestion_unit.cases + excluded.cases
                """
            )
        }
    }

    /// The words of a case were changed: if it was counted, it is by the new ones now, so that it is forgotten exactly.
    static func reword(_ id: ID<Case>, from old: String, to new: String, _ tx: WriteTx) throws {
        let found = try tx.first(
            "SELECT category, nature, left_out FROM suggestion_case WHERE case_id = \(id)"
        ) { row in
            (category: try row[0] as String, nature: try row[1] as String, leftOut: marks(try row[2] as [UInt8]?))
        }
        guard let found else { return }
        let changes =
            marks(of: old, found.leftOut, found.category, found.nature, -1)
            + marks(of: new, found.leftOut, found.category, found.nature, 1)
        for statement in changes { try tx.execute(statement) }
    }

    private static func marks(
        of text: String, _ leftOut: Set<UInt16>, _ category: String, _ nature: String, _ change: Int
    ) -> [SQL] {
        let marks = TextFeatures(text).hashes.filter { !leftOut.contains($0) }
        var statements: [SQL] = []
        for (kind, label) in [("category", category), ("nature", nature)] {
            for start in stride(from: 0, to: marks.count, by: 32) {
                let rows = marks[start..<min(start + 32, marks.count)].map { mark -> SQL in
                    "(\(kind), \(label), \(Int(mark)), \(change))"
                }
                statements.append(
                    """
                    INSERT INTO suggestion_mark (kind, label, mark, cases) VALUES \(SQL.joined(rows, separator: ", "))
                    ON CONFLICT (kind, label, mark) DO UPDATE SET cases = suggestion_mark.cases + excluded.cases
                    """
                )
            }
        }
        return statements
    }

    // MARK: Reading

    /// Whether anything was learned since another stamp was taken.
    struct Stamp: Hashable, Sendable {
        let cases: Int
        let latest: Int64
    }

    static func stamp(_ tx: ReadTx) throws -> Stamp {
        let row = try tx.first("SELECT count(*), coalesce(max(at), 0) FROM suggestion_case") { row in
            Stamp(cases: try row[0], latest: try row[1])
        }
        return row ?? Stamp(cases: 0, latest: 0)
    }

    /// Everything that was learned, for a model.
    static func counts(_ tx: ReadTx) throws -> LearnedCounts {
        var counts = LearnedCounts()
        try tx.each("SELECT kind, label, mark, cases FROM suggestion_mark WHERE cases > 0") { row in
            let (kind, label): (String, String) = (try row[0], try row[1])
            let (mark, cases): (Int, Int) = (try row[2], try row[3])
            guard let mark = UInt16(exactly: mark) else { return }
            if kind == "category" {
                counts.categories[label, default: [:]][mark] = Float(cases)
            } else if let nature = NeedNature(rawValue: label) {
                counts.natures[nature, default: [:]][mark] = Float(cases)
            }
        }
        try tx.each("SELECT category, nature, cases FROM suggestion_nature WHERE cases > 0") { row in
            guard let nature = NeedNature(rawValue: try row[1]) else { return }
            counts.naturesOf[try row[0], default: [:]][nature] = Float(try row[2] as Int)
        }
        return counts
    }

    /// Who closed cases of a category in an area, most first.
    static func units(_ category: String, in area: DivisionCode, _ tx: ReadTx) throws -> [(unit: ID<Unit>, cases: Int)]
    {
        try tx.all(
            """
            SELECT unit_id, cases FROM suggestion_unit
            WHERE area = \(area) AND category = \(category) AND cases > 0 ORDER BY cases DESC, unit_id
            """
        ) { (unit: try $0[0], cases: try $0[1]) }
    }
}
