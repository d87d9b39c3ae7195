import LinliCore
import LinliKernel

/// The API's description, made from the schemas that check it.
///
/// - Source: OpenAPI 3.1.0
enum OpenAPI {
    static func document(_ routes: [Route], version: String, origin: String) -> JSONWriter {
        var writer = JSONWriter(capacity: 65_536)
        writer.object { json in
            json.field("openapi", "3.1.0")
            json.key("info")
            json.object { info in
                info.field("title", "Linli")
                info.field("version", version)
                info.field(
                    "description",
                    "What a page can do a program can do. Every failure is a problem document (RFC 9457)."
                )
                info.key("license")
                info.object { license in
                    license.field("name", "Apache-2.0")
                    license.field("identifier", "Apache-2.0")
                }
            }
            json.key("servers")
            json.array { $0.object { $0.field("url", origin) } }
            json.key("paths")
            json.object { paths in
                for (path, group) in grouped(routes) {
                    paths.key(dynamic: path)
                    paths.object { methods in
                        for route in group { operation(route, &methods) }
                    }
                }
            }
            json.key("components")
            json.object { components(routes, &$0) }
        }
        return writer
    }

    private static func grouped(_ routes: [Route]) -> [(String, [Route])] {
        var groups: [String: [Route]] = [:]
        for route in routes where route.operation != nil {
            let path = route.path.split(separator: "/").map { part in
                part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
            }
            groups["/" + path.joined(separator: "/"), default: []].append(route)
        }
        return groups.sorted { $0.key < $1.key }
    }

    // MARK: Operations

    private static func operation(_ route: Route, _ json: inout JSONWriter) {
        guard let operation = route.operation else { return }
        json.key(dynamic: route.method.rawValue.lowercased())
        json.object { json in
            json.field("operationId", operation.id)
            json.field("summary", operation.summary)
            security(route, &json)
            parameters(route, operation, &json)
            body(operation, &json)
            json.key("responses")
            json.object { responses in
                responses.key(dynamic: String(operation.status))
                responses.object { answer(operation, &$0) }
                for status in failures(route, operation) {
                    responses.key(dynamic: String(status))
                    responses.object { $0.field("$ref", "#/components/responses/Problem") }
                }
            }
        }
    }

    /// A bearer token, or the cookie of a session; with the cookie a change also carries the token of a form.
    private static func security(_ route: Route, _ json: inout JSONWriter) {
        json.key("security")
        json.array { list in
            guard !route.access.isPublic else { return }
            list.object {
                $0.key("bearer"); $0.array { _ in }
            }
            list.object { session in
                session.key("session"); session.array { _ in }
                guard route.method != .get else { return }
                session.key("formToken"); session.array { _ in }
            }
        }
    }

    /// The statuses an operation may fail with.
    private static func failures(_ route: Route, _ operation: Operation) -> [Int] {
        // Who comes with a token comes with one that holds, also where none is needed.
        var statuses: Set<Int> = [400, 401, 429, 500, 503]
        if !route.access.isPublic { statuses.formUnion([403, 404]) }
        if !operation.path.isEmpty || operation.id == "locateGrid" { statuses.insert(404) }
        if route.method != .get { statuses.formUnion([403, 404, 409, 413, 422]) }
        if operation.body != nil { statuses.insert(415) }
        // Everybody may ask for a place that is none, and for a month that is not over.
        if operation.id == "getOpenRates" { statuses.formUnion([404, 422]) }
        // What is asked of a file may be in order one by one and not together.
        if case .media = operation.answer { statuses.insert(422) }
        return statuses.sorted()
    }

    private static func body(_ operation: Operation, _ json: inout JSONWriter) {
        guard let body = operation.body else { return }
        json.key("requestBody")
        json.object { request in
            request.field("required", true)
            switch body {
            case .json(let name, _): content(name, "application/json", &request)
            case .form(let name, _): content(name, "multipart/form-data", &request)
            case .picture:
                request.key("content")
                request.object { content in
                    for type in ["image/jpeg", "image/png", "image/webp", "image/heic"] {
                        content.key(dynamic: type)
                        content.object { media in
                            media.key("schema")
                            media.object { schema in
                                schema.field("type", "string")
                                schema.field("format", "binary")
                            }
                        }
                    }
                }
            }
        }
    }

    private static func answer(_ operation: Operation, _ json: inout JSONWriter) {
        json.field("description", operation.summary)
        switch operation.answer {
        case .nothing: return
        case .json(let name, _): content(name, "application/json", &json)
        case .media(let type, _):
            json.key("content")
            json.object { content in
                content.key(dynamic: type)
                content.object { media in
                    media.key("schema")
                    let isObject = type.hasSuffix("json") || type.hasSuffix("yaml")
                    media.object { $0.field("type", isObject ? "object" : "string") }
                }
            }
        }
    }

    private static func parameters(_ route: Route, _ operation: Operation, _ json: inout JSONWriter) {
        let key = SchemaProperty(
            "Idempotency-Key", .shaped(.key), "Makes a repeated request give the first reply again"
        )
        json.key("parameters")
        json.array { list in
            for property in operation.path { parameter(property, "path", &list) }
            for property in operation.query { parameter(property, "query", &list) }
            if route.method == .post { parameter(key, "header", &list) }
        }
    }

    private static func parameter(_ property: SchemaProperty, _ place: String, _ json: inout JSONWriter) {
        json.object { parameter in
            parameter.field("name", property.name)
            parameter.field("in", place)
            parameter.field("required", property.isRequired || place == "path")
            parameter.field("description", property.meaning)
            parameter.key("schema")
            schema(property.kind, isClosed: place == "query", &parameter)
        }
    }

    private static func content(_ name: String, _ type: String, _ json: inout JSONWriter) {
        json.key("content")
        json.object { content in
            content.key(dynamic: type)
            content.object { media in
                media.key("schema")
                media.object { $0.field("$ref", "#/components/schemas/\(name)") }
            }
        }
    }

    // MARK: Components

    private static func components(_ routes: [Route], _ json: inout JSONWriter) {
        // What comes in is checked to the letter; what goes out may grow.
        var named: [String: (properties: [SchemaProperty], isClosed: Bool)] = ["Problem": (problem, false)]
        for operation in routes.compactMap(\.operation) {
            switch operation.body {
            case .json(let name, let properties), .form(let name, let properties): named[name] = (properties, true)
            case .picture, nil: break
            }
            if case .json(let name, let properties) = operation.answer { named[name] = (properties, false) }
        }
        json.key("schemas")
        json.object { schemas in
            for (name, object) in named.sorted(by: { $0.key < $1.key }) {
                schemas.key(dynamic: name)
                schema(.object(object.properties), isClosed: object.isClosed, &schemas)
            }
        }
        json.key("responses")
        json.object { responses in
            responses.key("Problem")
            responses.object { failure in
                failure.field("description", "What is wrong and what to do, as problem details (RFC 9457)")
                failure.key("headers")
                failure.object { headers in
                    headers.key("Retry-After")
                    headers.object { header in
                        header.field("description", "Seconds after which trying again makes sense (429, 503)")
                        header.key("schema")
                        header.object { $0.field("type", "string") }
                    }
                }
                content("Problem", "application/problem+json", &failure)
            }
        }
        securitySchemes(&json)
    }

    private static func securitySchemes(_ json: inout JSONWriter) {
        json.key("securitySchemes")
        json.object { schemes in
            schemes.key("bearer")
            schemes.object { bearer in
                bearer.field("type", "http")
                bearer.field("scheme", "bearer")
                bearer.field("description", "From createToken, or for staff from the operator (linli user token)")
            }
            schemes.key("session")
            schemes.object { session in
                session.field("type", "apiKey")
                session.field("in", "cookie")
                session.field("name", "linli_session")
                session.field("description", "A browser that signed in; staff with their second factor")
            }
            schemes.key("formToken")
            schemes.object { token in
                token.field("type", "apiKey")
                token.field("in", "header")
                token.field("name", "X-Form-Token")
                token.field("description", "The field csrf of the session's own pages")
            }
        }
    }

    private static let problem = [
        SchemaProperty("type", .text(limit: 200), required: true, "Names the problem"),
        SchemaProperty("title", .text(limit: 4000), required: true, "What happened and what to do"),
        SchemaProperty("status", .integer(100...599), required: true, "The HTTP status"),
        SchemaProperty("id", .text(limit: 100), required: true, "Stable name"),
        SchemaProperty("requestId", .text(limit: 60), required: true, "Ties it to the log"),
        SchemaProperty(
            "fields",
            .list(
                .object([
                    SchemaProperty("name", .text(limit: 200), required: true, "Property or parameter"),
                    SchemaProperty("message", .text(limit: 4000), required: true, "What is wrong with it"),
                ]),
                limit: 2000
            ),
            "What is wrong with which property or parameter"
        ),
    ]

    // MARK: Schemas

    private static func schema(
        _ kind: SchemaKind, meaning: String? = nil, isClosed: Bool = false,
        _ json: inout JSONWriter
    ) {
        json.object { json in
            if let meaning { json.field("description", meaning) }
            switch kind {
            case .text(let limit):
                json.field("type", "string")
                json.field("maxLength", Int64(limit))
                // Replies keep what was there before control characters were refused.
                if isClosed { json.field("pattern", noControls) }
            case .choice(let words):
                json.field("type", "string")
                json.key("enum")
                json.array { list in for word in words { list.value(word) } }
            case .integer(let range):
                json.field("type", "integer")
                json.field("minimum", range.lowerBound)
                json.field("maximum", range.upperBound)
            case .number(let range):
                json.field("type", "number")
                json.key("minimum")
                json.value(range.lowerBound)
                json.key("maximum")
                json.value(range.upperBound)
            case .flag: json.field("type", "boolean")
            case .id:
                json.field("type", "string")
                json.field("pattern", "^[0-7][0-9a-hjkmnp-tv-z]{12}$")
            case .moment:
                json.field("type", "string")
                json.field("format", "date-time")
            case .shaped(let shape):
                json.field("type", "string")
                json.field("pattern", shape.pattern)
            case .list(let element, let limit):
                json.field("type", "array")
                json.field("maxItems", Int64(limit))
                json.key("items")
                schema(element, isClosed: isClosed, &json)
            case .map(let element, let limit):
                json.field("type", "object")
                json.field("maxProperties", Int64(limit))
                json.key("additionalProperties")
                schema(element, isClosed: isClosed, &json)
            case .object(let properties): object(properties, isClosed, &json)
            case .file:
                json.field("type", "string")
                json.field("format", "binary")
            }
        }
    }

    private static let noControls = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F]*$"

    private static func object(_ properties: [SchemaProperty], _ isClosed: Bool, _ json: inout JSONWriter) {
        json.field("type", "object")
        if isClosed { json.field("additionalProperties", false) }
        let required = properties.filter(\.isRequired)
        if !required.isEmpty {
            json.key("required")
            json.array { list in for property in required { list.value(property.name) } }
        }
        json.key("properties")
        json.object { members in
            for property in properties {
                members.key(dynamic: property.name)
                schema(property.kind, meaning: property.meaning, isClosed: isClosed, &members)
            }
        }
    }
}
