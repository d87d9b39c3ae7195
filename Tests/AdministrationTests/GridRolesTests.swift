import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
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
            // The same again is a slip of the hand; somebody else of the name has another phone.
            let again = [("kind", "steward"), ("name", "张桂兰"), ("place", "\(building)")]
            let refused = try await house.send(path + "/add", form(again), administrator)
            #expect(refused?.contains("“张桂兰”已经是这里的楼门长") == true)
            #expect(try await house.value("SELECT count(*) FROM grid_role", as: Int.self) == 3)
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

    @Test("指定网格员：从网格的页到账号，岗位和网格已经填好；管不了账号的只看到找谁", arguments: TestEngine.enabled)
    func appointing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = "/admin/grid-roles/110101001901001"
            let wanted = [("role", "gridWorker"), ("division", "110101001901001")]
            let kept = "role=gridWorker&amp;division=110101001901001"
            #expect(try await house.open(path, query: [], administrator).contains("\"/admin/accounts?\(kept)\""))
            let head = try await house.context(DemoStaff.head)
            #expect(try await !house.open(path, query: [], head).contains("指定网格员"))

            let worker = try #require(try await house.context(DemoStaff.gridWorker2).actor.account)
            let list = try await house.open("/admin/accounts", query: wanted, administrator)
            #expect(list.contains("选一位网格员") && list.contains("/admin/accounts/\(worker)?\(kept)"))
            let filledIn = ["<option value=\"gridWorker\" selected>", "autocomplete=\"off\" value=\"110101001901001\""]
            let account = try await house.open("/admin/accounts/\(worker)", query: wanted, administrator)
            #expect(filledIn.allSatisfy { account.contains($0) })
            let plain = try await house.open("/admin/accounts/\(worker)", query: [], administrator)
            #expect(!filledIn.contains { plain.contains($0) })

            let new = [
                ("name", "吴新"), ("phone", "13900001234"), ("unit", "\(try await house.unit("幸福里社区居委会"))"),
            ]
            let made = try #require(try await house.send("/admin/accounts/new", form(new + wanted), administrator))
            #expect(made.hasSuffix("?done=created&role=gridWorker&division=110101001901001"))
            // A duty of a unit, or over no division, is nothing to look for.
            let odd = [("role", "unitHandler"), ("division", "110101001901001")]
            #expect(try await !house.open("/admin/accounts", query: odd, administrator).contains("选一位"))
        }
    }

    @Test("社区书记自己加；电话密存、只露头尾，在班才看、看了留痕；别的社区的不行", arguments: TestEngine.enabled)
    func phones(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(DemoStaff.head)
            let path = "/admin/grid-roles/110101001901001"
            let building = try await house.place("幸福里小区1号楼").id
            let fields = [
                ("kind", "steward"), ("name", "张桂兰"), ("place", "\(building)"), ("phone", "139 0000 5566"),
            ]
            let stranger = try await house.context(DemoStaff.locustHead)
            #expect(try await house.send(path + "/add", form(fields), stranger) == nil)
            let wrong = form(fields.dropLast() + [("phone", "12")])
            #expect(try await house.send(path + "/add", wrong, head)?.contains("11 位手机号") == true)
            #expect(try await house.send(path + "/add", form(fields), head) == path + "?done=add")
            let page = try await house.open(path, query: [], head)
            #expect(page.contains("139****5566") && !page.contains("13900005566"))
            let stored: [UInt8]? = try await house.value("SELECT phone_sealed FROM grid_role WHERE name = '张桂兰'")
            let id: Int64 = try #require(try await house.value("SELECT id FROM grid_role WHERE name = '张桂兰'"))
            let role = ID<GridRole>(rawValue: id)
            let sealed = try #require(stored)
            let keys = house.services.database.keys
            #expect(try keys.open(sealed, cell: Cell("grid_role", "phone_sealed", id)) == "13900005566")

            let commands = GridRoleCommands(house.services.database)
            func readings() async throws -> Int? {
                try await house.value(
                    "SELECT count(*) FROM audit_entry WHERE command = 'secrets.reveal' AND subject_kind = 'gridRole'")
            }
            #expect(try await commands.phone(of: role, head).number == "13900005566")
            #expect(try await readings() == 1)
            let administrator = try await house.context(.administrator)
            #expect(
                try await house.refusal { _ = try await commands.phone(of: role, administrator) } == .forbidden)
            #expect(try await house.refusal { _ = try await commands.phone(of: role, stranger) } == .notFound)
            let worker = try await house.context(DemoStaff.gridWorker1)
            #expect(
                try await house.refusal { _ = try await commands.phone(of: role, worker) } == .forbidden, "off duty")
            let other = try await house.context(DemoStaff.gridWorker3)
            #expect(try await house.refusal { _ = try await commands.find(role, other) } == .notFound)
            #expect(try await readings() == 1)
        }
    }

    @Test("名册里有的自动连上；本人要求删、到期都删干净", arguments: TestEngine.enabled)
    func linked(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let grid = House.homeGrid
            let elder = try await house.enterHome(
                "1299", ["person.name": "钱桂花", "person.phone": "13900007788"]
            ).person
            let head = try await house.context(DemoStaff.head)
            let commands = GridRoleCommands(database)
            var draft = GridRoleDraft()
            (draft.kind, draft.name, draft.phone) = (.volunteer, "钱桂花", "13900007788")
            let own = try await commands.add(draft, to: grid, head)
            let found = try await commands.find(own, head)
            #expect(found.person == elder)
            _ = try await commands.phone(of: own, head)
            let noted: Int? = try await house.value(
                """
                SELECT count(*) FROM audit_entry WHERE command = 'registers.read' AND subject_kind = 'person'
                AND subject_id = \(elder)
                """)
            #expect(noted == 1, "she sees who read her number")
            draft.name = "李桂兰"
            let namesake = try await commands.find(try await commands.add(draft, to: grid, head), head)
            #expect(namesake.person == nil && namesake.account == nil, "another name")
            // By the entry: the register says the name; an administrator may not see the entry. While she is a volunteer
            // here she is not made one again.
            try await commands.end(own, in: grid, head)
            (draft.person, draft.name, draft.phone) = (elder, "", "")
            let byEntry = try await commands.find(try await commands.add(draft, to: grid, head), head)
            #expect(byEntry.name == "钱桂花" && byEntry.person == elder && byEntry.phoneMask.isEmpty)
            let administrator = try await house.context(.administrator)
            let wished = draft
            #expect(
                try await house.refusal { _ = try await commands.add(wished, to: grid, administrator) } == .invalid)

            try await RegisterCommands.end(RegisterSubject(.person, elder), .moved, version: nil, head, database)
            try await commands.end(namesake.id, in: grid, head)
            house.clock.advance(minutes: 1096 * 24 * 60)
            try await house.run(job: "registers.retention")
            let left = try await database.read { tx in
                try tx.all(
                    """
                    SELECT name, phone_mask, CASE WHEN phone_sealed IS NULL AND person_id IS NULL THEN 1 ELSE 0 END,
                        CASE WHEN valid_until IS NULL THEN 0 ELSE 1 END
                    FROM grid_role ORDER BY id
                    """
                ) { "\(try $0[0] as String)/\(try $0[1] as String)/\(try $0[2] as Int)/\(try $0[3] as Int)" }
            }
            #expect(left == ["某某//1/1", "某某//1/1", "某某//1/1"])
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
