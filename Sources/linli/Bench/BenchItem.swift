import LinliCore
import LinliKernel
import NIOHTTP1

/// What can be measured, in the order it is measured.
enum BenchItem: String, CaseIterable, Sendable {
    case plaintext, raw
    case homeAnonymous = "home-anonymous"
    case home, desk
    case casePage = "case"
    case grid, create

    /// Whether the server of a neighbourhood is asked.
    var isOfServer: Bool { self != .plaintext && self != .raw }

    /// What the table says.
    func name(_ settings: BenchSettings) -> String {
        switch self {
        case .plaintext: "plaintext request"
        case .raw: settings.isPostgres ? "raw: pgbench, the same statements" : "raw: group commit of the same rows"
        case .homeAnonymous: "home, anonymous"
        case .home: "home, signed-in resident"
        case .desk: "desk, list of 50"
        case .casePage: "case page of the desk"
        case .grid: "point → grid"
        case .create: "case created durably"
        }
    }
}

/// What the requests of a bench are made from.
struct BenchRequests: Sendable {
    let port: Int
    let residentTokens: [String]
    var residents: [String] = []
    var dispatcher = ""
    /// Cases the dispatcher sees.
    var cases: [String] = []
    let need: BenchNeed

    /// The requests of an item, sent in turn.
    func of(_ item: BenchItem) -> [WireRequest] {
        switch item {
        case .plaintext, .raw, .homeAnonymous: [WireRequest(.GET, "/")]
        case .home: residents.map { WireRequest(.GET, "/", [("cookie", $0)]) }
        case .desk: [WireRequest(.GET, "/desk", [("cookie", dispatcher)])]
        case .casePage: cases.map { WireRequest(.GET, "/desk/cases/\($0)", [("cookie", dispatcher)]) }
        case .grid: BenchRequests.points.map { WireRequest(.GET, "/api/v1/grids/locate?lat=\($0)&lon=\($1)") }
        case .create:
            residentTokens.map { token in
                let headers = [("authorization", "Bearer \(token)"), ("content-type", "application/json")]
                return WireRequest(.POST, "/api/v1/cases", headers, body: need.json)
            }
        }
    }

    /// Tells some needs, so that the dispatcher's list is longer than a page; returns the cases.
    func tellSome() async throws -> [String] {
        struct Taken: Decodable { let id: String }
        var cases: [String] = []
        for _ in 0..<8 {
            for request in of(.create) {
                let answer = try await Wire.fetch(request, port)
                guard answer.status == 201 else { throw Refusal("a creation was answered with \(answer.status)") }
                cases.append(try answer.decode(Taken.self).id)
            }
        }
        return cases
    }

    /// The status that counts.
    static func status(of item: BenchItem) -> Int { item == .create ? 201 : 200 }

    /// Doors of the demo, in several grids.
    private static let points = [
        ("39.91380", "116.40200"), ("39.91480", "116.40205"), ("39.91570", "116.40510"), ("39.91660", "116.40590"),
        ("39.91370", "116.40520"), ("39.91830", "116.40230"), ("39.91940", "116.40520"), ("40.20765", "116.39905"),
    ]

    /// Asks once before anything is measured: the answer must be the page that is meant.
    ///
    /// - Returns: false when this server does not have the route.
    func probe(_ item: BenchItem) async throws -> Bool {
        guard let request = of(item).first else { throw Refusal("\(item.rawValue): there is nothing to ask for") }
        let answer = try await Wire.fetch(request, port)
        if item == .grid, answer.status == 404 { return false }
        let expected = BenchRequests.status(of: item)
        guard answer.status == expected else {
            throw Refusal(
                "\(item.rawValue): answered with \(answer.status), not \(expected): \(answer.body.prefix(200))")
        }
        let rows = answer.body.split(separator: "<tr data-case=").count - 1
        if item == .desk, rows != 50 { throw Refusal("desk: the list has \(rows) rows, not 50") }
        if item == .home, !answer.body.contains("href=\"/mine\"") {
            throw Refusal("home: the page is not that of somebody signed in")
        }
        return true
    }
}
