import LinliCore
import LinliKernel
import LinliStandards

/// What an administrator may do with accounts, each within the divisions of their own duty.
struct AccountsCommands: Sendable {
    let database: Database
    let passwords: Passwords

    init(_ services: Services) {
        database = services.database
        passwords = services.passwords
    }

    /// Adds an account of somebody who works for `unit`.
    ///
    /// - Throws: `.invalid` naming each field, `.conflict` when the phone has an account already.
    func create(
        name: String, phone: String, unit: ID<Unit>?, password: String?, _ context: Context
    ) async throws -> ID<Account> {
        var problems: [LinliError.Field] = []
        if name.isEmpty || name.count > 40 {
            problems.append(.init("name", Text("请填姓名，最多 40 个字", "Please enter a name of at most 40 characters")))
        } else if let problem = NameRules.problem(name, limit: 40) {
            problems.append(.init("name", problem))
        }
        let number = PhoneNumber(phone)
        if number?.kind != .mobile {
            problems.append(.init("phone", Text("请填 11 位手机号", "Please enter the 11 digits of a mobile number")))
        }
        if unit == nil { problems.append(.init("unit", Text("请选单位", "Please choose a unit"))) }
        if let objection = password.flatMap({ DutyRules.objection(password: $0) }) {
            problems.append(.init("password", objection))
        }
        guard problems.isEmpty, let number, let unit else { throw LinliError.invalid("accounts.new", problems) }
        var hash: String?
        if let password { hash = try await passwords.hash(password) }
        let account = NewAccount(name: name, phone: number.number, passwordHash: hash, unit: unit)
        do {
            return try await database.write(context, "accounts.create") { [keys = database.keys] tx in
                guard let found = try UnitsStore.find(unit, tx), context.actor.may(.accountsManage, in: found.division)
                else { throw AccountsCommands.noUnit }
                return try AccessStore.insert(account, keys: keys, tx)
            }
        } catch let error as LinliError where error.kind == .conflict {
            throw LinliError(
                .conflict,
                "accounts.phone",
                Text("这个手机号已经有账号了", "This phone number has an account already"),
                fields: [.init("phone", Text("已经有账号，可以在列表里按手机号找", "It has an account: search for it in the list"))]
            )
        }
    }

    /// Gives a duty.
    ///
    /// - Throws: `.notFound` for an account or a place of others, `.invalid` for what rules forbid.
    func grant(
        _ role: Role, _ subject: Grant.Subject, until: Instant?, to id: ID<Account>, _ context: Context
    ) async throws {
        try await database.write(context, "accounts.grant") { tx in
            let account = try AccountsCommands.others(id, context, tx)
            try AccountsCommands.check(subject, context, tx)
            if let until, until <= tx.now {
                throw LinliError.invalid(
                    "accounts.until",
                    [.init("until", Text("截止日期已经过了", "That day is over"))]
                )
            }
            let held = account.duties.filter { $0.isHeld(at: tx.now) }
            if let objection = DutyRules.objection(role, held: held.map(\.role)) {
                throw LinliError.invalid("accounts.apart", [.init("role", objection)])
            }
            guard !held.contains(where: { $0.role == role.id && $0.subject == subject }) else {
                throw LinliError.invalid(
                    "accounts.twice",
                    [.init("role", Text("已经有这项职责了", "They hold this duty already"))]
                )
            }
            try AccessStore.grant(role, subject, to: id, until: until, tx)
            try AccountsCommands.handOver(role.id, subject, tx)
        }
    }

    /// Ends a duty.
    func end(_ grant: ID<Grant>, of id: ID<Account>, _ context: Context) async throws {
        try await database.write(context, "accounts.endGrant") { tx in
            let account = try AccountsCommands.others(id, context, tx)
            guard let duty = account.duties.first(where: { $0.id == grant && $0.isHeld(at: tx.now) }),
                context.actor.may(.accountsManage, in: duty.division)
            else { throw LinliError.notFound("accounts.grant") }
            try AccessStore.revoke(grant, of: id, tx)
            try AccountsCommands.handOver(duty.role, duty.subject, tx)
        }
    }

    /// Where somebody begins or ceases to walk a grid, what is announced there is whose it is from now on.
    private static func handOver(_ role: String, _ subject: Grant.Subject, _ tx: WriteTx) throws {
        guard role == Role.gridWorker.id, case .division(let grid) = subject else { return }
        try VisitHandovers.settle(in: grid, tx)
    }

    /// Lets somebody who mistyped too often try again.
    func unlock(_ id: ID<Account>, _ context: Context) async throws {
        try await database.write(context, "accounts.unlock") { tx in
            _ = try AccountsCommands.others(id, context, tx)
            try AccountsStore.unlock(id, tx)
        }
    }

    /// Makes a link by which somebody chooses a password, to be handed to them; returns its path.
    func makeSetup(_ id: ID<Account>, _ context: Context) async throws -> String {
        let token = randomToken()
        try await database.write(context, "accounts.makeSetup") { [keys = database.keys] tx in
            try AccountsCommands.insideOnly(try AccountsCommands.others(id, context, tx), context, tx.now)
            try SignIn.makeSetup(for: id, token: token, keys: keys, tx)
        }
        return SignIn.setupPath(token)
    }

    /// For who lost the phone with the authenticator.
    func resetSecondFactor(_ id: ID<Account>, _ context: Context) async throws {
        try await database.write(context, "accounts.resetSecondFactor") { tx in
            try AccountsCommands.insideOnly(try AccountsCommands.others(id, context, tx), context, tx.now)
            try AccountsStore.resetSecondFactor(id, tx)
        }
    }

    /// Ends a token of an account at once: what its program sends from now on is nobody's.
    func endToken(_ token: ID<AccessToken>, of id: ID<Account>, _ context: Context) async throws {
        try await database.write(context, "accounts.endToken") { tx in
            try AccountsCommands.insideOnly(try AccountsCommands.others(id, context, tx), context, tx.now)
            try AccessStore.revokeToken(token, of: id, tx)
        }
    }

    /// Closes an account for good.
    func close(_ id: ID<Account>, _ context: Context) async throws {
        try await database.write(context, "accounts.close") { tx in
            try AccountsCommands.insideOnly(try AccountsCommands.others(id, context, tx), context, tx.now)
            try AccountsStore.close(id, tx)
        }
    }

    // MARK: Rules

    /// The account, if it is within the administrator's divisions, active, and not their own.
    private static func others(_ id: ID<Account>, _ context: Context, _ tx: ReadTx) throws -> StaffAccount {
        let divisions = context.actor.scope(for: .accountsManage).divisions
        guard let account = try AccountsStore.find(id, in: divisions, at: context.now, tx), account.isActive else {
            throw LinliError.notFound("accounts.unknown")
        }
        guard id != context.actor.account else {
            throw LinliError.invalid(
                "accounts.own",
                [.init("role", Text("自己的账号要由另一位管理员来改", "Another administrator has to change your own account"))]
            )
        }
        return account
    }

    /// Whoever also works outside the administrator's divisions is not theirs alone.
    private static func insideOnly(_ account: StaffAccount, _ context: Context, _ now: Instant) throws {
        let isInside = account.duties.filter { $0.isHeld(at: now) }
            .allSatisfy { context.actor.may(.accountsManage, in: $0.division) }
        guard isInside else {
            throw LinliError.invalid(
                "accounts.outside",
                [
                    .init(
                        "role",
                        Text("这个人在别处还有职责，请上级管理员来办", "They hold duties elsewhere: ask a wider administrator")
                    )
                ]
            )
        }
    }

    private static func check(_ subject: Grant.Subject, _ context: Context, _ tx: ReadTx) throws {
        switch subject {
        case .division(let code):
            let isInForce = try DivisionsStore.find(code, at: context.now, tx) != nil
            guard isInForce, context.actor.may(.accountsManage, in: code) else {
                throw LinliError.invalid(
                    "accounts.division",
                    [.init("division", Text("请选您管理范围内的区划", "Please choose a division within your own"))]
                )
            }
        case .unit(let id):
            guard let unit = try UnitsStore.find(id, tx), context.actor.may(.accountsManage, in: unit.division) else {
                throw noUnit
            }
        }
    }

    private static let noUnit = LinliError.invalid(
        "accounts.unit",
        [.init("unit", Text("请选您管理范围内的单位", "Please choose a unit within your own divisions"))]
    )
}
