import Administration
import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliSQL

/// `linli bench city`: how long pages of the registers take in the city that `linli demo city` made, and whether they take
/// longer there than where only one community is.
///
/// Pages are drawn one after the other inside the program, each about another grid, after a round that warms what they
/// read: what a request costs besides is measured by the other benches. Lists and pages are drawn for somebody whose duty
/// is the whole city. Searches are drawn for that one, who finds more the more there is and has to have it in 50 ms, and
/// for somebody of one community, who finds the same in the city as where nothing else is and must not wait longer.
struct BenchCity: Sendable {
    private let services: Services
    private let grids: [DivisionCode]
    private let now: Instant
    private static let rounds = 200
    /// How often each of them is drawn: one drawing of 200 pages moved its 95th of 100 by half from run to run.
    private static let passes = 5
    /// One community of the 1,672.
    private static let alone = "0.0006"

    /// A page to measure, about a grid.
    private struct Page: Sendable {
        let name: String
        /// Milliseconds at the 95th of 100.
        let bar: Double
        /// Whose duty the page is drawn for.
        var reader = Reader.city
        let address: @Sendable (DivisionCode, ReadTx) throws -> String?
    }

    /// Whose duty a page is drawn for; its words stand in the report.
    private enum Reader: Sendable {
        /// The whole city; `isCompared` unless it finds more where there is more.
        case city, cityFindingMore
        /// The community of the grid the page is about.
        case community

        var words: String {
            switch self {
            case .city: ""
            case .cityFindingMore: ", of the whole city"
            case .community: ", of one community"
            }
        }

        var isCompared: Bool { self != .cityFindingMore }
    }

    /// How long the pages of one kind took in milliseconds, sorted, and how much they showed.
    private struct Times: Sendable {
        var milliseconds: [Double] = []
        var bytes = 0

        func at(_ percent: Int) -> Double {
            milliseconds.isEmpty ? 0 : milliseconds[min(milliseconds.count - 1, milliseconds.count * percent / 100)]
        }
    }

    static func run(_ stage: Stage, _ invocation: Invocation) async throws -> BenchReport {
        print("… a store with one community")
        fflush(nil)
        let small = try await stage.make("small")
        _ = try await stage.linli(["demo", "city", "--fraction", alone], small, within: 600)
        let few = try await BenchStore.with(try await small.plan()) { try await BenchCity($0.services).measure() }
        print("… the city")
        fflush(nil)
        return try await BenchStore.with(try await Plan(invocation, for: .existing)) { store in
            let city = try await BenchCity(store.services)
            let people = try await city.people()
            return report(stage.settings, people, try await city.measure(), few)
        }
    }

    private init(_ services: Services) async throws {
        self.services = services
        let now = services.database.clock.now
        let all = try await services.database.read { try DivisionsStore.all(at: now, $0) }
        // The made-up grids only, spread over the whole city, and each time the same ones.
        let filled = all.map(\.code).filter {
            $0.level == .grid && $0.ancestor(at: .community) != DemoDivision.happiness
        }
        guard !filled.isEmpty else {
            throw Refusal("there is no grid: make the city with `linli demo city` first")
        }
        grids = (0..<BenchCity.rounds).map { filled[$0 * filled.count / BenchCity.rounds] }
        self.now = now
    }

    /// Who looks at the page about a grid.
    private func context(_ reader: Reader, _ grid: DivisionCode) -> Context {
        let reads: Set<Permission> = [.peopleRead, .peopleEdit, .casesRead, .labelsCounts]
        let duty = grid.ancestor(at: reader == .community ? .community : .city)
        let grant = Grant(id: ID(rawValue: 1), role: "bench", subject: .division(duty), permissions: reads)
        return Context(actor: Actor(.account(ID(rawValue: 1)), grants: [grant]), now: now)
    }

    private static let pages: [Page] =
        [
            Page(name: "page of a household", bar: 20) { grid, tx in
                let people = try RegisterQueries.people(in: grid, limit: 1, tx)
                guard let home = try people.first.flatMap({ try RegisterQueries.homes(of: $0.id, tx).first }),
                    let household = home.household
                else { return nil }
                return "/registers/household/\(household)"
            },
            Page(name: "people of a label in a street, with their families", bar: 100) { grid, _ in
                "/desk/care?division=\(grid.ancestor(at: .street))"
            },
            Page(name: "head-counts of a community and its grids", bar: 20) { grid, _ in
                "/registers?under=\(grid.ancestor(at: .community))"
            },
            Page(name: "people of a street, 50 of them", bar: 50) { grid, _ in
                "/registers/list?kind=person&under=\(grid.ancestor(at: .street))"
            },
        ]
        + ["王", "王芳", "wf", "3号楼2单元", "春风里 1101", "没有这人"].flatMap { words in
            [Reader.cityFindingMore, .community].map { search(words, $0) }
        }

    private static func search(_ words: String, _ reader: Reader) -> Page {
        Page(name: "search “\(words)”\(reader.words)", bar: 50, reader: reader) { _, _ in "/desk/find?q=\(words)" }
    }

    private func people() async throws -> Int {
        let city = grids[0].ancestor(at: .city)
        return try await services.database.read { try RegisterCounts.totals(of: [city], $0)[city]?[.person] ?? 0 }
    }

    private func measure() async throws -> [Times] {
        var all: [Times] = []
        for page in BenchCity.pages {
            var times = Times()
            let asked = try await services.database.read { tx in
                try grids.compactMap { grid in try page.address(grid, tx).map { ($0, context(page.reader, grid)) } }
            }
            for (address, context) in asked { _ = try await draw(address, context) }
            for (address, context) in repeatElement(asked, count: BenchCity.passes).joined() {
                let began = ContinuousClock.now
                times.bytes += try await draw(address, context)
                times.milliseconds.append((ContinuousClock.now - began) / .milliseconds(1))
            }
            times.milliseconds.sort()
            all.append(times)
        }
        return all
    }

    /// Draws a page as the server would; returns its bytes.
    private func draw(_ address: String, _ context: Context) async throws -> Int {
        let parts = address.split(separator: "?", maxSplits: 1)
        let path = String(parts[0])
        let query = parts.dropFirst().flatMap { $0.split(separator: "&") }.map {
            field -> (name: String, value: String) in
            let pair = field.split(separator: "=", maxSplits: 1)
            return (name: String(pair[0]), value: pair.count > 1 ? String(pair[1]) : "")
        }
        var parameters: [String: String] = [:]
        let words = path.split(separator: "/")
        let route = services.features.routes.first { route in
            let pattern = route.path.split(separator: "/")
            guard route.method == .get, pattern.count == words.count else { return false }
            parameters = [:]
            return zip(pattern, words).allSatisfy { name, word in
                if name.hasPrefix(":") { parameters[String(name.dropFirst())] = String(word) }
                return name.hasPrefix(":") || name == word
            }
        }
        guard let route else { throw Refusal("there is no page \(path)") }
        let request = Request(
            path: path, parameters: parameters, query: Form(query), context: context, formToken: "bench")
        let reply = try await route.handle(request, services)
        guard reply.status == 200, case .page(let page) = reply.content else {
            throw Refusal("\(path) was answered with \(reply.status)")
        }
        return page.body.string(.zh).utf8.count
    }

    private static func report(
        _ settings: BenchSettings, _ people: Int, _ city: [Times], _ alone: [Times]
    ) -> BenchReport {
        var report = BenchReport("\(settings.engine), the registers of \(grouped(Double(people))) people", settings)
        var table = TextTable(header: [
            "what", "pages", "KB", "p50 ms", "p95 ms", "max ms", "p95 with one community", "bar", "met",
        ])
        for (index, page) in pages.enumerated() {
            let (many, few) = (city[index], alone[index])
            var bars = [BenchBar(words: "≤ \(Int(page.bar)) ms", isMet: many.at(95) <= page.bar)]
            if page.reader.isCompared {
                bars.append(BenchBar(words: "≤ 1.5 ×", isMet: many.at(95) <= few.at(95) * 1.5))
            }
            table.rows.append(
                [
                    page.name, "\(many.milliseconds.count)",
                    decimal(Double(many.bytes) / Double(max(many.milliseconds.count, 1)) / 1000, 1),
                    decimal(many.at(50), 2), decimal(many.at(95), 2), decimal(many.at(100), 2), decimal(few.at(95), 2),
                ] + BenchBar.cells(bars)
            )
        }
        report.add(table)
        report.add([
            "- Each page is drawn inside the program, one after the other, after a round that warms what it reads; where no "
                + "duty is named, for somebody whose duty is the whole city."
        ])
        return report
    }
}
