import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import Synchronization

/// What was really done in the stores of a test run: the commands that left an audit entry, and the transitions of
/// cases that were taken.
///
/// `./linli test` names a file in `LINLI_TEST_COMMANDS` and compares it afterwards with what the sources declare
/// (`Tests/Support/audited.py`): a command that no test runs fails there.
enum CommandLedger {
    private static let known = Mutex<Set<String>>([])
    private static let path = ProcessInfo.processInfo.environment["LINLI_TEST_COMMANDS"]

    /// Reads the audit of a house that is about to go.
    static func note(_ house: House) async throws {
        // An engine that judges plans is not asked for whole tables.
        guard let path, !(house.services.database.engine is PlanKeeper) else { return }
        guard let done = try await done(in: house) else { return }
        let fresh = known.withLock { known in done.filter { known.insert($0).inserted } }
        guard !fresh.isEmpty else { return }
        try write(fresh, to: path)
    }

    /// What the store of a house says was done; nil for one that its test took away.
    private static func done(in house: House) async throws -> [String]? {
        do {
            return try await read(house)
        } catch let error as LinliError where error.kind == .unavailable {
            return nil
        }
    }

    private static func read(_ house: House) async throws -> [String] {
        try await house.services.database.read { tx in
            try tx.all("SELECT DISTINCT command FROM audit_entry") { "command " + (try $0[0] as String) }
                + tx.all(
                    """
                    SELECT DISTINCT c.type, e.transition FROM case_entry e JOIN case_item c ON c.id = e.case_id
                    WHERE e.kind = 'transition'
                    """
                ) { "transition \(try $0[0] as String).\(try $0[1] as String)" }
        }
    }

    private static func write(_ fresh: [String], to path: String) throws {
        guard
            FileManager.default.fileExists(atPath: path) || FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { return }
        try file.seekToEnd()
        try file.write(contentsOf: Data((fresh.joined(separator: "\n") + "\n").utf8))
        try file.close()
    }
}
