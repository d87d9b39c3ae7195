import LinliCore
import LinliSQL
import LinliStandards

/// The full text of the registers: what is written there, and when.
///
/// Whoever enters a row inserts its text with it; whoever changes, ends or restricts one calls `index` in the same
/// transaction. Each row carries its divisions as words, so that scope and words meet in one index.
package enum RegisterSearch {
    /// Writes the text of things anew after a change: those that have ended or are restricted are not found any more.
    package static func index(_ subjects: [RegisterSubject], _ tx: WriteTx) throws {
        guard !subjects.isEmpty else { return }
        for start in stride(from: 0, to: subjects.count, by: 48) {
            let part = subjects[start..<min(start + 48, subjects.count)]
            try tx.execute("DELETE FROM register_search WHERE rowid IN \(SQL.list(part.map(\.id)))")
        }
        try insert(try subjects.compactMap { subject in try text(of: subject, tx).map { (subject.id, $0) } }, tx)
    }

    /// Keeps under which hashes a sealed value is found when it is known as a whole; what was there for the field goes.
    package static func mark(_ fact: SealedFact, of subject: RegisterSubject, _ tx: WriteTx) throws {
        try tx.execute(
            """
            DELETE FROM register_mark WHERE kind = \(subject.kind) AND subject_id = \(subject.id)
            AND field = \(fact.field.id)
            """)
        try tx.insert(into: "register_mark (mark, kind, subject_id, field)", rows(fact, of: subject), columns: 4)
    }

    static func rows(_ fact: SealedFact, of subject: RegisterSubject) -> [SQL] {
        Set(fact.marks).sorted { $0.lexicographicallyPrecedes($1) }
            .map { "(\($0), \(subject.kind), \(subject.id), \(fact.field.id))" }
    }

    /// Stores the texts of new rows.
    static func insert(_ texts: [(id: Int64, body: String)], _ tx: WriteTx) throws {
        try tx.insert(
            into: "register_search (rowid, body)", texts.map { "(\($0.id), \(SQL.searchBody($0.body)))" }, columns: 2)
    }

    /// The text of one thing as it stands now; nil when it must not be found.
    private static func text(of subject: RegisterSubject, _ tx: ReadTx) throws -> String? {
        switch subject.kind {
        case .person:
            guard let person = try RegisterQueries.person(ID(rawValue: subject.id), tx), person.entry.validTo == nil,
                person.restrictedAt == nil
            else { return nil }
            return body(
                name: person.name, numbers: [person.numberMask, person.phoneMask], person.division, .person)
        case .dwelling:
            let dwelling = try RegisterQueries.dwelling(ID(rawValue: subject.id), tx)
            return dwelling.flatMap { $0.entry.validTo == nil ? body($0) : nil }
        case .organization:
            let organization = try RegisterQueries.organization(ID(rawValue: subject.id), tx)
            return organization.flatMap { $0.entry.validTo == nil ? body($0) : nil }
        case .thing:
            let thing = try RegisterQueries.thing(ID(rawValue: subject.id), tx)
            return thing.flatMap { $0.entry.validTo == nil ? body($0) : nil }
        // A household is found by its people and its dwelling.
        case .household: return nil
        }
    }

    // MARK: What a row says

    /// The text of a person: the name, its initials, the last four of number and phone.
    static func body(name: String, numbers: [String?], _ division: DivisionCode, _ kind: RegisterKind) -> String {
        var body = SearchText.spaced(name) + initials(of: name)
        for case let mask? in numbers where mask.count >= 8 { body += " \(mask.suffix(4).lowercased())" }
        return body + scope(division, kind)
    }

    static func body(_ dwelling: DwellingRecord) -> String {
        SearchText.spaced(dwelling.address) + scope(dwelling.division, .dwelling)
    }

    static func body(_ organization: OrganizationRecord) -> String {
        let words = [
            organization.name, organization.activity, organization.contactName, organization.address,
            organization.creditCode,
        ]
        var body = SearchText.spaced(words.joined(separator: " ")) + initials(of: organization.name)
        if organization.phoneMask.count >= 8 { body += " \(organization.phoneMask.suffix(4))" }
        return body + scope(organization.division, .organization)
    }

    static func body(_ thing: ThingRecord) -> String {
        SearchText.spaced([thing.name, thing.code, thing.location].joined(separator: " ")) + initials(of: thing.name)
            + scope(thing.division, .thing)
    }

    /// The letters somebody may type for a name: all of them, their beginnings, and those of what follows the first
    /// character; for a long name the letters from each character on, at most six.
    private static func initials(of name: String) -> String {
        // Without the table nobody is found by letters; everything else works.
        guard let table = try? PinyinInitials.shared() else { return "" }
        var words: Set<String> = []
        for variant in table.variants(of: String(name.prefix(12))) {
            let letters = Array(variant)
            let isLong = letters.count > 4
            for start in letters.indices.prefix(isLong ? letters.count : 2) {
                let rest = letters[start...].prefix(isLong ? 6 : 4)
                let least = start == 0 && !isLong ? 1 : 2
                for length in stride(from: least, through: rest.count, by: 1) {
                    words.insert(" " + String(rest.prefix(length)))
                }
            }
        }
        return words.sorted().joined()
    }

    /// Where it lies, and what it is, as words nobody types.
    private static func scope(_ division: DivisionCode, _ kind: RegisterKind) -> String {
        let levels: [DivisionCode.Level] = [.district, .street, .community, .grid]
        let codes = Set(levels.map { division.ancestor(at: $0) }).sorted()
        return " k\(kind.rawValue)" + codes.map { " d\($0)" }.joined()
    }

    // MARK: What is found only as a whole

    /// The keyed hashes of a sealed value under which it is found: of each plate as a whole, and of its last four characters.
    static func marks(_ value: String, of field: RegisterField, _ keys: KeyRing) -> [[UInt8]] {
        guard field.id == PlateEnds.field else { return [] }
        return PlateList(value).plates.flatMap { [mark(ofPlate: $0, keys), mark(ofPlateEnd: $0.end, keys)] }
    }

    static func mark(ofPlate plate: PlateNumber, _ keys: KeyRing) -> [UInt8] {
        Array(keys.index(plate.text, kind: "person.plates").prefix(16))
    }

    static func mark(ofPlateEnd end: String, _ keys: KeyRing) -> [UInt8] {
        Array(keys.index(end, kind: "person.plates.end").prefix(16))
    }
}
