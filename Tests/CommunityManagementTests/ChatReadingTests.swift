import LinliKernel
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

    @Test("一段话的末行常被量得高一截，首行不因此成了名字") func tallLastLine() {
        // As the program read a picture of a chat: the last line of the second bubble has the height of its whole line.
        let lines = [
            PictureLine("张阿姨3-2", left: 190, top: 300, width: 168, height: 36),
            PictureLine("3号楼2单元的楼道灯坏了好几天", left: 217, top: 392, width: 717, height: 47),
            PictureLine("了，老人都不", left: 221, top: 467, width: 708, height: 47),
            PictureLine("敢下楼", left: 218, top: 542, width: 149, height: 47),
            PictureLine("小区王姐", left: 188, top: 680, width: 152, height: 35),
            PictureLine("北街上那个垃圾桶也满了没人", left: 218, top: 771, width: 659, height: 46),
            PictureLine("清，臭死了", left: 218, top: 840, width: 252, height: 64),
        ]
        #expect(
            ChatScreenshot.messages(in: lines) == [
                GroupMessage(speaker: "张阿姨3-2", time: "", words: "3号楼2单元的楼道灯坏了好几天了，老人都不敢下楼"),
                GroupMessage(speaker: "小区王姐", time: "", words: "北街上那个垃圾桶也满了没人清，臭死了"),
            ]
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
