import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Logging
import Testing

@testable import LinliWeb

/// Every route of the program against every kind of person, through the real server.
@Suite("谁能进哪扇门")
struct RoutesTests {
    /// Every declared route and every one of the server itself.
    static func routes(_ services: Services) -> [Route] {
        let settings = WebSettings(temporaryFolder: "")
        let parts = ServerParts(services, settings: settings, logger: Logger(label: "test"))
        return services.features.routes + Platform.routes(parts)
    }

    static func name(_ route: Route) -> String { "\(route.method.rawValue) \(route.path)" }

    @Test("每条路都有样例，没有多余的样例") func coverage() async throws {
        try await withHouse(.sqlite) { house in
            let routes = Self.routes(house.services)
            let needy = routes.filter { $0.path.contains(":") }.map(Self.name)
            let missing = Set(needy).subtracting(RouteSample.all.keys).sorted()
            #expect(missing.isEmpty, "add to RouteSample.all who gets through")
            let unknown = Set(RouteSample.all.keys).subtracting(routes.map(Self.name)).sorted()
            #expect(unknown.isEmpty, "these routes are gone")
            #expect(routes.count > 60)
        }
    }

    @Test("每条路、每种人：该进的进，不该进的一律挡住，什么也没变", arguments: TestEngine.enabled)
    func everyRouteForEveryPerson(_ engine: TestEngine) async throws {
        try await RouteScene.run(engine) { scene in
            // Whoever signs out is gone from all their devices, so that comes last.
            let routes = Self.routes(scene.site.house.services)
            let leaving = routes.filter { $0.path.contains("/sign-out") }
            for route in routes.filter({ !$0.path.contains("/sign-out") }) + leaving {
                for person in Person.allCases {
                    let visitor = try #require(scene.people[person])
                    // A shut door is shut before the store is asked: once is enough.
                    guard engine == .sqlite || Gate(route.access, person, visitor) == .open else { continue }
                    try await check(route, person, scene)
                }
            }
            let id = ID<Case>(scene.values[":case"] ?? "")?.rawValue ?? 0
            let moves = try await scene.site.house.value(
                "SELECT count(*) FROM case_entry WHERE case_id = \(id) AND kind = 'transition'", as: Int.self
            )
            #expect(moves == scene.moves, "somebody moved the case with an empty form")
        }
    }

    /// Opens one door as one person.
    private func check(_ route: Route, _ person: Person, _ scene: RouteScene) async throws {
        let name = Self.name(route)
        let ends = route.path.contains("/sign-out")
        let visitor: SiteVisitor
        if ends {
            visitor = try await RouteScene.somebody(person, scene.site)
        } else {
            visitor = try #require(scene.people[person])
        }
        let gate = Gate(route.access, person, visitor)
        if route.method != .get, gate == .open, visitor.formToken != nil {
            let bare = try await ask(route, visitor, scene, withToken: false)
            // A program without a session cannot be tricked into anything.
            let isProgram = route.operation != nil && person == .stranger
            #expect(
                bare.status == 403 || isProgram, "\(name) takes a form without token from \(person): \(bare.status)")
        }
        let before = try await scene.audits()
        let answer = try await ask(route, visitor, scene)
        let isPage = route.method == .get && !route.path.hasPrefix("/api/")
        if gate != .open {
            let objection = gate.objection(to: answer, isPage: isPage)
            #expect(objection == nil, "\(name) for \(person): \(objection ?? "")")
        } else {
            let may = RouteSample.all[name]?.may ?? RouteSample.fewer[name] ?? Person.everyone
            let isRefused = [401, 403, 404].contains(answer.status)
            #expect(
                may.contains(person) != isRefused, "\(name) for \(person): \(answer.status)")
            #expect(answer.status < 500, "\(name) for \(person): \(answer.status)")
        }
        if [401, 403, 404].contains(answer.status) {
            #expect(try await scene.audits() == before, "\(name) refused \(person) and wrote something")
        }
    }

    private func ask(
        _ route: Route, _ visitor: SiteVisitor, _ scene: RouteScene, withToken: Bool = true
    ) async throws -> Site.Answer {
        let sample = RouteSample.all[Self.name(route)]
        let path = scene.filled(sample?.path ?? route.path)
        guard route.method != .get else { return try await scene.site.open(path, as: visitor) }
        if let operation = route.operation {
            let (type, body) =
                switch operation.body {
                case .picture: ("image/png", "{}")
                case .form: ("multipart/form-data; boundary=x", "--x--\r\n")
                case .json, nil: ("application/json", "{}")
                }
            return try await scene.site.call(
                path, body, as: visitor, withToken: withToken, by: route.method.rawValue, type: type)
        }
        return try await scene.site.send(path, sample?.form ?? [], as: visitor, withToken: withToken)
    }
}

extension RouteScene {
    /// A path with values in place of its parameters.
    func filled(_ path: String) -> String {
        var path = path
        for (name, value) in values { path = path.replacing(name, with: value) }
        return path
    }

    /// How much stands in the audit of what was done; that somebody was refused may stand there too.
    func audits() async throws -> Int {
        try await site.house.value("SELECT count(*) FROM audit_entry WHERE command <> 'access.outside'") ?? 0
    }
}
