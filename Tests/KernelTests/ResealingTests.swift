import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Synchronization
import Testing

/// A new master key, and everything encrypted again with it while the server goes on.
@Suite("换主密钥")
struct ResealingTests {
    private static let masters = [[UInt8](repeating: 7, count: 32), [UInt8](repeating: 8, count: 32)]

    /// A second process over the same store that has read the newer file.
    private func other(_ house: House) throws -> Database {
        let database = house.services.database
        return Database(
            engine: database.engine, keys: try KeyRing(masters: Self.masters),
            ids: IDGenerator(node: 9, clock: database.clock),
            clock: database.clock, subscriptions: Subscriptions(house.services.features.subscribers))
    }

    @Test("库里每一个密文列都换了新钥匙，断了接着做，什么都打得开", arguments: TestEngine.enabled)
    func everyColumn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterHome()
            let database = try other(house)
            let context = Context.system("keys", now: house.clock.clock.now)
            let columns = try await database.read { try Resealing.columns($0) }
            // Whatever the schema seals is found, with no list to forget one.
            let known = Set(columns.map { "\($0.table).\($0.column)" })
            for name in [
                "account.phone_sealed", "person.number_sealed", "register_fact.value_sealed", "case_item.text_sealed",
            ] {
                #expect(known.contains(name))
            }
            // A table that is built anew is declared twice, and is one.
            let pattern = try Regex(#"(?:CREATE|ALTER) TABLE (\w+)|(\w+_sealed) BLOB"#)
            var declared: Set<String> = []
            for migration in try Catalogue(House.features).migrations {
                var table = ""
                for match in migration.text(for: .sqlite).matches(of: pattern) {
                    if let name = match.output[1].substring {
                        table = name.hasSuffix("_kept") ? String(name.dropLast("_kept".count)) : String(name)
                    } else if let column = match.output[2].substring {
                        declared.insert("\(table).\(column)")
                    }
                }
            }
            #expect(known == declared)
            // A first run that ends in the middle.
            let account = try #require(columns.first { $0.table == "account" && $0.column == "phone_sealed" })
            let chunk = try await Resealing.chunk(account, after: Int64.min, limit: 5, context, database)
            #expect(chunk.count == 5)
            let total = try await Resealing.all(context, database)
            #expect(total > 300)
            #expect(try await Resealing.all(context, database) == 0)
            for column in columns {
                let (table, name, key) = (
                    SQL(stringLiteral: column.table), SQL(stringLiteral: column.column), SQL(stringLiteral: column.key)
                )
                let rows = try await database.read { tx in
                    try tx.all("SELECT \(key), \(name) FROM \(table) WHERE \(name) IS NOT NULL") {
                        row -> (Int64, [UInt8]) in (try row[0], try row[1])
                    }
                }
                for (id, sealed) in rows {
                    #expect(sealed.first == 2, "\(column.table).\(column.column)")
                    _ = try database.keys.open(sealed, cell: Cell(column.table, column.column, id))
                }
            }
        }
    }

    @Test("换钥匙时照样登记、照样看得到：正在跑的那一份读到新钥匙就认")
    func whileServing() async throws {
        let file = KeyFile([Self.masters[0]])
        let serving = try KeyRing(masters: [Self.masters[0]]) { file.masters.withLock { $0 } }
        let cell = Cell("person", "phone_sealed", 1)
        let before = try serving.seal("19900002001", cell: cell)
        file.masters.withLock { $0 = Self.masters }
        // Nobody told it: it seals as before, and finds the new key with the first value that needs it.
        #expect(serving.newest == 1)
        let rotated = try KeyRing(masters: Self.masters)
        let fresh = try rotated.seal(try rotated.open(before, cell: cell), cell: cell)
        #expect(try serving.open(fresh, cell: cell) == "19900002001")
        #expect(serving.newest == 2)
        #expect(try serving.open(before, cell: cell) == "19900002001")
        #expect(serving.index("19900002001", kind: "phone") == rotated.index("19900002001", kind: "phone"))
        // A key that stands in no file opens nothing.
        var foreign = fresh
        foreign[0] = 9
        #expect(throws: LinliError.self) { try serving.open(foreign, cell: cell) }
    }

    @Test("正在跑的服务在换钥匙当中登记的人也不漏", arguments: TestEngine.enabled)
    func written(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = try other(house)
            let context = Context.system("keys", now: house.clock.clock.now)
            _ = try await Resealing.all(context, database)
            // The house still seals with the first key.
            let home = try await house.enterHome()
            #expect(try await Resealing.all(context, database) > 0)
            let worker = try await house.context(DemoStaff.worker)
            let values = try await RegisterReading.read(
                [try House.field("person.phone")], of: home.subject, for: .visit, note: "", worker, database)
            #expect(values.values.first == "13800138000")
        }
    }
}

/// What stands in the file of master keys.
private final class KeyFile: Sendable {
    let masters: Mutex<[[UInt8]]>

    init(_ masters: [[UInt8]]) {
        self.masters = Mutex(masters)
    }
}
