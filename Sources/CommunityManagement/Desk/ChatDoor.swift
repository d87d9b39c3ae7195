import LinliKernel
import LinliStandards

/// The door that people of a chat group carry in their nick, `张阿姨3-2-501`, `3号楼2单元501`, `8#1203`: who says no more
/// than 三楼的灯又不亮了 means the building they live in.
///
/// It is a hint: what the words say of a place wins over it, and of the door only building and entrance are taken, for
/// nobody's flat is to become the place of what neighbours see. Which words mean another place is configured, no source.
enum ChatDoor {
    /// The place that somebody with this nick means where their words name none; nil where they do, and where the door is
    /// of no one building here.
    static func place(
        of speaker: String, saying words: String, _ guess: PlaceGuess, _ tx: ReadTx
    ) throws -> PlaceSummary? {
        guard let address = address(of: speaker, saying: words), try !guess.isNamed(in: words, tx) else { return nil }
        return try guess.place(in: address, tx)
    }

    /// Building and entrance of a nick, `3号楼2单元`, with the entrance that the words name where they name one; nil without a
    /// door, and where the words speak of another building or of what lies outside.
    static func address(of speaker: String, saying words: String) -> String? {
        guard let door = door(in: speaker), let building = numbered("号楼", in: door) ?? numbered("号院", in: door) else {
            return nil
        }
        let said = AddressSpelling.normal(words)
        guard numbered("号楼", in: said) == nil, numbered("号院", in: said) == nil,
            !outside.contains(where: { said.contains($0) })
        else { return nil }
        return building + (numbered("单元", in: said) ?? numbered("单元", in: door) ?? "")
    }

    /// The whole door of a nick, `3号楼2单元501`; empty where it has none with a flat.
    static func home(of speaker: String) -> String {
        guard let door = door(in: speaker), let last = door.last, isDigit(last) else { return "" }
        return door
    }

    /// The first run of numbers and words of an address that has a building in it, in one spelling.
    private static func door(in speaker: String) -> String? {
        for run in speaker.split(whereSeparator: { !letters.contains($0) && !gaps.contains($0) }) {
            let numbers = run.split(whereSeparator: { gaps.contains($0) }).map { String($0) }
            let isShort = numbers.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy(isDigit) }
            // 3-2: no building has rooms of one or two figures.
            let isPair = numbers.count == 2 && isShort
            let written = isPair ? "\(numbers[0])号楼\(numbers[1])单元" : numbers.joined(separator: "-")
            let address = AddressSpelling.normal(written)
            if numbered("号楼", in: address) != nil || numbered("号院", in: address) != nil { return address }
        }
        return nil
    }

    /// The first number before this word, with the word: `3号楼`.
    private static func numbered(_ word: String, in text: String) -> String? {
        for range in text.ranges(of: word) {
            let digits = String(text[..<range.lowerBound].reversed().prefix(while: isDigit).reversed())
            if !digits.isEmpty { return digits + word }
        }
        return nil
    }

    private static func isDigit(_ letter: Character) -> Bool { ("0"..."9").contains(letter) }

    private static let letters: Set<Character> = Set("0123456789０１２３４５６７８９零〇一二三四五六七八九十百#＃号楼单元栋幢层门室户院")
    private static let gaps: Set<Character> = Set("-－—–_/／.．·")
    private static let outside = [
        "北门", "南门", "东门", "西门", "大门", "正门", "后门", "小区", "路灯", "马路", "路口", "路边", "街", "巷", "胡同", "广场", "花园", "公园",
        "绿地", "草坪", "停车场", "车库", "车棚", "充电桩", "健身", "垃圾站", "垃圾房", "超市", "市场", "学校", "幼儿园", "公交", "河边", "院里",
        "隔壁楼", "对面楼", "前面楼", "后面楼", "旁边楼", "那栋", "那幢", "那个楼",
    ]
}
