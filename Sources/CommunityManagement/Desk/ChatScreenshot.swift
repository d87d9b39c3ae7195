import LinliKernel

/// Reads the lines of a screenshot of a chat group as messages: names are smaller than what is said, times stand alone,
/// and what one person said in one go stands close together.
enum ChatScreenshot {
    /// The messages, the first first; none when there are no words in it.
    static func messages(in lines: [PictureLine]) -> [GroupMessage] {
        let lines = lines.filter { $0.words.contains { $0.isLetter } }
        let usual = lines.map(\.height).sorted()
        guard !usual.isEmpty else { return [] }
        // More lines of words than names, as a rule; of two heights the larger is that of the words.
        let height = max(usual[usual.count / 2], 1)
        var found: [GroupMessage] = []
        var (time, speaker): (String, String?) = ("", nil)
        var bottom: Int?
        for (index, line) in lines.enumerated() {
            if let clock = clock(line.words) {
                (time, speaker, bottom) = (clock, nil, nil)
            } else if index == 0, isTitle(line.words) {
                continue
            } else if isName(line, before: index + 1 < lines.count ? lines[index + 1] : nil, height) {
                (speaker, bottom) = (line.words, nil)
            } else {
                let isSame = bottom.map { line.top - $0 <= height } ?? false
                if isSame, !found.isEmpty {
                    found[found.count - 1].words += line.words
                } else {
                    found.append(GroupMessage(speaker: speaker ?? "", time: time, words: line.words))
                    speaker = nil
                }
                bottom = line.bottom
            }
        }
        return Array(found.prefix(GroupChat.limit))
    }

    /// `幸福里业主群(286)` on top: the name of the group, which says nothing of a need.
    private static func isTitle(_ words: String) -> Bool {
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
        guard isSmaller || (isAtEdge && line.height <= next.height) else { return false }
        let isNear = gap <= 3 * height
        return isNear && line.words.count <= 16 && !line.words.contains { "，。！？,!?".contains($0) }
    }

    /// `上午10:20`, `星期三10:20`, `11月25日晚上8:05`: a line that is a time and nothing else.
    private static func clock(_ words: String) -> String? {
        let marks = "上下中晚凌早午晨昨天前今星期周一二三四五六日年月/-:："
        guard words.count <= 20, words.contains(where: { ":：".contains($0) }), words.first != ":",
            words.allSatisfy({ ("0"..."9").contains($0) || marks.contains($0) || $0.isWhitespace }),
            words.contains(where: { ("0"..."9").contains($0) })
        else { return nil }
        return words
    }
}
