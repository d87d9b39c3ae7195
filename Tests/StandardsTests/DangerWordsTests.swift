import LinliStandards
import Testing

/// Words of danger, found wherever they stand in a text, and not where they are only a part of something harmless.
@Suite("危险的话")
struct DangerWordsTests {
    @Test(
        "说到危险",
        arguments: [
            "三楼冒烟了", "着火", "a着火了", "😀厨房着火，不着火才怪", "老人昏迷叫不醒", "楼道里有煤气味", "电梯里有人被困",
            "There is SMOKE in the stairwell", "Gas leak!", "有人 trapped 在电梯里", "灯不亮，有人触电",
        ])
    func danger(_ text: String) { #expect(DangerWords.speak(in: text)) }

    @Test(
        "不是危险",
        arguments: [
            "", "火", "楼道灯不亮", "热水器点不着火", "车打不着火", "电梯坏了", "smokers in the lift", "着", "冒 烟", "😀😀", "é",
            "The knives are blunt", "12345",
        ])
    func harmless(_ text: String) { #expect(!DangerWords.speak(in: text)) }
}
