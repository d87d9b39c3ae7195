import Administration
import LinliCore
import LinliKernel
import NIOHTTP1

/// Demo people at work: tokens from the command line, sessions signed in over HTTP like anybody's.
struct BenchPeople: Sendable {
    let stage: Stage
    let premises: Premises

    /// Enough that nobody's own list or row is all that is asked for.
    static let residents = DemoResident.allCases.prefix(8)

    /// Bearer tokens of residents, one each.
    func residentTokens() async throws -> [String] {
        var tokens: [String] = []
        for resident in BenchPeople.residents { tokens.append(try await token(resident.phone)) }
        return tokens
    }

    /// A dispatcher's bearer token.
    func dispatcherToken() async throws -> String {
        try await token(DemoStaff.dispatcher.phone)
    }

    /// Cookies of residents who signed in.
    func residentSessions(_ port: Int) async throws -> [String] {
        var cookies: [String] = []
        // Each costs a password hash; the bench needs only that they are several.
        for resident in BenchPeople.residents.prefix(4) { cookies.append(try await signIn(resident.phone, port)) }
        return cookies
    }

    /// The cookie of a dispatcher who signed in with both factors.
    func dispatcherSession(_ port: Int) async throws -> String {
        let phone = DemoStaff.dispatcher.phone
        let cookie = try await signIn(phone, port)
        let code = try await stage.linli(["user", "code", "--phone", phone], premises).trimmed
        let form = try await formToken(cookie, port).token
        let answer = try await Wire.fetch(
            BenchPeople.form("/sign-in/second", [("code", code)], cookie: cookie, token: form), port
        )
        guard answer.status == 303 else { throw Refusal("the second factor was answered with \(answer.status)") }
        return cookie
    }

    /// A bearer token.
    func token(_ phone: String) async throws -> String {
        try await stage.linli(["user", "token", "--phone", phone], premises).trimmed
    }

    private func signIn(_ phone: String, _ port: Int) async throws -> String {
        let (visit, token) = try await formToken(nil, port)
        let fields = [("by", "password"), ("phone", phone), ("password", Demo.password)]
        let answer = try await Wire.fetch(BenchPeople.form("/sign-in", fields, cookie: visit, token: token), port)
        guard answer.status == 303, let session = answer.cookie("linli_session") else {
            throw Refusal("signing in was answered with \(answer.status)")
        }
        return "linli_session=\(session)"
    }

    /// A form token, and the cookie it belongs to.
    private func formToken(_ cookie: String?, _ port: Int) async throws -> (cookie: String, token: String) {
        struct Offer: Decodable { let token: String }
        let request = WireRequest(.GET, "/outbox/token", cookie.map { [("cookie", $0)] } ?? [])
        let answer = try await Wire.fetch(request, port)
        guard answer.status == 200 else { throw Refusal("/outbox/token was answered with \(answer.status)") }
        let visit = answer.cookie("linli_visit").map { "linli_visit=\($0)" }
        return (cookie ?? visit ?? "", try answer.decode(Offer.self).token)
    }

    private static func form(
        _ path: String, _ fields: [(String, String)], cookie: String, token: String
    ) -> WireRequest {
        // Names, digits and the demo's password need no escaping.
        let body = fields.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        let headers = [
            ("cookie", cookie), ("x-form-token", token), ("content-type", "application/x-www-form-urlencoded"),
        ]
        return WireRequest(.POST, path, headers, body: Array(body.utf8))
    }
}
