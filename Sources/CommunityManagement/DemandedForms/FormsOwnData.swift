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

    /// What rounds of forms were handed in with of a person: their own row, and their cells in the rows of others.
    static let ofFormRows = OwnDataPart(
        "formRows", Text("交上去的报表里我的内容", "What was handed in of me on demanded forms"), of: .entry, isClose: true
    ) { ask, services in
        guard let person = ask.person else { return [] }
        let kept = try await services.database.read { try FormsStore.handedIn(of: person, $0) }
        let texts = try await ask.open(kept.map(\.closed), services.database)
        return try zip(kept, texts).map { piece, text in
            var record = OwnDataRecord(at: piece.at)
            record.add("form", Text("哪张表", "Form"), piece.title)
            record.add("issuer", Text("谁要的", "Who demands it"), piece.issuer)
            record.add("period", Text("哪一期", "Period"), piece.period)
            record.add("reopened", Text("后来重新打开，又交了一份", "Opened again and handed in anew"), piece.reopenedAt)
            let told = try FormsKept.told(text, under: piece.headings).map { "\($0.name)：\(ask.masked($0.value))" }
            for (number, line) in lines(told).enumerated() {
                record.add(
                    number == 0 ? "cells" : "cells\(number + 1)", Text("写了我的", "What it says of me"), line)
            }
            return record
        }
    }

    /// Cells in as few lines as the copy has room for in one.
    private static func lines(_ cells: [String]) -> [String] {
        var lines: [String] = []
        for cell in cells {
            if let last = lines.last, last.count + cell.count < longest {
                lines[lines.count - 1] = "\(last)；\(cell)"
            } else {
                lines.append(cell)
            }
        }
        return lines
    }

    /// The most characters of a line.
    /// - Source: configured, no source
    private static let longest = 4000
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

    /// The cells of a person that rounds were handed in with, the newest first.
    static func handedIn(of person: PersonRecord, _ tx: ReadTx) throws -> [HandedInPiece] {
        let subject = Subject("person", person.id, division: person.division)
        var pieces: [HandedInPiece] = try tx.all(
            """
            SELECT k.id, k.value_sealed, f.title, f.issuer, r.period, COALESCE(o.done_at, r.done_at, (
                    SELECT max(n.done_at) FROM demanded_reopening n WHERE n.round_id = r.id), r.opened_at),
                COALESCE(r.layout_of, r.form_id), o.at
            FROM demanded_filled k JOIN demanded_round r ON r.id = k.round_id JOIN demanded_form f ON f.id = r.form_id
            LEFT JOIN demanded_reopening o ON o.id = k.reopening_id
            WHERE k.kind = 'person' AND k.subject_id = \(person.id)
            ORDER BY k.id DESC LIMIT \(OwnDataPart.limit)
            """
        ) { row in
            HandedInPiece(
                title: try row[2], issuer: try row[3], period: try row[4], at: try row[5], columns: try row[6],
                reopenedAt: try row[7],
                closed: OwnDataAsk.Closed(subject, "handedIn", FormsKept.cell(try row[0]), try row[1]))
        }
        var headings: [ID<DemandedForm>: [Int: String]] = [:]
        let forms = Set(pieces.map(\.columns)).sorted()
        try tx.each(
            "SELECT form_id, position, heading FROM demanded_column WHERE form_id IN \(SQL.list(forms))"
        ) { row in
            let (form, position, heading): (ID<DemandedForm>, Int, String) = (try row[0], try row[1], try row[2])
            headings[form, default: [:]][position] = heading
        }
        for index in pieces.indices { pieces[index].headings = headings[pieces[index].columns] ?? [:] }
        return pieces
    }
}

/// Cells of a person in a round that was handed in, as they may read them.
struct HandedInPiece: Sendable {
    let title: String
    let issuer: String
    let period: String
    let at: Instant
    /// The form whose columns it had.
    let columns: ID<DemandedForm>
    /// When the round was opened again, where it was handed in anew since.
    let reopenedAt: Instant?
    /// What these are called, by their place.
    var headings: [Int: String] = [:]
    let closed: OwnDataAsk.Closed
}
