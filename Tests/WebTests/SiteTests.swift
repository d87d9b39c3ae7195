import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import LinliWeb
import Testing

/// What only the real server shows: parts of files, limits per minute, methods, headers.
@Suite("网站的规矩")
struct SiteTests {
    @Test("照片可以取一段、可以不重取，别人取不到", arguments: TestEngine.enabled)
    func ranges(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            var draft = try await house.draft()
            draft.photos = [try await house.photo(resident)]
            let id = try await house.report(draft, resident)
            try await withSite(house) { site in
                let visitor = try await site.resident(.tenant)
                let path = "/cases/\(id)/photos/\(draft.photos[0])"
                func get(_ headers: (String, String)...) async throws -> Site.Answer {
                    try await site.ask("GET", path, headers: visitor.headers + headers)
                }
                let whole = try await get()
                #expect(whole.status == 200 && whole.body.count == 11 && whole["content-type"] == "image/jpeg")
                #expect(whole["accept-ranges"] == "bytes" && whole["cache-control"]?.hasPrefix("private") == true)
                let rows: [(String, Int, ArraySlice<UInt8>, String?)] = [
                    ("bytes=0-3", 206, whole.body[0..<4], "bytes 0-3/11"),
                    ("bytes=4-", 206, whole.body[4...], "bytes 4-10/11"),
                    ("bytes=-5", 206, whole.body[6...], "bytes 6-10/11"),
                    ("bytes=4-400", 206, whole.body[4...], "bytes 4-10/11"),
                    ("bytes=11-", 416, [], "bytes */11"), ("bytes=-0", 416, [], "bytes */11"),
                    ("bytes=0-1,4-5", 200, whole.body[...], nil), ("bytes=9-2", 200, whole.body[...], nil),
                    ("bytes=a-b", 200, whole.body[...], nil), ("lines=0-3", 200, whole.body[...], nil),
                    ("bytes=99999999999999999999-", 200, whole.body[...], nil),
                ]
                for (range, status, body, header) in rows {
                    let answer = try await get(("Range", range))
                    #expect(answer.status == status && answer.body[...] == body, "\(range): \(answer.status)")
                    #expect(answer["content-range"] == header, "\(range)")
                }
                let tag = try #require(whole["etag"])
                #expect(try await get(("If-None-Match", tag)).status == 304)
                #expect(try await get(("Range", "bytes=0-3"), ("If-Range", "\"other\"")).status == 200)
                #expect(try await get(("Range", "bytes=0-3"), ("If-Range", tag)).status == 206)
                let stranger = try await site.ask(
                    "GET", path, headers: site.stranger.headers + [("If-None-Match", tag)])
                #expect(stranger.status == 404, "a tag of somebody else's photo opens nothing")
            }
        }
    }

    @Test("没有这一页：居民可以凭回执查，工作人员回工作台") func wayBack() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house) { site in
                let missing = "/desk/cases/\(ID<Case>(rawValue: 77))"
                let stranger = try await site.open("/r/0123456789", as: site.stranger)
                #expect(stranger.status == 404 && stranger.text.contains("href=\"/find\""))
                let staff = try await site.open(missing, as: try await site.staff(.dispatcher))
                #expect(staff.status == 404 && staff.text.contains("回工作台"))
                #expect(staff.text.contains("href=\"/desk\"") && !staff.text.contains("href=\"/find\""))
            }
        }
    }

    @Test("不登录的人一分钟只能提交几次，过后照常，登录的另算") func anonymousLimit() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house, { $0.anonymousFormsPerMinute = 3 }) { site in
                func find() async throws -> Site.Answer {
                    try await site.send("/find", [("number", "SJ1")], as: site.stranger)
                }
                for _ in 0..<3 { #expect(try await find().status != 429) }
                let limited = try await find()
                #expect(limited.status == 429 && (1...60).contains(limited["retry-after"].flatMap { Int($0) } ?? 0))
                #expect(limited.text.contains("一分钟后再试"))
                let other = try await site.ask(
                    "POST", "/find",
                    headers: site.stranger.headers + [("X-Forwarded-For", "203.0.113.7")], body: []
                )
                #expect(other.status == 429 || other.status == 403, "nobody names their own address")
                let resident = try await site.resident(.tenant)
                #expect(try await site.send("/find", [("number", "SJ1")], as: resident).status != 429)
                house.clock.advance(minutes: 1)
                #expect(try await find().status != 429)
            }
        }
    }

    @Test("同一个账号一分钟也有上限") func accountLimit() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house, { $0.accountFormsPerMinute = 3 }) { site in
                let resident = try await site.resident(.tenant)
                var statuses: [Int] = []
                for _ in 0..<5 {
                    statuses.append(try await site.send("/find", [("number", "SJ1")], as: resident).status)
                }
                #expect(statuses.prefix(3).allSatisfy { $0 != 429 } && statuses.suffix(2) == [429, 429], "\(statuses)")
                let other = try await site.resident(.youngMother)
                #expect(try await site.send("/find", [("number", "SJ1")], as: other).status != 429)
            }
        }
    }

    @Test("没过第二步的一分钟只能试几次，别人照常") func secondFactorLimit() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house, { $0.secondFactorsPerMinute = 2 }) { site in
                let late = try await site.staff(.lateDispatcher, isVerified: false)
                var statuses: [Int] = []
                for _ in 0..<4 {
                    statuses.append(try await site.send("/sign-in/second", [("code", "000000")], as: late).status)
                }
                #expect(statuses.prefix(2).allSatisfy { $0 != 429 } && statuses.suffix(2) == [429, 429], "\(statuses)")
                let other = try await site.staff(.dispatcher)
                #expect(try await site.send("/find", [("number", "SJ1")], as: other).status != 429)
                house.clock.advance(minutes: 1)
                #expect(try await site.send("/sign-in/second", [("code", "000000")], as: late).status != 429)
            }
        }
    }

    @Test(
        "登录的 Cookie 脚本读不到、别的网站带不走，网址是 https 时只走加密",
        arguments: ["http://127.0.0.1", "https://linli.example"]
    )
    func sessionCookie(_ origin: String) async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house, { $0.origin = origin }) { site in
                let fields = [("by", "password"), ("phone", DemoResident.tenant.phone), ("password", Demo.password)]
                let answer = try await site.send("/sign-in", fields, as: site.stranger)
                #expect(answer.status == 303)
                let cookies = answer.headers.filter { $0.name == "set-cookie" }.map(\.value)
                let session = try #require(cookies.first { $0.hasPrefix("linli_session=") }, "\(cookies)")
                let marks = session.split(separator: ";").map { String($0).trimmed }
                #expect(marks.contains("HttpOnly") && marks.contains("SameSite=Lax") && marks.contains("Path=/"))
                #expect(marks.contains("Secure") == origin.hasPrefix("https"))
            }
        }
    }

    @Test("前面有自己的代理时按它说的地址算，客人自己写在前面的不算") func behindProxy() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house, { ($0.trustsProxy, $0.anonymousFormsPerMinute) = (true, 1) }) { site in
                let form = Array("csrf=\(site.stranger.formToken ?? "")&number=SJ1".utf8)
                func find(_ from: String) async throws -> Int {
                    let more = [("Content-Type", "application/x-www-form-urlencoded"), ("X-Forwarded-For", from)]
                    return try await site.ask(
                        "POST", "/find", headers: site.stranger.headers + more, body: form
                    ).status
                }
                let statuses = [
                    try await find("203.0.113.7"), try await find("203.0.113.8"),
                    try await find("198.51.100.1, 203.0.113.7"),
                ]
                // Another visitor is not limited, and of several addresses the proxy's word stands last.
                #expect(statuses.map { $0 == 429 } == [false, false, true])
            }
        }
    }

    @Test("不认识的方法和路径也是我们自己的页面，带着安全的头") func unknown() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house) { site in
                for (method, path) in [
                    ("GET", "/nothing"), ("DELETE", "/report"), ("PUT", "/desk"), ("POST", "/nothing"),
                    ("GET", "/" + String(repeating: "a", count: 4000)), ("GET", "/report/%00"),
                ] {
                    let answer = try await site.ask(method, path, headers: site.stranger.headers)
                    #expect([404, 405].contains(answer.status), "\(method) \(path.prefix(40)): \(answer.status)")
                    #expect(answer["content-type"]?.hasPrefix("text/html") == true, "\(method) \(path.prefix(40))")
                    #expect(answer["content-security-policy"] != nil && answer["x-content-type-options"] == "nosniff")
                }
                let head = try await site.ask("HEAD", "/", headers: site.stranger.headers)
                #expect(head.status == 200 && head.body.isEmpty)
                let api = try await site.ask("GET", "/api/v1/nothing")
                #expect(api.status == 404 && api["content-type"] == "application/problem+json")
            }
        }
    }

    @Test("从别的网站来的提交不收，登录以后换了会话") func crossSite() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house) { site in
                let resident = try await site.resident(.tenant)
                let token = try #require(resident.formToken)
                let form = Array("csrf=\(token)&number=SJ1".utf8)
                let type = ("Content-Type", "application/x-www-form-urlencoded")
                let foreign = try await site.ask(
                    "POST", "/find", headers: resident.headers + [type, ("Sec-Fetch-Site", "cross-site")], body: form
                )
                #expect(foreign.status == 403)
                let other = try await site.resident(.youngMother)
                let borrowed = try await site.ask("POST", "/find", headers: other.headers + [type], body: form)
                #expect(borrowed.status == 403, "a token of somebody else")
                let json = try await site.ask(
                    "POST", "/api/v1/cases", headers: resident.headers + [("Content-Type", "application/json")],
                    body: Array("{}".utf8)
                )
                #expect(json.status == 403, "a session calls the API with its form's token only")
            }
        }
    }
}
