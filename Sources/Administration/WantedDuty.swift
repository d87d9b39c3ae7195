import LinliCore
import LinliKernel
import LinliUI

/// A duty somebody is looked for: addresses keep it on the way from the page that lacks it to the account that gets it.
struct WantedDuty: Sendable {
    let role: Role
    let division: DivisionCode

    /// A duty over a division.
    init(_ role: Role, over division: DivisionCode) {
        (self.role, self.division) = (role, division)
    }

    /// The duty an address or a form names; nil when it names none over a division.
    init?(_ form: Form) {
        guard let role = form["role"].flatMap({ Role.named($0) }), !DutyRules.isOfUnit(role),
            let division = form["division"].flatMap({ DivisionCode($0) })
        else { return nil }
        self.init(role, over: division)
    }

    /// As an address or a form says it.
    var fields: [(name: String, value: String)] {
        [(name: "role", value: role.id), (name: "division", value: division.short)]
    }

    /// As hidden fields of a form.
    var hidden: HTML {
        "\(each: fields, { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })"
    }
}

extension WantedDuty? {
    /// An address that keeps what is looked for, if anything is.
    func kept(in path: String, _ more: [(String, String?)] = []) -> String {
        let own: [(String, String?)] = self?.fields.map { ($0.name, $0.value) } ?? []
        return address(path, more + own)
    }
}
