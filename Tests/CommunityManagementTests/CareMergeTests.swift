import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Labels given by hand and offers of services when two entries of one person are merged, and when that is undone.
@Suite("两条合并：手工标签和服务告知跟过来，撤销都回去")
struct CareMergeTests {
    /// Two entries of one person of 82 in two flats.
    private func twins(_ house: House) async throws -> (kept: TestHome, gone: TestHome) {
        let values = ["person.name": "陈秀英", "person.born": "1944-06-15"]
        let (kept, gone) = (try await house.enterHome("1201", values), try await house.enterHome("1301", values))
        try await settle(house)
        return (kept, gone)
    }

    private func settle(_ house: House) async throws {
        await house.deliver()
        try await house.workOutLabels()
        let differences = try await house.services.database.read { try LabelCounts.differences($0) }
        #expect(differences.isEmpty, "\(differences)")
    }

    private func merge(_ gone: TestHome, into kept: TestHome, _ house: House) async throws {
        try await RegisterCommands.merge(
            gone.subject, into: kept.subject, version: nil, house.services.registerParts,
            try await house.context(.head), house.services.database)
        try await settle(house)
    }

    private func split(_ gone: TestHome, _ house: House) async throws {
        try await RegisterCommands.split(
            gone.subject, house.services.registerParts, try await house.context(.head), house.services.database)
        try await settle(house)
    }

    /// The labels somebody has of some, with whether by hand.
    private func labels(_ home: TestHome, _ house: House) async throws -> [String: Bool] {
        let names = LabelKeys(house.services.database.keys)
        let held = try await house.services.database.read { try LabelQueries.labels(of: [home.person], $0) }
        var found: [String: Bool] = [:]
        for id in ["watch", "bereaved", "aged"] {
            found[id] = held[home.person]?[names.key(label: id)]
        }
        return found
    }

    /// Why somebody was given a label.
    private func reason(_ label: String, of home: TestHome, _ house: House) async throws -> String {
        let keys = house.services.database.keys
        let number = LabelKeys(keys).key(label: label)
        let row = try await house.services.database.read { tx in
            try tx.first(
                "SELECT id, reason_sealed FROM person_label WHERE person_id = \(home.person) AND label = \(number)"
            ) { row -> (id: Int64, sealed: [UInt8]) in (try row[0], try row[1]) }
        }
        let found = try #require(row)
        return try keys.open(found.sealed, cell: Cell("person_label", "reason_sealed", found.id))
    }

    @Test("标签：只有一边有的过来，两边都有的算一个，规则算出的让位；撤销各归各的，理由还在", arguments: TestEngine.enabled)
    func handSet(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (kept, gone) = try await twins(house)
            let (worker, database) = (try await house.context(.worker), house.services.database)
            try await LabelCommands.give("watch", to: kept.person, reason: "刚出院", worker, database)
            try await LabelCommands.give("watch", to: gone.person, reason: "女儿出差", worker, database)
            try await LabelCommands.give("bereaved", to: gone.person, reason: "听家里人说的", worker, database)
            try await LabelCommands.give("aged", to: gone.person, reason: "户口本上是 81 岁", worker, database)
            try await settle(house)
            let (ours, theirs) = (["watch": true, "aged": false], ["watch": true, "bereaved": true, "aged": true])
            #expect(try await labels(kept, house) == ours)
            #expect(try await labels(gone, house) == theirs)

            try await merge(gone, into: kept, house)
            #expect(try await labels(kept, house) == ["watch": true, "bereaved": true, "aged": true])
            #expect(try await labels(gone, house).isEmpty)
            #expect(try await reason("watch", of: kept, house) == "刚出院")
            #expect(try await reason("bereaved", of: kept, house) == "听家里人说的")

            try await split(gone, house)
            #expect(try await labels(kept, house) == ours)
            #expect(try await labels(gone, house) == theirs)
            #expect(try await reason("watch", of: kept, house) == "刚出院")
            #expect(try await reason("watch", of: gone, house) == "女儿出差")
        }
    }

    /// The state of what is offered to somebody now, by service.
    private func offers(_ home: TestHome, _ house: House) async throws -> [String: String] {
        try await house.services.database.read { tx in
            var found: [String: String] = [:]
            try tx.each(
                """
                SELECT service, state, delivered_at FROM care_offer
                WHERE person_id = \(home.person) AND ended_at IS NULL
                """
            ) { row in
                let state: String = try row[1]
                found[try row[0]] = row.isNull(2) ? state : "delivered"
            }
            return found
        }
    }

    /// Tells somebody of a service and goes on with it as far as `step`.
    private func offer(_ service: String, to home: TestHome, _ step: String, _ house: House) async throws {
        let (commands, worker) = (
            CareCommands(database: house.services.database), try await house.context(.worker)
        )
        // Nobody here is new-born: what the rule does not give them is offered for a reason.
        let id = try await commands.offer(service, to: home.person, .visit, because: "家里有新生儿", worker)
        guard step != "offered" else { return }
        _ = try await commands.answer(id, yes: step != "declined", .visit, reason: "", worker)
        guard step == "delivered" else { return }
        _ = try await commands.deliver(id, signer: "本人", note: "", photo: nil, worker)
    }

    @Test("服务：走得远的那一份留下，另一份停住；没有重的都过来；撤销各归各的", arguments: TestEngine.enabled)
    func offered(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (kept, gone) = try await twins(house)
            try await offer("meals", to: kept, "accepted", house)
            try await offer("meals", to: gone, "delivered", house)
            try await offer("checkup", to: kept, "declined", house)
            try await offer("checkup", to: gone, "offered", house)
            try await offer("newborn", to: gone, "accepted", house)
            let (ours, theirs) = (
                try await offers(kept, house), try await offers(gone, house)
            )
            #expect(ours == ["meals": "accepted", "checkup": "declined"])
            #expect(theirs == ["meals": "delivered", "checkup": "offered", "newborn": "accepted"])
            let weaker: ID<CareOffer> = try #require(
                try await house.value(
                    "SELECT id FROM care_offer WHERE person_id = \(kept.person) AND service = 'meals'"))

            try await merge(gone, into: kept, house)
            #expect(
                try await offers(kept, house) == [
                    "meals": "delivered", "checkup": "declined", "newborn": "accepted",
                ])
            #expect(try await offers(gone, house).isEmpty)
            let worker = try await house.context(.worker)
            let stale = try await house.refusal {
                _ = try await CareCommands(database: house.services.database).deliver(
                    weaker, signer: "本人", note: "", photo: nil, worker)
            }
            #expect(stale == .notFound, "the one that gave way is brought no more")
            let counted = try await house.services.database.read { tx in
                try CareStore.progress(in: House.homeGrid, at: worker.now, tx)[House.homeGrid]
            }
            #expect(counted?["meals"]?.asked == 1 && counted?["meals"]?.reached == 1)
            #expect(counted?["checkup"]?.asked == 1 && counted?["checkup"]?.declined == 1)

            try await split(gone, house)
            #expect(try await offers(kept, house) == ours)
            #expect(try await offers(gone, house) == theirs)
        }
    }

    @Test("合并之后新告知的留在合并后的那一条", arguments: TestEngine.enabled)
    func afterwards(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (kept, gone) = try await twins(house)
            try await offer("meals", to: kept, "offered", house)
            try await offer("meals", to: gone, "declined", house)
            try await merge(gone, into: kept, house)
            #expect(try await offers(kept, house) == ["meals": "declined"])
            house.clock.advance(minutes: 181 * 24 * 60)
            try await offer("meals", to: kept, "accepted", house)
            try await split(gone, house)
            #expect(try await offers(kept, house) == ["meals": "accepted"], "not twice")
            #expect(try await offers(gone, house).isEmpty, "what they said no to was asked again")
        }
    }
}
