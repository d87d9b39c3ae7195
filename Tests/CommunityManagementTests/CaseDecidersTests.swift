import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Who may review and who may rule: nobody what they decided themselves, the district nothing that is the street's, and
/// somebody always.
@Suite("谁能复核、谁能裁定")
struct CaseDecidersTests {
    /// What the dispatcher did to a case before its reporter asks for a review.
    enum Deed: String, Sendable, CaseIterable {
        case sent, sentBack, sentAgain, passed, failed, ruled, refusedExclusion

        /// Whether it decided about what was done, or whose it is.
        var isHand: Bool { self != .sent }
    }

    private func take(
        _ step: String, text: String = "", unit: String? = nil, _ id: ID<Case>, _ person: DemoStaff, _ house: House
    ) async throws {
        var taken = CaseStep(step, text: text)
        if let unit { taken.unit = try await house.unit(unit) }
        if step.hasPrefix("refuse") { taken.reasonClass = "notOurs" }
        try await house.take(taken, id, try await house.context(person))
    }

    /// A case up to its acceptance by the property company, with what `deed` has to do with that.
    private func accepted(_ deed: Deed, _ house: House) async throws -> ID<Case> {
        let id = try await house.report(try await house.draft(), try await house.context(.tenant))
        switch deed {
        case .sent:
            try await take("accept", id, .propertyHandler, house)
            try await take("dispatch", text: "请换一班人", unit: "安居物业", id, .dispatcher, house)
        case .sentBack:
            try await take("refuse", text: "不归我们管", id, .propertyHandler, house)
            try await take("dispatch", text: "合同在你们", unit: "安居物业", id, .dispatcher, house)
        case .ruled:
            try await take("refuse", text: "不归我们管", id, .propertyHandler, house)
            try await take("dispatch", text: "请先看", unit: "城市管理办公室", id, .lateDispatcher, house)
            try await take("refuseAgain", text: "不是我们科的事", id, .cityHandler, house)
            try await take("rule", text: "合同在物业", unit: "安居物业", id, .dispatcher, house)
        default: break
        }
        try await take("accept", id, .propertyHandler, house)
        return id
    }

    /// A case that waits for its review, after `deed`.
    private func contested(_ deed: Deed, _ house: House) async throws -> ID<Case> {
        let id = try await accepted(deed, house)
        let tenant = try await house.context(.tenant)
        try await take("finish", text: "修好了", id, .propertyHandler, house)
        try await house.take(CaseStep("contest", text: "没好"), id, tenant)
        let sender: DemoStaff = deed == .sentAgain ? .dispatcher : .lateDispatcher
        try await take("dispatch", text: "请换一位师傅", unit: "安居物业", id, sender, house)
        try await take("accept", id, .propertyManager, house)
        try await take("finish", text: "又修了", id, .propertyManager, house)
        switch deed {
        case .failed:
            try await house.take(CaseStep("confirm"), id, tenant)
            try await take("fail", text: "没修到位", id, .dispatcher, house)
            try await take("finish", text: "再修", id, .propertyManager, house)
        case .passed:
            try await house.take(CaseStep("confirm"), id, tenant)
            try await take("pass", id, .dispatcher, house)
        case .refusedExclusion:
            let asked = try await house.services.commands.ask(
                .exclude, reason: "unreasonable", minutes: 0, text: "诉求没有依据", for: id,
                try await house.context(.propertyManager))
            _ = try await house.services.commands.decide(
                asked, isGranted: false, text: "诉求有依据", try await house.context(.dispatcher))
        default: break
        }
        try await house.take(CaseStep(deed == .passed ? "reopen" : "contest", text: "还是响"), id, tenant)
        return id
    }

    @Test("判过结果、驳回过退单、派过重办的，不能复核；只派过单的能；总有人能复核", arguments: TestEngine.enabled, Deed.allCases)
    func reviewers(_ engine: TestEngine, _ deed: Deed) async throws {
        try await withHouse(engine) { house in
            let id = try await contested(deed, house)
            #expect(try await house.state(id) == "reviewing")
            let dispatcher = try await house.context(.dispatcher)
            let view = try await house.services.queries.view(id, dispatcher)
            #expect(view.standing.isReviewer != deed.isHand)
            let page = try await house.open("/desk/cases/\(id)", query: [], dispatcher)
            #expect(page.contains("复核要由没有经手的人办：") == deed.isHand)
            #expect(page.contains("陈国栋") == deed.isHand)
            if deed.isHand {
                let uphold = CaseStep("uphold", text: "现场看过，还响")
                #expect(try await house.refusal { try await house.take(uphold, id, dispatcher) } == .forbidden)
            }
            let district = try await house.context(.districtOfficer)
            try await house.take(CaseStep("dismiss", text: "经检测正常"), id, district)
            #expect(try await house.state(id) == "closed")
        }
    }

    /// A dispute of the property company with a second body, and whose it is to decide.
    struct Dispute: Sendable {
        let unit: String
        let person: DemoStaff
        let isStreets: Bool
    }

    static let disputes = [
        Dispute(unit: "城市管理办公室", person: .cityHandler, isStreets: true),
        Dispute(unit: "东华门街道综合行政执法队", person: .enforcementHandler, isStreets: true),
        Dispute(unit: "城东自来水服务站", person: .waterHandler, isStreets: false),
    ]

    private func disputed(_ dispute: Dispute, _ house: House) async throws -> ID<Case> {
        let id = try await house.report(try await house.draft(), try await house.context(.tenant))
        try await take("refuse", text: "不归我们管", id, .propertyHandler, house)
        try await take("dispatch", text: "请先看", unit: dispute.unit, id, .dispatcher, house)
        try await take("refuseAgain", text: "也不归我们管", id, dispute.person, house)
        return id
    }

    @Test("街道里几家的争议由街道裁定，区里不替街道定；涉及区里单位的由区里定", arguments: TestEngine.enabled, disputes)
    func arbiters(_ engine: TestEngine, _ dispute: Dispute) async throws {
        try await withHouse(engine) { house in
            let id = try await disputed(dispute, house)
            #expect(try await house.state(id) == "arbitrating")
            let (street, district) = (try await house.context(.dispatcher), try await house.context(.districtOfficer))
            let (right, wrong) = dispute.isStreets ? (street, district) : (district, street)
            let rule = CaseStep("rule", text: "合同在物业", unit: try await house.unit("安居物业"))
            #expect(try await house.refusal { try await house.take(rule, id, wrong) } == .forbidden)
            let page = try await house.open("/desk/cases/\(id)", query: [], wrong)
            #expect(page.contains("由他们裁定：") && page.contains(dispute.isStreets ? "周敏" : "陈国栋"))
            #expect(try await !house.open("/desk/cases/\(id)", query: [], right).contains("由他们裁定："))
            try await house.take(rule, id, right)
            // Decided is decided: the other level gives it to nobody else.
            let other = try await house.unit(dispute.isStreets ? "城东自来水服务站" : "城市管理办公室")
            let away = CaseStep("dispatch", text: "换一家", unit: other)
            #expect(try await house.refusal { try await house.take(away, id, wrong) } == .conflict)
        }
    }

    @Test("街道没有人能裁定了，由区里定，不会没人定", arguments: TestEngine.enabled)
    func somebodyAlways(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await disputed(CaseDecidersTests.disputes[0], house)
            try await house.services.database.write(try await house.context(.administrator), "test.leave") { tx in
                try tx.execute("UPDATE access_grant SET valid_until = \(tx.now) WHERE role = 'dispatcher'")
                try tx.audit(Subject("case", id.rawValue))
            }
            let rule = CaseStep("rule", text: "合同在物业", unit: try await house.unit("安居物业"))
            try await house.take(rule, id, try await house.context(.districtOfficer))
            #expect(try await house.state(id) == "dispatched")
        }
    }

    /// How long the district's only duty to decide lasts, and whether the street decides beside it.
    struct Term: Sendable {
        /// From when it holds and until when, in hours from the start of the dispute; nil for no end.
        let from: Int
        let until: Int?
        let isStreetsToo: Bool
    }

    static let terms = [
        Term(from: -1000, until: nil, isStreetsToo: false), Term(from: -1000, until: 24, isStreetsToo: true),
        Term(from: -1000, until: -24, isStreetsToo: true), Term(from: 500, until: 900, isStreetsToo: true),
    ]

    @Test("区里的人任期会满、满了、还没开始，街道也能裁定；名单照现在说；不会没人定", arguments: TestEngine.enabled, terms)
    func ending(_ engine: TestEngine, _ term: Term) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            let until: Instant? = term.until.map { now.adding(hours: $0) }
            try await house.services.database.write(try await house.context(.administrator), "test.term") { tx in
                try tx.execute(
                    """
                    UPDATE access_grant SET valid_from = \(now.adding(hours: term.from)), valid_until = \(until)
                    WHERE account_id IN (SELECT id FROM account WHERE name = '陈国栋')
                    """)
                try tx.audit(Subject("case", 0))
            }
            let id = try await disputed(CaseDecidersTests.disputes[2], house)
            let rule = CaseStep("rule", text: "合同在物业", unit: try await house.unit("安居物业"))
            for hours in [0, 48] {
                house.clock.advance(minutes: hours * 60)
                // Who may not decide reads who may, of those who hold the duty at that moment.
                let isHeld = hours >= term.from && term.until.map { hours < $0 } ?? true
                let names = try await house.services.queries.view(id, try await house.context(.head)).deciders
                #expect(names.contains("陈国栋") == isHeld, "\(hours): \(names)")
                #expect(names.contains("周敏") == term.isStreetsToo, "\(hours): \(names)")
                if isHeld {
                    let district = try await house.context(.districtOfficer)
                    #expect(try await house.services.queries.view(id, district).standing.isArbiter, "\(hours)")
                }
            }
            let street = try await house.context(.dispatcher)
            let refusal = try await house.refusal { try await house.take(rule, id, street) }
            #expect(refusal == (term.isStreetsToo ? nil : .forbidden))
        }
    }
}
