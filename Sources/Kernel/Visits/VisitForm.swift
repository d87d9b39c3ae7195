import LinliCore

/// What is asked at a visit: a few questions as data, a line each. What was answered before is not asked again.
///
/// `问题` is answered with yes or no, `问题：好、一般` with one of those. Who also gives English words or a name that
/// stays writes `id | 中文 | English | yesNo` or `… | choice | 好=Good, 一般=Fair`. Only what everybody who may see the
/// household may know: whatever is closely kept belongs into the register, where it is encrypted.
package struct VisitForm: Sendable, Equatable {
    /// One question.
    package struct Question: Sendable, Equatable {
        /// The stable name.
        package let id: String
        /// What is asked.
        package let name: Text
        /// The answers to choose from.
        package let choices: [Choice]

        /// An answer as people read it; what is no choice any more as it was given.
        package func name(of value: String) -> Text {
            choices.first { $0.id == value }?.name ?? Text(same: value)
        }
    }

    /// One answer.
    package struct Choice: Sendable, Equatable {
        /// As it is stored: the Chinese word.
        package let id: String
        /// As people read it.
        package let name: Text
    }

    /// The questions in their order.
    package let questions: [Question]

    /// Reads a form's lines; blank lines and those that begin with `#` are left out.
    ///
    /// - Throws: `.invalid` with the line that cannot be read.
    package init(_ text: String) throws {
        var questions: [Question] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: "|", omittingEmptySubsequences: false).map { Self.trimmed($0) }
            if words.allSatisfy(\.isEmpty) || words[0].hasPrefix("#") { continue }
            let read = words.count == 1 ? Self.plain(words[0]) : Self.question(words)
            guard let question = read, !questions.contains(where: { $0.id == question.id }) else {
                throw LinliError.invalid(
                    "visits.form",
                    [
                        .init(
                            "form",
                            Text(
                                "这一行看不懂，或者写了两遍：\(line.prefix(40))。写成“问题”，或“问题：选项、选项”",
                                "This line cannot be read, or stands twice: \(line.prefix(40)). A question, or question: choice, choice"
                            ))
                    ])
            }
            questions.append(question)
        }
        guard questions.count <= 12 else {
            throw LinliError.invalid("visits.form", [.init("form", Text("最多 12 个问题", "At most 12 questions"))])
        }
        self.questions = questions
    }

    private static let yesNo = [
        Choice(id: "是", name: Text("是", "Yes")), Choice(id: "否", name: Text("否", "No")),
    ]

    /// A question as people write it. Its name is made from its words: what was answered before is found by it, and two
    /// plans that ask the same mean the same. One of `standard` that nobody changed stays that one.
    private static func plain(_ line: String) -> Question? {
        let parts = line.split(maxSplits: 1, omittingEmptySubsequences: false) { "：:".contains($0) }
        guard let zh = parts.first.map({ trimmed($0) }), !zh.isEmpty, zh.count <= 60 else { return nil }
        var choices = yesNo
        if parts.count > 1 {
            choices = parts[1].split(whereSeparator: { ",，、".contains($0) }).compactMap { choice($0) }
            guard choices.count >= 2 else { return nil }
        }
        let known = standard.questions.first { $0.name.zh == zh && $0.choices.map(\.id) == choices.map(\.id) }
        return known ?? Question(id: "q" + digest(zh), name: Text(same: zh), choices: choices)
    }

    /// Sixteen digits that are the same for the same words on every machine.
    ///
    /// - Source: FNV-1a, 64 bits
    private static func digest(_ words: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in words.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func question(_ words: [String]) -> Question? {
        guard words.count >= 4, !words[0].isEmpty, words[0].count <= 40, !words[1].isEmpty, words[1].count <= 60,
            words[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else { return nil }
        let name = Text(words[1], words[2].isEmpty ? words[1] : words[2])
        switch words[3] {
        case "yesNo", "是否":
            return Question(id: words[0], name: name, choices: yesNo)
        case "choice", "选项":
            guard words.count >= 5 else { return nil }
            let choices = words[4].split(whereSeparator: { ",，、".contains($0) }).compactMap { choice($0) }
            return choices.count >= 2 ? Question(id: words[0], name: name, choices: choices) : nil
        default: return nil
        }
    }

    private static func choice(_ text: Substring) -> Choice? {
        let parts = text.split(separator: "=", maxSplits: 1).map { trimmed($0) }
        guard let zh = parts.first, !zh.isEmpty, zh.count <= 40 else { return nil }
        return Choice(id: zh, name: Text(zh, parts.count > 1 ? parts[1] : zh))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }

    /// The answers that are among the choices, by question.
    package func checked(_ answers: [String: String]) -> [(question: String, value: String)] {
        questions.compactMap { question in
            answers[question.id].flatMap { value in
                question.choices.contains { $0.id == value } ? (question.id, value) : nil
            }
        }
    }

    /// What is asked where no plan says otherwise.
    /// - Source: configured, no source
    package static let standardText = """
        gasAlarm | 燃气报警器能用吗 | Does the gas alarm work? | choice | 能用=Works, 坏了=Broken, 没装=None
        wiring | 用电有没有隐患 | Any danger from wiring? | choice | 没有=None, 有=Yes
        passage | 家门口通道通畅吗 | Is the way to the door clear? | yesNo
        helper | 有事能找到家人帮忙吗 | Can family help when needed? | choice | 随时能=Any time, 要等=After a while, 没有人=Nobody
        phone | 留的电话还对吗 | Is the phone still right? | yesNo
        """

    /// `standardText` as people write it: `standard` again when it is read.
    package static let plainText: String = standard.questions.map { question in
        let choices = question.choices == yesNo ? "" : "：" + question.choices.map(\.id).joined(separator: "、")
        return question.name.zh + choices
    }.joined(separator: "\n")

    /// `standardText`, read.
    // The text above is read by a test: it cannot fail here.
    package static let standard = (try? VisitForm(standardText)) ?? VisitForm()

    private init() { questions = [] }
}
