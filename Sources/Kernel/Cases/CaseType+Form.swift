import LinliCore

extension CaseType {
    /// A field of the form.
    package struct Field: Sendable, Equatable {
        /// What may be filled in.
        package enum Kind: String, Sendable, CaseIterable {
            case text, number, date, choice, choices, flag
        }

        /// When a field is asked for: another field has one of these answers.
        package struct Condition: Sendable, Equatable {
            package let field: String
            package let values: [String]
        }

        package let id: String
        package let name: Text
        /// What helps to fill it in.
        package let hint: Text?
        package let kind: Kind
        package let isRequired: Bool
        /// Longest text in characters; for numbers the largest value.
        package let limit: Int
        /// What can be chosen.
        package let choices: [Choice]
        /// When it is asked for; nil for always.
        package let condition: Condition?
    }

    /// The fields besides text and location, which every form has.
    package var extraFields: [Field] { fields.filter { !["text", "location"].contains($0.id) } }

    /// The fields that are asked for, given what was answered so far.
    package func asked(_ answers: [String: String]) -> [Field] {
        var shown: Set<String> = []
        return extraFields.filter { field in
            guard let condition = field.condition else {
                shown.insert(field.id)
                return true
            }
            let given = (answers[condition.field] ?? "").split(separator: ",").map(String.init)
            let isAsked = shown.contains(condition.field) && given.contains { condition.values.contains($0) }
            if isAsked { shown.insert(field.id) }
            return isAsked
        }
    }

    /// What is wrong with the answers to the extra fields; answers to fields that are not asked for do not count.
    package func problems(of answers: [String: String]) -> [LinliError.Field] {
        asked(answers).compactMap { field in
            let answer = (answers[field.id] ?? "").trimmed
            if answer.isEmpty {
                return field.isRequired
                    ? .init(field.id, Text("请填写：\(field.name.zh)", "Please fill in: \(field.name.en)")) : nil
            }
            return field.problem(answer).map { .init(field.id, $0) }
        }
    }

    /// The answers worth keeping: those to fields that are asked for, trimmed, none empty.
    package func kept(_ answers: [String: String]) -> [String: String] {
        var kept: [String: String] = [:]
        for field in asked(answers) {
            let answer = (answers[field.id] ?? "").trimmed
            if !answer.isEmpty { kept[field.id] = answer }
        }
        return kept
    }
}

extension CaseType.Field {
    /// What is wrong with an answer that is not empty.
    func problem(_ answer: String) -> Text? {
        switch kind {
        case .text:
            return answer.count <= limit
                ? nil : Text("最多 \(limit) 个字，现在有 \(answer.count) 个", "At most \(limit) characters, now \(answer.count)")
        case .number:
            guard let number = Int(answer), (0...limit).contains(number) else {
                return Text("请填 0 到 \(limit) 的整数", "Please give a whole number from 0 to \(limit)")
            }
            return nil
        case .date:
            return CivilDate(answer) == nil ? Text("日期应写成 2026-11-25", "Write a date as 2026-11-25") : nil
        case .choice:
            return choices.contains { $0.id == answer } ? nil : Text("请从选项里选一个", "Please choose one of the options")
        case .choices:
            let given = answer.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let known = Set(choices.map(\.id))
            return given.allSatisfy(known.contains) && Set(given).count == given.count
                ? nil : Text("请从选项里选", "Please choose among the options")
        case .flag: return answer == "yes" ? nil : Text("请勾选或留空", "Please tick it or leave it empty")
        }
    }

    /// An answer as people read it.
    package func display(_ answer: String) -> Text {
        switch kind {
        case .choice, .choices:
            let names = answer.split(separator: ",").map { id in
                choices.first { $0.id == id }?.name ?? Text(same: String(id))
            }
            return Text(names.map(\.zh).joined(separator: "、"), names.map(\.en).joined(separator: ", "))
        case .flag: return Text("是", "Yes")
        case .text, .number, .date: return Text(same: answer)
        }
    }
}
