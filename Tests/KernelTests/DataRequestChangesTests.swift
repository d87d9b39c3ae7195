import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// What came of somebody else is no correction of an entry.
@Suite("更正申请：别人的事带来的变化不算改过")
struct DataRequestChangesTests {
    @Test("户主去世接了户主、加了关联、合并了重复的：都不算，答“已办”要写明为什么", arguments: TestEngine.enabled)
    func unrelated(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (database, requests) = (house.services.database, house.services.dataRequests)
            let spouse = RegisterSubject(
                .person,
                try await RegisterCommands.enterPerson(
                    try House.typed(["person.name": "李二", "person.born": "1955-03-02"]), .household(home.household),
                    tie: .family, relation: .spouse, try await house.context(.worker), database,
                    house.services.registers))
            let twin = try await house.enterHome("1302", ["person.name": "李二"])
            let other = try await house.enterHome("1301", ["person.name": "王五"])
            let person = ID<Person>(rawValue: spouse.id)
            try await house.agree(person, to: [])
            let nurse = try await house.context(DemoResident.nurse)
            let request = try await requests.open(.correct, of: person, "文化程度应为硕士", nurse)
            house.clock.advance(minutes: 5)
            let head = try await house.context(.head)
            try await RegisterCommands.end(home.subject, .died, version: nil, head, database)
            _ = try await RegisterCommands.link(spouse, .guardian, to: other.subject, head, database)
            try await RegisterCommands.merge(
                twin.subject, into: spouse, version: nil, house.services.registerParts, head, database)
            let keys = database.keys
            let lines = try await database.read { try RegisterHistory.lines(of: spouse, keys, $0).map(\.what) }
            #expect(Set(lines).isSuperset(of: [.headed, .linked, .merged]))
            let changes = try await database.read { tx in
                let waiting = try DataRequests.waiting(in: [House.homeGrid.ancestor(at: .community)], tx)
                return try DataRequests.changes(since: waiting, tx).values.flatMap { $0 }
            }
            #expect(changes.isEmpty)
            var refused: LinliError?
            do {
                try await requests.decide(request, isGranted: true, reason: "", head)
            } catch let error as LinliError { refused = error }
            #expect(refused?.kind == .invalid)
            let words = refused?.fields.first?.text.zh ?? ""
            #expect(words.contains("监护人") && words.contains("写明改了什么"), "what counts is said, and what to do")
            try await requests.decide(request, isGranted: true, reason: "本来就是对的", head)
        }
    }
}
