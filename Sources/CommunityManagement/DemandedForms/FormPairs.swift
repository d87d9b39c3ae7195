import LinliCore
import LinliKernel
import LinliSQL

/// Two issuers who demand the same of the same people.
struct FormPair: Sendable {
    /// One of the two.
    struct Side: Sendable {
        let form: ID<DemandedForm>
        let title: String
        let issuer: String
        let division: DivisionCode
        let label: String
        /// How many columns it has, without the running number.
        let columns: Int
        /// How often it was filled, and the minutes that took, as far as they were measured.
        var rounds = 0
        var minutes = 0
    }

    /// Whether both ask for the same people.
    enum People: String, Sendable, CaseIterable {
        case same, inside, partly

        var name: Text {
            switch self {
            case .same: Text("同一批人", "the same people")
            case .inside: Text("一张的人都在另一张里", "people of one are all in the other")
            case .partly: Text("人可能有重合", "people may be in both")
            }
        }

        /// How the people of two labels stand to each other; no label: everybody.
        init(_ first: String, _ second: String, _ book: LabelBook) {
            let above = [(first, second), (second, first)].contains { inner, outer in
                outer.isEmpty || book[label: inner]?.above.contains(outer) == true
            }
            self = first == second ? .same : above ? .inside : .partly
        }
    }

    /// The one that was registered first.
    let first: Side
    let second: Side
    /// What the shared columns are called in the first.
    let shared: [String]
    let people: People

    /// How much of each is shared, in per cent.
    var percent: (first: Int, second: Int) { (share(of: first), share(of: second)) }

    private func share(of side: Side) -> Int {
        side.columns == 0 ? 0 : min(100, (100 * shared.count + side.columns / 2) / side.columns)
    }

    /// What was spent on asking again: the minutes of the one that came later, by the part of its columns that were known.
    var minutesTwice: Int {
        second.columns == 0 ? 0 : second.minutes * min(shared.count, second.columns) / second.columns
    }
}

extension FormsStore {
    /// The most pairs a page shows.
    static let mostPairs = 100

    /// Pairs of forms of different issuers with three or more columns in common, whose divisions lie in each other, the
    /// most shared first. Nothing of people is in it.
    static func pairs(in divisions: [DivisionCode], _ tx: ReadTx) throws -> [FormPair] {
        guard !divisions.isEmpty else { return [] }
        let inside = divisions.map { code -> SQL in
            "f.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        // A form belongs to a community or to its street: the wider of the two is the second, whichever came first.
        let found: [(ID<DemandedForm>, ID<DemandedForm>)] = try tx.all(
            """
            SELECT f.id, g.id FROM demanded_form f
            JOIN demanded_form g ON g.division IN (f.division, (f.division / 1000000) * 1000000)
            JOIN demanded_column a ON a.form_id = f.id
            JOIN demanded_column b ON b.form_id = g.id AND b.what = a.what AND a.what <> 'known:serial'
            WHERE (\(SQL.joined(inside, separator: " OR "))) AND f.retired_at IS NULL AND g.retired_at IS NULL
            AND g.issuer <> f.issuer AND g.about = f.about AND (f.division <> g.division OR f.id < g.id)
            GROUP BY f.id, g.id HAVING count(DISTINCT a.what) >= 3
            ORDER BY count(DISTINCT a.what) DESC, f.id, g.id LIMIT \(mostPairs)
            """
        ) { (try $0[0], try $0[1]) }
        guard !found.isEmpty else { return [] }
        let sides = try sides(Set(found.flatMap { [$0.0, $0.1] }).sorted(), tx)
        let columns = try columns(of: sides.keys.sorted(), tx)
        let book = try LabelBook.current(tx)
        return found.compactMap { one, other in
            // The one registered first; identifiers grow with time.
            guard let first = sides[min(one, other)], let second = sides[max(one, other)] else { return nil }
            let asked = Set((columns[second.form] ?? []).map(\.what))
            var seen: Set<String> = []
            let shared = (columns[first.form] ?? []).filter { asked.contains($0.what) && seen.insert($0.what).inserted }
            return FormPair(
                first: first, second: second, shared: shared.map(\.heading),
                people: FormPair.People(first.label, second.label, book))
        }
    }

    private static func sides(
        _ forms: [ID<DemandedForm>], _ tx: ReadTx
    ) throws -> [ID<DemandedForm>: FormPair.Side] {
        var sides: [ID<DemandedForm>: FormPair.Side] = [:]
        let spent = try spent(on: forms, tx)
        try tx.each(
            """
            SELECT f.id, f.title, f.issuer, f.division, f.label,
                (SELECT count(*) FROM demanded_column c WHERE c.form_id = f.id AND c.what <> 'known:serial')
            FROM demanded_form f WHERE f.id IN \(SQL.list(forms))
            """
        ) { row in
            let id: ID<DemandedForm> = try row[0]
            var side = FormPair.Side(
                form: id, title: try row[1], issuer: try row[2], division: try row[3], label: try row[4],
                columns: try row[5])
            if let work = spent[id] { (side.rounds, side.minutes) = (work.rounds, work.minutes) }
            sides[id] = side
        }
        return sides
    }

    private static func columns(
        of forms: [ID<DemandedForm>], _ tx: ReadTx
    ) throws -> [ID<DemandedForm>: [(heading: String, what: String)]] {
        var columns: [ID<DemandedForm>: [(heading: String, what: String)]] = [:]
        try tx.each(
            """
            SELECT form_id, heading, what FROM demanded_column WHERE form_id IN \(SQL.list(forms))
            AND what <> 'known:serial' ORDER BY form_id, position
            """
        ) { columns[try $0[0], default: []].append((try $0[1], try $0[2])) }
        return columns
    }

    /// How often each form was filled to the end, and the minutes that took.
    static func spent(
        on forms: [ID<DemandedForm>], _ tx: ReadTx
    ) throws -> [ID<DemandedForm>: (rounds: Int, minutes: Int)] {
        guard !forms.isEmpty else { return [:] }
        var spent: [ID<DemandedForm>: (rounds: Int, minutes: Int)] = [:]
        try tx.each(
            """
            SELECT r.form_id, count(*), sum(COALESCE(r.minutes, 0)) FROM demanded_round r
            WHERE r.form_id IN \(SQL.list(forms)) AND r.done_at IS NOT NULL GROUP BY r.form_id
            """
        ) { spent[try $0[0]] = (try $0[1], try $0[2]) }
        return spent
    }
}
