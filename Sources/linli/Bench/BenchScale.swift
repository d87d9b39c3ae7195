import Foundation
import LinliCore
import NIOHTTP1

/// `linli bench scale`: does a store of many cases cost more than one of a thousand?
struct BenchScale: Sendable {
    let stage: Stage
    private var settings: BenchSettings { stage.settings }

    /// What is looked for: words of every tenth case, of some and of hardly any, long ones, two together, ASCII, none.
    private static let words = [
        "电梯", "垃圾", "路灯", "麻烦尽快来看看", "瑞记", "电梯 瑞记", "17", "D0000500", "没有这个词",
    ]

    private struct Store: Sendable {
        var desk = BenchFigure()
        var casePage = BenchFigure()
        var searches: [Search] = []
    }

    private struct Search: Sendable {
        let word: String
        let hits: Int
        let p50: Double
        let p95: Double
    }

    func run() async throws -> BenchReport {
        let small = try await measure("small", cases: 1000, searches: false)
        let large = try await measure("large", cases: settings.scale, searches: true)
        var report = BenchReport("\(settings.engine), \(grouped(Double(settings.scale))) cases", settings)
        var pages = TextTable(
            header: [
                "what", "CPU µs/op, 1,000 cases", "CPU µs/op, \(grouped(Double(settings.scale)))", "ratio", "p99 ms",
                "bar", "met",
            ]
        )
        for (name, one, other) in [
            ("desk, list of 50", small.desk, large.desk), ("case page of the desk", small.casePage, large.casePage),
        ] {
            let (before, after) = (one.serverMicroseconds ?? 0, other.serverMicroseconds ?? 0)
            let bar = BenchBar(words: "≤ 1.5 ×", isMet: after <= 1.5 * before)
            pages.rows.append(
                [
                    name, grouped(before), grouped(after), decimal(before > 0 ? after / before : 0, 2) + " ×",
                    decimal(other.p99, 2),
                ]
                    + BenchBar.cells([bar])
            )
        }
        report.add(pages)
        var searches = TextTable(header: ["search", "cases with it", "p50 ms", "p95 ms", "bar", "met"])
        for search in large.searches {
            searches.rows.append(
                [search.word, grouped(Double(search.hits)), decimal(search.p50, 2), decimal(search.p95, 2)]
                    + BenchBar.cells([BenchBar(words: "≤ 50 ms", isMet: search.p95 <= 50)])
            )
        }
        report.add(searches)
        report.add(["- Searches come one after the other, by a dispatcher of the street."])
        return report
    }

    private func measure(_ name: String, cases: Int, searches: Bool) async throws -> Store {
        print("… a store of \(grouped(Double(cases))) cases")
        fflush(nil)
        let premises = try await stage.make(name)
        // A million cases take minutes; hours would be a fault.
        _ = try await stage.linli(["demo", "--scale", "\(cases)"], premises, within: 4 * 3600)
        let people = BenchPeople(stage: stage, premises: premises)
        let tokens = try await people.residentTokens()
        let (need, hits) = try await BenchStore.with(try await premises.plan()) { store in
            var hits: [String: Int] = [:]
            for word in BenchScale.words where searches { hits[word] = try await store.hits(word) }
            return (try await store.need(), hits)
        }
        return try await ServerChild.with(stage, ["serve"], premises, answersAt: "/health") { server in
            var requests = BenchRequests(port: server.port, residentTokens: tokens, need: need)
            // The same cases in both stores: it is the store around them that differs.
            requests.cases = try await requests.tellSome()
            requests.dispatcher = try await people.dispatcherSession(server.port)
            var store = Store()
            store.desk = try await page(.desk, requests, server)
            store.casePage = try await page(.casePage, requests, server)
            for word in BenchScale.words where searches {
                store.searches.append(try await search(word, hits[word] ?? 0, requests))
            }
            return store
        }
    }

    private func page(_ item: BenchItem, _ requests: BenchRequests, _ server: ServerChild) async throws -> BenchFigure {
        guard try await requests.probe(item) else { throw Refusal("\(item.rawValue) is missing") }
        let load = Load(
            port: server.port, requests: requests.of(item), expected: 200, connections: settings.connections
        )
        let whole = BenchRun.Slice(warmUpSeconds: settings.warmUpSeconds, seconds: settings.seconds)
        return try await BenchRun(stage: stage).measure(load, server, item.rawValue, whole)
    }

    private func search(_ word: String, _ hits: Int, _ requests: BenchRequests) async throws -> Search {
        let escaped = word.utf8.map { "%" + String($0, radix: 16) }.joined()
        let request = WireRequest(.GET, "/desk/search?q=\(escaped)", [("cookie", requests.dispatcher)])
        let load = Load(port: requests.port, requests: [request], expected: 200, connections: 1)
        _ = try await load.run(seconds: 1, named: "search \(word)")
        let outcome = try await load.run(seconds: max(2, settings.seconds / 6), named: "search \(word)")
        return Search(
            word: word, hits: hits, p50: outcome.times.milliseconds(50), p95: outcome.times.milliseconds(95)
        )
    }
}
