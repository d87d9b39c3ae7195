import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Whoever told a case is written to when it waits for them, is delayed or reviewed: once, and by nobody else's sight.
@Suite("办理进展短信")
struct ReporterMessagesTests {
    private static let strangersPhone = "13855550123"

    /// What was sent to a phone, the first first; about one case where its number is said.
    private func sent(_ house: House, to phone: String, about number: String = "") async -> [Text] {
        await house.deliver()
        return house.messages.all.filter { $0.phone == phone && (number.isEmpty || $0.text.zh.contains(number)) }
            .map(\.text)
    }

    private func number(_ id: ID<Case>, _ house: House) async throws -> String {
        try #require(try await house.value("SELECT number FROM case_item WHERE id = \(id)", as: String.self))
    }

    /// A need of somebody without an account who left a phone.
    private func told(_ house: House, _ change: (inout CaseDraft) -> Void = { _ in }) async throws -> ID<Case> {
        var draft = try await house.draft()
        draft.source = .web
        (draft.reporterName, draft.reporterPhone) = ("王五", Self.strangersPhone)
        change(&draft)
        return try await house.report(draft, house.visitor)
    }

    private func finish(_ id: ID<Case>, _ house: House) async throws {
        let property = try await house.unit("安居物业")
        if try await house.value("SELECT handler_unit FROM case_item WHERE id = \(id)", as: Int64.self)
            != property.rawValue
        {
            try await house.take(CaseStep("dispatch", unit: property), id, house.context(.dispatcher))
        }
        try await house.finish(id)
    }

    /// The secret at the end of a message.
    private func secret(_ text: Text) throws -> String {
        let parts = text.zh.split(separator: "/r/")
        #expect(parts.count == 2, "\(text.zh)")
        return String(try #require(parts.last))
    }

    @Test("办完了告诉本人一次，只说编号和要做什么；到期前再提醒一次", arguments: TestEngine.enabled)
    func asks(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let phone = DemoResident.tenant.phone
            let id = try await house.finished(try await house.context(.tenant))
            let number = try await number(id, house)
            var texts = await sent(house, to: phone, about: number)
            #expect(texts.count == 1)
            let text = try #require(texts.first)
            #expect(text.zh.contains("/cases/\(id)") && text.zh.contains("11月25日 10:00") && text.en.contains(number))
            #expect(!text.zh.contains("电梯") && !text.zh.contains("赵"))
            // No link of its own for who signs in, and the phone was opened with a line in the audit.
            let links: Int? = try await house.value(
                "SELECT count(*) FROM case_message WHERE case_id = \(id) AND link_hash IS NOT NULL")
            #expect(links == 0)
            let lines: Int? = try await house.value(
                """
                SELECT count(*) FROM audit_entry WHERE command = 'secrets.reveal' AND subject_kind = 'case'
                AND subject_id = \(id) AND fields LIKE '%phone_sealed%' AND reason = '办理进展告知反映人'
                """)
            #expect(lines == 1)
            // Half-way is at ten in the evening: the next morning is soon enough.
            house.clock.advance(minutes: 37 * 60)
            try await house.run(job: "cases.messages")
            texts = await sent(house, to: phone, about: number)
            #expect(texts.count == 1)
            house.clock.advance(minutes: 10 * 60)
            for _ in 0..<2 { try await house.run(job: "cases.messages") }
            texts = await sent(house, to: phone, about: number)
            #expect(texts.count == 2 && texts.last?.zh.contains("还在等您答复") == true)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("答复过的、说过不愿答复的、匿名的不再打扰", arguments: TestEngine.enabled)
    func leavesAlone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let phone = DemoResident.tenant.phone
            let tenant = try await house.context(.tenant)
            let answered = try await house.finished(tenant)
            #expect(await sent(house, to: phone, about: try await number(answered, house)).count == 1)
            try await house.take(CaseStep("confirm"), answered, tenant)
            let declined = try await house.finished(tenant)
            #expect(await sent(house, to: phone, about: try await number(declined, house)).count == 1)
            try await house.services.commands.followUp(.declined, of: declined, house.context(.dispatcher))
            let nobody = try await told(house) { $0.disclosure = .anonymous }
            try await finish(nobody, house)
            house.clock.advance(minutes: 60 * 60)
            try await house.run(job: "cases.messages")
            for id in [answered, declined] {
                #expect(await sent(house, to: phone, about: try await number(id, house)).count == 1)
            }
            #expect(await sent(house, to: Self.strangersPhone).isEmpty)
            let planned: Int? = try await house.value("SELECT count(*) FROM case_message WHERE case_id = \(nobody)")
            #expect(planned == 0)
        }
    }

    @Test("没有账号的带一条自己的链接：能看能答复，到期作废，库里只有散列", arguments: TestEngine.enabled)
    func links(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await told(house)
            try await finish(id, house)
            let texts = await sent(house, to: Self.strangersPhone)
            #expect(texts.count == 1)
            let secret = try secret(try #require(texts.first))
            let queries = house.services.queries
            #expect(try await queries.caseID(receipt: secret) == id)
            #expect(try await house.refusal { _ = try await queries.caseID(receipt: secret + "0") } == .notFound)
            let kept: [UInt8]? = try await house.value(
                "SELECT link_hash FROM case_message WHERE case_id = \(id) AND news = 'asked'")
            #expect(kept == house.services.database.keys.tokenHash("receipt:\(secret)"))
            let occasion = try #require(
                try await house.value(
                    "SELECT occasion FROM case_message WHERE case_id = \(id) AND news = 'asked'", as: Int64.self))
            let made = "message:\(id):asked:\(occasion)"
            let keys = house.services.database.keys
            #expect(secret == keys.secret(of: made))
            #expect(secret != keys.formToken(session: made), "no cookie of one's own choice makes a link")
            var step = CaseStep("confirm")
            step.stars = 4
            try await house.take(step, id, house.holder(of: id))
            #expect(try await house.outcomes(id).map(\.channel) == [.link])
            house.clock.advance(minutes: 46 * 1440)
            #expect(try await house.refusal { _ = try await queries.caseID(receipt: secret) } == .notFound)
        }
    }

    @Test("同一件事几个人反映，每人一条、各是各的编号；撤回的没有", arguments: TestEngine.enabled)
    func voices(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let people: [DemoResident] = [.tenant, .youngMother, .nurse]
            var lamp = try await house.draft("路灯不亮", category: "C0118", at: "幸福里小广场")
            lamp.spot = .street
            let lead = try await house.report(lamp, house.context(.tenant))
            let number = try await number(lead, house)
            let commands = house.services.commands
            let voice = try await commands.join(number, lamp, house.context(.youngMother))
            let left = try await commands.join(number, lamp, house.context(DemoResident.nurse))
            // However small the pages they are read by, none is left out.
            let records = try await house.services.database.read { tx in
                try [1, 2, 500].map { try VoicesStore.records(in: lead, page: $0, tx).map(\.id) }
            }
            #expect(records == Array(repeating: [voice.id, left.id], count: 3))
            try await house.take(CaseStep("withdraw", text: "不用了"), left.id, house.context(DemoResident.nurse))
            try await finish(lead, house)
            let numbers = [number, voice.number, left.number]
            for (person, number) in zip(people, numbers) {
                let texts = await sent(house, to: person.phone, about: number)
                #expect(texts.count == (person == .nurse ? 0 : 1), "\(person)")
            }
            #expect(await sent(house, to: DemoResident.youngMother.phone, about: number).isEmpty)
        }
    }

    @Test("举报的短信什么都不说", arguments: TestEngine.enabled)
    func tipOffs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await told(house) { ($0.nature, $0.disclosure) = (.tipOff, .office) }
            try await finish(id, house)
            let text = try #require(await sent(house, to: Self.strangersPhone).first)
            let number = try await number(id, house)
            for word in [number, "举报", "反映", "电梯"] { #expect(!text.zh.contains(word), "\(word)") }
            #expect(try await house.services.queries.caseID(receipt: try secret(text)) == id)
        }
    }

    @Test("挂账、等您配合、复核结论都告诉；自己关掉就不发", arguments: TestEngine.enabled)
    func otherNews(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let centre = try await house.context(.dispatcher)
            let phone = DemoResident.tenant.phone
            let id = try await house.report(try await house.draft(), tenant)
            let number = try await number(id, house)
            try await house.take(CaseStep("accept"), id, handler)
            let commands = house.services.commands
            let wanted = try await commands.ask(
                .pause, reason: "applicant", minutes: 2 * 1440, text: "等住户约时间", for: id, handler)
            _ = try await commands.decide(wanted, isGranted: true, text: "同意", centre)
            var last = await sent(house, to: phone, about: number).last
            #expect(last?.zh.contains("需要您补充情况或配合") == true && last?.zh.contains("约时间") == false)
            // What is wanted of them is where the message leads, with the class of the reason.
            let seen = try await house.services.queries.view(id, tenant).entries
            let read = seen.first { $0.transition == "grantPause" }?.text ?? ""
            #expect(read.hasPrefix("原因：等") && read.contains("需要您：等住户约时间"))
            #expect(read.hasSuffix("审批意见：同意"))
            let view = try await house.services.queries.view(id, tenant)
            let line = try #require(view.entries.first { $0.transition == "grantPause" })
            #expect(view.words(of: line).zh == read)
            #expect(
                view.words(of: line).en
                    == "Reason: Waiting for the reporter. Needed from you: 等住户约时间\nDecision: 同意")
            // What they add reaches who has it in hand, once and unsigned.
            for words in ["周六上午在家", "下午也行"] {
                try await commands.remark(words, isVisible: true, photos: [], on: id, tenant)
            }
            let heard = try await house.services.database.read { try CaseQueries.notices(for: handler.actor, $0) }
                .filter { $0.kind == .supplied }
            #expect(heard.map(\.row.id) == [id] && heard.first?.byName.isEmpty == true)
            // Nobody is told of what was refused.
            try await commands.resume(id, handler)
            let refused = try await commands.ask(
                .pause, reason: "material", minutes: 1440, text: "等配件", for: id, handler)
            _ = try await commands.decide(refused, isGranted: false, text: "有现货", centre)
            #expect(await sent(house, to: phone, about: number).count == 1)
            for text in ["修好了", "又修了"] {
                try await house.take(CaseStep("finish", text: text), id, handler)
                await house.deliver()
                try await house.take(CaseStep("contest", text: "还是响"), id, tenant)
                guard text == "修好了" else { continue }
                let property = try await house.unit("安居物业")
                try await house.take(CaseStep("dispatch", text: "维保在它，请换人", unit: property), id, centre)
                try await house.take(CaseStep("accept"), id, house.context(.propertyManager))
            }
            #expect(try await house.state(id) == "reviewing")
            let reviewer = try await house.context(.lateDispatcher)
            try await ReporterMessages.want(false, tenant, house.services.database)
            try await house.take(CaseStep("uphold", text: "要换轴承"), id, reviewer)
            #expect(await sent(house, to: phone, about: number).count == 3)
            try await ReporterMessages.want(true, tenant, house.services.database)
            let again = CaseStep("dispatch", text: "维保在它，复核成立", unit: try await house.unit("安居物业"))
            try await house.take(again, id, centre)
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "换了轴承"), id, handler)
            try await house.take(CaseStep("contest", text: "还是响"), id, tenant)
            try await house.take(CaseStep("dismiss", text: "经检测正常"), id, house.context(.districtOfficer))
            try await house.proveRates()
            last = await sent(house, to: phone, about: number).last
            #expect(last?.zh.contains("维持原来的办理结果") == true && last?.zh.contains("轴承") == false)
        }
    }

    @Test("夜里办完的，早上八点再发", arguments: TestEngine.enabled)
    func night(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await told(house)
            house.clock.advance(minutes: 13 * 60)
            try await finish(id, house)
            #expect(await sent(house, to: Self.strangersPhone).isEmpty)
            house.clock.advance(minutes: 8 * 60)
            try await house.run(job: "cases.messages")
            #expect(await sent(house, to: Self.strangersPhone).isEmpty)
            house.clock.advance(minutes: 60)
            try await house.run(job: "cases.messages")
            #expect(await sent(house, to: Self.strangersPhone).count == 1)
        }
    }

    @Test("白天才写给人") func daytime() {
        let day = CivilDate(daysSinceEpoch: 20_779)
        let expected: [(Int, Instant)] = [
            (0, Instant(day, hour: 8)), (7, Instant(day, hour: 8)), (8, Instant(day, hour: 8)),
            (20, Instant(day, hour: 20)), (21, Instant(day.adding(days: 1), hour: 8)),
        ]
        for (hour, moment) in expected { #expect(MessageHours.daytime(Instant(day, hour: hour)) == moment) }
    }
}
