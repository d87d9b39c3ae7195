import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets
import LinliTestSupport

/// A value that was entered where it is kept closely, and what the audit must say when somebody reads it.
struct ReadingMark: Sendable {
    /// `person.phone`, `case_item.reporter_sealed`.
    let name: String
    /// What would be a reading if it stood in an answer: any of these.
    let forms: [String]
    /// What the audit may call it: the field or the column.
    let fields: Set<String>
    /// What the audit may say it is about, `person/123`.
    let subjects: Set<String>
    /// By what phone its own person signs in: what somebody typed is theirs to see again.
    var owner: String?

    /// Whether an answer shows it.
    func stands(in text: String) -> Bool { forms.contains { text.contains($0) } }

    /// Whether a line of the audit says that `reader` read it, and what for.
    func isNoted(by lines: [ReadingLine], of reader: Actor) -> Bool {
        lines.contains { line in
            guard case .account(let id) = reader.kind else { return false }
            // A command about one's own data says by its name what it is for.
            let hasPurpose = line.reason?.isEmpty == false || line.command.hasPrefix("own.")
            return hasPurpose && line.actorKind == "account" && line.actor == id.rawValue
                && subjects.contains(line.subject) && !fields.isDisjoint(with: line.fields)
        }
    }
}

/// A line of the audit, as the walk looks at it.
struct ReadingLine: Sendable {
    let command: String
    let actorKind: String
    let actor: Int64
    let subject: String
    let fields: Set<String>
    let reason: String?
}

extension House {
    /// The last line of the audit so far.
    func lastLine() async throws -> Int64 { try await value("SELECT max(id) FROM audit_entry") ?? 0 }

    /// What the audit says since.
    func lines(after last: Int64) async throws -> [ReadingLine] {
        try await services.database.read { tx in
            try tx.all(
                """
                SELECT command, actor_kind, actor_id, subject_kind, subject_id, fields, reason FROM audit_entry
                WHERE id > \(last) ORDER BY id
                """
            ) { row in
                let (kind, id, fields): (String, Int64, String) = (try row[3], try row[4], try row[5])
                return ReadingLine(
                    command: try row[0], actorKind: try row[1], actor: try row[2], subject: "\(kind)/\(id)",
                    fields: Set(fields.split(separator: ",").map(String.init)), reason: try row[6])
            }
        }
    }
}

extension Site.Answer {
    /// Everything somebody could read in an answer: its headers, its words, the cells of a workbook, the words of a PDF.
    func words() throws -> String {
        let heads = headers.map { $0.value.removingPercentEncoding ?? $0.value }.joined(separator: "\n")
        return heads + "\n" + (try content())
    }

    /// The same without its headers; nothing of a picture.
    func content() throws -> String {
        let type = self["content-type"] ?? ""
        if type.hasPrefix("image/") || type.hasPrefix("font/") { return "" }
        if type.hasPrefix("application/pdf") { return try PDFWords.read(body) ?? "" }
        guard type.contains("spreadsheetml") else { return text }
        let path = NSTemporaryDirectory() + "linli-walk-\(UUID().uuidString).xlsx"
        // Only a temporary file would stay behind.
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(body).write(to: URL(fileURLWithPath: path))
        return (try Sheet.rows(file: path)).flatMap(\.cells).joined(separator: "\n")
    }
}
