import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Logging
import Synchronization
import Testing

@Suite struct StoreTests {
    private static let subject = Subject("thing", 7)

    @Test("没有审计的写入不成立", arguments: TestEngine.enabled)
    func refusesAWriteWithoutAudit(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let context = Context.system("test", now: House.start)
            await #expect(throws: LinliError.self) {
                try await house.services.database.write(context, "test.silent") { tx in
                    _ = try tx.execute("UPDATE live_head SET sequence = 99")
                }
            }
            let sequence = try await house.services.database.read {
                try $0.value("SELECT sequence FROM live_head", as: Int.self)
            }
            #expect(sequence == 0)
        }
    }

    @Test("审计封存后能验证，改一条就露馅", arguments: TestEngine.enabled)
    func sealsAndNoticesTampering(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let database = house.services.database
            let context = Context.system("test", now: House.start)
            for _ in 0..<5 {
                try await database.write(context, "test.audit", reason: "因为") { tx in
                    try tx.audit(Self.subject, fields: ["a"], values: ["私密"])
                }
            }
            let verdict = try await house.verifiedAudit()
            #expect(verdict.problem == nil)
            #expect(verdict.entries == 5)
            try await database.system { _ = try $0.execute("UPDATE audit_entry SET salt = NULL") }
            #expect(try await house.verifiedAudit().problem == nil, "erasing salts must not break the chain")
            try await database.system {
                _ = try $0.execute("UPDATE audit_entry SET command = 'x' WHERE id = (SELECT min(id) FROM audit_entry)")
            }
            #expect(try await house.verifiedAudit().problem != nil)
        }
    }

    @Test("审计里没有填写的内容", arguments: TestEngine.enabled)
    func keepsValuesOutOfTheAudit(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let database = house.services.database
            try await database.write(Context.system("test", now: House.start), "test.audit") { tx in
                try tx.audit(Self.subject, fields: ["phone"], values: ["19900000001"])
            }
            let text = try await database.read { tx in
                try tx.all("SELECT command, fields, subject_kind, request_id FROM audit_entry") { row in
                    "\(try row[0] as String) \(try row[1] as String) \(try row[2] as String) \(try row[3] as String)"
                }.joined()
            }
            #expect(!text.contains("199"))
        }
    }

    @Test("同样的编号不会发两次，时钟倒退就停发")
    func stopsWhenTheClockGoesBack() throws {
        let moment = Mutex(House.start)
        let ids = IDGenerator(node: 3, clock: WallClock { moment.withLock { $0 } })
        let first: [ID<Case>] = try (0..<5000).map { _ in try ids.next() }
        #expect(Set(first).count == 5000)
        moment.withLock { $0 = $0.adding(seconds: -10) }
        #expect(throws: LinliError.self) { let _: ID<Case> = try ids.next() }
        moment.withLock { $0 = $0.adding(seconds: 11) }
        ids.hold(node: nil)
        #expect(throws: LinliError.self) { let _: ID<Case> = try ids.next() }
    }

    @Test("两个节点拿到不同的号码，租约过期才让给别人", arguments: TestEngine.enabled)
    func leasesNodeNumbers(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let store = house.services.database.engine
            let ids = (0..<2).map { _ in IDGenerator(node: nil, clock: house.clock.clock) }
            let leases = ids.map { NodeLease(store, ids: $0, clock: house.clock.clock) }
            for lease in leases { try await lease.take() }
            let numbers = try ids.map { generator -> Int64 in
                let id: ID<Case> = try generator.next()
                return id.rawValue >> 12 & 1023
            }
            #expect(Set(numbers).count == 2)
            house.clock.advance(minutes: 1)
            let third = IDGenerator(node: nil, clock: house.clock.clock)
            try await NodeLease(store, ids: third, clock: house.clock.clock).take()
            let id: ID<Case> = try third.next()
            #expect(id.rawValue >> 12 & 1023 == 0)
        }
    }

    @Test("办件编号每天从 1 起，不重复", arguments: TestEngine.enabled)
    func numbersCases(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let numbers = CaseNumbers(house.services.database)
            let others = CaseNumbers(house.services.database)
            let taken = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<250 {
                    let source = index % 2 == 0 ? numbers : others
                    group.addTask { try await source.take(prefix: "SJ", at: House.start) }
                }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(Set(taken).count == 250)
            #expect(taken.allSatisfy { $0.hasPrefix("SJ20261122-") && $0.count >= 15 })
            #expect(try await numbers.take(prefix: "SJ", at: House.start.adding(days: 1)).hasPrefix("SJ20261123-"))
        }
    }
}

@Suite struct OutboxTests {
    /// A catalogue with one feature that listens to `test.happened`.
    private func run(
        _ engine: TestEngine,
        _ work: @escaping @Sendable (SystemTx, Event) throws -> Void,
        _ body: (Database, Dispatcher) async throws -> Void
    ) async throws {
        try await run(engine, work: .inStore(work), body)
    }

    private func run(
        _ engine: TestEngine, work: Subscriber.Work, _ body: (Database, Dispatcher) async throws -> Void
    ) async throws {
        let feature = Feature(
            id: "listener", name: Text("听", "Listener"),
            subscribers: [Subscriber("listener", kinds: ["test.happened"], work)]
        )
        let catalogue = try Catalogue([feature])
        try await withEngine(engine, migrations: catalogue.migrations) { store in
            // A clock that stands: what failed is not tried again within a test, however slow the machine is.
            let now = WallClock.system.now
            let clock = WallClock { now }
            let database = Database(
                engine: store, keys: try KeyRing(masters: [[UInt8](repeating: 1, count: 32)]),
                ids: IDGenerator(node: 0, clock: clock), clock: clock,
                subscriptions: Subscriptions(catalogue.subscribers)
            )
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            try await body(database, Dispatcher(database, wake: Wake(), logger: logger))
        }
    }

    private func emit(_ database: Database, subject: Int64, word: String) async throws {
        try await database.write(Context.system("test", now: database.clock.now), "test.emit") { tx in
            try tx.audit(Subject("thing", subject))
            try tx.emit("test.happened", Subject("thing", subject), facts: ["word": word])
        }
    }

    @Test("同一件事的消息按先后送到，每条一次", arguments: TestEngine.enabled)
    func keepsOrderPerSubject(_ engine: TestEngine) async throws {
        let heard = Mutex<[String]>([])
        try await run(engine, { _, event in heard.withLock { $0.append(event.facts["word"] ?? "") } }) {
            database, dispatcher in
            for index in 0..<12 {
                try await emit(database, subject: Int64(index % 3), word: "\(index % 3)-\(index / 3)")
            }
            while await dispatcher.round() > 0 {}
            let words = heard.withLock { $0 }
            #expect(words.count == 12)
            for subject in 0..<3 {
                #expect(words.filter { $0.hasPrefix("\(subject)-") } == (0..<4).map { "\(subject)-\($0)" })
            }
        }
    }

    @Test("一条失败不连累别的，失败的留着重试", arguments: TestEngine.enabled)
    func failsAlone(_ engine: TestEngine) async throws {
        struct Refusal: Error {}
        let heard = Mutex<[String]>([])
        try await run(
            engine,
            { _, event in
                if event.facts["word"] == "bad" { throw Refusal() }
                heard.withLock { $0.append(event.facts["word"] ?? "") }
            }
        ) { database, dispatcher in
            try await emit(database, subject: 1, word: "bad")
            try await emit(database, subject: 1, word: "after")
            try await emit(database, subject: 2, word: "good")
            for _ in 0..<3 { await dispatcher.round() }
            // What follows the failed one on the same subject waits for it.
            #expect(heard.withLock { Set($0) } == ["good"])
            let waiting = try await database.read { tx in
                try tx.all("SELECT attempts, error FROM delivery WHERE attempts > 0") { row -> String in
                    "\(try row[0] as Int) \(try row[1] as String)"
                }
            }
            #expect(waiting.count == 1)
            #expect(waiting.first?.contains("Refusal") == true)
        }
    }

    @Test("送到外面的：一起销账，失败的留下，成了的不再送", arguments: TestEngine.enabled)
    func acknowledgesTogether(_ engine: TestEngine) async throws {
        struct Refusal: Error {}
        let heard = Mutex<[String]>([])
        let work = Subscriber.Work.outside { event, _ in
            let word = event.facts["word"] ?? ""
            if word == "bad" { throw Refusal() }
            heard.withLock { $0.append(word) }
        }
        try await run(engine, work: work) { database, dispatcher in
            for index in 0..<40 {
                try await emit(database, subject: Int64(index), word: index == 7 ? "bad" : "\(index)")
            }
            for _ in 0..<3 { await dispatcher.round() }
            let words = heard.withLock { $0 }
            #expect(words.count == 39 && Set(words).count == 39)
            #expect(try await database.read { try $0.value("SELECT attempts FROM delivery", as: Int.self) } == 1)
        }
    }

    @Test("自己写库的：一起做，有一条不成就一条条来", arguments: TestEngine.enabled)
    func writesTogether(_ engine: TestEngine) async throws {
        struct Refusal: Error {}
        let calls = Mutex<[[String]]>([])
        let work = Subscriber.Work.writes { events, _ in
            let words = events.map { $0.facts["word"] ?? "" }
            calls.withLock { $0.append(words) }
            if words.contains("bad") { throw Refusal() }
        }
        try await run(engine, work: work) { database, dispatcher in
            for index in 0..<5 { try await emit(database, subject: Int64(index), word: "\(index)") }
            await dispatcher.round()
            #expect(calls.withLock { $0 } == [(0..<5).map { "\($0)" }])
            calls.withLock { $0 = [] }
            for (index, word) in ["a", "bad", "b"].enumerated() {
                try await emit(database, subject: Int64(index), word: word)
            }
            await dispatcher.round()
            #expect(calls.withLock { $0 } == [["a", "bad", "b"], ["a"], ["bad"], ["b"]])
            let left = try await database.read { tx in
                try tx.all("SELECT e.facts FROM delivery d JOIN event e ON e.id = d.event_id") { try $0[0] as String }
            }
            #expect(left == ["word=bad"])
        }
    }

    @Test("两个派送者同时干活，每条还是一次", arguments: TestEngine.enabled)
    func deliversOnceWithTwoDispatchers(_ engine: TestEngine) async throws {
        let heard = Mutex<[Int64: Int]>([:])
        try await run(
            engine,
            { tx, event in
                _ = try tx.execute("UPDATE live_head SET sequence = sequence + 1 WHERE id = 1")
                heard.withLock { $0[event.subject.id, default: 0] += 1 }
            }
        ) { database, dispatcher in
            for index in 0..<60 { try await emit(database, subject: Int64(index), word: "x") }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<20 { await dispatcher.round() } }
                }
            }
            while await dispatcher.round() > 0 {}
            // The closure may run again when a transaction is tried again; what counts is what was committed.
            let committed = try await database.read { try $0.value("SELECT sequence FROM live_head", as: Int.self) }
            #expect(committed == 60)
            #expect(heard.withLock { $0.count } == 60)
        }
    }
}

@Suite struct JobTests {
    @Test("多个节点抢同一批活，每件只做一次", arguments: TestEngine.enabled)
    func runsEachJobOnce(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let done = Mutex<[String: Int]>([:])
            let kind = JobKind("test.work") { run in done.withLock { $0[run.payload, default: 0] += 1 } }
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let database = house.services.database
            let runners = (0..<4).map { _ in JobRunner(database, kinds: [kind], wake: Wake(), logger: logger) }
            try await database.write(Context.system("test", now: House.start), "test.request") { tx in
                for index in 0..<40 { try tx.request("test.work", payload: "\(index)") }
                try tx.request("test.work", payload: "once", key: "k")
                try tx.request("test.work", payload: "again", key: "k")
                try tx.audit(Subject("job", 0))
            }
            await withTaskGroup(of: Void.self) { group in
                for runner in runners {
                    group.addTask { while await runner.runNext() {} }
                }
            }
            let counts = done.withLock { $0 }
            #expect(counts.count == 41)
            #expect(counts.values.allSatisfy { $0 == 1 })
            #expect(counts["again"] == nil)
        }
    }
}
