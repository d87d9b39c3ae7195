import LinliCore
import LinliKernel

/// What somebody does with the whistle of a demo case.
enum DemoWhistleStep: Sendable {
    case blow(DemoStaff, Whistle.Storey, Whistle.Kind, [DemoUnit], at: String, String)
    case confirm(DemoStaff)
    /// Says who comes: themselves.
    case answer(DemoStaff, DemoUnit, phone: String)
    case arrive(DemoStaff, DemoUnit)
    case agree(DemoStaff, lead: DemoUnit, String)
    /// Ends it and scores the units.
    case end(DemoStaff, [DemoScore])
}

/// What a whistler says of a unit.
struct DemoScore: Sendable {
    var unit: DemoUnit
    var stars: Int
    var words: String

    init(_ unit: DemoUnit, _ stars: Int, _ words: String = "") {
        self.unit = unit
        self.stars = stars
        self.words = words
    }
}

extension DemoTeller {
    /// Plays a step of the newest whistle of a case, at a moment.
    func play(_ step: DemoWhistleStep, of id: ID<Case>, at moment: Instant) async throws {
        let whistles = WhistleCommands(services.commands)
        func by(_ person: DemoStaff) throws -> Context {
            Context(actor: try cast.actor(person), now: moment, requestID: "demo")
        }
        if case .blow(let person, let storey, let kind, let units, let location, let purpose) = step {
            let draft = WhistleDraft(
                storey: storey, kind: kind, purpose: purpose, location: location,
                units: try units.map { try cast.unit($0) }
            )
            _ = try await whistles.draft(draft, for: id, by(person))
            return
        }
        let view = try await services.queries.view(id, by(.dispatcher))
        guard let whistle = try await services.queries.whistles(of: view, by(.dispatcher)).whistles.first?.id else {
            throw LinliError.fault("demo.whistle", "the demo case has no whistle")
        }
        switch step {
        case .blow: break
        case .confirm(let person): try await whistles.confirm(whistle, by(person))
        case .answer(let person, let unit, let phone):
            let answer = WhistleAnswer(unit: try cast.unit(unit), name: person.facts.name, phone: phone)
            try await whistles.answer(answer, of: whistle, by(person))
        case .arrive(let person, let unit):
            try await whistles.signIn(try cast.unit(unit), code: nil, of: whistle, by(person))
        case .agree(let person, let lead, let text):
            try await whistles.keepMinutes(lead: try cast.unit(lead), text: text, of: whistle, by(person))
        case .end(let person, let scores):
            try await whistles.close(whistle, by(person))
            for score in scores {
                try await whistles.score(
                    try cast.unit(score.unit), stars: score.stars, words: score.words, of: whistle, by(person))
            }
        }
    }
}
