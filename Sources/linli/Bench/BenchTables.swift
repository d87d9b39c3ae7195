import LinliCore

/// The findings of a run beside the bars they are held against.
enum BenchTables {
    private static let header = [
        "what", "ops/s", "p50 ms", "p99 ms", "max ms", "CPU µs/op server", "its slices", "CPU µs/op generator",
        "ceiling", "ratio", "bar", "met",
    ]

    static func report(_ findings: BenchRun.Findings, _ settings: BenchSettings) -> BenchReport {
        var report = BenchReport(settings.engine, settings)
        var table = TextTable(header: header)
        for item in BenchItem.allCases {
            guard let figure = findings.figures[item] else { continue }
            let (ceiling, ratio) = comparison(item, figure, findings, settings)
            let isUntimed = item == .raw && settings.isPostgres
            let slices = figure.spread.map { "\(grouped($0.lowerBound))–\(grouped($0.upperBound))" } ?? "–"
            let cells: [String] = [
                item.name(settings), grouped(figure.perSecond), decimal(figure.p50, 2),
                isUntimed ? "–" : decimal(figure.p99, 2), isUntimed ? "–" : decimal(figure.largest, 1),
                figure.serverMicroseconds.map { grouped($0) } ?? "–", slices,
                figure.generatorMicroseconds.map { grouped($0) } ?? "–", ceiling, ratio,
            ]
            table.rows.append(cells + BenchBar.cells(bars(item, figure, findings, settings)))
        }
        report.add(table)
        if let table = operations(findings) { report.add(table) }
        report.add(notes(findings, settings))
        return report
    }

    // MARK: Ceilings and bars

    /// What the item is held against, and how it compares: CPU against CPU, on PostgreSQL creations by their number.
    private static func comparison(
        _ item: BenchItem, _ figure: BenchFigure, _ findings: BenchRun.Findings, _ settings: BenchSettings
    ) -> (String, String) {
        let raw = findings.figures[.raw]
        if item == .create, settings.isPostgres {
            guard let raw, raw.perSecond > 0 else { return ("–", "–") }
            return ("pgbench \(grouped(raw.perSecond))/s", decimal(figure.perSecond / raw.perSecond * 100, 0) + " %")
        }
        guard item.isOfServer, let plain = findings.figures[.plaintext]?.serverMicroseconds else { return ("–", "–") }
        let isCreation = item == .create
        let ceiling = plain + (isCreation ? raw?.serverMicroseconds ?? 0 : 0)
        guard ceiling > 0, let spent = figure.serverMicroseconds else { return ("–", "–") }
        let words = isCreation ? "plaintext + raw" : "plaintext"
        return ("\(words) \(grouped(ceiling)) µs", decimal(spent / ceiling) + " ×")
    }

    private static func bars(
        _ item: BenchItem, _ figure: BenchFigure, _ findings: BenchRun.Findings, _ settings: BenchSettings
    ) -> [BenchBar] {
        let spent = figure.serverMicroseconds ?? 0
        switch (item, settings.isPostgres) {
        case (.create, true):
            let pgbench = findings.figures[.raw]?.perSecond ?? 0
            return [
                BenchBar(words: "≥ 40 % of pgbench", isMet: figure.perSecond >= 0.4 * pgbench),
                BenchBar(words: "≥ 1,000/s expected", isMet: figure.perSecond >= 1000),
            ]
        case (.create, false):
            let plain = findings.figures[.plaintext]?.serverMicroseconds ?? 0
            let raw = findings.figures[.raw]?.serverMicroseconds ?? 0
            return [
                BenchBar(words: "CPU ≤ 2.5 ×", isMet: spent <= 2.5 * (plain + raw)),
                BenchBar(words: "≥ 3,000/s expected", isMet: figure.perSecond >= 3000),
            ]
        case (.desk, false): return [BenchBar(words: "CPU ≤ 1,500 µs", isMet: spent <= 1500)]
        case (.home, false): return [BenchBar(words: "CPU ≤ 200 µs", isMet: spent <= 200)]
        case (.homeAnonymous, false):
            return [BenchBar(words: "≥ 8,000/s expected", isMet: figure.perSecond >= 8000)]
        default: return []
        }
    }

    // MARK: The rest

    private static func operations(_ findings: BenchRun.Findings) -> TextTable? {
        guard let start = findings.startSeconds else { return nil }
        var table = TextTable(header: ["what", "found", "bar", "met"])
        func row(_ name: String, _ found: String, _ bar: BenchBar? = nil) {
            table.rows.append([name, found] + BenchBar.cells(bar.map { [$0] } ?? []))
        }
        row(
            "start, to the first answer of /health", "\(decimal(start, 2)) s",
            BenchBar(words: "≤ 0.5 s", isMet: start <= 0.5))
        let idle = findings.idleMemory
        row(
            "memory, idle after start", "\(decimal(idle)) MiB", BenchBar(words: "≤ 80 MB", isMet: idle * 1.048576 <= 80)
        )
        row("CPU, idle", "\(decimal(findings.idlePercent)) % of a core")
        row("memory, after the load", "\(decimal(findings.loadedMemory)) MiB")
        row("memory, at its peak", "\(decimal(findings.peakMemory)) MiB")
        if let outbox = findings.outbox {
            let isMet = outbox.lagP99 <= 5
            row("outbox lag under creations, p99", "\(outbox.lagP99) s", BenchBar(words: "≤ 5 s", isMet: isMet))
            row(
                "outbox lag at their end", "\(outbox.lagAtEnd) s", BenchBar(words: "≤ 5 s", isMet: outbox.lagAtEnd <= 5)
            )
            row("outbox empty after", "\(decimal(outbox.secondsToEmpty)) s")
            row("writes in one commit", decimal(outbox.writesPerCommit))
        }
        return table
    }

    private static func notes(_ findings: BenchRun.Findings, _ settings: BenchSettings) -> [String] {
        var notes: [String] = []
        if settings.rounds > 1 {
            notes.append(
                "- Each item is measured in \(settings.rounds) slices, all items in turn, raw between the slices of creations; "
                    + "rates, times and CPU are the medians of the slices.")
        }
        if !findings.rawWords.isEmpty { notes.append("- " + findings.rawWords) }
        if findings.figures[.create] != nil {
            notes.append("- A creation's CPU includes what it leaves to be done: counts, live updates, seals.")
        }
        if settings.isPostgres {
            notes.append("- CPU of the server is that of `linli serve`; PostgreSQL's own is not in it.")
        }
        notes.append("- Generator and server share the machine; CPU per operation is what compares between runs.")
        return notes + findings.skipped.map { "- \($0)" }
    }
}
