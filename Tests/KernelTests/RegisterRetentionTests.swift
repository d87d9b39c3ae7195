import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Organizations, households and dwellings that ended are erased after their time, with everything that was kept of them.
@Suite("注销的组织、户、房屋到期删除信息：号码、历史、走访的话都没了，审计证明不了旧值，行还在")
struct RegisterRetentionTests {
    private static let days = 1096 * 24 * 60

    private func sealed(_ subject: RegisterSubject, _ house: House) async throws -> Int {
        try await house.value(
            """
            SELECT count(*) FROM register_change WHERE kind = \(subject.kind) AND subject_id = \(subject.id)
            AND values_sealed IS NOT NULL
            """, as: Int.self) ?? 0
    }

    private func salts(_ subject: RegisterSubject, _ house: House) async throws -> Int {
        try await house.value(
            """
            SELECT count(*) FROM audit_entry WHERE subject_kind = \(subject.kind.rawValue) AND subject_id = \(subject.id)
            AND salt IS NOT NULL
            """, as: Int.self) ?? 0
    }

    private func firm(_ house: House) async throws -> RegisterSubject {
        let (worker, database, settings) = (
            try await house.context(.worker), house.services.database, house.services.registers
        )
        let place = try await house.place("幸福里小区3号楼2单元").id
        let firm = try await RegisterCommands.enterOrganization(
            try House.typed([
                "organization.name": "样例便民店", "organization.kind": "shop", "organization.phone": "13800138009",
                "organization.contactName": "王老板", "organization.creditCode": "91110105TE0T00041A",
            ]), in: place, division: House.homeGrid, worker, database, settings
        ).id
        let subject = RegisterSubject(.organization, firm)
        _ = try await RegisterCommands.change(
            try House.typed(["organization.phone": "13900139009", "organization.contactName": "李老板"]), of: subject,
            version: nil, worker, database, settings)
        try await RegisterCommands.attach([try await house.photo(worker)], to: subject, worker, database)
        return subject
    }

    @Test("组织：到期前一样不少，到期后一样不剩；不能恢复", arguments: TestEngine.enabled)
    func organizations(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (subject, other) = (try await firm(house), try await firm(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            try await RegisterCommands.end(subject, .closed, version: nil, head, database)
            try await house.run(job: "registers.retention")
            let id = ID<Organization>(rawValue: subject.id)
            let before = try #require(try await database.read { try RegisterQueries.organization(id, $0) })
            #expect(before.name == "样例便民店" && before.phoneMask == "139****9009")
            #expect(try await sealed(subject, house) > 0)
            house.clock.advance(minutes: Self.days)
            try await house.run(job: "registers.retention")
            let after = try #require(try await database.read { try RegisterQueries.organization(id, $0) })
            #expect(after.name.isEmpty && after.creditCode.isEmpty && after.contactName.isEmpty)
            #expect(after.phoneMask.isEmpty && after.address.isEmpty && after.entry.validTo == before.entry.validTo)
            let (item, photos) = try await database.read { tx in
                (try RegisterQueries.item(subject, tx), try RegisterQueries.photos(of: subject, tx).count)
            }
            #expect(item?.isErased == true && photos == 0)
            #expect(try await [sealed(subject, house), salts(subject, house)] == [0, 0])
            let hash = try await house.value(
                "SELECT count(*) FROM organization WHERE id = \(id) AND (phone_sealed IS NOT NULL OR phone_hash IS NOT NULL)",
                as: Int.self)
            #expect(hash == 0)
            let back = try await house.refusal {
                try await RegisterCommands.reopen(subject, version: nil, head, database)
            }
            #expect(back == .conflict)
            let noted = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'registers.retire' AND subject_kind = 'organization'",
                as: Int.self)
            #expect(noted == 1)
            try await house.run(job: "registers.retention")
            #expect(try await sealed(other, house) > 0, "what is here stays")
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("户和房屋：走访里的话、答案、照片、联系记录没了，来过这件事还在；住址还在", arguments: TestEngine.enabled)
    func homes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (head, database) = (try await house.context(.head), house.services.database)
            let worker = try await house.context(.gridWorker1)
            let (household, dwelling) = (
                RegisterSubject(.household, home.household), RegisterSubject(.dwelling, home.dwelling)
            )
            _ = try await RegisterCommands.change(
                try House.typed(["dwelling.area": "58"]), of: dwelling, version: nil, head, database,
                house.services.registers)
            let visit = try await VisitsTests.announce(house, home.household)
            var outcome = VisitOutcome()
            (outcome.isUnchanged, outcome.note, outcome.signer) = (false, "腿脚不便，女儿常来", "女儿")
            outcome.isAgreed = true
            outcome.answers = ["helper": "女儿"]
            outcome.photos = [try await house.photo(worker)]
            try await VisitCommands(database).finish(visit, outcome, worker)
            try await RegisterCommands.end(household, .moved, version: nil, head, database)
            try await RegisterCommands.end(dwelling, .gone, version: nil, head, database)
            house.clock.advance(minutes: Self.days)
            try await house.run(job: "registers.retention")
            let kept = try #require(try await database.read { try VisitQueries.find(visit, $0) })
            #expect(kept.note.isEmpty && kept.signer.isEmpty && kept.state == .done && !kept.workerName.isEmpty)
            for table in ["visit_answer", "household_signal"] {
                let left = try await house.value(
                    "SELECT count(*) FROM \(SQL(stringLiteral: table)) WHERE household_id = \(home.household)",
                    as: Int.self)
                #expect(left == 0, "\(table)")
            }
            let photos = try await database.read { try VisitQueries.photos(of: visit, .photo, $0).count }
            #expect(photos == 0)
            for subject in [household, dwelling] {
                let item = try await database.read { try RegisterQueries.item(subject, $0) }
                #expect(item?.isErased == true && item?.name == "幸福里小区3号楼2单元1201")
                #expect(try await [sealed(subject, house), salts(subject, house)] == [0, 0])
            }
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    /// What is left of a visit: its note, who signed, and how many answers, photos and drawings.
    private func left(_ id: ID<Visit>, _ house: House) async throws -> [String] {
        try await house.services.database.read { tx in
            let visit = try #require(try VisitQueries.find(id, tx))
            let answers: Int? = try tx.value("SELECT count(*) FROM visit_answer WHERE visit_id = \(id)")
            return [
                visit.note, visit.signer, "\(answers ?? 0)", "\(try VisitQueries.photos(of: id, .photo, tx).count)",
                "\(try VisitQueries.photos(of: id, .signature, tx).count)",
            ]
        }
    }

    @Test("走访里说的、答的、照片、签名到年限就删，人还住着也一样；去过、结果还在，没到年限的不动", arguments: TestEngine.enabled)
    func visits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let database = house.services.database
            func visited(_ note: String) async throws -> ID<Visit> {
                let walker = try await house.context(DemoStaff.gridWorker1)
                let id = try await house.announceVisit(home.household)
                var outcome = VisitOutcome()
                (outcome.isUnchanged, outcome.note, outcome.signer) = (false, note, "陈秀英")
                outcome.answers = ["helper": "没有人"]
                outcome.photos = [try await house.photo(walker)]
                outcome.signature = try await house.photo(walker)
                try await VisitCommands(database).finish(id, outcome, walker)
                return id
            }
            let old = try await visited("腿脚不便")
            house.clock.advance(minutes: 1000 * 24 * 60)
            let new = try await visited("都好")
            try await house.run(job: "visits.retention")
            #expect(try await left(old, house) == ["腿脚不便", "陈秀英", "1", "1", "1"])
            house.clock.advance(minutes: 96 * 24 * 60)
            try await house.run(job: "visits.retention")
            #expect(try await left(old, house) == ["", "", "0", "0", "0"])
            #expect(try await left(new, house) == ["都好", "陈秀英", "1", "1", "1"])
            let kept = try #require(try await database.read { try VisitQueries.find(old, $0) })
            #expect(kept.state == .done && kept.result == .changed && !kept.workerName.isEmpty)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("期限各是各的设置，0 为不删；并掉的也到期，到期就不能撤销合并", arguments: TestEngine.enabled)
    func settings(_ engine: TestEngine) async throws {
        let settings = RegisterSettings(keptDays: 0, keptOrganizationDays: 10, keptHomeDays: 0)
        try await withHouse(engine, registers: settings) { house in
            let (kept, gone, home) = (try await firm(house), try await firm(house), try await house.enterHome())
            let (head, database) = (try await house.context(.head), house.services.database)
            let (parts, household) = (house.services.registerParts, RegisterSubject(.household, home.household))
            try await RegisterCommands.merge(gone, into: kept, version: nil, parts, head, database)
            try await RegisterCommands.end(household, .moved, version: nil, head, database)
            house.clock.advance(minutes: 11 * 24 * 60)
            try await house.run(job: "registers.retention")
            let (merged, ended, person) = try await database.read { tx in
                (
                    try RegisterQueries.item(gone, tx), try RegisterQueries.item(household, tx),
                    try RegisterQueries.person(home.person, tx)
                )
            }
            #expect(merged?.isErased == true && ended?.isErased == false && person?.name == "陈秀英")
            let back = try await house.refusal {
                try await RegisterCommands.split(gone, parts, head, database)
            }
            #expect(back == .conflict)
            let standing = try await database.read { try RegisterQueries.item(kept, $0) }
            #expect(standing?.name == "样例便民店" && standing?.isHere == true)
        }
    }
}
