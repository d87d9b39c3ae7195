import LinliCore
import LinliKernel

/// What a program gets over a route with keys: admission, handler and refusals, as Web puts them together.
package struct ProgramAnswer: Sendable {
    /// The HTTP status; for a refusal the one of its document.
    package let status: Int
    /// The media type.
    package let type: String
    /// The document.
    package let text: String
}

extension House {
    /// Makes a key for a program.
    package func key(_ name: String = "市民App") async throws -> String {
        try await ProgramKeys(services.database).make(name, .system("test", now: clock.clock.now))
    }

    /// What a program gets; without a server.
    ///
    /// - Throws: when no route fits, or when a failure is not said in the route's own words.
    package func ask(
        _ method: Request.Method = .get,
        _ path: String,
        query: [(String, String)] = [],
        form: [(String, String)] = [],
        language: Language = .zh
    ) async throws -> ProgramAnswer {
        let (route, parameters) = try route(method, path)
        let context = Context(actor: .anonymous, now: clock.clock.now, language: language, requestID: "test")
        let request = Request(
            method: method, path: path, parameters: parameters,
            query: Form(query.map { (name: $0.0, value: $0.1) }), form: Form(form.map { (name: $0.0, value: $0.1) }),
            context: context, remoteAddress: "127.0.0.1", origin: "https://linli.example"
        )
        do {
            let admitted = try await request.admitted(to: route, services.database)
            return try House.answer(try await route.handle(admitted, services))
        } catch let error as LinliError {
            guard let refuse = route.refuse else { throw error }
            return try House.answer(refuse(error, path, language))
        }
    }

    private static func answer(_ reply: Reply) throws -> ProgramAnswer {
        guard case .bytes(let bytes, let type) = reply.content else { throw LinliError.fault("test.reply", "no bytes") }
        return ProgramAnswer(status: reply.status, type: type, text: String(decoding: bytes, as: UTF8.self))
    }
}
