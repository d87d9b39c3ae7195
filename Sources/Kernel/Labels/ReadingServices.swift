import LinliCore
import LinliSQL

extension ReadingPurpose {
    /// The service of the catalogue somebody names as what they do it for; nil where they name none, or do it for
    /// something else.
    ///
    /// - Throws: `.invalid` for one that is not in the catalogue.
    package func catalogued(_ named: String?, _ tx: ReadTx) throws -> PurposeService? {
        let id = named?.trimmed ?? ""
        guard self == .service, !id.isEmpty else { return nil }
        guard let service = try LabelBook.current(tx)[service: id] else {
            throw LinliError.invalid(
                "registers.service", [.init("service", Text("服务目录里没有这一项", "The catalogue has no such service"))])
        }
        return PurposeService(id: service.id, name: service.name)
    }
}

extension RegisterReading {
    /// Asks for words where somebody's data is read for a service that the rules do not give them: they read both. Who may
    /// have it is worked out of what is kept closely; that it was looked up and did not fit is noted before it is told, as
    /// where it is offered. Answers with what is to be noted of it where it fits: that nothing is asked tells so.
    ///
    /// - Throws: `.invalid` for what nobody gave a reason for.
    static func checkReason(
        for service: PurposeService, of person: ID<Person>, in division: DivisionCode, _ context: Context,
        _ database: Database
    ) async throws -> [String] {
        let names = LabelKeys(database.keys)
        let (listed, isEntitled) = try await database.read { tx -> (CareService?, Bool) in
            // Who may not know of it is told nothing by what is refused, either.
            guard let listed = try LabelBook.current(tx)[service: service.id],
                listed.fieldClass < .special || context.actor.may(.peopleSpecial, in: division)
            else { return (nil, false) }
            // Of who said no to rules, they say nothing.
            guard try RegisterQueries.person(person, tx)?.isProfiled == true else { return (listed, false) }
            let known = try LabelQueries.labels(of: [person], tx)[person] ?? [:]
            return (listed, known[names.key(service: service.id)] != nil)
        }
        let noted = listed?.noted().sorted() ?? []
        guard !isEntitled else { return noted }
        if !noted.isEmpty {
            let subject = RegisterSubject(.person, person).subject(in: division)
            try await database.write(
                context.unmarked, "registers.read", reason: ReadingPurpose.service.reason(for: service.id)
            ) { try $0.audit(subject, fields: noted) }
        }
        throw LinliError.invalid(
            "registers.serviceReason",
            [
                .init(
                    "note",
                    Text(
                        "登记的情况看不出符合“\(service.name.zh)”的条件：请写明为什么要看，本人会看到",
                        "What is registered does not show that they may have “\(service.name.en)”: say why you read it; they will see that"
                    ))
            ])
    }
}

extension Reading {
    /// The same with what labels and services are called, also those that no book has any more as far as it is known.
    package static func named(_ readings: [Reading], _ tx: ReadTx) throws -> [Reading] {
        guard readings.contains(where: { !$0.others.isEmpty || $0.service != nil }) else { return readings }
        let known = readings.flatMap(\.others).filter { $0.hasPrefix("service.") }.map { String($0.dropFirst(8)) }
        let book = try LabelBook.current(tx).remembering(Set(known + readings.compactMap(\.service)), tx)
        return readings.map { reading -> Reading in
            var told = reading
            told.serviceName = reading.service.map { id in book[kept: id]?.name ?? Text(same: id) }
            told.besides = reading.others.map { Reading.words(of: $0, book) }
            return told
        }
    }

    /// What is not a field, in words.
    private static func words(of name: String, _ book: LabelBook) -> Text {
        switch name {
        case "answer": return Text("以前报表里填过的答案", "An answer given for an earlier form")
        case "consent": return Text("监护人替本人同意过什么", "What a guardian agreed to for them")
        case let label where label.hasPrefix("label."):
            let known: Text? = book[label: String(label.dropFirst(6))]?.name
            return known.map { Text("标签：", "Label: ") + $0 } ?? Text("一个标签", "A label")
        default:
            let known: Text? = book[kept: String(name.dropFirst(8))]?.name
            return known.map { Text("服务：", "Service: ") + $0 } ?? Text("一项服务", "A service")
        }
    }
}
