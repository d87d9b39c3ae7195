import LinliCore
import LinliStandards

/// `linli bench suggestions`: how often the suggested category is right, on sentences nothing learned from.
enum BenchSuggestions {
    static func run() throws {
        let clock = ContinuousClock()
        let catalogue = try EventCatalogue.shared()
        let seed = try SuggestionText.seed(catalogue)
        let texts = try SuggestionText.evaluation(catalogue)
        let started = clock.now
        let model = SuggestionModel(catalogue, seed: seed)
        let learning = milliseconds(clock.now - started)
        let asked = clock.now
        for text in texts { _ = model.categories(for: TextFeatures(text.text)) }
        let each = milliseconds(clock.now - asked) * 1000 / Double(max(texts.count, 1))
        let trial = SuggestionTrial(model, on: texts)
        let own = SuggestionTrial(crossValidating: seed, parts: 10, catalogue)
        let sure = SuggestionModel.surePercent
        print(lines(categories(trial, catalogue, sure)))
        print(lines(thresholds(trial, own)))
        print(lines(bars(trial.total(surePercent: sure), sure, each)))
        let build = BenchSettings.isDebugBuild ? "DEBUG build: the times mean nothing" : "release build"
        let count = trial.byCategory(surePercent: sure)
        print(
            """
            \(texts.count) texts of \(count.count) categories, at least \(count.values.map(\.texts).min() ?? 0) each; \
            learned from \(seed.count) other sentences and the catalogue's words in \(Int(learning)) ms; \(build); \
            \(Machine.description)
            """
        )
    }

    private static func categories(
        _ trial: SuggestionTrial, _ catalogue: EventCatalogue, _ sure: Int
    ) -> TextTable {
        var table = TextTable(header: ["category", "", "texts", "first", "first 3", "sure", "sure and right"])
        for (code, tally) in trial.byCategory(surePercent: sure).sorted(by: { $0.key < $1.key }) {
            table.rows.append([
                code, catalogue[code: code]?.name.zh ?? "", "\(tally.texts)", "\(tally.first)", "\(tally.third)",
                "\(tally.sure)", "\(tally.sureRight)",
            ])
        }
        return table
    }

    /// What each threshold would do: on the seed, where it was chosen, and on the texts, where it was not.
    private static func thresholds(_ trial: SuggestionTrial, _ own: SuggestionTrial) -> TextTable {
        var table = TextTable(header: ["threshold", "seed: share", "seed: right", "texts: share", "texts: right"])
        for percent in [50, 60, 70, 80, 85, 90, 93, 95, 97, 99] {
            let (mine, theirs) = (own.total(surePercent: percent), trial.total(surePercent: percent))
            table.rows.append([
                "\(percent) %", share(mine.sure, mine.texts), share(mine.sureRight, mine.sure),
                share(theirs.sure, theirs.texts), share(theirs.sureRight, theirs.sure),
            ])
        }
        return table
    }

    private static func bars(_ tally: SuggestionTrial.Tally, _ sure: Int, _ microseconds: Double) -> TextTable {
        let (first, third) = (ratio(tally.first, tally.texts), ratio(tally.third, tally.texts))
        let right = ratio(tally.sureRight, tally.sure)
        var table = TextTable(header: ["what", "found", "bar", "met"])
        let rows: [(String, String, [BenchBar])] = [
            ("first is right", share(tally.first, tally.texts), [BenchBar(words: "≥ 70 %", isMet: first >= 0.7)]),
            (
                "one of three is right", share(tally.third, tally.texts),
                [BenchBar(words: "≥ 90 %", isMet: third >= 0.9)]
            ),
            (
                "sure (≥ \(sure) %) and right", share(tally.sureRight, tally.sure),
                [BenchBar(words: "≥ 95 %", isMet: right >= 0.95)]
            ),
            ("sure, of all", share(tally.sure, tally.texts), []),
            ("nature, of a known category", share(tally.nature, tally.texts), []),
            (
                "µs per text", grouped(microseconds.rounded()),
                [BenchBar(words: "≤ 1,000", isMet: microseconds <= 1000)]
            ),
        ]
        for (what, found, bars) in rows { table.rows.append([what, found] + BenchBar.cells(bars)) }
        return table
    }

    private static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }

    /// `81.3 % (1,301)`.
    private static func share(_ part: Int, _ whole: Int) -> String {
        let tenths = Int((ratio(part, whole) * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10) % (\(grouped(Double(part))))"
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
    }

    private static func lines(_ table: TextTable) -> String { table.lines.joined(separator: "\n") + "\n" }
}
