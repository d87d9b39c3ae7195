import Administration
import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The evidence of one case, and what it proves.
@Suite("证据包")
struct BundleTests {
    /// A case that went through some steps, and its evidence as somebody takes it.
    private static func file(_ house: House, _ id: ID<Case>, _ who: DemoStaff) async throws -> [UInt8] {
        try await bytes(house, id, who, "json")
    }

    private static func bytes(
        _ house: House, _ id: ID<Case>, _ who: DemoStaff, _ kind: String, _ more: [(String, String)] = []
    ) async throws -> [UInt8] {
        let form = Form(([("purpose", "行政复议举证 13912345678")] + more).map { (name: $0.0, value: $0.1) })
        let reply = try await house.reply("/desk/cases/\(id)/evidence.\(kind)", form, try await house.context(who))
        guard case .bytes(let bytes, _) = reply.content else { return [] }
        return bytes
    }

    private static func lift(_ house: House) async throws -> ID<Case> {
        var draft = try await house.draft("3号楼电梯停了三天，打 13800138000 没人管")
        let tenant = try await house.context(.tenant)
        draft.photos = [try await house.photo(tenant)]
        let id = try await house.report(draft, tenant)
        try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
        let handler = try await house.context(.propertyHandler)
        try await house.services.commands.remark("配件明天到货", isVisible: true, photos: [], on: id, handler)
        return id
    }

    @Test("数据文件不靠服务器就能核对；改动一个字就不对", arguments: TestEngine.enabled)
    func proves(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await Self.lift(house)
            let bytes = try await Self.file(house, id, .dispatcher)
            let key = house.services.database.keys.publicKey
            let verdict = SignedFile.check(bytes, key: key)
            #expect(verdict.problems.isEmpty)
            // Told, photo or dispatch, accepted, noted, taken away: at least these; the resident's own is a hash.
            #expect(verdict.entries >= 4 && !verdict.batches.isEmpty)
            #expect(verdict.words >= 2)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("配件明天到货") && !text.contains("13800138000") && !text.contains("13912345678"))
            let other = try KeyRing(masters: [[UInt8](repeating: 9, count: 32)]).publicKey
            #expect(SignedFile.check(bytes, key: other).problems.contains("it was signed with another key"))
            // Every bit counts; a step that shares no factor with the length visits all kinds of places.
            var missed = 0
            for place in stride(from: 0, to: bytes.count - 2, by: 97) {
                var changed = bytes
                changed[place] ^= 1
                if SignedFile.check(changed, key: key).problems.isEmpty { missed += 1 }
            }
            #expect(missed == 0)
            #expect(!SignedFile.check(Array("{}".utf8)).problems.isEmpty && !SignedFile.check([]).problems.isEmpty)
        }
    }

    @Test("内容重新签名也骗不过：审计里的词和根对不上", arguments: TestEngine.enabled)
    func forged(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await Self.lift(house)
            let text = String(decoding: try await Self.file(house, id, .dispatcher), as: UTF8.self)
            let start = try #require(text.range(of: ",\"content\":")?.upperBound)
            let content = String(text[start...].dropLast(2))
            func check(_ changed: String) throws -> [String] {
                let file = try SignedFile.make(Array(changed.utf8), house.services.database.keys)
                return SignedFile.check(file, key: house.services.database.keys.publicKey).problems
            }
            #expect(try check(content).isEmpty)
            let words = try check(content.replacingOccurrences(of: "配件明天到货", with: "配件后天到货"))
            #expect(words.contains { $0.contains("words of entry") })
            let command = try check(content.replacingOccurrences(of: "\"cases.accept\"", with: "\"cases.refuse\""))
            #expect(command.contains { $0.contains("not what its hash was made of") })
            let count = try check(content.replacingOccurrences(of: ",\"previous\":", with: "0,\"previous\":"))
            #expect(count.contains { $0.contains("not chained") })
        }
    }

    @Test("PDF 里有经过、照片的哈希、证明和用途；明文要另外登记", arguments: TestEngine.enabled)
    func document(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await Self.lift(house)
            let bytes = try await Self.bytes(house, id, .dispatcher, "pdf")
            let text = try #require(try PDFWords.read(bytes))
            let hash = try await house.value(
                "SELECT f.hash FROM stored_file f JOIN case_photo p ON p.file_id = f.id WHERE p.case_id = \(id)",
                as: String.self)
            #expect(text.contains(try #require(hash)) && text.contains("cases.accept") && text.contains("怎样核对"))
            #expect(text.contains("行政复议举证") && !text.contains("13912345678") && !text.contains("13800138000"))
            #expect(text.contains(Hex.encode(house.services.database.keys.publicKey)))
            let reveals: SQL = "SELECT count(*) FROM audit_entry WHERE command = 'secrets.reveal'"
            let before = try await house.value(reveals, as: Int.self)
            let clear = try #require(
                try PDFWords.read(try await Self.bytes(house, id, .dispatcher, "pdf", [("reporter", "yes")])))
            #expect(clear.contains("13800138000"))
            #expect(try await house.value(reveals, as: Int.self) == (before ?? 0) + 1)
            let taken = try await house.value(
                """
                SELECT count(*) FROM audit_entry WHERE command = 'cases.takeBundle' AND subject_id = \(id)
                AND fields = 'bundle,pdf' AND reason LIKE '行政复议举证%'
                """, as: Int.self)
            #expect(taken == 2)
        }
    }

    @Test("没写用途的留在页上；经办人、别的街道、被投诉的单位拿不到", arguments: TestEngine.enabled)
    func access(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await Self.lift(house)
            let form = Form([(name: "purpose", value: "看")])
            let dispatcher = try await house.context(.dispatcher)
            let page = try await house.send("/desk/cases/\(id)/evidence.pdf", form, dispatcher)
            #expect(page?.contains("请写明用途") == true)
            for who in [DemoStaff.propertyHandler, .worker] {
                #expect(try await Self.refusal(house, id, who) == .forbidden)
            }
            #expect(try await Self.refusal(house, id, .townDispatcher) == .notFound)
            let card = try await house.open("/desk/cases/\(id)", query: [], try await house.context(.propertyHandler))
            #expect(!card.contains("evidence.pdf"))
            let theirs = try await house.open("/desk/cases/\(id)", query: [], try await house.context(.head))
            #expect(theirs.contains("evidence.pdf"))
        }
    }

    @Test("只让受理中心知道的诉求人，在审计里也只有哈希", arguments: TestEngine.enabled)
    func protected(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            var draft = try await house.draft()
            draft.disclosure = .office
            let id = try await house.report(draft, tenant)
            let account = try #require(tenant.actor.account)
            // The district does not receive for the office.
            let far = try await Self.file(house, id, .districtOfficer)
            let near = try await Self.file(house, id, .dispatcher)
            let actor = "\"actor\":\"\(account.rawValue)\""
            #expect(!String(decoding: far, as: UTF8.self).contains(actor))
            #expect(String(decoding: near, as: UTF8.self).contains(actor))
            let verdict = SignedFile.check(far)
            #expect(verdict.problems.isEmpty && verdict.hidden == 1)
            #expect(SignedFile.check(near).hidden == 0)
        }
    }

    private static func refusal(_ house: House, _ id: ID<Case>, _ who: DemoStaff) async throws -> LinliError.Kind? {
        do {
            _ = try await bytes(house, id, who, "json")
            return nil
        } catch let error as LinliError {
            return error.kind
        }
    }
}
