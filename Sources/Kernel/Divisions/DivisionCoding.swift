import LinliCore

/// Finds a code for every row of a table of divisions.
///
/// A row keeps its own code. Where the table gives none, or one code to several names, or a community the code of another
/// street, a number from 999 down is made up in the division the row's words name, and the code is marked as made up. A
/// later import finds such a division again by its name, so that doing it twice changes nothing.
struct DivisionCoding {
    enum Result: Equatable {
        case code(DivisionCode, isMadeUp: Bool)
        /// Left out, with the reason.
        case left(Text)
    }

    private struct Place: Hashable {
        var parent: DivisionCode
        var name: String
    }

    /// What holds each code, after this import.
    private var holders: [DivisionCode: String]
    /// Codes that were ever used, by the store or by this table: a made-up one must be none of them.
    private var taken: Set<DivisionCode>
    /// Divisions whose codes were made up before, by where they lie and what they are called.
    private let madeUpBefore: [Place: DivisionCode]
    /// Streets of the store and the table by district and name.
    private var streets: [Place: DivisionCode] = [:]

    /// The rows of a table, each with its code or why it has none; wider divisions come before narrower ones.
    static func codes(
        for entries: [DivisionTable.Entry], present: [Division], used: Set<DivisionCode>
    ) -> [(entry: DivisionTable.Entry, result: Result)] {
        var coding = DivisionCoding(entries, present: present, used: used)
        var results: [(entry: DivisionTable.Entry, result: Result)] = []
        for level in DivisionCode.Level.allCases {
            for entry in entries where entry.level == level { results.append((entry, coding.result(for: entry))) }
        }
        return results
    }

    private init(_ entries: [DivisionTable.Entry], present: [Division], used: Set<DivisionCode>) {
        let names = Dictionary(present.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
        holders = names
        taken = used.union(entries.compactMap(\.code))
        var before: [Place: DivisionCode] = [:]
        for division in present {
            guard let parent = division.parent else { continue }
            let place = Place(parent: parent, name: division.name)
            if division.isSynthetic { before[place] = before[place] ?? division.code }
            if division.level == .street { streets[place] = division.code }
        }
        madeUpBefore = before
        // Of several names the one that the store has already holds the code, else the first. A single name that differs
        // from the store's is a new name.
        var first: [DivisionCode: String] = [:]
        for entry in entries where entry.level <= .street {
            guard let code = entry.code else { continue }
            if first[code] == nil || names[code] == entry.name { first[code] = entry.name }
        }
        holders.merge(first) { _, new in new }
        for entry in entries where entry.level == .street {
            guard let code = entry.code, holders[code] == entry.name else { continue }
            streets[Place(parent: code.ancestor(at: .district), name: entry.name)] = code
        }
        var narrow: [DivisionCode: String] = [:]
        for entry in entries where entry.level > .street {
            guard let code = entry.code, isPlaced(entry, code) else { continue }
            if narrow[code] == nil || names[code] == entry.name { narrow[code] = entry.name }
        }
        holders.merge(narrow) { _, new in new }
    }

    /// Whether the code of a row lies in the street the row names.
    private func isPlaced(_ entry: DivisionTable.Entry, _ code: DivisionCode) -> Bool {
        guard entry.level > .street, !entry.street.isEmpty, let holder = holders[code.ancestor(at: .street)] else {
            return true
        }
        return holder == entry.street
    }

    private mutating func result(for entry: DivisionTable.Entry) -> Result {
        if let code = entry.code, holders[code] == entry.name, isPlaced(entry, code) {
            guard code.parent.map({ holders[$0] != nil }) ?? true else { return .left(noParent(entry, code)) }
            return .code(code, isMadeUp: false)
        }
        switch entry.level {
        case .street: return madeUp(entry, in: entry.district ?? entry.code?.ancestor(at: .district))
        case .community: return madeUp(entry, in: street(of: entry))
        case .province, .city, .district, .grid: return .left(noCode(entry))
        }
    }

    /// The street a community's words name, else the one its code says.
    private func street(of entry: DivisionTable.Entry) -> DivisionCode? {
        let district = entry.district ?? entry.code?.ancestor(at: .district)
        if let district, let street = streets[Place(parent: district, name: entry.street)] { return street }
        return entry.street.isEmpty ? entry.code?.ancestor(at: .street) : nil
    }

    private mutating func madeUp(_ entry: DivisionTable.Entry, in parent: DivisionCode?) -> Result {
        guard let parent, holders[parent] != nil else { return .left(noCode(entry)) }
        let place = Place(parent: parent, name: entry.name)
        // Also a made-up code that this table gives to another name is no longer free.
        let before = madeUpBefore[place].flatMap { holders[$0] == entry.name ? $0 : nil }
        let number = (1...999).reversed().lazy.map {
            DivisionCode(rawValue: parent.rawValue + Int64($0) * entry.level.span)
        }
        .first { !taken.contains($0) }
        guard let code = before ?? number else { return .left(noCode(entry)) }
        taken.insert(code)
        holders[code] = entry.name
        if entry.level == .street { streets[place] = code }
        return .code(code, isMadeUp: true)
    }

    private func noCode(_ entry: DivisionTable.Entry) -> Text {
        Text(
            "“\(entry.name)”没有自己的代码，也看不出在哪里（district_code、street 两列）",
            "“\(entry.name)” has no code of its own, and no words say where it lies (district_code, street)"
        )
    }

    private func noParent(_ entry: DivisionTable.Entry, _ code: DivisionCode) -> Text {
        let parent = code.parent?.short ?? ""
        return Text(
            "“\(entry.name)”的上级 \(parent) 不在区划表中",
            "The wider division \(parent) of “\(entry.name)” is unknown"
        )
    }
}
