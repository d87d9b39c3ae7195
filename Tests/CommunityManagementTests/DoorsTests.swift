import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// The doors by which needs come in besides the resident's form: a number on the phone, a code on a wall, a chat group.
@Suite("各种来路")
struct DoorsTests {
    @Test("报号码查到本人的事；投诉只给能看诉求人的人；每次查都有审计", arguments: TestEngine.enabled)
    func callers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let phone = "13912345678"
            let staff = try await house.context(.worker)
            var told = try await house.draft("打电话说灯不亮", category: "R0104")
            (told.source, told.reporterPhone) = (.staff, phone)
            let id = try await house.report(told, staff)
            var complaint = try await house.draft("投诉物业不管", category: "R0104")
            (complaint.source, complaint.reporterPhone) = (.staff, phone)
            (complaint.nature, complaint.disclosure) = (.tipOff, .office)
            let sealed = try await house.report(complaint, staff)
            let before: Int =
                try await house.value("SELECT count(*) FROM audit_entry WHERE command = 'cases.toldBy'") ?? 0
            let number = try #require(PhoneNumber(phone))
            let queries = house.services.queries
            let found = try await queries.told(by: number, purpose: "来电问进度", staff)
            #expect(found.map(\.id) == [id], "a tip-off is not found by its number")
            let centre = try await house.context(.dispatcher)
            #expect(Set(try await queries.told(by: number, purpose: "来电", centre).map(\.id)) == [id, sealed])
            let group = try await house.open("/api/v1/cases/\(sealed)/group-reply", query: [], centre)
            #expect(group.contains("进展只告诉反映人本人") && !group.contains("物业"), "no group hears of a tip-off")
            let elsewhere = try await house.context(.locustWorker)
            #expect(try await queries.told(by: number, purpose: "来电", elsewhere).isEmpty)
            let after: Int =
                try await house.value("SELECT count(*) FROM audit_entry WHERE command = 'cases.toldBy'") ?? 0
            #expect(after == before + 3)
            #expect(try await house.value("SELECT count(*) FROM audit_entry WHERE reason LIKE '%139%'") == 0)
            let answer = try await house.open("/desk/caller", query: [], staff)
            #expect(answer.contains("照着说"))
            let form = Form([(name: "phone", value: phone), (name: "purpose", value: "来电问进度")])
            let shown = try #require(try await house.send("/desk/caller", form, staff))
            #expect(shown.contains("打电话说灯不亮") && !shown.contains("投诉物业不管"))
            let unasked = try #require(
                try await house.send("/desk/caller", Form([(name: "phone", value: phone)]), staff))
            #expect(!unasked.contains("打电话说灯不亮"), "without a purpose nothing is found")
        }
    }

    @Test("挂账的事：电话里念的、粘回群里的、协办单上的，都说暂停计时，不报一个不算数的时限；办结的说办结", arguments: TestEngine.enabled)
    func saidWhilePaused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await house.context(.worker)
            let handler = try await house.context(.propertyHandler)
            var told = try await house.draft("打电话说灯不亮", category: "R0104")
            (told.source, told.reporterPhone) = (.staff, "13912345679")
            let id = try await house.report(told, staff)
            try await house.take(CaseStep("accept"), id, handler)
            let form = Form([(name: "phone", value: "13912345679"), (name: "purpose", value: "来电问进度")])
            let running = try #require(try await house.send("/desk/caller", form, staff))
            #expect(running.contains("下一步最迟") && !running.contains("现在暂停计时"))
            let commands = house.services.commands
            let asked = try await commands.ask(
                .pause, reason: "material", minutes: 2 * 1440, text: "等灯具", for: id, handler)
            _ = try await commands.decide(asked, isGranted: true, text: "同意", try await house.context(.dispatcher))
            let paused = try #require(try await house.send("/desk/caller", form, staff))
            #expect(paused.contains("现在暂停计时") && !paused.contains("下一步最迟"))
            let group = try await house.open("/api/v1/cases/\(id)/group-reply", query: [], staff)
            #expect(group.contains("现在暂停计时") && !group.contains("下一步最迟"))
        }
        let now = Instant(milliseconds: 0)
        let over = PasteReply(
            id: ID(rawValue: 1), number: "1", title: "灯不亮", unit: nil, dueAt: now, link: nil, receipt: "", now: now,
            outcome: Text("已办结", "Closed"))
        #expect(over.words == "【已办结】灯不亮，编号 1。")
    }

    @Test("要求重办的事等着派单，不说还在原单位手里；办完等评价的也不说正在办", arguments: TestEngine.enabled)
    func saidOfReopened(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (staff, tenant) = (try await house.context(.dispatcher), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            let id = try await house.report(try await house.draft(), tenant)
            func group() async throws -> String {
                try await house.open("/api/v1/cases/\(id)/group-reply", query: [], staff)
            }
            try await house.take(CaseStep("accept"), id, handler)
            let unit = try #require(try await house.services.queries.view(id, staff).unit?.name.zh)
            #expect(try await group().contains("由\(unit)办理"))
            try await house.take(CaseStep("finish", text: "修好了"), id, handler)
            #expect(try await !group().contains("由\(unit)办理"))
            try await house.take(CaseStep("contest", text: "又坏了"), id, tenant)
            let said = try await group()
            #expect(said.contains("正在安排谁来办") && !said.contains(unit), "\(said)")
            let page = try await house.open("/desk/cases/\(id)", query: [], staff)
            #expect(page.contains("上一轮：\(unit) · ") && !page.contains("class=\"who\">\(unit) · 等了"))
        }
    }

    @Test("英文读者看到的延期、挂账理由是英文，审批人的话照原样", arguments: TestEngine.enabled)
    func grantedInEnglish(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let id = try await house.report(try await house.draft(), tenant)
            try await house.take(CaseStep("accept"), id, handler)
            let asked = try await house.services.commands.ask(
                .extend, reason: "complex", minutes: 1440, text: "要会商", for: id, handler)
            _ = try await house.services.commands.decide(
                asked, isGranted: true, text: "同意两天", try await house.context(.dispatcher))
            let reader = try await house.context(.tenant, language: .en)
            let page = try await house.open("/cases/\(id)", query: [], reader)
            #expect(page.contains("Reason: Complex, several units. Decision: 同意两天") && !page.contains("审批意见"))
            let chinese = try await house.open("/cases/\(id)", query: [], tenant)
            #expect(chinese.contains("原因：情况复杂，涉及多个单位。审批意见：同意两天"))
        }
    }

    @Test("愿意公开的勾旁边写明：点了单位名的投诉勾了也不公开", arguments: TestEngine.enabled)
    func neverPublic(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await house.context(.worker)
            let pages = [
                try await house.open("/report", query: [], house.visitor),
                try await house.open("/desk/new", query: [], staff),
            ]
            for page in pages {
                #expect(page.contains("aria-describedby=\"publish-hint\""))
                #expect(page.contains("举报和点了单位名的投诉，勾了也不会公开。"))
            }
        }
    }

    @Test("群里粘来：几条话变几件草稿，选中的登记，给出能粘回去的话", arguments: TestEngine.enabled)
    func pasted(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await house.context(.worker)
            let text = "张三 10:20\n幸福里小区3号楼2单元电梯里有人被困，快来救人\n李四 10:21\n好的"
            let read = try #require(try await house.send("/desk/paste", Form([(name: "text", value: text)]), staff))
            #expect(
                read.contains("name=\"take-0\" value=\"yes\" checked")
                    && read.contains("name=\"take-1\" value=\"yes\">"))
            let place = try await house.place("幸福里小区3号楼2单元")
            #expect(read.contains("<option value=\"\(place.id)\" selected>"))
            let category = try #require(read.firstMatch(of: /<option value="(R02\d{2})" selected>/))
            let fields = [
                (name: "once", value: "0123456789abcdef"), (name: "take-0", value: "yes"),
                (name: "words-0", value: "电梯里有人被困，快来救人"), (name: "speaker-0", value: "张三"),
                (name: "place-0", value: "\(place.id)"), (name: "category-0", value: String(category.1)),
                (name: "urgent-0", value: "yes"),
            ]
            let done = try #require(try await house.send("/desk/paste/register", Form(fields), staff))
            let number = try #require(done.firstMatch(of: /编号 (SJ\d{8}-\d{4})/)).1
            let again = try #require(try await house.send("/desk/paste/register", Form(fields), staff))
            #expect(again.contains(number), "sent again it is the same case")
            #expect(try await house.value("SELECT is_urgent FROM case_item WHERE number = \(String(number))") == true)
            let none = try #require(try await house.send("/desk/paste/register", Form([]), staff))
            #expect(none.contains("一条也没有选"))
        }
    }

    @Test("群里粘来：光是应声的、没地点又没把握的不选；名字能改，不是名字的一行能放回话里", arguments: TestEngine.enabled)
    func pastedWords(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await house.context(.worker)
            let text = "社区 10:20\n收到，社区马上登记\n李四 10:21\n@李师傅 收到\n王五 10:22\n幸福里小区3号楼2单元楼道灯不亮"
            let read = try #require(try await house.send("/desk/paste", Form([(name: "text", value: text)]), staff))
            #expect(read.contains("name=\"take-0\" value=\"yes\">") && read.contains("name=\"take-1\" value=\"yes\">"))
            #expect(read.contains("name=\"take-2\" value=\"yes\" checked"))
            #expect(read.contains("<input id=\"speaker-2\" name=\"speaker-2\" maxlength=\"24\""))
            let place = try await house.place("幸福里小区3号楼2单元")
            let fields = [
                (name: "once", value: "0123456789abcdeh"), (name: "words-0", value: "灯不亮，老人不敢下楼"),
                (name: "speaker-0", value: "幸福里小区3号楼2单元楼道"), (name: "words-1", value: "先不登记"),
                (name: "speaker-1", value: "李四"), (name: "back", value: "0"), (name: "take-1", value: "yes"),
                (name: "category-1", value: "R0104"),
            ]
            let before: Int = try await house.value("SELECT count(*) FROM case_item") ?? 0
            let back = try #require(try await house.send("/desk/paste/register", Form(fields), staff))
            #expect(try await house.value("SELECT count(*) FROM case_item", as: Int.self) == before, "nothing is sent")
            #expect(back.contains(">幸福里小区3号楼2单元楼道灯不亮，老人不敢下楼</textarea>"))
            #expect(back.contains("<option value=\"\(place.id)\" selected>"), "its place is guessed anew")
            #expect(back.contains("name=\"take-0\" value=\"yes\" checked"))
            #expect(back.contains("先不登记") && back.contains("value=\"李四\""))
            #expect(!back.contains("value=\"幸福里小区3号楼2单元楼道\""))
        }
        #expect(PasteReply.isOnlyAnswer("@李师傅 收到") && PasteReply.isOnlyAnswer("好的，谢谢！"))
        #expect(!PasteReply.isOnlyAnswer("好的，灯还不亮") && !PasteReply.isOnlyAnswer("@李师傅"))
    }

    @Test("回群里的话：光是应声的不当事由，应声后面有话的说后面的")
    func answersAlone() {
        func words(_ title: String) -> String {
            let now = Instant(milliseconds: 0)
            return PasteReply(
                id: ID(rawValue: 1), number: "1", title: title, unit: nil, dueAt: now, link: nil, receipt: "", now: now
            ).words
        }
        #expect(words("是啊").hasPrefix("【已受理】您反映的事，编号 1"))
        #expect(words("是啊，5号楼也停水了，一天了").hasPrefix("【已受理】5号楼也停水了，编号 1"))
        #expect(words("灯不亮，晚上看不见").hasPrefix("【已受理】灯不亮，编号 1"))
    }

    @Test("群里粘来：一条没填好，别的照样登记；没登记的话、照片原样留着，哪里不对写在那一条旁边", arguments: TestEngine.enabled)
    func pastedHalf(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await house.context(.worker)
            let keys = house.services.database.keys
            let (first, second) = (try await house.photo(staff), try await house.photo(staff))
            let place = try await house.place("幸福里小区3号楼2单元")
            let fields = [
                (name: "once", value: "fedcba9876543210"),
                (name: "kept", value: FormPhotos.value(first, keys)),
                (name: "kept", value: FormPhotos.value(second, keys)),
                (name: "goes-\(first)", value: "0"), (name: "goes-\(second)", value: "2"),
                (name: "take-0", value: "yes"), (name: "words-0", value: "楼道灯不亮"),
                (name: "place-0", value: "\(place.id)"), (name: "category-0", value: "R0104"),
                (name: "take-2", value: "yes"), (name: "words-2", value: "改过的话：北门垃圾桶满了两天"),
                (name: "speaker-2", value: "李四"), (name: "time-2", value: "上午10:21"),
                (name: "place-2", value: "\(place.id)"),
                (name: "words-3", value: "这条先不登记"),
            ]
            let reply = try await house.reply("/desk/paste/register", Form(fields), staff)
            #expect(reply.status == 422)
            let shown = try #require(try await house.send("/desk/paste/register", Form(fields), staff))
            let number = try #require(shown.firstMatch(of: /编号 (SJ\d{8}-\d{4})/)).1
            #expect(shown.contains("改过的话：北门垃圾桶满了两天") && shown.contains("这条先不登记"))
            #expect(shown.contains("value=\"上午10:21\"") && shown.contains("value=\"李四\""))
            #expect(!shown.contains("words-0"), "what is registered is gone from the form")
            #expect(shown.contains("name=\"take-2\" value=\"yes\" checked"))
            #expect(shown.contains("name=\"take-3\" value=\"yes\">"))
            let problem = try #require(shown.firstMatch(of: /id="category-2-error">([^<]*)</)).1
            #expect(problem == "还没选类别")
            #expect(shown.contains(FormPhotos.value(second, keys)) && !shown.contains(FormPhotos.value(first, keys)))
            #expect(shown.contains("<option value=\"2\" selected>"), "the photo stays with its message")
            #expect(shown.contains("value=\"fedcba9876543210\""), "sent again it is the same filling")
            // Filled in, the rest is registered with its photo; the first stays one case.
            let rest = fields.filter { $0.name.hasSuffix("2") || ["once", "kept", "goes-\(second)"].contains($0.name) }
            let lamp: ID<Case>? = try await house.value("SELECT id FROM case_item WHERE number = \(String(number))")
            let chosen = [
                (name: "category-2", value: "R0104"), (name: "similar-2", value: "\(try #require(lamp))"),
            ]
            let done = try #require(try await house.send("/desk/paste/register", Form(rest + chosen), staff))
            let other = try #require(done.firstMatch(of: /编号 (SJ\d{8}-\d{4})/)).1
            #expect(other != number)
            let photos = try await house.value(
                """
                SELECT count(*) FROM case_photo p JOIN case_item c ON c.id = p.case_id
                WHERE (c.number = \(String(number)) AND p.file_id = \(first))
                OR (c.number = \(String(other)) AND p.file_id = \(second))
                """, as: Int.self)
            #expect(photos == 2)
        }
    }

    /// A screenshot as the reader of tests has it: a title, a time, two names and what they said.
    private static let screenshot = """
        x
        270 34 286 36 幸福里业主群(286)
        357 134 114 24 上午10:20
        129 200 116 23 张姐
        153 266 478 32 幸福里小区3号楼2单元楼道
        155 314 471 32 灯不亮
        129 450 60 23 李四
        153 522 134 32 好的
        """

    @Test("群聊截图：认出几条话就是几件草稿；认不出的截图是一件空白草稿，照片跟着它", arguments: TestEngine.enabled)
    func screenshots(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await house.context(.worker)
            let keys = house.services.database.keys
            func read(_ photos: [ID<StoredFile>], isRead: Bool = true) async throws -> String {
                let kept = photos.map { (name: "kept", value: FormPhotos.value($0, keys)) }
                let form = Form(kept + (isRead ? [(name: "read", value: "yes")] : []))
                return try #require(try await house.send("/desk/paste", form, staff))
            }
            let place = try await house.place("幸福里小区3号楼2单元")
            let chat = try await house.photo(staff, saying: Self.screenshot)
            let found = try await read([chat])
            #expect(found.contains("幸福里小区3号楼2单元楼道灯不亮"))
            #expect(found.contains("value=\"张姐\"") && found.contains("value=\"上午10:20\""))
            #expect(found.contains("<option value=\"\(place.id)\" selected>"))
            #expect(found.contains("name=\"take-0\" value=\"yes\" checked"))
            #expect(found.contains("name=\"take-1\" value=\"yes\">"), "good is no need")
            let plain = try await house.photo(staff)
            for (photos, isRead) in [([plain], true), ([chat], false)] {
                let empty = try await read(photos, isRead: isRead)
                #expect(empty.contains("name=\"take-0\" value=\"yes\" checked") && !empty.contains("take-1"))
                #expect(empty.contains("<option value=\"0\" selected>"), "the photo goes with it")
                #expect(empty.contains("</textarea>") && !empty.contains("李四"))
            }
            // Another's photo is not read, whatever its name; neither by its address.
            let other = try await house.context(.dispatcher)
            let secret = try await house.photo(other, saying: Self.screenshot)
            let ask = #"{"photos":["\#(secret)"]}"#
            #expect(try await house.call("/api/v1/chats/read", ask, staff).text == #"{"messages":[]}"#)
            let own = try await house.call("/api/v1/chats/read", #"{"photos":["\#(chat)"]}"#, staff).text
            #expect(own.contains("张姐") && own.contains("R0104") && own.contains(#""photos":[]"#))
            let proof = FormPhotos.value(chat, keys)
            #expect(try await house.open("/desk/paste/photos/\(proof)", query: [], staff).hasSuffix(".jpg"))
            let forged = "\(secret)." + (proof.split(separator: ".").last.map(String.init) ?? "")
            #expect(try await house.open("/desk/paste/photos/\(forged)", query: [], staff).isEmpty)
        }
    }

    @Test("提交前先问一次是不是同一件：居民、登记、接口；投诉不问", arguments: TestEngine.enabled)
    func similarFirst(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var lamp = try await house.draft("广场东边的路灯不亮", category: "C0118", at: "幸福里小广场")
            lamp.spot = .street
            let first = try await house.report(lamp, try await house.context(.tenant))
            let number: String = try await house.value("SELECT number FROM case_item WHERE id = \(first)") ?? ""
            let place = try await house.place("幸福里小广场")
            let told: SQL = "SELECT count(*) FROM case_item WHERE text = '路灯坏了，夜里一片黑'"
            let fields = [
                (name: "text", value: "路灯坏了，夜里一片黑"), (name: "place", value: "\(place.id)"),
                (name: "spot", value: "street"), (name: "once", value: "0123456789abcdefg"),
            ]
            let resident = fields + [(name: "minor", value: "C0118"), (name: "nature", value: "suggestion")]
            let asked = try #require(try await house.send("/report", Form(resident), house.visitor))
            #expect(asked.contains("还没提交") && asked.contains("formaction=\"/join/\(number)\""))
            #expect(asked.contains("路灯坏了，夜里一片黑") && !asked.contains("广场东边"), "words nobody cleared are not shown")
            #expect(try await house.value(told, as: Int.self) == 0)
            let seen = resident + [(name: "similar", value: "seen")]
            let sent = try #require(try await house.send("/report", Form(seen), house.visitor))
            #expect(sent.hasPrefix("/r/"))
            #expect(try await house.send("/report", Form(resident), house.visitor) == sent, "sent again it is the same")
            let complaint =
                fields.dropLast() + [
                    (name: "minor", value: "C0118"), (name: "nature", value: "complaint"),
                    (name: "once", value: "another0123456789"),
                ]
            let sealed = try await house.send("/report", Form(Array(complaint)), house.visitor)
            #expect(sealed?.hasPrefix("/r/") == true, "a complaint is nobody's but its own")

            let worker = try await house.context(.worker)
            let desk = fields + [(name: "category", value: "C0118"), (name: "nature", value: "suggestion")]
            let shown = try #require(try await house.send("/desk/new", Form(desk), worker))
            #expect(shown.contains("先看看是不是同一件") && shown.contains(number))
            #expect(shown.contains("href=\"/desk/cases/\(first)\" target=\"_blank\" rel=\"noopener\""))
            #expect(shown.contains("点开是新窗口"))
            #expect(shown.contains("name=\"similar\" value=\"seen\""))
            let done = try #require(
                try await house.send("/desk/new", Form(desk + [(name: "similar", value: "seen")]), worker))
            #expect(done.contains("已登记"))

            let query = [("category", "C0118"), ("place", "\(place.id)")]
            let listed = try await house.open("/api/v1/similar", query: query, house.visitor)
            #expect(listed.contains(number) && !listed.contains("广场东边"))
        }
    }

    @Test("楼道码：做、扫、作废", arguments: TestEngine.enabled)
    func wallCodes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = WallCodesCommands(database: house.services.database)
            let staff = try await house.context(.worker)
            let place = try await house.place("幸福里小区3号楼2单元")
            let id = try await commands.make(place.id, note: "1层电梯口", staff)
            let code: String = try await house.value("SELECT code FROM wall_code WHERE id = \(id)") ?? ""
            let found = try await house.services.database.read { try WallCodesStore.scanned(code, $0) }
            #expect(found?.place == place.id)
            let form = try await house.open("/report", query: [("place", "\(place.id)")], house.visitor)
            #expect(form.contains("data-value=\"\(place.id)\""), "the entrance is not filled in")
            #expect(try await house.open("/q/\(code)", query: [], house.visitor) == "/report?code=\(code)")
            let scanned = try await house.open("/report", query: [("code", code)], house.visitor)
            #expect(scanned.contains("data-value=\"\(place.id)\"") && scanned.contains("value=\"1层电梯口\""))
            let query = [("code", "zzzzzzzz"), ("location", "别处")]
            let forged = try await house.open("/report", query: query, house.visitor)
            #expect(!forged.contains("别处") && !forged.contains("1层电梯口"))
            let elsewhere = try await house.context(.locustWorker)
            #expect(try await house.refusal { _ = try await commands.make(place.id, note: "", elsewhere) } == .invalid)
            #expect(try await house.refusal { try await commands.revoke(id, elsewhere) } == .notFound)
            try await commands.revoke(id, staff)
            let revoked = try await house.open("/q/\(code)", query: [], house.visitor)
            #expect(revoked.contains("这张码已经失效"))
            let stale = try await house.open("/report", query: [("code", code)], house.visitor)
            #expect(!stale.contains("1层电梯口") && !stale.contains("data-value=\"\(place.id)\""))
            #expect(try await house.refusal { try await commands.revoke(id, staff) } == .notFound)
        }
    }
}
