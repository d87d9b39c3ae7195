import Administration
import CommunityManagement
import Foundation
import LinliChannels
import LinliCore
import LinliKernel
import LinliPostgres
import LinliSQL
import LinliSQLite
import LinliStandards
import LinliWeb
import Logging
import ServiceLifecycle
import UnixSignals

/// Everything put together, top to bottom: the one place that knows all parts.
struct Node: Sendable {
    let plan: Plan
    let services: Services
    let dispatcher: Dispatcher
    let jobs: JobRunner
    let sealer: AuditSealer
    let lease: NodeLease
    /// How nodes on one PostgreSQL wake each other; nil for a node alone.
    let channel: ListenChannel?
    let logger: Logger

    /// Opens the store, brings it up to date and puts the services together.
    static func open(_ plan: Plan, clock: WallClock = .system) async throws -> Node {
        var logger = Logger(label: "linli") { LogLines(label: $0) }
        logger.logLevel = plan.logLevel
        let features = try Catalogue(Feature.communityManagement + Feature.administration)
        let engine = try await openEngine(plan)
        let keys = try await openSchema(plan, Migrator(features.migrations), engine)
        let ids = IDGenerator(node: nil, clock: clock)
        // A lease is kept by sleeping, so it counts the machine's seconds, however fast the clock of a storm runs.
        let lease = NodeLease(engine, ids: ids, clock: .system)
        let (wakeOutbox, wakeJobs, wakeLive) = (Wake(), Wake(), Wake())
        let services = try Services.assemble(
            features,
            engine: engine,
            keys: keys,
            ids: ids, clock: clock,
            settings: plan.cases,
            hours: plan.hours,
            baseMap: try baseMap(plan),
            registers: plan.registers, offline: plan.offline,
            filesFolder: plan.data + "/files",
            messenger: LogMessenger(logger, showsText: plan.isDemo),
            processor: VipsProcessor(),
            reader: TesseractReader(),
            wakeOutbox: wakeOutbox,
            wakeLive: wakeLive,
            logger: logger
        )
        try await lease.take()
        let database = services.database
        let channel = try openChannel(plan) {
            wakeLive.signal()
            wakeOutbox.signal()
        }
        try await load(services, logger)
        return Node(
            plan: plan,
            services: services,
            dispatcher: Dispatcher(database, wake: wakeOutbox, logger: logger) { _ in
                wakeLive.signal()
                channel?.notify("")
            },
            jobs: JobRunner(
                database,
                kinds: features.jobs + JobKind.cases(services.commands)
                    + JobKind.registers(services.registers, services.registerParts) + JobKind.offline(services.offline)
                    + JobKind.files(services.files)
                    + [.dataRequestClocks(services.registers, services.days)],
                wake: wakeJobs, logger: logger
            ),
            sealer: AuditSealer(database),
            lease: lease,
            channel: channel,
            logger: logger
        )
    }

    /// Reads what a node keeps in memory: divisions, holidays, case types, rules.
    private static func load(_ services: Services, _ logger: Logger) async throws {
        let database = services.database
        try await StoreCopies.proveKeys(database)
        // The districts and streets that this version knows: a neighbourhood begins with them, demo or not.
        _ = try await DivisionImport.ship(database, .system("divisions", now: database.clock.now))
        try await services.divisions.load(database)
        try await services.days.load(database)
        for type in try await services.queries.types.remember(database) {
            logger.warning("case type \(type) is shipped with another text under the same number: the first one counts")
        }
        try await services.queries.types.load(database)
        try await services.book.load(database)
    }

    /// Brings the schema up to date and reads the keys. The first key is made before the first step of the schema: a
    /// store without its key would be refused for ever.
    private static func openSchema(
        _ plan: Plan, _ migrator: Migrator, _ engine: any Engine
    ) async throws -> KeyRing {
        let isNew = try await !migrator.hasBegun(engine)
        if isNew, plan.purpose == .existing {
            await engine.close()
            throw Refusal("the database is empty: check --database, or make a store with `linli migrate`")
        }
        let keys = try MasterKey.load(plan.keyFile, mayCreate: isNew)
        _ = try await migrator.migrate(engine)
        return keys
    }

    private static func baseMap(_ plan: Plan) throws -> BaseMap {
        guard let path = plan.tilesFile else { return plan.baseMap ?? .none }
        let file = try MBTiles(path: path)
        let credit = plan.tilesAttribution.isEmpty ? file.attribution : plan.tilesAttribution
        return .file(attribution: credit) { try file.tile(zoom: $0, column: $1, row: $2) }
    }

    private static func openChannel(_ plan: Plan, _ wake: @escaping @Sendable () -> Void) throws -> ListenChannel? {
        guard case .postgres(let url) = plan.store else { return nil }
        return try ListenChannel(url: url, channel: "linli") { _ in wake() }
    }

    /// Opens the store alone, as it is.
    static func openEngine(_ plan: Plan) async throws -> any Engine {
        switch plan.store {
        case .sqlite(let path): try SQLiteEngine(path: path)
        case .postgres(let url): try await PostgresEngine(url: url, connections: plan.connections)
        }
    }

    /// Gives back what was leased and closes the store.
    func close() async {
        await channel?.close()
        await lease.release()
        await services.database.engine.close()
    }

    /// Serves until SIGTERM or SIGINT: everything that runs, as one group that stops gracefully.
    func serve(onStart: @escaping @Sendable (Int) -> Void) async throws {
        try await jobs.enrol()
        // A setting that was changed is told the months before anything is counted by it.
        try await services.commands.keepCutoff(.system("rates.cutoff", now: services.database.clock.now))
        let server = Server(services, settings: plan.web, logger: logger, onStart: onStart)
        let refresher = Refresher(services, logger: logger)
        let loops: [any Service] = [
            Loop { await lease.keep() },
            Loop { await dispatcher.run() },
            Loop { await jobs.run() },
            Loop { await services.live.run() },
            Loop { await refresher.run() },
            Loop { await services.suggestions.keep(logger) },
            Loop { await seal() },
        ]
        // A service that ends would end the group: without a folder there is none.
        let roots: [any Service] = plan.auditRoots.map { roots in [Loop { await layDown(roots) }] } ?? []
        var configuration = ServiceGroupConfiguration(
            services: (loops + roots + [server.application()]).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        configuration.maximumCancellationDuration = .seconds(1)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// The audit's root of each day, to the folder that was named; a folder that is away is tried again.
    private func layDown(_ roots: AuditRoots) async {
        while !Task.isCancelled {
            do {
                _ = try await roots.publish(services.database, at: services.database.clock.now)
            } catch {
                logger.error("audit.roots", metadata: ["error": "\(error)"])
            }
            // Cancelled while sleeping: the loop's condition ends it.
            try? await Task.sleep(for: .seconds(600))
        }
    }

    private func seal() async {
        while !Task.isCancelled {
            do {
                try await sealer.seal()
            } catch {
                logger.error("audit.seal", metadata: ["error": "\(error)"])
            }
            // Cancelled while sleeping: the loop's condition ends it.
            try? await Task.sleep(for: .seconds(1))
        }
    }
}

/// Something that runs until the group stops.
private struct Loop: Service {
    let body: @Sendable () async -> Void

    init(_ body: @escaping @Sendable () async -> Void) {
        self.body = body
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await body() }
    }
}
