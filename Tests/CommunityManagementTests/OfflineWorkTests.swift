import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The doors of work without a network, and what cases and handing over make of it.
@Suite("离线台账的门")
struct OfflineWorkTests {
    /// What a phone posts: sealed entries as files, the lease as a field.
    private func send(
        _ sealed: [(key: String, bytes: [UInt8])], _ phone: PhoneWork, session: Session?, _ context: Context,
        _ house: House, more: [(String, String)] = []
    ) async throws -> String {
        let uploads = try sealed.map { entry in
            let path = "\(house.folder)/\(randomToken())"
            try Data(entry.bytes).write(to: URL(fileURLWithPath: path))
            return Upload(field: "entry", filename: entry.key, path: path, size: entry.bytes.count)
        }
        let route = try #require(
            house.services.features.routes.first { $0.path == "/grid/phone/sync" && $0.method == .post })
        let fields = [("lease", "\(phone.lease.id)")] + more
        let request = Request(
            method: .post, path: route.path, form: Form(fields.map { (name: $0.0, value: $0.1) }), uploads: uploads,
            context: context, session: session)
        guard case .json(let bytes) = try await route.handle(request, house.services).content else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func take(_ house: House) async throws -> (phone: PhoneWork, session: Session, bundle: String) {
        let worker = DemoStaff.gridWorker1
        try await house.roster(worker.phone)
        let session = try await house.session(worker.phone)
        let route = try #require(house.services.features.routes.first { $0.path == "/grid/phone/lease" })
        let request = Request(
            method: .post, path: route.path, context: try await house.context(worker), session: session)
        guard case .json(let bytes) = try await route.handle(request, house.services).content else {
            throw LinliError.notFound("test.bundle")
        }
        let bundle = String(decoding: bytes, as: UTF8.self)
        let json = try JSONValue.object(in: bytes)
        guard case .object(let lease)? = json["lease"], let id: ID<OfflineLease> = lease.id("id") else {
            throw LinliError.notFound("test.lease")
        }
        let found = try await house.services.database.read { try OfflineLease.find(id, $0) }
        return (PhoneWork(try #require(found)), session, bundle)
    }

    @Test("领取的内容：在办工单、交接班、网格边界、表单；没有完整号码", arguments: TestEngine.enabled)
    func bundle(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (_, session, bundle) = try await take(house)
            for part in [#""households":["#, #""cases":{"types":["#, #""handover":{"#, #""outline":{"type":"Polygon""#]
            {
                #expect(bundle.contains(part), "\(part)")
            }
            #expect(bundle.contains(#""key":"04"#), "an uncompressed point")
            #expect(!bundle.contains(#""person.isReleased""#) && !bundle.contains(#""person.number""#))
            let state = try #require(house.services.features.routes.first { $0.path == "/grid/phone/state" })
            let asked = Request(
                path: state.path, query: Form([(name: "lease", value: bundle.dropFirst(16).prefix(13).description)]),
                context: try await house.context(.gridWorker1), session: session)
            guard case .json(let bytes) = try await state.handle(asked, house.services).content else { return }
            let answer = try JSONValue.object(in: bytes)
            #expect(answer.flag("alive") && answer.flag("onDuty"))
        }
    }

    @Test("带走以后要求“只保存”的、删掉的人，下次联网就告诉手机；别人问不到", arguments: TestEngine.enabled)
    func gone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let erased = try await house.enterHome("1298", ["person.name": "钱桂花"]).person
            let moved = try await house.enterHome("1297", ["person.name": "孙有福"]).person
            let elsewhere = try await house.enterHome("1296", ["person.name": "周玉兰"]).person
            let (phone, session, _) = try await take(house)
            let state = try #require(house.services.features.routes.first { $0.path == "/grid/phone/state" })
            func told(_ session: Session?) async throws -> Set<String> {
                let asked = Request(
                    path: state.path, query: Form([(name: "lease", value: "\(phone.lease.id)")]),
                    context: try await house.context(.gridWorker1), session: session)
                guard case .json(let bytes) = try await state.handle(asked, house.services).content else { return [] }
                return Set(try JSONValue.object(in: bytes).texts("gone"))
            }
            #expect(try await told(session).isEmpty)
            house.clock.advance(minutes: 30)
            try await house.services.database.write(try await house.context(.head), "registers.change") { tx in
                try tx.execute("UPDATE person SET restricted_at = \(tx.now) WHERE id = \(home.person)")
                try tx.execute(
                    "UPDATE person SET valid_to = \(tx.now), end_reason = 'erased', name = '' WHERE id = \(erased)")
                try tx.execute("UPDATE person SET valid_to = \(tx.now), end_reason = 'moved' WHERE id = \(moved)")
                // First to the next grid of the community, then only kept.
                try tx.execute(
                    "UPDATE person SET division = division + 1, restricted_at = \(tx.now) WHERE id = \(elsewhere)")
                try tx.audit(Subject("person", 1))
            }
            #expect(try await told(session) == ["\(home.person)", "\(erased)", "\(elsewhere)"])
            #expect(try await told(nil).isEmpty)
            // Taken along anew nobody is to be taken out.
            house.clock.advance(minutes: 30)
            let (again, fresh, bundle) = try await take(house)
            #expect(!bundle.contains("\"\(home.person)\""))
            let left = try await house.services.database.read { try again.lease.gone($0) }
            #expect(left.isEmpty && fresh.account.id == session.account.id)
        }
    }

    @Test("离线上报和交接各到一次，带照片，写明现场时间", arguments: TestEngine.enabled)
    func parts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (phone, session, _) = try await take(house)
            let seen = house.clock.clock.now.adding(minutes: 3)
            house.clock.advance(minutes: 60)
            let picture: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + Array("one".utf8)
            let other: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + Array("other".utf8)
            let report = try phone.sealed(
                "ffffffff-1", part: "cases", at: seen,
                body: #"{"text":"楼道里堆了杂物","type":"gridEvent","location":"3号楼2单元","urgent":false,"settled":""}"#,
                photos: [picture, other])
            let note = try phone.sealed("ffffffff-2", part: "handover", at: seen, body: #"{"text":"3号楼老人等回电"}"#)
            let unknown = try phone.sealed("ffffffff-3", part: "unheardOf", at: seen, body: "{}")
            let entries = [("ffffffff-1", report), ("ffffffff-2", note), ("ffffffff-3", unknown)]
            let context = try await house.context(.gridWorker1)
            let first = try await send(entries, phone, session: session, context, house)
            let second = try await send(entries, phone, session: session, context, house)
            #expect(first == second, "sent again")
            #expect(first.contains(#""outcome":"taken","number":"WG"#))
            #expect(first.contains(#""key":"ffffffff-3","outcome":"kept""#))
            let photos = try await house.value(
                """
                SELECT count(*) FROM case_photo p JOIN case_item c ON c.id = p.case_id
                WHERE c.created_at = \(context.now)
                """, as: Int.self)
            #expect(photos == 2)
            let notes = try await house.value(
                "SELECT count(*) FROM duty_handover WHERE text = '3号楼老人等回电'", as: Int.self)
            #expect(notes == 1)
            let brief = try await send(
                entries, phone, session: session, context, house, more: [("brief", "yes")])
            #expect(!brief.contains("number"), "the worker that only carries learns nothing")
            let stranger = try await send(entries, phone, session: nil, try await house.context(.worker), house)
            #expect(stranger.contains(#""answers":[]"#) && stranger.contains(#""isTheirs":false"#))
        }
    }

    @Test("太大的一条不收，也不挡着后面的", arguments: TestEngine.enabled)
    func tooLarge(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (phone, session, _) = try await take(house)
            let context = try await house.context(.gridWorker1)
            let body = #"{"text":"3号楼老人等回电"}"#
            let note = try phone.sealed("hhhhhhhh-2", part: "handover", at: context.now, body: body)
            let path = "\(house.folder)/\(randomToken())"
            try Data(note).write(to: URL(fileURLWithPath: path))
            let uploads = [
                Upload(field: "entry", filename: "hhhhhhhh-1", path: path, size: OfflineSync.limit + 1),
                Upload(field: "entry", filename: "hhhhhhhh-2", path: path, size: note.count),
            ]
            let route = try #require(house.services.features.routes.first { $0.path == "/grid/phone/sync" })
            let request = Request(
                method: .post, path: route.path, form: Form([(name: "lease", value: "\(phone.lease.id)")]),
                uploads: uploads, context: context, session: session)
            guard case .json(let bytes) = try await route.handle(request, house.services).content else { return }
            let answer = String(decoding: bytes, as: UTF8.self)
            #expect(answer.contains(#""key":"hhhhhhhh-1","outcome":"refused""#) && answer.contains("太大"))
            #expect(answer.contains(#""key":"hhhhhhhh-2","outcome":"taken""#))
        }
    }

    @Test("照片坏了的上报：好的留着，电脑上再试就带着好的", arguments: TestEngine.enabled)
    func brokenPhoto(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (phone, session, _) = try await take(house)
            let context = try await house.context(.gridWorker1)
            let sealed = try phone.sealed(
                "iiiiiiii-1", part: "cases", at: context.now,
                body: #"{"text":"楼道里堆了杂物","type":"gridEvent","location":"3号楼","urgent":false,"settled":""}"#,
                photos: [PhoneWork.picture("one"), Array("none".utf8)])
            for _ in 0..<2 {
                let answer = try await send([("iiiiiiii-1", sealed)], phone, session: session, context, house)
                #expect(answer.contains(#""outcome":"refused""#) && answer.contains("第 2 张照片打不开"))
            }
            let page = try await house.open("/grid/phone/entries", query: [], context)
            #expect(page.contains("1 张照片都留着") && page.contains("楼道里堆了杂物"))
            let id = try #require(try await house.value("SELECT id FROM offline_entry", as: ID<OfflineEntry>.self))
            let again = try await house.send(
                "/grid/phone/entries/\(id)", Form([(name: "use", value: "mine")]), context)
            #expect(again == "/grid/phone/entries?done=taken")
            let photos = try await house.value(
                """
                SELECT count(*) FROM case_photo p JOIN case_item c ON c.id = p.case_id
                WHERE c.created_at = \(context.now)
                """, as: Int.self)
            #expect(photos == 1)
        }
    }

    @Test("没收下的在电脑上列着，能再试、能收起", arguments: TestEngine.enabled)
    func entries(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (phone, session, _) = try await take(house)
            let context = try await house.context(.gridWorker1)
            let body = #"{"text":"","type":"gridEvent","location":"北门","urgent":false,"settled":""}"#
            let sealed = try phone.sealed("gggggggg-1", part: "cases", at: context.now, body: body)
            let answer = try await send([("gggggggg-1", sealed)], phone, session: session, context, house)
            #expect(answer.contains(#""outcome":"refused""#))
            let page = try await house.open("/grid/phone/entries", query: [], context)
            #expect(page.contains("没有收下") && page.contains("带着台账的手机"))
            let id = try #require(
                try await house.value("SELECT id FROM offline_entry", as: ID<OfflineEntry>.self))
            let path = "/grid/phone/entries/\(id)"
            let again = try await house.send(path, Form([(name: "use", value: "mine")]), context)
            let newer = try #require(
                try await house.value("SELECT max(id) FROM offline_entry", as: ID<OfflineEntry>.self))
            #expect(again == "/grid/phone/entries?done=refused#entry-\(newer)")
            let away = try await house.send(
                "/grid/phone/entries/\(newer)", Form([(name: "use", value: "theirs")]), context)
            #expect(away == "/grid/phone/entries?done=dropped")
            #expect(try await house.open("/grid/phone/entries", query: [], context).contains("没有等您决定"))
            let lease = Form([(name: "lease", value: "\(phone.lease.id)")])
            let end = try await house.send("/grid/phone/end", lease, context)
            #expect(end == "/grid/phone/entries?done=ended")
        }
    }

    @Test("两边都改的：列的是现在的值，写明上传以后又改过；看完又有人改了，选哪边都先不动", arguments: TestEngine.enabled)
    func decidedOnWhatStands(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (phone, session, _) = try await take(house)
            let context = try await house.context(.gridWorker1)
            func rename(_ name: String) async throws {
                try await house.services.database.write(try await house.context(.head), "registers.change") { tx in
                    try tx.execute("UPDATE person SET name = \(name), version = version + 1 WHERE id = \(home.person)")
                    try tx.audit(Subject("person", home.person))
                }
            }
            func name() async throws -> String? {
                try await house.value("SELECT name FROM person WHERE id = \(home.person)", as: String.self)
            }
            let list = "/grid/phone/entries"
            func seen() async throws -> String {
                let page = try await house.open(list, query: [], context)
                let start = try #require(page.range(of: "name=\"seen\" value=\"")).upperBound
                return String(page[start...].prefix { $0 != "\"" })
            }
            try await rename("陈秀瑛")
            let field = #""kind":"person","id":"\#(home.person)","field":"person.name""#
            let change = "{\(field),\"before\":\"=陈秀英\",\"value\":\"陈秀莹\"}"
            let body = #"{"kind":"edit","household":"\#(home.household)","settles":"","changes":[\#(change)]}"#
            let sealed = try phone.sealed("hhhhhhhh-1", at: context.now, body: body)
            let answer = try await send([("hhhhhhhh-1", sealed)], phone, session: session, context, house)
            #expect(answer.contains(#""outcome":"conflict""#))
            let id = try #require(
                try await house.value("SELECT max(id) FROM offline_entry", as: ID<OfflineEntry>.self))
            let first = try await seen()
            #expect(try await house.open(list, query: [], context).contains("现在：<b>陈秀瑛</b></dd>"))
            try await rename("陈秀影")
            let page = try await house.open(list, query: [], context)
            #expect(page.contains("现在：<b>陈秀影</b>") && page.contains("上传以后又改过，上传时是：陈秀瑛"))
            for side in ["mine", "theirs"] {
                let form = Form([(name: "use", value: side), (name: "seen", value: first)])
                #expect(try await house.send("\(list)/\(id)", form, context) == "\(list)?done=changed#entry-\(id)")
                #expect(try await name() == "陈秀影")
            }
            #expect(try await house.open(list, query: [("done", "changed")], context).contains("还没有动"))
            let second = try await seen()
            let form = Form([(name: "use", value: "mine"), (name: "seen", value: second)])
            #expect(try await house.send("\(list)/\(id)", form, context) == "\(list)?done=taken")
            #expect(try await name() == "陈秀莹")
            #expect(try await house.open(list, query: [], context).contains("没有等您决定"))
        }
    }

    @Test("一户搬走了：约好的走访从手机上拿掉", arguments: TestEngine.enabled)
    func goneVisits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let visit = try await house.announceVisit(home.household)
            let (phone, _, _) = try await take(house)
            house.clock.advance(minutes: 30)
            let subject = RegisterSubject(.household, home.household)
            try await RegisterCommands.end(
                subject, .moved, version: nil, try await house.context(.head), house.services.database)
            #expect(try await house.services.database.read { try phone.lease.goneVisits($0) } == [visit])
            house.clock.advance(minutes: 30)
            let (again, _, bundle) = try await take(house)
            #expect(!bundle.contains("\"\(visit)\""))
            #expect(try await house.services.database.read { try again.lease.goneVisits($0) }.isEmpty)
        }
    }
}
