import LinliCore
import LinliSQL

/// What is asked when a case is done again because the reporter objected 申请复核: it does not simply go back to who did
/// it, and never to the same hands while there are others.
enum CaseRedo {
    /// Sent back to a unit that had it before, a contested case goes with a reason that stands in its history.
    ///
    /// - Throws: `.invalid` without one.
    static func checkUnit(_ unit: ID<Unit>, _ step: CaseStep, _ item: CaseRecord, _ tx: WriteTx) throws {
        guard item.contests > 0, item.parent == nil, step.text.trimmed.isEmpty else { return }
        let hadIt = try tx.exists(
            "SELECT 1 FROM case_party WHERE case_id = \(item.id) AND unit_id = \(unit) AND role = 'handler'"
        )
        guard hadIt else { return }
        let text = Text(
            "诉求人对这个单位的办理结果有异议：还派给它，请写明理由和怎么换人办",
            "The reporter objects to what this unit did: say why it gets the case again, and who else is to do it"
        )
        throw LinliError.invalid("cases.sameUnit", [.init("text", text)])
    }

    /// Who had it before an objection does not take it again while a colleague can. What is urgent waits for nobody.
    ///
    /// - Throws: `.conflict` for the same person.
    static func checkPerson(_ item: CaseRecord, _ tx: WriteTx) throws {
        guard item.contests > 0, !item.isUrgent, let account = tx.context.actor.account, let id = item.handlerUnit,
            let unit = try UnitsStore.find(id, tx)
        else { return }
        let hands: [ID<Account>] = try tx.all(
            """
            SELECT DISTINCT actor_id FROM case_entry WHERE case_id = \(item.id) AND actor_id IS NOT NULL
            AND unit_id = \(id) AND from_state <> to_state AND reason_class = '' AND transition <> 'dispatch'
            """
        ) { try $0[0] }
        guard hands.contains(account) else { return }
        // Where everybody has had it once, it is anybody's again: two who point at each other would leave it lying.
        let colleagues = try CaseQueries.colleagues(
            unit, in: item.division, against: item.accusation.units, at: tx.now, tx)
        guard colleagues.contains(where: { !hands.contains($0.id) && $0.awayUntil == nil }) else { return }
        throw LinliError(
            .conflict,
            "cases.sameHands",
            Text("上次是您办的，诉求人说没解决：重办要换人，请同事签收", "You did it before and the reporter objects: let a colleague take it")
        )
    }
}
