import LinliCore
import LinliKernel

/// Opening pages and sending forms without a server: the declared handlers are called with a request of their own.
extension House {
    /// What a GET shows, as text; empty when it is refused. A file or a stream counts as everything there is.
    package func open(
        _ path: String, query: [(String, String)], _ context: Context
    ) async throws -> String {
        try await answer(.get, path, query: query, form: Form(), context) ?? ""
    }

    /// What a form brings back, as text; nil when it is refused.
    package func send(_ path: String, _ form: Form, _ context: Context) async throws -> String? {
        try await answer(.post, path, query: [], form: form, context)
    }

    /// What a form brings back.
    ///
    /// - Throws: what the door or the handler throws.
    package func reply(
        _ path: String, _ form: Form, key: String? = nil, _ context: Context
    ) async throws -> Reply {
        let (route, parameters) = try route(.post, path)
        if case .permission(let permission) = route.access, !context.actor.may(permission) {
            throw LinliError.forbidden(permission.key)
        }
        let request = Request(
            method: .post, path: path, parameters: parameters, form: form, context: context, formToken: "token",
            idempotencyKey: key, origin: "http://127.0.0.1"
        )
        return try await route.handle(request, services)
    }

    /// What an API call with a JSON body answers.
    ///
    /// - Throws: what the handler throws.
    package func call(
        _ path: String, _ body: String, key: String? = nil, _ context: Context
    ) async throws -> (status: Int, text: String) {
        let (route, parameters) = try route(.post, path)
        let request = Request(
            method: .post, path: path, parameters: parameters, body: Array(body.utf8), context: context,
            idempotencyKey: key, remoteAddress: "127.0.0.1"
        )
        let reply = try await route.handle(request, services)
        return (reply.status, House.text(of: reply, context.language))
    }

    private func answer(
        _ method: Request.Method, _ path: String, query: [(String, String)], form: Form, _ context: Context
    ) async throws -> String? {
        let (route, parameters) = try route(method, path)
        if case .permission(let permission) = route.access, !context.actor.may(permission) { return nil }
        let request = Request(
            method: method, path: path, parameters: parameters,
            query: Form(query.map { (name: $0.0, value: $0.1) }), form: form, context: context, formToken: "token",
            origin: "http://127.0.0.1"
        )
        do {
            return House.text(of: try await route.handle(request, services), context.language)
        } catch let error as LinliError
            where [.notFound, .forbidden, .unauthenticated, .malformed].contains(error.kind)
        {
            return nil
        }
    }

    /// The declared route that fits; one without parameters goes before one with.
    func route(_ method: Request.Method, _ path: String) throws -> (Route, [String: String]) {
        let parts = path.split(separator: "/")
        var best: (Route, [String: String])?
        for route in services.features.routes where route.method == method {
            let pattern = route.path.split(separator: "/")
            guard pattern.count == parts.count else { continue }
            var parameters: [String: String] = [:]
            let fits = zip(pattern, parts).allSatisfy { name, value in
                if name.hasPrefix(":") { parameters[String(name.dropFirst())] = String(value) }
                return name.hasPrefix(":") || name == value
            }
            if fits, parameters.count < best?.1.count ?? .max { best = (route, parameters) }
        }
        guard let best else { throw LinliError.notFound("test.route \(path)") }
        return best
    }

    private static func text(of reply: Reply, _ language: Language) -> String {
        switch reply.content {
        case .page(let page): page.title[language] + page.body.string(language)
        case .fragment(let html): html.string(language)
        case .json(let bytes), .bytes(let bytes, _): String(decoding: bytes, as: UTF8.self)
        case .redirect(let target): target
        case .file(let file): file.path
        case .live(let wish, _): wish.topics.keys.joined()
        case .empty: ""
        }
    }

    /// The topics a browser with these wishes hears of after `sequence`.
    package func heard(_ wish: LiveHub.Wish, after sequence: Int64) async throws -> Set<String> {
        let (id, stream) = try await services.live.listen(wish, holder: nil, after: sequence)
        services.live.finish(id)
        var topics: Set<String> = []
        for await message in stream {
            if case .change(let event) = message, !wish.names(of: event).isEmpty { topics.insert(event.topic) }
        }
        return topics
    }
}
