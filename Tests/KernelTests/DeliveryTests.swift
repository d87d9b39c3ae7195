import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Logging
import Synchronization
import Testing

/// What happens to deliveries and jobs that go wrong or that many reach for.
@Suite("消息和任务出了岔子")
struct DeliveryTests {
    private static func quiet() -> Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    /// A database over an engine of its own, with `subscriber` and a clock the test moves.
    private func run(
        _ engine: TestEngine, _ subscriber: Subscriber?, connections: Int = 2,
        _ body: (Database, Moment) async throws -> Void
    ) async throws {
        let feature = Feature(
            id: "listener", name: Text("听", "Listener"), subscribers: subscriber.map { [$0] } ?? []
        )
        let catalogue = try Catalogue([feature])
        try await withEngine(engine, migrations: catalogue.migrations, connections: connections) { store in
            let moment = Moment()
            let database = Database(
                engine: store, keys: try KeyRing(masters: [[UInt8](repeating: 1, count: 32)]),
                ids: IDGenerator(node: 0, clock: moment.clock), clock: moment.clock,
                subscriptions: Subscriptions(catalogue.subscribers)
            )
            try await body(database, moment)
        }
    }

    /// Counts what was done, from many tasks.
    private final class Tally: Sendable {
        private let done = Mutex<[String: Int]>([:])
        var counts: [String: Int] { done.withLock { $0 } }

        func note(_ word: String) {
            done.withLock { $0[word, default: 0] += 1 }
        }
    }

    /// A clock that stands still until the test moves it.
    private final class Moment: Sendable {
        private let now = Mutex(House.start)
        var clock: WallClock { WallClock { self.now.withLock { $0 } } }

        func advance(seconds: Int64) {
            now.withLock { $0 = $0.adding(seconds: seconds) }
        }
    }

    private static func emit(_ database: Database, _ words: [String], subject: Int64 = 1) async throws {
        for word in words {
            try await database.write(Context.system("test", now: database.clock.now), "test.emit") { tx in
                try tx.audit(Subject("thing", subject))
                try tx.emit("test.happened", Subject("thing", subject), facts: ["word": word])
            }
        }
    }

    @Test("送十次都失败的放到一边，后面的照送", arguments: TestEngine.enabled, [true, false])
    func deadLetters(_ engine: TestEngine, _ isInStore: Bool) async throws {
        struct Refusal: Error {}
        let tries = Mutex(0)
        let heard = Mutex<[String]>([])
        let hear: @Sendable (Event) throws -> Void = { event in
            guard event.facts["word"] != "bad" else {
                tries.withLock { $0 += 1 }
                throw Refusal()
            }
            heard.withLock { $0.append(event.facts["word"] ?? "") }
        }
        let work: Subscriber.Work =
            isInStore ? .inStore { _, event in try hear(event) } : .outside { event, _ in try hear(event) }
        try await run(engine, Subscriber("listener", kinds: ["test.happened"], work)) { database, moment in
            let dispatcher = Dispatcher(database, wake: Wake(), logger: Self.quiet())
            try await Self.emit(database, ["bad", "after"])
            var waits: [Int] = []
            for round in 0..<4000 where heard.withLock({ $0.isEmpty }) {
                let before = tries.withLock { $0 }
                await dispatcher.round()
                if tries.withLock({ $0 }) > before { waits.append(round) }
                moment.advance(seconds: 1)
            }
            #expect(heard.withLock { $0 } == ["after"])
            #expect(waits.count == 10, "tried in \(waits.count) rounds")
            let gaps = zip(waits, waits.dropFirst()).map { $1 - $0 }
            #expect(gaps == gaps.sorted() && gaps.last ?? 0 >= 256, "each wait is longer than the one before: \(gaps)")
            let vitals = try await Vitals.read(database)
            #expect(vitals.deliveriesDead == 1 && vitals.deliveriesWaiting == 0)
        }
    }

    @Test("说好晚些再送的，到时候才送，不算失败；同一件事后面的跟着等，别的照送", arguments: TestEngine.enabled)
    func putOff(_ engine: TestEngine) async throws {
        let heard = Mutex<[String]>([])
        let morning = House.start.adding(hours: 10)
        let subscriber = Subscriber(
            "test.later", kinds: ["test.happened"],
            .outside { event, database in
                let word = event.facts["word"] ?? ""
                if word == "night", database.clock.now < morning { throw PutOff(until: morning) }
                heard.withLock { $0.append(word) }
            })
        try await run(engine, subscriber) { database, moment in
            try await Self.emit(database, ["night", "behind"], subject: 1)
            try await Self.emit(database, ["other"], subject: 2)
            let dispatcher = Dispatcher(database, wake: Wake(), logger: Self.quiet())
            for _ in 0..<3 { await dispatcher.round() }
            #expect(heard.withLock { $0 } == ["other"])
            moment.advance(seconds: 10 * 3600 - 1)
            await dispatcher.round()
            #expect(heard.withLock { $0 } == ["other"])
            let attempts = try await database.read { try $0.value("SELECT max(attempts) FROM delivery", as: Int.self) }
            #expect(attempts == 0)
            moment.advance(seconds: 1)
            for _ in 0..<3 { await dispatcher.round() }
            #expect(heard.withLock { $0 } == ["other", "night", "behind"])
            let left = try await database.read { try $0.value("SELECT count(*) FROM delivery", as: Int.self) }
            #expect(left == 0)
        }
    }

    @Test("只要一部分消息的，别的连存都不替它存；积得再多也按先后一条不漏", arguments: TestEngine.enabled)
    func wants(_ engine: TestEngine) async throws {
        let heard = Mutex<[String]>([])
        let picky = Subscriber(
            "listener", kinds: ["test.happened"], where: { $0.facts["word"]?.hasPrefix("no") != true },
            .together { _, events in heard.withLock { $0 += events.map { $0.facts["word"] ?? "" } } }
        )
        try await run(engine, picky) { database, _ in
            try await Self.emit(database, ["no1", "a", "no2"])
            let stored = try await database.read { try $0.value("SELECT count(*) FROM delivery", as: Int.self) }
            let events = try await database.read { try $0.value("SELECT count(*) FROM event", as: Int.self) }
            #expect(stored == 1 && events == 1)
            for subject in 2...301 { try await Self.emit(database, ["s\(subject)"], subject: Int64(subject)) }
            let dispatcher = Dispatcher(database, wake: Wake(), logger: Self.quiet())
            var rounds: [Int] = []
            repeat { rounds.append(await dispatcher.round()) } while rounds.last ?? 0 > 0
            #expect(rounds == [256, 45, 0])
            #expect(heard.withLock { $0 } == ["a"] + (2...301).map { "s\($0)" })
        }
    }

    @Test("任务失败十次放到一边，定期的永远再来", arguments: TestEngine.enabled)
    func deadJobs(_ engine: TestEngine) async throws {
        struct Refusal: Error {}
        try await run(engine, nil) { database, moment in
            let runs = Mutex<[String: Int]>([:])
            let failing = JobKind("test.once") { _ in
                runs.withLock { $0["once", default: 0] += 1 }
                throw Refusal()
            }
            let regular = JobKind("test.regular", everySeconds: 3600) { _ in
                runs.withLock { $0["regular", default: 0] += 1 }
                throw Refusal()
            }
            let runner = JobRunner(database, kinds: [failing, regular], wake: Wake(), logger: Self.quiet())
            try await runner.enrol()
            try await runner.enrol()
            try await database.write(Context.system("test", now: database.clock.now), "test.request") { tx in
                try tx.request("test.once")
                try tx.audit(Subject("job", 0))
            }
            for _ in 0..<24 {
                while await runner.runNext() {}
                moment.advance(seconds: 180 * 60)
            }
            #expect(runs.withLock { $0 } == ["once": 10, "regular": 24])
            #expect(try await Vitals.read(database).jobsDead == 1)
        }
    }

    @Test("一个节点拿着任务死了，五分钟后别的节点接着做", arguments: TestEngine.enabled)
    func takesOver(_ engine: TestEngine) async throws {
        try await run(engine, nil) { database, moment in
            let runs = Mutex(0)
            let kind = JobKind("test.work") { _ in runs.withLock { $0 += 1 } }
            let runner = JobRunner(database, kinds: [kind], wake: Wake(), logger: Self.quiet())
            try await database.write(Context.system("test", now: database.clock.now), "test.request") { tx in
                try tx.request("test.work")
                try tx.audit(Subject("job", 0))
            }
            // What a node that is killed in the middle leaves behind.
            try await database.system { tx in
                _ = try tx.execute("UPDATE job SET run_at = \(tx.now.adding(seconds: 300)), attempts = 1")
            }
            moment.advance(seconds: 299)
            #expect(await runner.runNext() == false)
            moment.advance(seconds: 1)
            #expect(await runner.runNext() == true)
            #expect(await runner.runNext() == false)
            #expect(runs.withLock { $0 } == 1)
        }
    }

    @Test("十六个抢活的，每件只做一次", arguments: TestEngine.enabled)
    func sixteenClaimants(_ engine: TestEngine) async throws {
        try await run(engine, nil, connections: 16) { database, _ in
            let done = Tally()
            let kind = JobKind("test.work") { run in done.note(run.payload) }
            try await database.write(Context.system("test", now: database.clock.now), "test.request") { tx in
                for index in 0..<160 { try tx.request("test.work", payload: "\(index)") }
                try tx.audit(Subject("job", 0))
            }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    let runner = JobRunner(database, kinds: [kind], wake: Wake(), logger: Self.quiet())
                    group.addTask {
                        // A claim that finds everything locked is not the end.
                        while done.counts.count < 160 { await runner.runNext() }
                    }
                }
            }
            #expect(done.counts.values.allSatisfy { $0 == 1 })
            #expect(try await database.read { try $0.value("SELECT count(*) FROM job", as: Int.self) } == 0)
        }
    }

    @Test("几个节点同时封存，链条不断，一条不漏", arguments: TestEngine.enabled)
    func concurrentSealers(_ engine: TestEngine) async throws {
        try await run(engine, nil, connections: 8) { database, _ in
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    let database = database
                    group.addTask {
                        for _ in 0..<25 { try? await Self.emit(database, ["x"], subject: Int64(writer)) }
                    }
                }
                for _ in 0..<4 {
                    let sealer = AuditSealer(database)
                    group.addTask { for _ in 0..<25 { _ = try? await sealer.seal() } }
                }
            }
            while try await AuditSealer(database).seal() > 0 {}
            let written = try await database.read { try $0.value("SELECT count(*) FROM audit_entry", as: Int.self) }
            let verdict = try await AuditSealer(database).verify()
            #expect(verdict.problem == nil)
            #expect(written == 100 && verdict.entries == 100 && verdict.waiting == 0)
        }
    }

    @Test("审计写不进去，密文就不给看", arguments: TestEngine.enabled)
    func revealFailsClosed(_ engine: TestEngine) async throws {
        try await run(engine, nil) { database, _ in
            let cell = Cell("thing", "phone_sealed", 7)
            let sealed = try database.keys.seal("13912345678", cell: cell)
            let context = Context.system("test", now: database.clock.now)
            let opened = try await database.reveal(context, purpose: "约上门", Subject("thing", 7), [(cell, sealed)])
            #expect(opened == ["13912345678"])
            let reason: String? = try await database.read {
                try $0.value("SELECT reason FROM audit_entry WHERE command = 'secrets.reveal'", as: String?.self) ?? nil
            }
            #expect(reason == "约上门")
            try await database.system { _ = try $0.execute("ALTER TABLE audit_entry RENAME TO audit_away") }
            await #expect(throws: LinliError.self) {
                try await database.reveal(context, purpose: "约上门", Subject("thing", 7), [(cell, sealed)])
            }
            let other = Cell("thing", "phone_sealed", 8)
            try await database.system { _ = try $0.execute("ALTER TABLE audit_away RENAME TO audit_entry") }
            await #expect(throws: LinliError.self) {
                try await database.reveal(context, purpose: "约上门", Subject("thing", 8), [(other, sealed)])
            }
        }
    }

    @Test("同时登录的人太多，后来的请他过几秒再试") func passwordsQueue() async throws {
        let passwords = Passwords()
        let results = await withTaskGroup(of: LinliError?.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do {
                        _ = try await passwords.verify("linli", nil)
                        return nil
                    } catch {
                        return error as? LinliError
                    }
                }
            }
            return await group.reduce(into: [LinliError?]()) { $0.append($1) }
        }
        let refused = results.compactMap { $0 }
        #expect(results.count == 40 && refused.count == 8)
        #expect(refused.allSatisfy { $0.kind == .unavailable && $0.retryAfterSeconds == 5 })
        #expect(try await passwords.verify("linli", nil) == false, "the queue is free again")
    }
}
