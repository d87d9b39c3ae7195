import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import LinliWeb

/// What a monitor reads.
@Suite("指标")
struct MetricsTests {
    @Test("直方图按路的种类，逐档累加，总数对得上")
    func histogram() {
        let metrics = WebMetrics()
        for milliseconds in [1, 3, 30, 30, 20_000] {
            metrics.count(.page, status: 200, .milliseconds(milliseconds))
        }
        metrics.count(.api, status: 503, .milliseconds(7))
        let text = metrics.text([], commands: [(command: "cases.accept", count: 3)])
        let lines = text.split(separator: "\n").map(String.init)
        let name = "linli_request_seconds"
        for line in [
            "linli_requests_total{status=\"2xx\"} 5", "linli_requests_total{status=\"5xx\"} 1",
            "# TYPE \(name) histogram", "\(name)_bucket{class=\"page\",le=\"0.001\"} 1",
            "\(name)_bucket{class=\"page\",le=\"0.005\"} 2", "\(name)_bucket{class=\"page\",le=\"0.025\"} 2",
            "\(name)_bucket{class=\"page\",le=\"0.05\"} 4", "\(name)_bucket{class=\"page\",le=\"10.0\"} 4",
            "\(name)_bucket{class=\"page\",le=\"+Inf\"} 5", "\(name)_count{class=\"page\"} 5",
            "\(name)_count{class=\"api\"} 1", "linli_command_retries_total{command=\"cases.accept\"} 3",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        let sum = lines.first { $0.hasPrefix("\(name)_sum{class=\"page\"}") }?.split(separator: " ").last
        #expect(abs((sum.flatMap { Double($0) } ?? 0) - 20.064) < 0.000_1)
    }

    @Test("每条路有一种")
    func classes() async throws {
        try await withHouse(.sqlite) { house in
            let routes = house.services.features.routes
            func kind(_ path: String, _ method: Request.Method = .get) -> RouteClass? {
                routes.first { $0.path == path && $0.method == method }.map { RouteClass($0) }
            }
            #expect(kind("/desk") == .page && kind("/desk/new", .post) == .form)
            #expect(kind("/api/v1/cases") == .api && kind("/cases/:id/photos/:file") == .file)
            #expect(kind("/open311/v2/:resource") == .open311)
            #expect(RouteClass(Platform.missing()) == .page)
        }
    }

    @Test("服务器自己的指标答得出来：直方图、库的大小", arguments: TestEngine.enabled)
    func answered(_ engine: TestEngine) async throws {
        try await withSite(engine) { site in
            _ = try await site.get("/")
            let text = try await site.get("/metrics").text
            #expect(text.contains("linli_request_seconds_count{class=\"page\"} 1"))
            let line = text.split(separator: "\n").first { $0.hasPrefix("linli_store_bytes ") }
            #expect((line?.split(separator: " ").last.flatMap { Int($0) } ?? 0) > 100_000)
            #expect(text.contains("linli_outbox_lag_seconds "))
        }
    }

    @Test("库不在了，/health 用 JSON 说 503，也不管要的是什么")
    func unhealthy() async throws {
        try await withSite(.sqlite) { site in
            let well = try await site.get("/health")
            #expect(well.status == 200 && well.text.contains("\"status\":\"ok\""))
            await site.house.services.database.engine.close()
            for accept in ["*/*", "text/html", "application/json"] {
                let answer = try await site.get("/health", ["Accept": accept])
                #expect(answer.status == 503, "\(accept)")
                #expect(answer.headers["content-type"] == "application/problem+json", "\(accept)")
                #expect(answer.text.contains("\"status\":503") && answer.text.contains("health.store"))
                #expect(answer.headers["retry-after"] == "5")
            }
        }
    }
}
