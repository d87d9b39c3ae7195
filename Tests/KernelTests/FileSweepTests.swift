import Administration
import Foundation
import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Contents go from the disk after the transaction that forgot them, never inside it.
@Suite("照片内容在提交之后才删")
struct FileSweepTests {
    /// A photo nobody uses whose grace is over; returns its hash.
    private func forgotten(_ house: House, _ words: String) async throws -> String {
        let file = try await house.photo(try await house.context(.propertyHandler), saying: words)
        let hash: String? = try await house.value("SELECT hash FROM stored_file WHERE id = \(file)")
        house.clock.advance(minutes: 2 * 1440)
        try await FileSweep(house.services.files, quietSeconds: 0).mark(house.services.database)
        house.clock.advance(minutes: 31 * 1440)
        return try #require(hash)
    }

    private func isThere(_ hash: String, _ house: House) -> Bool {
        FileManager.default.fileExists(atPath: house.services.files.path(hash))
    }

    private func count(_ house: House, _ what: SQL) async throws -> Int {
        try await house.value("SELECT count(*) FROM \(what)", as: Int.self) ?? 0
    }

    @Test("事务没提交成，内容还在；重来一遍也只删一次", arguments: TestEngine.enabled)
    func rolledBack(_ engine: TestEngine) async throws {
        let mode = StumblingMode()
        try await withHouse(engine, wrap: { StumblingEngine($0, mode) }) { house in
            let (database, files) = (house.services.database, house.services.files)
            let hash = try await forgotten(house, "one")
            let sweep = FileSweep(files, quietSeconds: 0)
            mode.set(.fails)
            await #expect(throws: (any Error).self) { _ = try await sweep.remove(database) }
            mode.set(.calm)
            #expect(isThere(hash, house), "nothing was committed, and its content is gone")
            #expect(try await count(house, "stored_file WHERE hash = \(hash)") == 1)
            mode.set(.runsTwice)
            #expect(try await sweep.remove(database) >= 1)
            mode.set(.calm)
            #expect(!isThere(hash, house))
            #expect(try await count(house, "stored_file WHERE hash = \(hash)") == 0)
            #expect(try await count(house, "content_removal") == 0)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("提交后、删之前断了：下一遍补上；中间又来了同一张的留着", arguments: TestEngine.enabled)
    func interrupted(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, files) = (house.services.database, house.services.files)
            let sweep = FileSweep(files, quietSeconds: 0)
            let hash = try await forgotten(house, "one")
            #expect(try await sweep.forget(database) >= 1)
            #expect(try await count(house, "content_removal WHERE hash = \(hash)") == 1 && isThere(hash, house))
            // The next run has nothing to forget and still takes it away.
            #expect(try await sweep.remove(database) == 0)
            #expect(try await count(house, "content_removal") == 0 && !isThere(hash, house))

            let other = try await forgotten(house, "two")
            #expect(try await sweep.forget(database) >= 1)
            let again = try await house.photo(try await house.context(.propertyHandler), saying: "two")
            try await sweep.removeContents(database)
            #expect(isThere(other, house), "who sent it again recorded it: it stays")
            #expect(try await count(house, "content_removal") == 0)
            #expect(try await count(house, "stored_file WHERE id = \(again) AND hash = \(other)") == 1)
        }
    }

    @Test("刚又传来、还没登记的内容先留着；过了安静时间还没人要才删", arguments: TestEngine.enabled)
    func aboutToBeRecorded(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, files) = (house.services.database, house.services.files)
            let hash = try await forgotten(house, "one")
            #expect(try await FileSweep(files, quietSeconds: 0).forget(database) >= 1)
            try await FileSweep(files).removeContents(database)
            #expect(try await count(house, "content_removal WHERE hash = \(hash)") == 1 && isThere(hash, house))
            let aside = files.path(hash) + ".gone"
            #expect(!FileManager.default.fileExists(atPath: aside))
            // A server that was ended in between leaves it aside: it is found there.
            try FileManager.default.moveItem(atPath: files.path(hash), toPath: aside)
            try await FileSweep(files).removeContents(database)
            #expect(isThere(hash, house))
            try await FileSweep(files, quietSeconds: 0).removeContents(database)
            #expect(!isThere(hash, house) && !FileManager.default.fileExists(atPath: aside))
        }
    }

    @Test("硬盘上有、库里没有的内容，过了安静时间也扫掉；有主的不动", arguments: TestEngine.enabled)
    func leftovers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, files) = (house.services.database, house.services.files)
            let kept = try await house.photo(try await house.context(.propertyHandler), saying: "kept")
            let hash: String? = try await house.value("SELECT hash FROM stored_file WHERE id = \(kept)")
            let known = try #require(hash)
            let stray = String(repeating: "ab", count: 32)
            try FileManager.default.createDirectory(
                atPath: String(files.path(stray).dropLast(stray.count + 5)), withIntermediateDirectories: true)
            try Data([1]).write(to: URL(filePath: files.path(stray)))
            try await FileSweep(files).noteLeftovers(database)
            #expect(try await count(house, "content_removal") == 0, "whoever sent it may be about to record it")
            let sweep = FileSweep(files, quietSeconds: 0)
            try await sweep.noteLeftovers(database)
            try await sweep.removeContents(database)
            #expect(!isThere(stray, house) && isThere(known, house))
        }
    }
}
