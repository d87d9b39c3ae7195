import LinliCore
import LinliKernel
import LinliSQL

/// Everything about one case that is given out to prove it.
struct CaseBundle: Sendable {
    /// A line of the history, and the entry of the audit that was written with its words.
    struct Line: Sendable {
        let entry: CaseEntry
        /// The entry's identifier; nil where none proves the words, because numbers in them were masked or it was
        /// written together with something else.
        let audit: Int64?
    }

    /// A photo by its content.
    struct Photo: Sendable {
        let kind: String
        let at: Instant
        /// The SHA-256 of the stored picture.
        let hash: String
        let size: Int
    }

    let view: CaseView
    /// The clocks of every round, in the order they began.
    let clocks: [BundleClock]
    /// The entry that proves the text of the case.
    let textAudit: Int64?
    let lines: [Line]
    let photos: [Photo]
    let audit: AuditProof
    /// Who told it, in clear, when its reader asked for that.
    let revealed: DeskRevealed?
    let purpose: String
    let maker: String
    let madeAt: Instant
    let place: Text
    let category: Text
}

/// Every SQL text of bundles.
enum BundleStore {
    /// What else is known of a line: the state before it.
    static func before(_ id: ID<Case>, _ tx: ReadTx) throws -> [ID<CaseEntry>: String] {
        var states: [ID<CaseEntry>: String] = [:]
        try tx.each("SELECT id, from_state FROM case_entry WHERE case_id = \(id) ORDER BY id LIMIT 500") {
            states[try $0[0]] = try $0[1] as String
        }
        return states
    }

    static func photos(_ id: ID<Case>, _ tx: ReadTx) throws -> [CaseBundle.Photo] {
        try tx.all(
            """
            SELECT p.kind, p.at, f.hash, f.size FROM case_photo p JOIN stored_file f ON f.id = p.file_id
            WHERE p.case_id = \(id) ORDER BY p.id LIMIT 60
            """
        ) { CaseBundle.Photo(kind: try $0[0], at: try $0[1], hash: try $0[2], size: try $0[3]) }
    }

    /// Whether an entry must be given as its hash only: who acted for themselves is a resident, and whoever may not
    /// know who told the case must not learn it from the audit either.
    static func isHidden(
        _ record: AuditRecord, reporter: ID<Account>?, seesReporter: Bool, _ tx: ReadTx
    ) throws -> Bool {
        guard record.actorKind == "account" else { return false }
        if record.actorID == reporter?.rawValue { return !seesReporter }
        return try !tx.exists("SELECT 1 FROM access_grant WHERE account_id = \(record.actorID)")
    }
}

/// Making a bundle.
enum BundleMaker {
    /// The bundle of a case: that it is taken, by whom and what for, is in the audit before anything is read.
    ///
    /// - Throws: `.notFound` for who is not staff of the case, `.forbidden` for who may not take evidence where it lies,
    ///   `.invalid` without a purpose.
    static func make(
        _ id: ID<Case>, as kind: String, purpose: String, isRevealed: Bool, _ context: Context, _ services: Services
    ) async throws -> CaseBundle {
        let view = try await services.queries.view(id, context)
        guard view.standing.isStaff else { throw LinliError.notFound("bundles.notStaff") }
        guard context.actor.may(.casesEvidence, in: view.item.division) else {
            throw LinliError.forbidden("cases.evidence")
        }
        let purpose = try StatedPurpose.read(
            purpose, "bundles.purpose", example: Text("行政复议举证", "evidence in a review"))
        let subject = Subject("case", id, division: view.item.division)
        try await services.database.write(context, "cases.takeBundle", reason: purpose) { tx in
            try tx.audit(subject, fields: ["bundle", kind])
        }
        let revealed =
            isRevealed ? try await ReporterReveal.reveal(view, purpose: purpose, context, services) : nil
        let (reporter, sees) = (view.item.reporter, view.standing.seesReporter)
        var audit = try await AuditProof.make(subject, services.database) { record, tx in
            try BundleStore.isHidden(record, reporter: reporter, seesReporter: sees, tx)
        }
        let calendar = services.days.current
        let (before, photos, clocks) = try await services.database.read { tx in
            (
                try BundleStore.before(id, tx), try BundleStore.photos(id, tx),
                try BundleClock.all(of: view, calendar, tx)
            )
        }
        let textAudit = audit.prove([view.item.text, ""], at: view.item.createdAt)
        let lines = view.entries.map { entry in
            let moved = [before[entry.id] ?? "", entry.toState, entry.text]
            return CaseBundle.Line(
                entry: entry,
                audit: audit.prove(moved, at: entry.at)
                    ?? (entry.text.isEmpty ? nil : audit.prove([entry.text], at: entry.at)))
        }
        return CaseBundle(
            view: view, clocks: clocks, textAudit: textAudit, lines: lines, photos: photos, audit: audit,
            revealed: revealed, purpose: purpose, maker: context.actor.name, madeAt: context.now,
            place: Text(same: services.divisions.place(view.item.division)),
            category: DeskWords.category(view.item.category, services.catalogue))
    }
}
