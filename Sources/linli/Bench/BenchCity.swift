import Administration
import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliSQL

/// `linli bench city`: how long the lists of the registers take in the city that `linli demo city` made, and whether they
/// take longer there than in one community of it.
///
/// Reads come one after the other from inside the program, each on another grid. People of a label are not measured here:
/// labels belong to another part of the kernel, which adds its line to `reads`.
struct BenchCity: Sendable {
    private let services: Services
    private let grids: [DivisionCode]
    private static let rounds = 200

    /// A read to measure: in a grid, with what the reader may see.
    private struct Read: Sendable {
        let name: String
        let bar: Double?
        let run: @Sendable (DivisionCode, Scope, ReadTx) throws -> Int
    }

    static func run(_ invocation: Invocation) async throws {
        let text = try await BenchStore.with(try await Plan(invocation, for: .existing)) { store in
            try await BenchCity(store.services).report()
        }
        print(text)
    }

    private init(_ services: Services) async throws {
        self.services = services
        let all = try await services.database.read { try DivisionsStore.all(at: WallClock.system.now, $0) }
        var filled: [DivisionCode] = []
        for grid in all.map(\.code) where grid.level == .grid && filled.count < BenchCity.rounds * 50 {
            filled.append(grid)
        }
        guard !filled.isEmpty else { throw Refusal("there is no grid: make the city with `linli demo city` first") }
        // Spread over the whole city, and each time the same ones.
        let step = max(1, filled.count / BenchCity.rounds)
        grids = stride(from: 0, to: filled.count, by: step).map { filled[$0] }
    }

    private static let reads: [Read] = [
        Read(name: "household: people, facts, dwelling", bar: 50) { grid, _, tx in
            let people = try RegisterQueries.people(in: grid, limit: 1, tx)
            guard let home = try people.first.flatMap({ try RegisterQueries.homes(of: $0.id, tx).first }),
                let household = home.household
            else { return 0 }
            _ = try RegisterQueries.dwelling(home.dwelling, tx)
            let members = try RegisterQueries.members(of: household, tx)
            for member in members {
                _ = try RegisterQueries.facts(of: RegisterSubject(.person, member.person.id), tx)
            }
            return members.count
        },
        Read(name: "head-counts of a grid and all above", bar: 10) { grid, _, tx in
            let levels = [DivisionCode.Level.grid, .community, .street, .district, .city]
            return try RegisterCounts.totals(of: levels.map { grid.ancestor(at: $0) }, tx).count
        },
        Read(name: "people of a grid, first page", bar: 50) { grid, _, tx in
            try RegisterQueries.people(in: grid, limit: 50, tx).count
        },
        search("王"), search("王芳"), search("wf"), search("3号楼2单元"), search("春风里 1101"), search("没有这人"),
    ]

    private static func search(_ words: String) -> Read {
        Read(name: "search “\(words)”", bar: 50) { grid, scope, tx in
            try RegisterFinder.find(words, in: scope, near: [grid], tx).hits.count
        }
    }

    private func report() async throws -> String {
        let city = grids.first?.ancestor(at: .city) ?? grids[0]
        let total = try await services.database.read {
            try RegisterCounts.totals(of: [city], $0)[city]?[.person] ?? 0
        }
        var table = TextTable(header: ["what", "in", "reads", "found", "p50 ms", "p95 ms", "max ms", "bar", "met"])
        for read in BenchCity.reads {
            for (name, level) in [("city", DivisionCode.Level.city), ("community", .community)] {
                try await table.rows.append(measure(read, name, level))
            }
        }
        let build = BenchSettings.isDebugBuild ? "DEBUG build: no figure here means anything" : "release build"
        let title = "### The registers of a city, \(grouped(Double(total))) people; \(build)"
        return ([title, ""] + table.lines).joined(separator: "\n")
    }

    private func measure(_ read: Read, _ name: String, _ level: DivisionCode.Level) async throws -> [String] {
        var (times, found): ([Double], Int) = ([], 0)
        for grid in grids {
            let scope = Scope(divisions: [grid.ancestor(at: level)], units: [], account: nil, interests: [])
            let began = ContinuousClock.now
            found += try await services.database.read { try read.run(grid, scope, $0) }
            times.append((ContinuousClock.now - began) / .milliseconds(1))
        }
        times.sort()
        let p95 = times[min(times.count - 1, times.count * 95 / 100)]
        let bars = read.bar.map { [BenchBar(words: "≤ \(Int($0)) ms", isMet: p95 <= $0)] } ?? []
        return [
            read.name, name, "\(times.count)", "\(found)", decimal(times[times.count / 2], 2), decimal(p95, 2),
            decimal(times.last ?? 0, 2),
        ] + BenchBar.cells(bars)
    }
}
