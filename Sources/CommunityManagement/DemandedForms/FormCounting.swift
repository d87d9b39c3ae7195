import LinliCore
import LinliKernel
import LinliSQL

/// Counts what a table of counts asks for, of every grid or community that is a row of it.
struct FormCounting {
    let form: DemandedForm
    let keys: KeyRing
    let today: CivilDate
    let tx: ReadTx

    /// The rows with their counts.
    func counted(_ subjects: [Int64: FormSubject]) throws -> [Int64: FormSubject] {
        var subjects = subjects
        let divisions = subjects.values.map(\.division).sorted()
        let counts = Set(
            form.columns.compactMap { column in
                if case .count(let count) = column.source { count } else { nil }
            })
        for count in counts {
            let totals = try totals(count, of: divisions)
            for id in subjects.keys {
                if let division = subjects[id]?.division { subjects[id]?.counts[count] = totals[division] ?? 0 }
            }
        }
        return subjects
    }

    private func totals(_ count: FormCount, of divisions: [DivisionCode]) throws -> [DivisionCode: Int] {
        switch count {
        case .all(let kind):
            return try RegisterCounts.totals(of: divisions, tx).mapValues { $0[kind] ?? 0 }
        case .label(let id):
            let number = LabelKeys(keys).key(label: id)
            return try LabelCounts.totals(of: [number], in: divisions, tx).mapValues { $0[number] ?? 0 }
        case .age(let years):
            // Who is 60 today was born sixty years ago at the latest, and not more than 61.
            let latest = PersonRecord.compact(day(years.lowerBound))
            let earliest = years.upperBound >= FormCount.oldest ? 0 : PersonRecord.compact(day(years.upperBound + 1))
            return try grouped(
                "person", "t.born > \(earliest) AND t.born <= \(latest) AND t.born > 0 AND t.restricted_at IS NULL",
                divisions)
        case .sex(let code): return try grouped("person", "t.sex = \(code) AND t.restricted_at IS NULL", divisions)
        case .tie(let tie): return try ties(tie, divisions)
        case .organization(let kind): return try grouped("organization", "t.kind = \(kind)", divisions)
        case .dwelling(let use): return try grouped("dwelling", "t.occupancy = \(use)", divisions)
        case .thing(let state): return try grouped("thing", "t.state = \(state)", divisions)
        }
    }

    /// The same day some years ago; 28 February for who was born on the 29th.
    private func day(_ years: Int) -> CivilDate? {
        CivilDate(year: today.year - years, month: today.month, day: today.day)
            ?? CivilDate(year: today.year - years, month: today.month, day: 28)
    }

    /// Rows of a register that are here and fit a condition, per division of the form.
    private func grouped(
        _ table: SQL, _ condition: SQL, _ divisions: [DivisionCode]
    ) throws -> [DivisionCode: Int] {
        let place = place(divisions)
        return try summed(
            """
            SELECT t.\(place), count(*) FROM \(table) t
            WHERE t.\(place) IN \(SQL.list(divisions)) AND t.valid_to IS NULL AND \(condition)
            GROUP BY t.\(place)
            """)
    }

    /// People by how they are tied to a dwelling there; nobody twice.
    private func ties(_ tie: ResidenceTie, _ divisions: [DivisionCode]) throws -> [DivisionCode: Int] {
        let place = place(divisions)
        return try summed(
            """
            SELECT t.\(place), count(DISTINCT t.id) FROM person t JOIN residence r ON r.person_id = t.id
            WHERE t.\(place) IN \(SQL.list(divisions)) AND t.valid_to IS NULL AND t.restricted_at IS NULL
            AND r.valid_to IS NULL AND r.tie = \(tie) GROUP BY t.\(place)
            """)
    }

    /// By which column the rows are found: by grid, or by community.
    private func place(_ divisions: [DivisionCode]) -> SQL {
        (divisions.first?.level ?? .grid) == .grid ? "division" : "community"
    }

    private func summed(_ sql: SQL) throws -> [DivisionCode: Int] {
        var totals: [DivisionCode: Int] = [:]
        try tx.each(sql) { totals[try $0[0]] = try $0[1] }
        return totals
    }
}
