import LinliCore
import LinliKernel

/// The JSON that drafts of rules share: case types, rules of warnings.
enum DraftSchemas {
    /// A draft to publish, and why.
    struct Publication: Sendable {
        var revision: Int
        var reason: String
    }

    static let number = SchemaKind.integer(0...Int64(Int32.max))
    static let revision = SchemaProperty(
        "revision", number, required: true, "`draft.revision` as you saw it; 0 where there was none")

    static let problems = SchemaProperty(
        "problems",
        .list(
            .object([
                SchemaProperty("line", number, required: true, "Line of the text, from 1; 0 for what is missing"),
                SchemaProperty("message", .text(limit: 1000), required: true, "What is wrong, as failures say it"),
            ]), limit: 1000),
        required: true, "What is wrong with it; nothing when it may be published")

    /// A body that publishes; `reason` says in English what its reason is for.
    static func publication(_ name: String, reason: String) -> Schema<Publication> {
        Schema<Publication>(
            name, [revision, SchemaProperty("reason", .text(limit: 200), required: true, reason)],
            decode: { Publication(revision: $0.integer("revision").map { Int($0) } ?? 0, reason: $0.text("reason")) },
            encode: { _ in [:] })
    }

    /// What is wrong, line by line, in the language of who asks, as with every failure.
    static func json(_ problems: [(line: Int, text: Text)], _ language: Language) -> JSONValue {
        .array(
            problems.prefix(1000).map { line, text in
                .object(["line": .int(Int64(line)), "message": .text(String(text[language].prefix(1000)))])
            })
    }

    /// A published version.
    static func json(_ version: PublishedVersion) -> JSONValue {
        .object([
            "version": .int(Int64(version.version)), "at": .text(version.at.iso8601), "by": .text(version.by),
            "reason": .text(version.reason),
        ])
    }
}
