import LinliCore
import LinliSQL
import LinliStandards

/// What somebody typed into the search box, in a way it is asked for.
///
/// Addresses are kept without their divisions, and with the entrance in them: the whole address in the standard form
/// (北京市东城区…幸福里社区幸福里小区1号楼), and one that leaves the entrance out (1号楼101), stand in no row as they are typed.
struct SoughtWords: Sendable, Equatable {
    /// The words, all of which must occur.
    let words: [String]
    /// The division they say; nil where they say none, or several are called so.
    var within: DivisionCode?
    /// Whether they are asked for only where nothing else was found.
    var isLast = false

    /// How many words count.
    private static let most = 6
    /// The longest name of a division.
    private static let longestName = 20

    /// The ways to ask for what was typed, the closest first: as it is; without the divisions of the reader it begins
    /// with, inside the last of these; and then without road and house number, too, which not every address has.
    static func forms(of typed: String, _ names: DivisionNames?, _ scope: Scope) -> [SoughtWords] {
        let words = typed.split(whereSeparator: \.isWhitespace).prefix(most + 4).map(called).filter { !$0.isEmpty }
        guard !words.isEmpty else { return [] }
        var forms = [SoughtWords(words: Array(words.prefix(most)))]
        guard let names, let cut = cut(words, names, scope) else { return forms }
        forms.append(cut)
        let doorless = SoughtWords(words: cut.words.map(behindDoor), within: cut.within, isLast: true)
        if doorless.words != cut.words { forms.append(doorless) }
        return forms
    }

    /// As people say it: 尾号 8000.
    private static func called(_ word: Substring) -> String {
        let plain: Substring = word.hasPrefix("尾号") ? word.dropFirst(2).drop { ":：".contains($0) } : word
        return String(plain.prefix(80))
    }

    // MARK: Divisions

    /// The words without the divisions they begin with; nil where they begin with none, or nothing is left of them.
    private static func cut(_ words: [String], _ names: DivisionNames, _ scope: Scope) -> SoughtWords? {
        var (division, rest): (DivisionCode?, [String]) = (nil, [])
        for word in words {
            let (text, inside) = cut(word, in: division, names, scope)
            division = inside
            if !text.isEmpty { rest.append(text) }
        }
        guard !rest.isEmpty, rest != words else { return nil }
        return SoughtWords(words: Array(rest.prefix(most)), within: division)
    }

    private static func cut(
        _ word: String, in division: DivisionCode?, _ names: DivisionNames, _ scope: Scope
    ) -> (rest: String, division: DivisionCode?) {
        var (rest, division): (Substring, DivisionCode?) = (word[...], division)
        while let (length, code) = beginning(of: rest, in: division, names, scope) {
            rest = rest.dropFirst(length).drop { !$0.isLetter && !$0.isNumber }
            if let code { division = code }
        }
        return (String(rest), division)
    }

    /// The longest name of a division with which a text begins: one of the reader's, or one that theirs lie in; inside
    /// `division` where one was said before. Its code where only one is called so.
    private static func beginning(
        of text: Substring, in division: DivisionCode?, _ names: DivisionNames, _ scope: Scope
    ) -> (length: Int, code: DivisionCode?)? {
        var length = min(text.count, longestName)
        while length >= 2 {
            let codes = names.codes(called: String(text.prefix(length))).filter { code in
                guard division.map({ $0 != code && $0.contains(code) }) ?? true else { return false }
                return scope.divisions.contains { $0.contains(code) || code.contains($0) }
            }
            if !codes.isEmpty { return (length, codes.count == 1 ? codes.first : nil) }
            length -= 1
        }
        return nil
    }

    /// Where is looked: the division that was said, where it is one of these or inside one.
    func places(in divisions: [DivisionCode]) -> [DivisionCode] {
        guard let within else { return divisions }
        var places: [DivisionCode] = []
        for division in divisions {
            let place = division.contains(within) ? within : division
            if within.contains(place), !places.contains(place) { places.append(place) }
        }
        return places
    }

    /// What follows road and house number, 东街18号幸福里小区: of a name, not of a building or yard of that number.
    private static func behindDoor(_ word: String) -> String {
        guard let end = word.firstIndex(of: "号"), word[..<end].last?.isNumber == true else { return word }
        let rest = word[end...].dropFirst()
        guard rest.count >= 2, let first = rest.first, first.isLetter, !first.isNumber, !"楼院栋".contains(first) else {
            return word
        }
        return String(rest)
    }

    // MARK: As the full text is asked

    /// As the full text is asked for it; empty when there is no word in it. Initials and the ends of numbers stand there as
    /// they are typed: one word that may be any of three makes PostgreSQL look up every row of the city with one of them.
    var query: SearchQuery {
        var query = SearchQuery()
        for word in words {
            for piece in SoughtWords.pieces(String(word.prefix(40))) { query.require(piece) }
        }
        return query
    }

    /// The parts of a word, each with its spellings: a room right behind its building may lie in an entrance that nobody
    /// says, so 幸福里1号楼101 is 幸福里1号楼 and 101.
    static func pieces(_ word: String) -> [[String]] {
        let spelled = AddressSpelling.normal(word)
        let end = room(at: spelled)
        let head = spelled.dropLast(end.count)
        // 1-101 may be anything.
        guard !end.isEmpty, head.hasSuffix("号楼") || head.hasSuffix("号院"), !word.contains(where: isDash) else {
            return [spellings(word)]
        }
        // As somebody may have named the building: 三号楼.
        let typed = word.dropLast(room(at: word).count)
        let isNamed =
            typed.unicodeScalars.contains(where: isHan)
            && SearchText.spaced(String(typed)) != SearchText.spaced(String(head))
        let number = String(end.prefix { !"室户号".contains($0) })
        return [(isNamed ? [String(typed)] : []) + spellings(String(head)), [number]]
    }

    /// The room at the end of an address, with its word: three digits or more, and letters behind them.
    private static func room(at address: String) -> Substring {
        let plain = address.last.map { "室户号".contains($0) } == true ? address.dropLast() : address[...]
        let length = plain.reversed().prefix { isDigit($0) || $0.isASCII && $0.isLetter }.count
        let room = plain.suffix(length)
        guard let first = room.first, isDigit(first), room.filter(isDigit).count >= 3 else { return "" }
        return address[room.startIndex...]
    }

    private static func isDigit(_ character: Character) -> Bool {
        character.isNumber && !character.unicodeScalars.contains(where: isHan)
    }

    private static func isHan(_ scalar: Unicode.Scalar) -> Bool { (0x4E00...0x9FFF).contains(scalar.value) }
    private static func isDash(_ character: Character) -> Bool { "-－—–‐−".contains(character) }

    /// The ways a word may stand in an address: as it was typed, as addresses are kept (三号楼, 3#), and with the 小区 that
    /// people leave out before a number: 幸福里5号楼.
    static func spellings(_ word: String) -> [String] {
        let spelled = AddressSpelling.normal(word)
        guard !spelled.isEmpty else { return [word] }
        // Letters and digits that only change their size are one word of the index.
        let isSame = SearchText.spaced(spelled) == SearchText.spaced(word)
        var ways = isSame ? [spelled] : [word, spelled]
        let name = spelled.prefix { !($0.isASCII && $0.isNumber) }
        if name.count >= 2, name.count < spelled.count, !name.hasSuffix("小区"),
            name.unicodeScalars.allSatisfy(isHan)
        {
            ways.append(String(name) + "小区" + String(spelled.dropFirst(name.count)))
        }
        return ways
    }
}
