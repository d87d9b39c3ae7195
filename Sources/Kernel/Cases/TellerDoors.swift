import LinliStandards

/// The doors in words that say where who tells a tip-off lives: staff who read `我住3号楼102` need no name to find them.
///
/// A door is a run of numbers with the words of an address. It is theirs where the words say so (`我住…`, their name beside
/// it) or where it is the home known of them. What is said of somebody else's door stays: it is what the tip-off is about.
struct TellerDoors {
    /// What stands in the place of a door: never longer.
    static let mask = "某处"

    /// Words that make the door behind them the speaker's own, whatever stands between in the same clause.
    private static let dwelling = [
        "我们家住", "本人家住", "我家住", "我们住", "本人住", "我住", "俺住", "住址",
    ]
    /// Words behind which a door is the speaker's own when it follows at once, or behind the name of an estate.
    private static let being = [
        "我们家", "本人家", "我家", "俺家", "咱家", "我是", "本人是", "本人系", "作为",
    ]
    /// How a clause begins that leaves out who lives there.
    private static let openings = ["家住", "住在"]
    /// What says that the door is another one.
    private static let others = [
        "楼上", "楼下", "对门", "隔壁", "对面", "旁边", "邻居", "他", "她", "举报", "投诉", "网格员", "老板", "那家", "有人", "有户",
    ]
    private static let estates = [
        "小区", "家园", "社区", "大院", "花园", "公寓", "嘉园", "里", "院", "苑", "园", "村", "庄", "街", "路", "巷", "胡同", "弄", "区",
    ]
    private static let fillers: Set<Character> = ["在", "的", "于", "是", "：", ":", " ", "　", "（", "("]
    private static let breaks: Set<Character> = [
        "，", "。", "！", "？", "；", "、", "“", "”", "\n", ",", "!", "?", ";", "…", "—",
    ]
    /// Words of an address, the longer ones first; the second says whether one alone makes a number a door.
    private static let words: [(word: [Character], isPlain: Bool)] = [
        ("号楼", true), ("号院", true), ("号栋", true), ("单元", true), ("栋", true), ("幢", true), ("座", true), ("室", true),
        ("户", true), ("弄", true), ("#", true), ("号", false), ("楼", false), ("层", false), ("门", false),
    ].map { (word: Array($0.0), isPlain: $0.1) }

    /// A run of numbers with words of an address.
    struct Run {
        var range: Range<Int>
        var numbers: [String]
        /// Whether it says a door wherever it stands; else only behind `我住`.
        var isPlain: Bool
        /// Whether it is one number of a room.
        var isRoom: Bool
    }

    private let characters: [Character]

    init(_ text: String) { characters = Array(text) }

    /// `text` without the doors that are of somebody with these names and homes; homes by their numbers.
    static func hidden(in text: String, names: [String], homes: [[String]]) -> String {
        let doors = TellerDoors(text)
        let runs = doors.runs()
        guard !runs.isEmpty else { return text }
        let own = runs.filter { doors.isOwn($0, names) }
        let known = homes + own.map(\.numbers)
        let hidden = runs.filter { run in
            own.contains { $0.range == run.range } || known.contains { TellerDoors.isSame(run, $0) }
        }
        guard !hidden.isEmpty else { return text }
        var output = ""
        var written = 0
        for run in hidden {
            output += String(doors.characters[written..<run.range.lowerBound]) + mask
            written = run.range.upperBound
        }
        return output + String(doors.characters[written...])
    }

    /// The numbers of an address, as those of a home: the last run that says a door.
    static func numbers(of address: String) -> [String] {
        TellerDoors(address).runs().last { $0.isPlain && $0.numbers.count > 1 }?.numbers ?? []
    }

    /// Whether a run is the door of a home: the whole of it, building and flat, or the flat alone as a room.
    private static func isSame(_ run: Run, _ home: [String]) -> Bool {
        guard let flat = home.last, run.numbers.last == flat else { return false }
        guard run.numbers.count > 1 else { return run.isRoom && (home.count == 1 || flat.count >= 3) }
        guard home.count > 1 else { return flat.count >= 3 }
        // The estate may have a number of its own, and the entrance is often left out.
        return home.suffix(run.numbers.count) == run.numbers[...]
            || (run.numbers.count == 2 && home.dropLast().contains(run.numbers[0]))
    }

    // MARK: Whose it is

    private func isOwn(_ run: Run, _ names: [String]) -> Bool {
        let before = characters[..<run.range.lowerBound]
        let begin = before.lastIndex { TellerDoors.breaks.contains($0) }.map { $0 + 1 } ?? 0
        let clause = String(before[begin...])
        if clause == "住" { return true }
        if let word = TellerDoors.openings.first(where: { clause.hasPrefix($0) }) {
            return TellerDoors.isNear(String(clause.dropFirst(word.count)), upTo: 14)
        }
        if let between = TellerDoors.rest(of: clause, behind: TellerDoors.dwelling) {
            return TellerDoors.isNear(between, upTo: 14)
        }
        guard run.isPlain else { return false }
        if let between = TellerDoors.rest(of: clause, behind: TellerDoors.being + names) {
            let isAtOnce = ["", "住", "家住"].contains(between)
            return isAtOnce
                || (TellerDoors.isNear(between, upTo: 12) && TellerDoors.estates.contains { between.hasSuffix($0) })
        }
        return isBeside(run, names)
    }

    /// What stands between the last of some words and the end of a clause, without what fills in.
    private static func rest(of clause: String, behind words: [String]) -> String? {
        let found = words.compactMap { word -> String.Index? in clause.ranges(of: word).last?.upperBound }
        guard let last = found.max() else { return nil }
        return trimmed(clause[last...], fillers)
    }

    private static func trimmed(_ text: Substring, _ characters: Set<Character>) -> String {
        var rest = text.drop { characters.contains($0) }
        while let last = rest.last, characters.contains(last) { rest.removeLast() }
        return String(rest)
    }

    private static func isNear(_ between: String, upTo limit: Int) -> Bool {
        between.count <= limit && !others.contains { between.contains($0) }
    }

    /// Whether one of the names stands right before or behind it: `刘晓梅，3号楼102`, `3号楼102业主刘晓梅`.
    private func isBeside(_ run: Run, _ names: [String]) -> Bool {
        let before = String(characters[..<run.range.lowerBound].suffix(48))
        let after = String(characters[run.range.upperBound...].prefix(48))
        let (left, right) = (
            TellerDoors.trimmed(before[...], TellerDoors.beside), TellerDoors.trimmed(after[...], TellerDoors.beside)
        )
        return names.contains { left.hasSuffix($0) || right.hasPrefix($0) }
    }

    private static let beside = Set<Character>("的，,：: （()）业主住户居民租客")

    // MARK: Runs

    private func runs() -> [Run] {
        var runs: [Run] = []
        var index = 0
        while index < characters.count {
            if let run = run(at: index) {
                runs.append(run)
                index = run.range.upperBound
            } else {
                // A number that is no door is passed over as a whole.
                index = numeral(at: index)?.end ?? index + 1
            }
        }
        return runs
    }

    private func run(at start: Int) -> Run? {
        var index = start
        var numbers: [String] = []
        var (hasWord, isPlain, isRoom) = (false, false, false)
        while let number = numeral(at: index) {
            let word = TellerDoors.words.first { characters[number.end...].starts(with: $0.word) }
            guard word != nil || !number.isWritten else { break }
            numbers.append(number.value)
            index = number.end
            if let word {
                (hasWord, isPlain) = (true, isPlain || word.isPlain)
                isRoom = "室户".contains(word.word[0])
                index += word.word.count
                if isGap(index, " 　") { index += 1 }
            } else if isGap(index, "-－") {
                index += 1
            } else {
                break
            }
        }
        let isDashed = !hasWord && numbers.count > 1 && numbers.allSatisfy { $0.count <= 4 }
        // A date: 2026-11-28.
        let isDate = isDashed && numbers.count == 3 && numbers[0].count == 4
        guard !numbers.isEmpty, hasWord || isDashed, !isDate else { return nil }
        return Run(
            range: start..<index, numbers: numbers, isPlain: isPlain || numbers.count > 1,
            isRoom: isRoom && numbers.count == 1)
    }

    /// Whether one of some characters stands at a place, and a number behind it.
    private func isGap(_ index: Int, _ gaps: String) -> Bool {
        index < characters.count && gaps.contains(characters[index]) && numeral(at: index + 1) != nil
    }

    /// A number, without noughts before it, where it ends, and whether it counts only with a word behind it.
    private struct Numeral {
        let value: String
        let end: Int
        let isWritten: Bool
    }

    private func numeral(at start: Int) -> Numeral? {
        guard start < characters.count else { return nil }
        let digits = characters[start...].prefix { TellerDoors.digit($0) != nil }
        if !digits.isEmpty {
            let value = String(digits.compactMap(TellerDoors.digit).drop { $0 == "0" })
            return Numeral(value: value, end: start + digits.count, isWritten: false)
        }
        let first = characters[start]
        if first.isASCII, first.isLetter, start + 1 < characters.count, "座栋".contains(characters[start + 1]) {
            return Numeral(value: first.uppercased(), end: start + 1, isWritten: true)
        }
        let chinese = characters[start...].prefix { "零〇一二两三四五六七八九十百".contains($0) }
        guard !chinese.isEmpty, let value = AddressSpelling.number(chinese: String(chinese)) else { return nil }
        return Numeral(value: "\(value)", end: start + chinese.count, isWritten: true)
    }

    /// A digit as it is in ASCII, also of full width.
    private static func digit(_ character: Character) -> Character? {
        guard character.unicodeScalars.count == 1, let scalar = character.unicodeScalars.first else { return nil }
        switch scalar.value {
        case 0x30...0x39: return character
        case 0xFF10...0xFF19: return Character(Unicode.Scalar(UInt8(scalar.value - 0xFF10 + 0x30)))
        default: return nil
        }
    }
}
