import LinliCore
import LinliSQL

extension RegisterQueries {
    /// The household that stands for one that was merged into another since; itself where it was not, nil when there is no
    /// such thing.
    package static func standing(_ id: ID<Household>, _ tx: ReadTx) throws -> HouseholdRecord? {
        var id = id
        // A merge leads to one that is here; a longer way is no way.
        for _ in 0..<8 {
            guard let record = try household(id, tx) else { return nil }
            guard let into = try mergedInto(RegisterSubject(.household, id), record.entry, tx) else { return record }
            id = ID(rawValue: into)
        }
        return nil
    }

    /// An entry with those that were merged into it, also by way of others; itself first.
    static func entries(of subject: RegisterSubject, _ tx: ReadTx) throws -> [RegisterSubject] {
        var (found, next) = ([subject.id], [subject.id])
        // What was merged into one that was merged; a longer way is no way.
        for _ in 0..<8 where !next.isEmpty {
            next = try tx.all(
                """
                SELECT id FROM \(table(of: subject.kind))
                WHERE merged_into IN \(SQL.list(next)) AND merged_into IS NOT NULL
                """
            ) { try $0[0] }
            found += next.sorted()
        }
        return found.map { RegisterSubject(subject.kind, $0) }
    }

    /// The entry that stands for another one since it was merged, also by way of others; itself where it was not.
    static func survivor(of subject: RegisterSubject, _ tx: ReadTx) throws -> RegisterSubject {
        var id = subject.id
        for _ in 0..<8 {
            let found: Int64?? = try tx.value("SELECT merged_into FROM \(table(of: subject.kind)) WHERE id = \(id)")
            guard let into = found ?? nil else { break }
            id = into
        }
        return RegisterSubject(subject.kind, id)
    }

    /// The entry that stands for a dwelling or household since two were joined.
    static func mergedInto(_ subject: RegisterSubject, _ entry: RegisterEntry, _ tx: ReadTx) throws -> Int64? {
        guard entry.validTo != nil else { return nil }
        return try tx.value(
            "SELECT merged_into FROM \(table(of: subject.kind)) WHERE id = \(subject.id)", as: Int64?.self) ?? nil
    }

    /// Dwellings of the same community whose address has the same numbers in the same order: `3号楼2单元1201`, `3-2-1201`.
    static func spelledOtherwise(_ dwelling: DwellingRecord, _ tx: ReadTx) throws -> [Int64] {
        let numbers = numbers(in: dwelling.address)
        guard let last = numbers.last, numbers.count > 1 else { return [] }
        return try tx.all(
            """
            SELECT d.id, d.address FROM dwelling d
            WHERE d.community = \(dwelling.division.ancestor(at: .community)) AND d.valid_to IS NULL
            AND d.id <> \(dwelling.id) AND \(SQL.contains("d.address", last)) ORDER BY d.id LIMIT 500
            """
        ) { (id: try $0[0] as Int64, address: try $0[1] as String) }
        .filter { self.numbers(in: $0.address) == numbers && $0.address.prefix(2) == dwelling.address.prefix(2) }
        .prefix(10).map(\.id)
    }

    private static func numbers(in address: String) -> [String] {
        address.split { !($0.isASCII && $0.isNumber) }.map { part in
            let digits = part.drop { $0 == "0" }
            return digits.isEmpty ? "0" : String(digits)
        }
    }
}

extension Migration {
    /// What was asked of an entry holds for those merged into it: who wants nothing but keeping wants it of all of them.
    /// Plates are found under the entry that has them; those that had stayed behind are marked anew.
    static let mergedFollow = Migration(
        "2026-12-01.29-merged-follow",
        """
        UPDATE person SET restricted_at = (SELECT k.restricted_at FROM person k WHERE k.id = person.merged_into)
        WHERE merged_into IS NOT NULL AND restricted_at IS NULL;
        UPDATE person SET restricted_at = (SELECT k.restricted_at FROM person k WHERE k.id = person.merged_into)
        WHERE merged_into IS NOT NULL AND restricted_at IS NULL;
        DELETE FROM register_mark WHERE NOT EXISTS (
            SELECT 1 FROM register_fact f WHERE f.kind = register_mark.kind AND f.subject_id = register_mark.subject_id
            AND f.field = register_mark.field
        );
        INSERT INTO job (id, kind, unique_key, payload, run_at, attempts, dead)
        SELECT 129, 'registers.plateEnds', 'registers.plateEnds', '', 0, 0, 0
        WHERE EXISTS (SELECT 1 FROM register_fact f JOIN person p ON p.merged_into = f.subject_id
            WHERE f.kind = 'person' AND f.field = 'person.plates')
        AND NOT EXISTS (SELECT 1 FROM job WHERE unique_key = 'registers.plateEnds');
        """
    )

    /// Dwellings and households are merged like the others.
    static let homesMerged = Migration(
        "2026-11-28.61-homes-merged",
        """
        ALTER TABLE dwelling ADD COLUMN merged_into INTEGER REFERENCES dwelling (id);
        ALTER TABLE household ADD COLUMN merged_into INTEGER REFERENCES household (id);
        CREATE INDEX dwelling_spelling ON dwelling (address) WHERE merged_into IS NOT NULL;
        CREATE INDEX dwelling_merged ON dwelling (merged_into) WHERE merged_into IS NOT NULL;
        CREATE INDEX household_merged ON household (merged_into) WHERE merged_into IS NOT NULL;
        """
    )
}
