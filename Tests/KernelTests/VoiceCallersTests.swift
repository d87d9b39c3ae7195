import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Who is joined by staff is a voice like any other; homes are counted by the doors that are known.
@Suite("来电的人加进同一件；数户数")
struct VoiceCallersTests {
    private func lamp(_ house: House, _ text: String = "路灯不亮") async throws -> CaseDraft {
        var draft = try await house.draft(text, category: "C0118", at: "幸福里小广场")
        draft.spot = .street
        return draft
    }

    /// A case with a unit of the demo that has a person to do it.
    private func told(_ house: House, _ draft: CaseDraft, _ context: Context) async throws -> ID<Case> {
        let id = try await house.report(draft, context)
        let property = try await house.unit("安居物业")
        let handler: Int64? = try await house.value("SELECT handler_unit FROM case_item WHERE id = \(id)")
        if handler != property.rawValue {
            try await house.take(CaseStep("dispatch", unit: property), id, house.context(.dispatcher))
        }
        return id
    }

    private func join(
        _ lead: ID<Case>, _ draft: CaseDraft, _ house: House, _ context: Context
    ) async throws -> ID<Case> {
        let number: String = try await house.value("SELECT number FROM case_item WHERE id = \(lead)") ?? ""
        return try await house.services.commands.join(number, draft, context).id
    }

    private func count(_ id: ID<Case>, _ house: House) async throws -> VoiceCount? {
        try await house.services.database.read { try VoiceCount.of([id], $0)[id] }
    }

    @Test("户数只数知道的门牌：账号关联了住址的用住址，没留门牌的另说几人", arguments: TestEngine.enabled)
    func homesOfAccounts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterElder()
            let elder = try await house.context(.elderAlone)
            let lead = try await house.report(try await lamp(house), try await house.context(.tenant))
            _ = try await join(lead, try await lamp(house, "我晚上不敢出门"), house, elder)
            _ = try await join(lead, try await lamp(house, "我也是"), house, try await house.context(.youngMother))
            let known = try #require(try await count(lead, house))
            #expect(known.households == 1 && known.unknown == 2 && known.voices == 3)
            var hidden = try await lamp(house, "不想让人知道")
            hidden.disclosure = .anonymous
            let other = try await house.report(try await lamp(house, "另一盏灯"), try await house.context(.tenant))
            _ = try await join(other, hidden, house, elder)
            let nobody = try #require(try await count(other, house))
            #expect(nobody.households == 0 && nobody.unknown == 2, "who stays anonymous has no home here")
            let place = try await house.place("幸福里小广场")
            let account = try #require(elder.actor.account)
            let tenant = try #require(try await house.context(.tenant).actor.account)
            let homes = try await house.services.database.read { tx in
                try [account, tenant].map { try CaseQueries.hasHome($0, near: place.division, tx) }
            }
            #expect(homes == [true, false])
        }
    }

    @Test("工作人员把来电的人加进同一件：有编号、收短信、凭链接评价；同一个电话不重复加；看不到、不能代登的加不了", arguments: TestEngine.enabled)
    func callers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let lead = try await told(house, try await lamp(house), try await house.context(.tenant))
            let worker = try await house.context(.worker)
            var caller = try await lamp(house, "下夜班看不见路")
            (caller.reporterName, caller.reporterPhone) = ("王女士", "13912345670")
            caller.home = "3号楼2单元1203"
            let taken = try await commands.join(caller: caller, to: lead, worker)
            #expect(try await house.state(taken.id) == "merged")
            let homes = try #require(try await count(lead, house))
            #expect(homes.households == 1 && homes.unknown == 1 && homes.voices == 2)
            let source: String? = try await house.value("SELECT source FROM case_item WHERE id = \(taken.id)")
            let by: Int64? = try await house.value("SELECT registered_by FROM case_item WHERE id = \(taken.id)")
            #expect(source == "staff" && by == worker.actor.account?.rawValue)
            let audited: Int? = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'cases.join' AND subject_id = \(taken.id)")
            #expect((audited ?? 0) >= 1)
            // It is the step of who wrote it down, and for staff alone.
            let mark = CaseMark.voiceJoined.rawValue
            let named = try await house.services.queries.view(lead, worker).entries.filter { $0.transition == mark }
            #expect(named.map(\.actorName) == [worker.actor.name])
            let first = try await house.services.queries.reporterView(lead, try await house.context(.tenant))
            #expect(!first.entries.contains { $0.actorName == worker.actor.name })
            // The same phone, and that of who told it first.
            for phone in [caller.reporterPhone, DemoResident.tenant.phone] {
                var again = caller
                again.reporterPhone = phone
                let draft = again
                let refusal = try await house.refusal { _ = try await commands.join(caller: draft, to: lead, worker) }
                #expect(refusal == .conflict)
            }
            var other = caller
            other.reporterPhone = "13912345671"
            let second = other
            func refused(_ person: DemoStaff) async throws -> LinliError.Kind? {
                let context = try await house.context(person)
                return try await house.refusal { _ = try await commands.join(caller: second, to: lead, context) }
            }
            #expect(try await refused(.locustWorker) == .notFound)
            #expect(try await refused(.propertyHandler) == .forbidden, "who handles it registers for nobody")
            var complaint = second
            complaint.nature = .complaint
            let own = complaint
            #expect(try await house.refusal { _ = try await commands.join(caller: own, to: lead, worker) } == .invalid)
            // Through one of its voices the case itself is meant.
            _ = try await commands.join(caller: second, to: taken.id, worker)
            #expect(try await count(lead, house)?.voices == 3)
            try await house.finish(lead)
            let asked: Int? = try await house.value(
                """
                SELECT count(*) FROM case_message
                WHERE case_id = \(taken.id) AND news = 'asked' AND link_hash IS NOT NULL
                """)
            #expect(asked == 1)
            var yes = CaseStep("confirm")
            yes.stars = 4
            try await house.take(yes, taken.id, house.holder(of: taken.id))
            #expect(try await house.outcomes(taken.id).map(\.isSolved) == [true])
            #expect(try await house.refusal { _ = try await commands.join(caller: own, to: lead, worker) } == .conflict)
            try await house.proveRates()
        }
    }

    /// A worker must not learn from a refusal that a number is that of who told it to the receiving office only.
    @Test("只让受理中心知道的电话：社区再加一次不说已经反映过，也不多数一个人；受理中心加会说", arguments: TestEngine.enabled)
    func silent(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let (worker, dispatcher) = (try await house.context(.worker), try await house.context(.dispatcher))
            var first = try await lamp(house)
            (first.source, first.disclosure) = (.staff, .office)
            (first.reporterName, first.reporterPhone) = ("王女士", "13912345670")
            let lead = try await told(house, first, dispatcher)
            var caller = try await lamp(house, "下夜班看不见路")
            (caller.disclosure, caller.reporterName, caller.reporterPhone) = (.office, "王女士", first.reporterPhone)
            let draft = caller
            let refusal = try await house.refusal { _ = try await commands.join(caller: draft, to: lead, dispatcher) }
            #expect(refusal == .conflict)
            _ = try await commands.join(caller: draft, to: lead, worker)
            let people = try #require(try await count(lead, house))
            #expect(people.households == 0 && people.unknown == 1)
        }
    }

    @Test("加入的人看到的“为什么是他们”和第一个反映的人一样", arguments: TestEngine.enabled)
    func grounds(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let first = try await house.context(.tenant)
            let second = try await house.context(.youngMother)
            let lead = try await told(house, try await lamp(house), first)
            let voice = try await join(lead, try await lamp(house, "看不见路"), house, second)
            let queries = house.services.queries
            let ground = try await queries.reporterView(lead, first).item.ground
            #expect(ground != CaseRouting.Ground.none.rawValue)
            #expect(try await queries.reporterView(voice, second).item.ground == ground)
        }
    }
}
