import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// Places that people of a group name by a short form.
@Suite("简写的地点")
struct PlaceGuessTests {
    private static let inCommunity: [(words: String, address: String?)] = [
        ("3号楼2单元灯不亮", "幸福里小区3号楼2单元"),
        ("三号楼二单元灯不亮", "幸福里小区3号楼2单元"),
        ("幸福里3号楼2单元的电梯又停了", "幸福里小区3号楼2单元"),
        ("幸福里社区3号楼2单元停水", "幸福里小区3号楼2单元"),
        ("幸福里小区的3号楼2单元停水", "幸福里小区3号楼2单元"),
        ("我们小区5号楼1单元门口有垃圾", "幸福里小区5号楼1单元"),
        ("5号楼没水，5号楼1单元也没有", "幸福里小区5号楼1单元"),
        ("北街有个坑", "北街"), ("北街道路破损", "北街"),
        ("商务中心3层有烟味", "幸福里商务中心3层"),
        ("多福巷5号院墙裂了", "多福巷5号院"), ("5号院墙裂了", "多福巷5号院"),
        // Two places, another estate, none.
        ("3号楼和5号楼都停水了", nil), ("13号楼停水了", nil), ("15号楼1单元停水", nil),
        ("槐荫里3号楼2单元停水", nil), ("阳光小区3号楼停水", nil), ("和平里3号楼停水", nil),
        ("幸福里社区的活动什么时候办", nil), ("东边北街道办事处", nil), ("好的，谢谢", nil), ("", nil),
    ]

    private static let inStreet: [(words: String, address: String?)] = [
        ("3号楼2单元灯不亮", nil), ("槐荫里3号楼2单元灯不亮", "槐荫里小区3号楼2单元"),
        ("幸福里小区的，3号楼2单元停水", "幸福里小区3号楼2单元"), ("8号楼4单元停水", "幸福里小区8号楼4单元"),
        ("商务中心有烟味", "幸福里商务中心"),
    ]

    @Test("社区人员：本社区只有一处对得上的才猜；街道人员：点了小区名或全街道只有一处的才猜", arguments: TestEngine.enabled)
    func guessed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let readers: [(scope: DivisionCode, rows: [(words: String, address: String?)])] = [
                (DemoDivision.happiness, Self.inCommunity), (DemoDivision.grid(2), Self.inCommunity),
                (DemoDivision.street, Self.inStreet),
            ]
            for reader in readers {
                try await house.services.database.read { tx in
                    let guess = try PlaceGuess(around: [reader.scope], tx)
                    for row in reader.rows {
                        let found = try guess.place(in: row.words, tx)?.address
                        #expect(found == row.address, "\(row.words) in \(reader.scope)")
                    }
                }
            }
        }
    }

    @Test("话里提没提地方：几处都提了、说不清是哪处的也算提了；第几层不算", arguments: TestEngine.enabled)
    func named(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.services.database.read { tx in
                let guess = try PlaceGuess(around: [DemoDivision.happiness], tx)
                for words in ["3号楼和5号楼都停水了", "槐荫里3号楼2单元停水", "北街有个坑"] {
                    #expect(try guess.isNamed(in: words, tx), "\(words)")
                }
                for words in ["三楼的灯又不亮了", "13号楼停水了", "好的，谢谢", ""] {
                    #expect(try !guess.isNamed(in: words, tx), "\(words)")
                }
            }
        }
    }
}
