import LinliCore
import LinliKernel

/// The API's description, made from the schemas that check it.
///
/// - Source: OpenAPI 3.1.0
enum OpenAPI {
    static func document(_ routes: [Route], version: String, origin: String) -> JSONWriter {
        var writer = JSONWriter(capacity: 16_384)
        writer.object { json in
            json.field("openapi", "3.1.0")
            json.key("info")
            json.object { info in
                info.field("title", "Linli")
                info.field("version", version)
                info.field("description", "What a page can do a program can do.")
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

    private static func operation(_ route: Route, _ json: inout JSONWriter) {
        guard let operation = route.operation else { return }
        json.key(dynamic: route.method.rawValue.lowercased())
        json.object { json in
            json.field("operationId", operation.id)
            json.field("summary", operation.summary)
            if !route.access.isPublic {
                json.key("security")
                json.array {
                    $0.object {
                        $0.key("bearer"); $0.array { _ in }
                    }
                }
            }
            parameters(route, operation, &json)
            if let body = operation.body {
                json.key("requestBody")
                json.object { request in
                    request.field("required", true)
                    content(body.name, "application/json", &request)
                }
            }
            json.key("responses")
            json.object { responses in
                responses.key(dynamic: String(operation.reply == nil ? 204 : operation.status))
                responses.object { success in
                    success.field("description", operation.summary)
                    if let reply = operation.reply { content(reply.name, "application/json", &success) }
                }
                responses.key("default")
                responses.object { failure in
                    failure.field("description", "Problem details (RFC 9457)")
                    content("Problem", "application/problem+json", &failure)
                }
            }
        }
    }

    private static func parameters(_ route: Route, _ operation: Operation, _ json: inout JSONWriter) {
        let names = route.path.split(separator: "/").filter { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
        json.key("parameters")
        json.array { list in
            for name in names {
                list.object { parameter in
                    parameter.field("name", name)
                    parameter.field("in", "path")
                    parameter.field("required", true)
                    parameter.key("schema")
                    parameter.object { $0.field("type", "string") }
                }
            }
            for property in operation.query {
                list.object { parameter in
                    parameter.field("name", property.name)
                    parameter.field("in", "query")
                    parameter.field("description", property.meaning)
                    parameter.key("schema")
                    schema(property.kind, &parameter)
                }
            }
            if route.method == .post {
                list.object { parameter in
                    parameter.field("name", "Idempotency-Key")
                    parameter.field("in", "header")
                    parameter.field("description", "Makes a repeated request give the first reply again")
                    parameter.key("schema")
                    parameter.object { text in
                        text.field("type", "string")
                        text.field("maxLength", 100)
                    }
                }
            }
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

    private static func components(_ routes: [Route], _ json: inout JSONWriter) {
        var named: [String: [SchemaProperty]] = ["Problem": problem]
        for operation in routes.compactMap(\.operation) {
            if let body = operation.body { named[body.name] = body.properties }
            if let reply = operation.reply { named[reply.name] = reply.properties }
        }
        json.key("schemas")
        json.object { schemas in
            for (name, properties) in named.sorted(by: { $0.key < $1.key }) {
                schemas.key(dynamic: name)
                schema(.object(properties), &schemas)
            }
        }
        json.key("securitySchemes")
        json.object { schemes in
            schemes.key("bearer")
            schemes.object { bearer in
                bearer.field("type", "http")
                bearer.field("scheme", "bearer")
            }
        }
    }

    private static let problem = [
        SchemaProperty("type", .text(limit: 200), required: true, "Names the problem"),
        SchemaProperty("title", .text(limit: 400), required: true, "What happened and what to do"),
        SchemaProperty("status", .integer(100...599), required: true, "The HTTP status"),
        SchemaProperty("id", .text(limit: 100), required: true, "Stable name"),
        SchemaProperty("requestId", .text(limit: 60), required: true, "Ties it to the log"),
        SchemaProperty(
            "fields",
            .list(
                .object([
                    SchemaProperty("name", .text(limit: 100), required: true, "Property"),
                    SchemaProperty("message", .text(limit: 400), required: true, "What is wrong with it"),
                ]),
                limit: 100
            ),
            "What is wrong with which property"
        ),
    ]

    private static func schema(_ kind: SchemaKind, _ json: inout JSONWriter) {
        json.object { json in
            switch kind {
            case .text(let limit):
                json.field("type", "string")
                json.field("maxLength", Int64(limit))
            case .choice(let words):
                json.field("type", "string")
                json.key("enum")
                json.array { list in for word in words { list.value(word) } }
            case .integer(let range):
                json.field("type", "integer")
                json.field("minimum", range.lowerBound)
                json.field("maximum", range.upperBound)
            case .number: json.field("type", "number")
            case .flag: json.field("type", "boolean")
            case .id:
                json.field("type", "string")
                json.field("pattern", "^[0-9a-hjkmnp-tv-z]{13}$")
            case .moment:
                json.field("type", "string")
                json.field("format", "date-time")
            case .list(let element, let limit):
                json.field("type", "array")
                json.field("maxItems", Int64(limit))
                json.key("items")
                schema(element, &json)
            case .object(let properties):
                json.field("type", "object")
                json.key("required")
                json.array { list in for property in properties where property.isRequired { list.value(property.name) }
                }
                json.key("properties")
                json.object { members in
                    for property in properties {
                        members.key(dynamic: property.name)
                        schema(property.kind, &members)
                    }
                }
            }
        }
    }
}
