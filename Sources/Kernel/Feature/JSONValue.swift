import LinliCore

/// JSON as it came in, before a schema has looked at it.
package enum JSONValue: Sendable, Equatable {
    case null
    case flag(Bool)
    case int(Int64)
    case real(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// The JSON object in a request's body.
    ///
    /// - Throws: `.invalid` when it is not JSON or not an object.
    package static func object(in body: [UInt8]) throws -> [String: JSONValue] {
        guard case .object(let object)? = JSONReader.value(in: body) else {
            throw LinliError.invalid(
                "request.json",
                [.init("body", Text("请求内容不是有效的 JSON 对象", "The body is not a valid JSON object"))]
            )
        }
        return object
    }

    /// Writes it back.
    package func write(into json: inout JSONWriter) {
        switch self {
        case .null: json.value(nil as String?)
        case .flag(let flag): json.value(flag)
        case .int(let number): json.value(number)
        case .real(let number): json.value(number)
        case .text(let text): json.value(text)
        case .array(let values):
            json.array { list in
                for value in values { value.write(into: &list) }
            }
        case .object(let values):
            json.object { object in
                for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                    object.key(dynamic: name)
                    value.write(into: &object)
                }
            }
        }
    }
}

extension [String: JSONValue] {
    /// A property as text, empty when it is missing.
    package func text(_ name: String) -> String {
        if case .text(let text) = self[name] { text } else { "" }
    }

    /// A property as a whole number.
    package func integer(_ name: String) -> Int64? {
        if case .int(let number) = self[name] { number } else { nil }
    }

    /// A property as a number.
    package func number(_ name: String) -> Double? {
        switch self[name] {
        case .int(let number): Double(number)
        case .real(let number): number
        default: nil
        }
    }

    /// A property as an identifier; nil when it is missing.
    package func id<Entity>(_ name: String) -> ID<Entity>? { ID(text(name)) }

    /// Whether a property is true.
    package func flag(_ name: String) -> Bool { self[name] == .flag(true) }

    /// A property as a list of texts.
    package func texts(_ name: String) -> [String] {
        guard case .array(let values) = self[name] else { return [] }
        return values.compactMap { value in
            if case .text(let text) = value { text } else { nil }
        }
    }

    /// A property as a set of whole numbers.
    package func integers(_ name: String) -> Set<Int> {
        guard case .array(let values) = self[name] else { return [] }
        return Set(
            values.compactMap { value in
                if case .int(let number) = value { Int(number) } else { nil }
            }
        )
    }

    /// A property as a list of identifiers.
    package func ids<Entity>(_ name: String) -> [ID<Entity>] {
        texts(name).compactMap { ID<Entity>($0) }
    }
}
