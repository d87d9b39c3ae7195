import Administration
import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import NIOHTTP1

/// `linli bench rates`: a million closed cases and fifty thousand open ones; how long the three rates of a district and a
/// month take, and whether the sums equal a recount.
struct BenchRates: Sendable {
    let stage: Stage
    private var settings: BenchSettings { stage.settings }

    /// Of a thousand older cases so many stay open: with those of the last two weeks it is one in twenty-one of all.
    private static let openPerMille = 30

    /// Cases that go through the program after the sums were made.
    private static let lived = 1500

    private struct Timed: Sendable {
        let name: String
        let bar: Double?
        var milliseconds: [Double] = []

        func percentile(_ share: Double) -> Double {
            let sorted = milliseconds.sorted()
            guard !sorted.isEmpty else { return 0 }
            return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share / 100))]
        }
    }

    func run() async throws -> BenchReport {
        // As many closed ones as were asked for, and a twentieth of that open.
        let cases = settings.scale + settings.scale / 20
        print("… a store of \(grouped(Double(cases))) cases")
        fflush(nil)
        let premises = try await stage.make("large")
        let began = ContinuousClock.now
        _ = try await stage.linli(
            ["demo", "--scale", "\(cases)", "--scale-open", "\(BenchRates.openPerMille)"], premises, within: 4 * 3600
        )
        let making = (ContinuousClock.now - began) / .seconds(1)
        let (counts, reads, lived) = try await BenchStore.with(try await premises.plan()) { store in
            print("… real cases through the path of events")
            fflush(nil)
            let lived = try await LivedCases(store: store, count: BenchRates.lived).run()
            return (try await BenchRates.counts(store.services), try await measure(store.services), lived)
        }
        let counting = ContinuousClock.now
        let words = ["rates", "recount", "--evidence", "--newest", "\(BenchRates.lived)"]
        let proof = try await stage.linli(words, premises, within: 3600).split(separator: "\n").joined(separator: "; ")
        let proving = (ContinuousClock.now - counting) / .seconds(1)
        let page = try await measurePage(premises)
        var report = BenchReport(
            "\(settings.engine), rates of \(grouped(Double(settings.scale))) closed cases", settings)
        report.add(table(reads + [page]))
        report.add([
            "- \(grouped(Double(counts.closed))) closed and \(grouped(Double(counts.open))) open cases, "
                + "made in \(grouped(making)) s; \(grouped(Double(counts.sums))) rows of sums.",
            "- After the sums were made, \(grouped(Double(BenchRates.lived))) cases were told, worked on and answered through "
                + "the program: \(grouped(Double(lived))) events changed the sums one by one.",
            "- `linli rates recount --evidence --newest \(BenchRates.lived)`, \(decimal(proving)) s: \(proof)",
            "- Reads come one after the other from inside the program, by the district; the page over HTTP, by the street.",
        ])
        return report
    }

    private func table(_ rows: [Timed]) -> TextTable {
        var table = TextTable(header: ["what", "reads", "p50 ms", "p95 ms", "max ms", "bar", "met"])
        for row in rows {
            let p95 = row.percentile(95)
            let bars = row.bar.map { [BenchBar(words: "≤ \(Int($0)) ms", isMet: p95 <= $0)] } ?? []
            table.rows.append(
                [
                    row.name, "\(row.milliseconds.count)", decimal(row.percentile(50), 2), decimal(p95, 2),
                    decimal(row.milliseconds.max() ?? 0, 2),
                ] + BenchBar.cells(bars)
            )
        }
        return table
    }

    private static func counts(_ services: Services) async throws -> (closed: Int, open: Int, sums: Int) {
        try await services.database.read { tx in
            (
                try tx.value("SELECT count(*) FROM case_item WHERE is_open = 0") ?? 0,
                try tx.value("SELECT count(*) FROM case_item WHERE is_open = 1") ?? 0,
                try tx.value("SELECT count(*) FROM rate_month") ?? 0
            )
        }
    }

    private func measure(_ services: Services) async throws -> [Timed] {
        let now = services.database.clock.now
        let months = AssessmentMonth(at: now, cutoff: 31).back(12)
        let district = DemoDivision.district
        let scope = Scope(divisions: [district], units: [], account: nil, interests: [])
        let area = try RateArea(division: district, unit: nil, scope)
        let database = services.database
        return [
            try await time("three rates of a district and a month", bar: 50, months) { month in
                try await database.read { _ = try RatesStore.totals([month], area, $0) }
            },
            try await time("the same, twelve months", bar: nil, months) { month in
                try await database.read { _ = try RatesStore.totals(month.back(12), area, $0) }
            },
            try await time("units of the district, a month", bar: nil, months) { month in
                try await database.read { _ = try RatesStore.units(month, area, $0) }
            },
            try await time("evidence, a page of 50", bar: nil, months) { month in
                try await database.read {
                    _ = try RatesStore.rows(month, area, .all, category: nil, after: nil, limit: 51, $0)
                }
            },
            try await time("evidence not solved, a page of 50", bar: nil, months) { month in
                try await database.read {
                    _ = try RatesStore.rows(month, area, .unsolved, category: nil, after: nil, limit: 51, $0)
                }
            },
        ]
    }

    private func time(
        _ name: String, bar: Double?, _ months: [AssessmentMonth], _ read: (AssessmentMonth) async throws -> Void
    ) async throws -> Timed {
        var timed = Timed(name: name, bar: bar)
        for round in 0..<50 {
            for month in months {
                let start = ContinuousClock.now
                try await read(month)
                // The first round warms up.
                if round > 0 { timed.milliseconds.append((ContinuousClock.now - start) / .milliseconds(1)) }
            }
        }
        return timed
    }

    private func measurePage(_ premises: Premises) async throws -> Timed {
        let people = BenchPeople(stage: stage, premises: premises)
        return try await ServerChild.with(stage, ["serve"], premises, answersAt: "/health") { server in
            let cookie = try await people.dispatcherSession(server.port)
            let month = AssessmentMonth(at: WallClock.system.now, cutoff: 31)
            return try await time("page of the three rates", bar: nil, month.back(6)) { month in
                let request = WireRequest(.GET, "/desk/rates?month=\(month)", [("cookie", cookie)])
                let answer = try await Wire.fetch(request, server.port)
                guard answer.status == 200 else { throw Refusal("the page was answered with \(answer.status)") }
            }
        }
    }
}
