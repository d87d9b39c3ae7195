import LinliCore
import LinliKernel
import LinliSQL

/// What the home page shows, read on one view of the store.
struct HomeModel: Sendable {
    /// The grid worker of where somebody lives.
    struct Worker: Sendable {
        var name: String
        var grid: DivisionCode
        var isOnDuty: Bool
    }

    /// The community it speaks for; nil before any was set up.
    var community: DivisionCode?
    var committee: UnitSummary?
    /// Who manages the reporter's building, or the only property company of the community.
    var manager: UnitSummary?
    /// Who of the committee is on duty now.
    var onDuty: String?
    var worker: Worker?
    /// The newest two.
    var cases: [MyCase] = []
    var account: AccountSummary?
    var now: Instant

    /// Whether the account has duties at the desk of cases, and in a grid.
    var hasDesk: Bool {
        account?.grants.contains { $0.role != Role.gridWorker.id && $0.permissions.contains(.casesRead) } ?? false
    }
    var hasGrid: Bool { account?.grants.contains { $0.role == Role.gridWorker.id } ?? false }
    /// Whether the account looks after accounts, or reads the audit.
    var hasAccounts: Bool { account?.actor.may(.accountsManage) ?? false }
    var hasAudit: Bool { account?.actor.may(.auditRead) ?? false }
}

/// Every SQL text of the home page.
enum HomeStore {
    /// Everything for one reader. At most eight short statements: the page is what most people open.
    static func load(
        _ account: AccountSummary?, _ queries: CaseQueries, at now: Instant, _ tx: ReadTx
    ) throws -> HomeModel {
        var model = HomeModel(account: account, now: now)
        let division = try LocalCommunity.of(account) ?? LocalCommunity.first(tx)
        model.community = division?.ancestor(at: .community)
        if let community = model.community {
            model.committee = try UnitsStore.first([.committee, .village], of: community, tx)
            model.manager = try account?.place.flatMap { try manager(of: $0, tx) } ?? onlyCompany(of: community, tx)
        }
        let shift = try model.committee.map { try onDuty($0.id, at: now, tx) } ?? []
        model.onDuty = shift.first?.name
        if let grid = account?.division, grid.level == .grid,
            let worker = try AccessStore.holder(of: .gridWorker, over: grid, at: now, tx)
        {
            let isOnDuty = shift.contains { $0.account == worker.id }
            model.worker = HomeModel.Worker(name: worker.name, grid: grid, isOnDuty: isOnDuty)
        }
        if let account { model.cases = try queries.mine(.all, of: account.id, limit: 2, tx) }
        return model
    }

    /// Who manages a building: its own manager, or that of the estate it stands in.
    private static func manager(of place: ID<Place>, _ tx: ReadTx) throws -> UnitSummary? {
        try tx.first(
            """
            SELECT \(UnitSummary.columns) FROM place p
            LEFT JOIN place q ON q.id = p.parent_id LEFT JOIN place r ON r.id = q.parent_id
            JOIN unit u ON u.id = coalesce(p.manager_id, q.manager_id, r.manager_id)
            WHERE p.id = \(place)
            """
        ) { try UnitSummary($0) }
    }

    /// The property company of a community that has just one: with several, a visitor's would be a guess.
    private static func onlyCompany(of community: DivisionCode, _ tx: ReadTx) throws -> UnitSummary? {
        let found = try tx.all(
            """
            SELECT \(UnitSummary.columns) FROM unit u WHERE u.division = \(community) AND u.kind = 'property'
            ORDER BY u.id LIMIT 2
            """
        ) { try UnitSummary($0) }
        return found.count == 1 ? found.first : nil
    }

    /// Who of a unit is on duty now, the latest shift first. In the order of the index, and sorted here: a store makes a
    /// table of its own to sort the two or three who are.
    private static func onDuty(
        _ unit: ID<Unit>, at now: Instant, _ tx: ReadTx
    ) throws -> [(account: ID<Account>, name: String)] {
        try tx.all(
            """
            SELECT d.account_id, a.name, d.starts_at FROM duty_shift d JOIN account a ON a.id = d.account_id
            WHERE d.unit_id = \(unit) AND d.starts_at <= \(now) AND d.ends_at > \(now)
            ORDER BY d.ends_at, d.id LIMIT 50
            """
        ) { (account: try $0[0], name: try $0[1], since: try $0[2] as Instant) }
        .sorted { $0.since > $1.since }
        .map { ($0.account, $0.name) }
    }
}
