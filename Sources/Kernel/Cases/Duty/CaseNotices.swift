import LinliCore
import LinliSQL

/// Something of a case that one member of staff is told: a colleague named them in a note, or gave them the case.
package struct CaseNotice: Sendable {
    /// Why.
    package enum Kind: String, Sendable, CaseIterable {
        case mention, assigned
        /// The case it was a part of was taken back.
        case cancelled
        /// The date of a part was moved.
        case redated
        /// What they asked for was decided.
        case decided
        /// Who told the case added words or photos.
        case supplied
        /// Where it lies was corrected.
        case placed
    }

    package let id: ID<CaseNotice>
    package let kind: Kind
    package let at: Instant
    /// Who named them or gave it; empty for a rule.
    package let byName: String
    package let row: CaseRow
}

extension CaseQueries {
    /// What somebody was told and has not seen, the newest first, of cases they may see now.
    package static func notices(for actor: Actor, limit: Int = 100, _ tx: ReadTx) throws -> [CaseNotice] {
        guard let account = actor.account else { return [] }
        return try tx.all(
            """
            SELECT n.id, n.kind, n.at, b.name, \(CaseRow.columns), u.name, u.name_en
            FROM case_notice n JOIN case_item c ON c.id = n.case_id LEFT JOIN unit u ON u.id = c.handler_unit
            LEFT JOIN account b ON b.id = n.by_account
            WHERE n.account_id = \(account) AND n.seen_at IS NULL\(hide(actor.scope))
            ORDER BY n.id DESC LIMIT \(limit)
            """
        ) { row -> CaseNotice in
            let kind: String = try row[1]
            return CaseNotice(
                id: try row[0], kind: CaseNotice.Kind(rawValue: kind) ?? .mention, at: try row[2],
                byName: try row[3] ?? "", row: try CaseRow(row, from: 4)
            )
        }.filter { notice in
            // A duty may have ended since, or the case gone elsewhere.
            try CasesStore.find(notice.row.id, tx).map { item in
                try Standing.isStaff(actor, item, tx)
            } ?? false
        }
    }
}

extension Standing {
    /// Whether somebody sees a case as staff; for who is not asking for its page.
    static func isStaff(_ actor: Actor, _ item: CaseRecord, _ tx: ReadTx) throws -> Bool {
        if item.accusation.concerns(actor.scope) { return false }
        if actor.may(.casesRead, in: item.division) { return true }
        return actor.may(.casesRead, for: try CasesStore.parties(item.id, tx) + [item.handlerUnit].compactMap { $0 })
    }
}

extension CaseCommands {
    /// Tells somebody something of a case, once per kind while they have not seen it; of what a rule did nobody is named.
    func notify(
        _ account: ID<Account>, _ kind: CaseNotice.Kind, of item: CaseRecord, isUnsigned: Bool = false, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            INSERT INTO case_notice (id, account_id, case_id, kind, at, by_account)
            VALUES (\(try tx.newID(CaseNotice.self)), \(account), \(item.id), \(kind.rawValue), \(tx.now),
                \(isUnsigned ? nil : tx.context.actor.account))
            ON CONFLICT (account_id, case_id, kind) WHERE seen_at IS NULL DO NOTHING
            """
        )
    }

    /// Who told a case added something: who has it in hand is told, else who of its unit is on duty, else everybody
    /// there. Never who the reporter is.
    func tellSupplied(_ id: ID<Case>, _ tx: WriteTx) throws {
        guard let item = try CasesStore.find(id, tx) else { return }
        for account in try working(on: item, tx) where account != item.reporter {
            try notify(account, .supplied, of: item, isUnsigned: true, tx)
        }
    }

    /// Where a case lies was corrected: who has it in hand goes to the right door.
    func tellPlaced(_ id: ID<Case>, _ tx: WriteTx) throws {
        guard let item = try CasesStore.find(id, tx), item.isOpen else { return }
        for account in try working(on: item, tx) { try notify(account, .placed, of: item, tx) }
    }

    /// Who has a case in hand, else who of its unit is on duty, else everybody there; without who acts.
    private func working(on item: CaseRecord, _ tx: WriteTx) throws -> [ID<Account>] {
        guard let unit = try item.handlerUnit.flatMap({ try UnitsStore.find($0, tx) })
        else { return [] }
        var told = [item.handler].compactMap { $0 }
        if told.isEmpty { told = try UnitsStore.accountsOnDuty(unit.id, at: tx.now, tx) }
        if told.isEmpty {
            told = try CaseQueries.colleagues(
                unit, in: item.division, against: item.accusation.units, at: tx.now, tx
            ).map(\.id)
        }
        return Set(told).sorted().filter { $0 != tx.context.actor.account }
    }

    /// Somebody has seen what they were told.
    ///
    /// - Throws: `.notFound` for what is somebody else's. Doing it twice changes nothing.
    package func see(_ id: ID<CaseNotice>, _ context: Context) async throws {
        guard let account = context.actor.account else { throw LinliError.notFound("cases.notice") }
        try await database.write(context, "cases.seeNotice") { tx in
            let item: ID<Case>? = try tx.value(
                "SELECT case_id FROM case_notice WHERE id = \(id) AND account_id = \(account)"
            )
            guard let item else { throw LinliError.notFound("cases.notice") }
            try tx.execute("UPDATE case_notice SET seen_at = \(tx.now) WHERE id = \(id) AND seen_at IS NULL")
            try tx.audit(Subject("case", item), fields: ["notice"])
        }
    }
}
