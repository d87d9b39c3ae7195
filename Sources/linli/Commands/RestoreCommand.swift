import Foundation
import LinliCore
import LinliKernel
import LinliPostgres
import LinliSQL
import LinliSQLite

/// `linli restore DIR`: brings a backup back into an empty place, or leaves the place as it was.
enum RestoreCommand {
    static func run(_ invocation: Invocation) async throws {
        let folder = invocation.words.count == 2 ? invocation.words[1] : ""
        let plan = try await Plan(invocation, for: .create) { problems(invocation, folder, $0) }
        let keys = try MasterKey.load(plan.keyFile, mayCreate: false)
        let photos =
            switch plan.store {
            case .sqlite(let path): try await bring(folder, to: path, plan, keys)
            case .postgres(let url): try await bring(folder, into: url, plan, keys)
            }
        // Opening brings the schema up to date.
        let node = try await Node.open(plan)
        do {
            let verdict = try await node.sealer.verify()
            if let problem = verdict.problem {
                throw Refusal("restored, but the audit does not verify: \(problem)")
            }
            try await StoreCopies.broughtBack(from: folder, by: NSUserName(), node.services.database)
            print("restored: the database, \(photos) files, \(verdict.entries) audit entries verified")
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }

    /// What is wrong with the folder, the key and the place, as far as looking tells.
    private static func problems(_ invocation: Invocation, _ folder: String, _ plan: Plan) -> [String] {
        var problems: [String] = []
        let files = FileManager.default
        if folder.isEmpty { problems.append("say `linli restore FOLDER`") }
        let knowsData = invocation.isKnown("data")
        if knowsData || invocation.isGiven("key-file"), !files.fileExists(atPath: plan.keyFile) {
            problems.append(MasterKey.missing(plan.keyFile))
        }
        guard invocation.isKnown("database") else { return problems }
        let engine: String
        switch plan.store {
        case .sqlite(let path):
            // Said already: the setting could not be understood.
            guard !path.isEmpty else { return problems }
            if knowsData || invocation.isGiven("database"), files.fileExists(atPath: path) {
                problems.append("\(path) exists: restore into an empty data folder")
            }
            engine = "an SQLite"
        case .postgres: engine = "a PostgreSQL"
        }
        if !folder.isEmpty, !files.fileExists(atPath: "\(folder)/\(BackupCommand.name(of: plan.store))") {
            problems.append("\(folder) holds no backup of \(engine) store")
        }
        return problems
    }

    /// The file is put down under another name, looked at there, and gets its own when all the rest is in place: what
    /// was stopped half-way is never taken for a store.
    private static func bring(_ folder: String, to path: String, _ plan: Plan, _ keys: KeyRing) async throws -> Int {
        let half = path + ".restoring"
        clear(half)
        do {
            try FileManager.default.copyItem(
                atPath: "\(folder)/\(BackupCommand.name(of: plan.store))", toPath: half)
            try check(keys, try await values(in: half), plan)
            let photos = try BackupCommand.copyFiles(from: folder + "/files", to: plan.data + "/files")
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: half))
            try file.synchronize()
            try file.close()
            try FileManager.default.moveItem(atPath: half, toPath: path)
            return photos
        } catch {
            clear(half)
            throw error
        }
    }

    private static func values(in path: String) async throws -> [StoreCopies.SealedValue] {
        let engine = try SQLiteEngine(path: path)
        do {
            let values = try await StoreCopies.values(engine)
            await engine.close()
            return values
        } catch {
            await engine.close()
            throw error
        }
    }

    private static func clear(_ half: String) {
        for ending in ["", "-wal", "-shm"] {
            // Mostly there is none; one that stays is in nobody's way but a later restore's, which says so.
            try? FileManager.default.removeItem(atPath: half + ending)
        }
    }

    /// The database is filled last and whole or not at all: the key is tried on what the copy holds, and photos that are
    /// there already are known again by the next try.
    private static func bring(_ folder: String, into url: String, _ plan: Plan, _ keys: KeyRing) async throws -> Int {
        let copy = "\(folder)/\(BackupCommand.name(of: plan.store))"
        let engine = try await PostgresEngine(url: url, connections: 2)
        do {
            try await engine.requireEmpty()
            var values: [StoreCopies.SealedValue] = []
            for column in StoreCopies.ProofColumn.all {
                // A copy from before there were proofs has no such table.
                let rows = try await engine.rows(
                    of: column.table, ["id", column.name], inCopy: copy,
                    scratch: "\(plan.data)/tmp/\(UUID().uuidString)")
                values += rows.compactMap { value($0, of: column) }
            }
            try check(keys, values, plan)
            let photos = try BackupCommand.copyFiles(from: folder + "/files", to: plan.data + "/files")
            try await engine.restore(from: copy)
            await engine.close()
            return photos
        } catch {
            await engine.close()
            throw error
        }
    }

    /// Bytes stand in a copy as `\\x` and their digits.
    private static func value(_ row: [String], of column: StoreCopies.ProofColumn) -> StoreCopies.SealedValue? {
        guard row.count == 2, let id = Int64(row[0]), row[1].hasPrefix("\\\\x") else { return nil }
        return StoreCopies.SealedValue(column, row: id, Hex.decode(String(row[1].dropFirst(3))))
    }

    private static func check(_ keys: KeyRing, _ values: [StoreCopies.SealedValue], _ plan: Plan) throws {
        guard StoreCopies.fits(keys, values) else {
            throw Refusal(
                "the key \(plan.keyFile) is not the one this backup was made with: nothing was brought back. "
                    + "Put the right one there and try again.")
        }
    }
}
