import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What is wrong with water, power, gas and heat for a whole entrance, and its neighbours.
@Suite("停水停电一起反映")
struct SharedPipesTests {
    private static let address = "幸福里小区6号楼2单元"

    private func told(
        _ house: House, _ category: String, _ spot: Spot, _ nature: NeedNature = .assistance
    ) async throws -> ID<Case> {
        var draft = try await house.draft("一直没来，我家住1203", category: category, at: Self.address)
        (draft.spot, draft.nature) = (spot, nature)
        return try await house.report(draft, try await house.context(.tenant))
    }

    private func shown(_ house: House, _ neighbour: Neighbour?) async throws -> [JoinableCase] {
        let place = try await house.place(Self.address)
        var found: [JoinableCase] = []
        for code in ["R0301", "R0305", "R0401", "R0502", "R0601"] {
            found += try await house.services.queries.joinable(
                categories: [code], community: place.division, place: place.id, around: nil, as: neighbour)
        }
        return found
    }

    @Test("公共部位的停水、停电、停气、不热：同一社区的居民看得到、能加入；家里的、水费、投诉举报不提示", arguments: TestEngine.enabled)
    func offered(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var outages: [ID<Case>] = []
            for code in ["R0301", "R0401", "R0502", "R0601"] { outages.append(try await told(house, code, .shared)) }
            var hidden: [ID<Case>] = [
                try await told(house, "R0301", .home), try await told(house, "R0305", .shared),
            ]
            hidden.append(try await told(house, "R0301", .shared, .complaint))
            hidden.append(try await told(house, "R0301", .shared, .tipOff))
            let home = try await house.place(Self.address).division
            let lived = try #require(Neighbour(home, house.services.catalogue))
            let seen = try await shown(house, lived)
            #expect(Set(outages).isSubset(of: seen.map(\.id)) && Set(hidden).isDisjoint(with: seen.map(\.id)))
            let own = seen.filter { outages.contains($0.id) }
            #expect(own.allSatisfy { $0.isShared && $0.title.isEmpty && $0.address == "幸福里小区6号楼" })
            let stranger = try await shown(house, nil)
            #expect(Set(outages).isDisjoint(with: stranger.map(\.id)), "who is not known is offered none")
            let number: String = try await house.value("SELECT number FROM case_item WHERE id = \(outages[0])") ?? ""
            let voice = try await house.draft("我家也没水", category: "R0301", at: Self.address)
            let second = try await house.context(.youngMother)
            let taken = try await house.services.commands.join(number, voice, as: lived, second)
            #expect(try await house.state(taken.id) == "merged")
        }
    }
}
