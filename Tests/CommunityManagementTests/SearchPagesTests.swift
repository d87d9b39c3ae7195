import Administration
import LinliCore
import LinliKernel
import LinliStandards
import LinliTestSupport
import Testing

/// The box that finds everything: what it shows, and what it asks before it looks.
@Suite("查找页面")
struct SearchPagesTests {
    @Test("人、工单、地点各按各的范围", arguments: TestEngine.enabled)
    func everything(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let community = DivisionCode(rawValue: 110_101_001_901_000)
            let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
            var batch = RegisterBatch()
            batch.organizations = [
                OrganizationRecord(
                    id: try house.services.database.newID(), name: "<b>电梯维修</b>部", division: community, entry: entry)
            ]
            let entered = batch
            try await house.services.database.write(try await house.context(.head), "registers.enter") { tx in
                try RegisterCommands.enter(entered, as: Subject("import", 1, division: community), tx)
            }
            let head = try await house.open("/desk/find", query: [("q", "电梯")], house.context(.head))
            #expect(head.contains("&lt;b&gt;电梯维修&lt;/b&gt;部"))
            #expect(head.contains("id=\"h-cases\"") && !head.contains("回第一页"))
            let later = try await house.open(
                "/desk/find", query: [("q", "电梯"), ("after", "0")], house.context(.head))
            #expect(later.contains("回第一页"), "a page knows the way to the first one")
            let places = try await house.open("/desk/find", query: [("q", "幸福里小区3号楼")], house.context(.head))
            #expect(places.contains("id=\"h-places\""))
            let dispatcher = try await house.open("/desk/find", query: [("q", "电梯")], house.context(.dispatcher))
            #expect(!dispatcher.contains("电梯维修") && dispatcher.contains("id=\"h-cases\""))
            let administrator = try await house.open(
                "/desk/find", query: [("q", "电梯")], house.context(.administrator))
            #expect(!administrator.contains("电梯维修") && !administrator.contains("id=\"h-cases\""))
            let ahead = try await house.open("/desk/find/ahead", query: [("q", "dtwx")], house.context(.head))
            #expect(ahead.contains("电梯维修"))
            let english = try await house.open(
                "/desk/find", query: [("q", "没有这样的东西")], house.context(.head, language: .en))
            #expect(english.contains("Nothing was found"))
        }
    }

    @Test("完整的号码先问一句，不在地址里就查", arguments: TestEngine.enabled)
    func numbers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            let asked = try await house.open("/desk/find", query: [("q", "13800138000")], head)
            #expect(asked.contains("按号码找人") && asked.contains("method=\"post\""))
            let dispatcher = try await house.context(.dispatcher)
            let other = try await house.open("/desk/find", query: [("q", "13800138000")], dispatcher)
            #expect(!other.contains("按号码找人"))
            let bare = try await house.send("/desk/find", Form([(name: "q", value: "13800138000")]), head)
            #expect(bare?.contains("请选用途") == true && bare?.contains("value=\"13800138000\"") == true)
            let found = try await house.send(
                "/desk/find", Form([("q", "13800138000"), ("purpose", "visit"), ("note", "约时间")]), head)
            #expect(found?.contains("没有找到") == true)
            let walker = try await house.context(.gridWorker1)
            let refused = try await house.send(
                "/desk/find", Form([("q", "13800138000"), ("purpose", "visit")]), walker)
            #expect(refused == nil, "off duty")
            // Four characters are words first; whose plate ends so is asked on purpose.
            let four = try await house.open("/desk/find", query: [("q", "3K21")], head)
            #expect(four.contains("谁的车牌尾号是 3K21") && !four.contains("按号码找人"))
            let end = try await house.open("/desk/find", query: [("q", "3K21"), ("as", "plate")], head)
            #expect(end.contains("按车牌尾号找人会记下来") && end.contains("value=\"3K21\""))
            #expect(try await house.open("/desk/find", query: [("q", "尾号 3K21")], head).contains("按号码找人"))
            #expect(try await !house.open("/desk/find", query: [("q", "3K21")], dispatcher).contains("车牌尾号是"))
            let nobody = try await house.send("/desk/find", Form([("q", "3K21"), ("purpose", "visit")]), head)
            #expect(nobody?.contains("车牌尾号对得上的人") == true && nobody?.contains("没有找到") == true)
            #expect(
                try await house.send("/desk/find", Form([(name: "q", value: "王芳")]), head)
                    == "/desk/find?q=%E7%8E%8B%E8%8A%B3")
        }
    }
}
