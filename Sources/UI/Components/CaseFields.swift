import LinliCore
import LinliKernel

/// The fields a case type asks for besides text and place, as parts of a form. What depends on another answer stands
/// there with a sentence saying when it is asked for; a script hides it until then.
package struct CaseFields: Sendable {
    private let fields: [CaseType.Field]
    private let answers: [String: String]
    private let error: LinliError?
    /// What tells the controls of several forms of a page apart; empty where there is one.
    private let form: String

    /// The fields of `type` with what was answered so far.
    package init(_ type: CaseType, answers: [String: String] = [:], error: LinliError? = nil) {
        self.init(type.extraFields, answers: answers, error: error)
    }

    /// Some fields, in the form of a page that is called `form`.
    package init(
        _ fields: [CaseType.Field], in form: String = "", answers: [String: String] = [:], error: LinliError? = nil
    ) {
        self.fields = fields
        self.form = form
        self.answers = answers
        self.error = error
    }

    /// Whether there is anything to ask.
    package var isEmpty: Bool { fields.isEmpty }

    /// The name of a field in forms, in errors and in the body of the API.
    package static func name(_ id: String) -> String { "answers.\(id)" }

    /// What a form answers, by field; several answers to one field are joined by commas.
    package static func answers(in form: Form) -> [String: String] {
        var answers: [String: String] = [:]
        for field in form.fields where field.name.hasPrefix("answers.") {
            let value = field.value.trimmed
            guard !value.isEmpty else { continue }
            let id = String(field.name.dropFirst("answers.".count))
            answers[id] = answers[id].map { $0 + "," + value } ?? value
        }
        return answers
    }

    /// The fields in their order.
    package var html: HTML { "\(each: fields, part)" }

    private func part(_ field: CaseType.Field) -> HTML {
        switch field.kind {
        case .choice, .choices, .flag: group(field)
        case .text, .number, .date: line(field)
        }
    }

    private func value(_ field: CaseType.Field) -> String { answers[field.id] ?? "" }

    /// What the control of a field is found by on its page.
    private func mark(of field: CaseType.Field) -> String {
        form.isEmpty ? CaseFields.name(field.id) : "\(form)-\(field.id)"
    }

    // MARK: One line

    private func line(_ field: CaseType.Field) -> HTML {
        let id = mark(of: field)
        let problem = error?.text(for: CaseFields.name(field.id))
        let hasHint = field.hint != nil || limits(field) != nil
        return """
            <div class="field"\(when(field))><label for="\(id)">\(field.name)\(mark(field))</label>
            \(words(field))\(when: hasHint, "<p class=\"hint\" id=\"\(id)-hint\">\(hint(field))</p>")
            \(control(field, described(id, hint: hasHint, error: problem)))
            \(problem.map { "<p class=\"err\" id=\"\(id)-error\">\($0)</p>" as HTML })</div>
            """
    }

    private func control(_ field: CaseType.Field, _ attributes: HTML) -> HTML {
        let (id, name) = (mark(of: field), CaseFields.name(field.id))
        let value = value(field)
        let required: HTML = field.isRequired && field.condition == nil ? " required" : .empty
        switch field.kind {
        case .number:
            return """
                <input id="\(id)" name="\(name)" type="number" inputmode="numeric" min="0" max="\(field.limit)" step="1" \
                value="\(value)"\(required)\(attributes)>
                """
        case .date:
            return "<input id=\"\(id)\" name=\"\(name)\" type=\"date\" value=\"\(value)\"\(required)\(attributes)>"
        case .text where field.limit > 60:
            return """
                <textarea id="\(id)" name="\(name)" rows="3" maxlength="\(field.limit)"\(required)\(attributes)>\
                \(value)</textarea>
                """
        default:
            return """
                <input id="\(id)" name="\(name)" maxlength="\(field.limit)" value="\(value)"\(required)\(attributes)>
                """
        }
    }

    private func limits(_ field: CaseType.Field) -> Text? {
        switch field.kind {
        case .number: Text("填 0 到 \(field.limit) 的整数。", "A whole number from 0 to \(field.limit).")
        case .text where field.limit > 60: Text("最多 \(field.limit) 个字。", "At most \(field.limit) characters.")
        default: nil
        }
    }

    private func hint(_ field: CaseType.Field) -> Text {
        let parts = [field.hint, limits(field)].compactMap { $0 }
        return parts.dropFirst().reduce(parts.first ?? Text(same: "")) { $0 + Text(same: " ") + $1 }
    }

    // MARK: Several answers

    private func group(_ field: CaseType.Field) -> HTML {
        let id = mark(of: field)
        let problem = error?.text(for: CaseFields.name(field.id))
        let names = [field.hint == nil ? nil : "\(id)-hint", problem == nil ? nil : "\(id)-error"].compactMap { $0 }
        return """
            <fieldset class="field"\(when(field))\
            \(when: !names.isEmpty, " aria-describedby=\"\(names.joined(separator: " "))\"")>
            <legend>\(field.name)\(mark(field))</legend>
            \(words(field))\(field.hint.map { "<p class=\"hint\" id=\"\(id)-hint\">\($0)</p>" as HTML })
            <div class="choices two">\(options(field))</div>
            \(problem.map { "<p class=\"err\" id=\"\(id)-error\">\($0)</p>" as HTML })</fieldset>
            """
    }

    private func options(_ field: CaseType.Field) -> HTML {
        let name = CaseFields.name(field.id)
        let chosen = Set(value(field).split(separator: ",").map(String.init))
        switch field.kind {
        case .choice:
            // What may be left open must also be open again after somebody chose.
            let none: HTML =
                field.isRequired
                ? .empty : choice(name, value: "", checked: chosen.isEmpty, Text("不选", "No answer"))
            return """
                \(none)\(each: field.choices, { choice(name, value: $0.id, checked: chosen.contains($0.id), $0.name) })
                """
        case .choices:
            return "\(each: field.choices, { box(name, $0.id, chosen.contains($0.id), $0.name) })"
        default:
            return box(name, "yes", chosen.contains("yes"), Text("是", "Yes"))
        }
    }

    private func box(_ name: String, _ value: String, _ isChecked: Bool, _ title: Text) -> HTML {
        """
        <label class="choice"><input type="checkbox" name="\(name)" value="\(value)"\(when: isChecked, " checked")>\
        <span class="bd"><b>\(title)</b></span></label>
        """
    }

    // MARK: When it is asked for

    private func mark(_ field: CaseType.Field) -> HTML {
        field.isRequired ? .empty : "<span class=\"opt\">\(Text("可不填", "optional"))</span>"
    }

    private func when(_ field: CaseType.Field) -> HTML {
        guard let condition = field.condition else { return .empty }
        return """
             data-when="\(CaseFields.name(condition.field))" data-is="\(condition.values.joined(separator: ","))"
            """
    }

    /// When it is asked for, in words: for who fills it in without scripts.
    private func words(_ field: CaseType.Field) -> HTML {
        guard let condition = field.condition, let other = fields.first(where: { $0.id == condition.field })
        else { return .empty }
        let answers = condition.values.map { other.display($0) }
        let zh = answers.map { "“\($0.zh)”" }.joined(separator: "或")
        let en = answers.map { "“\($0.en)”" }.joined(separator: " or ")
        let text = Text("“\(other.name.zh)”答了\(zh)才要填。", "Only if “\(other.name.en)” is \(en).")
        return "<p class=\"hint\" data-when-words>\(text)</p>"
    }
}

/// What was answered to the fields of a type, as rows of a list of facts.
package func answerRows(_ type: CaseType, _ answers: [String: String]) -> HTML {
    let answered = type.asked(answers).filter { answers[$0.id] != nil }
    return "\(each: answered, { "<dt>\($0.name)</dt><dd>\($0.display(answers[$0.id] ?? ""))</dd>" })"
}

/// The answers that came with a step, as a list of facts; nothing where there are none.
package func stepRows(_ type: CaseType, _ answers: [String: String]) -> HTML {
    let said = type.said(answers)
    guard !said.isEmpty else { return .empty }
    return "<dl class=\"kv\">\(each: said, { "<dt>\($0.field.name)</dt><dd>\($0.words)</dd>" })</dl>"
}
