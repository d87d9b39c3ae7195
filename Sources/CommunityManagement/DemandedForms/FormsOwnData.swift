import LinliCore
import LinliKernel
import LinliSQL

extension OwnDataPart {
    /// What somebody typed about a person for forms demanded from above.
    static let ofForms = OwnDataPart(
        "formAnswers", Text("为上面要的报表填过的", "Answers kept for demanded forms"), of: .entry, isClose: true
    ) { ask, services in
        guard let person = ask.person else { return [] }
        let kept = try await services.database.read { try FormsStore.kept(of: person, $0) }
        let values = try await ask.open(kept.map(\.closed), services.database)
        return zip(kept, values).map { answer, value in
            var record = OwnDataRecord(at: answer.at)
            record.add("column", Text("哪一列", "Column"), answer.name)
            record.add("value", Text("填的", "Value"), ask.masked(value))
            return record
        }
    }
}

extension FormsStore {
    /// The answers kept of a person, the newest first.
    static func kept(
        of person: PersonRecord, _ tx: ReadTx
    ) throws -> [(name: String, at: Instant, closed: OwnDataAsk.Closed)] {
        try tx.all(
            """
            SELECT a.id, a.name, a.at, a.value_sealed FROM demanded_answer a WHERE a.person_id = \(person.id)
            ORDER BY a.at DESC, a.id DESC LIMIT \(OwnDataPart.limit)
            """
        ) { row in
            let id: Int64 = try row[0]
            let subject = Subject("person", person.id, division: person.division)
            return (
                name: try row[1], at: try row[2],
                closed: OwnDataAsk.Closed(
                    subject, "answer", Cell("demanded_answer", "value_sealed", id), try row[3])
            )
        }
    }
}
