import Administration
import Foundation
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// What is personal of a case goes when its time is over, with the files that nothing uses any more; what was done stays.
@Suite("保存期限")
struct CaseRetentionTests {
    /// A dark lamp that two people told, done and confirmed by both; with the secret of the first one's receipt.
    private func closed(
        _ house: House, phone: String = "13855550123", neighbour: DemoResident = .youngMother
    ) async throws -> (lead: ID<Case>, voice: ID<Case>, receipt: String) {
        var lamp = try await house.draft("路灯不亮，请打 13855550199", category: "C0118", at: "幸福里小广场")
        (lamp.spot, lamp.source, lamp.location) = (.street, .web, "秋千旁，13855550198")
        (lamp.reporterName, lamp.reporterPhone) = ("王五", phone)
        lamp.photos = [try await house.photo(house.visitor)]
        let taken = try await house.services.commands.report(lamp, house.visitor)
        let mother = try await house.context(neighbour)
        var voice = lamp
        (voice.photos, voice.source, voice.text) = ([], .account, "晚上看不见路")
        (voice.reporterName, voice.reporterPhone) = ("", "")
        let joined = try await house.services.commands.join(taken.number, voice, mother)
        let property = try await house.unit("安居物业")
        if try await house.value("SELECT handler_unit FROM case_item WHERE id = \(taken.id)", as: Int64.self)
            != property.rawValue
        {
            try await house.take(CaseStep("dispatch", unit: property), taken.id, house.context(.dispatcher))
        }
        try await house.finish(taken.id)
        try await house.take(CaseStep("confirm"), taken.id, house.holder(of: taken.id))
        try await house.take(CaseStep("confirm"), joined.id, mother)
        #expect(try await house.state(taken.id) == "closed")
        await house.deliver()
        return (taken.id, joined.id, taken.receipt)
    }

    private func count(_ house: House, _ sql: SQL) async throws -> Int {
        try await house.value("SELECT count(*) FROM \(sql)", as: Int.self) ?? -1
    }

    private func days(_ days: Int, _ house: House) { house.clock.advance(minutes: days * 1440) }

    @Test("期满清除反映人、原文、地点、照片、链接和检索，评价、过程、审计留下", arguments: TestEngine.enabled)
    func clears(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (lead, voice, receipt) = try await closed(house)
            let both: SQL = "(\(lead), \(voice))"
            let outcomes = try await house.outcomes(lead) + house.outcomes(voice)
            let entries = try await count(house, "case_entry WHERE case_id IN \(both)")
            let sums = try await house.sums()
            days(1094, house)
            try await house.run(job: "cases.retention")
            #expect(try await count(house, "case_item WHERE id IN \(both) AND cleared_at IS NOT NULL") == 0)
            #expect(try await count(house, "case_photo WHERE case_id IN \(both)") == 1)
            days(2, house)
            for _ in 0..<2 { try await house.run(job: "cases.retention") }
            let bare = try await count(
                house,
                """
                case_item WHERE id IN \(both) AND cleared_at IS NOT NULL AND text = '' AND text_sealed IS NULL
                AND location = '' AND location_sealed IS NULL AND place_id IS NULL AND place_address = ''
                AND latitude IS NULL AND reporter_id IS NULL AND reporter_sealed IS NULL AND reporter_mask = ''
                AND receipt_hash IS NULL AND is_public = 0
                """)
            #expect(bare == 2)
            for table in ["case_photo", "case_teller", "case_message", "case_notice", "case_publication_photo"] {
                let name = SQL(stringLiteral: table)
                #expect(try await count(house, "\(name) WHERE case_id IN \(both)") == 0, "\(table)")
            }
            #expect(try await count(house, "case_search WHERE rowid IN \(both)") == 0)
            #expect(try await count(house, "case_entry WHERE case_id IN \(both)") == entries)
            let said = try await count(
                house,
                "case_entry WHERE case_id IN \(both) AND (text <> '' OR text_sealed IS NOT NULL OR answers <> '')")
            #expect(said == 0)
            #expect(try await house.outcomes(lead) + house.outcomes(voice) == outcomes)
            #expect(try await house.sums() == sums)
            try await house.proveRates()
            let queries = house.services.queries
            #expect(try await house.refusal { _ = try await queries.caseID(receipt: receipt) } == .notFound)
            #expect(try await queries.view(lead, house.context(.dispatcher)).item.title == CaseRetention.title)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("清除以后，有没有人可问还照原来的说", arguments: TestEngine.enabled)
    func asked(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let rows: [(name: String, phone: String, wasAsked: Bool)] = [
                ("", "", false), ("王五", "", true), ("王五", "13912345678", true),
            ]
            for row in rows {
                var draft = try await house.draft("小广场路灯不亮", category: "C0118", at: "幸福里小广场")
                (draft.source, draft.spot, draft.settledWith) = (.staff, .street, "换了灯")
                (draft.reporterName, draft.reporterPhone) = (row.name, row.phone)
                let id = try await house.report(draft, dispatcher)
                let database = house.services.database
                #expect(try await database.read { try CaseAsked.somebody(about: id, $0) } == row.wasAsked)
                try await database.write(dispatcher, "test.clear") { tx in
                    try tx.execute("UPDATE case_item SET is_open = 0 WHERE id = \(id)")
                    _ = try CaseRetention.clear(id, tx)
                }
                let mask = try await house.value(
                    "SELECT reporter_mask FROM case_item WHERE id = \(id)", as: String.self)
                #expect(mask == "")
                #expect(try await database.read { try CaseAsked.somebody(about: id, $0) } == row.wasAsked)
            }
        }
    }

    @Test("有没定的申请就等；一次清几件，断了接着清", arguments: TestEngine.enabled)
    func waits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (lead, _, _) = try await closed(house)
            let (other, _, _) = try await closed(house, phone: "13855550124", neighbour: .courier)
            let commands = house.services.commands
            let request = try await commands.ask(
                .exclude, reason: "unreasonable", minutes: 0, text: "没有依据", for: lead,
                house.context(.propertyHandler))
            days(1096, house)
            let context = Context.system("cases.retention", now: house.clock.clock.now)
            var cleared = 0
            while let next = try await commands.overKept(context.now, limit: 1).first {
                try await commands.clearKept(next, context)
                cleared += 1
            }
            #expect(cleared >= 1)
            func isCleared(_ id: ID<Case>) async throws -> Bool {
                try await count(house, "case_item WHERE id = \(id) AND cleared_at IS NOT NULL") == 1
            }
            #expect(try await isCleared(other))
            #expect(try await !isCleared(lead))
            _ = try await commands.decide(request, isGranted: false, text: "照常计入", house.context(.dispatcher))
            try await house.run(job: "cases.retention")
            #expect(try await isCleared(lead))
        }
    }

    @Test("没人再用的照片过了宽限期才删，还有人用的内容留着", arguments: TestEngine.enabled)
    func sweeps(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, files) = (house.services.database, house.services.files)
            let sweep = FileSweep(files, quietSeconds: 0)
            let handler = try await house.context(.propertyHandler)
            // The same picture twice: two rows, one content.
            let (first, second) = (try await house.photo(handler), try await house.photo(handler))
            let id = try await house.report(try await house.draft(), house.context(.tenant))
            try await house.services.commands.remark("看过了", isVisible: true, photos: [first, second], on: id, handler)
            let hash = try #require(
                try await house.value("SELECT hash FROM stored_file WHERE id = \(first)", as: String.self))
            let isThere = { FileManager.default.fileExists(atPath: files.path(hash)) }
            func rows() async throws -> Int { try await count(house, "stored_file WHERE hash = \(hash)") }
            func remove(_ sweep: FileSweep) async throws { while try await sweep.remove(database) > 0 {} }
            func release(_ file: ID<StoredFile>) async throws {
                try await database.system { tx in
                    _ = try tx.execute("DELETE FROM case_photo WHERE file_id = \(file)")
                }
            }
            days(2, house)
            try await sweep.mark(database)
            #expect(try await count(house, "stored_file WHERE hash = \(hash) AND unused_since IS NOT NULL") == 0)
            try await release(first)
            try await sweep.mark(database)
            #expect(try await count(house, "stored_file WHERE unused_since IS NOT NULL AND id = \(first)") == 1)
            days(29, house)
            try await remove(sweep)
            #expect(try await rows() == 2)
            days(2, house)
            try await remove(sweep)
            #expect(try await rows() == 1 && isThere())
            try await release(second)
            try await sweep.mark(database)
            // Used again before its time: nothing happens to it.
            try await database.system { tx in
                _ = try tx.execute(
                    """
                    INSERT INTO case_photo (id, case_id, file_id, kind, at)
                    VALUES (\(try tx.newID(CasePhoto.self)), \(id), \(second), 'after', \(tx.now))
                    """)
            }
            try await sweep.mark(database)
            days(31, house)
            try await remove(sweep)
            #expect(try await rows() == 1 && isThere())
            try await release(second)
            try await sweep.mark(database)
            days(31, house)
            // Its content came just now, as far as the disk knows: whoever sent it may be about to record it.
            try await remove(FileSweep(files))
            #expect(try await rows() == 1 && isThere())
            try await remove(sweep)
            #expect(try await rows() == 0 && !isThere())
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("手机上没定的记录里的照片不删", arguments: TestEngine.enabled)
    func undecided(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let worker = try await house.context(.gridWorker1)
            try await database.system { tx in
                let (lease, bytes) = (try tx.newID(OfflineLease.self), [UInt8]([1]))
                _ = try tx.execute(
                    """
                    INSERT INTO offline_lease (id, account_id, session_hash, division, public_key, private_sealed,
                        issued_at, expires_at)
                    VALUES (\(lease), \(worker.actor.account), \(bytes), 1, \(bytes), \(bytes), \(tx.now), \(tx.now))
                    """)
                _ = try tx.execute(
                    """
                    INSERT INTO offline_entry (id, account_id, key, lease_id, part, happened_at, taken_at, outcome)
                    VALUES (\(try tx.newID(OfflineLease.self)), \(worker.actor.account), 'k', \(lease), 'visits',
                        \(tx.now), \(tx.now), 'conflict')
                    """)
            }
            house.clock.advance(minutes: 1)
            let file = try await house.photo(worker)
            let sweep = FileSweep(house.services.files, quietSeconds: 0)
            days(2, house)
            try await sweep.mark(database)
            #expect(try await count(house, "stored_file WHERE id = \(file) AND unused_since IS NULL") == 1)
            try await database.system { tx in
                _ = try tx.execute("UPDATE offline_entry SET settled_at = \(tx.now) WHERE key = 'k'")
            }
            try await sweep.mark(database)
            #expect(try await count(house, "stored_file WHERE id = \(file) AND unused_since IS NOT NULL") == 1)
        }
    }
}
