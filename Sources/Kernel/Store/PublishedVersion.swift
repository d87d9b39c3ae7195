import LinliCore
import LinliSQL

/// A version of rules that was published, without its text.
package struct PublishedVersion: Sendable {
    /// Its number.
    package let version: Int
    /// When it was published.
    package let at: Instant
    /// By whom.
    package let by: String
    /// Why.
    package let reason: String

    /// Out of a row with its number, when and by whom it was published, and why.
    init(_ row: Row) throws {
        version = try row[0]
        at = try row[1]
        by = try row[2] ?? ""
        reason = try row[3]
    }

    /// Why rules are published, as it is kept.
    ///
    /// - Throws: `.invalid` by the name `id` when it is missing or too long.
    static func reason(_ words: String, _ id: String) throws -> String {
        let reason = words.trimmed
        guard !reason.isEmpty, reason.count <= 200 else {
            throw LinliError.invalid(
                id, [.init("reason", Text("请写明为什么改，最多 200 个字", "Please say why, at most 200 characters"))])
        }
        return reason
    }
}
