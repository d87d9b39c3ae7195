import Administration
import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import Logging
import Synchronization

/// A whole house over one store, with a clock the test moves and the demo community in it.
package struct House: Sendable {
    /// What features work with.
    package let services: Services
    /// What stands still until the test moves it.
    package let clock: TestClock
    /// Messages that would have been sent.
    package let messages: RecordingMessenger
    /// What would be logged: only what must never happen is.
    package let logger: Logger
    private let dispatcher: Dispatcher
    private let sealer: AuditSealer

    /// The moment every house begins at: a Sunday morning in November 2026.
    package static let start = Instant(CivilDate(daysSinceEpoch: 20_779), hour: 10)

    /// The features of a whole deployment.
    package static let features = Feature.communityManagement + Feature.administration
    /// Where files lie.
    package let folder: String

    init(
        _ engine: any Engine, folder: String, node: Int, _ settings: CaseSettings,
        registers: RegisterSettings = RegisterSettings(), offline: OfflineSettings = OfflineSettings(),
        features: [Feature] = House.features, isTemplate: Bool = false
    ) async throws {
        let clock = TestClock(House.start)
        // A clock that stands still gives all identifiers of a template one moment, and what does not fit into it borrows from
        // the next: those of a test come after them.
        let issuing = isTemplate ? WallClock { clock.clock.now.adding(seconds: -60) } : clock.clock
        let messages = RecordingMessenger()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        self.folder = folder
        services = try Services.assemble(
            try Catalogue(features),
            engine: engine,
            keys: try KeyRing(masters: [[UInt8](repeating: 7, count: 32)]),
            ids: IDGenerator(node: node, clock: issuing),
            clock: clock.clock,
            settings: settings,
            registers: registers,
            offline: offline,
            filesFolder: folder + "/files",
            messenger: messages,
            processor: PlainProcessor(),
            reader: PlainReader(),
            logger: logger
        )
        self.clock = clock
        self.messages = messages
        dispatcher = Dispatcher(services.database, wake: Wake(), logger: logger)
        sealer = AuditSealer(services.database)
    }

    /// Delivers every event that is due.
    package func deliver() async {
        while await dispatcher.round() > 0 {}
    }

    /// Runs a job of cases once, at this moment.
    package func run(job id: String) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let run = JobRun(
            database: services.database, payload: "", context: .system(id, now: clock.clock.now), logger: logger
        )
        let kinds =
            JobKind.cases(services.commands) + JobKind.registers(services.registers, services.registerParts)
            + JobKind.offline(services.offline) + JobKind.files(services.files)
            + [.dataRequestClocks(services.registers, services.days)]
        for kind in kinds where kind.id == id { try await kind.run(run) }
    }

    /// Seals the audit and verifies it.
    package func verifiedAudit() async throws -> AuditSealer.Verdict {
        while try await sealer.seal() > 0 {}
        return try await sealer.verify()
    }

    /// The context of a demo person, found by the phone number of their login.
    package func context(_ phone: String, language: Language = .zh) async throws -> Context {
        let now = clock.clock.now
        let keys = services.database.keys
        let account = try await services.database.read { tx -> AccountSummary? in
            guard let id = try AccessStore.find(phone: phone, keys: keys, tx) else { return nil }
            return try AccessStore.account(id, at: now, tx)
        }
        guard let account else { throw LinliError.notFound("test.person") }
        return Context(actor: account.actor, now: now, language: language, requestID: "test")
    }
}

extension House {
    /// A stored photo of its own.
    package func photo(_ context: Context, saying words: String = "picture") async throws -> ID<StoredFile> {
        let picture = folder + "/" + randomToken()
        let content = [0xFF, 0xD8, 0xFF, 0xE0] + Array(words.utf8)
        try Data(content).write(to: URL(fileURLWithPath: picture))
        let upload = Upload(field: "photos", filename: "a.jpg", path: picture, size: content.count)
        let kept = try await services.files.keep([upload], services.database, context)
        guard let file = kept.first else { throw LinliError.notFound("test.photo") }
        return file
    }
}

/// A clock that stands still.
package final class TestClock: Sendable {
    private let moment: Mutex<Instant>

    init(_ start: Instant) {
        moment = Mutex(start)
    }

    /// The clock to give away.
    package var clock: WallClock { WallClock { self.moment.withLock { $0 } } }

    /// Lets time pass.
    package func advance(minutes: Int) {
        moment.withLock { $0 = $0.adding(minutes: minutes) }
    }

    /// Stands at another moment from now on.
    package func set(_ instant: Instant) {
        moment.withLock { $0 = instant }
    }
}

/// Keeps messages in place of sending them.
package final class RecordingMessenger: Messenger {
    private let sent = Mutex<[(phone: String, text: Text)]>([])
    private let handed = Mutex<[MessageKey]>([])
    private let taken = Mutex<Set<MessageKey>>([])
    private let trouble = Mutex<(@Sendable (String, Int) -> Trouble?)?>(nil)

    /// What goes wrong with a message.
    package enum Trouble: Sendable {
        /// It goes out, and the program learns nothing of it, as when it is ended in that moment.
        case unheard
        /// It does not go out.
        case refused
    }

    private struct Failed: Error {}

    package func send(_ text: Text, to phone: String, key: MessageKey) async throws {
        let count = handed.withLock { keys in
            keys.append(key)
            return keys.count
        }
        let failing = trouble.withLock { $0 }
        let wrong = failing?(phone, count)
        if wrong == .refused { throw Failed() }
        // A gateway that knows keys: the same message goes out once.
        let isNew = taken.withLock { $0.insert(key).inserted }
        if isNew { sent.withLock { $0.append((phone, text)) } }
        if wrong == .unheard { throw Failed() }
    }

    /// Says what goes wrong with the message to a phone that is handed over as the n-th; nil for nothing.
    package func fail(_ trouble: (@Sendable (String, Int) -> Trouble?)?) {
        self.trouble.withLock { $0 = trouble }
    }

    /// The keys of everything that was handed over, also of what was handed over twice.
    package var keys: [MessageKey] { handed.withLock { $0 } }

    /// Everything sent so far.
    package var all: [(phone: String, text: Text)] { sent.withLock { $0 } }
}

/// Copies pictures as they are: the real processor has its own test.
struct PlainProcessor: ImageProcessor {
    func process(_ input: String, output: String, thumbnail: String) async throws -> ImageSize {
        try FileManager.default.copyItem(atPath: input, toPath: output)
        try FileManager.default.copyItem(atPath: input, toPath: thumbnail)
        return ImageSize(width: 8, height: 8)
    }
}

/// Reads pictures of tests, which have their words behind the mark of a photo, a line each: left, top, width, height and
/// what it says. The real reader has its own test.
struct PlainReader: PictureReader {
    func isReady() async -> Bool { true }

    func lines(of path: String) async -> [PictureLine]? {
        // A file that cannot be read has no words.
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return nil }
        return String(decoding: data.dropFirst(4), as: UTF8.self).split(separator: "\n").compactMap { row in
            let cells = row.split(separator: " ", maxSplits: 4)
            let numbers = cells.prefix(4).compactMap { Int($0) }
            guard cells.count == 5, numbers.count == 4 else { return nil }
            return PictureLine(
                String(cells[4]), left: numbers[0], top: numbers[1], width: numbers[2], height: numbers[3]
            )
        }
    }
}

/// Gives `body` a house with the demo community on a store of its own; `isEmpty` leaves the demo out, `wrap` puts
/// something around the engine, `more` are features besides those of a whole deployment, without tables of their own.
package func withHouse<T>(
    _ kind: TestEngine,
    isEmpty: Bool = false,
    settings: CaseSettings = CaseSettings(sampledPercent: 0),
    registers: RegisterSettings = RegisterSettings(),
    offline: OfflineSettings = OfflineSettings(),
    more: [Feature] = [],
    wrap: (any Engine) -> any Engine = { $0 },
    _ body: (House) async throws -> T
) async throws -> T {
    try await withTemporaryDirectory { folder in
        if isEmpty {
            let migrations = try Catalogue(House.features).migrations
            return try await withEngine(kind, migrations: migrations) { engine in
                let house = try await House(wrap(engine), folder: folder, node: 1, settings)
                let value = try await body(house)
                try await CommandLedger.note(house)
                return value
            }
        }
        return try await withDemoStore(kind, folder) { engine in
            // Another node than the one that made the template: its identifiers are taken.
            let house = try await House(
                wrap(engine), folder: folder, node: 2, settings, registers: registers, offline: offline,
                features: House.features + more)
            try await house.services.divisions.load(house.services.database)
            let value = try await body(house)
            try await CommandLedger.note(house)
            return value
        }
    }
}
