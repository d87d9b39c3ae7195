import LinliCore

/// What a property of JSON may be.
package indirect enum SchemaKind: Sendable {
    case text(limit: Int)
    case choice([String])
    case integer(ClosedRange<Int64>)
    case number
    case flag
    /// An identifier of 13 characters.
    case id
    /// A moment, RFC 3339.
    case moment
    case list(SchemaKind, limit: Int)
    case object([SchemaProperty])
}

/// A property of a JSON object: its name, what it may be and what it means.
package struct SchemaProperty: Sendable {
    /// Its name.
    package let name: String
    /// What it may be.
    package let kind: SchemaKind
    /// Whether it must be there.
    package let isRequired: Bool
    /// What it means, in English.
    package let meaning: String

    /// A property.
    package init(_ name: String, _ kind: SchemaKind, required: Bool = false, _ meaning: String) {
        self.name = name
        self.kind = kind
        isRequired = required
        self.meaning = meaning
    }
}

/// A JSON object of the API: one value checks it, decodes it, writes it and documents it.
package struct Schema<Value: Sendable>: Sendable {
    /// Its name in the documentation.
    package let name: String
    /// Its properties, in the order they are written.
    package let properties: [SchemaProperty]
    private let make: @Sendable ([String: JSONValue]) throws -> Value
    private let fill: @Sendable (Value) -> [String: JSONValue]

    /// An object that goes in both directions or in one; a direction that is not used may trap nothing: leave it out.
    package init(
        _ name: String,
        _ properties: [SchemaProperty],
        decode make: @escaping @Sendable ([String: JSONValue]) throws -> Value,
        encode fill: @escaping @Sendable (Value) -> [String: JSONValue]
    ) {
        self.name = name
        self.properties = properties
        self.make = make
        self.fill = fill
    }

    /// Checks and decodes a body.
    ///
    /// - Throws: `.invalid` naming every property that is missing or wrong.
    package func decode(_ body: [UInt8]) throws -> Value {
        let object = try JSONValue.object(in: body)
        let problems = SchemaCheck.problems(object, properties, path: "")
        guard problems.isEmpty else { throw LinliError.invalid("request.schema", problems) }
        return try make(object)
    }

    /// Writes a value; properties come in the order of the declaration, unknown ones are left out.
    package func write(_ value: Value, into json: inout JSONWriter) {
        let filled = fill(value)
        json.object { object in
            for property in properties {
                guard let value = filled[property.name] else { continue }
                object.key(dynamic: property.name)
                value.write(into: &object)
            }
        }
    }
}

/// Checks JSON against properties.
enum SchemaCheck {
    static func problems(
        _ object: [String: JSONValue], _ properties: [SchemaProperty], path: String
    ) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        let known = Set(properties.map(\.name))
        for name in object.keys.sorted() where !known.contains(name) {
            problems.append(.init(path + name, Text("不认识的属性", "Unknown property")))
        }
        for property in properties {
            let name = path + property.name
            guard let value = object[property.name], value != .null else {
                if property.isRequired { problems.append(.init(name, Text("缺少这一项", "This is missing"))) }
                continue
            }
            problems += check(value, property.kind, name)
        }
        return problems
    }

    private static func check(_ value: JSONValue, _ kind: SchemaKind, _ name: String) -> [LinliError.Field] {
        func wrong(_ zh: String, _ en: String) -> [LinliError.Field] { [.init(name, Text(zh, en))] }
        switch (kind, value) {
        case (.text(let limit), .text(let text)):
            return text.count <= limit ? [] : wrong("最多 \(limit) 个字", "At most \(limit) characters")
        case (.choice(let words), .text(let text)):
            let list = words.joined(separator: ", ")
            return words.contains(text) ? [] : wrong("应为其中之一：\(list)", "Must be one of: \(list)")
        case (.integer(let range), .int(let number)):
            let (low, high) = (range.lowerBound, range.upperBound)
            return range.contains(number) ? [] : wrong("应在 \(low) 到 \(high) 之间", "Must be from \(low) to \(high)")
        case (.number, .int), (.number, .real), (.flag, .flag): return []
        case (.id, .text(let text)):
            return ID<Event>(text) == nil ? wrong("不是有效的标识", "Not a valid identifier") : []
        case (.moment, .text): return []
        case (.list(let element, let limit), .array(let values)):
            guard values.count <= limit else { return wrong("最多 \(limit) 项", "At most \(limit) entries") }
            return values.enumerated().flatMap { check($1, element, "\(name)[\($0)]") }
        case (.object(let properties), .object(let object)):
            return problems(object, properties, path: name + ".")
        default: return wrong("类型不对", "Wrong type")
        }
    }
}

/// What the documentation says of an API route.
package struct Operation: Sendable {
    /// The stable name, `createCase`.
    package let id: String
    /// What it does, in English.
    package let summary: String
    /// Fields of the query.
    package let query: [SchemaProperty]
    /// Name and properties of the body.
    package let body: (name: String, properties: [SchemaProperty])?
    /// Name and properties of the reply.
    package let reply: (name: String, properties: [SchemaProperty])?
    /// The status of success.
    package let status: Int
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
}

extension Route {
    /// An API route: the body is checked and decoded before `handle`, the reply is written after it. With an
    /// `Idempotency-Key` the first reply is given again; when the server ended before it was kept, `recover` finds what
    /// was done.
    package static func api<Body, Result>(
        _ method: Request.Method,
        _ path: String,
        id: String,
        _ summary: String,
        access: Access = .token,
        query: [SchemaProperty] = [],
        body: Schema<Body>,
        reply: Schema<Result>,
        status: Int = 200,
        recover: @escaping @Sendable (Body, Request, Services) async throws -> Result? = { _, _, _ in nil },
        _ handle: @escaping @Sendable (Body, Request, Services) async throws -> Result
    ) -> Route {
        let operation = Operation(
            id: id,
            summary: summary,
            query: query,
            body: body.properties.isEmpty ? nil : (body.name, body.properties),
            reply: reply.properties.isEmpty ? nil : (reply.name, reply.properties),
            status: status
        )
        return Route(method, path, access: access, operation: operation) { request, services in
            let input = body.properties.isEmpty ? try body.decode(Array("{}".utf8)) : try body.decode(request.body)
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
}
