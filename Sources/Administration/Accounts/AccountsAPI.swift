import LinliCore
import LinliKernel

/// Accounts and duties for programs of administrators: what the pages can do, by the same commands.
enum AccountsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/accounts", id: "listAccounts", "Accounts that work within your divisions",
            access: .permission(.accountsManage), query: AccountSchemas.query, body: .nothing,
            reply: AccountSchemas.list, list
        ),
        .api(
            .post, "/api/v1/admin/accounts", id: "createAccount", "Add an account of somebody who works for a unit",
            access: .permission(.accountsManage), body: AccountSchemas.draft, reply: AccountSchemas.account,
            status: 201
        ) { body, request, services in
            let id = try await AccountsCommands(services).create(
                name: body.name, phone: body.phone, unit: body.unit, password: body.password, request.context
            )
            return try await find(id, request, services)
        },
        .api(
            .get, "/api/v1/admin/accounts/:id", id: "getAccount", "One account with its duties, also past ones",
            access: .permission(.accountsManage), body: .nothing, reply: AccountSchemas.account
        ) { _, request, services in
            guard let account = try await find(try request.id(), request, services) else {
                throw LinliError.notFound("accounts.unknown")
            }
            return account
        },
        .api(
            .post, "/api/v1/admin/accounts/:id/grants", id: "grantDuty", "Give a duty",
            access: .permission(.accountsManage), body: AccountSchemas.grant, reply: AccountSchemas.after, status: 201
        ) { body, request, services in
            try await perform(request, services) {
                let subject = try AccountsRoutes.subject(body.role, unit: body.unit, body.division)
                try await $0.grant(
                    body.role, subject, until: try AccountsRoutes.until(body.until), to: $1, request.context
                )
            }
        },
        .api(
            .delete, "/api/v1/admin/accounts/:id/grants/:grant", id: "endDuty", "End a duty",
            access: .permission(.accountsManage), body: .nothing, reply: AccountSchemas.after
        ) { _, request, services in
            let grant: ID<Grant> = try request.id("grant")
            return try await perform(request, services) { try await $0.end(grant, of: $1, request.context) }
        },
        .api(
            .post, "/api/v1/admin/accounts/:id/unlock", id: "unlockAccount",
            "Let somebody who mistyped too often try again", access: .permission(.accountsManage), body: .nothing,
            reply: AccountSchemas.after
        ) { _, request, services in
            try await perform(request, services) { try await $0.unlock($1, request.context) }
        },
        .api(
            .post, "/api/v1/admin/accounts/:id/second-factor/reset", id: "resetSecondFactor",
            "For who lost the phone with the authenticator", access: .permission(.accountsManage), body: .nothing,
            reply: AccountSchemas.after
        ) { _, request, services in
            try await perform(request, services) { try await $0.resetSecondFactor($1, request.context) }
        },
        .api(
            .post, "/api/v1/admin/accounts/:id/setup", id: "makeSetupLink",
            "Make a link by which somebody chooses a password, to be handed to them; shown once",
            access: .permission(.accountsManage), body: .nothing, reply: AccountSchemas.link
        ) { _, request, services in
            // A link that opens an account is not kept for the next time: asked again it is another.
            let context = request.context.unmarked
            return request.origin + (try await AccountsCommands(services).makeSetup(try request.id(), context))
        },
        .api(
            .post, "/api/v1/admin/accounts/:id/close", id: "closeAccount", "Close an account for good",
            access: .permission(.accountsManage), body: .nothing, reply: AccountSchemas.after
        ) { _, request, services in
            try await perform(request, services) { try await $0.close($1, request.context) }
        },
    ]

    private static func list(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> AccountSchemas.Page {
        let divisions = AccountsRoutes.divisions(request)
        let search = AccountsRoutes.search(request.query["q"] ?? "", request.query, services)
        let now = request.context.now
        let found = try await services.database.read { try AccountsStore.find(search, in: divisions, at: now, $0) }
        let page = Array(found.prefix(search.limit))
        return .init(accounts: page, next: found.count > search.limit ? page.last?.id : nil)
    }

    /// The account as this administrator may see it; nil for one that is theirs no more.
    private static func find(
        _ id: ID<Account>, _ request: Request, _ services: Services
    ) async throws -> StaffAccount? {
        let divisions = AccountsRoutes.divisions(request)
        let now = request.context.now
        return try await services.database.read { try AccountsStore.find(id, in: divisions, at: now, $0) }
    }

    /// Runs a command; streams of pages that were open go by the old duties and begin anew.
    private static func perform(
        _ request: Request, _ services: Services, _ command: (AccountsCommands, ID<Account>) async throws -> Void
    ) async throws -> StaffAccount? {
        let id: ID<Account> = try request.id()
        try await command(AccountsCommands(services), id)
        try await services.live.recheck(account: id)
        return try await find(id, request, services)
    }
}

/// The JSON objects of `AccountsAPI`.
enum AccountSchemas {
    /// A page of a list.
    struct Page: Sendable {
        var accounts: [StaffAccount]
        var next: ID<Account>?
    }

    /// A new account.
    struct Draft: Sendable {
        var name: String
        var phone: String
        var unit: ID<Unit>?
        var password: String?
    }

    /// A new duty.
    struct NewGrant: Sendable {
        var role: Role
        var unit: ID<Unit>?
        var division: DivisionCode?
        var until: String?
    }

    static let query = [
        SchemaProperty("q", .text(limit: 40), "A part of the name, or a whole phone number"),
        SchemaProperty("status", .choice(["active", "closed"]), "active by default"),
        SchemaProperty("second", .choice(["missing"]), "Only those without a second factor"),
        SchemaProperty("after", .id, "`next` of the page before"),
    ]

    private static let properties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("name", .text(limit: 40), required: true, "Name"),
        SchemaProperty("phone", .text(limit: 20), required: true, "Masked phone number"),
        SchemaProperty("unit", .text(limit: 80), required: true, "Name of the unit they work for; may be empty"),
        SchemaProperty("active", .flag, required: true, "false once it was closed"),
        SchemaProperty("secondFactor", .flag, required: true, "Whether a second factor is set up"),
        SchemaProperty("lockedUntil", .moment, "Until when signing in is locked"),
        SchemaProperty("lastSeen", .moment, "When a device was last used to sign in"),
        SchemaProperty(
            "duties",
            .list(
                .object([
                    SchemaProperty("id", .id, required: true, "Identifier, for endDuty"),
                    SchemaProperty("role", .text(limit: 40), required: true, "Role"),
                    SchemaProperty("division", .text(limit: 15), "Over which division"),
                    SchemaProperty("unit", .id, "In which unit"),
                    SchemaProperty("from", .moment, required: true, "Since when"),
                    SchemaProperty("until", .moment, "When it ends or ended"),
                ]),
                limit: 1000
            ),
            required: true, "Duties, the oldest first"
        ),
    ]

    static let list = Schema<Page>(
        "AccountList",
        [
            SchemaProperty("accounts", .list(.object(properties), limit: 50), required: true, "Accounts"),
            SchemaProperty("next", .id, "`after` of the next page; missing on the last one"),
        ],
        decode: { _ in Page(accounts: []) },
        encode: { page in
            var json: [String: JSONValue] = ["accounts": .array(page.accounts.map { .object(object($0)) })]
            json["next"] = page.next.map { .text("\($0)") }
            return json
        }
    )

    static let account = Schema<StaffAccount?>(
        "StaffAccount", properties, decode: { _ in nil }, encode: { $0.map(object) ?? [:] }
    )

    /// The same after a change, with which somebody may have become another administrator's.
    static let after = Schema<StaffAccount?>(
        "StaffAccountAfterChange", properties.map { SchemaProperty($0.name, $0.kind, $0.meaning) },
        decode: { _ in nil }, encode: { $0.map(object) ?? [:] }
    )

    private static func object(_ account: StaffAccount) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(account.id)"), "name": .text(account.name), "phone": .text(account.phoneMask),
            "unit": .text(account.unitName.zh), "active": .flag(account.isActive),
            "secondFactor": .flag(account.hasSecondFactor), "duties": .array(account.duties.map(duty)),
        ]
        if account.lockedUntil.milliseconds > 0 { json["lockedUntil"] = .text(account.lockedUntil.iso8601) }
        json["lastSeen"] = account.lastSeen.map { .text($0.iso8601) }
        return json
    }

    private static func duty(_ duty: StaffDuty) -> JSONValue {
        var json: [String: JSONValue] = [
            "id": .text("\(duty.id)"), "role": .text(duty.role), "from": .text(duty.from.iso8601),
        ]
        switch duty.subject {
        case .division(let code): json["division"] = .text("\(code)")
        case .unit(let id): json["unit"] = .text("\(id)")
        }
        json["until"] = duty.until.map { .text($0.iso8601) }
        return .object(json)
    }

    static let draft = Schema<Draft>(
        "AccountDraft",
        [
            SchemaProperty("name", .text(limit: 40), required: true, "Name"),
            SchemaProperty("phone", .text(limit: 20), required: true, "Mobile number, 11 digits"),
            SchemaProperty("unit", .id, required: true, "The unit they work for"),
            SchemaProperty("password", .text(limit: 100), "An initial password; without it they sign in by code"),
        ],
        decode: { json in
            let password = json.text("password")
            return Draft(
                name: json.text("name").trimmed, phone: json.text("phone"), unit: json.id("unit"),
                password: password.isEmpty ? nil : password
            )
        },
        encode: { _ in [:] }
    )

    static let grant = Schema<NewGrant>(
        "DutyDraft",
        [
            SchemaProperty("role", .choice(Role.all.map(\.id)), required: true, "Role"),
            SchemaProperty("division", .shaped(.division), "Over which division; for every role but unitHandler"),
            SchemaProperty("unit", .id, "In which unit; for unitHandler"),
            SchemaProperty("until", .shaped(.day), "The last day; without it the duty has no end"),
        ],
        decode: { json in
            guard let role = Role.named(json.text("role")) else {
                throw LinliError.invalid("accounts.role", [.init("role", Text("请选职责", "Please choose a duty"))])
            }
            let until = json.text("until")
            return NewGrant(
                role: role, unit: json.id("unit"), division: DivisionCode(json.text("division")),
                until: until.isEmpty ? nil : until
            )
        },
        encode: { _ in [:] }
    )

    static let link = Schema<String>(
        "SetupLink", [SchemaProperty("link", .text(limit: 400), required: true, "Hand it to them; shown once")],
        decode: { $0.text("link") }, encode: { ["link": .text($0)] }
    )
}
