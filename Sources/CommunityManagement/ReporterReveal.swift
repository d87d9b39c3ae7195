import LinliCore
import LinliKernel

/// Showing who told a case, for the desk and for programs of staff.
enum ReporterReveal {
    /// Opens the sealed words of a case for who may know its reporter; the audit has who, when and what for before
    /// anything is shown.
    ///
    /// - Throws: `.notFound` for who is not staff of it, `.forbidden` for who may not know the reporter, `.invalid`
    ///   without a purpose.
    static func reveal(
        _ view: CaseView, purpose: String, _ context: Context, _ services: Services
    ) async throws -> DeskRevealed {
        guard view.standing.isStaff else { throw LinliError.notFound("desk.notStaff") }
        guard view.standing.seesReporter else { throw LinliError.forbidden("desk.reporter") }
        let reason = try StatedPurpose.read(
            purpose, "desk.purpose", example: Text("约上门时间", "to agree on a visit"))
        let item = view.item
        let secrets = try await services.database.read { try DeskStore.secrets(item.id, $0) }
        let clear = try await services.database.reveal(
            context,
            purpose: reason,
            Subject("case", item.id, division: item.division),
            [secrets.reporter, secrets.text, secrets.location, secrets.accountPhone].compactMap { $0 } + secrets.entries
        )
        return DeskRevealed(secrets, clear)
    }
}

/// Who told a case and what they wrote, in clear; shown once and kept nowhere.
struct DeskRevealed: Sendable {
    var name = ""
    var phone = ""
    var email = ""
    /// What was written, case and history, before numbers were masked.
    var words: [String] = []
}

extension DeskRevealed {
    /// What was opened, in the order it was asked for.
    fileprivate init(_ secrets: DeskStore.Secrets, _ clear: [String]) {
        var rest = clear[...]
        name = secrets.accountName
        if secrets.reporter != nil {
            let lines = (rest.popFirst() ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            if let first = lines.first, !first.isEmpty { name = String(first) }
            if lines.count > 1 { phone = String(lines[1]) }
            if lines.count > 2 { email = String(lines[2]) }
        }
        if secrets.text != nil { words.append(rest.popFirst() ?? "") }
        if secrets.location != nil { words.append(rest.popFirst() ?? "") }
        if secrets.accountPhone != nil, let number = rest.popFirst(), phone.isEmpty { phone = number }
        words += rest
    }
}
