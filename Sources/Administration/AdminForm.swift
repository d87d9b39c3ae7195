import LinliCore
import LinliKernel
import LinliUI

/// The fields of a form of administration: what was typed, if it came back, else what is known.
struct AdminForm: Sendable {
    /// What was typed; nil when nobody typed anything yet.
    var typed: Form?
    var error: LinliError?
    /// What tells this form's fields from those of another on the same page.
    var prefix = ""

    func value(_ name: String, _ initial: String = "") -> String {
        typed.map { $0.all(name).first ?? "" } ?? initial
    }

    /// A line of text.
    func input(
        _ name: String, _ label: Text, _ initial: String = "", hint: Text? = nil, optional: Bool = false,
        attributes: HTML = .empty
    ) -> HTML {
        let id = prefix + name
        let error = error?.text(for: name)
        return field(
            label, for: id, hint: hint, optional: optional, error: error,
            """
            <input id="\(id)" name="\(name)" autocomplete="off" value="\(value(name, initial))"\(attributes)\
            \(when: !optional, " required")\(described(id, hint: hint != nil, error: error))>
            """
        )
    }

    /// Lines of text.
    func lines(
        _ name: String, _ label: Text, _ initial: String = "", rows: Int, hint: Text? = nil, limit: Int = 20_000
    ) -> HTML {
        let id = prefix + name
        let error = error?.text(for: name)
        return field(
            label, for: id, hint: hint, error: error,
            """
            <textarea id="\(id)" name="\(name)" rows="\(rows)" maxlength="\(limit)" spellcheck="false"\
            \(described(id, hint: hint != nil, error: error))>
            \(value(name, initial))</textarea>
            """
        )
    }

    /// A drop-down.
    func choice(
        _ name: String, _ label: Text, _ options: [(value: String, text: Text)], _ initial: String? = nil,
        empty: Text? = nil, hint: Text? = nil, optional: Bool = false
    ) -> HTML {
        let id = prefix + name
        let error = error?.text(for: name)
        return field(
            label, for: id, hint: hint, optional: optional, error: error,
            select(
                name, id: id, options, selected: value(name, initial ?? ""), empty: empty,
                attributes: described(id, hint: hint != nil, error: error)
            )
        )
    }

    /// A division by its code, with the names of those one may choose to pick from.
    func division(
        _ name: String, _ label: Text, _ initial: DivisionCode?, _ choices: [DivisionCode], _ names: DivisionNames,
        hint: Text? = nil
    ) -> HTML {
        let list = prefix + name + "-list"
        return input(
            name, label, initial?.short ?? "",
            hint: hint ?? Text("打几个字选，或填 6、9、12、15 位代码。", "Type to choose, or enter a code of 6, 9, 12 or 15 digits."),
            attributes: " list=\"\(list)\" maxlength=\"15\""
        ) + """
            <datalist id="\(list)">\(each: choices, { code in
                "<option value=\"\(code.short)\">\(code.level >= .community ? names.place(code) : names[code])</option>"
            })</datalist>
            """
    }
}

/// Divisions to choose from.
enum DivisionChoices {
    /// Those inside `divisions`, the wider ones first; a district has too many to list them all.
    static func within(_ divisions: [DivisionCode], at now: Instant, _ tx: ReadTx) throws -> [DivisionCode] {
        var found = divisions
        var next = divisions
        while !next.isEmpty, found.count < 400 {
            next = try next.flatMap { try DivisionsStore.children(of: $0, at: now, tx).map(\.code) }
            found += next
        }
        return Array(Set(found).sorted().prefix(800))
    }
}

/// A form that came back: which one, what was typed, what is wrong.
struct AdminAttempt: Sendable {
    let name: String
    let form: Form
    let error: LinliError
}

extension AdminAttempt {
    /// Does what the form called `name` asks and leads to the address `done` gives; a form that cannot be taken comes back
    /// on the page `again` makes, as it was typed.
    static func answer(
        _ name: String, _ request: Request, done: () async throws -> String,
        again: (AdminAttempt) async throws -> Page
    ) async throws -> Reply {
        do {
            return .redirect(try await done())
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            let attempt = AdminAttempt(name: name, form: request.form, error: error)
            return .page(try await again(attempt), status: status)
        }
    }
}

extension AdminAttempt? {
    /// The fields of the form called `name`: as they were typed if it is the one that came back.
    func form(_ name: String) -> AdminForm {
        guard let attempt = self, attempt.name == name else { return AdminForm(prefix: name + "-") }
        return AdminForm(typed: attempt.form, error: attempt.error, prefix: name + "-")
    }
}

/// Words that pages of more than one feature say.
enum AdminWords {
    /// 1 Monday to 7 Sunday, from index 0.
    static let weekdays = [
        Text("周一", "Mon"), Text("周二", "Tue"), Text("周三", "Wed"), Text("周四", "Thu"), Text("周五", "Fri"),
        Text("周六", "Sat"), Text("周日", "Sun"),
    ]

    /// What a division is called: a community or grid by both names.
    static func place(_ code: DivisionCode, _ names: DivisionNames) -> String {
        code.level >= .community ? names.place(code) : names[code]
    }
}
