import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Logging
import Testing

/// The sequence browsers follow, and the streams of one node.
@Suite("实时更新")
struct LiveTests {
    private static func logger() -> Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    private func head(_ house: House) async throws -> Int64 {
        try await house.value("SELECT sequence FROM live_head") ?? 0
    }

    /// What somebody who sees everything hears after `sequence`.
    private func heard(_ house: House, after sequence: Int64) async throws -> [LiveHub.Message] {
        let everything = Scope(
            divisions: [DivisionCode(rawValue: 110_000_000_000_000)], units: [], account: nil, interests: []
        )
        let (id, stream) = try await house.services.live.listen(
            LiveHub.Wish(topics: [:], scope: everything), holder: nil, after: sequence
        )
        house.services.live.finish(id)
        return await stream.reduce(into: []) { $0.append($1) }
    }

    private func sequences(_ messages: [LiveHub.Message]) -> [Int64] {
        messages.compactMap { if case .change(let event) = $0 { event.sequence } else { nil } }
    }

    private func resync(_ messages: [LiveHub.Message]) -> Bool {
        messages.contains { if case .resync = $0 { true } else { false } }
    }

    @Test("序号没有空缺，谁派送都一样；断线的从断的地方接着听", arguments: TestEngine.enabled)
    func gapless(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await head(house)
            let resident = try await house.context(.tenant)
            for _ in 0..<12 { _ = try await house.report(try await house.draft(), resident) }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    let dispatcher = Dispatcher(house.services.database, wake: Wake(), logger: Self.logger())
                    group.addTask { for _ in 0..<6 { await dispatcher.round() } }
                }
            }
            await house.deliver()
            let now = try await head(house)
            #expect(now - before >= 12)
            let all = try await house.services.database.read { tx in
                try tx.all("SELECT sequence FROM live_event ORDER BY sequence") { try $0[0] as Int64 }
            }
            #expect(all == Array((all.first ?? 0)...now), "no number is missing")
            #expect(try await sequences(heard(house, after: before)) == Array((before + 1)...now))
            #expect(try await sequences(heard(house, after: now - 2)) == [now - 1, now])
            #expect(try await heard(house, after: now).isEmpty)
        }
    }

    @Test("错过太多、太久，或者序号来自别处，就请浏览器重新取", arguments: TestEngine.enabled)
    func resyncs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            for _ in 0..<3 { _ = try await house.report(try await house.draft(), resident) }
            await house.deliver()
            let now = try await head(house)
            #expect(try await resync(heard(house, after: now + 1)), "a number of the future")
            try await house.services.database.system { tx in
                _ = try tx.execute("DELETE FROM live_event WHERE sequence <= \(now - 2)")
            }
            #expect(try await resync(heard(house, after: now - 3)), "what came next is gone")
            #expect(try await resync(heard(house, after: now - 2)) == false)
            try await house.services.database.system { tx in
                _ = try tx.execute("DELETE FROM live_event")
                for sequence in (now + 1)...(now + 201) {
                    try tx.execute(
                        """
                        INSERT INTO live_event (sequence, topic, division, units, against, at)
                        VALUES (\(sequence), 'case/x', 110101001901001, '', 0, \(tx.now))
                        """
                    )
                }
                try tx.execute("UPDATE live_head SET sequence = \(now + 201)")
            }
            #expect(try await resync(heard(house, after: now)), "201 at once")
            #expect(try await sequences(heard(house, after: now + 1)).count == 200)
        }
    }

    @Test("一天以前的清掉，昨天的还在", arguments: TestEngine.enabled)
    func retention(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.report(try await house.draft(), try await house.context(.tenant))
            await house.deliver()
            let job = try #require(house.services.features.jobs.first { $0.id == "live.retention" })
            let runner = JobRunner(house.services.database, kinds: [job], wake: Wake(), logger: Self.logger())
            try await runner.enrol()
            func run() async throws -> Int {
                #expect(await runner.runNext())
                return try await house.value("SELECT count(*) FROM live_event") ?? 0
            }
            house.clock.advance(minutes: 24 * 60)
            #expect(try await run() > 0)
            house.clock.advance(minutes: 61)
            #expect(try await run() == 0)
        }
    }

    @Test("断开的流马上结束，别的不受影响；停机时全部结束，也不再开新的") func ends() async throws {
        try await withHouse(.sqlite) { house in
            let hub = house.services.live
            let wish = LiveHub.Wish(topics: ["case/x": "case/x"], scope: nil)
            let first = try await hub.listen(wish, holder: nil, after: nil)
            let second = try await hub.listen(wish, holder: nil, after: nil).stream
            #expect(hub.count == 2)
            hub.finish(first.id)
            for await _ in first.stream { Issue.record("a message after the end") }
            #expect(hub.count == 1)
            hub.close()
            for await _ in second { Issue.record("a message after the end") }
            for await _ in try await hub.listen(wish, holder: nil, after: nil).stream {
                Issue.record("a stream after the stop")
            }
            #expect(hub.count == 0)
        }
    }
}
