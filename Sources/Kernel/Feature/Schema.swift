import LinliCore

/// What a property of JSON may be.
package indirect enum SchemaKind: Sendable {
    case text(limit: Int)
    case choice([String])
    case integer(ClosedRange<Int64>)
    case number(ClosedRange<Double>)
    case flag
    /// A text of a certain shape, such as the code of a division.
    case shaped(TextShape)
    /// An identifier of 13 characters.
    case id
    /// A moment, RFC 3339.
    case moment
    case list(SchemaKind, limit: Int)
    case object([SchemaProperty])
    /// Any names with values of one kind.
    case map(SchemaKind, limit: Int)
    /// A file of a body that comes as a form; one property makes the whole body one.
    case file
}

extension SchemaKind {
    /// Whether it is a file.
    package var isFile: Bool { if case .file = self { true } else { false } }
}

/// What a text must look like, for the check and for the documentation.
package struct TextShape: Sendable {
    /// What to say when it does not.
    package let text: Text
    /// A regular expression (ECMA-262) that every such text fits.
    package let pattern: String
    /// Whether a text has the shape.
    package let fits: @Sendable (String) -> Bool

    /// A shape.
    package init(_ text: Text, pattern: String, fits: @escaping @Sendable (String) -> Bool) {
        self.text = text
        self.pattern = pattern
        self.fits = fits
    }

    /// The code of a division.
    package static let division = TextShape(
        Text("应为 6、9、12 或 15 位区划代码", "Must be the code of a division, 6, 9, 12 or 15 digits"),
        pattern: "^[1-9][0-9]{5}([0-9]{3}){0,3}$"
    ) { DivisionCode($0) != nil }

    /// An `Idempotency-Key`.
    package static let key = TextShape(
        Text("应为 1 到 100 个可见字符", "Must be 1 to 100 visible ASCII characters"), pattern: "^[!-~]{1,100}$"
    ) { key in (1...100).contains(key.utf8.count) && key.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    /// A photo as `uploadFile` answers it: its identifier, or that and its proof.
    package static let photo = TextShape(
        Text("应为 uploadFile 答复的 id 或 proof", "Must be `id` or `proof` as uploadFile answers it"),
        pattern: "^[0-7][0-9a-hjkmnp-tv-z]{12}([.][0-9a-hjkmnp-tv-z]{26})?$"
    ) { text in
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count < 3, ID<StoredFile>(parts[0])?.description == parts[0] else { return false }
        let proof = parts.dropFirst().first ?? ""
        let isProof = proof.utf8.count == 26 && proof.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz".contains($0) }
        return parts.count == 1 || isProof
    }

    /// A day.
    package static let day = TextShape(
        Text("应为日期，例如 2026-11-25", "Must be a day such as 2026-11-25"), pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    ) { CivilDate($0) != nil }

    /// A place in a list of cases.
    package static let cursor = TextShape(
        Text("请原样使用上一页的 next", "Use `next` of the page before as it is"),
        pattern: "^[0-9]{1,15}-[0-7][0-9a-hjkmnp-tv-z]{12}$"
    ) { CaseCursor($0)?.description == $0 }
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

    /// Whether it comes as a form with a file, `multipart/form-data`.
    var isForm: Bool { properties.contains { $0.kind.isFile } }

    /// Checks and decodes a body that came as a form; its files stay where they are.
    ///
    /// - Throws: `.invalid` naming every field and file that is unknown, missing or wrong.
    func decode(_ form: Form, _ uploads: [Upload]) throws -> Value {
        let problems = SchemaCheck.problems(form, properties.filter { !$0.kind.isFile })
        let all = problems + SchemaCheck.problems(uploads, properties.filter(\.kind.isFile))
        guard all.isEmpty else { throw LinliError.invalid("request.schema", all) }
        return try make(SchemaCheck.object(form, properties))
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
