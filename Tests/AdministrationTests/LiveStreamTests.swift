import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Streams of live updates end when they must, and only then say so for good.
@Suite("实时更新的连接")
struct LiveStreamTests {
    private typealias Stream = AsyncStream<LiveHub.Message>

    private let desk = LiveHub.Wish(topics: ["case/0000000000001": "case/0000000000001"], scope: nil)

    private func listen(_ house: House, _ session: Session) async throws -> (id: Int, stream: Stream) {
        try await house.services.live.listen(desk, holder: session.holder, after: nil)
    }

    /// Whether a stream that has ended said that its session is over.
    private func saidBye(_ stream: Stream) async -> Bool {
        var last: LiveHub.Message?
        for await message in stream { last = message }
        return if case .bye = last { true } else { false }
    }

    @Test("一台设备退出，只有它的连接结束并且不再回来", arguments: TestEngine.enabled)
    func oneDevice(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (first, second) = (
                try await house.session(of: .dispatcher), try await house.session(of: .dispatcher)
            )
            let (one, other) = (try await listen(house, first), try await listen(house, second))
            try await house.services.signIn.end(first, try await house.context(.dispatcher))
            try await house.services.live.recheck(account: first.account.id)
            #expect(await saidBye(one.stream))
            #expect(house.services.live.count == 1)
            house.services.live.finish(other.id)
            #expect(await !saidBye(other.stream))
        }
    }

    @Test("别的节点上处处退出，这里过一会儿也知道", arguments: TestEngine.enabled)
    func revokedElsewhere(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let session = try await house.session(of: .worker)
            let other = try await house.session(of: .dispatcher)
            let (mine, theirs) = (try await listen(house, session), try await listen(house, other))
            try await house.services.signIn.endEverywhere(session.account.id, try await house.context(.worker))
            try await house.services.live.recheck()
            #expect(await saidBye(mine.stream))
            #expect(house.services.live.count == 1)
            house.services.live.finish(theirs.id)
        }
    }

    @Test("岗位变了，连接重新开始，按新的岗位看", arguments: TestEngine.enabled)
    func changedDuties(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let session = try await house.session(of: .worker)
            let stream = try await listen(house, session)
            try await house.services.live.recheck()
            #expect(house.services.live.count == 1)
            let (duty, account) = (try #require(session.account.grants.first), session.account.id)
            house.clock.advance(minutes: 1)
            let context = Context.system("test", now: house.clock.clock.now)
            try await house.services.database.write(context, "test.revoke") { tx in
                try AccessStore.revoke(duty.id, of: account, tx)
            }
            house.clock.advance(minutes: 1)
            try await house.services.live.recheck()
            #expect(house.services.live.count == 0)
            #expect(await !saidBye(stream.stream))
        }
    }

    @Test("页面打开以后、连上以前发生的事也会说到", arguments: TestEngine.enabled)
    func between(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let rendered: Int64 = try await house.value("SELECT sequence FROM live_head") ?? 0
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            await house.deliver()
            let topic = CasePath.topic(id)
            let heard = try await house.heard(LiveHub.Wish(topics: [topic: topic], scope: nil), after: rendered)
            #expect(heard == [topic])
        }
    }
}
