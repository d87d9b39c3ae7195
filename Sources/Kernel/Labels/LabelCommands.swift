import LinliCore
import LinliSQL
import LinliStandards

extension Permission {
    /// See how many people services reach, without names; small numbers are blurred above a community.
    package static let labelsCounts = Permission("labels.counts", Text("查看服务送达数", "See how many are reached"))
    /// Bring services for a unit: see whom a taken one is for, and say what came of it.
    package static let careDeliver = Permission("care.deliver", Text("接服务单、登记送达", "Bring services to people"))
}

/// What people do with labels: give one by hand, publish another book, say no to profiling.
package enum LabelCommands {
    /// Gives somebody a label by hand, with a reason that is kept sealed.
    ///
    /// - Throws: `.notFound` outside one's duties, `.forbidden` for a label kept closer than one may read, `.invalid`
    ///   without a reason.
    package static func give(
        _ id: String, to person: ID<Person>, reason: String, _ context: Context, _ database: Database
    ) async throws {
        let reason = PersonalNumbers.replacing(in: String(reason.trimmed.prefix(200))) { $0.masked }
        guard !reason.isEmpty else {
            throw LinliError.invalid("labels.reason", [.init("reason", Text("请写清为什么", "Please say why"))])
        }
        let (number, division) = try await check(id, person, context, database)
        try await database.write(context, "labels.give") { tx in
            let row = try tx.newID(Label.self)
            let sealed = try tx.seal(reason, table: "person_label", column: "reason_sealed", row: row)
            let isThere = try tx.exists("SELECT 1 FROM person_label WHERE person_id = \(person) AND label = \(number)")
            try tx.execute("DELETE FROM person_label WHERE person_id = \(person) AND label = \(number)")
            try tx.execute(
                """
                INSERT INTO person_label (id, person_id, label, is_by_hand, grid, community, street, since, reason_sealed,
                    account_id)
                VALUES (\(row), \(person), \(number), 1, \(division), \(division.ancestor(at: .community)),
                    \(division.ancestor(at: .street)), \(tx.now), \(sealed), \(context.actor.account))
                """
            )
            if !isThere { try count(1, number, division, tx) }
            try note(person, division, "label.\(id)", tx)
        }
    }

    /// Takes back a label that was given by hand; what the rules say holds again.
    package static func takeBack(
        _ id: String, from person: ID<Person>, _ context: Context, _ database: Database
    ) async throws {
        let (number, division) = try await check(id, person, context, database)
        try await database.write(context, "labels.takeBack") { tx in
            let row: (DivisionCode)? = try tx.value(
                "SELECT grid FROM person_label WHERE person_id = \(person) AND label = \(number) AND is_by_hand = 1")
            guard let row else { throw LinliError.notFound("labels.notByHand") }
            try tx.execute("DELETE FROM person_label WHERE person_id = \(person) AND label = \(number)")
            try count(-1, number, row, tx)
            try note(person, division, "label.\(id)", tx)
        }
    }

    private static func check(
        _ id: String, _ person: ID<Person>, _ context: Context, _ database: Database
    ) async throws -> (number: Int64, division: DivisionCode) {
        let (book, found, onDuty) = try await database.read { tx in
            (
                try LabelBook.current(tx), try RegisterQueries.person(person, tx),
                try RegisterReading.isOnDuty(context, tx)
            )
        }
        guard let found, found.entry.validTo == nil, found.restrictedAt == nil,
            context.actor.may(.peopleEdit, in: found.division), let label = book[label: id]
        else { throw LinliError.notFound("labels.person") }
        try RegisterReading.check([label.fieldClass], context, found.division, onDuty: onDuty)
        return (LabelKeys(database.keys).key(label: id), found.division)
    }

    private static func count(_ change: Int, _ label: Int64, _ division: DivisionCode, _ tx: WriteTx) throws {
        var delta = LabelCounts.Delta()
        delta.add(change, label, in: division)
        try delta.write(tx.connection)
    }

    private static func note(_ person: ID<Person>, _ division: DivisionCode, _ field: String, _ tx: WriteTx) throws {
        let subject = RegisterSubject(.person, person).subject(in: division)
        try tx.audit(subject, fields: [field])
        try tx.emit("registers.changed", subject, facts: ["what": "label"])
    }

    /// Whether somebody may change what every neighbourhood of the deployment goes by: with a duty over a street or wider.
    package static func mayPublish(_ actor: Actor) -> Bool {
        actor.isWide(for: .registersManage)
    }

    /// Publishes another book of labels and services; everybody is worked out again by and by. Labels that tell of a special
    /// group, by themselves or by one below them, only where a deployment has special groups.
    ///
    /// - Throws: `.invalid` with every problem and its line, or without a reason.
    package static func publish(
        _ text: String, reason: String, hasSpecialGroups: Bool, _ context: Context, _ database: Database
    ) async throws {
        guard mayPublish(context.actor) else { throw LinliError.forbidden("labels") }
        let book = try look(text)
        let special = hasSpecialGroups ? [] : book.labels.filter { $0.fieldClass == .special }
        guard special.isEmpty else {
            let (zh, en) = (special.map(\.name.zh), special.map(\.name.en))
            throw LinliError.invalid(
                "labels.special",
                [
                    .init(
                        "text",
                        Text(
                            "本部署没有打开特殊人群，不能有这些标签：\(zh.joined(separator: "、"))",
                            "Special groups are off here, so these labels cannot be: \(en.joined(separator: ", "))"))
                ])
        }
        let reason = reason.trimmed
        guard !reason.isEmpty, reason.count <= 200 else {
            throw LinliError.invalid(
                "labels.reason", [.init("reason", Text("请写清改了什么、为什么", "Say what changes and why"))])
        }
        try await database.write(context, "labels.publish", reason: reason) { tx in
            let id = try tx.newID(LabelBook.self)
            try tx.execute(
                """
                INSERT INTO label_book (id, text, reason, account_id, at)
                VALUES (\(id), \(text), \(reason), \(context.actor.account), \(tx.now))
                """
            )
            try tx.audit(Subject("labelBook", id), fields: ["text"])
            try tx.emit("labels.published", Subject("labelBook", id))
        }
    }

    /// Reads a text without publishing it.
    ///
    /// - Throws: `.invalid` with every problem and its line.
    package static func look(_ text: String) throws -> LabelBook {
        do {
            return try LabelBook.read(text)
        } catch let error as LabelProblem.Several {
            throw LinliError.invalid("labels.book", error.problems.map { .init("text", $0.placed) })
        }
    }

    /// The books that were published, the newest first.
    package static func history(_ tx: ReadTx) throws -> [(reason: String, at: Instant, by: String)] {
        try tx.all(
            """
            SELECT b.reason, b.at, a.name FROM label_book b LEFT JOIN account a ON a.id = b.account_id
            ORDER BY b.id DESC LIMIT 50
            """
        ) { row in (try row[0], try row[1], try row[2] ?? "") }
    }
}
