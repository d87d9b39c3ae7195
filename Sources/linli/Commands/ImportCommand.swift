import Foundation
import LinliCore
import LinliKernel

/// `linli import divisions FILE`.
enum ImportCommand {
    static func run(_ invocation: Invocation) async throws {
        guard invocation.words.count == 3, invocation.words[1] == "divisions" else {
            throw Refusal("say `linli import divisions FILE`")
        }
        let path = invocation.words[2]
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Refusal("the file \(path) cannot be read: check its name and rights")
        }
        let node = try await Node.open(try await Plan(invocation, for: .existing))
        let context = Context.system("import", now: node.services.database.clock.now)
        let outcome = try await DivisionImport.run(
            text: text,
            source: (path as NSString).lastPathComponent,
            database: node.services.database,
            context: context
        )
        for skipped in outcome.skipped { print("line \(skipped.line): \(skipped.text.en)") }
        print("\(outcome.added) added, \(outcome.unchanged) unchanged, \(outcome.skipped.count) left out")
        if outcome.madeUp > 0 {
            print("\(outcome.madeUp) had no code of their own: theirs were made up, and are marked so")
        }
        await node.close()
    }
}
