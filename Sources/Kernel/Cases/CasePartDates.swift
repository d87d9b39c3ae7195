import LinliCore
import LinliSQL
import LinliStandards

/// The date a part is to be done by, moved by whoever may set it.
extension CaseCommands {
    /// Moves the date a part is to be done by, or sets one, with the reason: its clock follows, the history of part and
    /// whole says so, and who has the part in hand is told, or while nobody has, the unit that must act. What was agreed on
    /// the spot is a day and lasts until its end. The same date again changes nothing.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who neither leads the whole nor dispatches it, or did not whistle,
    ///   `.conflict` for what is no open part and while it stands still, `.invalid` naming what is missing.
    package func setDate(_ due: Instant?, reason: String, of id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.setPartDate") { tx in
            // The whole is held first, as everywhere.
            let lead = try CasesStore.find(id, tx)?.parent.map { try CasesStore.lock($0, tx) }
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard let lead, item.isOpen else { throw CaseCommands.noOpenPart }
            guard try queries.setsDate(of: item, context.actor, tx) else {
                throw LinliError.forbidden("cases.setPartDate")
            }
            guard !item.isPaused else { throw CaseCommands.standsStill }
            let agreed = try WhistlesStore.agreed(id, tx)
            let held = try agreed ?? PartDues.of(id, tx)
            let isDay = agreed != nil
            let named = isDay ? due.map { Instant($0.date, hour: 23, minute: 59) } : due
            let day = try checkedDate(named, isDay: isDay, reason, lead, tx)
            try tx.audit(item.subject, fields: ["partDate"], values: [reason])
            guard day != held else { return }
            if isDay {
                try WhistlesStore.setAgreed(day.date, of: id, tx)
            } else {
                try PartDues.set(day, of: id, tx)
            }
            try follow(day, item, tx)
            let before = held.map { "（原来是 \(CaseQueries.partDate($0, at: tx.now).zh)）" } ?? ""
            let words = "改到 \(CaseQueries.partDate(day, at: tx.now).zh) 前办完\(before)。\(reason.trimmed)"
            try mark(.partDate, item, text: words, isVisible: false, tx)
            try tellDate(of: item, tx)
            try tx.emit("case.noted", item.subject, facts: noted(item))
            guard lead.isOpen else { return }
            try mark(.partDate, lead, text: "\(item.number) \(words)", isVisible: false, tx)
            try tx.emit("case.noted", lead.subject, facts: noted(lead))
        }
    }

    private static let noOpenPart = LinliError(
        .conflict, "cases.noOpenPart", Text("这不是没办完的协办，没有时间可改", "This is no open part, and has no date to be moved")
    )

    private static let standsStill = LinliError(
        .conflict, "cases.partPaused",
        Text("它在挂账，恢复计时以后再改时间", "It stands still: its date can be moved when its clock runs again")
    )

    /// The date, when it may be one and there is a reason.
    private func checkedDate(
        _ due: Instant?, isDay: Bool, _ reason: String, _ lead: CaseRecord, _ tx: WriteTx
    ) throws -> Instant {
        var problems: [LinliError.Field] = []
        if let due {
            let wrong = try isDay ? CaseCommands.dayProblem(due, at: tx.now) : dueProblem(due, lead, at: tx.now, tx)
            if let wrong { problems.append(wrong) }
        } else {
            problems.append(.init("dueAt", Text("请写一个有的日期和时间", "Please give a date and time that exist")))
        }
        if reason.trimmed.isEmpty || reason.unicodeScalars.count > 1000 {
            problems.append(
                .init("text", Text("请写明为什么改，最多 1000 个字", "Please say why, at most 1,000 characters")))
        }
        guard problems.isEmpty, let due else { throw LinliError.invalid("cases.partDate", problems) }
        return due
    }

    /// What is wrong with a day that is agreed on the spot: it is over, or too far away.
    private static func dayProblem(_ due: Instant, at now: Instant) -> LinliError.Field? {
        guard due.date < now.date || due.date > now.date.adding(days: 365) else { return nil }
        return .init("dueAt", Text("请选今天起一年内的日期", "Choose a day within a year from today"))
    }

    /// Lets the clock of a part run until its date.
    private func follow(_ day: Instant, _ item: CaseRecord, _ tx: WriteTx) throws {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        var clocks = try clockwork(item, type, tx)
        clocks.redate(to: day, in: try type.state(item.state))
        try save(clocks, of: item.id, tx)
        try setDue(clocks.due ?? item.dueAt, of: item.id, tx)
    }

    /// Tells who has a part in hand that its date moved; while nobody has, the unit that must act, as clocks do.
    private func tellDate(of part: CaseRecord, _ tx: WriteTx) throws {
        if let handler = part.handler {
            if handler != tx.context.actor.account { try notify(handler, .redated, of: part, tx) }
            return
        }
        let type = try queries.types.type(part.type, version: part.typeVersion)
        let unit = try addressee(.remind, part, try type.state(part.state).owner, tx)
        // Who moves it need not hear of it from their own list.
        let own = try CaseQueries.dutyUnits(of: tx.context.actor, tx)
        guard let unit, !own.contains(where: { $0.id == unit }) else { return }
        try alertDate(unit, of: part, tx)
    }

    /// Puts a moved date among the alerts of a unit, once while nobody of it has seen that: whoever is on duty has it at
    /// once, else it lies there when work begins, for everybody of the unit. What cannot wait rings at any hour.
    private func alertDate(_ unit: ID<Unit>, of part: CaseRecord, _ tx: WriteTx) throws {
        let clock = CaseAlert.partDate
        let isKnown = try tx.exists(
            """
            SELECT 1 FROM case_alert
            WHERE case_id = \(part.id) AND clock = \(clock) AND unit_id = \(unit) AND seen_at IS NULL
            """
        )
        guard !isKnown else { return }
        let round: Int =
            try tx.value("SELECT count(*) FROM case_alert WHERE case_id = \(part.id) AND clock = \(clock)") ?? 0
        let isLoud = isLoud(part)
        let isThere = try !UnitsStore.accountsOnDuty(unit, at: tx.now, tx).isEmpty
        let ringsAt = isLoud || isThere ? tx.now : calendar.nextWorkingTime(tx.now)
        try tx.execute(
            """
            INSERT INTO case_alert (id, case_id, clock, round, rung, action, at, meant_for, unit_id, division, rings_at,
                is_loud)
            VALUES (\(try tx.newID(CaseAlert.self)), \(part.id), \(clock), \(round), 0,
                \(CaseType.Rung.Action.remind.rawValue), \(tx.now), \(tx.now), \(unit), \(part.division), \(ringsAt),
                \(isLoud))
            """
        )
    }
}

extension CaseQueries {
    /// By when the parts among some cases are to be done: the day agreed on the spot, else the date that who leads set.
    package static func partDates(of ids: [ID<Case>], _ tx: ReadTx) throws -> [ID<Case>: Instant] {
        guard !ids.isEmpty else { return [:] }
        var dates: [ID<Case>: Instant] = [:]
        try tx.each("SELECT case_id, due_at FROM case_part_due WHERE case_id IN \(SQL.list(ids))") { row in
            dates[try row[0]] = try row[1]
        }
        try tx.each("SELECT case_id, by_day FROM whistle_task WHERE case_id IN \(SQL.list(ids))") { row in
            let day: Int = try row[1]
            dates[try row[0]] = WhistlesStore.end(ofDay: day)
        }
        return dates
    }

    /// The date of a part as people say it: what lasts until the end of a day is that day, and another year than that of
    /// `now` is named.
    package static func partDate(_ due: Instant, at now: Instant) -> Text {
        let day = due.date.year == now.date.year ? due.date.dayAndMonth : due.date.full
        return due.time == "23:59" ? day : day + Text(same: " " + due.time)
    }

    /// Whether somebody sets the date of a part: who leads or dispatches the whole, and for what was agreed on the spot
    /// only those of them who whistled.
    func setsDate(of item: CaseRecord, _ actor: Actor, _ tx: ReadTx) throws -> Bool {
        guard item.isOpen, let parent = item.parent, let lead = try CasesStore.find(parent, tx) else { return false }
        let type = try types.type(lead.type, version: lead.typeVersion)
        let standing = Standing(actor, lead, try CaseSituation(lead, type, tx))
        guard standing.isHandler || standing.isDispatcher else { return false }
        guard let storey = try WhistlesStore.storey(of: item.id, tx) else { return true }
        return WhistleStanding.may(.whistlesDraft, storey, actor, item.division, handledBy: item.handlerUnit)
    }
}
