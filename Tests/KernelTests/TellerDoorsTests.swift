import Testing

@testable import LinliKernel

/// Which doors in the words of a tip-off are the reporter's own.
@Suite("举报里反映人自己家的门牌")
struct TellerDoorsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let hidden: String
        var homes: [[String]] = []
        var testDescription: String { text }
    }

    static let rows = [
        Row(text: "我住3号楼102，网格员收钱", hidden: "我住某处，网格员收钱"),
        Row(text: "我住在幸福里小区3号楼2单元102室，102室门口堆物", hidden: "我住在幸福里小区某处，某处门口堆物"),
        Row(text: "我家楼上302室群租，我家3号楼202", hidden: "我家楼上302室群租，我家某处"),
        Row(text: "举报3号楼302群租，我是3-2-102的", hidden: "举报3号楼302群租，我是某处的"),
        Row(text: "住三号楼二单元102，怕报复", hidden: "住某处，怕报复"),
        Row(text: "作为3号楼102的业主，我举报", hidden: "作为某处的业主，我举报"),
        Row(text: "赵明明，3号楼102，举报网格员", hidden: "赵明明，某处，举报网格员"),
        Row(text: "举报网格员收钱，3号楼102赵明明", hidden: "举报网格员收钱，某处赵明明"),
        // What the tip-off is about stays.
        Row(text: "举报住在3号楼102的网格员", hidden: "举报住在3号楼102的网格员"),
        Row(text: "他住3号楼102", hidden: "他住3号楼102"),
        Row(text: "11月3日晚8点5号楼502室赌博", hidden: "11月3日晚8点5号楼502室赌博"),
        Row(text: "我是3号晚上看到的，住这里10年了", hidden: "我是3号晚上看到的，住这里10年了"),
        Row(text: "赵明明 2026-11-20 举报", hidden: "赵明明 2026-11-20 举报"),
        // Homes that are known.
        Row(text: "３号楼２单元１０２ 敲门，4号楼102没事", hidden: "某处 敲门，4号楼102没事", homes: [["3", "2", "102"]]),
        Row(text: "3号楼102敲门", hidden: "某处敲门", homes: [["12", "3", "2", "102"]]),
        Row(text: "3号楼2单元的灯", hidden: "3号楼2单元的灯", homes: [["3", "2", "102"]]),
        Row(text: "5号楼1203室的门口", hidden: "某处的门口", homes: [["1203"]]),
    ]

    @Test("谁家的盖谁家的", arguments: rows) func hidden(_ row: Row) {
        #expect(TellerDoors.hidden(in: row.text, names: ["赵明明"], homes: row.homes) == row.hidden)
    }

    @Test("地址里的门牌号") func numbers() {
        #expect(TellerDoors.numbers(of: "幸福里小区3号楼2单元0102室") == ["3", "2", "102"])
        #expect(TellerDoors.numbers(of: "幸福里小区").isEmpty)
    }

    @Test("盖过的号码尾号也去掉，不是举报的不动") func masks() {
        let sealed = TellerNames(["赵明明"])
        #expect(sealed.hidden(in: "打139****0104或010-****3456，证件110***********0020") == "打某号码或某号码，证件某号码")
        #expect(sealed.hidden(in: "2*3=6，12345 转来") == "2*3=6，12345 转来")
        #expect(TellerNames.nobody.hidden(in: "我住3号楼102，139****0104") == "我住3号楼102，139****0104")
    }
}
