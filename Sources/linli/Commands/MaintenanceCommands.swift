import Administration
import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliStandards

/// Commands that look after a deployment.
enum MaintenanceCommands {
    /// `linli migrate`.
    static func migrate(_ invocation: Invocation) async throws {
        let node = try await Node.open(try await Plan(invocation, for: .create))
        print("the database is up to date")
        await node.close()
    }

    /// `linli doctor`: audit, outbox, counts, rates, registers, labels.
    static func doctor(_ invocation: Invocation) async throws {
        let node = try await Node.open(try await Plan(invocation, for: .existing))
        let verdict = try await node.sealer.verify()
        let laidDown = try await node.plan.auditRoots?.problem(node.services.database)
        let vitals = try await Vitals.read(node.services.database)
        let counts = try await node.services.database.read { try CaseCounts.recount($0) }
        let miscounts = try await node.services.database.read { try CaseCounts.differences($0) }
        let heads = try await node.services.database.read { try RegisterCounts.differences($0) }
        let labels = try await node.services.database.read { try LabelCounts.differences($0) }
        let today = node.services.database.clock.now.date
        let calendar = node.services.days.current
        let rates = try await RatesCommand.recount(nil, node)
        let notes = [try await emptyHouseholds(node), try await unitsWithoutHands(node)].compactMap { $0 }
        let readsPictures = await node.services.reader.isReady()
        await node.close()
        var problems: [String] = []
        print("audit: \(verdict.entries) entries in \(verdict.batches) sealed batches, \(verdict.waiting) waiting")
        if let problem = verdict.problem { problems.append("audit: \(problem)") }
        if let laidDown {
            print("audit roots: \(laidDown.roots) laid down outside")
            if let problem = laidDown.problem { problems.append("audit roots: \(problem)") }
        }
        let (waiting, lag) = (vitals.deliveriesWaiting, vitals.outboxLagSeconds)
        print("outbox: \(waiting) waiting, lag \(lag) s, \(vitals.deliveriesDead) dead")
        if vitals.deliveriesDead > 0 { problems.append("outbox: \(vitals.deliveriesDead) deliveries were given up") }
        if vitals.subjectsFailing > 0 {
            problems.append(
                "jobs: \(vitals.subjectsFailing) cases or others fail and are tried again; the log names them")
        }
        if vitals.jobsDead > 0 { problems.append("jobs: \(vitals.jobsDead) were given up") }
        print("cases: \(counts.counted), counted by events \(counts.stored)")
        if counts.counted != counts.stored, vitals.deliveriesWaiting == 0 {
            problems.append("counts: \(counts.stored) by events, but there are \(counts.counted) cases")
        }
        if vitals.deliveriesWaiting == 0 {
            problems += miscounts.map { "counts: \($0.what) has \($0.counted) cases, counted by events \($0.stored)" }
        }
        print("registers: \(heads.isEmpty ? "head-counts equal a recount" : "head-counts differ")")
        if vitals.deliveriesWaiting == 0 {
            problems += heads.map {
                "registers: \($0.division) has \($0.counted) of \($0.what), counted by events \($0.stored)"
            }
        }
        print("labels: \(labels.isEmpty ? "sums equal a recount" : "sums differ")")
        problems += labels.map { "labels: \($0.division) has \($0.counted) of one, its sum says \($0.stored)" }
        print("holidays: known through \(calendar.sources.last.map { "\($0.year)" } ?? "no year")")
        if !calendar.knows(today) {
            problems.append(
                "holidays: those of \(today.year) are missing, clocks count Monday to Friday: enter them under /admin/holidays"
            )
        }
        for note in notes { print(note) }
        let unread = "not read: install tesseract-ocr and tesseract-ocr-chi-sim"
        print("screenshots of chat groups: \(readsPictures ? "their words are read" : unread)")
        print("rates: \(rates.sentence)")
        problems += rates.differences.map { "rates: \($0)" }
        guard problems.isEmpty else { throw Invocation.Misunderstood(sentences: problems) }
        print("all is well")
    }

    /// Households that everybody left before a household ended by it; nil for none.
    private static func emptyHouseholds(_ node: Node) async throws -> String? {
        let count = try await node.services.database.read { try EmptyHouseholds.leftOver($0) }
        return count == 0 ? nil : "households: \(count) are open though everybody has left; a daily job ends them"
    }

    /// Where cases may go and nobody may sign for them; nil for nowhere. No fault of the data: whoever gives out duties
    /// decides, and a unit may be new.
    private static func unitsWithoutHands(_ node: Node) async throws -> String? {
        let now = node.services.database.clock.now
        let names = try await node.services.database.read { try UnitsStore.withoutHands(at: now, $0).map(\.name.zh) }
        guard !names.isEmpty else { return nil }
        let some = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
        return "units: cases may go to \(names.count) where nobody may sign for them: \(some)"
    }

    /// `linli features`.
    static func features() throws {
        let catalogue = try Catalogue(Feature.communityManagement + Feature.administration)
        for feature in catalogue.features {
            print("\(feature.id)  \(feature.name.zh) · \(feature.name.en)")
            for route in feature.routes { print("  \(route.method.rawValue) \(route.path)  [\(route.access)]") }
        }
    }
}
