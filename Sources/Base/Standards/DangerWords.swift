/// Words that speak of danger to life: the case is urgent at once, and the person is asked to call first.
///
/// Rather once too often than once too few; configured here, no source.
package enum DangerWords {
    /// Chinese, found anywhere in a text.
    private static let chinese = [
        "着火", "起火", "失火", "冒烟", "烧着了", "爆炸", "燃气味", "煤气味", "天然气味", "漏气", "燃气泄漏", "煤气泄漏",
        "煤气中毒", "触电", "漏电", "晕倒", "昏倒", "昏迷", "叫不醒", "不省人事", "没有呼吸", "喘不上气", "大出血",
        "心脏病", "被困", "困在", "溺水", "落水", "跳楼", "坠楼", "轻生", "自杀", "持刀", "砍人", "打死", "救命",
    ]

    /// English, as whole words in small letters.
    private static let english = [
        "on fire", "smoke", "explosion", "gas leak", "leaking gas", "smell gas", "smell of gas", "electrocuted",
        "electric shock", "fainted", "unconscious", "collapsed", "not breathing", "bleeding", "heart attack", "trapped",
        "drowning", "suicide", "stabbed", "knife", "help me",
    ]

    /// The Chinese words by their first character, which has three bytes: every need is looked through once.
    private static let byFirst = Dictionary(grouping: chinese.map { Array($0.utf8) }) { first($0, at: 0) }

    private static func first(_ bytes: [UInt8], at index: Int) -> UInt32 {
        UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
    }

    /// Whether a text speaks of danger.
    package static func speak(in text: String) -> Bool {
        let bytes = Array(text.utf8)
        var index = 0
        var before: UInt32 = 0
        while index + 2 < bytes.count {
            guard bytes[index] >= 0xE0 else {
                (index, before) = (index + 1, 0)
                continue
            }
            let key = first(bytes, at: index)
            for word in byFirst[key] ?? [] where bytes[index...].starts(with: word) {
                // A heater or a car that does not light, 点不着火, is in no danger.
                if word != lit || before != not { return true }
            }
            (index, before) = (index + 3, key)
        }
        guard bytes.contains(where: { (0x41...0x5A).contains($0 & 0xDF) }) else { return false }
        let words = " " + String(text.lowercased().map { $0.isLetter ? $0 : " " }) + " "
        return english.contains { words.contains(" \($0) ") }
    }

    private static let lit = Array("着火".utf8)
    private static let not = first(Array("不".utf8), at: 0)

    /// What the page's script looks for while somebody writes: it parts the list at blanks, so single words only.
    package static let forScript = (chinese + english.filter { !$0.contains(" ") }).joined(separator: ",")
}
