import LinliCore
import LinliKernel
import LinliSQL

/// What an open round is handed in with, made ready before the write that keeps it: filling and sealing take longer than
/// a write may. So the write asks whether it is still so.
struct FormHandIn: Sendable {
    /// Its rows.
    let kept: FormsKept
    /// Which version of the form, how often answers had been saved through the round before the rows were read, and how
    /// the answers of the rows stood then, whatever form they were given for.
    private let version: Int
    private let revision: Int
    private let answers: FormAnswersSeen?
    private let form: ID<DemandedForm>

    /// Fills a round; nil for one that was handed in.
    init?(_ form: DemandedForm, _ round: FormRound, _ context: Context, _ services: Services) async throws {
        let (database, id) = (services.database, round.id)
        guard let now = try await database.read({ try FormsStore.round(id, $0) }), now.doneAt == nil else { return nil }
        let filled = try await FormsReading.fill(form, now, context, services)
        kept = try FormsKept(filled, of: form.handedIn(now), database)
        (version, revision, self.form) = (form.version, now.revision, form.id)
        // One that was opened again has its own answers alone, which its revision counts.
        answers = now.isCorrected ? nil : FormAnswersSeen(filled, of: form)
    }

    /// Refuses what was changed since it was read.
    ///
    /// - Throws: `.conflict` when the columns were changed, an answer was saved for any form that asks the same people, or
    ///   somebody of it is here no more.
    func check(_ now: FormRound, _ tx: ReadTx) throws {
        let stands: Int? = try tx.value("SELECT version FROM demanded_form WHERE id = \(form)")
        guard stands == version else { throw FormsCommands.changedMeanwhile }
        guard now.revision == revision, try answers?.stand(tx) ?? true, try kept.isOfWhoIsHere(now.id, tx) else {
            throw FormHandIn.isOutdated
        }
    }

    static let isOutdated = LinliError(
        .conflict, "forms.handIn",
        Text(
            "正要交的时候，有人填了答案，或者名单上有登记刚刚变了：请看一眼，再交一次",
            "An answer or an entry on it was changed just as it was handed in: please look and hand it in again"))
}

/// How the answers of some rows stood when they were read: answers belong to whom they are about, and another form that
/// asks the same changes them, too.
struct FormAnswersSeen: Sendable {
    /// How many rows are asked for at once.
    /// - Source: configured, no source
    private static let page = 500

    private let about: FormAbout
    private let rows: [ID<FormRow>]
    private let households: [ID<Household>]
    private let count: Int
    private let newest: Instant?

    init(_ filled: FilledForm, of form: DemandedForm) {
        about = form.about
        rows = filled.rows.map(\.id).sorted()
        // Others of the household answer for rows of people alone.
        households = form.about == .person ? Set(filled.rows.compactMap(\.household)).sorted() : []
        count = filled.rows.reduce(0) { $0 + $1.answers }
        newest = filled.rows.compactMap(\.newestAnswer).max()
    }

    /// Whether they stand as they stood: as many, and none newer.
    func stand(_ tx: ReadTx) throws -> Bool {
        var (count, newest): (Int, Instant?) = (0, nil)
        for start in stride(from: 0, to: rows.count, by: FormAnswersSeen.page) {
            let some = Array(rows[start..<min(start + FormAnswersSeen.page, rows.count)])
            let theirs: SQL =
                about == .person
                ? "demanded_answer a WHERE a.person_id IN \(SQL.list(some))"
                : "demanded_row_answer a WHERE a.kind = \(about) AND a.subject_id IN \(SQL.list(some))"
            let found: (Int, Instant?)? = try tx.first(
                "SELECT count(*), max(a.at) FROM \(theirs) AND a.until_at IS NULL"
            ) { row -> (Int, Instant?) in (try row[0], try row[1]) }
            count += found?.0 ?? 0
            newest = [newest, found?.1].compactMap { $0 }.max()
        }
        for start in stride(from: 0, to: households.count, by: FormAnswersSeen.page) {
            let some = Array(households[start..<min(start + FormAnswersSeen.page, households.count)])
            let last: Instant?? = try tx.first(
                """
                SELECT max(a.at) FROM residence r JOIN demanded_answer a ON a.person_id = r.person_id
                JOIN person p ON p.id = r.person_id AND p.restricted_at IS NULL AND p.valid_to IS NULL
                WHERE r.household_id IN \(SQL.list(some)) AND r.valid_to IS NULL AND a.until_at IS NULL
                """
            ) { row -> Instant? in try row[0] }
            newest = [newest, last ?? nil].compactMap { $0 }.max()
        }
        return count == self.count && newest == self.newest
    }
}

extension FormsKept {
    /// How many entries are asked for at once.
    /// - Source: configured, no source
    private static let page = 500

    /// Whether everybody and everything the rows are about is here, as it was when they were read. Of who was erased
    /// since, or merged into another entry, nothing may be kept: no later erasing would find it. Who moved away after a round
    /// was handed in stays in it when it is opened again, as long as their cells are there.
    func isOfWhoIsHere(_ round: ID<FormRound>, _ tx: ReadTx) throws -> Bool {
        for kind in RegisterKind.allCases {
            let ids = Set(pieces.filter { $0.kind == kind.rawValue }.map(\.subject)).sorted()
            for start in stride(from: 0, to: ids.count, by: FormsKept.page) {
                let some = Array(ids[start..<min(start + FormsKept.page, ids.count)])
                let isGone = try tx.exists(
                    """
                    SELECT 1 FROM \(RegisterQueries.table(of: kind)) e
                    WHERE e.id IN \(SQL.list(some)) AND e.valid_to IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM demanded_filled k WHERE k.kind = \(kind) AND k.subject_id = e.id
                        AND k.round_id = \(round) AND k.reopening_id IS NULL)
                    LIMIT 1
                    """)
                if isGone { return false }
            }
        }
        return true
    }
}

extension Migration {
    /// Rounds count the answers that are saved for them. What was answered before and no round reads any more, because
    /// its rows are kept, goes.
    static let demandedRevisions = Migration(
        "2026-12-04.80-demanded-revisions",
        """
        ALTER TABLE demanded_round ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX demanded_round_unkept ON demanded_round (done_at)
            WHERE kept_sources IS NULL AND done_at IS NOT NULL;
        DELETE FROM demanded_answer WHERE until_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM demanded_round r WHERE r.kept_sources IS NULL AND r.done_at IS NOT NULL
            AND r.done_at >= demanded_answer.from_at AND r.done_at < demanded_answer.until_at);
        DELETE FROM demanded_row_answer WHERE until_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM demanded_round r WHERE r.kept_sources IS NULL AND r.done_at IS NOT NULL
            AND r.done_at >= demanded_row_answer.from_at AND r.done_at < demanded_row_answer.until_at);
        """
    )
}
