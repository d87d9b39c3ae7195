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
        /// Whether it is asked with steps only, never when a case is told.
        package let isOfSteps: Bool
        /// What helps to fill it in.
        package let hint: Text?
        package let kind: Kind
        package fileprivate(set) var isRequired: Bool
        /// Longest text in characters; for numbers the largest value.
        package let limit: Int
        /// What can be chosen.
        package let choices: [Choice]
        /// When it is asked for; nil for always.
        package fileprivate(set) var condition: Condition?
    }

    /// The fields besides text and location, which every form has, that are asked when a case is told.
    package var extraFields: [Field] { fields.filter { !$0.isOfSteps && !Field.ofEveryForm.contains($0.id) } }

    /// The fields that come with a step of a case that was told with answers: those that must be filled in are required
    /// there, and what depends on an answer of back then is decided already.
    package func fields(with way: Transition, told answers: [String: String]) -> [Field] {
        let names = Set(way.requiredFields + way.allowedFields)
        let own = fields.filter { names.contains($0.id) }
        let known = Set(asked(answers).map(\.id))
        return own.compactMap { field in
            var field = field
            field.isRequired = way.requiredFields.contains(field.id)
            guard let condition = field.condition, !names.contains(condition.field) else { return field }
            let given = (answers[condition.field] ?? "").split(separator: ",").map(String.init)
            guard known.contains(condition.field), given.contains(where: condition.values.contains) else { return nil }
            field.condition = nil
            return field
        }
    }

    /// The fields that are asked for, given what was answered so far.
    package func asked(_ answers: [String: String]) -> [Field] { Field.asked(extraFields, answers) }

    /// What is wrong with the answers to the extra fields; answers to fields that are not asked for do not count.
    package func problems(of answers: [String: String]) -> [LinliError.Field] {
        Field.problems(extraFields, answers)
    }

    /// The answers worth keeping: those to fields that are asked for, trimmed, none empty.
    package func kept(_ answers: [String: String]) -> [String: String] { Field.kept(extraFields, answers) }

    /// The answers that came with a step, with the fields they answer, for who reads them.
    package func said(_ answers: [String: String]) -> [(field: Field, words: Text)] {
        fields.compactMap { field in answers[field.id].map { (field, field.display($0)) } }
    }
}

extension CaseType.Field {
    /// The fields every form has.
    static let ofEveryForm = ["text", "location"]

    /// Those of some fields that are asked for, given what was answered so far.
    package static func asked(_ fields: [CaseType.Field], _ answers: [String: String]) -> [CaseType.Field] {
        var shown: Set<String> = []
        return fields.filter { field in
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

    /// What is wrong with the answers to some fields.
    static func problems(_ fields: [CaseType.Field], _ answers: [String: String]) -> [LinliError.Field] {
        asked(fields, answers).compactMap { field in
            let answer = (answers[field.id] ?? "").trimmed
            if answer.isEmpty {
                return field.isRequired
                    ? .init(field.id, Text("请填写：\(field.name.zh)", "Please fill in: \(field.name.en)")) : nil
            }
            return field.problem(answer).map { .init(field.id, $0) }
        }
    }

    /// The answers to some fields that are worth keeping.
    static func kept(_ fields: [CaseType.Field], _ answers: [String: String]) -> [String: String] {
        var kept: [String: String] = [:]
        for field in asked(fields, answers) {
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
