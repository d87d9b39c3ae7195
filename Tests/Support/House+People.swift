import Administration
import LinliCore
import LinliKernel
import LinliSQL

/// The demo's people, units and places by what they are called there, and short ways to tell and move a case.
extension House {
    /// The context of a member of staff.
    package func context(_ person: DemoStaff, language: Language = .zh) async throws -> Context {
        try await context(person.phone, language: language)
    }

    /// The context of a resident.
    package func context(_ person: DemoResident, language: Language = .zh) async throws -> Context {
        try await context(person.phone, language: language)
    }

    /// The context of a visitor who is not signed in.
    package var visitor: Context { Context(actor: .anonymous, now: clock.clock.now, requestID: "test") }

    /// The context of who holds the secret link of a case.
    package func holder(of id: ID<Case>) -> Context {
        Context(actor: Actor(.receipt(caseID: id.rawValue)), now: clock.clock.now, requestID: "test")
    }

    /// The unit with a Chinese name.
    package func unit(_ name: String) async throws -> ID<Unit> {
        let id: ID<Unit>? = try await services.database.read {
            try $0.value("SELECT id FROM unit WHERE name = \(name)")
        }
        guard let id else { throw LinliError.notFound("test.unit") }
        return id
    }

    /// The place with an address.
    package func place(_ address: String) async throws -> PlaceSummary {
        let id: ID<Place>? = try await services.database.read {
            try $0.value("SELECT id FROM place WHERE address = \(address)")
        }
        let place = try await services.database.read { tx in try id.flatMap { try PlacesStore.find($0, tx) } }
        guard let place else { throw LinliError.notFound("test.place") }
        return place
    }

    /// A need at an address of the demo: a broken lift in the first estate unless said otherwise.
    package func draft(
        _ text: String = "3号楼2单元电梯坏了",
        category: String = "R0202",
        at address: String = "幸福里小区3号楼2单元"
    ) async throws -> CaseDraft {
        let place = try await place(address)
        var draft = CaseDraft(text: text, division: place.division)
        draft.category = category
        draft.place = place.id
        draft.spot = .shared
        draft.source = .account
        return draft
    }

    /// Takes a need in.
    package func report(_ draft: CaseDraft, _ context: Context) async throws -> ID<Case> {
        try await services.commands.report(draft, context).id
    }

    /// Moves a case, however many its person has in hand.
    package func take(_ step: CaseStep, _ id: ID<Case>, _ context: Context) async throws {
        var step = step
        step.isSure = true
        try await services.commands.take(step, of: id, context)
    }

    /// The state a case is in, read past every right.
    package func state(_ id: ID<Case>) async throws -> String {
        try await value("SELECT state FROM case_item WHERE id = \(id)") ?? ""
    }

    /// One value of the store, read past every right.
    package func value<T: SQLDecodable & Sendable>(_ sql: SQL, as type: T.Type = T.self) async throws -> T? {
        try await services.database.read { try $0.value(sql, as: type) }
    }

    /// The kind of the error that `body` ends with, nil when it does not.
    package func refusal(_ body: () async throws -> Void) async throws -> LinliError.Kind? {
        do {
            try await body()
            return nil
        } catch let error as LinliError {
            return error.kind
        }
    }
}
