import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Who is known by phone only may stop the messages, by the page of the receipt or a program; it holds for the phone.
@Suite("只留了手机号的，也能不收短信")
struct MessageStopsTests {
    private static let phone = "13855550123"

    /// A need of somebody without an account who left a phone.
    private func told(
        _ house: House, phone: String = phone, _ disclosure: Disclosure = .named
    ) async throws -> CaseCommands.Taken {
        var draft = try await house.draft()
        (draft.source, draft.disclosure) = (.web, disclosure)
        (draft.reporterName, draft.reporterPhone) = ("王五", phone)
        return try await house.services.commands.report(draft, house.visitor)
    }

    private func finish(_ id: ID<Case>, _ house: House) async throws {
        let handler = try await house.context(.propertyHandler)
        // Told again from one phone it goes to the centre first.
        if try await house.state(id) == "received" {
            let unit = try await house.unit("安居物业")
            try await house.take(CaseStep("dispatch", unit: unit), id, house.context(.dispatcher))
        }
        try await house.take(CaseStep("accept"), id, handler)
        try await house.take(CaseStep("finish", text: "修好了"), id, handler)
    }

    private func sent(_ house: House, to phone: String = phone) async -> Int {
        await house.deliver()
        return house.messages.all.count { $0.phone == phone }
    }

    private func opened(_ house: House) async throws -> Int? {
        try await house.value("SELECT count(*) FROM audit_entry WHERE command = 'secrets.reveal'")
    }

    @Test("停了，这个号码的都不发，号码也不再解密；恢复就再发", arguments: TestEngine.enabled)
    func stops(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let first = try await told(house)
            try await finish(first.id, house)
            #expect(await sent(house) == 1)
            #expect(house.messages.all.last?.text.zh.contains("页面里可以停发短信") == true)
            #expect(house.messages.all.last?.text.en.contains("you can stop messages there") == true)
            let path = CasePath.receipt(first.receipt)
            let page = try await house.open(path, query: [], house.visitor)
            #expect(page.contains("不再发短信") && page.contains("action=\"\(path)/messages\""))
            _ = try await house.send("\(path)/messages", Form([("wanted", "no")]), house.visitor)
            let stopped = try await house.open(path, query: [], house.visitor)
            #expect(stopped.contains("恢复短信") && !stopped.contains("不再发短信"))
            let said = try await house.open(path, query: [("done", "messages")], house.visitor)
            #expect(said.contains("短信停了") && !stopped.contains("短信停了"))
            let second = try await told(house)
            try await finish(second.id, house)
            let before = try await opened(house)
            #expect(await sent(house) == 1)
            #expect(try await opened(house) == before, "a phone that is not written to is not opened")
            let other = try await told(house, phone: "13855550124")
            try await finish(other.id, house)
            #expect(await sent(house, to: "13855550124") == 1, "another phone is written to")
            // The receipt of the other case of the phone says so, too.
            _ = try await house.send(
                CasePath.receipt(second.receipt) + "/messages", Form([("wanted", "yes")]), house.visitor)
            let third = try await told(house)
            try await finish(third.id, house)
            #expect(await sent(house) == 2)
            let lines = try await house.services.database.read { tx in
                try tx.all(
                    "SELECT fields, actor_kind FROM audit_entry WHERE command = 'cases.wantMessages' ORDER BY id"
                ) {
                    (try $0[0] as String, try $0[1] as String)
                }
            }
            #expect(lines.count == 2 && lines.allSatisfy { $0.1 == "receipt" })
            #expect(lines.first?.0.contains("stopped") == true && lines.last?.0.contains("wanted") == true)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("库里只有散列；说两次、说空的都不出错", arguments: TestEngine.enabled)
    func keeps(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let taken = try await told(house)
            let commands = house.services.commands
            for _ in 0..<2 { try await commands.wantMessages(false, of: taken.id, house.holder(of: taken.id)) }
            let kept = try await house.services.database.read { tx in
                try tx.all("SELECT phone FROM message_stop") { try $0[0] as [UInt8] }
            }
            #expect(kept == [house.services.database.keys.index(Self.phone, kind: "phone")])
            let empty = try await house.send(
                CasePath.receipt(taken.receipt) + "/messages", Form([("wanted", "maybe")]), house.visitor)
            #expect(empty?.contains("请选要还是不要") == true)
        }
    }

    @Test("别人停不了；没留号码的、有账号的没有这回事", arguments: TestEngine.enabled)
    func whose(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let taken = try await told(house)
            let commands = house.services.commands
            for context in [
                house.visitor, try await house.context(.tenant), try await house.context(.dispatcher),
                try await house.context(.propertyHandler),
            ] {
                let kind = try await house.refusal { try await commands.wantMessages(false, of: taken.id, context) }
                #expect(kind == .notFound)
            }
            let nobody = try await told(house, .anonymous)
            let own = try await house.services.commands.report(house.draft(), house.context(.tenant))
            for other in [nobody, own] {
                let kind = try await house.refusal {
                    try await commands.wantMessages(false, of: other.id, house.holder(of: other.id))
                }
                #expect(kind == .conflict)
                let page = try await house.open(CasePath.receipt(other.receipt), query: [], house.visitor)
                #expect(!page.contains("不再发短信") && !page.contains("恢复短信"))
            }
            #expect(try await house.value("SELECT count(*) FROM message_stop", as: Int.self) == 0)
        }
    }

    @Test("登录的人关了短信：页面说关了，自己这件事里也写着", arguments: TestEngine.enabled)
    func signedIn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let id = try await house.report(house.draft(), tenant)
            let path = CasePath.resident(id)
            #expect(try await !house.open(path, query: [], tenant).contains("您关了办理进展短信"))
            try await ReporterMessages.want(false, tenant, house.services.database)
            #expect(try await house.open(path, query: [], tenant).contains("您关了办理进展短信"))
            try await withSite(house) { site in
                let visitor = try await site.resident(.tenant)
                let sent = try await site.send("/me/messages", [("wanted", "no")], as: visitor)
                #expect(sent.status == 303 && sent["location"] == "/me?done=messages")
                #expect(try await site.open("/me?done=messages", as: visitor).text.contains("办理进展短信关了"))
            }
        }
    }

    @Test("接口：问一问、停、恢复", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let taken = try await told(house)
            let nobody = try await told(house, .anonymous)
            try await withSite(house) { site in
                func ask(_ receipt: String, _ more: String = "", status: Int = 200) async throws -> Shown {
                    try await site.shown(
                        "POST", "/receipts/messages", #"{"receipt":"\#(receipt)"\#(more)}"#, as: site.bare,
                        status: status)
                }
                #expect(try await ask(taken.receipt)["wanted"].isTrue)
                let stopped = try await ask(taken.receipt, #","wanted":false"#)
                #expect(stopped.names == ["wanted"] && !stopped["wanted"].isTrue)
                #expect(try await !ask(taken.receipt)["wanted"].isTrue)
                #expect(try await ask(taken.receipt, #","wanted":true"#)["wanted"].isTrue)
                #expect(try await ask(nobody.receipt).names.isEmpty)
                _ = try await ask(nobody.receipt, #","wanted":false"#, status: 409)
                _ = try await ask("0123456789", status: 404)
            }
        }
    }
}
