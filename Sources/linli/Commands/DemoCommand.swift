import Administration
import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliSQL

/// `linli demo [--photos] [--scale N] [--logins]`, `linli demo city [--fraction 0.1]`.
enum DemoCommand {
    static func run(_ invocation: Invocation) async throws {
        if invocation.isOn("logins") {
            try invocation.understood()
            print(String(decoding: Demo.loginsJSON().bytes, as: UTF8.self))
            return
        }
        let plan = try await Plan(invocation, for: .create) { _ in problems(invocation) }
        if invocation.words.count > 1 { return try await city(plan, Double(invocation.text("fraction")) ?? 1) }
        let (scale, open) = (invocation.number("scale") ?? 0, invocation.number("scale-open") ?? 0)
        let node = try await Node.open(plan)
        let now = node.services.database.clock.now
        let report = try await Demo.install(node.services, now: now, photos: invocation.isOn("photos"))
        print(sentence(report))
        let tools = try await DeskDemo.install(node.services, now: now)
        if tools > 0 { print("added \(tools) prepared answers and lists") }
        let run = JobRun(
            database: node.services.database, payload: "", context: .system("demo", now: now), logger: node.logger)
        let offers = try await CareDemo.install(node.services, run)
        if offers > 0 { print("\(offers) services offered to people the registers know") }
        try await field(node.services, now: now, photos: invocation.isOn("photos"))
        if scale > 0 {
            let made = try await Demo.scale(cases: scale, openPerMille: open, node.services, now: now)
            print("\(made) more cases")
        }
        // What the writes told their subscribers is counted before the program ends.
        while await node.dispatcher.round() > 0 {}
        try await sealAll(node)
        await node.close()
    }

    /// What is wrong with the command's own words and settings.
    private static func problems(_ invocation: Invocation) -> [String] {
        var problems: [String] = []
        if !["", "city"].contains(invocation.words.dropFirst().joined(separator: " ")) {
            problems.append("say `linli demo` or `linli demo city`")
        }
        for (name, largest) in [("scale", 10_000_000), ("scale-open", 1000)] {
            let isNumber = invocation.number(name).map { (0...largest).contains($0) } ?? false
            if !isNumber { problems.append("--\(name) must be a number up to \(largest)") }
        }
        let isShare = Double(invocation.text("fraction")).map { $0 > 0 && $0 <= 1 } ?? false
        if !isShare { problems.append("--fraction must be a number above 0 and at most 1") }
        return problems
    }

    /// The grids as they are worked: rosters, people, a plan ahead, and rounds.
    private static func field(_ services: Services, now: Instant, photos: Bool) async throws {
        let people = try await Demo.field(services, now: now)
        let paint: PatrolDemo.Painter = { try await Demo.stairPhoto(isAfter: $0, services, $1) }
        let rounds = try await PatrolDemo.install(services, now: now, paint: photos ? paint : nil)
        if people + rounds > 0 { print("\(people) stewards and volunteers in the grids, \(rounds) patrols walked") }
    }

    /// `linli demo city [--fraction 0.1]`: the demo, and a made-up city around it for measurements.
    private static func city(_ plan: Plan, _ fraction: Double) async throws {
        let node = try await Node.open(plan)
        let now = node.services.database.clock.now
        print(sentence(try await Demo.install(node.services, now: now, photos: false)))
        let following = follow(node)
        let report = try await Demo.city(fraction: fraction, node.services, now: now) { line in
            print(line)
            // Somebody watches this for half an hour.
            fflush(nil)
        }
        following.cancel()
        try await following.value
        let counting = ContinuousClock.now
        try await finish(node)
        let rest = (ContinuousClock.now - counting) / .seconds(1)
        let bytes: Int = try await node.services.database.read { try $0.value(.storeBytes) ?? 0 }
        let rate = Int(Double(report.people) / max(report.seconds, 0.001))
        print(
            """
            \(report.communities) communities, \(report.grids) grids filled (\(report.known) were there), \
            \(report.households) households, \(report.people) people in \(Int(report.seconds)) s: \(rate) people a second; \
            counted, labelled and sealed in \(Int(rest)) s; \(bytes / 1_000_000) MB
            """)
        await node.close()
    }

    private static func sentence(_ report: Demo.Report) -> String {
        if report.isUnchanged { return "the demo is there already" }
        return "added \(report.divisions) divisions, \(report.units) units, \(report.places) places, "
            + "\(report.accounts) people, \(report.entries) entries of the registers, \(report.cases) cases, \(report.photos) photos"
    }

    /// Counts, debts of visits and labels follow while the city is entered, as they do in a running server.
    private static func follow(_ node: Node) -> Task<Void, any Error> {
        Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        if await node.dispatcher.round() == 0 { await pause() }
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try await label(node)
                        await pause()
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// What is left of counts, labels and seals, side by side; then what these left each other.
    private static func finish(_ node: Node) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { while await node.dispatcher.round() > 0 {} }
            group.addTask { try await label(node) }
            group.addTask { try await sealAll(node) }
            try await group.waitForAll()
        }
        while await node.dispatcher.round() > 0 {}
        try await label(node)
        while await node.dispatcher.round() > 0 {}
        try await sealAll(node)
    }

    private static func pause() async {
        // Cancelled it ends at once, which is what it is cancelled for.
        try? await Task.sleep(for: .milliseconds(200))
    }

    /// Works labels out for everybody, as the job of a server would by and by; a grid at a time, since nobody waits here.
    private static func label(_ node: Node) async throws {
        let database = node.services.database
        while try await database.read({ try LabelWork.isWaiting($0) }), !Task.isCancelled {
            try await LabelWork.goOn(database, many: SQL.longestPrepared)
        }
    }

    private static func sealAll(_ node: Node) async throws {
        while try await node.sealer.seal() > 0 {}
    }
}
