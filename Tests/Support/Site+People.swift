import Administration
import LinliCore
import LinliKernel

/// Somebody with a browser or a program: what they send along with every request.
package struct SiteVisitor: Sendable {
    /// The cookie, or the bearer token.
    package let headers: [(String, String)]
    /// What their forms carry back; nil for a program, which needs none.
    package let formToken: String?
    /// Who they are to a handler.
    package let actor: Actor

    /// The same with another language or look, as in the cookie of preferences.
    package func preferring(_ preferences: Preferences) -> SiteVisitor {
        let look = "linli_prefs=" + preferences.cookie
        let cookie = headers.first { $0.0 == "Cookie" }.map { $0.1 + "; " + look } ?? look
        let cookies = headers.filter { $0.0 != "Cookie" } + [("Cookie", cookie)]
        return SiteVisitor(headers: cookies, formToken: formToken, actor: actor)
    }
}

extension Site {
    /// Nobody signed in, on a second visit.
    package var stranger: SiteVisitor {
        let visit = "0123456789abcdefghjkmnpqrs"
        let token = house.services.database.keys.formToken(session: visit)
        return SiteVisitor(headers: [("Cookie", "linli_visit=\(visit)")], formToken: token, actor: .anonymous)
    }

    /// A member of staff who signed in with a code, and gave the second factor unless told otherwise.
    package func staff(_ person: DemoStaff, isVerified: Bool = true) async throws -> SiteVisitor {
        let visitor = try await signedIn(person.phone)
        guard isVerified, let token = visitor.headers.first?.1.split(separator: "=").last.map(String.init) else {
            return visitor
        }
        let hash = house.services.database.keys.tokenHash(token)
        let now = house.clock.clock.now
        let session = try await house.services.database.read { try AccessStore.session(hash, at: now, $0) }
        guard let session else { throw LinliError.notFound("test.session") }
        let context = try await house.context(person.phone)
        let code = TOTP.code(secret: person.secondFactor, at: now)
        try await house.services.signIn.verify(code: code, session, context)
        return visitor
    }

    /// A resident who signed in with a code.
    package func resident(_ person: DemoResident) async throws -> SiteVisitor {
        try await signedIn(person.phone)
    }

    /// A program that acts for a member of staff.
    package func program(for person: DemoStaff) async throws -> SiteVisitor { try await program(phone: person.phone) }

    /// A program that acts for a resident.
    package func program(for person: DemoResident) async throws -> SiteVisitor {
        try await program(phone: person.phone)
    }

    /// A program that acts for whoever has a phone.
    package func program(phone: String) async throws -> SiteVisitor {
        let context = try await house.context(phone)
        guard let account = context.actor.account else { throw LinliError.notFound("test.person") }
        let token = try await house.services.signIn.makeToken(for: account, label: "test", context)
        return SiteVisitor(headers: [("Authorization", "Bearer \(token)")], formToken: nil, actor: context.actor)
    }

    private func signedIn(_ phone: String) async throws -> SiteVisitor {
        // Three codes in ten minutes is all anybody gets.
        house.clock.advance(minutes: 11)
        let signIn = house.services.signIn
        try await signIn.sendCode(to: phone, house.visitor)
        let code = String((house.messages.all.last?.text.en ?? "").filter(\.isNumber).prefix(6))
        let begun = try await signIn.begin(
            phone: phone, code: code, deviceToken: nil, userAgent: "test", house.visitor
        )
        return SiteVisitor(
            headers: [("Cookie", "linli_session=\(begun.token)")],
            formToken: house.services.database.keys.formToken(session: begun.token), actor: begun.account.actor
        )
    }

    /// Opens a page or calls a GET of the API.
    package func open(_ path: String, as visitor: SiteVisitor) async throws -> Answer {
        try await ask("GET", path, headers: visitor.headers)
    }

    /// Sends a form with the token of the visitor's own page, unless told otherwise.
    package func send(
        _ path: String, _ fields: [(String, String)], as visitor: SiteVisitor, withToken: Bool = true
    ) async throws -> Answer {
        let token = withToken ? visitor.formToken.map { [("csrf", $0)] } ?? [] : []
        let pairs = (fields + token).map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }
        let type = ("Content-Type", "application/x-www-form-urlencoded")
        return try await ask(
            "POST", path, headers: visitor.headers + [type], body: Array(pairs.joined(separator: "&").utf8)
        )
    }

    /// Calls the API with a JSON body, by POST unless told otherwise.
    package func call(
        _ path: String, _ body: String, as visitor: SiteVisitor, withToken: Bool = true, by method: String = "POST",
        type: String = "application/json"
    ) async throws -> Answer {
        let token = withToken ? visitor.formToken.map { [("X-Form-Token", $0)] } ?? [] : []
        let type = ("Content-Type", type)
        return try await ask(method, path, headers: visitor.headers + token + [type], body: Array(body.utf8))
    }
}

/// Everything but letters and digits as `%XX`.
private func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        let digits = String(byte, radix: 16, uppercase: true)
        return isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count == 1 ? "0" + digits : digits)
    }.joined()
}
