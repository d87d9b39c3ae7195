/// Takes out of a text what says where something is, so that the rest says what it is: 松榆里3号楼2单元电梯坏了 is about a lift,
/// whatever other texts with 松, 里 or 单元 were about.
///
/// Which endings, units and short forms count is configured, no source.
package struct PlaceWords: Sendable {
    /// Names of places by their first scalar, the longest first.
    private let names: [Unicode.Scalar: [[Unicode.Scalar]]]

    /// Knows some names, besides the numbers of doors.
    package init(_ names: [String]) {
        var found: [Unicode.Scalar: Set<[Unicode.Scalar]>] = [:]
        for name in names {
            let scalars = Array(name.unicodeScalars)
            guard let first = scalars.first else { continue }
            found[first, default: []].insert(scalars)
        }
        self.names = found.mapValues { $0.sorted { $0.count > $1.count } }
    }

    /// The text with a sign in place of each name and each number of a door.
    package func without(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var kept = String.UnicodeScalarView()
        var at = 0
        while at < scalars.count {
            let rest = scalars[at...]
            // 5号院 may be a door and a courtyard's name at once: both begin here, and are taken out once.
            let length = max(PlaceWords.door(rest), name(rest))
            if length == 0 {
                kept.append(scalars[at])
                at += 1
            } else {
                kept.append("，")
                at += length
            }
        }
        return String(kept)
    }

    // MARK: Names

    /// How a place or division is called, `松榆里小区`: as it is, without 小区, and as a community; none that is too short to
    /// say anything.
    package static func forms(of name: String) -> [String] {
        var stem = name
        for ending in endings where name.hasSuffix(ending) {
            stem = String(name.dropLast(ending.count))
            break
        }
        var found: [String] = [name, stem]
        if stem != name { found += [stem + "小区", stem + "社区"] }
        return found.filter(says)
    }

    /// Whether a name is that of a road: `北街`, `多福巷`.
    package static func isRoad(_ name: String) -> Bool { roads.contains { name.hasSuffix($0) } }

    private static func says(_ name: String) -> Bool {
        if name.count > 2 { return !common.contains(name) }
        // 北街 is a name, 和平 and 花园 are words.
        return name.count == 2 && name.last.map { short.contains($0) } == true && !common.contains(name)
    }

    private static let endings = ["社区居委会", "居委会", "村委会", "小区", "社区", "街道", "地区"]
    private static let roads = ["街", "路", "巷", "胡同", "道"]
    private static let short: Set<Character> = Set("里园苑庄湾府庭寓厦村巷街路")
    private static let common: Set<String> = [
        "花园", "公园", "校园", "家园", "果园", "马路", "道路", "公路", "铁路", "水路", "电路", "大街", "小巷", "大院", "农村",
        "停车场", "菜市场", "垃圾站", "垃圾楼", "卫生间", "幼儿园", "养老院", "卫生院", "游乐园", "人行道", "下水道",
    ]

    /// How long the name is that begins here, with the number that follows it; 0 for none.
    private func name(_ rest: ArraySlice<Unicode.Scalar>) -> Int {
        guard let first = rest.first, let known = names[first]?.first(where: { rest.starts(with: $0) }) else {
            return 0
        }
        let behind = rest.dropFirst(known.count)
        // 学院路30号, not 10号线 and not 3号楼, which is a door.
        let number = PlaceWords.number(behind)
        guard number > 0, behind.dropFirst(number).first == "号" else { return known.count }
        let next = behind.dropFirst(number + 1).first
        return next.map { "楼院线".unicodeScalars.contains($0) } == true ? known.count : known.count + number + 1
    }

    // MARK: Doors

    /// What a number of a door counts, and what may not follow it because it belongs together: 楼道, 单元门, 室内.
    private static let outer: [(word: [Unicode.Scalar], except: [Unicode.Scalar])] = [
        unit("号楼", "道梯顶门"), unit("#楼", "道梯顶门"), unit("号院", ""), unit("单元", "门"), unit("栋", ""),
        unit("幢", ""), unit("#", "楼"),
    ]
    /// The same behind one of those.
    private static let inner: [(word: [Unicode.Scalar], except: [Unicode.Scalar])] = [
        unit("层", ""), unit("楼", "道梯顶门上下"), unit("门", "禁锁铃口厅"), unit("室", "内外温"), unit("户", "内外"),
    ]

    private static func unit(_ word: String, _ except: String) -> (word: [Unicode.Scalar], except: [Unicode.Scalar]) {
        (word: Array(word.unicodeScalars), except: Array(except.unicodeScalars))
    }

    /// How long the number of a door is that begins here, 3号楼2单元501室; 0 for none. A storey by itself says more than
    /// where: it stays.
    private static func door(_ rest: ArraySlice<Unicode.Scalar>) -> Int {
        var length = part(rest, outer)
        if length == 0 { return room(rest) }
        while true {
            let more = part(rest.dropFirst(length), outer + inner)
            if more == 0 { return length }
            length += more
        }
    }

    /// How long a number with one of these units is.
    private static func part(
        _ rest: ArraySlice<Unicode.Scalar>, _ units: [(word: [Unicode.Scalar], except: [Unicode.Scalar])]
    ) -> Int {
        let digits = number(rest)
        guard digits > 0 else { return 0 }
        let behind = rest.dropFirst(digits)
        for unit in units where behind.starts(with: unit.word) {
            let next = behind.dropFirst(unit.word.count).first
            if next.map({ unit.except.contains($0) }) != true { return digits + unit.word.count }
            // 3号楼道: of 3号 the stairs; 2单元门 is a door of its own kind.
            return 0
        }
        return 0
    }

    /// 501室 by itself.
    private static func room(_ rest: ArraySlice<Unicode.Scalar>) -> Int {
        let digits = rest.prefix { ("0"..."9").contains(narrowed($0)) }.count
        guard (3...4).contains(digits) else { return 0 }
        let behind = rest.dropFirst(digits)
        guard behind.first == "室", behind.dropFirst().first.map({ "内外温".unicodeScalars.contains($0) }) != true else {
            return 0
        }
        return digits + 1
    }

    /// How long the number is that begins here.
    private static func number(_ rest: ArraySlice<Unicode.Scalar>) -> Int {
        let digits = rest.prefix { ("0"..."9").contains(narrowed($0)) }.count
        return digits > 0 ? digits : rest.prefix { numerals.contains($0) }.count
    }

    private static let numerals: Set<Unicode.Scalar> = Set("零〇一二两三四五六七八九十百".unicodeScalars)
}
