import Foundation
import LinliCore
import LinliKernel
import LinliSQL

/// `linli backup DIR`: the store and the photos, never the keys. `RestoreCommand` brings them back.
enum BackupCommand {
    /// What the store is called in a backup.
    static func name(of store: Plan.Store) -> String {
        switch store {
        case .sqlite: "linli.db"
        case .postgres: "linli.pgdump"
        }
    }

    /// Copies the store while others write, then the photos; a photo is on disk before its row is, so a row in the copy
    /// always has its photo.
    static func run(_ invocation: Invocation) async throws {
        let folder = invocation.words.count == 2 ? invocation.words[1] : ""
        let plan = try await Plan(invocation, for: .existing) { _ in
            guard !folder.isEmpty else { return ["say `linli backup FOLDER`"] }
            let isEmpty = (try? FileManager.default.contentsOfDirectory(atPath: folder).isEmpty) ?? true
            return isEmpty ? [] : ["\(folder) is not empty: a backup goes into a folder of its own"]
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
            try await engine.copy(to: "\(folder)/\(name(of: plan.store))")
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

    /// Copies the photos that `target` lacks, each whole or not at all; a second try goes on where the first stopped.
    static func copyFiles(from source: String, to target: String) throws -> Int {
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
                let half = path + ".half"
                // Of a try that was stopped; where there is none, nothing is to be removed.
                try? FileManager.default.removeItem(atPath: half)
                try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: half)
                try FileManager.default.moveItem(atPath: half, toPath: path)
            }
            count += 1
        }
        return count
    }
}
