import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Visits: announced, moved by the household, done in a tap; what is heard and who is due.
@Suite("走访：约、改、一点记完；该走访了")
struct VisitsTests {
    static let grid = DivisionCode(rawValue: 110_101_001_901_001)

    /// A flat with somebody of an age alone in it, whose phone is theirs.
    static func enter(
        _ house: House, born: CivilDate?, phone: String, number: String = "1201"
    ) async throws -> ID<Household> {
        let database = house.services.database
        let now = house.clock.clock.now
        let place = try await house.place("幸福里小区3号楼2单元")
        let entry = RegisterEntry(source: "test", validFrom: now)
        let dwelling = DwellingRecord(
            id: try database.newID(), place: place.id, kind: .flat, number: number, floor: 12,
            address: "幸福里小区3号楼2单元\(number)", division: grid, occupancy: .owner, entry: entry)
        let household = HouseholdRecord(
            id: try database.newID(), dwelling: dwelling.id, division: grid, entry: entry)
        var person = NewPerson(
            name: "陈秀英", dwelling: dwelling.id, household: household.id, division: grid, entry: entry)
        person.born = born
        person.phone = PhoneNumber(phone)
        (person.tie, person.relation) = (.owner, .head)
        var batch = RegisterBatch()
        batch.dwellings = [dwelling]
        batch.households = [household]
        batch.people = try database.seal([person])
        let entered = batch
        try await database.write(try await house.context(.worker), "registers.enter") { tx in
            try RegisterCommands.enter(entered, as: Subject("household", household.id, division: grid), tx)
        }
        await house.deliver()
        return household.id
    }

    static func slot(_ house: House, days: Int = 1, _ part: VisitSlot.Part = .morning) -> VisitSlot {
        VisitSlot(house.clock.clock.now.date.adding(days: days), part)
    }

    static func announce(_ house: House, _ household: ID<Household>) async throws -> ID<Visit> {
        var draft = VisitDraft(household)
        draft.reason = "看看您有什么需要"
        draft.slot = slot(house)
        return try await VisitCommands(house.services.database).announce(
            draft, try await house.context(DemoStaff.gridWorker1))
    }

    private func visit(_ id: ID<Visit>, _ house: House) async throws -> Visit {
        try #require(try await house.services.database.read { try VisitQueries.find(id, $0) })
    }

    private func debt(_ id: ID<Household>, _ house: House) async throws -> VisitDebt {
        try #require(try await house.services.database.read { try VisitDebts.find(id, $0) })
    }

    private static let days = VisitDays()
    private static let elder = CivilDate(year: 1950, month: 6, day: 15)

    @Test("约好发短信，住户凭码改时间、改电话；做完一点，欠访重新算", arguments: TestEngine.enabled)
    func announcedAndMoved(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await Self.enter(house, born: Self.elder, phone: "13800138000")
            let before = try await debt(household, house)
            #expect(before.care == .alone && before.heardAt == nil)
            let id = try await Self.announce(house, household)
            await house.deliver()
            let code = VisitCode.make(id, house.services.database.keys)
            let told = try #require(house.messages.all.last)
            #expect(told.phone == "13800138000")
            #expect(told.text.zh.contains(VisitCode.shown(code)) && told.text.zh.contains("李强"))
            let commands = VisitCommands(house.services.database)
            // Twice is once too often, and another grid's worker sees nothing.
            #expect(try await house.refusal { _ = try await Self.announce(house, household) } == .conflict)
            let other = try await house.context(DemoStaff.gridWorker3)
            #expect(try await house.refusal { try await commands.miss(id, other) } == .notFound)
            try await commands.move(
                VisitCode.shown(code).uppercased(), to: Self.slot(house, days: 3, .evening), .call,
                wish: "晚上在家，电话 13900001111", house.visitor)
            let moved = try await visit(id, house)
            #expect(moved.way == .call && moved.moves == 1 && moved.startsAt.hour == 18)
            #expect(!moved.wish.contains("13900001111"))
            await house.deliver()
            let worker1 = DemoStaff.gridWorker1.phone
            let news = try #require(house.messages.all.last)
            #expect(news.phone == worker1 && news.text.zh.contains("住户改到") && news.text.zh.contains("打电话"))
            #expect(!news.text.zh.contains("1201") && !news.text.zh.contains("陈秀英") && !news.text.zh.contains("在家"))
            let readings: Int? = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'secrets.reveal' AND reason = '走访改约告知走访人'")
            #expect(readings == 1)
            #expect(
                try await house.refusal {
                    try await commands.move("0123456789ab", to: Self.slot(house), .door, wish: "", house.visitor)
                } == .notFound)
            #expect(
                try await house.refusal {
                    try await commands.move(code, to: Self.slot(house, days: -1), .door, wish: "", house.visitor)
                } == .invalid)
            house.clock.advance(minutes: 3 * 1440)
            let worker = try await house.context(DemoStaff.gridWorker1)
            try await commands.finish(id, VisitOutcome(), worker)
            await house.deliver()
            let done = try await visit(id, house)
            #expect(done.state == .done && done.result == .unchanged)
            let after = try await debt(household, house)
            #expect(after.heardAt == worker.now)
            #expect(after.dueAt == worker.now.adding(days: Self.days[.alone]))
            #expect(try await house.refusal { try await commands.finish(id, VisitOutcome(), worker) } == .conflict)
        }
    }

    @Test("夜里不发走访短信，等到早上八点；谁也不吵醒", arguments: TestEngine.enabled)
    func quietNight(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await Self.enter(house, born: Self.elder, phone: "13800138000")
            let today = house.clock.clock.now.date
            house.clock.set(Instant(today, hour: 22))
            let sent = house.messages.all.count
            var draft = VisitDraft(household)
            draft.reason = "看看您有什么需要"
            draft.slot = Self.slot(house, days: 5)
            let id = try await VisitCommands(house.services.database).announce(
                draft, try await house.context(DemoStaff.gridWorker1))
            await house.deliver()
            house.clock.set(Instant(today.adding(days: 1), hour: 7))
            await house.deliver()
            #expect(house.messages.all.count == sent, "nobody is written to at night")
            let waiting = try await house.value(
                "SELECT attempts FROM delivery WHERE subscriber = 'visits.messages'", as: Int.self)
            #expect(waiting == 0, "that it waits is no failure")
            house.clock.set(Instant(today.adding(days: 1), hour: 8))
            await house.deliver()
            let told = try #require(house.messages.all.last)
            #expect(house.messages.all.count == sent + 1 && told.phone == "13800138000")
            // What the household changes at night, who comes hears in the morning.
            house.clock.set(Instant(today.adding(days: 1), hour: 23))
            try await VisitCommands(house.services.database).move(
                VisitCode.make(id, house.services.database.keys), to: Self.slot(house, days: 2, .evening), .call,
                wish: "", house.visitor)
            await house.deliver()
            #expect(house.messages.all.count == sent + 1)
            house.clock.set(Instant(today.adding(days: 2), hour: 8))
            await house.deliver()
            #expect(house.messages.all.count == sent + 2)
            #expect(house.messages.all.last?.phone == DemoStaff.gridWorker1.phone)
        }
    }

    @Test("没人在家留条：码能改约，也能报平安；答过的不再问，照片只用一次", arguments: TestEngine.enabled)
    func missed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await Self.enter(house, born: Self.elder, phone: "13800138000")
            let commands = VisitCommands(house.services.database)
            let worker = try await house.context(DemoStaff.gridWorker1)
            let first = try await Self.announce(house, household)
            try await commands.miss(first, worker)
            #expect(try await visit(first, house).state == .missed)
            let code = VisitCode.make(first, house.services.database.keys)
            try await commands.allWell(code, house.visitor)
            #expect(try await visit(first, house).result == .well)
            await house.deliver()
            let news = try #require(house.messages.all.last)
            #expect(news.phone == DemoStaff.gridWorker1.phone && news.text.zh.contains("回复平安"))
            #expect(try await house.refusal { try await commands.allWell(code, house.visitor) } == .conflict)
            let second = try await Self.announce(house, household)
            var outcome = VisitOutcome()
            outcome.isUnchanged = false
            outcome.answers = ["gasAlarm": "坏了", "wiring": "胡说", "nothing": "是"]
            outcome.note = "燃气报警器坏了，女儿电话 13900001111"
            outcome.photos = [try await house.photo(worker)]
            try await commands.finish(second, outcome, worker)
            let (answers, photos, signals) = try await house.services.database.read { tx in
                (
                    try VisitQueries.answers(of: household, tx), try VisitQueries.photos(of: second, .photo, tx),
                    try Households.signals(of: household, tx).map(\.signal)
                )
            }
            #expect(answers.mapValues(\.value) == ["gasAlarm": "坏了"])
            #expect(photos.count == 1)
            #expect(Set(signals) == [.reply, .visit])
            #expect(try await !visit(second, house).note.contains("13900001111"))
            let third = try await Self.announce(house, household)
            try await commands.withdraw(third, worker)
            #expect(try await visit(third, house).state == .withdrawn)
            #expect(
                try await house.refusal {
                    try await commands.move(
                        VisitCode.make(third, house.services.database.keys), to: Self.slot(house), .door, wish: "",
                        house.visitor)
                } == .notFound)
        }
    }

    @Test("欠访：按户排，计划能让它更勤；事件算的和重算的一样", arguments: TestEngine.enabled)
    func debtsAgree(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let elder = try await Self.enter(house, born: Self.elder, phone: "13800138000")
            let young = try await Self.enter(
                house, born: CivilDate(year: 1990, month: 1, day: 1), phone: "13800138001", number: "1202")
            let commands = VisitCommands(database)
            let worker = try await house.context(DemoStaff.gridWorker1)
            try await commands.finish(try await Self.announce(house, elder), VisitOutcome(), worker)
            try await commands.finish(try await Self.announce(house, young), VisitOutcome(), worker)
            await house.deliver()
            func due() async throws -> [ID<Household>] {
                let now = house.clock.clock.now
                return try await database.read {
                    try VisitDebts.due(in: Self.grid, at: now, limit: 5000, $0).map(\.household)
                        .filter { [elder, young].contains($0) }
                }
            }
            #expect(try await due().isEmpty)
            house.clock.advance(minutes: 8 * 1440)
            #expect(try await due() == [elder])
            var plan = VisitPlanDraft()
            plan.name = "入冬用气安全"
            plan.division = Self.grid
            plan.everyDays = 5
            let head = try await house.context(DemoStaff.head)
            #expect(try await house.refusal { _ = try await commands.makePlan(plan, worker) } == .invalid)
            let id = try await commands.makePlan(plan, head)
            await house.deliver()
            #expect(try await Set(due()) == [elder, young])
            let counts = try await database.read {
                try VisitDebts.counts(in: Self.grid, at: head.now.adding(days: 9), $0)
            }
            #expect((counts.first?.total ?? 0) >= 2)
            try await commands.endPlan(id, head)
            await house.deliver()
            #expect(try await due() == [elder])
            // Pages of the list join without a gap.
            let late = house.clock.clock.now.adding(days: 400)
            try await database.read { tx in
                let whole = try VisitDebts.due(in: Self.grid, at: late, limit: 5000, tx).map(\.household)
                let first = try VisitDebts.due(in: Self.grid, at: late, limit: 1, tx)
                let rest = try VisitDebts.due(in: Self.grid, at: late, after: first.last?.mark, limit: 5000, tx)
                #expect((first + rest).map(\.household) == whole)
                let day = late.date.adding(days: -400)
                #expect(try VisitDebts.differences(in: Self.grid, Self.days, on: day, database.keys, tx).isEmpty)
            }
            // And once more from nothing, by the nightly job.
            _ = try await database.system { try $0.execute("DELETE FROM visit_debt WHERE household_id > 0") }
            try await house.run(job: "visits.debts")
            let day = house.clock.clock.now.date
            let wrong = try await database.read {
                try VisitDebts.differences(in: Self.grid, Self.days, on: day, database.keys, $0)
            }
            #expect(wrong.isEmpty)
            _ = try await debt(elder, house)
        }
    }

    @Test("实名反映问题算有联系；投诉、举报、不留名的不算", arguments: TestEngine.enabled)
    func heardByNeeds(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = DemoResident.tenant
            let household = try await Self.enter(house, born: Self.elder, phone: tenant.phone)
            var complaint = try await house.draft("物业保安态度差")
            complaint.nature = .complaint
            complaint.disclosure = .office
            _ = try await house.report(complaint, try await house.context(tenant))
            var hidden = try await house.draft()
            hidden.disclosure = .anonymous
            _ = try await house.report(hidden, try await house.context(tenant))
            await house.deliver()
            #expect(try await debt(household, house).heardAt == nil)
            let context = try await house.context(tenant)
            _ = try await house.report(try await house.draft(), context)
            await house.deliver()
            #expect(try await debt(household, house).heardAt == context.now)
            let signals = try await house.services.database.read {
                try Households.signals(of: household, $0).map(\.signal)
            }
            #expect(signals == [.need])
        }
    }

    @Test("工作证：当场能核对，过两分钟作废，改一个字就不认", arguments: TestEngine.enabled)
    func workPass(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(DemoStaff.gridWorker1)
            let account = try #require(worker.actor.account)
            let keys = house.services.database.keys
            let token = WorkPass.token(account, at: worker.now, keys)
            func read(_ token: String, after minutes: Int) async throws -> WorkPass.Verdict {
                let now = worker.now.adding(minutes: minutes)
                return try await house.services.database.read { try WorkPass.read(token, at: now, keys, $0) }
            }
            guard case .holds(let holder) = try await read(token, after: 1) else {
                Issue.record("a fresh pass does not hold")
                return
            }
            #expect(holder.name == "李强" && holder.unit?.zh == "幸福里社区居委会")
            guard case .expired = try await read(token, after: 3) else {
                Issue.record("an old pass is not over")
                return
            }
            guard case .unknown = try await read(token + "0", after: 0) else {
                Issue.record("a changed pass holds")
                return
            }
        }
    }

    @Test("问题表写错了说是哪一行；出厂的表读得懂") func forms() throws {
        #expect(try VisitForm(VisitForm.standardText).questions.count == 5)
        // As a browser sends it.
        #expect(try VisitForm(VisitForm.standardText.replacing("\n", with: "\r\n")).questions.count == 5)
        #expect(VisitForm.standard.questions.count == 5)
        #expect(try VisitForm(VisitForm.plainText) == VisitForm.standard, "written plainly it is the same")
        let plain = try VisitForm("家里有没有养狗\n多久出一次门: 每天，偶尔、不出门\n# 留着\n")
        #expect(plain.questions.map(\.name.zh) == ["家里有没有养狗", "多久出一次门"])
        #expect(plain.questions.map { $0.choices.map(\.id) } == [["是", "否"], ["每天", "偶尔", "不出门"]])
        let again = try VisitForm("多久出一次门：每天、不出门").questions
        #expect(again.map(\.id) == plain.questions.suffix(1).map(\.id), "the same words are the same question")
        #expect(plain.questions.allSatisfy { $0.id.count == 17 })
        for wrong in ["多久出门：每天", "：每天、偶尔", "养狗吗\n养狗吗"] {
            #expect(throws: LinliError.self, "\(wrong)") { try VisitForm(wrong) }
        }
        #expect(throws: LinliError.self) { try VisitForm("gas | 燃气 | Gas | 随便") }
        #expect(throws: LinliError.self) { try VisitForm("a | 甲 | A | yesNo\na | 乙 | B | yesNo") }
        #expect(VisitDays("7,15,30,30,180") == VisitDays())
        #expect(VisitDays("7,15") == nil && VisitDays("0,1,1,1,1") == nil)
    }
}
