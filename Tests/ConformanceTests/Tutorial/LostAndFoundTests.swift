import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// A store with the feature's tables, and a clock that the test moves by hand.
private struct Board {
    let database: Database
    let commands: LostAndFoundCommands
    static let community = DivisionCode(rawValue: 110_101_001_001_000)
    static let noon = Instant(CivilDate(daysSinceEpoch: 20_780), hour: 12)

    init(_ engine: any Engine) throws {
        let clock = WallClock { Board.noon }
        // An event is kept only for who listens.
        let listener = Subscriber(
            "listener", kinds: ["lostAndFound.registered", "lostAndFound.handedOver"], .outside { _, _ in }
        )
        database = Database(
            engine: engine,
            keys: try KeyRing(masters: [[UInt8](repeating: 7, count: 32)]),
            ids: IDGenerator(node: 1, clock: clock),
            clock: clock,
            subscriptions: Subscriptions([listener])
        )
        commands = LostAndFoundCommands(database: database)
    }

    /// A community worker of `division`, `days` after the board began.
    func worker(
        _ phone: String, of division: DivisionCode = Board.community, after days: Int = 0
    ) async throws -> Context {
        let keys = database.keys
        let account = try await database.write(.system("test", now: Board.noon), "test.person") { tx in
            if let known = try AccessStore.find(phone: phone, keys: keys, tx) {
                try tx.audit(Subject("account", known))
                return known
            }
            let id = try AccessStore.insert(NewAccount(name: "赵婷", phone: phone), keys: keys, tx)
            try AccessStore.grant(.communityStaff, .division(division), to: id, tx)
            return id
        }
        let now = Board.noon.adding(days: days)
        let person = try await database.read { try AccessStore.account(account, at: now, $0) }
        return Context(actor: try #require(person).actor, now: now)
    }

    func waiting() async throws -> [FoundRow] {
        try await database.read { try LostAndFoundStore.waiting(in: Board.community, $0) }
    }
}

private func withBoard(_ kind: TestEngine, _ body: (Board) async throws -> Void) async throws {
    let migrations = try Catalogue([.lostAndFound]).migrations
    try await withEngine(kind, migrations: migrations) { try await body(try Board($0)) }
}

private func draft(_ looks: String) -> FoundDraft {
    FoundDraft(Form([("kind", "keys"), ("looks", looks), ("place", "3号楼北门")]))
}

@Suite("失物招领")
struct LostAndFoundTests {
    @Test("登记以后在公告里，号码已隐去，留下审计和事件", arguments: TestEngine.enabled)
    func register(_ kind: TestEngine) async throws {
        try await withBoard(kind) { board in
            let context = try await board.worker("19900000012")
            try await board.commands.register(draft("一串钥匙，挂牌写着 13800001234"), context)
            let things = try await board.waiting()
            #expect(things.map(\.looks) == ["一串钥匙，挂牌写着 138****1234"])
            let entry: String? = try await board.database.read { tx in
                try tx.value("SELECT command FROM audit_entry WHERE subject_kind = 'foundThing'")
            }
            let event: String? = try await board.database.read { tx in
                try tx.value("SELECT kind FROM event WHERE subject_kind = 'foundThing'")
            }
            #expect(entry == "lostAndFound.register")
            #expect(event == "lostAndFound.registered")
        }
    }

    @Test("只能领走一次；别的社区的东西看不见", arguments: TestEngine.enabled)
    func handOver(_ kind: TestEngine) async throws {
        try await withBoard(kind) { board in
            let context = try await board.worker("19900000012")
            let id = try await board.commands.register(draft("蓝色书包"), context)
            let neighbour = try await board.worker("19900000015", of: DivisionCode(rawValue: 110_101_001_002_000))
            let hidden = await #expect(throws: LinliError.self) { try await board.commands.handOver(id, neighbour) }
            #expect(hidden?.kind == .notFound)
            try await board.commands.handOver(id, context)
            #expect(try await board.waiting().isEmpty)
            let twice = await #expect(throws: LinliError.self) { try await board.commands.handOver(id, context) }
            #expect(twice?.id == "lostAndFound.gone")
        }
    }

    @Test("公告满一年就不能再领", arguments: [(364, true), (365, false)])
    func oneYear(_ days: Int, _ mayBeClaimed: Bool) async throws {
        try await withBoard(.sqlite) { board in
            let id = try await board.commands.register(draft("老花镜"), try await board.worker("19900000012"))
            let later = try await board.worker("19900000012", after: days)
            do {
                try await board.commands.handOver(id, later)
                #expect(mayBeClaimed)
            } catch let error as LinliError {
                #expect(!mayBeClaimed && error.id == "lostAndFound.tooOld")
            }
        }
    }

    @Test("没填的逐项说明")
    func problems() {
        #expect(FoundDraft().problems().map(\.name) == ["kind", "looks"])
        #expect(draft(String(repeating: "长", count: 201)).problems().map(\.name) == ["looks"])
        #expect(draft("手套一副").problems().isEmpty)
    }

    @Test("别人写的字只是字，不会变成网页")
    func escaping() async throws {
        try await withBoard(.sqlite) { board in
            let context = try await board.worker("19900000012")
            try await board.commands.register(draft("<script>alert(1)</script>"), context)
            let page = LostAndFoundBoard(
                things: try await board.waiting(), community: "幸福里社区", phone: "", now: context.now
            ).page
            #expect(page.body.string(.zh).contains("&lt;script&gt;alert(1)"))
            #expect(!page.body.string(.zh).contains("<script>"))
        }
    }
}
