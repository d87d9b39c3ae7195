import LinliCore
import LinliSQL
import LinliStandards
import Logging

/// Everything a feature's handlers work with, put together once at the start.
package final class Services: Sendable {
    /// The store.
    package let database: Database
    /// Signing in.
    package let signIn: SignIn
    /// Hashing of passwords.
    package let passwords: Passwords
    /// Reads of cases.
    package let queries: CaseQueries
    /// Writes of cases.
    package let commands: CaseCommands
    /// Photos and documents.
    package let files: FileStore
    /// Words in screenshots.
    package let reader: any PictureReader
    /// Streams to browsers.
    package let live: LiveHub
    /// Names of divisions.
    package let divisions: DivisionNames
    /// Working days.
    package let days: WorkingDays
    /// Categories of needs.
    package let catalogue: EventCatalogue
    /// Rules and duties of dispatch.
    package let book: DispatchBook
    /// What the words of a need suggest.
    package let suggestions: Suggestions
    /// Everything that was declared.
    package let features: Catalogue
    /// What maps show below the grids.
    package let baseMap: BaseMap
    /// What the deployment decided about its registers.
    package let registers: RegisterSettings
    /// What may lie on a phone, and for how long.
    package let offline: OfflineSettings

    /// The services of one node.
    package init(
        database: Database,
        signIn: SignIn,
        passwords: Passwords,
        queries: CaseQueries,
        commands: CaseCommands,
        files: FileStore,
        reader: any PictureReader = NoPictureReader(),
        live: LiveHub,
        divisions: DivisionNames,
        days: WorkingDays,
        catalogue: EventCatalogue,
        book: DispatchBook,
        suggestions: Suggestions,
        features: Catalogue,
        baseMap: BaseMap,
        registers: RegisterSettings = RegisterSettings(),
        offline: OfflineSettings = OfflineSettings()
    ) {
        self.database = database
        self.signIn = signIn
        self.passwords = passwords
        self.queries = queries
        self.commands = commands
        self.files = files
        self.reader = reader
        self.live = live
        self.divisions = divisions
        self.days = days
        self.catalogue = catalogue
        self.book = book
        self.suggestions = suggestions
        self.features = features
        self.baseMap = baseMap
        self.registers = registers
        self.offline = offline
    }
}

extension Services {
    /// What people ask about their own data.
    package var dataRequests: DataRequests { DataRequests(database, days, registers, registerParts) }

    /// What hangs on entries of the registers besides the registers themselves.
    package var registerParts: RegisterParts {
        RegisterParts(
            households: HouseholdRows.ofVisits + HouseholdRows.ofWarnings, rows: features.registerRows,
            words: [.ofVisits, .ofWarnings])
    }

    /// Puts the services together over an open, migrated store: photos lie in `filesFolder`; `wakeOutbox` is signalled
    /// after a commit with events, `wakeLive` when there are new live events.
    package static func assemble(
        _ features: Catalogue,
        engine: any Engine,
        keys: KeyRing,
        ids: IDGenerator,
        clock: WallClock,
        settings: CaseSettings = CaseSettings(),
        hours: DutyHours = .office,
        baseMap: BaseMap = .none,
        registers: RegisterSettings = RegisterSettings(),
        offline: OfflineSettings = OfflineSettings(),
        filesFolder: String,
        messenger: any Messenger,
        processor: any ImageProcessor,
        reader: any PictureReader = NoPictureReader(),
        wakeOutbox: Wake = Wake(),
        wakeLive: Wake = Wake(),
        logger: Logger
    ) throws -> Services {
        let days = try WorkingDays(hours: hours)
        let types = try CaseTypes(yaml: features.features.flatMap(\.caseTypes))
        let database = Database(
            engine: engine,
            keys: keys,
            ids: ids,
            clock: clock,
            subscriptions: Subscriptions(features.subscribers + own(messenger, days, types, settings)),
            afterEvents: { wakeOutbox.signal() }
        )
        let passwords = Passwords()
        let queries = CaseQueries(database, types: types, settings: settings)
        let catalogue = try EventCatalogue.shared()
        let book = try DispatchBook(catalogue)
        return Services(
            database: database,
            signIn: SignIn(database, passwords: passwords, messenger: messenger),
            passwords: passwords,
            queries: queries,
            commands: CaseCommands(
                database, queries: queries, numbers: CaseNumbers(database), catalogue: catalogue, days: days, book: book
            ),
            files: FileStore(folder: filesFolder, processor: processor),
            reader: reader,
            live: LiveHub(database, wake: wakeLive, logger: logger) { sessions in
                try await database.read { try AccessStore.standings(sessions, at: clock.now, $0) }
            },
            divisions: DivisionNames(),
            days: days,
            catalogue: catalogue,
            book: book,
            suggestions: Suggestions(database, catalogue: catalogue, settings: settings),
            features: features,
            baseMap: baseMap,
            registers: registers,
            offline: offline
        )
    }

    /// What the kernel itself listens to events for.
    private static func own(
        _ messenger: any Messenger, _ days: WorkingDays, _ types: CaseTypes, _ settings: CaseSettings
    ) -> [Subscriber] {
        [
            .urgentMessages(messenger), .whistleMessages(messenger, days), .visitMessages(messenger),
            .visitorMessages(messenger),
            .reporterMessages(messenger, types, origin: settings.origin),
            .visitDebts(settings.visitDays), .warnings(settings.warningNumbers),
        ]
    }
}

extension Subscriber {
    /// The kernel's subscribers.
    static let kernel: [Subscriber] = [
        .live(kinds: ["case.changed", "case.noted", "case.moved"]), .caseCounts, .caseLearning, .rateMonths,
        .registerCounts, .labels, .heardByNeeds,
    ]
}

extension JobKind {
    /// The kernel's jobs that need nothing but the store; those of cases are added when the services exist.
    static let kernel: [JobKind] = [
        .liveRetention, .eventRetention, .messageRetention, .sessionRetention, .gridMoves, .gridFollow,
        .registerImport, .registerUndo, .labels,
    ]

    /// Sessions and codes that are over are forgotten.
    static let sessionRetention = JobKind("access.retention", everySeconds: 600) { run in
        try await run.database.system(.background) { tx in
            try tx.execute("DELETE FROM session WHERE expires_at < \(tx.now)")
            try tx.execute("DELETE FROM login_code WHERE expires_at < \(tx.now.adding(hours: -1))")
            try tx.execute("DELETE FROM kept_form WHERE at < \(tx.now.adding(minutes: -KeptForms.minutes))")
            try tx.execute("DELETE FROM sheet_draft WHERE at < \(tx.now.adding(hours: -SheetDrafts.hours))")
            try tx.execute("DELETE FROM idempotency WHERE at < \(tx.now.adding(days: -30))")
        }
    }
}
