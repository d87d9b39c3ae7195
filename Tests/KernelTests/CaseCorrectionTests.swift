import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Small commands of staff: correcting what a case is, taking notice of an alert, the way to a second factor.
@Suite("更正、知悉、第二步验证")
struct CaseCorrectionTests {
    @Test("更正性质和类别：只有派单的和承办的能改，改成投诉就保护起来", arguments: TestEngine.enabled)
    func classifies(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            var draft = try await house.draft("物业的人态度不好", category: "R0104")
            draft.disclosure = .named
            let id = try await house.report(draft, try await house.context(.tenant))
            let dispatcher = try await house.context(.dispatcher)
            let stranger = try await house.context(.waterHandler)
            let hidden = try await house.refusal {
                try await commands.classify(.complaint, "R0804", of: id, stranger)
            }
            #expect(hidden == .notFound)
            let auditor = try await house.context(.auditor)
            #expect(
                try await house.refusal { try await commands.classify(.complaint, "R0804", of: id, auditor) }
                    == .notFound
            )
            let unknown = try await house.refusal { try await commands.classify(.complaint, "X1", of: id, dispatcher) }
            #expect(unknown != nil)
            try await commands.classify(.complaint, "R0804", of: id, dispatcher)
            let item = try await house.services.queries.view(id, dispatcher).item
            #expect(item.nature == .complaint && item.category == "R0804")
            #expect(item.disclosure == .office, "a complaint hides who made it")
            #expect(!item.isCommon)
            try await commands.classify(.assistance, "R0104", of: id, dispatcher)
            let back = try await house.services.queries.view(id, dispatcher).item
            #expect(back.disclosure == .office, "what was hidden is not shown again")
            let traces = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'cases.classify' AND subject_id = \(id) AND fields LIKE 'nature%'",
                as: Int.self
            )
            #expect(traces == 2)
        }
    }

    @Test("督办提醒由收到的单位知悉，别的单位看不到它", arguments: TestEngine.enabled)
    func seesAlerts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant)
            )
            house.clock.advance(minutes: 10 * 1440)
            try await house.run(job: "cases.escalate")
            let street = try await house.unit("东华门街道市民诉求处置中心")
            let alert = try #require(
                try await house.value(
                    "SELECT id FROM case_alert WHERE case_id = \(id) AND unit_id = \(street) ORDER BY id LIMIT 1",
                    as: ID<CaseAlert>.self
                )
            )
            let commands = house.services.commands
            let far = try await house.context(.waterHandler)
            #expect(try await house.refusal { try await commands.see(alert, far) } == .notFound)
            let dispatcher = try await house.context(.dispatcher)
            try await commands.see(alert, dispatcher)
            let first = try await house.value("SELECT seen_at FROM case_alert WHERE id = \(alert)", as: Instant.self)
            house.clock.advance(minutes: 5)
            try await commands.see(alert, try await house.context(.dispatcher))
            let again = try await house.value("SELECT seen_at FROM case_alert WHERE id = \(alert)", as: Instant.self)
            #expect(first == again, "the first look counts")
        }
    }

    @Test("第二步验证的密钥只生成一次，封着存", arguments: TestEngine.enabled)
    func enrols(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let context = try await house.context(.tenant)
            let account = try #require(context.actor.account)
            let signIn = house.services.signIn
            let secret = try await signIn.secondFactorSecret(account, context)
            let again = try await signIn.secondFactorSecret(account, context)
            #expect(secret.count == 20 && secret == again)
            let sealed: [UInt8]? = try await house.value("SELECT totp_sealed FROM account WHERE id = \(account)")
            #expect(sealed != nil && sealed?.firstRange(of: secret) == nil)
            let traces = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'access.enrol' AND subject_id = \(account)",
                as: Int.self
            )
            #expect(traces == 1)
        }
    }
}
