import Foundation
import LinliCore
import LinliKernel
import LinliUI

/// Paths that belong to the server itself: files of the design system, the app shell, health, live updates.
enum Platform {
    static func routes(_ parts: ServerParts) -> [Route] {
        [
            .get("/assets/:version/:name", access: .public, asset),
            .get("/vendor/leaflet/:name", access: .public) { request, _ in
                try vendor(request, folder: parts.settings.vendorFolder)
            },
            .get("/tiles/:z/:x/:y", access: .public, Tiles.tile),
            .get("/manifest.webmanifest", access: .public) { _, _ in try file("manifest.webmanifest", "no-cache") },
            .get("/worker.webmanifest", access: .public) { _, _ in try file("worker.webmanifest", "no-cache") },
            .get("/sw.js", access: .public) { _, _ in serviceWorker() },
            .get("/offline", access: .public) { _, _ in .page(ErrorPages.offline) },
            .get("/outbox/token", access: .public) { request, _ in
                var json = JSONWriter()
                json.object { json in
                    json.field("field", "csrf")
                    json.field("token", request.formToken)
                    // Whose words may be sent now: a phone may have changed hands since they were written.
                    json.field("user", request.session.map { "\($0.account.id)" } ?? "")
                }
                return .json(json)
            },
            .get("/live", access: .public, live),
            .get("/continue/:token", access: .signedIn, goOn),
            .get("/api/v1/openapi.json", access: .public) { _, services in
                .json(
                    OpenAPI.document(
                        services.features.routes, version: parts.settings.version, origin: parts.settings.origin
                    )
                )
            },
            .get("/health", access: .public) { _, services in try await health(services, parts.settings.version) },
            .get("/metrics", access: .public) { request, services in
                guard isLoopback(request.remoteAddress) else { throw LinliError.notFound("metrics") }
                return try await metrics(services, parts.metrics)
            },
        ]
    }

    /// What is called when nothing fits, said as `door` says failures.
    static func missing(_ door: ProtocolDoor? = nil) -> Route {
        Route(.get, "*", access: door?.access ?? .public, refuse: door?.refuse) { _, _ in
            throw LinliError.notFound("route")
        }
    }

    // MARK: Files

    private static func asset(_ request: Request, _ services: Services) async throws -> Reply {
        try file(request.parameters["name"] ?? "", "public, max-age=31536000, immutable")
    }

    private static func file(_ name: String, _ caching: String) throws -> Reply {
        guard let file = Assets.shared.files[name] else { throw LinliError.notFound("asset") }
        return Reply(.bytes(file.bytes, type: file.type)).adding("cache-control", caching)
    }

    /// Leaflet from the system's package, only the files named here.
    private static func vendor(_ request: Request, folder: String) throws -> Reply {
        let name = request.parameters["name"] ?? ""
        let allowed = ["leaflet.js", "leaflet.css", "marker-icon.png", "marker-shadow.png", "layers.png"]
        guard allowed.contains(name) else { throw LinliError.notFound("vendor") }
        let candidates = ["\(folder)/leaflet/\(name)", "\(folder)/leaflet/images/\(name)"]
        for path in candidates {
            // A missing package is no error: the map falls back to its SVG.
            guard let data = try? Data(contentsOf: URL(filePath: path)) else { continue }
            return Reply(.bytes(Array(data), type: Assets.type(of: name) ?? "application/octet-stream"))
                .adding("cache-control", "public, max-age=86400")
        }
        throw LinliError.notFound("vendor")
    }

    private static func serviceWorker() -> Reply {
        guard let file = Assets.shared.files["sw.js"] else { return Reply(.empty, status: 404) }
        var list = JSONWriter()
        list.array { json in
            for name in Assets.shared.files.keys.sorted() where name != "sw.js" { json.value(Assets.path(name)) }
            json.value("/offline")
            json.value("/grid/phone")
        }
        let text = String(decoding: file.bytes, as: UTF8.self)
            .replacingOccurrences(of: "__VERSION__", with: Assets.shared.version)
            .replacingOccurrences(of: "__ASSETS__", with: String(decoding: list.bytes, as: UTF8.self))
            .replacingOccurrences(of: "from \"/assets/", with: "from \"/assets/\(Assets.shared.version)/")
        return Reply(.bytes(Array(text.utf8), type: "text/javascript; charset=utf-8"))
            .adding("cache-control", "no-cache")
    }

    // MARK: Forms kept while somebody signed in

    private static func goOn(_ request: Request, _ services: Services) async throws -> Reply {
        guard let kept = try await KeptForms.open(request.parameters["token"] ?? "", services.database) else {
            throw LinliError(
                .notFound,
                "forms.gone",
                Text("保留的内容已经过期，请重新填写", "What was kept is gone by now; please fill it in again")
            )
        }
        return .page(
            TypedForm(kept).page(
                Text("已登录，请再提交一次", "You are signed in: send it again"),
                Text("您刚才填写的内容还在。", "What you entered is still here."),
                formToken: request.formToken, note: ""
            )
        )
    }

    // MARK: Methods

    /// What is called when the path is there, but not this way; said as `door` says failures, else as a problem for who
    /// asks for JSON and as a page for everybody else.
    static func wrongMethod(_ allowed: [String], _ door: ProtocolDoor?, isJSON: Bool) -> Route {
        Route(.get, "*", access: door?.access ?? .public, refuse: door?.refuse) { request, _ in
            let allow = allowed.joined(separator: ", ")
            let error = LinliError(
                .wrongMethod, "request.method",
                Text("这个网址只接受 \(allow)", "This address answers to \(allow)")
            )
            let (path, language) = (request.path, request.context.language)
            if let door { return door.refuse(error, path, language).adding("allow", allow) }
            guard isJSON else { return Reply.page(ErrorPages.wrongMethod, status: 405).adding("allow", allow) }
            let problem = ErrorPages.problem(error, requestID: request.context.requestID, language)
            return Reply(.bytes(problem.bytes, type: "application/problem+json"), status: 405).adding("allow", allow)
        }
    }

    // MARK: Live updates

    /// `topics=case/00f…,desk`: a case's topic needs the right to see the case, or its receipt as `r/TOKEN`.
    private static func live(_ request: Request, _ services: Services) async throws -> Reply {
        var topics: [String: String] = [:]
        var own: Set<String> = []
        var scope: Scope?
        for name in (request.query["topics"] ?? "").split(separator: ",").prefix(20).map(String.init) {
            if name == "desk" {
                if request.session?.isVerified == true { scope = request.context.actor.scope(for: .casesRead) }
            } else if name.hasPrefix("r/") {
                let id = try await services.queries.caseID(receipt: String(name.dropFirst(2)))
                topics[CasePath.topic(id)] = name
                own.insert(CasePath.topic(id))
            } else if name.hasPrefix("case/"), let id = ID<Case>(name.dropFirst(5)) {
                let view = try await services.queries.view(id, request.context)
                topics[name] = name
                if view.standing.isReporter { own.insert(name) }
            }
        }
        guard !topics.isEmpty || scope != nil else { throw LinliError.notFound("live.topics") }
        let after = request.query["after"].flatMap { Int64($0) }
        let interests = request.context.actor.scope.interests
        let wish = LiveHub.Wish(topics: topics, scope: scope, own: own, interests: interests)
        return Reply(.live(wish, after: after))
    }

    // MARK: Operations

    private static func health(_ services: Services, _ version: String) async throws -> Reply {
        let vitals: Vitals
        do {
            vitals = try await Vitals.read(services.database)
        } catch {
            // Whatever the store says: a node that cannot read gets no more requests.
            throw LinliError(
                .unavailable, "health.store", Text("读不到数据库", "The store cannot be read"), detail: "\(error)",
                retryAfterSeconds: 5)
        }
        var json = JSONWriter()
        json.object { json in
            json.field("status", "ok")
            json.field("version", version)
            json.field("outboxLagSeconds", vitals.outboxLagSeconds)
        }
        return .json(json)
    }

    private static func metrics(_ services: Services, _ metrics: WebMetrics) async throws -> Reply {
        let database = services.database
        let vitals = try await Vitals.read(database)
        let bytes = try await StoreState.bytes(database)
        let figures = [
            ("linli_store_bytes", "gauge", bytes),
            ("linli_store_commits_total", "counter", vitals.commits),
            ("linli_store_writes_total", "counter", vitals.writes),
            ("linli_store_retries_total", "counter", vitals.retries),
            ("linli_store_reads_total", "counter", vitals.reads),
            ("linli_outbox_waiting", "gauge", vitals.deliveriesWaiting),
            ("linli_outbox_lag_seconds", "gauge", Int(vitals.outboxLagSeconds)),
            ("linli_outbox_dead", "gauge", vitals.deliveriesDead),
            ("linli_jobs_dead", "gauge", vitals.jobsDead),
            ("linli_job_subjects_failing", "gauge", vitals.subjectsFailing),
            ("linli_live_streams", "gauge", services.live.count),
        ]
        let text = metrics.text(figures, commands: database.retries.all, failures: database.failures.all)
        return Reply(.bytes(Array(text.utf8), type: "text/plain; version=0.0.4"))
    }

    private static func isLoopback(_ address: String) -> Bool {
        address.hasPrefix("127.") || address == "::1"
    }
}
