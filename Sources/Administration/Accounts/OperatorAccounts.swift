import LinliCore
import LinliKernel
import LinliStandards

/// What the operator of the server does with accounts on the command line: the first administrator, and a way in for who
/// lost theirs. Everything else is done in the browser, by people whose duty it is.
package struct OperatorAccounts: Sendable {
    private let database: Database

    /// Over the store of these services.
    package init(_ services: Services) {
        database = services.database
    }

    /// Somebody to add, as the command line says it.
    package struct Wish: Sendable {
        package var phone: String
        package var name: String
        package var role: String
        package var division: String
        package var unit: String

        /// A wish; what was not said is empty.
        package init(phone: String, name: String, role: String, division: String, unit: String) {
            self.phone = phone
            self.name = name
            self.role = role
            self.division = division
            self.unit = unit
        }
    }

    /// What was done: the path by which the person chooses a password; nil for an account that was there already.
    package struct Added: Sendable {
        package let setupPath: String?
    }

    /// Adds an account with one duty; an account that has this phone already only gets the duty.
    ///
    /// - Throws: `.invalid` naming every part of the wish that does not do.
    package func add(_ wish: Wish, _ context: Context) async throws -> Added {
        let token = randomToken()
        let keys = database.keys
        let isNew = try await database.write(context, "accounts.addByOperator") { tx in
            let (role, subject, unit, phone) = try OperatorAccounts.check(wish, at: tx.now, tx)
            let known = try AccessStore.find(phone: phone, keys: keys, tx)
            let held = try known.map { try AccessStore.grants(of: $0, at: tx.now, tx) } ?? []
            if let objection = DutyRules.objection(role, held: held.map(\.role)) {
                throw LinliError.invalid("accounts.apart", [.init("role", objection)])
            }
            let account =
                try known
                ?? AccessStore.insert(NewAccount(name: wish.name, phone: phone, unit: unit), keys: keys, tx)
            if !held.contains(where: { $0.role == role.id && $0.subject == subject }) {
                try AccessStore.grant(role, subject, to: account, tx)
            }
            try tx.audit(Subject("account", account), fields: ["duty"])
            if known == nil { try SignIn.makeSetup(for: account, token: token, keys: keys, tx) }
            return known == nil
        }
        return Added(setupPath: isNew ? SignIn.setupPath(token) : nil)
    }

    /// What is wrong with a wish, as far as no store is needed to know it.
    package static func problems(_ wish: Wish) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        func say(_ name: String, _ zh: String, _ en: String) { problems.append(.init(name, Text(zh, en))) }
        if PhoneNumber(wish.phone)?.kind != .mobile {
            say("phone", "--phone 要写 11 位手机号", "--phone must be a mobile number of 11 digits")
        }
        if wish.name.isEmpty { say("name", "--name 要写姓名", "--name must say who it is") }
        if !wish.name.isEmpty, let problem = NameRules.problem(wish.name, limit: 40) {
            say("name", "--name：" + problem.zh, "--name: " + problem.en)
        }
        let role = Role.named(wish.role)
        if role == nil {
            let roles = Role.all.map(\.id).joined(separator: ", ")
            say("role", "--role 是其中之一：\(roles)", "--role must be one of \(roles)")
        }
        if let role, DutyRules.isOfUnit(role), wish.unit.isEmpty {
            say("unit", "承办人员要写 --unit", "--unit must say for which unit they handle cases")
        }
        return problems
    }

    private typealias Checked = (role: Role, subject: Grant.Subject, unit: ID<Unit>?, phone: String)

    private static func check(_ wish: Wish, at now: Instant, _ tx: ReadTx) throws -> Checked {
        var problems = OperatorAccounts.problems(wish)
        func say(_ name: String, _ zh: String, _ en: String) { problems.append(.init(name, Text(zh, en))) }
        let (number, role) = (PhoneNumber(wish.phone), Role.named(wish.role))
        var units: [UnitSummary] = []
        if !wish.unit.isEmpty {
            units = try UnitsStore.named(wish.unit, tx)
            if units.count != 1 {
                say("unit", "没有（或不止一个）单位叫“\(wish.unit)”", "not exactly one unit is called \(wish.unit)")
            }
        }
        let isOfUnit = role.map { DutyRules.isOfUnit($0) } ?? false
        let division = DivisionCode(wish.division)
        if role != nil, !isOfUnit {
            let isKnown = try division.map { try DivisionsStore.find($0, at: now, tx) != nil } ?? false
            if !isKnown {
                say("division", "--division 要写区划表里的代码", "--division must be the code of a division in the table")
            }
        }
        let subject = isOfUnit ? units.first.map { Grant.Subject.unit($0.id) } : division.map { .division($0) }
        guard problems.isEmpty, let role, let subject, let number else {
            throw LinliError.invalid("accounts.add", problems)
        }
        return (role, subject, units.first?.id, number.number)
    }

    /// A new link for somebody who lost the password, and with `forgetsSecondFactor` also the phone.
    ///
    /// - Throws: `.notFound` when nobody has the phone number.
    package func renew(phone: String, forgetsSecondFactor: Bool, _ context: Context) async throws -> String {
        let token = randomToken()
        let keys = database.keys
        try await database.write(context, "accounts.renewByOperator") { tx in
            guard let account = try AccessStore.find(phone: phone, keys: keys, tx) else {
                throw LinliError.notFound("accounts.unknown")
            }
            try SignIn.makeSetup(for: account, token: token, keys: keys, tx)
            if forgetsSecondFactor { try AccountsStore.resetSecondFactor(account, tx) }
        }
        return SignIn.setupPath(token)
    }
}
