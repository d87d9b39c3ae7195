import LinliCore
import LinliSQL

/// How many people live in a division, as somebody said it; needed to compare units fairly.
package struct Population: Sendable, Equatable {
    package let division: DivisionCode
    package let residents: Int
    /// When that was so, `2025-12-31` or `2025`.
    package let asOf: String
    /// Who says so.
    package let source: String

    /// A figure.
    package init(division: DivisionCode, residents: Int, asOf: String, source: String) {
        self.division = division
        self.residents = residents
        self.asOf = asOf
        self.source = source
    }
}

/// Every SQL text about how many people live where.
package enum PopulationStore {
    /// The figures of these divisions, as far as they are known.
    package static func of(_ codes: [DivisionCode], _ tx: ReadTx) throws -> [DivisionCode: Population] {
        let rows = try tx.all(
            "SELECT division, residents, as_of, source FROM division_population WHERE division IN \(SQL.list(codes))"
        ) { Population(division: try $0[0], residents: try $0[1], asOf: try $0[2], source: try $0[3]) }
        return Dictionary(rows.map { ($0.division, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Writes figures over what was there.
    package static func put(_ figures: [Population], _ tx: WriteTx) throws {
        for figure in figures {
            try tx.execute(
                """
                INSERT INTO division_population (division, residents, as_of, source, changed_at)
                VALUES (\(figure.division), \(figure.residents), \(figure.asOf), \(figure.source), \(tx.now))
                ON CONFLICT (division) DO UPDATE SET residents = excluded.residents, as_of = excluded.as_of,
                    source = excluded.source, changed_at = excluded.changed_at
                """
            )
            try tx.audit(
                Subject("division", figure.division.rawValue, division: figure.division), fields: ["population"]
            )
        }
    }
}

/// Reads a table of residents: CSV with the columns `code`, `residents`, `as_of` and `source`; lines that begin with `#`
/// are comments.
package enum PopulationImport {
    /// The figures of a table.
    ///
    /// - Throws: `.invalid` naming every line that cannot be read.
    package static func figures(_ text: String) throws -> [Population] {
        var figures: [Population] = []
        var problems: [LinliError.Field] = []
        var hasHeader = false
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let line = String(line).trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            let cells = line.split(separator: ",", maxSplits: 3, omittingEmptySubsequences: false)
                .map { String($0).trimmed }
            if !hasHeader {
                hasHeader = true
                guard cells == ["code", "residents", "as_of", "source"] else {
                    problems.append(
                        .init(
                            "file",
                            Text(
                                "第一行应为 code,residents,as_of,source",
                                "The first line must be code,residents,as_of,source"))
                    )
                    break
                }
                continue
            }
            if let figure = figure(cells) {
                figures.append(figure)
            } else if problems.count < 50 {
                problems.append(.init("file", Text("第 \(index + 1) 行看不懂", "Line \(index + 1) cannot be read")))
            }
        }
        guard problems.isEmpty else { throw LinliError.invalid("population.file", problems) }
        return figures
    }

    private static func figure(_ cells: [String]) -> Population? {
        guard cells.count == 4, let division = DivisionCode(cells[0]), let residents = Int(cells[1]),
            (1...100_000_000).contains(residents), cells[2].count <= 10, !cells[3].isEmpty, cells[3].count <= 120
        else { return nil }
        return Population(division: division, residents: residents, asOf: cells[2], source: cells[3])
    }
}

/// 万人诉求比: needs a month per ten thousand residents, in hundredths.
package func needsPerTenThousand(_ requests: Int, _ residents: Int) -> Int {
    residents > 0 ? (requests * 2_000_000 + residents) / (2 * residents) : 0
}
