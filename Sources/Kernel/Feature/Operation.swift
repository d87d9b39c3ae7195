import LinliCore

/// What the documentation says of an API route, and what is checked before its handler.
package struct Operation: Sendable {
    /// What a body may be.
    package enum Body: Sendable {
        /// A JSON object of a name.
        case json(String, [SchemaProperty])
        /// One picture as it is.
        case picture
        /// A form with a file, of a name.
        case form(String, [SchemaProperty])
    }

    /// What a reply is.
    package enum Answer: Sendable {
        /// A JSON object of a name.
        case json(String, [SchemaProperty])
        /// Another media type, and what it holds, in English.
        case media(String, String)
        /// Nothing.
        case nothing
    }

    /// The stable name, `createCase`.
    package let id: String
    /// What it does, in English.
    package let summary: String
    /// Parts of the path.
    package let path: [SchemaProperty]
    /// Fields of the query.
    package let query: [SchemaProperty]
    /// What the body may be; nil when there is none.
    package let body: Body?
    /// What success answers.
    package let answer: Answer
    /// The status of success.
    package let status: Int

    /// An operation; parts of `pattern` that `path` does not declare are identifiers.
    init(
        _ id: String, _ summary: String, _ pattern: String, path: [SchemaProperty], query: [SchemaProperty],
        body: Body?, answer: Answer, status: Int
    ) {
        self.id = id
        self.summary = summary
        self.path = pattern.split(separator: "/").filter { $0.hasPrefix(":") }.map { part in
            path.first { $0.name == part.dropFirst() }
                ?? SchemaProperty(String(part.dropFirst()), .id, required: true, "Identifier")
        }
        self.query = query
        self.body = body
        self.answer = answer
        self.status = status
    }

    /// Checks path and query of a request.
    ///
    /// - Throws: `.malformed` naming each parameter that is unknown, missing or wrong, and what is right.
    func check(_ request: Request) throws {
        let problems =
            SchemaCheck.problems(request.parameters, path) + SchemaCheck.problems(request.query, query)
            + keyProblems(request)
        guard let first = problems.first else { return }
        throw LinliError(
            .malformed, "request.parameters", Text("\(first.name)：", "\(first.name): ") + first.text, fields: problems
        )
    }

    private func keyProblems(_ request: Request) -> [LinliError.Field] {
        guard request.method == .post, let key = request.idempotencyKey, !TextShape.key.fits(key) else { return [] }
        return [.init("Idempotency-Key", TextShape.key.text)]
    }

    /// Checks the type of a body before it is read.
    ///
    /// - Throws: `.unsupported` saying which type is right.
    package func check(contentType: String) throws {
        let type = contentType.prefix { $0 != ";" }.lowercased().trimmed
        switch body {
        case nil: return
        case .json:
            guard type == "application/json" else {
                throw LinliError(
                    .unsupported, "request.type",
                    Text("Content-Type 应为 application/json", "Content-Type must be application/json")
                )
            }
        case .form:
            guard type == "multipart/form-data" else {
                throw LinliError(
                    .unsupported, "request.type",
                    Text("Content-Type 应为 multipart/form-data", "Content-Type must be multipart/form-data")
                )
            }
        case .picture:
            guard type.hasPrefix("image/") else {
                throw LinliError(
                    .unsupported, "files.body",
                    Text(
                        "请把图片作为请求内容直接上传，Content-Type 为 image/*",
                        "Send the picture itself as the body, Content-Type image/*"
                    )
                )
            }
        }
    }
}

/// No body, or no reply.
package struct Nothing: Sendable {
    /// Nothing.
    package init() {}
}

extension Schema where Value == Nothing {
    /// For operations without a body or without a reply.
    package static var nothing: Schema<Nothing> {
        Schema("Nothing", [], decode: { _ in Nothing() }, encode: { _ in [:] })
    }

    /// For operations whose body is one picture as it is.
    package static var picture: Schema<Nothing> {
        Schema("Picture", [], decode: { _ in Nothing() }, encode: { _ in [:] })
    }
}

extension Route {
    /// An API route: path, query and body are checked and decoded before `handle`, the reply is written after it. A schema
    /// with a file makes the body a form, and the file is one of the request's uploads. With
    /// an `Idempotency-Key` the first reply is given again; when the server ended before it was kept, `recover` finds
    /// what was done.
    package static func api<Body, Result>(
        _ method: Request.Method,
        _ path: String,
        id: String,
        _ summary: String,
        access: Access = .token,
        parameters: [SchemaProperty] = [],
        query: [SchemaProperty] = [],
        body: Schema<Body>,
        reply: Schema<Result>,
        status: Int = 200,
        recover: @escaping @Sendable (Body, Request, Services) async throws -> Result? = { _, _, _ in nil },
        _ handle: @escaping @Sendable (Body, Request, Services) async throws -> Result
    ) -> Route {
        let isPicture = body.name == Schema<Nothing>.picture.name
        let operation = Operation(
            id, summary, path, path: parameters, query: query,
            body: isPicture
                ? .picture
                : body.isForm
                    ? .form(body.name, body.properties)
                    : body.properties.isEmpty ? nil : .json(body.name, body.properties),
            answer: reply.properties.isEmpty ? .nothing : .json(reply.name, reply.properties),
            status: reply.properties.isEmpty ? 204 : status
        )
        return Route(method, path, access: access, operation: operation) { request, services in
            try operation.check(request)
            let input =
                body.isForm
                ? try body.decode(request.form, request.uploads)
                : try body.decode(body.properties.isEmpty ? Array("{}".utf8) : request.body)
            @Sendable func answer(_ result: Result) -> Reply {
                guard !reply.properties.isEmpty else { return Reply(.empty, status: 204) }
                var json = JSONWriter()
                reply.write(result, into: &json)
                return .json(json, status: status)
            }
            return try await Idempotency.once(
                request, services.database, recover: { try await recover(input, $0, services).map { answer($0) } }
            ) { request in
                answer(try await handle(input, request, services))
            }
        }
    }

    /// A step with one thing: runs it and answers with how the thing stands then, also when the first reply was lost.
    package static func step<Entity, Body, Result>(
        _ path: String,
        id: String,
        _ summary: String,
        access: Access,
        of parameter: String = "id",
        body: Schema<Body>,
        reply: Schema<Result>,
        shown: @escaping @Sendable (ID<Entity>, Request, Services) async throws -> Result,
        _ command: @escaping @Sendable (ID<Entity>, Body, Request, Services) async throws -> Void
    ) -> Route {
        .api(
            .post, path, id: id, summary, access: access, body: body, reply: reply,
            recover: { _, request, services in
                .some(try await shown(try request.id(parameter), request, services))
            }
        ) { body, request, services in
            let id: ID<Entity> = try request.id(parameter)
            try await command(id, body, request, services)
            return try await shown(id, request, services)
        }
    }

    /// An API route that reads something of another media type; path and query are checked before `handle`.
    package static func document(
        _ path: String,
        id: String,
        _ summary: String,
        access: Access = .token,
        parameters: [SchemaProperty] = [],
        query: [SchemaProperty] = [],
        type: String,
        _ handle: @escaping Handler
    ) -> Route {
        let operation = Operation(
            id, summary, path, path: parameters, query: query, body: nil, answer: .media(type, summary), status: 200
        )
        return Route(.get, path, access: access, operation: operation) { request, services in
            try operation.check(request)
            return try await handle(request, services)
        }
    }

    /// An API route that answers something of another media type to a body: what it is asked by may stand in no address.
    package static func document<Body>(
        posting path: String,
        id: String,
        _ summary: String,
        access: Access = .token,
        body: Schema<Body>,
        type: String,
        _ handle: @escaping @Sendable (Body, Request, Services) async throws -> Reply
    ) -> Route {
        let operation = Operation(
            id, summary, path, path: [], query: [], body: .json(body.name, body.properties),
            answer: .media(type, summary), status: 200
        )
        return Route(.post, path, access: access, operation: operation) { request, services in
            try operation.check(request)
            return try await handle(try body.decode(request.body), request, services)
        }
    }
}
