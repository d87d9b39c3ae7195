import LinliCore
import LinliSQL

/// Words about a case that stand neither in the case itself nor in its history.
private struct CaseWords {
    let table: SQL
    let key: SQL
    let columns: [SQL]
    /// Which rows are about the case.
    let condition: SQL

    static func all(of id: ID<Case>) -> [CaseWords] {
        let ofCase: SQL = "case_id = \(id)"
        let ofOrder: SQL = "order_id IN (SELECT id FROM foreign_order WHERE case_id = \(id))"
        let ofWhistle: SQL = "whistle_id IN (SELECT id FROM whistle WHERE case_id = \(id))"
        return [
            .init(table: "case_request", key: "id", columns: ["text", "decision"], condition: ofCase),
            .init(table: "case_supervision", key: "id", columns: ["reason", "answer"], condition: ofCase),
            .init(
                table: "case_publication", key: "case_id", columns: ["title", "text", "result", "address"],
                condition: ofCase),
            .init(table: "case_voice", key: "id", columns: ["reason"], condition: "voice_id = \(id)"),
            .init(table: "case_voice", key: "id", columns: ["reason"], condition: ofCase),
            .init(table: "foreign_order", key: "id", columns: ["accused"], condition: ofCase),
            .init(table: "foreign_request", key: "id", columns: ["text", "ruling"], condition: ofOrder),
            .init(table: "foreign_reply", key: "id", columns: ["text"], condition: ofOrder),
            .init(
                table: "whistle", key: "id", columns: ["purpose", "location", "minutes", "reason"], condition: ofCase),
            .init(table: "whistle_unit", key: "id", columns: ["words", "score_words"], condition: ofWhistle),
        ]
    }

    /// Takes names out of them; whether any stood there.
    func hide(_ names: TellerNames, _ tx: WriteTx) throws -> Bool {
        let count = columns.count
        let rows = try tx.all(
            "SELECT \(key), \(SQL.joined(columns, separator: ", ")) FROM \(table) WHERE \(condition)"
        ) { row -> (key: Int64, texts: [String]) in
            (try row[0], try (1...count).map { index -> String in try row[index] })
        }
        var isChanged = false
        for row in rows {
            let hidden = row.texts.map { names.hidden(in: $0) }
            guard hidden != row.texts else { continue }
            let values = zip(columns, hidden).map { column, text -> SQL in "\(column) = \(text)" }
            try tx.execute("UPDATE \(table) SET \(SQL.joined(values, separator: ", ")) WHERE \(key) = \(row.key)")
            isChanged = true
        }
        return isChanged
    }
}

extension CaseCommands {
    /// Takes who told a case, by name, number and door, out of all its words, now that it is a tip-off: in what it says,
    /// its history, what is found of it, what was cleared for neighbours, and in its parts, as if it had been told as one.
    /// What was typed stays sealed, for who may know who tells a tip-off.
    func hideTeller(of item: CaseRecord, _ tx: WriteTx) throws {
        let names = try tellerNames(of: item.id, tx)
        guard names.isSealed else { return }
        if try hide(names, in: item, tx) { try tx.audit(item.subject, fields: ["text"]) }
        let parts: [ID<Case>] = try tx.all("SELECT id FROM case_item WHERE parent_id = \(item.id) ORDER BY id") {
            try $0[0]
        }
        for id in parts {
            let part = try CasesStore.lock(id, tx)
            if try hide(names, in: part, tx) { try tellHidden(part, tx) }
        }
        try hideInOthers(names, of: item.id, tx)
    }

    private func hide(_ names: TellerNames, in item: CaseRecord, _ tx: WriteTx) throws -> Bool {
        var isChanged = try hideInCase(names, item, tx)
        if try hideInHistory(names, "case_id = \(item.id)", tx) { isChanged = true }
        for words in CaseWords.all(of: item.id) {
            if try words.hide(names, tx) { isChanged = true }
        }
        return isChanged
    }

    private func hideInCase(_ names: TellerNames, _ item: CaseRecord, _ tx: WriteTx) throws -> Bool {
        let (text, location) = (names.hidden(in: item.text), names.hidden(in: item.location))
        let answers = names.hidden(in: item.answers)
        guard text != item.text || location != item.location || answers != item.answers else { return false }
        // What was sealed already is what was typed, numbers and all.
        let textSealed: [UInt8]? =
            text == item.text ? nil : try tx.seal(item.text, table: "case_item", column: "text_sealed", row: item.id)
        let locationSealed: [UInt8]? =
            location == item.location
            ? nil : try tx.seal(item.location, table: "case_item", column: "location_sealed", row: item.id)
        try tx.execute(
            """
            UPDATE case_item SET title = \(text == item.text ? item.title : CaseTitle.of(text)), text = \(text),
                text_sealed = coalesce(text_sealed, \(textSealed)), location = \(location),
                location_sealed = coalesce(location_sealed, \(locationSealed)), answers = \(Facts.encode(answers))
            WHERE id = \(item.id)
            """
        )
        let body = CaseCommands.searched(item.number, text, location) + scopeTokens(item.division)
        try tx.execute("UPDATE case_search SET body = \(SQL.searchBody(body)) WHERE rowid = \(item.id)")
        if text != item.text { try CaseLearning.reword(item.id, from: item.text, to: text, tx) }
        return true
    }

    /// In the lines of histories that `condition` says.
    private func hideInHistory(_ names: TellerNames, _ condition: SQL, _ tx: WriteTx) throws -> Bool {
        let entries = try tx.all("SELECT id, text, answers FROM case_entry WHERE \(condition) ORDER BY id") {
            row -> (id: ID<CaseEntry>, text: String, answers: String) in
            (try row[0], try row[1], try row[2])
        }
        var isChanged = false
        for entry in entries {
            let text = names.hidden(in: entry.text)
            let old = Facts.decode(entry.answers)
            let answers = names.hidden(in: old)
            guard text != entry.text || answers != old else { continue }
            let sealed: [UInt8]? =
                text == entry.text
                ? nil : try tx.seal(entry.text, table: "case_entry", column: "text_sealed", row: entry.id)
            try tx.execute(
                """
                UPDATE case_entry SET text = \(text), text_sealed = coalesce(text_sealed, \(sealed)),
                    answers = \(answers == old ? entry.answers : Facts.encode(answers))
                WHERE id = \(entry.id)
                """
            )
            isChanged = true
        }
        return isChanged
    }

    /// In the history of cases it was joined with before: why that was done stands there too. The words of who told those
    /// are their own.
    private func hideInOthers(_ names: TellerNames, of id: ID<Case>, _ tx: WriteTx) throws {
        let leads: [ID<Case>] = try tx.all("SELECT case_id FROM case_voice WHERE voice_id = \(id)") { try $0[0] }
        let voices: [ID<Case>] = try tx.all("SELECT voice_id FROM case_voice WHERE case_id = \(id)") { try $0[0] }
        let marks: [CaseMark] = [.merged, .absorbed, .split, .splitOff]
        for other in Set(leads + voices).sorted() {
            let condition: SQL = "case_id = \(other) AND transition IN \(SQL.list(marks.map(\.rawValue)))"
            if try hideInHistory(names, condition, tx) { try tellHidden(try CasesStore.lock(other, tx), tx) }
        }
    }

    private func tellHidden(_ item: CaseRecord, _ tx: WriteTx) throws {
        try tx.execute("UPDATE case_item SET version = version + 1 WHERE id = \(item.id)")
        try tx.audit(item.subject, fields: ["text"])
        try tx.emit("case.noted", item.subject, facts: noted(item))
    }
}

extension Migration {
    /// Which cases ever spoke in another one, also when they do not any more.
    static let voicesOfLeads = Migration(
        "2026-12-01.12-voices-of-leads",
        """
        CREATE INDEX case_voice_lead ON case_voice (case_id, voice_id);
        """
    )
}
