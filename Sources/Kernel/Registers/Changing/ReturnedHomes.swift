import LinliCore
import LinliSQL

/// What becomes of the homes of two people when their merge is taken back after somebody moved, or a home ended, since.
///
/// - What came over goes back with what followed it: a household that moved took its people along, and who moved out of a
///   home came into another one.
/// - What followed a home of the one that stays, too, followed both: they had been in one household, or the one entry moved
///   out of the homes of both. The one that stays keeps it, and the other has a tie of the same kind in the same home.
/// - What was ended since was ended of the one that stays: they are two, and nobody said it of the other, who has the home
///   they had, where that household has moved to by now. Only where the home itself has ended they have none, and the
///   history says so.
/// - What followed nothing, as a home that was added since, is of the one that stays.
struct ReturnedHomes {
    /// A tie as it stands in its row.
    struct Tie: Sendable {
        let id: ID<Residence>
        let person: ID<Person>
        let household: ID<Household>?
        let dwelling: ID<Dwelling>
        let tie: ResidenceTie
        let relation: HouseholdRelation
        let from: Instant
        let until: Instant?
        let began: Int?
        let ended: Int?

        static let columns: SQL = """
            r.id, r.person_id, r.household_id, r.dwelling_id, r.tie, r.relation, r.valid_from, r.valid_to, r.began_on,
            r.ended_on
            """

        init(_ row: Row) throws {
            id = try row[0]
            person = try row[1]
            household = try row[2]
            dwelling = try row[3]
            tie = try row[4]
            relation = try row[5]
            from = try row[6]
            until = try row[7]
            began = try row[8]
            ended = try row[9]
        }
    }

    private let survivor: ID<Person>
    private let other: ID<Person>
    private let rows: [Tie]
    private let own: [Tie]
    private let returning: [[Tie]]
    /// What the one that stays keeps of what followed.
    private var kept: Set<ID<Residence>> = []
    /// Rows of the other for rows that are kept.
    private var copies: [ID<Residence>: ID<Residence>] = [:]
    /// Ties that hold again or anew.
    private(set) var held: [Int64] = []
    /// Ties that ended and may hold again, and whose they are.
    private var waiting: [(tie: Tie, person: ID<Person>)] = []
    /// As which rows those of the merge go on.
    private(set) var following: [Int64: Int64] = [:]

    /// Gives the homes back; `merged` is when the two were merged.
    static func giveBack(
        _ moves: RegisterMerging.Moves, from survivor: ID<Person>, to other: ID<Person>, since merged: Instant,
        _ tx: WriteTx
    ) throws -> ReturnedHomes {
        var homes = try ReturnedHomes(moves, from: survivor, to: other, since: merged, tx)
        try homes.holdAgain(moves.later, tx)
        for chain in homes.returning { try homes.giveBack(chain, tx) }
        try homes.giveBack(doubled: moves.doubled, tx)
        for one in homes.waiting { try homes.reopen(one.tie, of: one.person, tx) }
        return homes
    }

    private init(
        _ moves: RegisterMerging.Moves, from survivor: ID<Person>, to other: ID<Person>, since merged: Instant,
        _ tx: ReadTx
    ) throws {
        self.survivor = survivor
        self.other = other
        let rows = try tx.all(
            "SELECT \(Tie.columns) FROM residence r WHERE r.person_id = \(survivor) ORDER BY r.id"
        ) { try Tie($0) }
        let came = Set(moves.residences)
        let returning: [[Tie]] = rows.filter { came.contains($0.id.rawValue) }.map { Self.chain($0, in: rows) }
        let followed = Set(returning.flatMap { $0.dropFirst().map(\.id) })
        own = rows.filter { row in
            guard !came.contains(row.id.rawValue), row.until.map({ $0 >= merged }) ?? true else { return false }
            return row.from < merged || row.from == merged && !followed.contains(row.id)
        }
        self.rows = rows
        self.returning = returning
        let later = Set(moves.later)
        for row in own where !later.contains(row.id.rawValue) {
            kept.formUnion(Self.chain(row, in: rows).map(\.id))
        }
    }

    // MARK: What followed

    /// A tie and those that followed it, each when the one before ended.
    static func chain(_ start: Tie, in rows: [Tie]) -> [Tie] {
        var chain = [start]
        while let last = chain.last, let next = next(after: last, in: rows) { chain.append(next) }
        return chain
    }

    /// The tie of the same household in another dwelling when that moved, else the next home of who lived there.
    private static func next(after last: Tie, in rows: [Tie]) -> Tie? {
        guard let until = last.until else { return nil }
        let begun = rows.filter { $0.person == last.person && $0.from == until && $0.id > last.id }
        if let along = begun.first(where: { isAlong($0, last) }) { return along }
        guard last.tie.livesHere else { return nil }
        return begun.first { $0.tie.livesHere && $0.household != last.household }
    }

    /// Whether a tie came of a move of the household of the one before.
    static func isAlong(_ next: Tie, _ last: Tie) -> Bool {
        last.household != nil && next.household == last.household && next.dwelling != last.dwelling
    }

    /// The part of a chain that begins with a move of the person, whom nobody knew to be two.
    private static func moved(_ chain: [Tie]) -> Int? {
        chain.indices.dropFirst().first { !isAlong(chain[$0], chain[$0 - 1]) }
    }

    // MARK: Back

    /// Homes of the one that stays that had ended because the other lived in the same dwelling before hold again, unless
    /// they have moved out of it since.
    private mutating func holdAgain(_ later: [Int64], _ tx: WriteTx) throws {
        for row in own where later.contains(row.id.rawValue) {
            guard let beside = returning.first(where: { $0[0].dwelling == row.dwelling && $0[0].tie.livesHere })
            else { continue }
            if let step = Self.moved(beside) {
                kept.formUnion(beside[step...].map(\.id))
                try end(row.id, like: beside[step - 1], tx)
            } else {
                wait(for: row, of: survivor)
            }
        }
    }

    private mutating func giveBack(_ chain: [Tie], _ tx: WriteTx) throws {
        let shared = chain.firstIndex { kept.contains($0.id) } ?? chain.endIndex
        let theirs = chain[..<shared].map(\.id)
        try tx.execute(
            "UPDATE residence SET person_id = \(other) WHERE id IN \(SQL.list(theirs)) AND person_id = \(survivor)")
        for row in chain[shared...] { try copy(row, row.tie, row.relation == .head ? .other : row.relation, tx) }
        guard let last = chain.last else { return }
        following[chain[0].id.rawValue] = (copies[last.id] ?? last.id).rawValue
        if last.until != nil { wait(for: last, of: other) }
    }

    /// Rows that had ended because the other stood in the same household, or dwelling: they hold again, or what followed
    /// the one beside them followed them.
    private mutating func giveBack(doubled: [Int64], _ tx: WriteTx) throws {
        guard !doubled.isEmpty else { return }
        let ended = try tx.all(
            """
            SELECT \(Tie.columns) FROM residence r WHERE r.id IN \(SQL.list(doubled)) AND r.person_id = \(other)
            AND r.valid_to IS NOT NULL ORDER BY r.id
            """
        ) { try Tie($0) }
        for row in ended {
            let here = own.filter { $0.dwelling == row.dwelling }
            let same = here.first { $0.household == row.household }
            guard let beside = same ?? here.first(where: { $0.tie.livesHere && row.tie.livesHere }) else {
                wait(for: row, of: other)
                continue
            }
            let chain = Self.chain(beside, in: rows)
            following[beside.id.rawValue] = (chain.last ?? beside).id.rawValue
            // A household of another name in the same dwelling moved without them.
            let moved = Self.moved(chain)
            let along: Int? = chain.count > 1 ? 1 : nil
            guard let first = same == nil ? moved : along else {
                wait(for: row, of: other)
                continue
            }
            try end(row.id, like: chain[first - 1], tx)
            for (index, next) in chain.enumerated().dropFirst(first) {
                if index < moved ?? chain.count {
                    try copy(next, row.tie, row.relation, tx)
                } else {
                    try copy(next, next.tie, next.relation == .head ? .other : next.relation, tx)
                }
            }
            guard let last = chain.last else { continue }
            following[row.id.rawValue] = copies[last.id]?.rawValue
            if last.until != nil { wait(for: last, of: other) }
        }
    }

    /// A tie of the other beside one that is kept; once, of whatever it follows.
    private mutating func copy(
        _ row: Tie, _ tie: ResidenceTie, _ relation: HouseholdRelation, _ tx: WriteTx
    ) throws {
        guard copies[row.id] == nil else { return }
        let id: ID<Residence> = try tx.newID()
        copies[row.id] = id
        if row.until == nil { held.append(id.rawValue) }
        try tx.execute(
            """
            INSERT INTO residence (id, person_id, household_id, dwelling_id, tie, relation, valid_from, valid_to,
                began_on, ended_on)
            VALUES (\(id), \(other), \(row.household), \(row.dwelling), \(tie), \(relation), \(row.from), \(row.until),
                \(row.began), \(row.ended))
            """)
    }

    /// Notes a tie once: several homes that ended by one move go on as one.
    private mutating func wait(for tie: Tie, of person: ID<Person>) {
        guard !waiting.contains(where: { $0.tie.id == tie.id && $0.person == person }) else { return }
        waiting.append((tie: tie, person: person))
    }

    private func end(_ residence: ID<Residence>, like row: Tie, _ tx: WriteTx) throws {
        try tx.execute(
            "UPDATE residence SET valid_to = \(row.until), ended_on = \(row.ended) WHERE id = \(residence)")
    }

    /// What was ended holds again, its copy where there is one, as long as the home is there and no other tie to the
    /// dwelling took its place when it ended.
    private mutating func reopen(_ row: Tie, of person: ID<Person>, _ tx: WriteTx) throws {
        let id = person == other ? copies[row.id] ?? row.id : row.id
        let isReplaced = try tx.exists(
            """
            SELECT 1 FROM residence r WHERE r.person_id = \(person) AND r.valid_to IS NULL AND r.id <> \(id)
            AND r.dwelling_id = \(row.dwelling) AND r.valid_from = \(row.until) LIMIT 1
            """)
        guard !isReplaced, try Self.isStanding(row, tx) else { return }
        try tx.execute("UPDATE residence SET valid_to = NULL, ended_on = NULL WHERE id = \(id)")
        held.append(id.rawValue)
        if let next = try Self.follow(id, tx) {
            held.append(next)
            following[row.id.rawValue] = next
        }
    }

    /// Whether a home is there: the dwelling, and a household that has not ended but because nobody was left.
    private static func isStanding(_ row: Tie, _ tx: ReadTx) throws -> Bool {
        guard let household = row.household else {
            return try tx.exists("SELECT 1 FROM dwelling d WHERE d.id = \(row.dwelling) AND d.valid_to IS NULL")
        }
        return try tx.exists(
            """
            SELECT 1 FROM household h JOIN dwelling d ON d.id = h.dwelling_id WHERE h.id = \(household)
            AND d.valid_to IS NULL AND (h.valid_to IS NULL OR (\(EmptyHouseholds.hasEndedEmpty)))
            """)
    }

    /// A tie that holds goes on where its household has moved to while it did not; answers with the row it goes on as.
    static func follow(_ residence: ID<Residence>, _ tx: WriteTx) throws -> Int64? {
        let found = try tx.first(
            """
            SELECT \(Tie.columns), h.dwelling_id, (SELECT max(c.at) FROM register_change c
                WHERE c.kind = 'household' AND c.subject_id = h.id AND c.what = 'moved')
            FROM residence r JOIN household h ON h.id = r.household_id
            WHERE r.id = \(residence) AND r.valid_to IS NULL AND r.dwelling_id <> h.dwelling_id
            """
        ) { (row: try Tie($0), dwelling: try $0[10] as ID<Dwelling>, at: try $0[11] as Instant?) }
        guard let found else { return nil }
        let (row, at) = (found.row, max(found.at ?? tx.now, found.row.from))
        let next: ID<Residence> = try tx.newID()
        try tx.execute("UPDATE residence SET valid_to = \(at) WHERE id = \(residence)")
        try tx.execute(
            """
            INSERT INTO residence (id, person_id, household_id, dwelling_id, tie, relation, valid_from, valid_to,
                began_on, ended_on)
            VALUES (\(next), \(row.person), \(row.household), \(found.dwelling), \(row.tie), \(row.relation), \(at),
                NULL, NULL, NULL)
            """)
        return next.rawValue
    }
}

extension ReturnedHomes {
    /// One head a household: who held it by a tie that holds again gives way to who heads it by now.
    func settleHeads(_ tx: WriteTx) throws {
        guard !held.isEmpty else { return }
        try tx.execute(
            """
            UPDATE residence SET relation = \(HouseholdRelation.other)
            WHERE id IN \(SQL.list(held)) AND relation = 'head' AND valid_to IS NULL AND EXISTS (
                SELECT 1 FROM residence o JOIN person p ON p.id = o.person_id
                WHERE o.household_id = residence.household_id AND o.valid_to IS NULL AND o.relation = 'head'
                AND o.id <> residence.id AND p.valid_to IS NULL
            )
            """)
    }

    /// Who has a home is counted in the grid of one: where they sleep goes first. Answers with the grid.
    static func settle(_ item: RegisterItem, _ tx: WriteTx) throws -> DivisionCode {
        let homes = try RegisterQueries.homes(of: ID(rawValue: item.subject.id), tx)
        guard !homes.contains(where: { $0.division == item.division }),
            let home = homes.first(where: { $0.tie.livesHere }) ?? homes.first
        else { return item.division }
        try tx.execute(
            """
            UPDATE person SET \(SQL.joined(RegisterStore.place(home.division), separator: ", "))
            WHERE id = \(item.subject.id)
            """)
        try RegisterStore.moveFacts(of: item.subject, to: home.division, tx)
        return home.division
    }

    /// The word by which the history says that somebody was left without a home.
    static let noHome = "noHome"

    /// A line of history that says so where it is so.
    static func noted(
        _ line: RegisterHistory.Draft, of subject: RegisterSubject, _ tx: ReadTx
    ) throws -> RegisterHistory.Draft {
        guard subject.kind == .person, try RegisterQueries.homes(of: ID(rawValue: subject.id), tx).isEmpty else {
            return line
        }
        return RegisterHistory.Draft(
            id: line.id, what: line.what, fields: line.fields + [noHome], sealed: line.sealed)
    }
}
