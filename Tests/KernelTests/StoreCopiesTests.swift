import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Who copies the whole store leaves a line, though nothing is read in clear.
@Suite("备份和恢复留痕")
struct StoreCopiesTests {
    @Test("备份、恢复各一行：谁、哪里，能封能验", arguments: TestEngine.enabled)
    func lines(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            try await StoreCopies.leaving(to: "/var/backups/2026-11-26", by: "linli", database)
            try await StoreCopies.broughtBack(from: String(repeating: "长", count: 900), by: "root", database)
            let lines = try await database.read { tx in
                try tx.all(
                    """
                    SELECT command, actor_kind, fields, reason FROM audit_entry WHERE subject_kind = 'store' ORDER BY id
                    """
                ) { row -> [String] in [try row[0], try row[1], try row[2], try row[3]] }
            }
            #expect(lines.count == 2)
            #expect(
                lines.first == ["store.backup", "system:backup", "everything", "linli: /var/backups/2026-11-26"])
            #expect(lines.last?.prefix(2) == ["store.restore", "system:restore"])
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("恢复之前先试钥匙：自己的打得开；别人的，换钥匙之前导出的，都打不开", arguments: TestEngine.enabled)
    func keys(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let phones = try await StoreCopies.values(database.engine)
            #expect(phones.count > 20)
            #expect(StoreCopies.fits(database.keys, phones))
            let own = [UInt8](repeating: 7, count: 32)
            let foreign = [UInt8](repeating: 9, count: 32)
            let strange = try KeyRing(masters: [foreign])
            #expect(!StoreCopies.fits(strange, phones))
            // Rotated since, and one of the phones is sealed with the newer key.
            let rotated = try KeyRing(masters: [own, foreign])
            let sealed = try rotated.seal("19900009999", cell: Cell("account", "phone_sealed", 5))
            let column = try #require(StoreCopies.ProofColumn.all.first { $0.table == "account" })
            let all = phones + [StoreCopies.SealedValue(column, row: 5, sealed)]
            #expect(StoreCopies.fits(rotated, all))
            #expect(!StoreCopies.fits(database.keys, all))
        }
        try await withEngine(engine, migrations: []) { engine in
            let values = try await StoreCopies.values(engine)
            #expect(values.isEmpty)
        }
    }

    @Test("换钥匙时就留下新钥匙封的词，不等重启；打不开库的钥匙不给换", arguments: TestEngine.enabled)
    func rotated(_ engine: TestEngine) async throws {
        let catalogue = try Catalogue(House.features)
        try await withEngine(engine, migrations: catalogue.migrations) { store in
            let (own, next) = ([UInt8](repeating: 7, count: 32), [UInt8](repeating: 8, count: 32))
            let foreign = [UInt8](repeating: 9, count: 32)
            func database(_ master: [UInt8]) throws -> Database {
                // As with a file that has two keys when it is read again.
                let keys = try KeyRing(masters: [master]) { [master, next] }
                return Database(
                    engine: store, keys: keys, ids: IDGenerator(node: 0, clock: .system), clock: .system,
                    subscriptions: Subscriptions([]))
            }
            let right = try database(own)
            try await StoreCopies.proveKeys(right)
            let count = try await StoreCopies.rotate(right) { 2 }
            #expect(count == 2 && right.keys.newest == 2)
            let values = try await StoreCopies.values(store)
            #expect(StoreCopies.fits(try KeyRing(masters: [own, next]), values))
            for wrong in [[own], [own, foreign], [foreign, next]] {
                #expect(!StoreCopies.fits(try KeyRing(masters: wrong), values), "a copy of now tells it")
            }
            let strange = try database(foreign)
            await #expect(throws: LinliError.self) {
                _ = try await StoreCopies.rotate(strange) {
                    Issue.record("a key was added to one that is not this store's")
                    return 2
                }
            }
            #expect(try await StoreCopies.values(store) == values)
        }
    }

    @Test("还没有人的库也试得出钥匙：每把钥匙封一个词，封一次；错的钥匙不留", arguments: TestEngine.enabled)
    func noAccounts(_ engine: TestEngine) async throws {
        let catalogue = try Catalogue(House.features)
        try await withEngine(engine, migrations: catalogue.migrations) { store in
            let (own, foreign) = ([UInt8](repeating: 7, count: 32), [UInt8](repeating: 9, count: 32))
            func database(_ masters: [[UInt8]]) throws -> Database {
                Database(
                    engine: store, keys: try KeyRing(masters: masters), ids: IDGenerator(node: 0, clock: .system),
                    clock: .system, subscriptions: Subscriptions([]))
            }
            #expect(try await StoreCopies.values(store).isEmpty, "nothing to try a key on")
            for _ in 0..<2 { try await StoreCopies.proveKeys(try database([own])) }
            let values = try await StoreCopies.values(store)
            #expect(values.count == 2 && values.first == values.last, "the same one is first and last")
            #expect(StoreCopies.fits(try KeyRing(masters: [own]), values))
            #expect(!StoreCopies.fits(try KeyRing(masters: [foreign]), values))
            // A start with the wrong file of two keys must not make the right one look wrong.
            try await StoreCopies.proveKeys(try database([foreign, own]))
            #expect(try await StoreCopies.values(store) == values)
            // Rotated: a sheet from before does not fit any more.
            try await StoreCopies.proveKeys(try database([own, foreign]))
            let both = try await StoreCopies.values(store)
            #expect(Set(both.map { "\($0)" }).count == 2)
            #expect(StoreCopies.fits(try KeyRing(masters: [own, foreign]), both))
            #expect(!StoreCopies.fits(try KeyRing(masters: [own]), both))
        }
    }
}
