import LinliCore
import LinliSQL

/// What other parts of the program keep of entries of the registers: what goes along when two are merged and back when
/// that is undone, and what goes when an entry is erased.
package struct RegisterParts: Sendable {
    /// What hangs on households.
    package let households: [HouseholdRows]
    /// What entries have by name.
    package let rows: [RegisterRows]
    /// What names people.
    package let words: [ErasedWords]

    /// The parts of a deployment; see the properties.
    package init(households: [HouseholdRows], rows: [RegisterRows], words: [ErasedWords]) {
        self.households = households
        self.rows = rows
        self.words = words
    }
}

/// Rows of a table that are about entries of the registers. They go along when two entries are merged and come back when
/// that is undone; where an entry has one of each name, what the one that stays has already counts. Whoever owns the table
/// declares it.
package struct RegisterRows: Sendable {
    /// The word its rows are remembered by, and the table.
    package let name: String
    private let table: SQL
    private let kinds: Set<RegisterKind>
    private let column: SQL
    private let kindColumn: SQL?
    private let key: SQL
    private let unique: SQL?
    private let until: SQL?
    private let isErased: Bool
    /// How rows are settled that both entries have; nil where what the entry that stays has simply counts.
    private let twins: RegisterTwins?

    /// Rows of a table about entries of some kinds: `column` names the entry, `kindColumn` its kind where there are several,
    /// `unique` is what an entry has one of each, or `twins` says which of two counts. Where rows have an end, `until` is its
    /// column, and an entry has one of each that still holds. Those that are erased with the entry are `isErased`.
    package init(
        _ table: StaticString, of kinds: Set<RegisterKind>, column: StaticString, kind kindColumn: StaticString? = nil,
        key: StaticString = "id", unique: StaticString? = nil, until: StaticString? = nil, twins: RegisterTwins? = nil,
        isErased: Bool
    ) {
        name = "\(table)"
        self.table = SQL(stringLiteral: "\(table)")
        self.kinds = kinds
        self.column = SQL(stringLiteral: "\(column)")
        self.kindColumn = kindColumn.map { SQL(stringLiteral: "\($0)") }
        self.key = SQL(stringLiteral: "\(key)")
        self.unique = unique.map { SQL(stringLiteral: "\($0)") }
        self.until = until.map { SQL(stringLiteral: "\($0)") }
        self.twins = twins
        self.isErased = isErased
    }

    /// The kernel's own: whose entry an account is, what was agreed to and asked for it.
    static let kernel: [RegisterRows] = [
        RegisterRows("person_account", of: [.person], column: "person_id", key: "account_id", isErased: false),
        RegisterRows("data_consent", of: [.person], column: "person_id", isErased: false),
        RegisterRows("data_request", of: [.person], column: "person_id", isErased: false),
    ]

    private func about(_ subject: RegisterSubject, as row: SQL) -> SQL {
        let named: SQL = "\(row).\(column) = \(subject.id)"
        return kindColumn.map { kind -> SQL in "\(row).\(kind) = \(subject.kind) AND \(named)" } ?? named
    }

    /// Which rows can hang on `subject`, that hang on an entry `x`.
    private func free(for subject: RegisterSubject) -> SQL {
        guard let unique else { return .empty }
        // What held once is in nobody's way, and nothing is in the way of it.
        let holding: SQL = until.map { end -> SQL in " AND o.\(end) IS NULL AND x.\(end) IS NULL" } ?? .empty
        return """
             AND NOT EXISTS (SELECT 1 FROM \(table) o
                WHERE \(about(subject, as: "o")) AND o.\(unique) = x.\(unique)\(holding))
            """
    }

    /// What goes from `other` to `survivor`, and what gives way to it.
    func plan(
        from other: RegisterSubject, to survivor: RegisterSubject, _ keys: KeyRing?, _ tx: ReadTx
    ) throws -> RegisterTwins.Plan {
        guard kinds.contains(other.kind) else { return RegisterTwins.Plan() }
        if let twins {
            return try keys.map { try twins.plan(other, survivor, $0, tx) } ?? RegisterTwins.Plan()
        }
        let moving: [Int64] = try tx.all(
            """
            SELECT x.\(key) FROM \(table) x WHERE \(about(other, as: "x"))\(free(for: survivor)) ORDER BY x.\(key)
            """
        ) { try $0[0] }
        return RegisterTwins.Plan(moving: moving)
    }

    /// Takes out of the way what gives way to what comes.
    func giveWay(_ rows: [Int64: String], _ tx: WriteTx) throws {
        guard !rows.isEmpty else { return }
        try twins?.giveWay(rows.keys.sorted(), tx)
    }

    /// Brings back what gave way, after what had come is gone again.
    func restore(_ rows: [Int64: String], _ tx: WriteTx) throws {
        guard !rows.isEmpty else { return }
        try twins?.restore(rows, tx)
    }

    /// Hangs rows on `target` that still hang on `source`.
    func move(_ rows: [Int64], from source: RegisterSubject, to target: RegisterSubject, _ tx: WriteTx) throws {
        guard !rows.isEmpty else { return }
        let still: [Int64] = try tx.all(
            """
            SELECT x.\(key) FROM \(table) x
            WHERE x.\(key) IN \(SQL.list(rows)) AND \(about(source, as: "x"))\(free(for: target)) ORDER BY x.\(key)
            """
        ) { try $0[0] }
        guard !still.isEmpty else { return }
        try tx.execute("UPDATE \(table) SET \(column) = \(target.id) WHERE \(key) IN \(SQL.list(still))")
    }

    /// Takes out what is known of an entry that is erased.
    func erase(_ subject: RegisterSubject, _ tx: WriteTx) throws {
        guard isErased, kinds.contains(subject.kind) else { return }
        try tx.execute(
            """
            DELETE FROM \(table) WHERE \(key) IN (SELECT x.\(key) FROM \(table) x WHERE \(about(subject, as: "x")))
            """)
    }
}
