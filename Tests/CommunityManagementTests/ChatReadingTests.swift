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

    @Test("名字单独一行、话在下面，像截图认出来的字：名字不进话里，群名、时间、图片也不进") func namesAlone() {
        let screenshot = """
            幸福里业主群(286) …
            上午10:20
            3号楼张姐
            电梯又坏了，麻烦社区看看
            王阿姨3-2
            垃圾桶满了
            没人清
            上午10:31
            我家也停水了
            """
        #expect(
            GroupChat.messages(in: screenshot) == [
                GroupMessage(speaker: "3号楼张姐", time: "上午10:20", words: "电梯又坏了，麻烦社区看看"),
                GroupMessage(speaker: "王阿姨3-2", time: "上午10:20", words: "垃圾桶满了\n没人清"),
                GroupMessage(speaker: "", time: "上午10:31", words: "我家也停水了"),
            ])
        let timed = "张阿姨\n昨天18:02\n楼道灯坏了\n李四\n昨天 18:05\n电话：没人接，物业也打了"
        #expect(
            GroupChat.messages(in: timed) == [
                GroupMessage(speaker: "张阿姨", time: "昨天18:02", words: "楼道灯坏了"),
                GroupMessage(speaker: "李四", time: "昨天 18:05", words: "电话：没人接，物业也打了"),
            ])
        let nick = "平安是福\n3号楼电梯坏了\n物业小李\n已报修\n平安是福\n[图片]\n谁来管管"
        #expect(
            GroupChat.messages(in: nick) == [
                GroupMessage(speaker: "平安是福", time: "", words: "3号楼电梯坏了"),
                GroupMessage(speaker: "物业小李", time: "", words: "已报修"),
                GroupMessage(speaker: "平安是福", time: "", words: "谁来管管"),
            ])
        let cut = "又坏了，走楼梯上12层\n王阿姨\n我家老人下不来楼\n李大哥\n物业说明天来修"
        #expect(GroupChat.messages(in: cut).map(\.speaker) == ["", "王阿姨", "李大哥"])
        #expect(GroupChat.messages(in: "[图片]\n张姐\n楼道堆满了纸箱").map(\.speaker) == ["张姐"])
    }

    @Test(
        "不是聊天的，像名字的一行也留在话里：落款、称呼、地名、提到的人",
        arguments: [
            "3号楼2单元灯不亮\n张建国\n3号楼2单元301", "3号楼2单元灯不亮\n张伟\n13812345678", "王主任\n您好，我家漏水三天了",
            "唐家岭\n路灯不亮三天了", "唐家岭\n路灯不亮\n王府井\n垃圾没人清", "灯不亮\n跟李姐说过两次\n一直没人来", "路灯坏\n楼道黑",
            "3号楼2单元\n灯不亮\n3号楼2单元\n水也停了",
        ]) func signed(_ text: String)
    {
        #expect(GroupChat.messages(in: text) == [GroupMessage(speaker: "", time: "", words: text)])
    }

    @Test("只出现一次的网名：冒号前面的、每条名字下面都有时间的算；电话、物业说、只有门牌的不算；看不准的留在话里") func nicksOnce() {
        let colon = "3号楼王姐\n楼道灯坏了\n平安是福：垃圾没人清运，都两天了\n物业说：明天来\n电话：没人接\n3号楼2单元：也满了"
        #expect(
            GroupChat.messages(in: colon) == [
                GroupMessage(speaker: "3号楼王姐", time: "", words: "楼道灯坏了"),
                GroupMessage(
                    speaker: "平安是福", time: "", words: "垃圾没人清运，都两天了\n物业说：明天来\n电话：没人接\n3号楼2单元：也满了"),
            ])
        let timed = "张阿姨\n昨天18:02\n楼道灯坏了\n静水深流\n昨天 18:05\n垃圾没人清运"
        #expect(
            GroupChat.messages(in: timed) == [
                GroupMessage(speaker: "张阿姨", time: "昨天18:02", words: "楼道灯坏了"),
                GroupMessage(speaker: "静水深流", time: "昨天 18:05", words: "垃圾没人清运"),
            ])
        let between = "王姐\n楼道灯坏了\n急死人\n10:20\n李姐\n垃圾满了"
        #expect(GroupChat.messages(in: between).map(\.words) == ["楼道灯坏了\n急死人", "垃圾满了"])
        let unsure = "3号楼王姐\n楼道灯坏了\n平安是福\n垃圾没人清运"
        #expect(GroupChat.messages(in: unsure).map(\.words) == ["楼道灯坏了\n平安是福\n垃圾没人清运"])
        let doors = "张阿姨3-2-501: 5号楼停水了\n王阿姨3-2：12号楼也停了\n说是到12:30"
        #expect(GroupChat.messages(in: doors).map(\.speaker) == ["张阿姨3-2-501", "王阿姨3-2"])
        let headed = GroupChat.messages(in: "张阿姨3-2-501: 灯又不亮了\n电话：13800000000")
        #expect(
            headed == [GroupMessage(speaker: "张阿姨3-2-501", time: "", words: "灯又不亮了\n电话：13800000000")])
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

    @Test("末行只剩一个字还是话；名字的框被量得很高也是名字，没有认错的才算谁说的") func oneLetter() {
        // As the program read two drawn chats 1170 pixels wide: the box of a nick reaches into the lines around it.
        let bubbles = [
            PictureLine("王阿姨3-2-501", left: 30, top: 215, width: 218, height: 29),
            PictureLine("三楼的灯又不亮了晚上回家一点看不见楼", left: 51, top: 284, width: 789, height: 41),
            PictureLine("上装修从早到晚一直敲电钻声特别特别的", left: 51, top: 350, width: 789, height: 41),
            PictureLine("响", left: 51, top: 416, width: 40, height: 42),
            PictureLine("平安是福", left: 30, top: 509, width: 128, height: 70),
            PictureLine("北门垃圾桶满了两天没人清", left: 50, top: 597, width: 527, height: 42),
            PictureLine("李建国", left: 31, top: 708, width: 92, height: 30),
            PictureLine("电梯又停了，老人下不了楼", left: 53, top: 776, width: 526, height: 70),
        ]
        let said = [
            GroupMessage(speaker: "王阿姨3-2-501", time: "", words: "三楼的灯又不亮了晚上回家一点看不见楼上装修从早到晚一直敲电钻声特别特别的响"),
            GroupMessage(speaker: "平安是福", time: "", words: "北门垃圾桶满了两天没人清"),
            GroupMessage(speaker: "李建国", time: "", words: "电梯又停了，老人下不了楼"),
        ]
        #expect(ChatScreenshot.messages(in: bubbles) == said)
        let flat = [
            PictureLine("王阿姨3-2-501", left: 30, top: 219, width: 232, height: 30),
            PictureLine("三楼的灯又不亮了晚上回家一点看不", left: 31, top: 271, width: 732, height: 42),
            PictureLine("见楼上装修从早到晚一直敲电钻声特", left: 32, top: 339, width: 733, height: 44),
            PictureLine("响", left: 32, top: 409, width: 40, height: 43),
            PictureLine("平安是福", left: 31, top: 480, width: 138, height: 78),
            PictureLine("北门垃圾桶满了两天没人清", left: 30, top: 555, width: 551, height: 44),
            PictureLine("电梯又停了，老人下不了楼", left: 33, top: 702, width: 547, height: 43),
        ]
        let found = ChatScreenshot.messages(in: flat)
        #expect(found.map(\.speaker) == ["王阿姨3-2-501", "平安是福", ""], "the third name was not read")
        #expect(found.first?.words == "三楼的灯又不亮了晚上回家一点看不见楼上装修从早到晚一直敲电钻声特响")
        // As large as the words, and only at the edge of the bubble.
        let large = [
            PictureLine("平安是福", left: 175, top: 626, width: 189, height: 46),
            PictureLine("北门垃圾桶满了两天没人清", left: 199, top: 720, width: 574, height: 45),
        ]
        #expect(ChatScreenshot.messages(in: large) == [said[1]])
        // OK is lower than the name below it, and still what somebody said.
        let latin = [
            PictureLine("平安是福", left: 188, top: 604, width: 152, height: 32),
            PictureLine("OK", left: 218, top: 695, width: 70, height: 30),
            PictureLine("李建国", left: 188, top: 831, width: 112, height: 36),
            PictureLine("电梯又停了，老人下不了楼", left: 222, top: 923, width: 604, height: 47),
        ]
        #expect(
            ChatScreenshot.messages(in: latin) == [GroupMessage(speaker: "平安是福", time: "", words: "OK"), said[2]])
    }

    @Test("名字和话一样大、对得一样齐：看得出是名字的还是名字，话里提到的人不是") func plainNames() {
        let lines = [
            line("幸福里业主群(286) …", 34, 36), line("上午10:20", 134, 24), line("3号楼张姐", 200), line("电梯又坏", 256),
            line("了，麻烦社区看", 304), line("物业小李", 420), line("已经报修", 474),
        ]
        #expect(
            ChatScreenshot.messages(in: lines) == [
                GroupMessage(speaker: "3号楼张姐", time: "上午10:20", words: "电梯又坏了，麻烦社区看"),
                GroupMessage(speaker: "物业小李", time: "上午10:20", words: "已经报修"),
            ])
        let said = [line("跟他说", 100), line("李师傅", 140), line("明天再来", 180)]
        #expect(ChatScreenshot.messages(in: said) == [GroupMessage(speaker: "", time: "", words: "跟他说李师傅明天再来")])
        let place = [line("唐家岭", 100), line("路灯不亮", 144)]
        #expect(ChatScreenshot.messages(in: place) == [GroupMessage(speaker: "", time: "", words: "唐家岭路灯不亮")])
    }

    @Test("没有话就没有消息；只有一段话的通知是一条") func few() {
        #expect(ChatScreenshot.messages(in: []).isEmpty)
        #expect(ChatScreenshot.messages(in: [line("10:20", 10), line("286", 60)]).isEmpty)
        let notice = [line("今晚八点停水，", 100), line("请大家存水", 148)]
        #expect(
            ChatScreenshot.messages(in: notice) == [GroupMessage(speaker: "", time: "", words: "今晚八点停水，请大家存水")])
    }
}
