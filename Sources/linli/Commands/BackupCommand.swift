import Foundation
import LinliCore
import LinliKernel
import LinliPostgres
import LinliSQL

/// `linli backup DIR` and `linli restore DIR`: the store and the photos, never the keys.
enum BackupCommand {
    private static let sqliteName = "linli.db"
    private static let postgresName = "linli.pgdump"

    /// Copies the store while others write, then the photos; a photo is on disk before its row is, so a row in the copy
    /// always has its photo.
    static func backup(_ invocation: Invocation) async throws {
        let folder = try target(invocation)
        let plan = try await Plan(invocation, for: .existing)
        guard (try? FileManager.default.contentsOfDirectory(atPath: folder).isEmpty) ?? true else {
            throw Refusal("\(folder) is not empty: a backup goes into a folder of its own")
        }
        let engine = try await Node.openEngine(plan)
        guard try await Migrator([]).hasBegun(engine) else {
            await engine.close()
            throw Refusal("the database is empty: check --database, there is nothing to back up")
        }
        do {
            try await note(plan, engine, folder)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]
            )
            switch plan.store {
            case .sqlite: try await engine.copy(to: "\(folder)/\(sqliteName)")
            case .postgres: try await engine.copy(to: "\(folder)/\(postgresName)")
            }
        } catch {
            await engine.close()
            throw error
        }
        await engine.close()
        let photos = try copyFiles(from: plan.data + "/files", to: folder + "/files")
        print("backed up to \(folder): the database and \(photos) files. The key is not in it: linli key export")
    }

    /// The audit's line that everything leaves. The schema stays as it is: a backup is made before an upgrade, by the
    /// program that comes with it.
    private static func note(_ plan: Plan, _ engine: any Engine, _ folder: String) async throws {
        let ids = IDGenerator(node: nil, clock: .system)
        let lease = NodeLease(engine, ids: ids, clock: .system)
        let database = Database(
            engine: engine, keys: try MasterKey.load(plan.keyFile, mayCreate: false), ids: ids, clock: .system,
            subscriptions: Subscriptions([]))
        try await lease.take()
        do {
            try await StoreCopies.leaving(to: folder, by: NSUserName(), database)
        } catch {
            await lease.release()
            throw error
        }
        await lease.release()
    }

    /// Brings a backup back into an empty place.
    static func restore(_ invocation: Invocation) async throws {
        let folder = try target(invocation)
        let plan = try await Plan(invocation, for: .create)
        _ = try MasterKey.load(plan.keyFile, mayCreate: false)
        switch plan.store {
        case .sqlite(let path):
            let source = "\(folder)/\(sqliteName)"
            guard FileManager.default.fileExists(atPath: source) else {
                throw Refusal("\(folder) holds no backup of an SQLite store")
            }
            guard !FileManager.default.fileExists(atPath: path) else {
                throw Refusal("\(path) exists: restore into an empty data folder")
            }
            try FileManager.default.copyItem(atPath: source, toPath: path)
        case .postgres(let url):
            let engine = try await PostgresEngine(url: url, connections: 2)
            do {
                try await engine.restore(from: "\(folder)/\(postgresName)")
            } catch {
                await engine.close()
                throw error
            }
            await engine.close()
        }
        let photos = try copyFiles(from: folder + "/files", to: plan.data + "/files")
        // Opening brings the schema up to date and proves that the key fits.
        let node = try await Node.open(plan)
        let isReadable = try await node.holdsReadableSecrets()
        let verdict = try await node.sealer.verify()
        guard isReadable else {
            await node.close()
            throw Refusal("the key \(plan.keyFile) is not the one this backup was made with: its secrets stay sealed")
        }
        if let problem = verdict.problem {
            await node.close()
            throw Refusal("restored, but the audit does not verify: \(problem)")
        }
        do {
            try await StoreCopies.broughtBack(from: folder, by: NSUserName(), node.services.database)
        } catch {
            await node.close()
            throw error
        }
        await node.close()
        print("restored: the database, \(photos) files, \(verdict.entries) audit entries verified")
    }

    private static func target(_ invocation: Invocation) throws -> String {
        guard invocation.words.count == 2 else {
            throw Refusal("say `linli \(invocation.words[0]) FOLDER`")
        }
        return invocation.words[1]
    }

    private static func copyFiles(from source: String, to target: String) throws -> Int {
        guard FileManager.default.fileExists(atPath: source) else { return 0 }
        var count = 0
        let names = FileManager.default.enumerator(atPath: source)
        while let name = names?.nextObject() as? String {
            guard name.hasSuffix(".jpg"), !name.hasPrefix("tmp/") else { continue }
            let path = "\(target)/\(name)"
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true
            )
            if !FileManager.default.fileExists(atPath: path) {
                try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: path)
            }
            count += 1
        }
        return count
    }
}
