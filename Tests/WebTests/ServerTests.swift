import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import ServiceLifecycle
import Testing

@testable import LinliWeb

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What the server does with requests that something is wrong with: nothing that was typed is lost, and the answer says
/// what to do.
@Suite("服务器的回答")
struct ServerTests {
    private static let words = "三单元的灯又不亮了，老人摸黑上楼"

    private func fields(_ pairs: [(String, String)]) -> String {
        pairs.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
            .joined(separator: "&")
    }

    @Test("页面放久了：填的字还在，再提交一次就收下；别的网站发来的不给看", arguments: TestEngine.enabled)
    func oldPage(_ engine: TestEngine) async throws {
        try await withSite(engine) { site in
            let visit = ["Cookie": "linli_visit=0123456789abcdef0123456789abcdef"]
            let old = fields([("csrf", "old"), ("text", Self.words), ("once", "0123456789abcdef")])
            let refused = try await site.post("/report", old, visit.merging(["Sec-Fetch-Site": "same-origin"]) { $1 })
            #expect(refused.status == 403)
            #expect(refused.text.contains("name=\"text\" value=\"\(Self.words)\""))
            let token = site.keys.formToken(session: "0123456789abcdef0123456789abcdef")
            #expect(refused.text.contains("name=\"csrf\" value=\"\(token)\""))
            #expect(!refused.text.contains("value=\"old\""))
            let again = fields([("csrf", token), ("text", Self.words), ("once", "0123456789abcdef")])
            #expect(try await site.post("/report", again, visit).status == 303)
            for sender in [["Sec-Fetch-Site": "cross-site"], ["Origin": "https://elsewhere.example"], [:]] {
                let foreign = try await site.post("/report", old, visit.merging(sender) { $1 })
                #expect(foreign.status == 403 && !foreign.text.contains(Self.words), "\(sender)")
            }
        }
    }

    @Test("来访的 Cookie 自己写什么，也换不来照片和短信链接的凭证", arguments: TestEngine.enabled)
    func chosenCookie(_ engine: TestEngine) async throws {
        try await withSite(engine) { site in
            for words in ["file:1", "message:1:asked:1", "receipt::0123456789abcdef"] {
                let sent = fields([("csrf", "old"), ("text", Self.words)])
                let page = try await site.post(
                    "/report", sent, ["Cookie": "linli_visit=\(words)", "Sec-Fetch-Site": "same-origin"])
                #expect(page.text.contains(site.keys.formToken(session: words)))
                #expect(!page.text.contains(site.keys.secret(of: words)))
            }
        }
    }

    @Test("登录过期：先登录，填的字还在，库里看不到", arguments: TestEngine.enabled)
    func sessionOver(_ engine: TestEngine) async throws {
        try await withSite(engine) { site in
            let resident = try await site.house.context(.tenant)
            let id = try await site.house.report(try await site.house.draft(), resident)
            let form = fields([("csrf", "old"), ("text", Self.words), ("password", "secret-word")])
            let path = "/cases/\(id)/note"
            let own = ["Sec-Fetch-Site": "same-origin"]
            let answer = try await site.post(path, form, own)
            #expect(answer.status == 303)
            let target = answer.headers["location"] ?? ""
            let waiting = target.split(separator: "next=").last.map(String.init)?.removingPercentEncoding ?? ""
            #expect(target.hasPrefix("/sign-in?") && waiting.hasPrefix("/continue/"))
            let kept: [UInt8]? = try await site.house.value("SELECT sealed FROM kept_form")
            #expect(!String(decoding: try #require(kept), as: UTF8.self).contains("灯又不亮"))
            let session = try await site.session(.tenant)
            let page = try await site.get(waiting, ["Cookie": "linli_session=\(session)"])
            #expect(page.status == 200 && page.text.contains("name=\"text\" value=\"\(Self.words)\""))
            #expect(page.text.contains("action=\"\(path)\"") && !page.text.contains("secret-word"))
            let sent = fields([("csrf", site.keys.formToken(session: session)), ("text", Self.words)])
            let done = try await site.post(path, sent, ["Cookie": "linli_session=\(session)"])
            #expect(done.status == 303 && done.headers["location"]?.contains("done=note") == true)
            site.house.clock.advance(minutes: 61)
            #expect(try await site.get(waiting, ["Cookie": "linli_session=\(session)"]).status == 404)
            #expect(try await site.post(path, form, [:]).status == 401)
        }
    }

    @Test("库连不上：有页面、有重试时间、字还在") func away() async throws {
        try await withSite(.sqlite) { site in
            await site.house.services.database.engine.close()
            let form = fields([("csrf", "x"), ("text", Self.words)])
            let cookie = ["Cookie": "linli_session=somebody", "Sec-Fetch-Site": "same-origin"]
            let answer = try await site.post("/report", form, cookie)
            #expect(answer.status == 503)
            #expect(answer.text.contains("name=\"text\" value=\"\(Self.words)\""))
            #expect(answer.headers["content-security-policy"] != nil)
            let page = try await site.get("/desk", cookie)
            #expect(page.status == 503 && page.text.contains("<h1>"))
            let json = try await site.get("/api/v1/me", ["Authorization": "Bearer x"])
            #expect(json.status == 503 && json.text.contains("\"status\":503"))
            for answer in [answer, page, json] { #expect(answer.headers["retry-after"] == "5") }
        }
    }

    @Test("方法不对是 405，说明收什么；没有的网址还是 404") func methods() async throws {
        try await withSite(.sqlite) { site in
            let signOut = try await site.get("/sign-out")
            #expect(signOut.status == 405 && signOut.headers["allow"] == "POST" && signOut.text.contains("<h1>"))
            let report = try await site.call("PUT", "/report", "", [:])
            #expect(report.status == 405 && report.headers["allow"] == "GET, HEAD, POST")
            let api = try await site.call("DELETE", "/api/v1/cases", "", ["Accept-Language": "zh-CN"])
            #expect(api.status == 405 && api.headers["content-type"] == "application/problem+json")
            #expect(api.text.contains("\"title\":\"这个网址只接受") && api.text.contains("\"id\":\"request.method\""))
            let english = try await site.call("DELETE", "/api/v1/cases", "", ["Accept-Language": "en"])
            #expect(english.text.contains("\"title\":\"This address answers to"))
            #expect(try await site.call("PUT", "/nowhere", "", [:]).status == 404)
        }
    }

    @Test("一个账号一分钟只能提交这么多次") func rates() async throws {
        var settings = WebSettings(port: 0, temporaryFolder: "")
        settings.accountFormsPerMinute = 3
        try await withSite(.sqlite, settings) { site in
            let session = try await site.session(.tenant)
            let cookie = ["Cookie": "linli_session=\(session)"]
            let form = fields([("csrf", site.keys.formToken(session: session)), ("receipt", "x")])
            var statuses: [Int] = []
            for _ in 1...4 { statuses.append(try await site.post("/find", form, cookie).status) }
            #expect(statuses == [422, 422, 422, 429])
        }
    }
}

/// A server of its own over a house, asked over HTTP.
struct WebSite: Sendable {
    let house: House
    let port: Int

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let text: String
    }

    var keys: KeyRing { house.services.database.keys }

    /// The cookie of a fresh session.
    func session(_ person: DemoResident) async throws -> String {
        let context = try await house.context(person)
        let account = try #require(context.actor.account)
        return try await house.services.signIn.open(account, nil, "test", context).token
    }

    func get(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
        try await call("GET", path, nil, headers)
    }

    func post(_ path: String, _ form: String, _ headers: [String: String]) async throws -> Answer {
        let type = ["Content-Type": "application/x-www-form-urlencoded"]
        return try await call("POST", path, form, headers.merging(type) { $1 })
    }

    func call(_ method: String, _ path: String, _ body: String?, _ headers: [String: String]) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieStorage = nil
        let client = URLSession(configuration: configuration, delegate: StaysHere(), delegateQueue: nil)
        defer { client.finishTasksAndInvalidate() }
        let (data, response) = try await client.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        var found: [String: String] = [:]
        for (name, value) in answer.allHeaderFields { found["\(name)".lowercased()] = "\(value)" }
        return Answer(status: answer.statusCode, headers: found, text: String(decoding: data, as: UTF8.self))
    }
}

/// A client that does not follow redirects: where they lead is what is looked at.
private final class StaysHere: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}

/// Gives `body` a server over a house with the demo community, on a port of its own.
func withSite(
    _ engine: TestEngine, _ settings: WebSettings = WebSettings(port: 0, temporaryFolder: ""),
    _ body: @escaping @Sendable (WebSite) async throws -> Void
) async throws {
    try await withHouse(engine) { house in
        var settings = settings
        settings.temporaryFolder = house.folder
        let (ports, started) = AsyncStream.makeStream(of: Int.self)
        let server = Server(house.services, settings: settings, logger: house.logger) { port in
            started.yield(port)
            started.finish()
        }
        let application = server.application()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await application.run()
                } catch is CancellationError {
                    // The test is over.
                }
            }
            var first = ports.makeAsyncIterator()
            let port = try #require(await first.next())
            try await body(WebSite(house: house, port: port))
            group.cancelAll()
        }
    }
}
