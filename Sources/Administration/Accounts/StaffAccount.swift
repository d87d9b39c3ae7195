import LinliCore
import LinliKernel

/// A duty as administrators see it, also one that is over.
struct StaffDuty: Sendable {
    let id: ID<Grant>
    let role: String
    /// Over what it holds.
    let subject: Grant.Subject
    /// The unit's name, when it is a duty in a unit.
    let unitName: Text
    /// Where it counts: its division, or that of its unit.
    let division: DivisionCode
    let from: Instant
    let until: Instant?

    /// Whether it is held at `now`.
    func isHeld(at now: Instant) -> Bool { until.map { $0 > now } ?? true }
}

/// An account as administrators see it.
struct StaffAccount: Sendable {
    let id: ID<Account>
    let name: String
    let phoneMask: String
    let unitName: Text
    let isActive: Bool
    let hasSecondFactor: Bool
    let lockedUntil: Instant
    /// When a device of theirs was last used to sign in.
    let lastSeen: Instant?
    var duties: [StaffDuty] = []
}

/// What separates duties, whoever grants them.
///
/// - Source: GB/T 22239-2019, application controls (separated administration and audit)
enum DutyRules {
    /// Roles that work inside a unit; every other role holds over a division.
    static func isOfUnit(_ role: Role) -> Bool { role.id == Role.unitHandler.id }

    /// What speaks against giving `role` to somebody who holds `held`; nil when nothing does.
    static func objection(_ role: Role, held: [String]) -> Text? {
        let apart: Set<String> = [Role.administrator.id, Role.auditor.id]
        guard apart.contains(role.id), held.contains(where: { apart.contains($0) && $0 != role.id }) else { return nil }
        return Text("系统管理员和安全审计员不能是同一个人", "An administrator cannot be the auditor as well")
    }

    /// What is wrong with an initial password; nil when it will do.
    ///
    /// - Source: configured: at least 8 characters of 3 kinds (GB/T 22239 asks for complexity and gives no number)
    static func objection(password: String) -> Text? {
        let kinds = [
            password.contains { $0.isASCII && $0.isLowercase }, password.contains { $0.isASCII && $0.isUppercase },
            password.contains { $0.isASCII && $0.isNumber }, password.contains { !$0.isLetter && !$0.isNumber },
        ]
        guard password.count >= 8, password.count <= 100, kinds.filter({ $0 }).count >= 3 else {
            return Text(
                "密码至少 8 位，大写字母、小写字母、数字、符号里要有三种",
                "At least 8 characters with three of: capitals, small letters, digits, signs"
            )
        }
        return nil
    }
}
