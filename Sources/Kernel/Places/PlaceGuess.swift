import LinliCore
import LinliSQL
import LinliStandards

/// Which place of the register words mean that do not say its whole address: `幸福里3号楼2单元`, `5号楼1单元`, `北街`.
///
/// People of a group say no more than their neighbours need. Only places around who reads the words count, and only where
/// exactly one fits: a wrong place sends a case to the wrong grid. Which endings and short forms count is configured, no
/// source.
package struct PlaceGuess: Sendable {
    /// One way a place that lies in no other is called.
    private struct Spelling: Sendable {
        let words: [Unicode.Scalar]
        let place: PlaceSummary
        /// 幸福里社区 alone is the community, and 和平 alone is no place: such words want a building behind them.
        let wantsBuilding: Bool
    }

    /// What words at one spot of a text may mean, and how many scalars they are.
    private struct Mention {
        var places: [PlaceSummary]
        var length: Int
        var isNamed: Bool
    }

    /// More than this is not looked through, and nothing is guessed then.
    private static let mostAround = 4000

    /// Estate, building, entrance, and a step or two more where yards lie in yards.
    private static let deepest = 6

    /// The communities of who reads, or the wider divisions they act for.
    private let area: [DivisionCode]
    /// By their first scalar, also those of the rest of the street: who names another estate means none here.
    private var spellings: [Unicode.Scalar: [Spelling]] = [:]

    /// For somebody who acts for these divisions: for a grid and for a community all of the community counts.
    package init(around divisions: [DivisionCode], _ tx: ReadTx) throws {
        let near = Set(divisions.map { $0.level > .community ? $0.ancestor(at: .community) : $0 })
        let wide = Set(near.map { $0.level > .street ? $0.ancestor(at: .street) : $0 })
        var roots: [PlaceSummary] = []
        for division in wide.sorted() {
            roots += try PlacesStore.roots(in: division, limit: PlaceGuess.mostAround, tx)
        }
        area = roots.count < PlaceGuess.mostAround ? near.sorted() : []
        let stems = Set(roots.compactMap(PlaceGuess.stem))
        for root in roots where !area.isEmpty {
            for spelling in PlaceGuess.spellings(of: root, stems, isNear: isNear(root)) {
                guard let first = spelling.words.first else { continue }
                spellings[first, default: []].append(spelling)
            }
        }
    }

    private func isNear(_ place: PlaceSummary) -> Bool { area.contains { $0.contains(place.division) } }

    // MARK: Names

    private static let endings = ["小区", "社区"]

    /// What an estate or a village is called without 小区; nil for other places.
    private static func stem(_ place: PlaceSummary) -> String? {
        guard [.estate, .village].contains(place.kind) else { return nil }
        let name = AddressSpelling.normal(place.name)
        for ending in endings where name.hasSuffix(ending) && name.count > ending.count + 1 {
            return String(name.dropLast(ending.count))
        }
        return name
    }

    private static func spellings(of place: PlaceSummary, _ stems: Set<String>, isNear: Bool) -> [Spelling] {
        let name = AddressSpelling.normal(place.name)
        guard name.count > 1 else { return [] }
        func spelling(_ words: String, wantsBuilding: Bool = false) -> Spelling {
            Spelling(words: Array(words.unicodeScalars), place: place, wantsBuilding: wantsBuilding)
        }
        var found: [Spelling] = [spelling(name)]
        if place.kind == .estate, let short = stem(place) {
            found.append(spelling(short, wantsBuilding: short.count < 3 && short != name))
            found += endings.map { spelling(short + $0, wantsBuilding: $0 == "社区") }
        } else if isNear {
            // 商务中心 for 幸福里商务中心.
            let fits = stems.filter { name.hasPrefix($0) && name.count >= $0.count + 3 }
            if let longest = fits.map(\.count).max() { found.append(spelling(String(name.dropFirst(longest)))) }
        }
        return found
    }

    // MARK: Guessing

    /// The place that words mean; nil when none fits, when two do, and when they name a place elsewhere in the street.
    package func place(in text: String, _ tx: ReadTx) throws -> PlaceSummary? {
        guard !area.isEmpty else { return nil }
        let words = Array(AddressSpelling.normal(text).unicodeScalars.prefix(300))
        var start = 0
        var named: Set<ID<Place>> = []
        var found: PlaceSummary?
        while start < words.count {
            guard let heard = try mention(in: words, at: start, named, tx) else {
                start += 1
                continue
            }
            guard let place = heard.places.first, heard.places.count == 1, isNear(place) else { return nil }
            guard let deepest = try deeper(found, place, tx) else { return nil }
            found = deepest
            if heard.isNamed { named.formUnion(try PlacesStore.chain(of: place.id, tx).map(\.id)) }
            start += max(heard.length, 1)
        }
        return found
    }

    /// Whether words name any place here or elsewhere in the street, also two at once, of which none is meant alone.
    package func isNamed(in text: String, _ tx: ReadTx) throws -> Bool {
        let words = Array(AddressSpelling.normal(text).unicodeScalars.prefix(300))
        for start in words.indices {
            if try mention(in: words, at: start, [], tx) != nil { return true }
        }
        return false
    }

    /// Of two places where one lies in the other that one; nil for two that have nothing to do with each other.
    private func deeper(_ first: PlaceSummary?, _ second: PlaceSummary, _ tx: ReadTx) throws -> PlaceSummary? {
        guard let first else { return second }
        if try PlacesStore.chain(of: second.id, tx).contains(where: { $0.id == first.id }) { return second }
        return try PlacesStore.chain(of: first.id, tx).contains { $0.id == second.id } ? first : nil
    }

    /// What stands at one spot: the name of a place with what of it follows, else a building by its number alone.
    private func mention(
        in words: [Unicode.Scalar], at start: Int, _ named: Set<ID<Place>>, _ tx: ReadTx
    ) throws -> Mention? {
        // 15号楼 is not 5号楼.
        if start > 0, PlaceGuess.isDigit(words[start]), PlaceGuess.isDigit(words[start - 1]) { return nil }
        let rest = words[start...]
        var fits: [(place: PlaceSummary, length: Int)] = []
        for spelling in spellings[words[start]] ?? [] where rest.starts(with: spelling.words) {
            let behind = rest.dropFirst(spelling.words.count)
            let (place, length) = try walk(spelling.place, behind, tx)
            let isAlone = place.id == spelling.place.id
            if isAlone, spelling.wantsBuilding || PlaceGuess.isOfAnother(spelling.words, behind) { continue }
            fits.append((place, spelling.words.count + length))
        }
        if let longest = fits.map(\.length).max() {
            return Mention(places: PlaceGuess.each(fits, longest), length: longest, isNamed: true)
        }
        let digits = rest.prefix(while: PlaceGuess.isDigit)
        let word = String(String.UnicodeScalarView(rest.dropFirst(digits.count).prefix(2)))
        guard (1...4).contains(digits.count), ["号楼", "号院"].contains(word) else { return nil }
        let name = String(String.UnicodeScalarView(rest.prefix(digits.count + 2)))
        if named.isEmpty, PlaceGuess.belongsElsewhere(words[..<start]) { return nil }
        let all = try PlacesStore.named(name, in: area, tx)
        // Of an estate that was named before it is that estate's.
        let theirs = try all.filter { place in
            try PlacesStore.chain(of: place.id, tx).contains { named.contains($0.id) }
        }
        for place in theirs.isEmpty ? all : theirs {
            let (inner, length) = try walk(place, rest.dropFirst(digits.count + 2), tx)
            fits.append((inner, digits.count + 2 + length))
        }
        guard let longest = fits.map(\.length).max() else { return nil }
        return Mention(places: PlaceGuess.each(fits, longest), length: longest, isNamed: false)
    }

    private static func each(_ fits: [(place: PlaceSummary, length: Int)], _ length: Int) -> [PlaceSummary] {
        var known: Set<ID<Place>> = []
        return fits.filter { $0.length == length && known.insert($0.place.id).inserted }.map(\.place)
    }

    /// The innermost place that the words behind the name of one lead to, and how many scalars it takes.
    private func walk(
        _ place: PlaceSummary, _ rest: ArraySlice<Unicode.Scalar>, _ tx: ReadTx
    ) throws -> (place: PlaceSummary, length: Int) {
        var (place, length) = (place, 0)
        for _ in 0..<PlaceGuess.deepest {
            let behind = rest.dropFirst(length)
            // 幸福里的3号楼.
            let skipped = behind.first == "的" ? 1 : 0
            let ahead = behind.dropFirst(skipped)
            guard !ahead.isEmpty else { break }
            var best: (place: PlaceSummary, length: Int)?
            for child in try PlacesStore.children(of: place.id, tx) where child.isHere {
                let name = Array(AddressSpelling.normal(child.name).unicodeScalars)
                guard !name.isEmpty, name.count > best?.length ?? 0, ahead.starts(with: name) else { continue }
                let isCut =
                    name.last.map(PlaceGuess.isDigit) == true
                    && ahead.dropFirst(name.count).first.map(PlaceGuess.isDigit) == true
                if !isCut { best = (child, name.count) }
            }
            guard let best else { break }
            (place, length) = (best.place, length + skipped + best.length)
        }
        return (place, length)
    }

    // MARK: Words around

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Whether a name is the beginning of another's: 北街 of 北街道 (not of 北街道路), 幸福里 of 幸福里社区.
    private static func isOfAnother(_ name: [Unicode.Scalar], _ behind: ArraySlice<Unicode.Scalar>) -> Bool {
        let next = String(String.UnicodeScalarView(behind.prefix(2)))
        if name.last == "街", next.hasPrefix("道"), next != "道路" { return true }
        return ["社区", "街道"].contains(next)
    }

    /// Whether the words right before the number of a building are the name of an estate that is not in the register
    /// here: 和平里3号楼, 阳光小区3号楼; not 我们小区3号楼.
    private static func belongsElsewhere(_ before: ArraySlice<Unicode.Scalar>) -> Bool {
        let words = String(String.UnicodeScalarView(before.suffix(8)))
        for ending in endings where words.hasSuffix(ending) {
            let owner = words.dropLast(ending.count)
            return !owner.isEmpty && !["我们", "咱们", "咱", "本", "这", "俺", "我", "。", "！"].contains { owner.hasSuffix($0) }
        }
        let names: Set<Unicode.Scalar> = ["里", "园", "苑", "城", "庄", "湾", "府", "庭", "寓", "厦", "村", "巷", "街", "路"]
        guard let last = before.last else { return false }
        return names.contains(last)
    }
}

extension PlacesStore {
    /// What lies in no other place of a division, as it holds now.
    static func roots(in division: DivisionCode, limit: Int, _ tx: ReadTx) throws -> [PlaceSummary] {
        try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p
            WHERE p.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            AND p.parent_id IS NULL AND p.valid_to IS NULL ORDER BY p.id LIMIT \(limit)
            """
        ) { try PlaceSummary($0) }
    }

    /// The places of some divisions that lie in another and have this name: 3号楼.
    static func named(_ name: String, in divisions: [DivisionCode], _ tx: ReadTx) throws -> [PlaceSummary] {
        var found: [PlaceSummary] = []
        for division in divisions {
            found += try tx.all(
                """
                SELECT \(PlaceSummary.columns) FROM place p
                WHERE p.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
                AND p.kind IN ('building', 'businessBuilding', 'courtyard') AND p.name = \(name)
                AND p.parent_id IS NOT NULL AND p.valid_to IS NULL ORDER BY p.id LIMIT 100
                """
            ) { try PlaceSummary($0) }
        }
        return found
    }
}
