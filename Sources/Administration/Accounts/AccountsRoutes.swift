import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// The pages of accounts and duties.
enum AccountsRoutes {
    static let all: [Route] = [
        .get("/admin/accounts", access: .permission(.accountsManage), list),
        .get("/admin/accounts/new", access: .permission(.accountsManage), newForm),
        .post("/admin/accounts/new", access: .permission(.accountsManage), create),
        .get("/admin/accounts/:id", access: .permission(.accountsManage), show),
        .post("/admin/accounts/:id/grants", access: .permission(.accountsManage), grant),
        .post("/admin/accounts/:id/grants/:grant/end", access: .permission(.accountsManage), endGrant),
        .post("/admin/accounts/:id/unlock", access: .permission(.accountsManage), unlock),
        .post("/admin/accounts/:id/setup", access: .permission(.accountsManage), makeSetup),
        .post("/admin/accounts/:id/second-factor/reset", access: .permission(.accountsManage), resetSecondFactor),
        .post("/admin/accounts/:id/tokens/:token/end", access: .permission(.accountsManage), endToken),
        .post("/admin/accounts/:id/close", access: .permission(.accountsManage), close),
    ]

    static func divisions(_ request: Request) -> [DivisionCode] {
        request.context.actor.scope(for: .accountsManage).divisions
    }

    // MARK: List

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let divisions = divisions(request)
        let now = request.context.now
        let words = String((request.query["q"] ?? "").prefix(40))
        let wanted = search(words, request.query, services)
        let (accounts, totals) = try await services.database.read { tx in
            let accounts = try AccountsStore.find(wanted, in: divisions, at: now, tx)
            return (accounts, try AccountsStore.totals(in: divisions, at: now, tx))
        }
        let page = AccountsListPage(
            accounts: Array(accounts.prefix(wanted.limit)),
            hasMore: accounts.count > wanted.limit,
            totals: totals,
            words: words,
            isClosed: wanted.isClosed,
            lacksSecondFactor: wanted.lacksSecondFactor,
            wanted: WantedDuty(request.query),
            done: request.query["done"],
            now: now,
            names: services.divisions
        )
        return .page(page.page)
    }

    /// What a list is asked for: a whole phone number is compared by its keyed hash, anything else is a part of a name.
    static func search(_ words: String, _ query: Form, _ services: Services) -> AccountsStore.Search {
        var search = AccountsStore.Search()
        search.isClosed = query["status"] == "closed"
        search.lacksSecondFactor = query["second"] == "missing"
        search.after = query.id("after")
        if let phone = PhoneNumber(words), phone.kind == .mobile {
            search.phoneIndex = services.database.keys.index(phone.number, kind: "phone")
        } else if !words.isEmpty {
            search.name = words
        }
        return search
    }

    // MARK: New account

    private static func newForm(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await newPage(request, services, error: nil).page)
    }

    private static func newPage(
        _ request: Request, _ services: Services, error: LinliError?
    ) async throws -> NewAccountPage {
        let divisions = divisions(request)
        let units = try await services.database.read { tx in
            try divisions.flatMap { try UnitsStore.list(in: $0, tx) }
        }
        return NewAccountPage(
            units: units, wanted: wanted(request), form: request.form, formToken: request.formToken, error: error)
    }

    /// The duty somebody is looked for, as the address says it, or the form that came of that.
    private static func wanted(_ request: Request) -> WantedDuty? {
        WantedDuty(request.method == .post ? request.form : request.query)
    }

    private static func create(_ request: Request, _ services: Services) async throws -> Reply {
        let form = request.form
        do {
            let id = try await AccountsCommands(services).create(
                name: form["name"] ?? "",
                phone: form["phone"] ?? "",
                unit: form.id("unit"),
                password: form["password"],
                request.context
            )
            return .redirect(wanted(request).kept(in: "/admin/accounts/\(id)", [("done", "created")]))
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await newPage(request, services, error: error).page, status: status)
        }
    }

    // MARK: One account

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await accountPage(request, services, error: nil).page)
    }

    private static func accountPage(
        _ request: Request, _ services: Services, setupLink: String? = nil, error: LinliError?
    ) async throws -> AccountPage {
        let id: ID<Account> = try request.id()
        let divisions = divisions(request)
        let now = request.context.now
        let (account, areas, units, tokens) = try await services.database.read {
            tx -> (StaffAccount, [DivisionCode], [UnitSummary], [TokenSummary]) in
            guard let account = try AccountsStore.find(id, in: divisions, at: now, tx) else {
                throw LinliError.notFound("accounts.unknown")
            }
            let units = try divisions.flatMap { try UnitsStore.list(in: $0, tx) }
            let tokens = try AccessStore.tokens(of: id, at: now, tx)
            return (account, try DivisionChoices.within(divisions, at: now, tx), units, tokens)
        }
        let actor = request.context.actor
        // Who came from where a duty is missing finds it filled in.
        let form =
            request.method == .post ? request.form : Form(WantedDuty(request.query)?.fields ?? [])
        let ofMine = account.duties.filter { actor.may(.accountsManage, in: $0.division) }
        return AccountPage(
            account: account,
            divisions: areas,
            units: units,
            tokens: tokens,
            mayEnd: Set(ofMine.map(\.id)),
            isOwn: id == actor.account,
            form: form,
            done: request.query["done"],
            setupLink: setupLink,
            error: error,
            formToken: request.formToken,
            now: now,
            names: services.divisions
        )
    }

    /// Shows the link on the page itself: an address with it would stay in the browser's history.
    private static func makeSetup(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let path = try await AccountsCommands(services).makeSetup(try request.id(), request.context)
            return .page(try await accountPage(request, services, setupLink: request.origin + path, error: nil).page)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await accountPage(request, services, error: error).page, status: status)
        }
    }

    private static func grant(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Account> = try request.id()
        let form = request.form
        return try await perform("granted", id, request, services) { commands in
            guard let role = form["role"].flatMap({ Role.named($0) }) else {
                throw LinliError.invalid("accounts.role", [.init("role", Text("请选职责", "Please choose a duty"))])
            }
            let subject = try subject(role, unit: form.id("unit"), form["division"].flatMap { DivisionCode($0) })
            try await commands.grant(role, subject, until: try until(form["until"]), to: id, request.context)
        }
    }

    /// What a role is held over.
    static func subject(_ role: Role, unit: ID<Unit>?, _ division: DivisionCode?) throws -> Grant.Subject {
        if DutyRules.isOfUnit(role) {
            guard let unit else {
                throw LinliError.invalid("accounts.unit", [.init("unit", Text("请选单位", "Please choose a unit"))])
            }
            return .unit(unit)
        }
        guard let division else {
            throw LinliError.invalid(
                "accounts.division",
                [.init("division", Text("请选区划，或填它的代码", "Please choose a division or type its code"))]
            )
        }
        return .division(division)
    }

    /// The end of the last day; nil for a duty without an end.
    static func until(_ text: String?) throws -> Instant? {
        guard let text else { return nil }
        guard let date = CivilDate(text) else {
            throw LinliError.invalid("accounts.until", [.init("until", Text("日期不对", "That is not a date"))])
        }
        return Instant(date.adding(days: 1))
    }

    private static func endGrant(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Account> = try request.id()
        let grant: ID<Grant> = try request.id("grant")
        return try await perform("ended", id, request, services) { try await $0.end(grant, of: id, request.context) }
    }

    private static func unlock(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Account> = try request.id()
        return try await perform("unlocked", id, request, services) { try await $0.unlock(id, request.context) }
    }

    private static func resetSecondFactor(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Account> = try request.id()
        return try await perform("reset", id, request, services) {
            try await $0.resetSecondFactor(id, request.context)
        }
    }

    private static func endToken(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Account> = try request.id()
        let token: ID<AccessToken> = try request.id("token")
        return try await perform("token", id, request, services) {
            try await $0.endToken(token, of: id, request.context)
        }
    }

    private static func close(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Account> = try request.id()
        return try await perform("closed", id, request, services) { try await $0.close(id, request.context) }
    }

    /// Whoever lost their last duty here may belong to another administrator now.
    private static func isMine(_ id: ID<Account>, _ request: Request, _ services: Services) async throws -> Bool {
        let divisions = divisions(request)
        let now = request.context.now
        return try await services.database.read { try AccountsStore.find(id, in: divisions, at: now, $0) != nil }
    }

    /// Runs a command and shows the account again; streams of pages that were open go by the old duties and
    /// begin anew.
    private static func perform(
        _ done: String,
        _ id: ID<Account>,
        _ request: Request,
        _ services: Services,
        _ command: (AccountsCommands) async throws -> Void
    ) async throws -> Reply {
        do {
            try await command(AccountsCommands(services))
            try await services.live.recheck(account: id)
            let page = try await isMine(id, request, services) ? "/admin/accounts/\(id)" : "/admin/accounts"
            return .redirect("\(page)?done=\(done)")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await accountPage(request, services, error: error).page, status: status)
        }
    }
}
