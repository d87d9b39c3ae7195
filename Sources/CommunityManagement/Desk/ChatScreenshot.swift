import LinliKernel

/// Reads the lines of a screenshot of a chat group as messages: names are smaller than what is said, times stand alone,
/// and what one person said in one go stands close together.
enum ChatScreenshot {
    /// The messages, the first first; none when there are no words in it.
    static func messages(in lines: [PictureLine]) -> [GroupMessage] {
        let lines = lines.filter { $0.words.contains { $0.isLetter } }.map(measured)
        // More lines of words than names, as a rule; of two sizes the larger is that of the words.
        guard let usual = middle(lines.map(\.height)) else { return [] }
        let (height, size) = (max(usual, 1), middle(lines.compactMap(size)))
        var found: [GroupMessage] = []
        // When, and the name above which waits for its words.
        var (time, speaker): (String, PictureLine?) = ("", nil)
        // The line above, where it is of a message.
        var above: PictureLine?
        for (index, line) in lines.enumerated() {
            if let clock = clock(line.words) {
                (time, speaker, above) = (clock, nil, nil)
                continue
            }
            if index == 0, isTitle(line.words) { continue }
            let next = index + 1 < lines.count ? lines[index + 1] : nil
            let isSame = above.map { line.top - $0.bottom <= height } ?? false
            let isSmall = isSmall(line, height, size)
            let goesOn = isSame && above.map { isGoingOn(line, below: $0, height, isSmall: isSmall) } == true
            let isNamed = isName(line, before: next, height) || (!isSame && isPlainName(line, before: next, height))
            // What stands below a name and further in is what was said, even OK, which is smaller than the next name.
            let isSaid = speaker.map { (line.left - $0.left) * 10 >= height * 3 } == true
            if !goesOn && !isSaid && isNamed {
                // Two in a row, and nothing says that the first was one.
                if let name = speaker, !isSurelyName(name, height, size) {
                    found.append(GroupMessage(speaker: "", time: time, words: name.words))
                }
                (speaker, above) = (line, nil)
            } else {
                if isSame, !found.isEmpty {
                    found[found.count - 1].words += line.words
                } else {
                    found.append(GroupMessage(speaker: speaker?.words ?? "", time: time, words: line.words))
                    speaker = nil
                }
                above = line
            }
        }
        return Array(found.prefix(GroupChat.limit))
    }

    // MARK: Sizes

    private static func middle(_ numbers: [Int]) -> Int? {
        numbers.isEmpty ? nil : numbers.sorted()[numbers.count / 2]
    }

    /// How large the letters of a line are by its width, which is read more surely than its height: Chinese ones stand in
    /// squares. Nil where there are too few of them, and where letters seem to be missing.
    private static func size(_ line: PictureLine) -> Int? {
        let squares = line.words.reduce(0) { $0 + ($1.isASCII ? 0 : 1) }
        let others = line.words.count - squares
        guard squares > 1 else { return nil }
        let size = line.width * 20 / (squares * 20 + others * 11)
        return size > 0 && size * 20 <= line.height * 27 ? size : nil
    }

    /// A line whose box is far higher than its letters has some of the line above and below in it.
    private static func measured(_ line: PictureLine) -> PictureLine {
        guard let size = size(line), line.height * 20 > size * 25 else { return line }
        return PictureLine(
            line.words, left: line.left, top: line.top + (line.height - size) / 2, width: line.width, height: size)
    }

    /// Whether its letters are smaller than those of the words are as a rule.
    private static func isSmall(_ line: PictureLine, _ height: Int, _ usual: Int?) -> Bool {
        guard let usual, let size = size(line) else { return line.height * 100 <= height * 85 }
        return size * 100 <= usual * 88
    }

    /// Whether a line is a name by its words, or by letters that are smaller without doubt.
    private static func isSurelyName(_ line: PictureLine, _ height: Int, _ usual: Int?) -> Bool {
        ChatNames.isName(line.words) || (size(line) != nil && isSmall(line, height, usual))
    }

    /// Whether a line close below another one is the rest of what is said there: of one letter, or as large as words are
    /// and at the same edge. 响 alone in the last line of a bubble is no name of who speaks next.
    private static func isGoingOn(_ line: PictureLine, below above: PictureLine, _ height: Int, isSmall: Bool) -> Bool {
        let isAtEdge = abs(line.left - above.left) * 5 <= height
        return line.words.count < 2 || (isAtEdge && !isSmall)
    }

    // MARK: Kinds of lines

    /// `幸福里业主群(286)` on top: the name of the group, which says nothing of a need.
    static func isTitle(_ words: String) -> Bool {
        // The sign of the menu beside it is read as dots.
        var words = words[...]
        while let last = words.last, "….·•。 ".contains(last) { words = words.dropLast() }
        guard let last = words.last, ")）".contains(last) else { return words.hasSuffix("群") }
        let digits = words.dropLast().reversed().prefix { ("0"..."9").contains($0) }
        return !digits.isEmpty && words.dropLast(digits.count + 1).last.map { "(（".contains($0) } == true
    }

    /// Short, and smaller than the words below it; or no larger, and at the edge of the bubble in which they stand apart.
    ///
    /// The last line of a bubble is often read as taller than it is: what is as large as all the other words, and as close
    /// to the next line as lines of one bubble are, is no name.
    private static func isName(_ line: PictureLine, before next: PictureLine?, _ height: Int) -> Bool {
        guard let next, clock(next.words) == nil else { return false }
        let (indent, gap) = (next.left - line.left, next.top - line.bottom)
        let isApart = gap * 10 >= height * 8
        let isAtEdge = indent * 10 >= height * 3 && indent * 2 <= height * 3 && isApart
        let isSmaller = next.height * 100 > line.height * 115 && (isApart || line.height * 100 <= height * 85)
        // One letter alone is hardly ever a name: it must stand where names do.
        let isOfWords = isSmaller && line.words.count > 1
        guard isOfWords || (isAtEdge && line.height * 20 <= next.height * 22) else { return false }
        let isNear = gap <= 3 * height
        return isNear && line.words.count <= 16 && !line.words.contains { "，。！？,!?".contains($0) }
    }

    /// A name by its words alone, `王阿姨`, where it begins something and is no larger than what follows close below:
    /// pictures are read with names as tall as words now and then.
    private static func isPlainName(_ line: PictureLine, before next: PictureLine?, _ height: Int) -> Bool {
        guard let next, clock(next.words) == nil, !ChatNames.isName(next.words) else { return false }
        let gap = next.top - line.bottom
        guard gap <= 3 * height, next.top > line.top, line.height * 100 <= next.height * 115 else { return false }
        // What may be a place stands apart besides.
        return ChatNames.isClear(line.words) || (gap * 10 >= height * 8 && ChatNames.isName(line.words))
    }

    /// `上午10:20`, `星期三10:20`, `11月25日晚上8:05`: a line that is a time and nothing else.
    static func clock(_ words: String) -> String? {
        let marks = "上下中晚凌早午晨昨天前今星期周一二三四五六日年月/-:："
        guard words.count <= 20, words.contains(where: { ":：".contains($0) }), words.first != ":",
            words.allSatisfy({ ("0"..."9").contains($0) || marks.contains($0) || $0.isWhitespace }),
            words.contains(where: { ("0"..."9").contains($0) })
        else { return nil }
        return words
    }
}
