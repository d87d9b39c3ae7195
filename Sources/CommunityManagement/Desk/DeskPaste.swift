import LinliCore
import LinliKernel
import LinliStandards

/// One message of a chat group, as it was pasted.
struct GroupMessage: Sendable, Equatable {
    /// Who said it, as the group shows them.
    var speaker: String
    /// When, as it stood there; empty when it did not.
    var time: String
    var words: String
}

/// Reads what somebody copied out of a chat group: lines with who and when, then the words.
enum GroupChat {
    /// How many messages are read.
    static let limit = 30

    /// The messages, the first first. Text without any speaker is one message of nobody.
    static func messages(in text: String) -> [GroupMessage] {
        let lines = text.split(whereSeparator: \.isNewline).map { String($0).trimmed }.filter { !$0.isEmpty }
        // Where who and when stand in one line, no name stands by itself.
        let isHeaded = lines.contains { head($0).map { !$0.time.isEmpty } == true }
        let names =
            isHeaded
            ? []
            : ChatNames.lines(
                in: lines, isMoment: isMoment,
                isApart: { isMoment($0) || isOnlyMedia($0) || ChatScreenshot.isTitle($0) })
        if !names.isEmpty { return messages(in: lines, under: names) }
        var found: [GroupMessage] = []
        for line in lines {
            if let head = head(line) {
                found.append(head)
            } else if found.isEmpty {
                found.append(GroupMessage(speaker: "", time: "", words: line))
            } else {
                let last = found.count - 1
                found[last].words += (found[last].words.isEmpty ? "" : "\n") + line
            }
        }
        return Array(found.filter { !$0.words.isEmpty && !isOnlyMedia($0.words) }.prefix(limit))
    }

    /// What a screenshot says as plain text: names and times on lines of their own, the name of the group on top.
    private static func messages(in lines: [String], under names: Set<Int>) -> [GroupMessage] {
        var found: [GroupMessage] = []
        var (time, isOpen) = ("", false)
        for (index, line) in lines.enumerated() {
            if names.contains(index) {
                found.append(GroupMessage(speaker: line, time: time, words: ""))
                isOpen = true
            } else if isMoment(line) {
                time = line
                // Below a name it is when that was said.
                if isOpen, let last = found.indices.last, found[last].words.isEmpty {
                    found[last].time = line
                } else {
                    isOpen = false
                }
            } else if isOnlyMedia(line) || index == 0 && ChatScreenshot.isTitle(line) {
                continue
            } else if let head = head(line), ChatNames.isSpeaker(head.speaker) {
                found.append(GroupMessage(speaker: head.speaker, time: time, words: head.words))
                isOpen = true
            } else if isOpen, let last = found.indices.last {
                found[last].words += (found[last].words.isEmpty ? "" : "\n") + line
            } else {
                found.append(GroupMessage(speaker: "", time: time, words: line))
                isOpen = true
            }
        }
        return Array(found.filter { !$0.words.isEmpty && !isOnlyMedia($0.words) }.prefix(limit))
    }

    /// What begins at a line because somebody says so: where that line may be who speaks, it is, and the rest is the words.
    static func message(from lines: [String]) -> GroupMessage {
        var rest = Array(lines.dropFirst())
        let all = lines.joined(separator: "\n")
        guard let first = lines.first else { return GroupMessage(speaker: "", time: "", words: all) }
        if let head = head(first), !head.time.isEmpty || ChatNames.isSpeaker(head.speaker) {
            let said = ([head.words] + rest).filter { !$0.isEmpty }
            return GroupMessage(speaker: head.speaker, time: head.time, words: said.joined(separator: "\n"))
        }
        guard !rest.isEmpty, ChatNames.isName(first) || ChatNames.isNick(first) else {
            return GroupMessage(speaker: "", time: "", words: all)
        }
        let time = rest.count > 1 && isMoment(rest[0]) ? rest.removeFirst() : ""
        return GroupMessage(speaker: first, time: time, words: rest.joined(separator: "\n"))
    }

    /// A line that is a time and nothing else: `上午10:20`, `昨天 10:20`, `昨天10:20`.
    private static func isMoment(_ line: String) -> Bool {
        if line.filter({ $0 == ":" }).count == 1, ChatScreenshot.clock(line) != nil { return true }
        let parts = line.split(whereSeparator: { $0 == " " || $0 == "\u{3000}" || $0 == "\t" }).map(String.init)
        return parts.contains(where: isClock) && parts.allSatisfy { isClock($0) || isDate($0) }
    }

    /// `[图片]` and the like say nothing by themselves.
    private static func isOnlyMedia(_ words: String) -> Bool {
        ["[图片]", "[表情]", "[语音]", "[视频]", "[动画表情]"].contains(words)
    }

    /// A line that begins a message: `张三 11/25 10:20`, `张三 2026年11月25日 10:20`, `10:20 张三`, `张三：灯不亮`,
    /// `[张三] 10:20:11`. Nil for a line of words.
    private static func head(_ line: String) -> GroupMessage? {
        let parts = line.split(whereSeparator: { $0 == " " || $0 == "\u{3000}" || $0 == "\t" }).map(String.init)
        if let clock = parts.firstIndex(where: isClock), parts.count <= 5 {
            let others = parts.enumerated().filter { $0.offset != clock && !isDate($0.element) }.map(\.element)
            let dates = parts.filter(isDate)
            guard parts.count == others.count + dates.count + 1, !others.isEmpty, others.count <= 2 else { return nil }
            let speaker = bare(others.joined(separator: " "))
            guard (1...24).contains(speaker.count), !speaker.contains(where: { "，。！？,!?".contains($0) }) else {
                return nil
            }
            return GroupMessage(speaker: speaker, time: (dates + [parts[clock]]).joined(separator: " "), words: "")
        }
        guard let colon = line.firstIndex(where: { $0 == "：" || $0 == ":" }) else { return nil }
        let name = bare(String(line[..<colon]).trimmed)
        let words = String(line[line.index(after: colon)...]).trimmed
        // A clock or an address has a colon too, and a sentence before one is no name. 3-2-501: 5号楼停水 is no clock.
        let hours = name.reversed().prefix(while: isDigit).count
        let minutes = line[colon...].dropFirst().prefix(while: isDigit).count
        let isTime = (1...2).contains(hours) && minutes == 2 && !ChatNames.isName(name)
        guard (1...12).contains(name.count), !name.contains(where: { "，。！？,!?；;".contains($0) }), !isTime,
            !name.allSatisfy(isDigit), !words.hasPrefix("//"), !ChatNames.isLabel(name)
        else { return nil }
        return GroupMessage(speaker: name, time: "", words: words)
    }

    private static func bare(_ name: String) -> String {
        String(name.drop { "[【<@".contains($0) }.reversed().drop { "]】>:：".contains($0) }.reversed()).trimmed
    }

    /// `10:20`, `10:20:11`, `上午10:20`.
    private static func isClock(_ word: String) -> Bool {
        let digits = word.drop { "上下中晚凌早午晨".contains($0) }
        let parts = digits.split(separator: ":", omittingEmptySubsequences: false)
        return (2...3).contains(parts.count)
            && parts.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy(isDigit) }
    }

    /// `11/25`, `2026-11-25`, `2026年11月25日`, `昨天`, `星期三`.
    private static func isDate(_ word: String) -> Bool {
        if ["昨天", "前天", "今天"].contains(word) || word.hasPrefix("星期") || word.hasPrefix("周") && word.count == 2 {
            return true
        }
        let marks = word.filter { "/-年月日.".contains($0) }
        return marks.count >= 1 && word.contains(where: isDigit)
            && word.allSatisfy { isDigit($0) || "/-年月日.".contains($0) }
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}
