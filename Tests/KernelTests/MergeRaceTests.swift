import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Somebody changes one of two entries, or what is theirs, while they are being merged: nothing is left behind, nothing is
/// done by halves, and whoever merged is told what to do.
@Suite("合并的同时有人在改：不动，说清楚怎么办；再做一次就成")
struct MergeRaceTests {
    /// Merges while `deed` is done in between; says how it was refused.
    private func refusal(
        of merge: () async throws -> Void, _ meddler: Meddler, _ deed: @escaping Meddler.Deed
    ) async throws -> LinliError? {
        meddler.before(deed)
        do {
            try await merge()
            return nil
        } catch let error as LinliError {
            return error
        }
    }

    private func told(_ error: LinliError?, _ id: String) throws {
        let error = try #require(error)
        #expect(error.kind == .conflict && error.id == id)
        #expect(error.publicText.zh.contains("重新打开") && error.publicText.en.contains("once more"))
    }

    @Test("人：照片、信息、关联在读和写之间变了", arguments: TestEngine.enabled)
    func people(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let (kept, gone) = (
                try await house.enterHome("1201", ["person.name": "陈秀英"]), try await house.enterHome("1301")
            )
            let (head, database, parts) = (
                try await house.context(.head), house.services.database, house.services.registerParts
            )
            let worker = try await house.context(.worker)
            let photo = try await house.photo(worker)
            let third = try await house.enterHome("1401", ["person.name": "李"]).subject
            let settings = house.services.registers
            func merge() async throws {
                try await RegisterCommands.merge(gone.subject, into: kept.subject, version: nil, parts, head, database)
            }
            let deeds: [Meddler.Deed] = [
                { try await RegisterCommands.attach([photo], to: gone.subject, worker, database) },
                {
                    _ = try await RegisterCommands.link(gone.subject, .guardian, to: third, worker, database)
                },
                {
                    _ = try await RegisterCommands.change(
                        try House.typed(["person.name": "陈秀兰"]), of: gone.subject, version: nil, worker, database,
                        settings)
                },
                {
                    _ = try await RegisterCommands.change(
                        try House.typed(["person.education": "大学"]), of: kept.subject, version: nil, worker, database,
                        settings)
                },
            ]
            for deed in deeds {
                try told(try await refusal(of: merge, meddler, deed), "registers.mergeChanged")
                let item = try await database.read { try RegisterQueries.item(gone.subject, $0) }
                #expect(item?.isHere == true && item?.mergedInto == nil)
            }
            try await merge()
            let photos = try await database.read { try RegisterQueries.photos(of: kept.subject, $0).count }
            #expect(photos == 1, "what came meanwhile came along")
            // Taking it back is checked the same way.
            func split() async throws { try await RegisterCommands.split(gone.subject, parts, head, database) }
            let refused = try await refusal(of: split, meddler) {
                _ = try await RegisterCommands.change(
                    try House.typed(["person.education": "硕士"]), of: kept.subject, version: nil, worker, database,
                    settings)
            }
            try told(refused, "registers.mergeChanged")
            try await split()
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
        }
    }

    @Test("本人要删除，正在办的时候有人把这一条并到别处：不漏掉留下的那条，再办一次就都删了", arguments: TestEngine.enabled)
    func erasing(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let (kept, gone) = (
                try await house.enterHome("1201", ["person.name": "陈秀英"]), try await house.enterHome("1301")
            )
            let (head, database, parts) = (
                try await house.context(.head), house.services.database, house.services.registerParts
            )
            let nurse = try await house.context(DemoResident.nurse)
            try await house.agree(gone.person, to: [])
            let requests = house.services.dataRequests
            let id = try await requests.open(.erase, of: gone.person, "", nurse)
            func decide() async throws { try await requests.decide(id, isGranted: true, reason: "", head) }
            let refused = try await refusal(of: decide, meddler) {
                try await RegisterCommands.merge(gone.subject, into: kept.subject, version: nil, parts, head, database)
            }
            #expect(refused?.kind == .conflict && refused?.id == "own.merged")
            #expect(refused?.publicText.zh.contains("再办一次") == true)
            try await decide()
            for home in [kept, gone] {
                let item = try await database.read { try RegisterQueries.item(home.subject, $0) }
                #expect(item?.isErased == true && item?.name.isEmpty == true)
            }
        }
    }

    @Test("本人正在关联登记，这一条并到了别处：不关联到已经没有的那条，说清楚再来一次", arguments: TestEngine.enabled)
    func claiming(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let nurse = try await house.context(DemoResident.nurse)
            let (kept, gone) = (
                try await house.enterHome("1201", ["person.name": "陈秀英"]),
                try await house.enterHome(
                    "1301",
                    [
                        "person.name": "赵明明", "person.number": "110100198507200050",
                        "person.phone": DemoResident.nurse.phone,
                    ])
            )
            let (head, database, parts) = (
                try await house.context(.head), house.services.database, house.services.registerParts
            )
            let requests = house.services.dataRequests
            func claim() async throws {
                _ = try await OwnEntries.claim("110100198507200050", nurse, database, requests)
            }
            let refused = try await refusal(of: claim, meddler) {
                try await RegisterCommands.merge(gone.subject, into: kept.subject, version: nil, parts, head, database)
            }
            #expect(refused?.kind == .conflict && refused?.id == "own.merged")
            let linked: SQL = "SELECT person_id FROM person_account WHERE account_id = \(nurse.actor.account)"
            #expect(try await house.value(linked, as: Int64.self) == nil)
            // Number and phone came over: once more, it is the entry that stands.
            try await claim()
            #expect(try await house.value(linked, as: Int64.self) == kept.person.rawValue)
        }
    }

    @Test("照片正要挂上、本人正要撤回同意的时候并掉了：不落在已经没有的那条上，说清楚再来一次", arguments: TestEngine.enabled)
    func late(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let (kept, gone) = (
                try await house.enterHome("1201", ["person.name": "陈秀英"]), try await house.enterHome("1301")
            )
            let (head, database, parts) = (
                try await house.context(.head), house.services.database, house.services.registerParts
            )
            let (worker, nurse) = (try await house.context(.worker), try await house.context(DemoResident.nurse))
            try await house.agree(gone.person, to: [.family])
            let photo = try await house.photo(worker)
            let merge: Meddler.Deed = {
                try await RegisterCommands.merge(gone.subject, into: kept.subject, version: nil, parts, head, database)
            }
            func attach() async throws {
                try await RegisterCommands.attach([photo], to: gone.subject, worker, database)
            }
            let unhung = try await refusal(of: attach, meddler, merge)
            #expect(unhung?.kind == .conflict && unhung?.id == "registers.gone")
            try await RegisterCommands.split(gone.subject, parts, head, database)
            func withdraw() async throws {
                try await DataConsents.set(.family, false, for: gone.person, nurse, database)
            }
            let unsaid = try await refusal(of: withdraw, meddler, merge)
            #expect(unsaid?.kind == .conflict && unsaid?.id == "own.merged")
            try await DataConsents.set(.family, false, for: kept.person, nurse, database)
            let agrees = try await database.read {
                try DataConsents.isGiven(.family, for: kept.person, on: nurse.now.date, $0)
            }
            #expect(!agrees, "what they took back is taken back of the entry that stands")
        }
    }

    @Test("到期要自动删的，正要删的时候有人恢复了：不删", arguments: TestEngine.enabled)
    func retiring(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let home = try await house.enterHome()
            let (head, database, parts) = (
                try await house.context(.head), house.services.database, house.services.registerParts
            )
            let settings = house.services.registers
            @Sendable func set(_ assignment: SQL) async throws {
                try await database.write(head, "test.end") { tx in
                    try tx.execute("UPDATE person SET \(assignment), version = version + 1 WHERE id = \(home.person)")
                    try tx.audit(Subject("person", home.person))
                }
            }
            let longAgo = head.now.adding(days: -2000)
            try await set("valid_to = \(longAgo), end_reason = 'moved'")
            meddler.before { try await set("valid_to = NULL, end_reason = NULL") }
            _ = try await RegisterErasing.retire(.person, settings, parts, head, database)
            let item = try await database.read { try RegisterQueries.item(home.subject, $0) }
            #expect(item?.isHere == true && item?.name == "陈秀英")
        }
    }

    @Test("户：有人刚搬进来，不会落在已经没有的户里", arguments: TestEngine.enabled)
    func households(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let home = try await house.enterHome()
            let (head, database, parts) = (
                try await house.context(.head), house.services.database, house.services.registerParts
            )
            let second = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "王五"]), .dwelling(home.dwelling), tie: .family, relation: .head, head,
                database, house.services.registers)
            let other = try #require(
                try await database.read { try RegisterQueries.homes(of: second, $0).compactMap(\.household).first })
            let (kept, gone) = (RegisterSubject(.household, home.household), RegisterSubject(.household, other))
            func merge() async throws {
                try await RegisterCommands.mergeHomes(gone, into: kept, version: nil, parts, head, database)
            }
            let settings = house.services.registers
            let refused = try await refusal(of: merge, meddler) {
                _ = try await RegisterCommands.enterPerson(
                    try House.typed(["person.name": "赵六"]), .household(other), tie: .family, relation: .child, head,
                    database, settings)
            }
            try told(refused, "registers.mergeChanged")
            try await merge()
            let members = try await database.read { try RegisterQueries.members(of: home.household, $0) }
            #expect(Set(members.map(\.person.name)) == ["陈秀英", "王五", "赵六"])
        }
    }

    @Test("整户搬家：正要搬的时候有人搬走、有人登记进来，走的不跟着，来的不落下", arguments: TestEngine.enabled)
    func moving(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let (home, other) = (
                try await house.enterHome(), try await house.enterHome("1301", ["person.name": "李"])
            )
            let target = try await house.enterHome("1401", ["person.name": "王五"]).dwelling
            let (database, settings) = (house.services.database, house.services.registers)
            let son = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "陈长"]), .household(home.household), tie: .family, relation: .child,
                try await house.context(.head), database, settings)
            house.clock.advance(minutes: 5)
            let head = try await house.context(.head)
            meddler.before {
                try await RegisterCommands.move(
                    son, to: .household(other.household), tie: .family, relation: .other, version: nil, head, database)
                _ = try await RegisterCommands.enterPerson(
                    try House.typed(["person.name": "赵六"]), .household(home.household), tie: .family,
                    relation: .child, head, database, settings)
            }
            try await RegisterCommands.moveHousehold(home.household, to: target, version: nil, head, database)
            let (members, homes) = try await database.read { tx in
                (try RegisterQueries.members(of: home.household, tx), try RegisterQueries.homes(of: son, tx))
            }
            #expect(Set(members.map(\.person.name)) == ["陈秀英", "赵六"])
            #expect(members.allSatisfy { $0.dwelling == target })
            #expect(homes.map(\.household) == [other.household])
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
        }
    }

    @Test("登记、搬进去的时候，那一处刚注销、刚并走、那一户刚搬走：不落在没有了的地方", arguments: TestEngine.enabled)
    func entering(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "李"])
            let (database, settings) = (house.services.database, house.services.registers)
            let (head, place) = (try await house.context(.head), try await house.place("幸福里小区3号楼2单元").id)
            func dwelling(_ number: String) async throws -> ID<Dwelling> {
                try await RegisterCommands.enterDwelling(
                    try House.typed(["dwelling.number": number, "dwelling.kind": "flat"]), in: place, head, database,
                    settings)
            }
            func enter(_ door: RegisterCommands.Door) async throws {
                _ = try await RegisterCommands.enterPerson(
                    try House.typed(["person.name": "赵六"]), door, tie: .family, relation: .other, head, database,
                    settings)
            }
            func move(_ door: RegisterCommands.Door) async throws {
                try await RegisterCommands.move(
                    home.person, to: door, tie: .family, relation: .other, version: nil, head, database)
            }
            for (number, isEntering) in [("1501", true), ("1502", false)] {
                let empty = try await dwelling(number)
                let door = RegisterCommands.Door.dwelling(empty)
                let refused = try await refusal(of: { try await isEntering ? enter(door) : move(door) }, meddler) {
                    try await RegisterCommands.end(
                        RegisterSubject(.dwelling, empty), .gone, version: nil, head, database)
                }
                #expect(refused?.kind == .conflict && refused?.id == "registers.ended")
            }
            for (number, isEntering) in [("1503", true), ("1504", false)] {
                let next = try await dwelling(number)
                let door = RegisterCommands.Door.household(other.household)
                let refused = try await refusal(of: { try await isEntering ? enter(door) : move(door) }, meddler) {
                    try await RegisterCommands.moveHousehold(
                        other.household, to: next, version: nil, head, database)
                }
                #expect(refused?.kind == .conflict && refused?.id == "registers.homeMoved")
            }
            let target = try await dwelling("1505")
            func moveHousehold() async throws {
                try await RegisterCommands.moveHousehold(home.household, to: target, version: nil, head, database)
            }
            let refused = try await refusal(of: moveHousehold, meddler) {
                try await RegisterCommands.end(
                    RegisterSubject(.dwelling, target), .gone, version: nil, head, database)
            }
            #expect(refused?.kind == .conflict && refused?.id == "registers.ended")
            let homes = try await database.read { try RegisterQueries.homes(of: home.person, $0) }
            #expect(homes.map(\.dwelling) == [home.dwelling])
            let entered = try await house.value("SELECT count(*) FROM person WHERE name = '赵六'", as: Int.self)
            #expect(entered == 0)
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
        }
    }

    @Test("地点：刚有人在里面登记了一间房", arguments: TestEngine.enabled)
    func places(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let admin = try await house.context(.administrator)
            let (database, uses) = (house.services.database, house.services.features.placeUses)
            let kept = try await house.place("幸福里小区3号楼")
            let parent = try #require(kept.parent)
            let siblings = try await database.read { try PlacesStore.children(of: parent, $0) }
            let gone = try #require(
                siblings.first { $0.kind == kept.kind && $0.division == kept.division && $0.id != kept.id })
            let (worker, settings) = (try await house.context(.worker), house.services.registers)
            func merge() async throws {
                try await PlaceMerging.merge(gone.id, into: kept.id, version: nil, uses, admin, database)
            }
            let refused = try await refusal(of: merge, meddler) {
                _ = try await RegisterCommands.enterDwelling(
                    try House.typed(["dwelling.number": "9999", "dwelling.kind": "flat"]), in: gone.id, worker,
                    database,
                    settings)
            }
            try told(refused, "places.mergeChanged")
            try await merge()
            let moved = try await database.read { try RegisterQueries.dwellings(of: kept.id, $0).map(\.number) }
            #expect(moved.contains("9999"))
        }
    }
}
