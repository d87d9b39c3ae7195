import Foundation
import LinliCore
import LinliUI
import Testing

/// A deadline is always said both ways: when it is, and how long that still is.
@Suite("时限既写几点，也写还剩多久")
struct DueChipTests {
    private static let now = Instant(CivilDate(daysSinceEpoch: 20_779), hour: 9, minute: 52)

    /// The words without their markup.
    private func words(_ html: HTML, _ language: Language = .zh) -> String {
        var (words, isTag) = ("", false)
        for character in html.string(language) {
            switch character {
            case "<": isTag = true
            case ">": isTag = false
            default: if !isTag { words.append(character) }
            }
        }
        return words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test("没到、超了、要做什么，都两样都说") func both() {
        let now = Self.now
        let soon = now.adding(minutes: 38)
        #expect(words(dueChip(soon, now: now)) == "今天 10:30 前，剩 38 分钟")
        #expect(words(dueChip(soon, now: now), .en) == "by today 10:30, 38 min left")
        let late = now.adding(minutes: -90)
        #expect(words(dueChip(late, now: now)) == "今天 08:22 到期，已超 1 小时 30 分")
        let verb = dueChip(soon, now: now, verb: Text("到场", "Come"))
        #expect(words(verb) == "应于今天 10:30 前到场，剩 38 分钟")
        for html in [dueChip(soon, now: now), dueChip(late, now: now), verb] {
            #expect(html.string(.zh).contains("<time datetime=\"2026-11-22T"))
        }
    }
}
