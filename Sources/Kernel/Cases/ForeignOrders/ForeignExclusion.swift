import LinliCore
import LinliSQL

/// An order that another system leaves out of its results 剔除: what that means for ours.
///
/// Theirs are imported as they come, and their ruling holds there. It was written down here by one person alone; our own
/// rates leave a case out only when a second one agrees, whoever says that it should be.
extension CaseRequest {
    /// The reason class of what the other system ruled without having been asked for a reason of ours.
    package static let ruledThere = "order"

    /// Why, in the words of a type.
    package func reasonName(_ type: CaseType?) -> Text {
        if reasonClass == CaseRequest.ruledThere { return Text("12345 同意剔除", "left out by 12345") }
        let rule = type?.requests.first { $0.kind == kind }
        return rule?.reasons.first { $0.id == reasonClass }?.name ?? Text(same: reasonClass)
    }
}

extension CaseCommands {
    /// Asks, in the name of who wrote the ruling down, that a second person leaves the case out of our rates too; nothing
    /// where that waits or was granted already.
    func askToLeaveOut(_ reason: String, _ text: String, _ item: CaseRecord, _ tx: WriteTx) throws {
        let known = try CaseRequestsStore.all(of: item.id, tx).filter { $0.kind == .exclude }
        guard known.allSatisfy({ $0.state == .denied }) else { return }
        let words = text.trimmed.isEmpty ? "12345 同意剔除" : text.trimmed
        try tx.execute(
            """
            INSERT INTO case_request (id, case_id, kind, state, reason_class, text, minutes, unit_id, asked_by, asked_at,
                division, decision, is_over)
            VALUES (\(try tx.newID(CaseRequest.self)), \(item.id), \(CaseRequestKind.exclude), 'waiting',
                \(reason.isEmpty ? CaseRequest.ruledThere : reason), \(LiftedText(words).masked), 0,
                \(item.handlerUnit), \(tx.context.actor.account), \(tx.now), \(item.division), '', 0)
            """
        )
        try mark(CaseMark.of(CaseRequestKind.exclude, .waiting), item, text: words, isVisible: false, tx)
    }
}

extension Migration {
    /// Orders that were left out of our rates by one person, before a second one had to agree: they stay left out.
    static let foreignExclusions = Migration(
        "2026-11-30.76-foreign-exclusions",
        """
        ALTER TABLE foreign_request ADD COLUMN is_unapproved INTEGER NOT NULL DEFAULT 0;
        UPDATE foreign_request SET is_unapproved = 1 WHERE kind = 'exclude' AND state = 'granted';
        """
    )
}
