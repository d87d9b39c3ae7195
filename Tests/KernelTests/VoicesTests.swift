import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Several who told the same: each told, each asked, each counted once; cases that become one and part again.
@Suite("同一件事，几个人反映")
struct VoicesTests {
    /// A dark lamp in the square, which anybody may see and join.
    private func lamp(_ house: House, _ text: String = "路灯不亮") async throws -> CaseDraft {
        var draft = try await house.draft(text, category: "C0118", at: "幸福里小广场")
        draft.spot = .street
        return draft
    }

    private func number(_ id: ID<Case>, _ house: House) async throws -> String {
        try await house.value("SELECT number FROM case_item WHERE id = \(id)") ?? ""
    }

    private func join(
        _ lead: ID<Case>, _ draft: CaseDraft, _ house: House, _ context: Context
    ) async throws -> ID<Case> {
        try await house.services.commands.join(try await number(lead, house), draft, context).id
    }

    private func count(_ id: ID<Case>, _ house: House) async throws -> VoiceCount? {
        try await house.services.database.read { try VoiceCount.of([id], $0)[id] }
    }

    /// A case with a unit of the demo that has a person to do it.
    private func told(_ house: House, _ draft: CaseDraft, _ context: Context) async throws -> ID<Case> {
        let id = try await house.report(draft, context)
        if try await house.state(id) == "received" {
            let unit = try await house.unit("安居物业")
            try await house.take(CaseStep("dispatch", unit: unit), id, house.context(.dispatcher))
        }
        let property = try await house.unit("安居物业")
        if try await house.value("SELECT handler_unit FROM case_item WHERE id = \(id)", as: Int64.self)
            != property.rawValue
        {
            try await house.take(CaseStep("dispatch", unit: property), id, house.context(.dispatcher))
        }
        return id
    }

    @Test("加入的人有自己的编号、话和回执，看得到进度，看不到别人的话", arguments: TestEngine.enabled)
    func joins(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let first = try await house.context(.tenant)
            let second = try await house.context(.youngMother)
            let lead = try await told(house, try await lamp(house, "路灯不亮，我家窗前漆黑"), first)
            let voice = try await join(lead, try await lamp(house, "孩子放学摔了一跤"), house, second)
            #expect(try await house.state(voice) == "merged")
            #expect(try await number(voice, house) != number(lead, house))
            let homes = try #require(try await count(lead, house))
            #expect(homes.households == 0 && homes.unknown == 2, "nobody said a door")
            #expect(
                try await house.refusal { _ = try await self.join(lead, try await self.lamp(house), house, second) }
                    == .conflict)
            let queries = house.services.queries
            var view = try await queries.reporterView(voice, second)
            #expect(view.item.text == "孩子放学摔了一跤" && view.state.id == "dispatched" && view.unit?.name.zh == "安居物业")
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), lead, handler)
            try await house.services.commands.remark(
                "我家窗前还是黑", isVisible: true, photos: [], on: lead, first)
            try await house.take(CaseStep("finish", text: "换了灯泡"), lead, handler)
            view = try await queries.reporterView(voice, second)
            #expect(view.state.id == "confirming" && view.entries.contains { $0.text == "换了灯泡" })
            #expect(!view.entries.contains { $0.text.contains("窗前") })
            let waiting = try await queries.mine(.rating, of: #require(second.actor.account), house)
            #expect(waiting.contains { $0.row.id == voice && $0.state.id == "confirming" })
            // Who works on it reads every voice; a stranger reads none.
            let desk = try await queries.view(lead, handler)
            #expect(desk.voices.list.map(\.item.text) == ["孩子放学摔了一跤"])
            #expect(try await queries.view(voice, handler).standing.isStaff)
            let stranger = try await house.context(.waterHandler)
            #expect(try await house.refusal { _ = try await queries.view(voice, stranger) } == .notFound)
        }
    }

    @Test("各说各的：都说解决才办结，一个说没解决就重办，各算一份", arguments: TestEngine.enabled)
    func answers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await house.sums()
            let first = try await house.context(.tenant)
            let second = try await house.context(.youngMother)
            let lead = try await told(house, try await lamp(house), first)
            let voice = try await join(lead, try await lamp(house, "晚上看不见路"), house, second)
            try await house.finish(lead)
            var yes = CaseStep("confirm")
            yes.stars = 5
            try await house.take(yes, voice, second)
            #expect(try await house.state(lead) == "confirming")
            #expect(try await house.outcomes(voice).map(\.isSolved) == [true])
            #expect(try await house.outcomes(lead).map(\.isSolved) == [nil])
            #expect(try await house.refusal { try await house.take(yes, voice, second) } == .conflict)
            let view = try await house.services.queries.reporterView(voice, second)
            #expect(view.voices.hasAnswered && !view.transitions.contains { $0.effects.contains(.rate) })
            try await house.take(CaseStep("contest", text: "还是黑的"), lead, first)
            #expect(try await house.state(lead) == "received")
            let property = try await house.unit("安居物业")
            let again = CaseStep("dispatch", text: "灯是它装的，请换人", unit: property)
            try await house.take(again, lead, house.context(.dispatcher))
            try await house.finish(lead, by: .propertyManager)
            try await house.take(CaseStep("confirm"), lead, first)
            #expect(try await house.state(lead) == "confirming")
            // The secret link is enough, also for one who joined.
            try await house.take(CaseStep("confirm"), voice, house.holder(of: voice))
            #expect(["closed", "checking"].contains(try await house.state(lead)))
            #expect(try await house.outcomes(lead).map(\.isSolved) == [false, true])
            #expect(try await house.outcomes(voice).map(\.isSolved) == [true, true])
            let added = try await house.sums() - before
            #expect(added.requests == 2 && added.rounds == 4 && added.solutionRate == Rate(3, of: 4))
            try await house.proveRates()
        }
    }

    @Test("没答复的不算；一个人撤回，事情为别人接着办", arguments: TestEngine.enabled)
    func silenceAndLeaving(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let first = try await house.context(.tenant)
            let second = try await house.context(.youngMother)
            let lead = try await told(house, try await lamp(house), first)
            let voice = try await join(lead, try await lamp(house, "看不见路"), house, second)
            try await house.take(CaseStep("withdraw", text: "搬走了"), lead, first)
            #expect(try await house.state(lead) == "dispatched")
            #expect(try await house.outcomes(lead).first?.isWithdrawn == true)
            #expect(try await count(lead, house)?.voices == 1)
            try await house.finish(lead)
            house.clock.advance(minutes: 4 * 1440)
            try await house.run(job: "cases.lapse")
            #expect(try await house.state(lead) == "closed")
            #expect(try await house.outcomes(voice).first?.isSolved == nil)
            let late = try await house.context(.youngMother)
            try await house.services.commands.answer(
                isSolved: true, grade: .very, text: "", of: voice, late)
            #expect(try await house.outcomes(voice).first?.isSolved == true)
            try await house.proveRates()
        }
    }

    @Test("联系、回访各算各的；回访名单里每个人一行", arguments: TestEngine.enabled)
    func contactsAndCalls(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await told(house, try await lamp(house), try await house.context(.tenant))
            let voice = try await join(
                lead, try await lamp(house, "看不见路"), house, try await house.context(.youngMother))
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), lead, handler)
            try await house.services.commands.contacted(.phone, .reached, text: "", voices: [voice], on: lead, handler)
            #expect(try await house.outcomes(voice).first?.contactedAt != nil)
            #expect(try await house.outcomes(lead).first?.contactedAt == nil)
            try await house.take(CaseStep("finish", text: "修好了"), lead, handler)
            house.clock.advance(minutes: 3 * 1440 - 60)
            let caller = try await house.context(.dispatcher)
            let scope = caller.actor.scope(for: .casesFollowUp)
            let rows = try await house.services.queries.followUps(.due, scope, at: caller.now, limit: 50)
            let mine = rows.map(\.row.id).filter { [lead, voice].contains($0) }
            #expect(Set(mine) == [lead, voice])
            try await house.services.commands.followUp(
                .answered(isSolved: true, grade: .satisfied, text: "亮了"), of: voice, caller)
            let row = try #require(try await house.outcomes(voice).first)
            #expect(row.isSolved == true && row.channel == .phone)
            #expect(try await house.state(lead) == "confirming")
            try await house.services.commands.followUp(
                .answered(isSolved: false, grade: nil, text: "一闪一闪"), of: lead, caller)
            #expect(try await house.state(lead) == "received")
            try await house.proveRates()
        }
    }

    @Test("并案可以拆回：状态、时限、评价记录都回来，中间的时间照算", arguments: TestEngine.enabled)
    func mergesAndSplits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await told(house, try await lamp(house), try await house.context(.tenant))
            house.clock.advance(minutes: 30)
            let second = try await house.context(.youngMother)
            let other = try await told(house, try await lamp(house, "灯又坏了一盏"), second)
            let third = try await join(
                other, try await lamp(house, "我也看到了"), house, try await house.context(.ownersChair))
            let due: Int64? = try await house.value("SELECT due_at FROM case_item WHERE id = \(other)")
            let commands = house.services.commands
            let dispatcher = try await house.context(.dispatcher)
            let handler = try await house.context(.propertyHandler)
            // The older one has the earlier deadline: nobody's may move back.
            #expect(
                try await house.refusal { try await commands.merge(lead, into: other, reason: "同一盏", dispatcher) }
                    == .conflict)
            #expect(
                try await house.refusal { try await commands.merge(other, into: lead, reason: "同一盏", handler) }
                    == .forbidden)
            try await commands.merge(other, into: lead, reason: "同一盏灯", dispatcher)
            #expect(try await house.state(other) == "merged")
            #expect(try await count(lead, house)?.voices == 3)
            #expect(
                try await house.value("SELECT speaks_in FROM case_item WHERE id = \(third)", as: Int64.self)
                    == lead.rawValue)
            house.clock.advance(minutes: 600)
            try await house.run(job: "cases.escalate")
            let later = try await house.context(.dispatcher)
            try await commands.split(other, reason: "是另一盏", later)
            #expect(try await house.state(other) == "dispatched")
            #expect(try await house.value("SELECT due_at FROM case_item WHERE id = \(other)") == due)
            #expect(
                try await house.value("SELECT speaks_in FROM case_item WHERE id = \(third)", as: Int64.self)
                    == other.rawValue)
            #expect(try await count(lead, house) == nil)
            // One who never had a course of its own begins one, from when it was told.
            try await commands.split(third, reason: "说的是路面", later)
            #expect(try await house.state(third) == "received")
            #expect(try await house.value("SELECT is_open FROM case_item WHERE id = \(third)") == true)
            let told: Int64? = try await house.value("SELECT started_at FROM case_timer WHERE case_id = \(third)")
            #expect(told == (try await house.value("SELECT created_at FROM case_item WHERE id = \(third)")))
            await house.deliver()
            let totals = try await house.services.database.read { try CaseCounts.recount($0) }
            #expect(totals.counted == totals.stored)
            try await house.proveRates()
        }
    }

    @Test("投诉、举报、家里的：不提示，也加不进去", arguments: TestEngine.enabled)
    func sealedKinds(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let changes: [@Sendable (inout CaseDraft) -> Void] = [
                { $0.nature = .complaint }, { $0.nature = .tipOff }, { $0.spot = .home },
                { ($0.nature, $0.isWilling) = (.tipOff, true) },
            ]
            let plain = try await house.report(try await lamp(house, "这盏可以加入"), resident)
            for change in changes {
                var draft = try await lamp(house)
                change(&draft)
                let id = try await house.report(draft, resident)
                let second = try await house.context(.youngMother)
                #expect(
                    try await house.refusal { _ = try await self.join(id, try await self.lamp(house), house, second) }
                        == .notFound)
                let dispatcher = try await house.context(.dispatcher)
                if draft.nature.isProtected {
                    #expect(
                        try await house.refusal {
                            try await house.services.commands.merge(id, into: plain, reason: "同一件", dispatcher)
                        } == .conflict)
                }
            }
            let place = try await house.place("幸福里小广场")
            let offered = try await house.services.queries.joinable(
                categories: ["C0118"], community: place.division, place: place.id, around: nil)
            #expect(offered.map(\.id) == [plain])
            #expect(offered.allSatisfy { $0.title.isEmpty && $0.address.isEmpty }, "nothing was cleared")
            let lived = try #require(Neighbour(place.division, house.services.catalogue))
            let around = try await house.services.queries.joinable(
                categories: ["C0118"], community: place.division, place: place.id, around: nil, as: lived)
            #expect(around.map(\.id) == [plain], "living there opens nothing that is protected")
            // With several voices a case cannot be sealed over their heads.
            _ = try await join(plain, try await lamp(house, "我也是"), house, try await house.context(.youngMother))
            let dispatcher = try await house.context(.dispatcher)
            #expect(
                try await house.refusal {
                    try await house.services.commands.classify(.complaint, "C0118", of: plain, dispatcher)
                } == .conflict)
        }
    }

    @Test("坏了的电梯：同一社区的居民看得到类别和楼、能加入；别处的人、没登录的人看不到", arguments: TestEngine.enabled)
    func sharedParts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            var kinds: [ID<Case>] = []
            let changes: [@Sendable (inout CaseDraft) -> Void] = [
                { _ in }, { $0.nature = .complaint }, { $0.nature = .tipOff }, { $0.category = "R1101" },
                { $0.spot = .home },
            ]
            for change in changes {
                var draft = try await house.draft("轿厢晃得厉害，我家住1203", at: "幸福里小区5号楼1单元")
                change(&draft)
                kinds.append(try await house.report(draft, resident))
            }
            let lift = kinds[0]
            let number: String = try await house.value("SELECT number FROM case_item WHERE id = \(lift)") ?? ""
            let place = try await house.place("幸福里小区5号楼1单元")
            let queries = house.services.queries
            let lived = try #require(Neighbour(place.division, house.services.catalogue))
            func offered(_ neighbour: Neighbour?) async throws -> [JoinableCase] {
                try await queries.joinable(
                    categories: ["R0202", "R1101"], community: place.division, place: place.id, around: nil,
                    as: neighbour
                ).filter { kinds.contains($0.id) }
            }
            let seen = try await offered(lived)
            #expect(seen.map(\.id) == [lift] && seen.allSatisfy { $0.isShared && $0.title.isEmpty })
            #expect(seen.first?.address == "幸福里小区5号楼", "the building, not the entrance")
            #expect(try await offered(nil).isEmpty)
            let far = try #require(Neighbour(DivisionCode("110111105200"), house.services.catalogue))
            #expect(try await offered(far).isEmpty)
            #expect(try await house.refusal { _ = try await queries.joinable(number) } == .notFound)
            for hidden in kinds.dropFirst() {
                let other: String = try await house.value("SELECT number FROM case_item WHERE id = \(hidden)") ?? ""
                #expect(try await house.refusal { _ = try await queries.joinable(other, as: lived) } == .notFound)
            }
            let second = try await house.context(.youngMother)
            let voice = try await house.draft("我也被晃到了", at: "幸福里小区5号楼1单元")
            let commands = house.services.commands
            #expect(try await house.refusal { _ = try await commands.join(number, voice, second) } == .notFound)
            let taken = try await commands.join(number, voice, as: lived, second)
            #expect(try await house.state(taken.id) == "merged")
        }
    }

    @Test("同一人或同一户 30 天内再说同类的事是重复诉求；一户几个人只数一户", arguments: TestEngine.enabled)
    func repeatedAndHomes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            func isRepeated(_ id: ID<Case>) async throws -> Bool? {
                try await house.value("SELECT is_repeated FROM case_item WHERE id = \(id)")
            }
            let tenant = try await house.context(.tenant)
            let first = try await told(house, try await lamp(house), tenant)
            #expect(try await isRepeated(first) == false)
            #expect(try await isRepeated(try await house.report(try await house.draft(), tenant)) == false)
            #expect(try await isRepeated(try await house.report(try await lamp(house), tenant)) == true)
            house.clock.advance(minutes: 31 * 1440)
            let later = try await house.context(.tenant)
            #expect(try await isRepeated(try await house.report(try await lamp(house), later)) == false)
            // What they told the office only, or against a unit, says nothing of them to who has the next one.
            var hidden = try await house.draft("楼道没人打扫", category: "R1406")
            (hidden.nature, hidden.disclosure) = (.complaint, .office)
            hidden.isAgainstNobody = true
            var against = try await house.draft("物业乱收费", category: "R1702")
            (against.nature, against.accused) = (.complaint, [try await house.unit("安居物业")])
            for quiet in [hidden, against] {
                let told = try await house.report(quiet, later)
                var next = try await house.draft("又是这样", category: quiet.category)
                #expect(try await isRepeated(try await house.report(next, later)) == false)
                // Said again the same way it is repeated: who reads it reads the first one, too.
                (next.nature, next.disclosure, next.accused) = (quiet.nature, quiet.disclosure, quiet.accused)
                next.isAgainstNobody = quiet.isAgainstNobody
                #expect(try await isRepeated(try await house.report(next, later)) == true)
                #expect(try await isRepeated(told) == false)
            }
            // The same number by phone is the same person; the same door is one home.
            let staff = try await house.context(.dispatcher)
            var called = try await lamp(house, "打电话说的")
            called.source = .staff
            called.reporterPhone = DemoResident.tenant.phone
            #expect(try await isRepeated(try await house.report(called, staff)) == true)
            let lead = try await house.report(try await lamp(house, "小广场又黑了"), house.visitor)
            for (name, home) in [("甲", "3号楼2单元1203"), ("乙", "3号楼2单元1203室"), ("丙", "3号楼2单元1204")] {
                var draft = try await lamp(house, "\(name)说的")
                draft.home = home
                draft.source = .web
                _ = try await join(lead, draft, house, house.visitor)
            }
            let count = try #require(try await count(lead, house))
            #expect(count.households == 2 && count.unknown == 1 && count.voices == 4)
        }
    }

    @Test("说到危险的不并进去，单独成一件并马上提醒", arguments: TestEngine.enabled)
    func dangerStandsAlone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await told(house, try await lamp(house), try await house.context(.tenant))
            var draft = try await lamp(house, "灯杆漏电，有人被电倒了")
            draft.isUrgent = true
            let id = try await join(lead, draft, house, try await house.context(.youngMother))
            #expect(try await house.state(id) != "merged")
            #expect(try await count(lead, house) == nil)
        }
    }
}

extension CaseQueries {
    /// Somebody's list, read on its own.
    fileprivate func mine(_ tab: MyCaseTab, of account: ID<Account>, _ house: House) async throws -> [MyCase] {
        try await house.services.database.read { try mine(tab, of: account, limit: 50, $0) }
    }
}
