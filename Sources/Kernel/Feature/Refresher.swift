import LinliCore
import LinliSQL
import Logging

/// Keeps what a node has in memory as new as the store.
package final class Refresher: Sendable {
    private let services: Services
    private let logger: Logger

    /// How often a node looks: one read of a table with a few rows.
    /// - Source: configured, no source
    private static let seconds = 2

    /// For these services.
    package init(_ services: Services, logger: Logger) {
        self.services = services
        self.logger = logger
    }

    /// Looks until the task is cancelled.
    package func run() async {
        var seen: [Revision: Int64] = [:]
        while !Task.isCancelled {
            do {
                seen = try await look(seen)
            } catch {
                logger.error("refresh", metadata: ["error": "\(error)"])
            }
            // Cancelled while sleeping: the loop's condition ends it.
            try? await Task.sleep(for: .seconds(Refresher.seconds))
        }
    }

    /// Reads again what was raised since `seen`, and says what is seen now.
    package func look(_ seen: [Revision: Int64]) async throws -> [Revision: Int64] {
        let numbers = try await services.database.read { tx -> [Revision: Int64] in
            var numbers: [Revision: Int64] = [:]
            // A newer node may raise what this one does not know.
            let known = SQL.list(Revision.allCases)
            try tx.each("SELECT name, number FROM revision WHERE name IN \(known)") { numbers[try $0[0]] = try $0[1] }
            return numbers
        }
        for (revision, number) in numbers where seen[revision] != number {
            switch revision {
            case .divisions: try await services.divisions.load(services.database)
            case .calendar: try await services.days.load(services.database)
            case .caseTypes: try await services.queries.types.load(services.database)
            case .dispatch: try await services.book.load(services.database)
            }
        }
        return numbers
    }
}
