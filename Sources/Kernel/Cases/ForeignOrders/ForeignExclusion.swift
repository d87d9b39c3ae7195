import LinliCore
import LinliSQL

/// An order that another system leaves out of its results 剔除 or takes back 退单: what that means for ours.
///
/// Theirs are imported as they come, and their ruling holds there. It was written down here by one person alone; our own
/// rates leave a case out only when a second one agrees, whoever says that it should be.
extension CaseRequest {
    /// The reason class of what the other system ruled without having been asked for a reason of ours.
    package static let ruledThere = "order"
    /// The reason class of a round that the other system took back: what another unit of the city is to do is no result of
    /// ours.
    package static let returnedThere = "returned"

    /// Why, in the words of a type.
    package func reasonName(_ type: CaseType?) -> Text {
        if let name = CaseRequest.nameThere(reasonClass) { return name }
        let rule = type?.requests.first { $0.kind == kind }
        return rule?.reasons.first { $0.id == reasonClass }?.name ?? Text(same: reasonClass)
    }

    /// What a reason class is called that is another system's; nil for one of ours.
    package static func nameThere(_ reason: String) -> Text? {
        switch reason {
        case ruledThere: Text("12345 同意剔除", "left out by 12345")
        case returnedThere: Text("退单（市级同意）", "taken back by 12345")
        default: nil
        }
    }
}

extension CaseCommands {
    /// Asks, in the name of who wrote the ruling down, that a second person leaves the case out of our rates too, or the
    /// round of it that was taken back; nothing where that waits or was granted already.
    func askToLeaveOut(_ reason: String, _ text: String, _ item: CaseRecord, _ tx: WriteTx) throws {
        let isReturned = reason == CaseRequest.returnedThere
        // A round that was taken back speaks of no other one.
        let round: Int? = isReturned ? item.contests + 1 : nil
        let known = try CaseRequestsStore.all(of: item.id, tx).filter {
            $0.kind == .exclude && $0.reasonClass != CaseRequest.returnedThere
        }
        guard known.allSatisfy({ $0.state == .denied || (isReturned && $0.state == .waiting) }) else { return }
        if let round, try isAskedFor(round, of: item.id, tx) { return }
        let words = text.trimmed.isEmpty ? (isReturned ? "12345 同意退单" : "12345 同意剔除") : text.trimmed
        try tx.execute(
            """
            INSERT INTO case_request (id, case_id, kind, state, reason_class, text, minutes, unit_id, asked_by, asked_at,
                division, decision, is_over, round)
            VALUES (\(try tx.newID(CaseRequest.self)), \(item.id), \(CaseRequestKind.exclude), 'waiting',
                \(reason.isEmpty ? CaseRequest.ruledThere : reason), \(try lifted(words, item.id, tx)), 0,
                \(item.handlerUnit), \(tx.context.actor.account), \(tx.now), \(item.division), '', 0,
                \(round))
            """
        )
        try mark(CaseMark.of(CaseRequestKind.exclude, .waiting), item, text: words, isVisible: false, tx)
    }
}

extension CaseCommands {
    private func isAskedFor(_ round: Int, of item: ID<Case>, _ tx: ReadTx) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM case_request
            WHERE case_id = \(item) AND kind = 'exclude' AND round = \(round) AND state <> 'denied'
            """
        )
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
