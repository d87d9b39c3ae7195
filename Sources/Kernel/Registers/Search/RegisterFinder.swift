import LinliCore
import LinliSQL
import LinliStandards

/// Something a search found in the registers.
package struct RegisterHit: Sendable {
    /// What it is; nil for a place.
    package let kind: RegisterKind?
    /// Its identifier, in its kind's table or among the places.
    package let id: Int64
    /// Its name, or its address.
    package let title: String
    /// What tells it from others of this name: an address, masked numbers.
    package let detail: [String]
    /// The grid it lies in.
    package let division: DivisionCode

    /// What it is, in words.
    package var kindName: Text { kind?.name ?? Text("地点", "Place") }
}

/// A page of what a search found.
package struct RegisterHits: Sendable {
    /// The nearest first.
    package var hits: [RegisterHit] = []
    /// After which hit the next page begins; nil at the end.
    package var next: Int64?
    /// Whether there are more than are looked at: the reader should type more.
    package var isCut = false

    /// A page; nothing found unless said otherwise.
    package init(hits: [RegisterHit] = []) {
        self.hits = hits
    }
}

/// Finding people, dwellings, organizations, things and places by some words.
package enum RegisterFinder {
    /// How many a page shows.
    package static let pageSize = 20
    /// How many are looked at: one name in fourteen is 王.
    /// - Source: configured, no source
    package static let candidateLimit = 200

    /// A page of what fits all of the words in the reader's divisions, the nearest first: what lies in `near`, then the
    /// rest. `kind` narrows it to one kind, `after` names the last hit of the page before; with `names` the divisions an
    /// address begins with are understood.
    package static func find(
        _ words: String, _ kind: RegisterKind? = nil, in scope: Scope, near: [DivisionCode] = [], after: Int64? = nil,
        limit: Int = pageSize, names: DivisionNames? = nil, _ tx: ReadTx
    ) throws -> RegisterHits {
        let forms = SoughtWords.forms(of: words, names, scope).filter { !$0.query.isEmpty }
        guard !forms.isEmpty else { return RegisterHits() }
        _ = try tx.exists(.useIndexes)
        var (ids, known): ([Int64], Set<Int64>) = ([], [])
        var isCut = false
        func needsMore() -> Bool {
            guard let after else { return ids.count <= limit }
            return ids.firstIndex(of: after).map { ids.count - $0 - 1 <= limit } ?? true
        }
        var places = near.filter { scope.contains($0) }
        places += scope.divisions.filter { !places.contains($0) }
        for form in forms where needsMore() && !(form.isLast && !ids.isEmpty) {
            var query = form.query
            if let kind { query = query.requiring("k\(kind.rawValue)") }
            for place in try form.places(in: places).flatMap({ try steps(to: $0, tx) }) where needsMore() {
                guard ids.count < candidateLimit else {
                    isCut = true
                    break
                }
                // Of a whole city nearly every row is one: what lies elsewhere is left out below.
                let asked = place.level <= .city ? query : query.requiring("d\(place)")
                let found: [Int64] = try tx.all(
                    .found(in: "register_search", asked, limit: candidateLimit, tx.dialect)
                ) { try $0[0] }
                isCut = isCut || found.count == candidateLimit
                ids += found.filter { known.insert($0).inserted }
            }
        }
        let start = after.flatMap { ids.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        let page = ids.dropFirst(start).prefix(limit)
        var hits = RegisterHits(hits: try hits(Array(page), tx).filter { scope.contains($0.division) })
        if ids.count > start + limit { hits.next = page.last } else { hits.isCut = isCut }
        return hits
    }

    /// Where is looked, one after the other, for what lies in a division: in something wide first in two of its streets,
    /// then everywhere. PostgreSQL gathers all rows with a word before it takes the first 200 of them: what a million rows
    /// have fills a page from a street, and what few have is quickly asked thrice.
    private static func steps(to place: DivisionCode, _ tx: ReadTx) throws -> [DivisionCode] {
        guard place.level < .street else { return [place] }
        // Streets have nine digits and six zeros; three of the nine are theirs.
        let streets: [DivisionCode] = try tx.all(
            """
            SELECT division FROM register_count
            WHERE division BETWEEN \(place.range.lowerBound) AND \(place.range.upperBound) AND what = 'person'
            AND total > 0 AND division % 1000000 = 0 AND division % 1000000000 <> 0 ORDER BY division LIMIT 2
            """
        ) { try $0[0] }
        return streets + [place]
    }

    // MARK: Places

    /// Places that are there with every word in their address, however a word spells it: inside a street or less all of
    /// them are looked at, by the first letters of their names, too; in anything wider those whose address begins with the
    /// first word. With `names` the divisions an address begins with are understood.
    package static func places(
        _ words: String, in scope: Scope, limit: Int = 10, names: DivisionNames? = nil, _ tx: ReadTx
    ) throws -> [RegisterHit] {
        var (found, known): ([RegisterHit], Set<Int64>) = ([], [])
        for form in SoughtWords.forms(of: words, names, scope) where !(form.isLast && !found.isEmpty) {
            for division in form.places(in: scope.divisions) where found.count < limit {
                found += try places(form.words, in: division, limit: limit, tx).filter { known.insert($0.id).inserted }
            }
        }
        return Array(found.prefix(limit))
    }

    private static func places(
        _ parts: [String], in division: DivisionCode, limit: Int, _ tx: ReadTx
    ) throws -> [RegisterHit] {
        var conditions: [SQL] = [
            "p.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)", "p.valid_to IS NULL",
        ]
        if division.level < .street, let first = parts.first {
            let start = AddressSpelling.normal(first)
            conditions.append("p.address >= \(start) AND p.address < \(start + "\u{10FFFF}")")
        }
        for part in parts {
            var ways = SoughtWords.spellings(part).map { SQL.contains("p.address", $0) }
            if division.level >= .street, let called = try names(part, in: division, tx) {
                ways.append("p.name IN \(SQL.list(called))")
            }
            conditions.append("(\(SQL.joined(ways, separator: " OR ")))")
        }
        return try tx.all(
            """
            SELECT p.id, p.address, p.division FROM place p WHERE \(SQL.joined(conditions, separator: " AND "))
            ORDER BY p.address LIMIT \(limit)
            """
        ) { try RegisterHit(kind: nil, id: $0[0], title: $0[1], detail: [], division: $0[2]) }
    }

    /// The names of places in a street or less that some letters may stand for: `xflxq` for 幸福里小区, `dfx` for 多福巷.
    /// Nil for what is no such letters. Names are few: of most buildings it is their number.
    private static func names(_ word: String, in division: DivisionCode, _ tx: ReadTx) throws -> [String]? {
        let letters = SearchText.spaced(word)
        guard (2...6).contains(letters.utf8.count), letters.utf8.allSatisfy({ (0x61...0x7A).contains($0) }),
            let table = try? PinyinInitials.shared()  // without the table nothing is found by letters
        else { return nil }
        var names: Set<String> = []
        // Whether a place is still there is asked with its address: as a condition here it would make an index of all that
        // are look better than that of the division.
        try tx.each(
            """
            SELECT DISTINCT p.name FROM place p
            WHERE p.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            """
        ) { names.insert(try $0[0]) }
        let found = names.filter { name in table.variants(of: name).contains { $0.contains(letters) } }
        return found.isEmpty ? nil : Array(found.sorted().prefix(50))
    }

    // MARK: Known as a whole

    /// A number somebody knows as a whole: of a citizen, a phone, a plate, or the last four characters of a plate, whose
    /// owner is asked about in the same way.
    package enum WholeNumber: Sendable {
        case citizen(String)
        case phone(String)
        case plate(PlateNumber)
        case plateEnd(String)

        /// Takes what was typed; nil when it is none of these. Four characters are the end of a plate where they are called
        /// so (车牌尾号 2345, 尾号 3K21), or where somebody asks by number already: by themselves they may be anything.
        package init?(_ typed: String, isAsked: Bool = false, today: CivilDate) {
            // What is none is searched for as words: what is wrong with it is nobody's question here.
            if let citizen = try? CitizenID(typed, today: today) {
                self = .citizen(citizen.number)
            } else if let phone = PhoneNumber(typed), phone.kind == .mobile {
                self = .phone(phone.number)
            } else if let plate = PlateNumber(typed) {
                self = .plate(plate)
            } else if let end = WholeNumber.plateEnd(typed, isAsked: isAsked) {
                self = .plateEnd(end)
            } else {
                return nil
            }
        }

        /// Whether it is the end of a plate only.
        package var isEnd: Bool { if case .plateEnd = self { true } else { false } }

        /// Whose field it is.
        var field: String {
            switch self {
            case .citizen: "person.number"
            case .phone: "person.phone"
            case .plate, .plateEnd: PlateEnds.field
            }
        }

        private static func plateEnd(_ typed: String, isAsked: Bool) -> String? {
            let typed = typed.trimmed
            for name in ["车牌尾号", "车牌", "车尾号", "尾号"] where typed.hasPrefix(name) {
                let rest = typed.dropFirst(name.count).drop { ":： ".contains($0) }
                guard let end = PlateNumber.end(rest) else { return nil }
                // 尾号 8000 may be that of a phone.
                let isPlain = name == "尾号" && end.allSatisfy { $0.isASCII && $0.isNumber }
                return isPlain && !isAsked ? nil : end
            }
            return isAsked ? PlateNumber.end(typed) : nil
        }
    }

    /// The people with a number that is known as a whole, where the reader may read such numbers now: who walks a grid in
    /// that grid alone, and on duty. It is noted with each of them, and what for, before anything is shown: who knows a
    /// number and asks whose it is has read it.
    ///
    /// - Throws: `.forbidden` for who may read no such number anywhere now, whether there is one or not.
    package static func people(
        with number: WholeNumber, for purpose: ReadingPurpose, note: String, _ context: Context, _ database: Database
    ) async throws -> [RegisterHit] {
        let scope = context.actor.scope(for: .peopleRead)
        let note = PersonalNumbers.replacing(in: String(note.prefix(200))) { $0.masked }
        let onDuty = try await database.read { try RegisterReading.isOnDuty(context, $0) }
        try allow(context, onDuty: onDuty)
        let keys = database.keys
        let found = try await database.read { tx -> [RegisterHit] in
            var (people, last): ([RegisterHit], Int64) = ([], 0)
            for _ in 0..<mostLooks where people.count < shownByNumber {
                let page = try ids(of: number, after: last, keys, tx)
                people += try hits(page, tx).filter { hit in
                    scope.contains(hit.division) && mayRead(context, hit.division, onDuty: onDuty)
                }
                guard let end = page.last, page.count == candidateLimit else { break }
                last = end
            }
            return Array(people.prefix(shownByNumber))
        }
        guard !found.isEmpty else { return [] }
        let field = number.field
        let reason = purpose.reason(note: note)
        try await database.write(context, "registers.find", reason: reason) { tx in
            for hit in found {
                try tx.audit(Subject("person", hit.id, division: hit.division), fields: [field])
            }
        }
        return found
    }

    /// How many people with a number are shown; many plates end alike.
    /// - Source: configured, no source
    package static let shownByNumber = 50
    /// How many pages of them are looked at for those of the reader's divisions.
    private static let mostLooks = 50

    /// The next people with a number, in the order of their identifiers, wherever they live.
    private static func ids(
        of number: WholeNumber, after: Int64, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [Int64] {
        let mark: [UInt8]
        switch number {
        case .citizen(let text):
            let hash = RegisterHash.number.of(text, keys)
            return try tx.all("SELECT id FROM person WHERE number_hash = \(hash) ORDER BY id LIMIT 20") { try $0[0] }
        case .phone(let text):
            let hash = RegisterHash.phone.of(text, keys)
            return try tx.all("SELECT id FROM person WHERE phone_hash = \(hash) ORDER BY id LIMIT 20") { try $0[0] }
        case .plate(let plate): mark = RegisterSearch.mark(ofPlate: plate, keys)
        case .plateEnd(let end): mark = RegisterSearch.mark(ofPlateEnd: end, keys)
        }
        return try tx.all(
            """
            SELECT subject_id FROM register_mark WHERE mark = \(mark) AND kind = 'person' AND subject_id > \(after)
            ORDER BY subject_id LIMIT \(candidateLimit)
            """
        ) { try $0[0] }
    }

    /// Whether somebody may ask whose a whole number is, anywhere.
    private static func allow(_ context: Context, onDuty: Bool) throws {
        let divisions = context.actor.scope(for: .peopleReveal).divisions
        guard !divisions.isEmpty else { throw LinliError.forbidden("registers.sensitive") }
        if divisions.contains(where: { mayRead(context, $0, onDuty: onDuty) }) { return }
        try RegisterReading.check([.sensitive], context, divisions[0], onDuty: onDuty)
    }

    /// Whether somebody may read whole numbers of people in a division now.
    static func mayRead(_ context: Context, _ division: DivisionCode, onDuty: Bool) -> Bool {
        do {
            try RegisterReading.check([.sensitive], context, division, onDuty: onDuty)
            return true
        } catch { return false }
    }
}

extension RegisterFinder {
    /// The rows of some identifiers, in their order; what has ended or is restricted is left out. An identifier is of one
    /// thing only, whatever its kind.
    static func hits(_ ids: [Int64], _ tx: ReadTx) throws -> [RegisterHit] {
        guard !ids.isEmpty else { return [] }
        let list = SQL.list(ids)
        var homes: [Int64: String] = [:]
        try tx.each(
            """
            SELECT r.person_id, d.address FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
            WHERE r.person_id IN \(list) AND r.valid_to IS NULL
            ORDER BY CASE WHEN r.tie IN ('registeredOnly', 'ownerElsewhere') THEN 0 ELSE 1 END, r.id DESC
            """
        ) { homes[try $0[0]] = try $0[1] }
        var hits: [Int64: RegisterHit] = [:]
        try tx.each(
            """
            SELECT id, name, number_mask, phone_mask, division, valid_to, restricted_at FROM person WHERE id IN \(list)
            """
        ) { row in
            let (ended, restricted): (Instant?, Instant?) = (try row[5], try row[6])
            guard ended == nil, restricted == nil else { return }
            let (id, number, phone): (Int64, String, String) = (try row[0], try row[2], try row[3])
            hits[id] = RegisterHit(
                kind: .person, id: id, title: try row[1],
                detail: [homes[id] ?? "", number, phone].filter { !$0.isEmpty }, division: try row[4])
        }
        try tx.each("SELECT id, address, division, valid_to FROM dwelling WHERE id IN \(list)") { row in
            guard try isHere(row, 3) else { return }
            hits[try row[0]] = RegisterHit(
                kind: .dwelling, id: try row[0], title: try row[1], detail: [], division: try row[2])
        }
        try tx.each("SELECT id, name, address, division, valid_to FROM organization WHERE id IN \(list)") { row in
            guard try isHere(row, 4) else { return }
            let address: String = try row[2]
            hits[try row[0]] = RegisterHit(
                kind: .organization, id: try row[0], title: try row[1], detail: [address].filter { !$0.isEmpty },
                division: try row[3])
        }
        try tx.each("SELECT id, name, location, code, division, valid_to FROM thing WHERE id IN \(list)") { row in
            guard try isHere(row, 5) else { return }
            let words: [String] = [try row[2], try row[3]]
            hits[try row[0]] = RegisterHit(
                kind: .thing, id: try row[0], title: try row[1], detail: words.filter { !$0.isEmpty },
                division: try row[4])
        }
        return ids.compactMap { hits[$0] }
    }

    /// Whether a row holds; asked here, because as a condition it would make a partial index look better than the key.
    private static func isHere(_ row: Row, _ column: Int) throws -> Bool {
        let ended: Instant? = try row[column]
        return ended == nil
    }
}
