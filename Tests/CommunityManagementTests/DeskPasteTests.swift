import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What is done with messages of a chat group before they are registered: the door in a nick, and two people in one draft.
@Suite("群里粘来的草稿")
struct DeskPasteTests {
    @Test(
        "昵称里的门牌：只到楼和单元；话里说了别处就不用",
        arguments: [
            ("张阿姨3-2-501", "三楼的灯又不亮了", "3号楼2单元"), ("3-2-501", "灯不亮", "3号楼2单元"),
            ("3号楼2单元501", "灯不亮", "3号楼2单元"), ("8#1203", "灯不亮", "8号楼"), ("8栋-1-1203 阳光", "灯不亮", "8号楼1单元"),
            ("三号楼二单元王姐", "灯不亮", "3号楼2单元"), ("3号楼王姐", "灯不亮", "3号楼"), ("王阿姨3-2", "灯不亮", "3号楼2单元"),
            ("2-301业主", "灯不亮", "2号楼"), ("张阿姨3-2-501", "1单元门口有垃圾", "3号楼1单元"),
            ("张阿姨3-2-501", "5号楼停水了", nil), ("张阿姨3-2-501", "小区北门垃圾桶满了", nil),
            ("平安是福", "灯不亮", nil), ("楼长老李", "灯不亮", nil), ("小李2024", "灯不亮", nil), ("", "灯不亮", nil),
        ] as [(String, String, String?)]) func doors(_ nick: String, _ words: String, _ address: String?)
    {
        #expect(ChatDoor.address(of: nick, saying: words) == address)
    }

    @Test("昵称里有房号的才是家；楼和单元不是") func homes() {
        #expect(ChatDoor.home(of: "张阿姨3-2-501") == "3号楼2单元501")
        #expect(ChatDoor.home(of: "8#1203") == "8号楼1203")
        for nick in ["3号楼王姐", "王阿姨3-2", "平安是福"] { #expect(ChatDoor.home(of: nick).isEmpty) }
    }

    @Test("群里粘来：话里没说在哪里，按昵称里的门牌猜到楼和单元，让人核对；话里说了的以话为准", arguments: TestEngine.enabled)
    func nickDoors(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await house.context(.worker)
            let (own, other) = (try await house.place("幸福里小区3号楼2单元"), try await house.place("幸福里小区5号楼1单元"))
            func read(_ text: String) async throws -> String {
                try #require(try await house.send("/desk/paste", Form([(name: "text", value: text)]), staff))
            }
            let hint = "按昵称里的门牌猜的"
            let silent = try await read("张阿姨3-2-501: 三楼的灯又不亮了")
            #expect(silent.contains("<option value=\"\(own.id)\" selected>") && silent.contains(hint))
            let said = try await read("张阿姨3-2-501: 5号楼1单元的灯不亮了")
            #expect(said.contains("<option value=\"\(other.id)\" selected>") && !said.contains(hint))
            for words in ["3号楼和5号楼都停水了", "北街上的路灯不亮了", "13号楼停水了"] {
                let unsure = try await read("张阿姨3-2-501: \(words)")
                #expect(!unsure.contains("<option value=\"\(own.id)\" selected>") && !unsure.contains(hint), "\(words)")
            }
        }
    }

    @Test("群里粘来：两个人的话连在一起的，能从一行分开；各猜各的地点和类别，选过的、照片不动；不用脚本", arguments: TestEngine.enabled)
    func parted(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await house.context(.worker)
            let text = "3号楼王姐\n幸福里小区3号楼2单元楼道灯不亮\n平安是福\n北街的垃圾没人清运"
            let read = try #require(try await house.send("/desk/paste", Form([(name: "text", value: text)]), staff))
            #expect(read.contains("name=\"part\" value=\"0:1:平安是福\"") && !read.contains("words-1"))
            let photo = try await house.photo(staff)
            let place = try await house.place("幸福里小区3号楼2单元")
            let fields = [
                (name: "once", value: "0123456789abcdek"), (name: "take-0", value: "yes"),
                (name: "speaker-0", value: "3号楼王姐"),
                (name: "words-0", value: "幸福里小区3号楼2单元楼道灯不亮\r\n平安是福\r\n北街的垃圾没人清运"),
                (name: "place-0", value: "\(place.id)"), (name: "category-0", value: "R0104"),
                (name: "kept", value: FormPhotos.value(photo, house.services.database.keys)),
                (name: "goes-\(photo)", value: "0"), (name: "words-4", value: "另一条"), (name: "speaker-4", value: "李四"),
            ]
            let count: Int = try await house.value("SELECT count(*) FROM case_item") ?? 0
            let done = try #require(
                try await house.send(
                    "/desk/paste/register", Form(fields + [(name: "part", value: "0:1:平安是福")]), staff))
            #expect(try await house.value("SELECT count(*) FROM case_item", as: Int.self) == count, "nothing is sent")
            #expect(done.contains(">幸福里小区3号楼2单元楼道灯不亮</textarea>") && done.contains(">北街的垃圾没人清运</textarea>"))
            #expect(done.contains("name=\"speaker-0\" maxlength=\"24\" autocomplete=\"off\" value=\"3号楼王姐\""))
            #expect(done.contains("name=\"speaker-1\" maxlength=\"24\" autocomplete=\"off\" value=\"平安是福\""))
            #expect(done.contains("name=\"words-2\"") && done.contains(">另一条</textarea>"), "the others follow")
            #expect(done.contains("<option value=\"\(place.id)\" selected>"))
            #expect(done.contains("<option value=\"0\" selected>"), "the photo stays with the first half")
            #expect(!done.contains("name=\"once\" value=\"0123456789abcdek\""), "another filling: the numbers are new")
            #expect(done.contains("name=\"once-2\" value=\"0123456789abcdek:4\""), "what was not parted keeps its key")
            #expect(!done.contains("name=\"once-0\"") && !done.contains("name=\"once-1\""))
            // A line that was edited since is found by its words, or asked for again.
            let gone = try await house.reply(
                "/desk/paste/register", Form(fields + [(name: "part", value: "0:1:没有这一行")]), staff)
            #expect(gone.status == 422)
        }
    }

    @Test("登记了没收到答复，回去再分开一条：登记过的不再登记一次", arguments: TestEngine.enabled)
    func partedAfterwards(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (staff, path) = (try await house.context(.worker), "/desk/paste/register")
            let place = try await house.place("幸福里小区3号楼2单元")
            let told = [
                (name: "take-1", value: "yes"), (name: "words-1", value: "楼道灯不亮"),
                (name: "place-1", value: "\(place.id)"), (name: "category-1", value: "R0104"),
            ]
            let fields = [
                (name: "once", value: "0123456789abcdel"), (name: "words-0", value: "谢谢\n平安是福\n北街的垃圾没人清运"),
            ]
            let first = try #require(try await house.send(path, Form(fields + told), staff))
            #expect(first.contains("已登记"))
            let count: Int = try await house.value("SELECT count(*) FROM case_item") ?? 0
            let part = [(name: "part", value: "0:1:平安是福")]
            let form = try #require(try await house.send(path, Form(fields + told + part), staff))
            #expect(form.contains("name=\"once-2\" value=\"0123456789abcdel:1\""))
            let moved = told.map { (name: $0.name.replacing("-1", with: "-2"), value: $0.value) }
            let other = [(name: "once", value: "0123456789abcdem"), (name: "once-2", value: "0123456789abcdel:1")]
            let again = try #require(try await house.send(path, Form(other + moved), staff))
            #expect(again.contains("已登记"))
            #expect(try await house.value("SELECT count(*) FROM case_item", as: Int.self) == count)
        }
    }

    @Test("分开的一行：像名字的是名字，带冒号的拆开，别的是话") func begins() {
        #expect(
            GroupChat.message(from: ["平安是福", "10:20", "垃圾没人清"])
                == GroupMessage(speaker: "平安是福", time: "10:20", words: "垃圾没人清"))
        #expect(
            GroupChat.message(from: ["平安是福：垃圾没人清", "两天了"])
                == GroupMessage(speaker: "平安是福", time: "", words: "垃圾没人清\n两天了"))
        for lines in [["垃圾没人清运", "两天了"], ["平安是福"], ["电话：没人接"]] {
            #expect(
                GroupChat.message(from: lines)
                    == GroupMessage(speaker: "", time: "", words: lines.joined(separator: "\n")))
        }
        #expect(PasteSeam.all(in: "一\r\n\r\n二\n三").map(\.line) == ["二", "三"])
        #expect(PasteSeam(number: 2, line: "二").position(in: ["一", "二", "三"]) == 1)
        #expect(PasteSeam(number: 1, line: "一").position(in: ["一", "二"]) == nil, "before the first nothing is left")
    }
}
