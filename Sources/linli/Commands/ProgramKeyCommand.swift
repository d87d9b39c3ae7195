import Foundation
import LinliCore
import LinliKernel

/// `linli user key --name N [--revoke]`, `linli user keys`: keys of other organizations' programs.
enum ProgramKeyCommand {
    /// Makes the key of a program and prints it last, or revokes it.
    static func run(_ invocation: Invocation) async throws {
        let name = invocation.text("name").trimmed
        let isMissing = name.isEmpty && invocation.isKnown("name")
        try await with(invocation, also: isMissing ? ["--name must say which program the key is for"] : []) {
            keys, context in
            guard !invocation.isOn("revoke") else {
                try await keys.revoke(name, context)
                return print("the key of \(name) is revoked")
            }
            let key = try await keys.make(name, context)
            // Last, so that a script can take the last line.
            print("the key of \(name), shown this once:\n\(key)")
        }
    }

    /// Lists the keys; the secrets are kept nowhere.
    static func list(_ invocation: Invocation) async throws {
        try await with(invocation) { keys, _ in
            for key in try await keys.all() {
                let end = key.revokedAt.map { "revoked \($0.iso8601)" } ?? "holds"
                print("\(key.name)  made \(key.createdAt.iso8601)  \(end)")
            }
        }
    }

    private static func with(
        _ invocation: Invocation, also problems: [String] = [],
        _ body: (ProgramKeys, Context) async throws -> Void
    ) async throws {
        let node = try await Node.open(try await Plan(invocation, for: .existing) { _ in problems })
        let database = node.services.database
        do {
            try await body(ProgramKeys(database), .system("user", now: database.clock.now))
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }
}
