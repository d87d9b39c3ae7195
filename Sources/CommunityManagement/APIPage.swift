import LinliCore
import LinliKernel

/// A page of a list, as programs read it: the rows, and where the next page begins.
struct APIPage<Entry: Sendable>: Sendable {
    var rows: [Entry]
    var next: String?

    /// `rows` has one more than `limit` when there is a next page.
    init(_ rows: [Entry], _ limit: Int, cursor: (Entry) -> String) {
        self.rows = Array(rows.prefix(limit))
        next = rows.count > limit ? self.rows.last.map(cursor) : nil
    }

    init(rows: [Entry], next: String?) {
        self.rows = rows
        self.next = next
    }

    func json(_ name: String, _ entry: (Entry) -> JSONValue) -> [String: JSONValue] {
        var json: [String: JSONValue] = [name: .array(rows.map(entry))]
        json["next"] = next.map { .text($0) }
        return json
    }

    /// The object of a page whose entries have these properties.
    static func schema(
        _ schema: String, _ name: String, _ meaning: String, _ properties: [SchemaProperty],
        _ entry: @escaping @Sendable (Entry) -> [String: JSONValue]
    ) -> Schema<APIPage<Entry>> {
        Schema(
            schema,
            [
                SchemaProperty(name, .list(.object(properties), limit: 100), required: true, meaning), APIPages.next,
            ],
            decode: { _ in throw LinliError.fault("api.reply", "only written") },
            encode: { page in page.json(name) { .object(entry($0)) } })
    }
}

/// What the lists of the API have in common.
enum APIPages {
    static let limit = SchemaProperty("limit", .integer(1...100), "How many; 50 by default")
    static let next = SchemaProperty(
        "next", .text(limit: 60), "`after` of the next page; missing on the last one")
    static let after = SchemaProperty("after", .id, "`next` of the page before")
    /// For lists in the order of a moment.
    static let afterMoment = SchemaProperty("after", .shaped(.cursor), "`next` of the page before")
    static let division = SchemaProperty(
        "division", .shaped(.division), "Where; by default the first of your divisions")
    static let query = [after, limit]
    /// What a file is taken for.
    static let purpose = SchemaProperty(
        "purpose", .text(limit: StatedPurpose.limit), required: true, "What for, audited; at least 4 characters")

    static func limit(_ request: Request) -> Int { request.query.int("limit") ?? 50 }

    /// A file that is asked for by an address: what is wrong with its purpose is wrong as a parameter is.
    static func file(_ take: () async throws -> Reply) async throws -> Reply {
        do {
            return try await take()
        } catch let error as LinliError where error.kind == .invalid {
            throw LinliError(.malformed, error.id, error.publicText, fields: error.fields)
        }
    }

    /// The division a program asked for, inside its own, else the first of these.
    ///
    /// - Throws: `.notFound` for one outside.
    static func division(_ request: Request, _ permission: Permission) throws -> DivisionCode {
        let scope = request.context.actor.scope(for: permission)
        guard let wished = request.query["division"] else {
            guard let first = scope.divisions.first else { throw LinliError.notFound("api.scope") }
            return first
        }
        guard let code = DivisionCode(wished), request.context.actor.may(permission, in: code) else {
            throw LinliError.notFound("api.scope")
        }
        return code
    }
}

extension JSONValue {
    /// A moment, RFC 3339.
    static func moment(_ at: Instant) -> JSONValue { .text(at.iso8601) }

    /// A name in both languages.
    static func name(_ text: Text) -> JSONValue { .object(["zh": .text(text.zh), "en": .text(text.en)]) }
}

extension SchemaProperty {
    /// A name in both languages.
    static func name(_ name: String, _ meaning: String) -> SchemaProperty {
        SchemaProperty(name, names, required: true, meaning)
    }

    /// Some names in both languages.
    static func names(_ name: String, _ meaning: String) -> SchemaProperty {
        SchemaProperty(name, .list(names, limit: 100), required: true, meaning)
    }

    private static let names = SchemaKind.object([
        SchemaProperty("zh", .text(limit: 400), required: true, "Chinese"),
        SchemaProperty("en", .text(limit: 400), required: true, "English"),
    ])
}
