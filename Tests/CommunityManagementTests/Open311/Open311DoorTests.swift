import LinliTestSupport
import LinliWeb
import Testing

/// What the server itself answers under `/open311/v2`, where no route of the protocol does: in the standard's words too.
@Suite("Open311 门口")
struct Open311DoorTests {
    private struct Wrong: Sendable {
        var method = "GET"
        var path: String
        var status: Int
        var says: String
    }

    private static let wrong = [
        Wrong(method: "PUT", path: "/open311/v2/requests.json", status: 405, says: "GET, HEAD, POST"),
        Wrong(method: "DELETE", path: "/open311/v2/requests/SJ20261122-0001.xml", status: 405, says: "GET, HEAD"),
        Wrong(method: "PATCH", path: "/open311/v2/services.xml", status: 405, says: "GET, HEAD, POST"),
        Wrong(method: "PUT", path: "/open311/v2/services", status: 405, says: "GET, HEAD, POST"),
        Wrong(method: "POST", path: "/open311/v2/services.json", status: 405, says: "GET, HEAD"),
        Wrong(method: "POST", path: "/open311/v2/discovery.xml", status: 405, says: "GET, HEAD"),
        Wrong(method: "POST", path: "/open311/v2/requests/SJ20261122-0001.json", status: 405, says: "GET, HEAD"),
        Wrong(method: "POST", path: "/open311/v2/requests.json", status: 403, says: "api_key"),
        Wrong(path: "/open311/v2/services/R0101/more.json", status: 404, says: "没有"),
        Wrong(path: "/open311/v2/a/b/c/d.xml", status: 404, says: "没有"),
        Wrong(path: "/open311/v2", status: 404, says: "没有"),
        Wrong(method: "DELETE", path: "/open311/v2/a/b/c.json", status: 404, says: "没有"),
        Wrong(path: "/open311/v2/a/b/c.json?api_key=wrong", status: 403, says: "api_key"),
    ]

    @Test("方法不对、没有的地址，也用标准的格式回答，不发小饼干") func errors() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house) { site in
                for wrong in Self.wrong {
                    let answer = try await site.ask(wrong.method, wrong.path)
                    let name = "\(wrong.method) \(wrong.path)"
                    #expect(answer.status == wrong.status, "\(name): \(answer.text)")
                    #expect((answer["allow"] != nil) == (wrong.status == 405), "\(name)")
                    #expect(answer["set-cookie"] == nil && answer["x-content-type-options"] == "nosniff", "\(name)")
                    try Open311DocumentTests.isError(
                        answer["content-type"] ?? "", answer.text, wrong.status, isJSON: wrong.path.contains(".json"),
                        says: wrong.says)
                }
                let english = try await site.ask(
                    "PUT", "/open311/v2/requests.xml", headers: [("Accept-Language", "en")])
                #expect(english.status == 405 && english.text.contains("answers to GET, HEAD, POST"))
                // What is beside it is not the protocol's.
                let beside = try await site.ask("GET", "/open311/v3/services.json")
                #expect(beside.status == 404 && beside["content-type"]?.hasPrefix("text/html") == true)
            }
        }
    }

    @Test("问得太多也用标准的格式回答，没有的地址也一样") func limits() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house, { ($0.requestsPerMinute, $0.anonymousFormsPerMinute) = (2, 1) }) { site in
                for _ in 1...2 { _ = try await site.ask("GET", "/open311/v2/discovery.json") }
                for path in ["/open311/v2/discovery.json", "/open311/v2/a/b/c.json", "/open311/v2/services.xml"] {
                    let answer = try await site.ask("GET", path)
                    #expect(answer.status == 429 && answer["retry-after"] != nil, "\(path): \(answer.text)")
                    try Open311DocumentTests.isError(
                        answer["content-type"] ?? "", answer.text, 429, isJSON: path.hasSuffix(".json"), says: "太快")
                }
                let key = try await house.key()
                let form = Array("api_key=\(key)&service_code=none".utf8)
                let type = [("Content-Type", "application/x-www-form-urlencoded")]
                var statuses: [Int] = []
                for _ in 1...11 {
                    let answer = try await site.ask("POST", "/open311/v2/requests.xml", headers: type, body: form)
                    statuses.append(answer.status)
                    #expect(answer["content-type"] == "text/xml; charset=utf-8")
                    guard answer.status == 429 else { continue }
                    try Open311DocumentTests.isError(
                        answer["content-type"] ?? "", answer.text, 429, isJSON: false, says: "太快")
                }
                #expect(!statuses.prefix(10).contains(429) && statuses.last == 429)
            }
        }
    }
}
