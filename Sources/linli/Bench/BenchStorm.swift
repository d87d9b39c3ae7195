import Administration
import Foundation
import LinliCore
import LinliKernel
import NIOHTTP1
import Synchronization

/// `linli bench storm`: hours of reports and of staff at work in minutes, a node killed in the middle, and afterwards
/// every deadline and every rung of escalation worked out again by other means.
struct BenchStorm: Sendable {
    let stage: Stage
    private var settings: BenchSettings { stage.settings }

    /// The clock of the bench runs so many times as fast.
    static let rate: Int64 = 60
    /// Bench time that an alert, or a step taken in the same moment, may be off by: five seconds of the machine.
    static let slackMinutes = 5

    private static let workers = 48

    func run() async throws -> BenchReport {
        print("… a store with the demo")
        fflush(nil)
        let premises = try await stage.make("demo")
        _ = try await stage.linli(["demo"], premises)
        let people = BenchPeople(stage: stage, premises: premises)
        let cast = try await StormCast(people: people, premises: premises)
        let clock = StormClock(start: WallClock.system.now, rate: BenchStorm.rate)
        // SQLite has one node; on PostgreSQL one of two is killed while the other goes on.
        let nodes = StormNodes(stage, premises, clock, count: settings.isPostgres ? 2 : 1)
        var end = clock.start
        let storm = Storm(cast, nodes, reports: settings.storm, seconds: settings.seconds)
        do {
            for index in 0..<(settings.isPostgres ? 2 : 1) { try await nodes.start(index) }
            print("… \(grouped(Double(settings.storm))) reports in \(Int(settings.seconds)) s")
            fflush(nil)
            try await rage(storm, nodes)
            // What is due by now is written by the jobs of the nodes, the outbox is emptied.
            try await Task.sleep(for: .seconds(5))
            if let port = await nodes.port(0) { try await OutboxWatch(port: port).waitUntilEmpty() }
            end = clock.clock.now
            await nodes.stop()
        } catch {
            await nodes.stop()
            throw error
        }
        print("… working everything out again")
        fflush(nil)
        let outcome = storm.outcome
        let until = end
        let check = try await BenchStore.with(try await premises.plan()) { store in
            try await StormCheck(store: store, outcome: outcome, from: clock.start).run(until: until)
        }
        return report(outcome, check)
    }

    private func rage(_ storm: Storm, _ nodes: StormNodes) async throws {
        let seconds = settings.seconds
        let victim = settings.isPostgres ? 1 : 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Task.sleep(for: .seconds(seconds * 0.4))
                await nodes.kill(victim)
                try await Task.sleep(for: .seconds(3))
                try await nodes.start(victim)
            }
            for worker in 0..<BenchStorm.workers { group.addTask { try await storm.work(worker) } }
            try await group.waitForAll()
        }
    }

    private func report(_ outcome: Storm.Outcome, _ check: [ClockProof.Row]) -> BenchReport {
        var report = BenchReport("\(settings.engine), storm", settings)
        var times = TextTable(header: ["what", "sent", "p50 ms", "p99 ms", "max ms"])
        for (name, histogram) in outcome.times.sorted(by: { $0.key < $1.key }) {
            times.rows.append([
                name, grouped(Double(histogram.count)), decimal(histogram.milliseconds(50), 1),
                decimal(histogram.milliseconds(99), 1), decimal(Double(histogram.largest) / 1000, 1),
            ])
        }
        report.add(times)
        var checks = TextTable(header: ["what was worked out again", "looked at", "wrong", "bar", "met"])
        for row in check {
            let bar = BenchBar(words: "0 wrong", isMet: row.wrong.isEmpty)
            checks.rows.append(
                [row.name, grouped(Double(row.count)), "\(row.wrong.count)"] + BenchBar.cells([bar])
            )
        }
        report.add(checks)
        let nodes = settings.isPostgres ? "one of two nodes" : "the only node"
        report.add(
            [
                "- The clock ran \(BenchStorm.rate) times as fast; \(nodes) was killed with -9 after 40 % of the time and "
                    + "started again 3 s later; \(grouped(Double(outcome.retries))) requests were sent again, each with "
                    + "its Idempotency-Key.",
                "- A report is routed and dispatched in its own request; its time is that of a dispatch.",
            ] + check.flatMap { row in row.wrong.prefix(3).map { "- \(row.name): \($0)" } }
        )
        return report
    }
}

/// Who tells and who acts, with tokens.
struct StormCast: Sendable {
    let residents: [String]
    let dispatcher: String
    let property: String
    let city: String
    let need: BenchNeed
    /// The unit of the city office: where refused cases go.
    let office: ID<LinliKernel.Unit>

    init(people: BenchPeople, premises: Premises) async throws {
        residents = try await people.residentTokens()
        dispatcher = try await people.dispatcherToken()
        property = try await people.token(DemoStaff.propertyHandler.phone)
        city = try await people.token(DemoStaff.cityHandler.phone)
        (need, office) = try await BenchStore.with(try await premises.plan()) { store in
            (try await store.need(), try await store.unit("城市管理办公室"))
        }
    }
}

/// The reports and steps of a storm, due at their time and sent until they are acknowledged.
final class Storm: Sendable {
    /// What one case goes through, the same in every run.
    enum Script: Int, CaseIterable, Sendable {
        case handled, refused, noted, left, paused, extended

        /// Of twenty cases ten are handled, four refused first, two only written about, two left alone; one is paused for
        /// a while and one gets more time. That makes three steps a case.
        init(_ number: Int) {
            switch number % 20 {
            case 3: self = .paused
            case 13: self = .extended
            case 6, 7, 16, 17: self = .refused
            case 8, 18: self = .noted
            case 9, 19: self = .left
            default: self = .handled
            }
        }

        var steps: [String] {
            switch self {
            case .handled: ["accept", "note", "finish"]
            case .refused: ["refuse", "dispatch", "take"]
            case .noted: ["accept", "note", "note", "note", "note"]
            case .left: []
            case .paused: ["accept", "askPause", "grantPause", "resume", "note"]
            case .extended: ["accept", "askExtend", "grantExtend"]
            }
        }

        /// The state it is in when every step was acknowledged.
        var state: String {
            switch self {
            case .handled: "confirming"
            case .refused, .noted, .paused, .extended: "handling"
            case .left: "dispatched"
            }
        }
    }

    struct Outcome: Sendable {
        /// Cases by id, with what was done to them.
        var cases: [String: Script] = [:]
        var urgent: Set<String> = []
        var times: [String: Histogram] = [:]
        var retries = 0
    }

    private struct Job: Sendable {
        let number: Int
        /// 0 tells the need.
        let step: Int
        let due: Double
        var id = ""
    }

    private struct State {
        var waiting: [Int: [Job]] = [:]
        /// Before this tick nothing waits any more.
        var first = 0
        var left: Int
        var outcome = Outcome()
    }

    private let cast: StormCast
    private let nodes: StormNodes
    private let began = ContinuousClock.now
    private let state: Mutex<State>

    init(_ cast: StormCast, _ nodes: StormNodes, reports: Int, seconds: Double) {
        self.cast = cast
        self.nodes = nodes
        var waiting: [Int: [Job]] = [:]
        // Steps follow within a quarter of the time.
        for number in 0..<reports {
            let due = seconds * 0.75 * Double(number) / Double(reports)
            waiting[Storm.tick(due), default: []].append(Job(number: number, step: 0, due: due))
        }
        let total = (0..<reports).reduce(0) { $0 + 1 + Script($1).steps.count }
        state = Mutex(State(waiting: waiting, left: total))
        gap = seconds * 0.25 / 8
    }

    /// The longest pause between two steps of a case, in seconds.
    private let gap: Double

    var outcome: Outcome { state.withLock { $0.outcome } }

    private static func tick(_ seconds: Double) -> Int { Int(seconds * 20) }

    /// Does what is due until nothing is left.
    func work(_ worker: Int) async throws {
        while let left = state.withLock({ $0.left > 0 ? $0.left : nil }), left > 0 {
            guard let job = next() else {
                try await Task.sleep(for: .milliseconds(20))
                continue
            }
            try await perform(job, worker)
        }
    }

    private func next() -> Job? {
        let now = Storm.tick((ContinuousClock.now - began) / .seconds(1))
        return state.withLock { state in
            while state.first <= now {
                if let job = state.waiting[state.first]?.popLast() { return job }
                state.waiting[state.first] = nil
                state.first += 1
            }
            return nil
        }
    }

    private func perform(_ job: Job, _ worker: Int) async throws {
        struct Taken: Decodable { let id: String }
        let script = Script(job.number)
        let name = job.step == 0 ? "report" : script.steps[job.step - 1]
        let began = ContinuousClock.now
        let answer = try await acknowledged(try await request(job, name, worker), worker, name)
        let time = ContinuousClock.now - began
        let id = job.step == 0 ? try answer.decode(Taken.self).id : job.id
        state.withLock { state in
            state.outcome.times[name, default: Histogram()].add(time)
            if job.step == 0 {
                state.outcome.cases[id] = script
                if Storm.isUrgent(job.number) { state.outcome.urgent.insert(id) }
            }
            state.left -= 1
            guard job.step < script.steps.count else { return }
            let pause = gap * Double((job.number * 7 + job.step) % 8 + 1) / 8
            let due = (ContinuousClock.now - self.began) / .seconds(1) + pause
            state.waiting[max(Storm.tick(due), state.first), default: []].append(
                Job(number: job.number, step: job.step + 1, due: due, id: id)
            )
        }
    }

    /// Sends until a node says yes: what was not acknowledged may have been done, and the key tells.
    private func acknowledged(_ request: WireRequest, _ worker: Int, _ name: String) async throws -> WireAnswer {
        for attempt in 0..<240 {
            if attempt > 0 {
                state.withLock { $0.outcome.retries += 1 }
                try await Task.sleep(for: .milliseconds(250))
            }
            guard let port = await nodes.port(worker + attempt) else { continue }
            do {
                let answer = try await Wire.fetch(request, port)
                if (200..<300).contains(answer.status) { return answer }
                // The first try may still be under way on the node that did not answer.
                let isRunning = answer.status == 409 && answer.body.contains("idempotency.running")
                guard answer.status >= 500 || isRunning else {
                    throw Wrong(words: "\(name) was answered with \(answer.status): \(answer.body.prefix(300))")
                }
            } catch let wrong as Wrong {
                throw Refusal(wrong.words)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                // A node that is gone, or going: the next try asks another.
                continue
            }
        }
        throw Refusal("\(name): no node answered for a minute")
    }

    private struct Wrong: Error { let words: String }

    /// Of twenty one that is left alone, the one that is paused and the one that gets more time: their clocks are short
    /// enough for rungs before and after it.
    static func isUrgent(_ number: Int) -> Bool { [3, 9, 13].contains(number % 20) }

    /// What was asked for and waits for a decision.
    private func waiting(_ id: String, _ worker: Int) async throws -> String {
        struct Seen: Decodable {
            struct Asked: Decodable {
                let id: String
                let state: String
            }
            let requests: [Asked]
        }
        let headers = [("authorization", "Bearer \(cast.dispatcher)")]
        let answer = try await acknowledged(WireRequest(.GET, "/api/v1/cases/\(id)", headers), worker, "case")
        guard let asked = try answer.decode(Seen.self).requests.first(where: { $0.state == "waiting" }) else {
            throw Refusal("\(id): nothing waits for a decision")
        }
        return asked.id
    }

    private func request(_ job: Job, _ name: String, _ worker: Int) async throws -> WireRequest {
        var json = JSONWriter()
        var (path, token) = ("/api/v1/cases/\(job.id)", cast.property)
        switch name {
        case "report":
            (path, token) = ("/api/v1/cases", cast.residents[job.number % cast.residents.count])
            json.object { cast.need.write(into: &$0, isUrgent: Storm.isUrgent(job.number)) }
        case "note":
            path += "/notes"
            json.object { $0.field("text", "到现场看过，灯头已换，明天再看一次") }
        case "askPause", "askExtend":
            path += "/requests"
            json.object { json in
                json.field("kind", name == "askPause" ? "pause" : "extend")
                json.field("reasonClass", name == "askPause" ? "material" : "complex")
                json.field("days", 1)
                json.field("text", "灯具厂家缺货，已经订了")
            }
        case "grantPause", "grantExtend":
            path += "/requests/\(try await waiting(job.id, worker))/decision"
            token = cast.dispatcher
            json.object { json in
                json.field("granted", true)
                json.field("text", "属实")
            }
        case "resume": path += "/resume"
        default:
            path += "/transitions"
            token = name == "dispatch" ? cast.dispatcher : name == "take" ? cast.city : cast.property
            json.object { json in
                json.field("transition", name == "take" ? "accept" : name)
                json.field("text", "按程序处理，已告知居民")
                // A few people do the work of a city here.
                if name == "take" || name == "accept" { json.field("sure", true) }
                if name == "refuse" { json.field("reasonClass", "notOurs") }
                if name == "dispatch" { json.field("unit", "\(cast.office)") }
            }
        }
        var headers = [("authorization", "Bearer \(token)"), ("idempotency-key", "storm-\(job.number)-\(job.step)")]
        if !json.bytes.isEmpty { headers.append(("content-type", "application/json")) }
        return WireRequest(.POST, path, headers, body: json.bytes)
    }
}
