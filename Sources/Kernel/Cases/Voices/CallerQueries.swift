import LinliCore
import LinliSQL
import LinliStandards

extension CaseQueries {
    /// What was told from a phone number, the newest first, for who may know that it was this person: the look is a
    /// reading of who told what, so its purpose stands in the audit first.
    ///
    /// What somebody told to the receiving office only, or a tip-off, is found only by who may see its reporter.
    package func told(by phone: PhoneNumber, purpose: String, _ context: Context) async throws -> [CaseRow] {
        let index = database.keys.index(phone.number, kind: "phone")
        try await database.write(context, "cases.toldBy", reason: purpose) { tx in
            try tx.audit(Subject("caller", 0), fields: ["phone"], values: [phone.number])
        }
        return try await database.read { tx in
            // Two looks, each by its index: a number somebody left, and the number of their account.
            let left: [ID<Case>] = try tx.all(
                "SELECT case_id FROM case_teller WHERE phone = \(index) ORDER BY case_id DESC LIMIT 30"
            ) { try $0[0] }
            let known: [ID<Case>] = try tx.all(
                "SELECT case_id FROM case_teller WHERE person = \(index) ORDER BY case_id DESC LIMIT 30"
            ) { try $0[0] }
            let visible = try Set(left + known).sorted(by: >).filter { id in
                guard let item = try CasesStore.find(id, tx) else { return false }
                let type = try types.type(item.type, version: item.typeVersion)
                let standing = Standing(context.actor, item, try CaseSituation(item, type, tx))
                return standing.isStaff && standing.seesReporter
            }
            guard !visible.isEmpty else { return [] }
            return try CasesStore.rows("WHERE c.id IN \(SQL.list(visible)) ORDER BY c.is_open DESC, c.id DESC", tx)
        }
    }

    /// The cases that some voices speak in, by voice, for who tells their tellers how far it is: never a word of others.
    package func leads(of voices: [ID<Case>]) async throws -> [ID<Case>: CaseRow] {
        guard !voices.isEmpty else { return [:] }
        return try await database.read { tx in
            var leads: [ID<Case>: CaseRow] = [:]
            try tx.each(
                """
                SELECT \(CaseRow.columns), u.name, u.name_en, v.id FROM case_item v
                JOIN case_item c ON c.id = v.speaks_in LEFT JOIN unit u ON u.id = c.handler_unit
                WHERE v.id IN \(SQL.list(voices))
                """
            ) { row in
                let voice: ID<Case> = try row[CaseRow.width]
                leads[voice] = try CaseRow(row).cut
            }
            return leads
        }
    }
}
