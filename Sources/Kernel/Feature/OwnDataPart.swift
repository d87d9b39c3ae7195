import LinliCore
import LinliSQL

/// What a feature keeps of somebody, for the copy of their own data: in words for a page, by names for a program. A part
/// says nothing of anybody else: names of others are masked (`OwnDataAsk.masked`).
/// - Source: PIPL Art. 45 (access, copy, transfer)
package struct OwnDataPart: Sendable {
    /// Reads what there is, the newest first.
    package typealias Read = @Sendable (OwnDataAsk, Services) async throws -> [OwnDataRecord]

    /// Of whom it tells.
    package enum Whose: Sendable {
        /// Of an account: only in the copy of its own person.
        case account
        /// Of an entry of the registers, one's own or a child's.
        case entry
    }

    /// The stable name, a key of the JSON.
    package let id: String
    /// The heading it stands under.
    package let name: Text
    /// Of whom it tells.
    package let whose: Whose
    /// Whether reading it opens what is kept closely; the audit names it then.
    package let isClose: Bool
    /// What there is.
    package let read: Read

    /// A part; see the properties.
    package init(_ id: String, _ name: Text, of whose: Whose, isClose: Bool = false, _ read: @escaping Read) {
        self.id = id
        self.name = name
        self.whose = whose
        self.isClose = isClose
        self.read = read
    }

    /// How many of one thing a copy tells of at most.
    /// - Source: configured, no source
    package static let limit = 500
}

/// Whose data is asked for, by its owner.
package struct OwnDataAsk: Sendable {
    /// The account that asks.
    package let account: ID<Account>
    /// The entry; nil for who is linked to none.
    package let person: PersonRecord?
    /// Where they live or lived, since when and until when.
    package let homes: [OwnHome]
    /// Who belongs or belonged to the same households, by name: nobody else's data goes along.
    package let others: Set<String>
    /// Who asks, and when.
    package let context: Context

    /// A sealed value of something that is one's own.
    package struct Closed: Sendable {
        /// What it is of.
        package let subject: Subject
        /// What the audit calls it.
        package let field: String
        /// Where it lies.
        package let cell: Cell
        /// As it is stored.
        package let sealed: [UInt8]

        /// See the properties.
        package init(_ subject: Subject, _ field: String, _ cell: Cell, _ sealed: [UInt8]) {
            self.subject = subject
            self.field = field
            self.cell = cell
            self.sealed = sealed
        }
    }

    /// Opens sealed values in their order; each is in the audit with what it is of before anything is opened: an account may
    /// be in the wrong hands.
    package func open(_ closed: [Closed], _ database: Database) async throws -> [String] {
        guard !closed.isEmpty else { return [] }
        try await database.write(context, "own.copy") { tx in
            for one in closed { try tx.audit(one.subject, fields: [one.field]) }
        }
        return try closed.map { try database.keys.open($0.sealed, cell: $0.cell) }
    }

    /// A text with the names of others who live there masked, and numbers.
    package func masked(_ text: String) -> String {
        others.sorted { $0.count > $1.count }.reduce(text) { text, name in
            name.count > 1 ? text.replacing(name, with: OwnDataAsk.mask(name)) : text
        }
    }

    /// A name of somebody else: the first character, and that there is more.
    package static func mask(_ name: String) -> String {
        name.isEmpty ? "" : "\(name.prefix(1))**"
    }
}

/// A home somebody lives or lived in.
package struct OwnHome: Sendable {
    /// The household; nil for who owns it and lives elsewhere.
    package let household: ID<Household>?
    /// Where.
    package let address: String
    /// As what.
    package let tie: ResidenceTie
    /// Since when.
    package let from: Instant
    /// Until when; nil: now.
    package let until: Instant?
    /// The days it began and ended, where somebody said so.
    package let days: (from: CivilDate?, until: CivilDate?)

    /// Whether they lived there at a moment.
    package func holds(at moment: Instant) -> Bool { from <= moment && until.map { moment < $0 } ?? true }
}

/// One thing that is kept of somebody.
package struct OwnDataRecord: Sendable {
    /// A value: words a person typed or is shown, a moment, or one of some words of the program.
    package enum Value: Sendable {
        case text(String)
        case word(String, Text)
        case moment(Instant)
    }

    /// One value with its name.
    package struct Line: Sendable {
        /// A key of the JSON.
        package let id: String
        /// What people call it.
        package let name: Text
        /// What it says.
        package let value: Value
    }

    /// When it happened.
    package let at: Instant
    /// What it says, in order.
    package private(set) var lines: [Line] = []

    /// Something of a moment.
    package init(at: Instant) { self.at = at }

    /// Adds words; nothing where there are none.
    package mutating func add(_ id: String, _ name: Text, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        lines.append(Line(id: id, name: name, value: .text(text)))
    }

    /// Adds words in both languages; nothing where there are none.
    package mutating func add(_ id: String, _ name: Text, both words: Text?) {
        guard let words, !words.zh.isEmpty else { return }
        lines.append(Line(id: id, name: name, value: .word(words.zh, words)))
    }

    /// Adds a moment.
    package mutating func add(_ id: String, _ name: Text, _ moment: Instant?) {
        guard let moment else { return }
        lines.append(Line(id: id, name: name, value: .moment(moment)))
    }

    /// Adds a word of the program with what people read.
    package mutating func add(_ id: String, _ name: Text, _ word: String, _ shown: Text) {
        lines.append(Line(id: id, name: name, value: .word(word, shown)))
    }
}

extension DataRequest {
    /// The sealed words of a request, for its owner.
    package var closed: OwnDataAsk.Closed? {
        sealed.map {
            OwnDataAsk.Closed(
                Subject("dataRequest", id, division: division), "text_sealed",
                Cell("data_request", "text_sealed", id.rawValue), $0)
        }
    }
}

/// A part of a copy with what there was.
package struct OwnDataSection: Sendable {
    /// Which part.
    package let part: OwnDataPart
    /// What there is, the newest first.
    package let records: [OwnDataRecord]
}

/// Everything that is kept of somebody, for themselves.
package struct OwnDataCopy: Sendable {
    /// The entry and every field of it in clear; nil for who is linked to none.
    package let entry: (person: PersonRecord, values: [RegisterField: String])?
    /// Where they live or lived.
    package let homes: [OwnHome]
    /// What else is kept, part by part.
    package let sections: [OwnDataSection]

    /// Puts a copy together; the audit has it before anything is read.
    ///
    /// - Throws: `.notFound` for an entry that is not one's own.
    package init(_ entry: ID<Person>?, _ context: Context, _ services: Services) async throws {
        guard let account = context.actor.account else { throw LinliError.notFound("own.account") }
        let database = services.database
        let entries = try await database.read { try OwnEntries.of(account, today: context.now.date, $0) }
        let own = entries.first { $0.person.id == entry }
        guard entry == nil || own != nil else { throw LinliError.notFound("own.entry") }
        // A child's copy has nothing of the guardian's account; who is linked takes theirs with the entry.
        let parts = services.features.ownData.filter { part in
            part.whose == .account ? own?.isWard != true : own != nil
        }
        let closes = parts.filter(\.isClose).map { "copy.\($0.id)" }
        let person = own?.person
        let subject = person.map { Subject("person", $0.id, division: $0.division) } ?? Subject("account", account)
        try await database.write(context, "own.copy") { tx in
            try tx.audit(subject, fields: ["copy"] + closes)
        }
        let context = context.unmarked
        self.entry =
            if let person { try await OwnEntries.everything(of: person.id, context, database) } else { nil }
        let (homes, others) = try await database.read { tx in
            try person.map { (try OwnHome.all(of: $0.id, tx), try OwnHome.others(than: $0, tx)) } ?? ([], [])
        }
        self.homes = homes + OwnHome.merged(own?.formerHomes ?? [], beside: homes)
        let ask = OwnDataAsk(
            account: account, person: person, homes: homes, others: others, context: context)
        var sections: [OwnDataSection] = []
        for part in parts {
            sections.append(OwnDataSection(part: part, records: try await part.read(ask, services)))
        }
        self.sections = sections
    }
}

extension OwnHome {
    /// Every home of somebody, also those they have left, the newest first.
    static func all(of person: ID<Person>, _ tx: ReadTx) throws -> [OwnHome] {
        try tx.all(
            """
            SELECT r.household_id, d.address, r.tie, r.valid_from, r.valid_to, r.began_on, r.ended_on
            FROM residence r JOIN dwelling d ON d.id = r.dwelling_id WHERE r.person_id = \(person)
            ORDER BY r.id DESC LIMIT \(OwnDataPart.limit)
            """
        ) { row in
            let (began, ended): (Int?, Int?) = (try row[5], try row[6])
            return OwnHome(
                household: try row[0], address: try row[1], tie: try row[2], from: try row[3], until: try row[4],
                days: (
                    from: began.flatMap { PersonRecord.day($0) }, until: ended.flatMap { PersonRecord.day($0) }
                ))
        }
    }

    /// Homes somebody had under entries that were merged into theirs.
    static func merged(_ former: [FormerHome], beside homes: [OwnHome]) -> [OwnHome] {
        let others = former.filter { home in
            !homes.contains { $0.address == home.address && $0.until == home.until }
        }
        return others.prefix(max(OwnDataPart.limit - homes.count, 0)).map { home in
            OwnHome(
                household: nil, address: home.address ?? "", tie: home.tie, from: home.from, until: home.until,
                days: (from: home.began, until: home.ended))
        }
    }

    /// The names of everybody else who belongs or belonged to the same households or dwellings.
    static func others(than person: PersonRecord, _ tx: ReadTx) throws -> Set<String> {
        let dwellings: [Int64] = try tx.all(
            "SELECT DISTINCT dwelling_id FROM residence WHERE person_id = \(person.id) ORDER BY dwelling_id"
        ) { try $0[0] }
        guard !dwellings.isEmpty else { return [] }
        var names: Set<String> = []
        try tx.each(
            """
            SELECT p.name FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.dwelling_id IN \(SQL.list(dwellings)) AND p.id <> \(person.id)
            """
        ) { names.insert(try $0[0]) }
        return names.subtracting([person.name, ""])
    }
}
