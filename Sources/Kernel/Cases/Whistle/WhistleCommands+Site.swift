import LinliCore
import LinliSQL
import LinliStandards

/// What a unit answers: who comes, and how they are reached.
package struct WhistleAnswer: Sendable {
    package var unit: ID<Unit>?
    package var name: String
    package var phone: String
    package var words: String

    /// An answer.
    package init(unit: ID<Unit>?, name: String, phone: String, words: String = "") {
        self.unit = unit
        self.name = name
        self.phone = phone
        self.words = words
    }
}

/// What a unit is given to do on the spot.
package struct WhistleTaskDraft: Sendable {
    package var unit: ID<Unit>?
    package var text: String
    /// By when it is to be done.
    package var by: CivilDate?

    /// A task.
    package init(unit: ID<Unit>?, text: String, by: CivilDate?) {
        self.unit = unit
        self.text = text
        self.by = by
    }
}

extension WhistleCommands {
    /// Tries of a code after which only the whistler signs a unit in.
    /// - Source: configured, no source
    static let mostWrongCodes = 10

    /// A unit says who comes and by which phone they are reached; said again, the last word counts.
    ///
    /// - Throws: `.notFound` for who does not answer for a called unit, `.conflict` when the whistle is over, `.invalid`
    ///   naming what is missing.
    package func answer(_ answer: WhistleAnswer, of id: ID<Whistle>, _ context: Context) async throws {
        var problems: [LinliError.Field] = []
        if answer.name.trimmed.isEmpty || answer.name.count > 40 {
            problems.append(.init("name", Text("请写谁来，最多 40 个字", "Say who comes, at most 40 characters")))
        }
        let phone = PhoneNumber(answer.phone)
        if phone == nil { problems.append(.init("phone", PhoneNumber.hint)) }
        if answer.words.count > 200 {
            problems.append(.init("words", Text("最多 200 个字", "At most 200 characters")))
        }
        guard problems.isEmpty, let phone else { throw LinliError.invalid("whistles.answer", problems) }
        try await database.write(context, "whistles.answer") { tx in
            let held = try held(id, tx)
            let called = try own(answer.unit, held)
            guard held.whistle.state.isCalling else { throw CaseCommands.changed }
            let sealed = try tx.seal(phone.number, table: "whistle_unit", column: "contact_sealed", row: called.id)
            let name = try lifted(answer.name, held, tx)
            let kept = try lifted(answer.words, held, tx)
            try tx.execute(
                """
                UPDATE whistle_unit SET answered_at = \(tx.now), answered_by = \(context.actor.account),
                    contact_name = \(name), contact_sealed = \(sealed), contact_mask = \(phone.masked),
                    words = \(kept)
                WHERE id = \(called.id)
                """
            )
            let words = ["\(called.name.zh)：\(name)来", answer.words.trimmed].filter { !$0.isEmpty }
            try note(
                held, .whistleAnswer, words.joined(separator: "，"), fields: ["answer"], values: [phone.number], tx)
        }
    }

    /// The called unit somebody answers for.
    private func own(_ unit: ID<Unit>?, _ held: Held) throws -> WhistleUnit {
        guard !held.standing.units.isEmpty else { throw LinliError.forbidden("whistles.answer") }
        let called = try held.called(unit ?? held.standing.units.first)
        guard held.standing.units.contains(called.unit) else { throw LinliError.forbidden("whistles.answer") }
        return called
    }

    /// Somebody of a called unit signs in on the spot, with the code the whistler shows or without one.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who is of no called unit, `.conflict` when the whistle is over, they have
    ///   signed in already or the code was wrong too often, `.invalid` for a wrong code.
    package func signIn(
        _ unit: ID<Unit>?, code: String?, of id: ID<Whistle>, _ context: Context
    ) async throws {
        let isRight = try await database.write(context, "whistles.signIn") { tx -> Bool in
            let held = try held(id, tx)
            let called = try own(unit, held)
            guard held.whistle.state.isCalling else { throw CaseCommands.changed }
            if let code {
                guard called.wrongCodes < WhistleCommands.mostWrongCodes else { throw WhistleCommands.tooManyCodes }
                guard code.trimmed == WhistleCommands.code(id, database.keys) else {
                    // Counted although the sign-in is refused, so that nobody can try them all.
                    try tx.execute(
                        "UPDATE whistle_unit SET wrong_codes = wrong_codes + 1 WHERE id = \(called.id)")
                    try tx.audit(held.whistle.subject, fields: ["wrongCode"])
                    return false
                }
            }
            let known = try tx.exists(
                """
                SELECT 1 FROM whistle_sign_in WHERE called_id = \(called.id) AND account_id = \(context.actor.account)
                AND way <> 'whistler'
                """
            )
            guard !known else {
                throw LinliError(
                    .conflict, "whistles.signedIn", Text("您已经签过到了", "You have signed in already"))
            }
            try arrive(called, context.actor.name, code == nil ? .own : .code, held, tx)
            return true
        }
        guard isRight else {
            throw LinliError.invalid(
                "whistles.code", [.init("code", Text("签到码不对，请看吹哨方的屏幕", "Wrong code: look at the whistler's screen"))]
            )
        }
    }

    private static let tooManyCodes = LinliError(
        .conflict, "whistles.codes",
        Text("签到码输错太多次，请吹哨方代签", "Too many wrong codes: let the whistler sign you in")
    )

    /// The whistler writes down somebody who came without a phone.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not whistle, `.conflict` when it is over, `.invalid` without a
    ///   name.
    package func signInFor(
        _ unit: ID<Unit>?, name: String, of id: ID<Whistle>, _ context: Context
    ) async throws {
        guard !name.trimmed.isEmpty, name.count <= 40 else {
            throw LinliError.invalid(
                "whistles.name", [.init("name", Text("请写来的人是谁，最多 40 个字", "Say who came, at most 40 characters"))]
            )
        }
        try await database.write(context, "whistles.signInFor") { tx in
            let held = try held(id, tx)
            guard held.standing.isWhistler else { throw LinliError.forbidden("whistles.signInFor") }
            guard held.whistle.state.isCalling else { throw CaseCommands.changed }
            try arrive(try held.called(unit), try lifted(name, held, tx), .whistler, held, tx)
        }
    }

    private func arrive(
        _ called: WhistleUnit, _ name: String, _ way: Whistle.SignInWay, _ held: Held, _ tx: WriteTx
    ) throws {
        guard called.signIns.count < 50 else { throw CaseCommands.changed }
        let isLate = held.whistle.dueAt.map { tx.now > $0 } ?? false
        try tx.execute(
            """
            INSERT INTO whistle_sign_in (id, called_id, at, name, way, account_id)
            VALUES (\(try tx.newID(WhistleSignIn.self)), \(called.id), \(tx.now), \(name), \(way),
                \(tx.context.actor.account))
            """
        )
        try tx.execute(
            """
            UPDATE whistle_unit SET arrived_at = \(tx.now), is_late = \(isLate)
            WHERE id = \(called.id) AND arrived_at IS NULL
            """
        )
        let late = isLate && called.arrivedAt == nil ? "，晚于报到时限" : ""
        let text = "\(called.name.zh)：\(name)（\(way.name.zh)）\(late)"
        try note(held, .whistleArrive, text, fields: ["signIn", way.rawValue], tx)
    }

    // MARK: What was agreed

    /// Writes down what was agreed on the spot: who leads, and the words of it; written again, the last word counts.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not whistle, `.conflict` when it is over, `.invalid` when the
    ///   leading unit has not come or words are missing.
    package func keepMinutes(
        lead: ID<Unit>?, text: String, of id: ID<Whistle>, _ context: Context
    ) async throws {
        guard !text.trimmed.isEmpty, text.count <= 2000 else {
            throw LinliError.invalid(
                "whistles.minutes",
                [.init("minutes", Text("请写下商定了什么，最多 2000 个字", "Write what was agreed, at most 2,000 characters"))]
            )
        }
        try await database.write(context, "whistles.minutes") { tx in
            let held = try held(id, tx)
            guard held.standing.isWhistler else { throw LinliError.forbidden("whistles.minutes") }
            guard held.whistle.state.isCalling else { throw CaseCommands.changed }
            guard let leading = held.units.first(where: { $0.unit == lead }), leading.arrivedAt != nil else {
                throw LinliError.invalid(
                    "whistles.lead", [.init("lead", Text("请选已到场的单位牵头", "Choose a unit that has come to lead"))]
                )
            }
            let kept = try lifted(text, held, tx)
            try tx.execute(
                """
                UPDATE whistle SET state = \(Whistle.State.minuted), lead_unit = \(leading.unit),
                    minutes = \(kept), minuted_by = \(context.actor.account),
                    minuted_at = \(tx.now)
                WHERE id = \(id)
                """
            )
            let line = "\(leading.name.zh)牵头。\(text.trimmed)"
            try note(held, .whistleMinutes, line, fields: ["minutes"], values: [text], tx)
        }
    }

    /// Gives a called unit something to do by a day: a part of the case with its own clocks, which the case waits for.
    ///
    /// - Throws: as `CaseCommands.addPart`, `.conflict` when the whistle is over, `.invalid` for another unit or a day
    ///   that is over or more than a year away.
    package func addTask(
        _ task: WhistleTaskDraft, to id: ID<Whistle>, _ context: Context
    ) async throws -> CaseCommands.Taken {
        let view = try await commands.queries.whistle(id, context)
        guard view.standing.dividesTasks else { throw LinliError.forbidden("whistles.task") }
        guard view.whistle.state.isCalling else { throw CaseCommands.changed }
        var problems: [LinliError.Field] = []
        if view.called(task.unit) == nil {
            problems.append(.init("unit", Text("请选吹哨叫到的单位", "Please choose a unit that was called")))
        }
        let today = context.now.date
        if task.by.map({ $0 < today || $0 > today.adding(days: 365) }) ?? true {
            problems.append(.init("by", Text("请选今天起一年内的日期", "Choose a day within a year from today")))
        }
        if task.text.trimmed.isEmpty || task.text.count > 1000 {
            problems.append(
                .init("text", Text("请写明要它做什么，最多 1000 个字", "Say what it is to do, at most 1,000 characters")))
        }
        guard problems.isEmpty, let unit = task.unit, let by = task.by else {
            throw LinliError.invalid("whistles.task", problems)
        }
        // The day is no word of the text: it can be moved, the text cannot.
        let part = CasePartDraft(unit: unit, text: task.text.trimmed)
        return try await commands.addPart(part, to: view.whistle.item, context) { item, tx in
            let state = try tx.value(
                "SELECT state FROM whistle WHERE id = \(id)\(SQL.forUpdate)", as: Whistle.State.self)
            guard state?.isCalling == true else { throw CaseCommands.changed }
            try tx.execute(
                """
                INSERT INTO whistle_task (case_id, whistle_id, unit_id, by_day)
                VALUES (\(item), \(id), \(unit), \(by.daysSinceEpoch))
                """
            )
            try tx.audit(view.whistle.subject, fields: ["task"], values: [task.text])
        }
    }
}
