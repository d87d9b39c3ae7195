import LinliCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// JSON as it came in, before a schema has looked at it.
package enum JSONValue: Sendable, Equatable, Decodable {
    case null
    case flag(Bool)
    case int(Int64)
    case real(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            // Each guess that fails is followed by the next; the last one throws.
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .int(number)
        } else if let number = try? container.decode(Double.self) {
            self = .real(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let array = try? container.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// The JSON object in a request's body.
    ///
    /// - Throws: `.invalid` when it is not JSON or not an object.
    package static func object(in body: [UInt8]) throws -> [String: JSONValue] {
        // What is wrong with the JSON in detail matters to no caller: it is not JSON.
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(body)), case .object(let object) = value
        else {
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
