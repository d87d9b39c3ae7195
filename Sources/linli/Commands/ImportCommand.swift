import Foundation
import LinliCore
import LinliKernel

/// `linli import divisions FILE`, `linli import population FILE`.
enum ImportCommand {
    static func run(_ invocation: Invocation) async throws {
        let words = invocation.words
        let isSaid = words.count == 3 && ["divisions", "population"].contains(words[1])
        let path = isSaid ? words[2] : ""
        // Why it cannot be read does not matter: the sentence is the same.
        let content = try? String(contentsOfFile: path, encoding: .utf8)
        let plan = try await Plan(invocation, for: .existing) { _ in
            guard isSaid else { return ["say `linli import divisions FILE` or `linli import population FILE`"] }
            return content == nil ? ["the file \(path) cannot be read: check its name and rights"] : []
        }
        let text = content ?? ""
        let node = try await Node.open(plan)
        let context = Context.system("import", now: node.services.database.clock.now)
        do {
            if words[1] == "population" {
                try await population(text, node, context)
            } else {
                try await divisions(text, (path as NSString).lastPathComponent, node, context)
            }
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }

    private static func divisions(_ text: String, _ source: String, _ node: Node, _ context: Context) async throws {
        let outcome = try await DivisionImport.run(
            text: text, source: source, database: node.services.database, context: context
        )
        for skipped in outcome.skipped { print("line \(skipped.line): \(skipped.text.en)") }
        print("\(outcome.added) added, \(outcome.unchanged) unchanged, \(outcome.skipped.count) left out")
        if outcome.madeUp > 0 {
            print("\(outcome.madeUp) had no code of their own: theirs were made up, and are marked so")
        }
    }

    private static func population(_ text: String, _ node: Node, _ context: Context) async throws {
        let figures = try PopulationImport.figures(text)
        for start in stride(from: 0, to: figures.count, by: 250) {
            let part = Array(figures[start..<min(start + 250, figures.count)])
            try await node.services.database.write(context, "population.import") { tx in
                try PopulationStore.put(part, tx)
            }
        }
        print("\(figures.count) figures read")
    }
}
