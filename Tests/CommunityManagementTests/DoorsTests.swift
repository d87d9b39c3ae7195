import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What a chat group's text is read as.
@Suite("读群里粘来的话")
struct GroupChatTests {
    @Test("名字和时间一行、话在下面；也有冒号、时间在前、几行话") func shapes() {
        let text = """
            张三 2026-11-25 10:20
            3号楼2单元灯不亮
            晚上看不见
            李四 11/25 10:21:07
            [图片]
            王阿姨：幸福里小区北门垃圾桶满了
            【赵明】 上午9:05
            电梯又停了，从12:30停到现在
            """
        #expect(
            GroupChat.messages(in: text) == [
                GroupMessage(speaker: "张三", time: "2026-11-25 10:20", words: "3号楼2单元灯不亮\n晚上看不见"),
                GroupMessage(speaker: "王阿姨", time: "", words: "幸福里小区北门垃圾桶满了"),
                GroupMessage(speaker: "赵明", time: "上午9:05", words: "电梯又停了，从12:30停到现在"),
            ]
        )
    }

    @Test(
        "没有名字就是一条；句子里的冒号、时间不算名字",
        arguments: [
            "路灯不亮，电话：没人接", "2026-11-25 10:20", "今天10:20停的水，说好12:00来，还没来", "https://example.org/a",
        ]) func plain(_ text: String)
    {
        #expect(GroupChat.messages(in: text) == [GroupMessage(speaker: "", time: "", words: text)])
    }

    @Test("再长也有个数") func limited() {
        let text = (1...200).map { "张三：第\($0)句" }.joined(separator: "\n")
        #expect(GroupChat.messages(in: text).count == GroupChat.limit)
        #expect(GroupChat.messages(in: "  \n \n").isEmpty)
    }
}

/// What a chat group's screenshot is read as.
@Suite("读群聊截图")
struct ChatScreenshotTests {
    private func line(_ words: String, _ top: Int, _ height: Int = 32) -> PictureLine {
        PictureLine(words, left: 150, top: top, width: 400, height: height)
    }

    @Test("群名、时间不算话；名字比话小；挨着的行是一段，隔开的是两段") func shapes() {
        let lines = [
            line("幸福里业主群(286)", 34, 36), line("上午10:20", 134, 24), line("3号楼张姐", 200, 23),
            line("电梯又坏", 266), line("了，麻烦社区看", 314), line("垃圾桶满了", 522), line("上午10:31", 663, 24),
            line("王阿姨", 845, 23), line("5号楼门口路灯不亮", 912, 31),
        ]
        #expect(
            ChatScreenshot.messages(in: lines) == [
                GroupMessage(speaker: "3号楼张姐", time: "上午10:20", words: "电梯又坏了，麻烦社区看"),
                GroupMessage(speaker: "", time: "上午10:20", words: "垃圾桶满了"),
                GroupMessage(speaker: "王阿姨", time: "上午10:31", words: "5号楼门口路灯不亮"),
            ]
        )
    }

    @Test("名字和话一样大，靠气泡的边分开；一段话的几行不分") func sameHeight() {
        let lines = [
            PictureLine("王大姐5号楼", left: 129, top: 200, width: 150, height: 30),
            PictureLine("5号楼1单元门口的灯", left: 153, top: 266, width: 400, height: 32),
            PictureLine("不亮了", left: 155, top: 314, width: 100, height: 31),
        ]
        #expect(
            ChatScreenshot.messages(in: lines) == [GroupMessage(speaker: "王大姐5号楼", time: "", words: "5号楼1单元门口的灯不亮了")]
        )
    }

    @Test("没有话就没有消息；只有一段话的通知是一条") func few() {
        #expect(ChatScreenshot.messages(in: []).isEmpty)
        #expect(ChatScreenshot.messages(in: [line("10:20", 10), line("286", 60)]).isEmpty)
        let notice = [line("今晚八点停水，", 100), line("请大家存水", 148)]
        #expect(
            ChatScreenshot.messages(in: notice) == [GroupMessage(speaker: "", time: "", words: "今晚八点停水，请大家存水")])
    }
}

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
            let done = try #require(
                try await house.send(
                    "/desk/paste/register", Form(rest + [(name: "category-2", value: "R0104")]), staff))
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
            let elsewhere = try await house.context(.locustWorker)
            #expect(try await house.refusal { _ = try await commands.make(place.id, note: "", elsewhere) } == .invalid)
            #expect(try await house.refusal { try await commands.revoke(id, elsewhere) } == .notFound)
            try await commands.revoke(id, staff)
            let revoked = try await house.open("/q/\(code)", query: [], house.visitor)
            #expect(revoked.contains("这张码已经失效"))
            #expect(try await house.refusal { try await commands.revoke(id, staff) } == .notFound)
        }
    }
}
