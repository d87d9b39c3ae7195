import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Whose entry is whose, what they agree to and ask, and that it is done.
@Suite("我的信息")
struct OwnDataTests {
    /// An entry whose phone is that of a demo resident's login.
    private func own(_ house: House) async throws -> TestHome {
        try await house.enterHome(
            "1201",
            [
                "person.name": "赵明明", "person.number": "110100198507200050", "person.phone": DemoResident.nurse.phone,
                "person.chronicDiseases": "高血压三级",
            ])
    }

    private func agrees(_ purpose: ConsentPurpose, _ person: ID<Person>, _ house: House) async throws -> Bool {
        let today = house.clock.clock.now.date
        return try await house.services.database.read { try DataConsents.isGiven(purpose, for: person, on: today, $0) }
    }

    @Test("号码和手机号都对得上才关联，对不上的转人工，说不清是哪样不对", arguments: TestEngine.enabled)
    func linking(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await own(house)
            let database = house.services.database
            let (nurse, stranger) = (
                try await house.context(DemoResident.nurse), try await house.context(DemoResident.courier)
            )
            let requests = house.services.dataRequests
            // The right number with somebody else's phone, and a number nobody has.
            let claim = try await OwnEntries.claim("110100198507200050", stranger, database, requests)
            #expect(claim == .asked)
            let again = try await house.refusal {
                _ = try await OwnEntries.claim("110100198507200050", stranger, database, requests)
            }
            #expect(again == .conflict)
            let odd = try await house.refusal { _ = try await OwnEntries.claim("1101", nurse, database, requests) }
            #expect(odd == .invalid)
            let mine = try await OwnEntries.claim("110100198507200050", nurse, database, requests)
            #expect(mine == .linked(home.person))
            let entries = try await database.read {
                try OwnEntries.of(try #require(nurse.actor.account), today: nurse.now.date, $0)
            }
            #expect(entries.map(\.person.id) == [home.person])
            // Staff look at the other claim: the number is read with an audit line, the entry is named.
            let head = try await house.context(DemoStaff.head)
            let waiting = try await database.read {
                try DataRequests.waiting(in: [House.homeGrid.ancestor(at: .community)], $0)
            }
            let request = try #require(waiting.first)
            #expect(request.kind == .link)
            #expect(try await requests.words(of: request.id, head).text == "110100198507200050")
            let unnamed = try await house.refusal {
                try await requests.decide(request.id, isGranted: true, reason: "", head)
            }
            #expect(unnamed == .invalid)
            let silent = try await house.refusal {
                try await requests.decide(request.id, isGranted: false, reason: "", head)
            }
            #expect(silent == .invalid)
            try await requests.decide(request.id, isGranted: false, reason: "证件和本人不符", head)
            let theirs = try await database.read { try DataRequests.of(try #require(stranger.actor.account), $0) }
            #expect(theirs.map(\.state) == ["refused"] && theirs[0].reason == "证件和本人不符")
        }
    }

    @Test("同意按用途和文本，撤回和给一样方便；不参加推荐马上生效", arguments: TestEngine.enabled)
    func consenting(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await own(house)
            let database = house.services.database
            let nurse = try await house.context(DemoResident.nurse)
            _ = try await OwnEntries.claim("110100198507200050", nurse, database, house.services.dataRequests)
            try await DataConsents.set(.healthVisits, true, for: home.person, nurse, database)
            #expect(try await agrees(.healthVisits, home.person, house))
            let hash: [UInt8]? = try await house.value(
                "SELECT text_hash FROM data_consent WHERE person_id = \(home.person)")
            #expect(hash == ConsentPurpose.healthVisits.hash)
            try await DataConsents.set(.healthVisits, false, for: home.person, nurse, database)
            #expect(try await !agrees(.healthVisits, home.person, house))
            #expect(try await database.read { try DataConsents.of(home.person, $0).count } == 1)
            let other = try await house.context(DemoResident.courier)
            let foreign = try await house.refusal {
                try await DataConsents.set(.healthVisits, true, for: home.person, other, database)
            }
            #expect(foreign == .notFound)
            try await OwnEntries.setProfiled(false, of: home.person, nurse, database)
            #expect(try await database.read { try RegisterQueries.person(home.person, $0)?.isProfiled } == false)
        }
    }

    @Test("未满 14 岁由监护人办", arguments: TestEngine.enabled)
    func guardians(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await own(house)
            let database = house.services.database
            let (nurse, worker) = (
                try await house.context(DemoResident.nurse), try await house.context(DemoStaff.worker)
            )
            _ = try await OwnEntries.claim("110100198507200050", nurse, database, house.services.dataRequests)
            let child = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "赵小明", "person.number": "110100201509090048"]),
                .household(home.household),
                tie: .family, relation: .child, worker, database, house.services.registers)
            try await RegisterCommands.link(
                RegisterSubject(.person, child), .guardian, to: home.subject, worker, database)
            try await DataConsents.set(.providers, true, for: child, nurse, database)
            let consents = try await database.read { try DataConsents.of(child, $0) }
            #expect(consents.map(\.isByGuardian) == [true])
        }
    }

    @Test("手机带走、打开过这一户，住在这里的人查得到；后搬来的看不到从前的", arguments: TestEngine.enabled)
    func carried(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await own(house)
            let database = house.services.database
            func told(_ person: ID<Person>) async throws -> [Reading] {
                try await database.read { try RegisterReading.told(person, $0) }
            }
            #expect(try await told(home.person).isEmpty)
            try await house.roster(DemoStaff.gridWorker1.phone)
            let walker = try await house.context(DemoStaff.gridWorker1)
            let session = try await house.session(DemoStaff.gridWorker1.phone)
            let (lease, _) = try await OfflineLease.issue(for: House.homeGrid, session, walker, house.services)
            let body = #"{"kind":"opened","household":"\#(home.household)"}"#
            let sealed = try PhoneWork(lease).sealed("aaaaaaaa-9", at: walker.now, body: body)
            let outcome = try await OfflineSync.take(
                sealed, key: "aaaaaaaa-9", lease: lease.id, walker, house.services)
            #expect(outcome.kind == .taken)
            let seen = try await told(home.person)
            #expect(seen.map(\.isOfHousehold) == [true, true] && seen.map(\.name) == ["李强", "李强"])
            #expect(seen.map(\.purpose) == [.visit, .visit] && seen.compactMap(\.openedAt) == [walker.now])
            // Who moves in later is told of what is done from then on.
            house.clock.advance(minutes: 60)
            let spouse = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "李二"]), .household(home.household), tie: .family, relation: .spouse,
                try await house.context(.worker), database, house.services.registers)
            #expect(try await told(spouse).isEmpty)
            _ = try await OfflineLease.issue(
                for: House.homeGrid, session, try await house.context(DemoStaff.gridWorker1), house.services)
            #expect(try await told(spouse).count == 1)
            #expect(try await told(home.person).count == 3)
        }
    }

    @Test("两户并成一户、两条并成一条以后，从前被带走、打开、读过的还查得到，各说一次", arguments: TestEngine.enabled)
    func joined(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, parts) = (house.services.database, house.services.registerParts)
            let home = try await house.enterHome()
            let other = try await house.enterHome("1202", ["person.name": "王五", "person.born": "1960-01-01"])
            let twin = try await house.enterHome("1203", ["person.name": "王五"]).person
            func told(_ person: ID<Person>) async throws -> [Reading] {
                try await database.read { try RegisterReading.told(person, $0) }
            }
            try await house.roster(DemoStaff.gridWorker1.phone)
            let (walker, session) = (
                try await house.context(DemoStaff.gridWorker1), try await house.session(DemoStaff.gridWorker1.phone)
            )
            let (lease, _) = try await OfflineLease.issue(for: House.homeGrid, session, walker, house.services)
            let body = #"{"kind":"opened","household":"\#(other.household)"}"#
            let sealed = try PhoneWork(lease).sealed("aaaaaaaa-8", at: walker.now, body: body)
            _ = try await OfflineSync.take(sealed, key: "aaaaaaaa-8", lease: lease.id, walker, house.services)
            house.clock.advance(minutes: 60)
            let head = try await house.context(.head)
            let (kept, gone) = (
                RegisterSubject(.household, home.household), RegisterSubject(.household, other.household)
            )
            try await RegisterCommands.mergeHomes(
                RegisterSubject(.dwelling, other.dwelling), into: RegisterSubject(.dwelling, home.dwelling),
                version: nil, parts, head, database)
            try await RegisterCommands.mergeHomes(gone, into: kept, version: nil, parts, head, database)
            #expect(try await told(other.person).compactMap(\.openedAt) == [walker.now])
            try await RegisterCommands.splitHomes(gone, parts, head, database)
            #expect(try await told(other.person).compactMap(\.openedAt) == [walker.now])
            #expect(try await told(home.person).compactMap(\.openedAt).isEmpty)

            try await database.write(head, "registers.read", reason: ReadingPurpose.visit.rawValue) { tx in
                try tx.audit(
                    RegisterSubject(.person, twin).subject(in: House.homeGrid), fields: ["person.phone"])
            }
            try await RegisterCommands.merge(
                RegisterSubject(.person, twin), into: RegisterSubject(.person, other.person), version: nil, parts,
                head, database)
            let read = try await told(other.person).filter { $0.command == "registers.read" }
            #expect(read.map(\.name) == ["马秀英"] && read.first?.fields.map(\.id) == ["person.phone"])
        }
    }

    @Test("只保存不使用：列表里没有，改不了；恢复由本人提", arguments: TestEngine.enabled)
    func restricting(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await own(house)
            let (database, requests) = (house.services.database, house.services.dataRequests)
            let (nurse, head) = (try await house.context(DemoResident.nurse), try await house.context(DemoStaff.head))
            _ = try await OwnEntries.claim("110100198507200050", nurse, database, requests)
            let restrict = try await requests.open(.restrict, of: home.person, "", nurse)
            try await requests.decide(restrict, isGranted: true, reason: "", head)
            let seen = try await database.read { tx in
                try RegisterQueries.members(of: home.household, tx).count
                    + RegisterQueries.people(in: House.homeGrid, limit: 1000, tx).filter { $0.id == home.person }.count
            }
            #expect(seen == 0)
            let change = try await house.refusal {
                _ = try await RegisterCommands.change(
                    try House.typed(["person.name": "某"]), of: home.subject, version: nil, head, database,
                    house.services.registers)
            }
            #expect(change == .conflict)
            let release = try await requests.open(.release, of: home.person, "", nurse)
            try await requests.decide(release, isGranted: true, reason: "", head)
            #expect(try await database.read { try RegisterQueries.members(of: home.household, $0).count } == 1)
        }
    }

    @Test("更正：一处没改就答“已办”的，要写明为什么；改过的说得出改了哪样、什么时候", arguments: TestEngine.enabled)
    func correcting(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await own(house)
            let (database, requests) = (house.services.database, house.services.dataRequests)
            let nurse = try await house.context(DemoResident.nurse)
            _ = try await OwnEntries.claim("110100198507200050", nurse, database, requests)
            func changes() async throws -> [DataRequestChange] {
                try await database.read { tx in
                    let waiting = try DataRequests.waiting(in: [House.homeGrid.ancestor(at: .community)], tx)
                    return try DataRequests.changes(since: waiting, tx).values.flatMap { $0 }
                }
            }
            let first = try await requests.open(.correct, of: home.person, "文化程度应为硕士", nurse)
            house.clock.advance(minutes: 5)
            let (later, head) = (
                try await house.context(DemoResident.nurse), try await house.context(DemoStaff.head)
            )
            // What they choose themselves corrects nothing.
            try await OwnEntries.setProfiled(false, of: home.person, later, database)
            #expect(try await changes().isEmpty)
            var refused: LinliError?
            do {
                try await requests.decide(first, isGranted: true, reason: "", head)
            } catch let error as LinliError { refused = error }
            #expect(refused?.kind == .invalid && refused?.id == "own.unchanged")
            #expect(refused?.fields.map(\.name) == ["reason"])
            _ = try await RegisterCommands.change(
                try House.typed(["person.education": "硕士"]), of: home.subject, version: nil, head, database,
                house.services.registers)
            let found = try await changes()
            #expect(found.map(\.fields) == [["person.education"]] && found.map(\.at) == [head.now])
            try await requests.decide(first, isGranted: true, reason: "", head)
            // What was right already is said to be, and read.
            let second = try await requests.open(.correct, of: home.person, "名字的字写错了", later)
            #expect(try await changes().isEmpty)
            try await requests.decide(second, isGranted: true, reason: "本来就是对的", head)
            let told = try await database.read { try DataRequests.of(try #require(nurse.actor.account), $0) }
            #expect(told.map(\.state) == ["done", "done"] && told.map(\.reason) == ["本来就是对的", ""])
        }
    }

    @Test("删除：姓名、号码、事实、历史里的值都没了，人数跟着减；到期的自动删", arguments: TestEngine.enabled)
    func erasing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, old) = (try await own(house), try await house.enterHome("1301"))
            let (database, requests) = (house.services.database, house.services.dataRequests)
            let (nurse, head) = (try await house.context(DemoResident.nurse), try await house.context(DemoStaff.head))
            _ = try await OwnEntries.claim("110100198507200050", nurse, database, requests)
            let (_, values) = try await OwnEntries.everything(of: home.person, nurse, database)
            #expect(values[try House.field("person.chronicDiseases")] == "高血压三级")
            let ask = try await requests.open(.erase, of: home.person, "不在这里住了", nurse)
            let due = try await database.read {
                try DataRequests.of(try #require(nurse.actor.account), $0).first?.dueAt
            }
            #expect(
                due.map { $0.date } == house.services.days.current.addingWorkingDays(15, after: nurse.now.date).value)
            try await requests.decide(ask, isGranted: true, reason: "", head)
            try await gone(home.person, house)
            // What ended long ago is erased by itself.
            try await RegisterCommands.end(old.subject, .moved, version: nil, head, database)
            try await house.run(job: "registers.retention")
            #expect(try await database.read { try RegisterQueries.person(old.person, $0)?.name } == "陈秀英")
            house.clock.advance(minutes: 1096 * 24 * 60)
            try await house.run(job: "registers.retention")
            try await gone(old.person, house)
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
        }
    }

    /// A visit that is over, with what was noted, who signed, and a drawing.
    private func visited(
        _ household: ID<Household>, note: String, signer: String, _ house: House
    ) async throws -> ID<Visit> {
        let worker = try await house.context(DemoStaff.gridWorker1)
        let id = try await VisitsTests.announce(house, household)
        var outcome = VisitOutcome()
        (outcome.isUnchanged, outcome.note, outcome.signer) = (false, note, signer)
        outcome.answers = ["helper": "没有人"]
        outcome.photos = [try await house.photo(worker)]
        outcome.signature = try await house.photo(worker)
        try await VisitCommands(house.services.database).finish(id, outcome, worker)
        return id
    }

    /// What is left of a visit: who signed, what was noted, answers, photos, drawings, and whether the audit can prove words.
    private func left(_ id: ID<Visit>, _ house: House) async throws -> [String] {
        try await house.services.database.read { tx in
            let visit = try #require(try VisitQueries.find(id, tx))
            let answers = try tx.value("SELECT count(*) FROM visit_answer WHERE visit_id = \(id)", as: Int.self) ?? 0
            let salts = try tx.value(
                """
                SELECT count(*) FROM audit_entry WHERE subject_kind = 'visit' AND subject_id = \(id)
                AND salt IS NOT NULL
                """, as: Int.self)
            return [
                visit.signer, visit.note, "\(answers)", "\(try VisitQueries.photos(of: id, .photo, tx).count)",
                "\(try VisitQueries.photos(of: id, .signature, tx).count)", salts == 0 ? "unproved" : "proved",
            ]
        }
    }

    @Test("删除：走访里签的名字、手写签名和记录里的名字一起没了，同住的人、别家同名的不动；一个人住的什么话都不留", arguments: TestEngine.enabled)
    func erasingVisits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await own(house), try await house.enterHome("1301", ["person.name": "赵明明"]))
            let (database, requests) = (house.services.database, house.services.dataRequests)
            let (nurse, head) = (try await house.context(DemoResident.nurse), try await house.context(DemoStaff.head))
            let spouse = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "李二", "person.born": "1986-01-02"]), .household(home.household),
                tie: .family, relation: .spouse, try await house.context(.worker), database, house.services.registers)
            let his = try await visited(home.household, note: "赵明明腿脚不便，李二在家", signer: "赵 明明（本人）", house)
            let hers = try await visited(home.household, note: "都好", signer: "李二", house)
            let namesake = try await visited(other.household, note: "赵明明在家", signer: "赵明明", house)
            // Another entry of the same person in the same household: whoever is still here keeps what they signed.
            let twin = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "赵明明"]), .household(home.household), tie: .family, relation: .other,
                try await house.context(.worker), database, house.services.registers)
            try await RegisterCommands.merge(
                RegisterSubject(.person, twin), into: home.subject, version: nil, house.services.registerParts, head,
                database)
            house.clock.advance(minutes: 1096 * 24 * 60)
            try await house.run(job: "registers.retention")
            #expect(try await database.read { try RegisterQueries.person(twin, $0)?.endReason } == "erased")
            #expect(try await left(his, house) == ["赵 明明（本人）", "赵明明腿脚不便，李二在家", "1", "1", "1", "proved"])

            _ = try await OwnEntries.claim("110100198507200050", nurse, database, requests)
            let refused = try await requests.open(.erase, of: home.person, "不在这里住了", nurse)
            try await requests.decide(refused, isGranted: false, reason: "还在办低保，依据民政部规定", head)
            #expect(try await left(his, house)[0] == "赵 明明（本人）", "what is refused changes nothing")
            let ask = try await requests.open(.erase, of: home.person, "不在这里住了", nurse)
            try await requests.decide(ask, isGranted: true, reason: "", head)
            #expect(try await left(his, house) == ["", "某某腿脚不便，李二在家", "1", "1", "0", "unproved"])
            #expect(try await left(hers, house) == ["李二", "都好", "1", "1", "1", "proved"])
            #expect(try await left(namesake, house) == ["赵明明", "赵明明在家", "1", "1", "1", "proved"])
            let worker = try await house.context(DemoStaff.gridWorker1)
            let drawn = try await house.refusal {
                _ = try await VisitCommands(database).signature(of: his, worker)
            }
            #expect(drawn == .notFound)

            // The last one of the household goes, too: nothing that was said there is left, only that somebody came.
            try await RegisterCommands.end(RegisterSubject(.person, spouse), .moved, version: nil, head, database)
            house.clock.advance(minutes: 1096 * 24 * 60)
            try await house.run(job: "registers.retention")
            for visit in [his, hers] {
                #expect(try await left(visit, house) == ["", "", "0", "0", "0", "unproved"])
                let kept = try await database.read { try VisitQueries.find(visit, $0) }
                #expect(kept?.state == .done && kept?.workerName.isEmpty == false)
            }
            #expect(try await left(namesake, house)[0] == "赵明明")
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    private func gone(_ id: ID<Person>, _ house: House) async throws {
        let subject = RegisterSubject(.person, id)
        let (person, facts, sealed) = try await house.services.database.read { tx in
            (
                try #require(try RegisterQueries.person(id, tx)), try RegisterQueries.facts(of: subject, tx).count,
                try tx.value(
                    """
                    SELECT count(*) FROM register_change WHERE kind = 'person' AND subject_id = \(id)
                    AND values_sealed IS NOT NULL
                    """, as: Int.self)
            )
        }
        #expect(person.name.isEmpty && person.numberMask.isEmpty && person.phoneMask.isEmpty && person.born == nil)
        #expect(person.endReason == "erased" && facts == 0 && sealed == 0)
    }
}
