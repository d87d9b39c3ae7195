import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What was only guessed from the words is marked until a person says so too, and found in a tab of its own.
@Suite("推断的类别待确认")
struct UnconfirmedTests {
    private func doubt(_ id: ID<Case>, _ house: House) async throws -> CaseDoubt {
        CaseDoubt(rawValue: try await house.value("SELECT doubt FROM case_item WHERE id = \(id)") ?? -1)
    }

    /// A need told by a program of a resident, in the estate.
    private func tell(_ words: String, _ house: House, _ more: String = "") async throws -> ID<Case> {
        let body = #"{"text":"\#(words)","division":"110101001901001"\#(more)}"#
        let answer = try await house.call("/api/v1/cases", body, try await house.context(.tenant))
        let text = try #require(answer.text.firstRange(of: #""id":""#).map { answer.text[$0.upperBound...].prefix(13) })
        return try #require(ID<Case>(String(text)))
    }

    /// Handles a case and has it confirmed.
    private func close(_ id: ID<Case>, _ person: DemoResident, _ house: House) async throws {
        let handler = try await house.context(.propertyHandler)
        try await house.take(CaseStep("accept"), id, handler)
        try await house.take(CaseStep("finish", text: "办好了"), id, handler)
        try await house.take(CaseStep("confirm"), id, house.context(person))
    }

    @Test("人选的不标，推断的没把握才标；网页、接口、随手报一个规矩", arguments: TestEngine.enabled)
    func marks(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let vague = "阳台外边老有水滴下来"
            let both = try await tell(vague, house)
            #expect(try await doubt(both, house).contains(.category))
            let chosen = try await tell(vague, house, #","category":"R0105","nature":"assistance""#)
            #expect(try await doubt(chosen, house).isEmpty)
            let nature = try await tell(vague, house, #","category":"R0105""#)
            #expect(try await !doubt(nature, house).contains(.category))
            // What is sure enough stands by itself; how sure that is is a setting.
            let clear = "电梯里有人被困，快来救人"
            let found = try await house.services.suggestions.suggest(clear)
            #expect(found.isSure)
            let sure = try await tell(clear, house, #","nature":"assistance""#)
            #expect(try await doubt(sure, house).isEmpty)
            let form = Form([("text", vague), ("once", "0123456789abcdef"), ("similar", "seen")])
            _ = try await house.send("/report", form, house.visitor)
            let page: Int? = try await house.value(
                "SELECT count(*) FROM case_item WHERE text = \(vague) AND source = 'web' AND doubt > 0")
            #expect(page == 1)
            let grid = Form([
                ("text", vague), ("division", "110101001901001"), ("once", "0123456789abcdeg"), ("similar", "seen"),
            ])
            _ = try await house.send("/grid/report", grid, try await house.context(.gridWorker1))
            let found2: Int? = try await house.value(
                "SELECT count(*) FROM case_item WHERE text = \(vague) AND source = 'grid' AND doubt > 0")
            #expect(found2 == 1)
        }
    }

    @Test("列表和工单页上看得见，有页签；点一下确认，或者更正，就没有了", arguments: TestEngine.enabled)
    func confirming(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let ids = [try await tell("阳台外边老有水滴下来", house), try await tell("那边不太对劲", house)]
            func listed(_ person: Context) async throws -> Set<ID<Case>> {
                let scope = person.actor.scope(for: .casesRead)
                let rows = try await house.services.queries.list(
                    CaseFilter(tab: .unconfirmed, limit: 500), scope, at: house.clock.clock.now)
                let count = try await house.services.database.read {
                    try DeskStore.counts(scope, at: house.clock.clock.now, $0).unconfirmed
                }
                #expect(count == rows.count)
                return Set(rows.map(\.id))
            }
            #expect(try await listed(dispatcher).isSuperset(of: ids))
            #expect(try await listed(house.context(.townDispatcher)).isDisjoint(with: ids))
            let list = try await house.open("/desk", query: [("tab", "unconfirmed")], dispatcher)
            #expect(list.contains("类别待确认") && list.contains("\(ids[0])"))
            let path = CasePath.desk(ids[0])
            let page = try await house.open(path, query: [], dispatcher)
            #expect(page.contains("类别待确认") && page.contains("action=\"\(path)/confirm-kind\""))
            let stranger = try await house.context(.locustWorker)
            let commands = house.services.commands
            #expect(try await house.refusal { try await commands.confirmKind(of: ids[0], stranger) } == .notFound)
            let before: Int? = try await house.value("SELECT version FROM case_item WHERE id = \(ids[0])")
            for _ in 0..<2 {
                let done = try await house.send("\(path)/confirm-kind", Form(), dispatcher)
                #expect(done?.contains("done=confirm-kind") == true)
            }
            let after: Int? = try await house.value("SELECT version FROM case_item WHERE id = \(ids[0])")
            #expect(after == before.map { $0 + 1 }, "confirmed again it changes nothing")
            try await commands.classify(.assistance, "R0105", of: ids[1], dispatcher)
            #expect(try await listed(dispatcher).isDisjoint(with: ids))
            let quiet = try await house.open(path, query: [], dispatcher)
            #expect(!quiet.contains("类别待确认") && !quiet.contains("confirm-kind"))
            let audited: Int? = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'cases.confirmKind' AND subject_id = \(ids[0])")
            #expect(audited == 2)
        }
    }

    @Test("没把握的推断不当急件：不响铃、按一般时限；人确认了才按那一类算", arguments: TestEngine.enabled)
    func urgency(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let now = resident.now
            let dispatcher = try await house.context(.dispatcher)
            func due(_ clock: String, _ id: ID<Case>) async throws -> Instant? {
                let view = try await house.services.queries.view(id, dispatcher)
                return view.clocks.first { $0.clock == clock }?.dueAt
            }
            func rings(_ id: ID<Case>) async throws -> Int? {
                try await house.value("SELECT count(*) FROM case_alert WHERE case_id = \(id) AND clock = 'urgent'")
            }
            var draft = try await house.draft("门口那边又停了一排", category: "R0803")
            draft.doubt = [.category]
            let unit = try await house.unit("安居物业")
            var ids: [ID<Case>] = []
            for _ in 0..<2 {
                let id = try await house.report(draft, resident)
                if try await house.state(id) == "received" {
                    try await house.take(CaseStep("dispatch", text: "请物业看看", unit: unit), id, dispatcher)
                }
                #expect(try await rings(id) == 0)
                #expect(try await due("limit", id) == now.adding(days: 7))
                #expect(try await due("response", id) == now.adding(hours: 24))
                ids.append(id)
            }
            try await house.services.commands.confirmKind(of: ids[0], dispatcher)
            try await house.services.commands.classify(.assistance, "R0803", of: ids[1], dispatcher)
            for id in ids {
                #expect(try await rings(id) == 1)
                #expect(try await due("limit", id) == now.adding(hours: 2))
                #expect(try await due("response", id) == now.adding(hours: 2))
                // Our own promise of 80 % comes first.
                let view = try await house.services.queries.view(id, dispatcher)
                #expect(view.item.dueAt == now.adding(minutes: 96))
                // From when it counts like that stands in the history, whichever way somebody said so.
                #expect(view.entries.count { $0.transition == CaseMark.confirmedCategory.rawValue } == 1)
            }
            let evidence = try await house.services.queries.proveEvidence()
            #expect(evidence.different == 0, "\(evidence.differences)")
        }
    }

    @Test(
        "协办和一起反映的跟着主件待确认：不响铃、按一般时限；主件确认了，或者只更正性质，协办马上响", arguments: TestEngine.enabled, [false, true])
    func copies(_ engine: TestEngine, _ isCorrection: Bool) async throws {
        try await withHouse(engine) { house in
            let (commands, dispatcher) = (house.services.commands, try await house.context(.dispatcher))
            let now = dispatcher.now
            func due(_ clock: String, _ id: ID<Case>) async throws -> Instant? {
                let view = try await house.services.queries.view(id, dispatcher)
                return view.clocks.first { $0.clock == clock }?.dueAt
            }
            func rings(_ id: ID<Case>) async throws -> Int? {
                try await house.value("SELECT count(*) FROM case_alert WHERE case_id = \(id) AND clock = 'urgent'")
            }
            func draft(_ text: String) async throws -> CaseDraft {
                var draft = try await house.draft(text, category: "C0114", at: "幸福里小广场")
                (draft.spot, draft.isWilling) = (.street, true)
                return draft
            }
            var guessed = try await draft("广场那块地面不太对")
            guessed.doubt = [.category]
            let lead = try await house.report(guessed, try await house.context(.tenant))
            let property = try await house.unit("安居物业")
            let unit: SQL = "SELECT coalesce(handler_unit, 0) FROM case_item WHERE id = \(lead)"
            if try await house.value(unit, as: Int64.self) != property.rawValue {
                try await house.take(CaseStep("dispatch", unit: property), lead, dispatcher)
            }
            let water = try await house.unit("城东自来水服务站")
            let part = try await commands.addPart(
                CasePartDraft(unit: water, text: "请看看下面有没有管线"), to: lead, dispatcher
            ).id
            let number = try await house.value("SELECT number FROM case_item WHERE id = \(lead)", as: String.self) ?? ""
            var voices: [ID<Case>] = []
            for person in [DemoResident.youngMother, .retiredTeacher] {
                let told = try await draft("我也看见了，是这块地面")
                voices.append(try await commands.join(number, told, house.context(person)).id)
            }
            for id in [part] + voices { #expect(try await doubt(id, house) == [.category]) }
            #expect(try await rings(part) == 0)
            let signing = try #require(try await due("step", part))
            #expect(signing > now.adding(hours: 2))
            try await commands.split(voices[1], reason: "说的是另一块", dispatcher)
            try await house.take(CaseStep("dispatch", unit: property), voices[1], dispatcher)
            #expect(try await rings(voices[1]) == 0)
            #expect(try await due("limit", voices[1]) == now.adding(days: 7))
            if isCorrection {
                // Another nature, the same kind: a person said both.
                try await commands.classify(.suggestion, "C0114", of: lead, dispatcher)
            } else {
                try await commands.confirmKind(of: lead, dispatcher)
            }
            for id in [lead, part] { #expect(try await rings(id) == 1) }
            #expect(try await due("step", part) == now.adding(hours: 2))
            for id in [lead, part, voices[0]] { #expect(try await doubt(id, house).isEmpty) }
            #expect(try await doubt(voices[1], house) == [.category], "what was taken out is a case of its own")
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("承办单位也看得到自己手里的，别人的看不到", arguments: TestEngine.enabled)
    func units(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft()
            draft.doubt = [.nature]
            let id = try await house.report(draft, try await house.context(.tenant))
            for (person, sees) in [(DemoStaff.propertyHandler, true), (.waterHandler, false)] {
                let context = try await house.context(person)
                let rows = try await house.services.queries.list(
                    CaseFilter(tab: .unconfirmed), context.actor.scope(for: .casesRead), at: house.clock.clock.now)
                #expect(rows.contains { $0.id == id } == sees, "\(person)")
                let page = try await house.open("/desk", query: [("tab", "unconfirmed")], context)
                #expect(page.contains("性质待确认") == sees, "\(person)")
            }
        }
    }

    @Test("没人确认过的，办结了也不拿来学", arguments: TestEngine.enabled)
    func teaches(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // Different people: who tells the same again is checked by the street before it is closed.
            for (isConfirmed, person) in [(false, DemoResident.tenant), (true, .youngMother)] {
                var draft = try await house.draft()
                draft.doubt = [.category]
                let id = try await house.report(draft, house.context(person))
                if isConfirmed {
                    try await house.services.commands.confirmKind(of: id, house.context(.dispatcher))
                }
                try await close(id, person, house)
                await house.deliver()
                #expect(try await house.state(id) == "closed")
                let learned: Int? = try await house.value("SELECT count(*) FROM suggestion_case WHERE case_id = \(id)")
                #expect(learned == (isConfirmed ? 1 : 0))
            }
        }
    }

    @Test("接口：推荐带着把握，单位只告诉工作人员，改没改都看得见", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await tell("阳台外边老有水滴下来", house)
            for person in [DemoResident.tenant, .youngMother, .topFloor] {
                let told = try await house.report(try await house.draft(), try await house.context(person))
                try await close(told, person, house)
            }
            await house.deliver()
            try await withSite(house) { site in
                let asked = #"{"text":"电梯里有人被困，快来救人","division":"110101001901001"}"#
                let told = try await site.shown("POST", "/suggestions", asked, as: site.bare)
                let best = try #require(told["categories"].list.first)
                #expect(
                    !best["confirm"].isTrue
                        && (Int(best["percent"].text) ?? 0) >= (Int(told["confirmBelow"].text) ?? 100))
                #expect(told["unit"].names.isEmpty)
                let vague = asked.replacing("电梯里有人被困，快来救人", with: "阳台外边老有水滴下来")
                let guessed = try await site.shown("POST", "/suggestions", vague, as: site.bare)
                #expect(guessed["categories"].list.allSatisfy { $0["confirm"].isTrue })
                let nothing = asked.replacing("电梯里有人被困，快来救人", with: "12345")
                #expect(try await site.shown("POST", "/suggestions", nothing, as: site.bare)["categories"].list.isEmpty)
                let odd = asked.replacing("{", with: #"{"category":"R9999","#)
                _ = try await site.shown("POST", "/suggestions", odd, as: site.bare, status: 422)
                let desk = try await site.program(for: .dispatcher)
                let lift = asked.replacing("{", with: #"{"category":"R0202","#)
                let known = try await site.shown("POST", "/suggestions", lift, as: desk)["unit"]
                #expect(known["name"].text == "安居物业" && known["confirm"].isTrue)
                #expect(try await site.shown("POST", "/suggestions", lift, as: site.bare)["unit"].names.isEmpty)
                let list = try await site.whole("/cases?tab=unconfirmed", "cases", limit: 50, as: desk)
                let row = try #require(list.first { $0["id"].text == "\(id)" })
                #expect(row["unconfirmed"].list.map(\.text).contains("category"))
                let after = try await site.shown("POST", "/cases/\(id)/confirmation", as: desk)
                #expect(after["unconfirmed"].list.isEmpty && after["id"].text == "\(id)")
                let resident = try await site.program(for: DemoResident.tenant)
                #expect(try await site.shown("GET", "/cases/\(id)", as: resident)["unconfirmed"].list.isEmpty)
                _ = try await site.shown("POST", "/cases/\(id)/confirmation", as: resident, status: 404)
            }
        }
    }
}
