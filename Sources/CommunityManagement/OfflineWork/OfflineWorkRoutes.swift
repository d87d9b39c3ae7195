import LinliCore
import LinliKernel
import LinliUI

/// The app a phone keeps, leave to carry a grid, and what comes back.
enum OfflineWorkRoutes {
    static let all: [Route] = [
        .get("/grid/phone", access: .public) { _, _ in .page(OfflineWorkPages.app) },
        .get("/grid/phone/state", access: .public, state),
        .post("/grid/phone/lease", access: .permission(.peopleRead), lease),
        // Whoever comes back for their unsent work may have no duty any more: it is kept for them all the same.
        .post("/grid/phone/sync", access: .signedIn, sync),
        .get("/grid/phone/entries", access: .permission(.peopleRead), entries),
        .post("/grid/phone/entries/:id", access: .permission(.peopleRead), decide),
        .post("/grid/phone/end", access: .permission(.peopleRead), end),
    ]

    // MARK: How it stands

    /// The first thing a phone asks when it has a network: whether it may keep what it holds. It is answered for
    /// everybody alike, so that a session that is over reads as "no" and never as an error.
    private static func state(_ request: Request, _ services: Services) async throws -> Reply {
        let lease: ID<OfflineLease>? = request.query.id("lease")
        let context = request.context
        let session = request.session.flatMap { $0.isVerified ? $0 : nil }
        let scope = context.actor.scope(for: .peopleRead)
        let mayRead = session != nil && context.actor.may(.peopleRead)
        let (isAlive, isOnDuty, grids) = try await services.database.read { tx in
            (
                try lease.map { try OfflineLease.isAlive($0, for: session, context, tx) } ?? false,
                mayRead ? try RegisterReading.isOnDuty(context, tx) : false,
                mayRead ? try self.grids(scope, context.now, tx) : []
            )
        }
        let gone = isAlive ? try await gone(lease, services) : []
        let decided = try await decided(session?.account.id, context, services)
        var json = JSONWriter()
        json.object { json in
            json.field("alive", isAlive)
            json.field("user", session.map { "\($0.account.id)" } ?? "")
            json.field("field", "csrf")
            json.field("token", request.formToken)
            json.field("now", context.now.milliseconds)
            json.field("onDuty", isOnDuty)
            json.key("grids")
            json.array { list in
                for grid in grids {
                    OfflineFields.write("\(grid)", Text(same: services.divisions.place(grid)), to: &list)
                }
            }
            json.key("gone")
            json.array { list in
                for id in gone { list.value(id) }
            }
            json.key("decided")
            json.array { list in
                for key in decided { list.value(key) }
            }
        }
        return .json(json)
    }

    /// What a phone that may keep the rest takes out of what it holds: people, and visits nobody is to make any more.
    private static func gone(_ lease: ID<OfflineLease>?, _ services: Services) async throws -> [String] {
        guard let lease else { return [] }
        return try await services.database.read { tx -> [String] in
            guard let found = try OfflineLease.find(lease, tx) else { return [] }
            return try found.gone(tx).map { "\($0)" } + found.goneVisits(tx).map { "\($0)" }
        }
    }

    /// What of somebody's work was decided while it may still stand open on a phone, by the phone's names for it.
    private static func decided(
        _ account: ID<Account>?, _ context: Context, _ services: Services
    ) async throws -> [String] {
        guard let account else { return [] }
        let since = context.now.adding(days: -services.offline.keptDays)
        return try await services.database.read { try OfflineStore.decided(of: account, since: since, $0) }
    }

    /// The grids somebody may carry: their own, or those of their communities.
    private static func grids(_ scope: Scope, _ now: Instant, _ tx: ReadTx) throws -> [DivisionCode] {
        try scope.divisions.prefix(20).flatMap { code in
            if code.level == .grid { return [code] }
            guard code.level == .community else { return [] }
            return try DivisionsStore.children(of: code, at: now, tx).map(\.code).filter { $0.level == .grid }
        }
    }

    // MARK: Taking along

    private static func lease(_ request: Request, _ services: Services) async throws -> Reply {
        let context = request.context
        guard let session = request.session else { throw LinliError.forbidden("offline.session") }
        let scope = context.actor.scope(for: .peopleRead)
        let mine = try await services.database.read { try grids(scope, context.now, $0) }
        guard let division = request.form["division"].flatMap({ DivisionCode($0) }) ?? mine.first else {
            throw LinliError.notFound("offline.division")
        }
        let (lease, households) = try await OfflineLease.issue(for: division, session, context, services)
        let bundle = try await OfflineBundle(lease, households, session.account, context, services)
        return .json(bundle.json)
    }

    // MARK: Coming back

    /// The most entries of one call, so that an answer comes before a weak network is gone again.
    /// - Source: configured, no source
    private static let most = 40

    private static func sync(_ request: Request, _ services: Services) async throws -> Reply {
        guard request.session?.isVerified != false else { throw OfflineWorkRoutes.needsSecondFactor }
        guard let lease: ID<OfflineLease> = request.form.id("lease") else { return answer([], [], nil) }
        let isBrief = request.form["brief"] != nil
        var answers: [(key: String, outcome: OfflineOutcome)] = []
        var stopped: LinliError?
        // In their order, one after another: a later change of a household builds on an earlier one.
        for upload in request.uploads.filter({ $0.field == "entry" }).prefix(most) {
            guard upload.size <= OfflineSync.limit else {
                answers.append((upload.filename, OfflineSync.tooLarge))
                continue
            }
            do {
                let sealed = try upload.contents(limit: OfflineSync.limit)
                let outcome = try await OfflineSync.take(
                    sealed, key: upload.filename, lease: lease, request.context, services)
                answers.append((upload.filename, outcome))
            } catch let error as LinliError {
                stopped = error
                break
            }
        }
        let households = isBrief ? [] : try await fresh(request, lease, services)
        return answer(answers, households, stopped, isBrief: isBrief)
    }

    /// The households the phone touched, as they are now; only while its lease holds.
    private static func fresh(
        _ request: Request, _ id: ID<OfflineLease>, _ services: Services
    ) async throws -> [OfflineHousehold] {
        let ids = (request.form["households"] ?? "").split(separator: ",").compactMap { ID<Household>($0) }
        guard !ids.isEmpty else { return [] }
        let context = request.context
        let lease = try await services.database.read { tx -> OfflineLease? in
            guard try OfflineLease.isAlive(id, for: request.session, context, tx) else { return nil }
            return try OfflineLease.find(id, tx)
        }
        guard let lease else { return [] }
        return try await OfflineHousehold.refreshed(ids, for: lease, context, services)
    }

    private static func answer(
        _ answers: [(key: String, outcome: OfflineOutcome)], _ households: [OfflineHousehold], _ stopped: LinliError?,
        isBrief: Bool = false
    ) -> Reply {
        var json = JSONWriter()
        json.object { json in
            json.key("answers")
            json.array { list in
                for (key, outcome) in answers {
                    list.object { json in
                        json.field("key", key)
                        // Both values of a conflict are for a phone that is open.
                        if isBrief { json.field("outcome", outcome.kind.rawValue) } else { outcome.write(to: &json) }
                    }
                }
            }
            json.key("households")
            json.array { list in
                for household in households { household.write(to: &list) }
            }
            json.field("stopped", stopped?.publicText.zh)
            json.field("stoppedEn", stopped?.publicText.en)
            json.field("isTheirs", stopped?.id != "offline.otherPerson")
        }
        return .json(json)
    }

    // MARK: On the desk

    private static func entries(_ request: Request, _ services: Services) async throws -> Reply {
        guard let account = request.context.actor.account else { throw LinliError.notFound("offline.entries") }
        let keys = services.database.keys
        let now = request.context.now
        let (undecided, leases) = try await services.database.read { tx in
            (try OfflineStore.undecided(of: account, keys, tx), try OfflineLease.open(of: account, at: now, tx))
        }
        var rows: [OfflineEntriesPage.Row] = []
        // What was tried again and not done keeps the place it had: in the order it was noted on the phone.
        for entry in undecided.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }) {
            let present = try await OfflinePresent.differences(of: entry, request.context, services)
            let seen = OfflinePresent.seen(present ?? entry.outcome.differences, keys)
            rows.append(
                OfflineEntriesPage.Row(
                    entry: entry, present: present, seen: seen,
                    asked: try await OfflinePresent.asked(entry, request.context, services),
                    whose: try await OfflinePresent.whose(entry, request.context, services),
                    form: try await OfflinePresent.form(of: entry, request.context, services)))
        }
        return .page(
            OfflineEntriesPage(
                rows: rows, leases: leases, now: now, names: services.divisions,
                formToken: request.formToken, done: request.query["done"]
            ).page)
    }

    private static func decide(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<OfflineEntry> = try request.id()
        guard let account = request.context.actor.account else { throw LinliError.notFound("offline.entry") }
        let keys = services.database.keys
        let open = try await services.database.read { try OfflineStore.undecided(of: account, keys, $0) }
        guard let entry = open.first(where: { $0.id == id }) else { return try await over(id, account, services) }
        let present = try await OfflinePresent.differences(of: entry, request.context, services)
        let seen = request.form["seen"] ?? OfflinePresent.seen(entry.outcome.differences, keys)
        // What was changed after they looked is theirs to see first, whichever side they chose.
        guard OfflinePresent.seen(present ?? entry.outcome.differences, keys) == seen else {
            return .redirect("/grid/phone/entries?done=changed#\(OfflineEntriesPage.anchor(id))")
        }
        do {
            if request.form["use"] == "mine" { return try await insist(on: entry, present, account, request, services) }
            try await OfflineStore.drop(id, request.context, services.database)
        } catch let error as LinliError where error.id == "offline.entry" {
            // Pressed in two windows in one moment.
            return try await over(id, account, services)
        }
        return .redirect("/grid/phone/entries?done=dropped")
    }

    /// Does it after all; what could not be done is led to, with what was typed and why.
    private static func insist(
        on entry: OfflineStore.Undecided, _ present: [OfflineOutcome.Difference]?, _ account: ID<Account>,
        _ request: Request, _ services: Services
    ) async throws -> Reply {
        let outcome = try await OfflineSync.insist(
            on: entry.id, over: present, corrected: corrected(request.form), added: try await added(request, services),
            request.context, services)
        let fate = try await services.database.read { try OfflineStore.fate(of: entry.id, account, $0) }
        let place: String = if case .replaced(let other)? = fate { "#\(OfflineEntriesPage.anchor(other))" } else { "" }
        return .redirect("/grid/phone/entries?done=\(outcome.kind.rawValue)\(place)")
    }

    /// Says of what is not to be decided any more what became of it: it was pressed in another window, or on a page that was
    /// gone back to. Nothing is done twice.
    ///
    /// - Throws: `.notFound` for anybody else's.
    private static func over(
        _ id: ID<OfflineEntry>, _ account: ID<Account>, _ services: Services
    ) async throws -> Reply {
        switch try await services.database.read({ try OfflineStore.fate(of: id, account, $0) }) {
        case .decided?: return .redirect("/grid/phone/entries?done=decided")
        case .replaced(let other)?:
            return .redirect("/grid/phone/entries?done=replaced#\(OfflineEntriesPage.anchor(other))")
        case nil: throw LinliError.notFound("offline.entry")
        }
    }

    /// What was typed anew, by the number of a change or the name of what is asked; what was emptied is empty now.
    private static func corrected(_ form: Form) -> [String: String] {
        var corrected: [String: String] = [:]
        for field in form.fields.prefix(300) where field.name.hasPrefix("fix-") {
            let name = String(field.name.dropFirst("fix-".count))
            if corrected[name] == nil { corrected[name] = field.value.trimmed }
        }
        return corrected
    }

    /// Photos that were added to what is completed.
    private static func added(_ request: Request, _ services: Services) async throws -> OfflineForm.Added {
        let photos = try await FormPhotos(request, services)
        let after = try await FormPhotos(request, field: "after", services)
        var added = OfflineForm.Added()
        (added.photos, added.after) = (photos.files, after.files)
        added.problem = photos.problem ?? after.problem
        return added
    }

    private static func end(_ request: Request, _ services: Services) async throws -> Reply {
        guard let lease: ID<OfflineLease> = request.form.id("lease") else { throw LinliError.notFound("offline.lease") }
        try await OfflineLease.end(lease, request.context, services.database)
        return .redirect("/grid/phone/entries?done=ended")
    }

    private static let needsSecondFactor = LinliError(
        .forbidden,
        "offline.secondFactor",
        Text("这台设备还要验证一次动态码，记录才能上传", "Give your second factor on this device first")
    )
}
