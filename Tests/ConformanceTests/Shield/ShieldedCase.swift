import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// A case against somebody, and what happens to it while everybody it is against looks for it.
struct ShieldedCase: Sendable {
    let house: House
    /// Whom it is against.
    let accused: Set<ID<LinliKernel.Unit>>
    let id: ID<Case>
    let number: String
    let receipt: String
    let file: ID<StoredFile>
    let hash: String
    /// The part another unit was asked for.
    var part: ID<Case>?

    /// What stands nowhere else in the demo: words of who told it and of who works on it, their name and their phone.
    static let words = "蓝鲸七号暗语"
    static let name = "欧阳蓝鲸"
    static let phone = "13955550042"
    static let community = "110101001901"

    /// What may stand in no answer.
    var marks: [String] { [Self.words, Self.name, Self.phone, "\(id)", number, hash] }

    /// What addresses have in place of parameters; before it is told, what is as good as that and is not there.
    var values: [String: String] {
        [
            "<case>": "\(id)", "<number>": number, "<file>": "\(file)",
            "<part>": part.map { "\($0)" } ?? Self.absent["<part>"] ?? "",
        ]
    }

    static let absent = [
        "<case>": "0zzzzzzzzzabc", "<number>": "SJ20261122-9998", "<file>": "0123456789abd", "<part>": "0123456789abe",
    ]

    /// Tells it: a tenant with a photo, who left a name and a number, too.
    static func tell(
        _ nature: NeedNature, against units: [ID<LinliKernel.Unit>], by text: String, _ house: House
    ) async throws -> ShieldedCase {
        let tenant = try await house.context(.tenant)
        var draft = try await house.draft("\(words)：\(text)", category: "R0804")
        (draft.nature, draft.disclosure, draft.location) = (nature, .office, "\(words)门口")
        (draft.reporterName, draft.reporterPhone) = (name, phone)
        draft.accused = units
        draft.isWilling = true
        draft.photos = [try await house.photo(tenant, saying: words)]
        let taken = try await house.services.commands.report(draft, tenant)
        await house.deliver()
        let hash: String? = try await house.value("SELECT hash FROM stored_file WHERE id = \(draft.photos[0])")
        let kept = try await house.services.queries.view(taken.id, house.holder(of: taken.id)).item
        return ShieldedCase(
            house: house, accused: Set(kept.accusation.units), id: taken.id, number: taken.number,
            receipt: taken.receipt, file: draft.photos[0], hash: try #require(hash))
    }

    /// Somebody it is not against who may take a step now.
    private func somebody(_ transition: String) async throws -> Context {
        for person in DemoStaff.allCases {
            let context = try await house.context(person)
            // Who may not see it takes no step.
            guard let view = try? await house.services.queries.view(id, context) else { continue }
            if view.transitions.contains(where: { $0.id == transition }) { return context }
        }
        throw LinliError.notFound("test.nobody \(transition) in \(try await house.state(id))")
    }

    /// Somebody takes a step, with words in it.
    func take(_ transition: String, unit: ID<LinliKernel.Unit>? = nil) async throws {
        let step = CaseStep(transition, text: "\(Self.words)：\(transition)", unit: unit)
        try await house.take(step, id, try await somebody(transition))
    }

    /// Sends it to the first of several units that may have it.
    func dispatch() async throws {
        let sender = try await somebody("dispatch")
        let now = try await house.services.queries.view(id, sender).item.handlerUnit
        for name in ["城市管理办公室", "幸福里社区居委会", "平安建设办公室", "东华门街道综合行政执法队"] {
            let unit = try await house.unit(name)
            guard unit != now, !accused.contains(unit) else { continue }
            do {
                return try await house.take(CaseStep("dispatch", text: Self.words, unit: unit), id, sender)
            } catch let error as LinliError where error.kind == .invalid {
                // The catalogue of duties does not let this one have it.
                continue
            }
        }
        throw LinliError.notFound("test.unit")
    }

    /// Who dispatches it now.
    func dispatcher() async throws -> Context { try await somebody("dispatch") }

    /// The resident says something of it.
    func answer(_ transition: String) async throws {
        try await house.take(CaseStep(transition, text: Self.words), id, try await house.context(.tenant))
    }
}

extension ShieldedCase {
    /// What happens to it after it was told, in order: names of events and what they do.
    static let life: [(name: String, happen: @Sendable (inout ShieldedCase) async throws -> Void)] = [
        (
            "classified",
            { try await $0.house.services.commands.classify($0.nature(), "R1701", of: $0.id, $0.dispatcher()) }
        ),
        ("dispatched to another", { try await $0.dispatch() }),
        ("a part asked of another", { try await $0.askPart() }),
        ("merged: refused", { try await $0.merge() }),
        ("accepted", { try await $0.take("accept") }),
        ("a note with a name in it", { try await $0.note() }),
        ("contacted", { try await $0.contact() }),
        ("finished", { try await $0.finish() }),
        ("contested", { try await $0.answer("contest") }),
        ("done again", { try await $0.redo() }),
        ("called by phone", { try await $0.follow() }),
        ("closed and shown", { try await $0.close() }),
    ]

    private func nature() async throws -> NeedNature {
        try await house.services.queries.view(id, house.holder(of: id)).item.nature
    }

    private mutating func askPart() async throws {
        let helper = try await house.unit("东华门派出所")
        let draft = CasePartDraft(unit: helper, text: "\(Self.words)：请协助", isRequired: false)
        part = try await house.services.commands.addPart(draft, to: id, try await dispatcher()).id
    }

    /// It is joined to nothing, whoever tries.
    private func merge() async throws {
        let street = try #require(DivisionCode(Self.community)).ancestor(at: .street)
        let other: ID<Case> = try #require(
            try await house.value(
                "SELECT id FROM case_item WHERE street = \(street) AND is_open = 1 AND id <> \(id) ORDER BY id LIMIT 1")
        )
        let dispatcher = try await dispatcher()
        for (one, into) in [(id, other), (other, id)] {
            let kind = try await house.refusal {
                try await house.services.commands.merge(one, into: into, reason: Self.words, dispatcher)
            }
            #expect(kind == .conflict)
        }
    }

    /// A note that calls a colleague; nobody it is against can be called.
    private func note() async throws {
        let handler = try await somebody("finish")
        for person in DemoStaff.allCases {
            let actor = try await house.context(person).actor
            guard !accused.isDisjoint(with: actor.scope.interests) else { continue }
            let kind = try await house.refusal {
                try await house.services.commands.remark(
                    "\(Self.words) @\(actor.name) 请看", isVisible: false, photos: [], on: id, handler)
            }
            #expect(kind == .invalid, "\(actor.name) is called to it")
        }
        try await house.services.commands.remark(
            "\(Self.words) 已核实", isVisible: false, photos: [], on: id, handler)
    }

    private func contact() async throws {
        try await house.services.commands.contacted(
            .phone, .reached, text: Self.words, on: id, try await somebody("finish"))
    }

    private func finish() async throws {
        try await take("finish")
        #expect(try await house.state(id) == "confirming")
    }

    private func redo() async throws {
        try await dispatch()
        try await take("accept")
        try await finish()
    }

    private func follow() async throws {
        var called = false
        for person in [DemoStaff.dispatcher, .districtOfficer] where !called {
            do {
                try await house.services.commands.followUp(
                    .missed(.noAnswer, callAgainAt: nil), of: id, try await house.context(person))
                called = true
            } catch let error as LinliError where [.notFound, .forbidden].contains(error.kind) {
                continue
            }
        }
        #expect(called, "nobody may call who told it")
    }

    private func close() async throws {
        if try await house.state(id) == "confirming" { try await answer("confirm") }
        if try await house.state(id) == "checking" { try await take("pass") }
        #expect(try await house.state(id) == "closed")
    }
}

extension ShieldedCase {
    /// Somebody who must see it all the same.
    var seer: DemoStaff {
        get async throws {
            let centre = try await house.unit("东华门街道市民诉求处置中心")
            return accused.contains(centre) ? .districtOfficer : .dispatcher
        }
    }
}
