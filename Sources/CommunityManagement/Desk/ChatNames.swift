/// Names on a line of their own above what they said, as chat groups show them: `张阿姨3-2`, `3号楼王姐`, `物业小李`.
///
/// A speaker taken for words spoils the case, words taken for a speaker are missed by who reads it: only what hardly
/// anybody writes as a sentence counts, and only in a text that is plainly a chat. Surnames, titles and roles are
/// configured, no source.
enum ChatNames {
    // MARK: One line

    /// Whether a line is a name and nothing else, with or without the number of a door. 唐家岭 and 王府井 pass for one, too.
    static func isName(_ line: String) -> Bool { person(line).map { isCalled($0) || isFull($0) } ?? false }

    /// Whether it is one that no place has: 王阿姨, 小李.
    static func isClear(_ line: String) -> Bool { person(line).map(isCalled) ?? false }

    /// Whether a line may be a nickname of no shape, 平安是福: short, without the signs and the letters of a sentence. Much
    /// of what people say in a few words is so, too.
    static func isNick(_ line: String) -> Bool { isShort(line) && !line.contains { neverInNicks.contains($0) } }

    private static func isShort(_ line: String) -> Bool {
        (2...12).contains(line.count) && line.contains(where: \.isLetter) && !line.contains { marks.contains($0) }
            && !PasteReply.isOnlyAnswer(line)
    }

    /// Whether what stands before a colon in a chat says who speaks, though nobody else is called so: 平安是福：垃圾没人清. A
    /// door alone is where something is, and 电话 is what follows.
    static func isSpeaker(_ name: String) -> Bool {
        isName(name) || (isNick(name) && !isLabel(name) && withoutDoor(name).contains(where: \.isLetter))
    }

    /// Whether words before a colon say what follows or who is quoted, not who speaks: 地址, 物业说.
    static func isLabel(_ words: String) -> Bool { labels.contains { words.hasSuffix($0) } }

    /// What is left of a line without doors and roles; nil for what is too long, or a sentence by its signs.
    private static func person(_ line: String) -> String? {
        let plain = line.filter { !$0.isWhitespace }
        guard (2...14).contains(plain.count), !plain.contains(where: { marks.contains($0) }) else { return nil }
        return withoutDoor(withoutRole(withoutDoor(plain)))
    }

    private static func isCalled(_ person: String) -> Bool { isTitled(person) || isFamiliar(person) }

    /// `3号楼2单元王姐` and `王姐3-2-501` are 王姐.
    private static func withoutDoor(_ words: String) -> String {
        var rest = Substring(words)
        while let first = rest.first, isDoor(first) {
            rest = rest.drop(while: isDoor)
            if let unit = units.first(where: { rest.hasPrefix($0) }) { rest = rest.dropFirst(unit.count) }
        }
        while let last = rest.last {
            if isDoor(last) {
                rest = rest.dropLast()
            } else if let unit = units.first(where: { rest.hasSuffix($0) }),
                rest.dropLast(unit.count).last.map(isDoor) == true
            {
                rest = rest.dropLast(unit.count)
            } else {
                break
            }
        }
        return String(rest)
    }

    private static func withoutRole(_ words: String) -> String {
        if let role = roles.first(where: { words.hasPrefix($0) }) { return String(words.dropFirst(role.count)) }
        if let role = roles.first(where: { words.hasSuffix($0) }) { return String(words.dropLast(role.count)) }
        return words
    }

    /// 王阿姨, 老李大爷, 张建国师傅, 乐乐妈妈.
    private static func isTitled(_ words: String) -> Bool {
        for title in titles where words.hasSuffix(title) {
            let name = Array(words.dropLast(title.count))
            if name.count == 1, surnames.contains(name[0]) { return true }
            if isFamiliar(String(name)) || isFull(String(name)) { return true }
            guard parents.contains(title), name.count == 2, name.allSatisfy(isHan) else { continue }
            if name[0] == name[1] || name[0] == "小" { return true }
        }
        return false
    }

    /// 小王, 老张.
    private static func isFamiliar(_ words: String) -> Bool {
        let letters = Array(words)
        return letters.count == 2 && "小老阿".contains(letters[0]) && plainSurnames.contains(letters[1])
    }

    /// 王芳, 李建国: a surname with which hardly any sentence begins, and one or two letters of a given name.
    private static func isFull(_ words: String) -> Bool {
        let letters = Array(words)
        guard (2...3).contains(letters.count), plainSurnames.contains(letters[0]) else { return false }
        return letters.allSatisfy(isHan) && !letters.dropFirst().contains { neverGiven.contains($0) }
    }

    private static func isDoor(_ letter: Character) -> Bool { "0123456789-－—–_#/·.".contains(letter) }

    private static func isHan(_ letter: Character) -> Bool {
        letter.unicodeScalars.allSatisfy { (0x4E00...0x9FFF).contains($0.value) }
    }

    private static let marks: Set<Character> = Set("，。！？、；：…,!?;:()（）《》“”\"@＠[]【】")
    private static let units = ["号楼", "单元", "号院", "号", "栋", "幢", "楼", "门", "室", "层"]
    private static let roles = ["居委会", "业委会", "网格员", "物业", "社区", "小区", "楼长", "保安", "客服", "业主", "房东"]
    private static let titles = [
        "阿姨", "大姐", "大哥", "大爷", "大妈", "大叔", "大婶", "大嫂", "奶奶", "爷爷", "叔叔", "妈妈", "爸爸", "师傅", "老师", "先生",
        "女士", "书记", "主任", "经理", "医生", "大夫", "站长", "姐", "哥", "叔", "婶", "嫂", "姨", "妈", "爸", "总",
    ]
    private static let parents: Set<String> = ["妈妈", "爸爸", "妈", "爸", "奶奶", "爷爷"]
    /// With these hardly any word begins that a need is told with; 马 (马路), 高 (高空), 胡 (胡同), 谢 (谢谢) are none of them.
    private static let plainSurnames: Set<Character> = Set(
        "王李张刘陈赵吴徐朱郭罗梁宋郑韩唐冯董曹袁邓傅沈彭吕苏卢蒋蔡贾魏薛潘杜戴汪姜廖邹孟秦邱侯郝邵龚崔尹康")
    private static let surnames: Set<Character> = plainSurnames.union(
        "马高周黄孙胡林何谢许杨于余叶程田任方石范夏钟白曾江史钱毛万段雷汤孔龙武贺顾文严牛洪乔赖温莫易樊兰殷施陶翟安颜倪常柳")
    private static let neverGiven: Set<Character> = Set("的了吗呢吧啊在有没是不就都也贴坏堵漏停着过上下里外被把给找请问让到来去说")

    // MARK: A whole text

    /// Which lines of a text are names of who says what follows; none unless the text is plainly a chat: it begins with
    /// one, or has several, and one of them is no place, or times stand between them. A name signed below a letter, and
    /// one above nothing, stay words.
    ///
    /// `isMoment` says of a line that it is a time, `isApart` that it is no words: a time, the name of the group, a picture.
    static func lines(
        in lines: [String], isMoment: (String) -> Bool, isApart: (String) -> Bool
    ) -> Set<Int> {
        func next(_ index: Int) -> String? { lines[(index + 1)...].first { !isApart($0) } }
        let named = lines.indices.filter { index in
            isName(lines[index]) && next(index).map { !isName($0) && $0.contains(where: isHan) } == true
        }
        let isChat = named.contains { isClear(lines[$0]) } || lines.contains(where: isApart)
        guard isChat, let first = named.first else { return [] }
        let all = Set(named + again(lines, isApart) + timed(lines, isMoment))
        if named.count > 1 { return all }
        let begins = lines.indices.first { !isApart(lines[$0]) }.map(all.contains) == true
        // 王主任，您好: who is spoken to.
        let isAddressed = next(first).map { said in greetings.contains { said.hasPrefix($0) } } == true
        return begins && !isAddressed ? all : []
    }

    /// Nicknames of no shape, 平安是福: the same short line stands above different words again and again.
    private static func again(_ lines: [String], _ isApart: (String) -> Bool) -> [Int] {
        let short = lines.indices.filter { index in isNick(lines[index]) && !isApart(lines[index]) }
        let groups = Dictionary(grouping: short) { lines[$0] }
        return groups.values.filter { places in
            let said = places.map { place in lines.indices.contains(place + 1) ? lines[place + 1] : "" }
            return places.count > 1 && Set(said).count == places.count && said.allSatisfy { $0.contains(where: isHan) }
                && !said.contains { lines[places[0]] == $0 || isName($0) }
        }.flatMap { $0 }
    }

    /// Where each time in a text stands right below a short line and right above words, and one of those lines is surely a
    /// name, all of them are: who, when, what. Times that stand between messages have words above them.
    private static func timed(_ lines: [String], _ isMoment: (String) -> Bool) -> [Int] {
        let heads = lines.indices.filter { isMoment(lines[$0]) }.map { $0 - 1 }
        let isEach = heads.allSatisfy { index in
            guard index >= 0, isName(lines[index]) || isShort(lines[index]) else { return false }
            let said = index + 2
            return said < lines.count && !isMoment(lines[said]) && !heads.contains(said) && !isName(lines[said])
        }
        return isEach && heads.contains { isName(lines[$0]) } ? heads : []
    }

    private static let greetings = ["您好", "你好", "麻烦", "请"]
    private static let labels = [
        "电话", "手机", "手机号", "微信", "地址", "住址", "地点", "位置", "时间", "日期", "姓名", "联系人", "联系方式", "房号", "门牌", "门牌号", "备注", "内容",
        "情况", "原因", "问题", "诉求", "要求", "建议", "结果", "通知", "公告", "提示", "提醒", "如下", "例如", "比如", "注", "附", "说", "讲", "问",
        "回复",
    ]
    private static let neverInNicks: Set<Character> = Set("的了吗呢吧啊不没坏漏堵灯梯水电气")
}
