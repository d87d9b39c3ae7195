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
            #expect(try await house.services.database.read { try WallCodesStore.scanned(code, $0) } == nil)
            #expect(try await house.refusal { try await commands.revoke(id, staff) } == .notFound)
        }
    }
}
