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
