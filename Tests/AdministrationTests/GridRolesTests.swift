import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Who does what in a grid: heads, stewards and volunteers with from when to when.
@Suite("网格岗位")
struct GridRolesTests {
    private func form(_ fields: [(String, String)]) -> Form {
        Form(fields.map { (name: $0.0, value: $0.1) })
    }

    @Test("加网格长、楼门长、志愿者；不再担任以后记录还在", arguments: TestEngine.enabled)
    func wholeLife(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = "/admin/grid-roles/110101001901001"
            let building = try await house.place("幸福里小区1号楼").id
            for fields in [
                [("kind", "head"), ("name", "赵婷")],
                [("kind", "steward"), ("name", "张桂兰"), ("place", "\(building)")],
                [
                    ("kind", "volunteer"), ("name", "刘志明"),
                    ("until", "\(house.clock.clock.now.date.adding(days: 30))"),
                ],
            ] {
                #expect(
                    try await house.send(path + "/add", form(fields), administrator) == path + "?done=add")
            }
            let page = try await house.open(path, query: [], administrator)
            for words in ["网格长", "张桂兰", "幸福里小区1号楼", "李强", "居民只看到网格员"] {
                #expect(page.contains(words), "\(words)")
            }
            let grid = DivisionCode(rawValue: 110_101_001_901_001)
            let roles = try await house.services.database.read {
                try GridRolesStore.list(of: grid, at: house.clock.clock.now, $0)
            }
            let steward = try #require(roles.first { $0.kind == .steward })
            let end = form([("role", "\(steward.id)")])
            #expect(try await house.send(path + "/end", end, administrator) == path + "?done=end")
            #expect(try await !house.open(path, query: [], administrator).contains("张桂兰"))
            #expect(try await house.value("SELECT count(*) FROM grid_role", as: Int.self) == 3)
            house.clock.set(house.clock.clock.now.adding(days: 40))
            let later = try await house.services.database.read {
                try GridRolesStore.list(of: grid, at: house.clock.clock.now, $0)
            }
            #expect(later.map(\.kind) == [.head])
        }
    }

    @Test("不对的说清楚；别的网格的楼不行；审计员只看", arguments: TestEngine.enabled)
    func mistakes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = "/admin/grid-roles/110101001901001"
            let elsewhere = try await house.place("幸福里小区5号楼").id
            for (fields, words) in [
                ([("kind", ""), ("name", "甲")], "请选做什么"), ([("kind", "head"), ("name", "")], "请填名称"),
                ([("kind", "head"), ("name", "甲13900001234")], "手机号"),
                ([("kind", "steward"), ("name", "甲")], "哪个楼"),
                ([("kind", "steward"), ("name", "甲"), ("place", "\(elsewhere)")], "这个网格里的楼"),
                ([("kind", "head"), ("name", "甲"), ("until", "2020-01-01")], "日子不对"),
            ] {
                #expect(
                    try await house.send(path + "/add", form(fields), administrator)?.contains(words) == true,
                    "\(words)")
            }
            let auditor = try await house.context(.auditor)
            #expect(try await house.open(path, query: [], auditor).contains("网格员"))
            #expect(
                try await house.send(path + "/add", form([("kind", "head"), ("name", "甲")]), auditor) == nil
            )
            #expect(
                try await house.open("/admin/grid-roles/110101001901999", query: [], administrator).isEmpty)
        }
    }
}
