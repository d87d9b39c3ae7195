import LinliCore
import LinliSQL
import LinliStandards

/// New members of a household on their way back.
enum OfflineMembers {
    /// Adds somebody. Two phones may have met the same person: whoever stands in the household under this name already is
    /// shown beside the new one, and a person decides whether they are two.
    static func add(
        _ entry: OfflineEntry, to household: HouseholdRecord, _ context: Context, _ database: Database
    ) async throws -> OfflineOutcome {
        let body = entry.body
        let (values, typed) = try OfflineMembers.values(body, today: context.now.date)
        func value(_ id: String) -> String { RegisterField.named("person.\(id)").flatMap { values[$0] } ?? "" }
        var person = NewPerson(
            name: value("name"), dwelling: household.dwelling, household: household.id, division: household.division,
            entry: RegisterEntry(source: OfflineHouseholds.source, validFrom: entry.at))
        person.sex = Int(value("sex")) ?? 0
        person.born = RegisterValue.day(value("born"))
        person.phone = PhoneNumber(value("phone"))
        (person.tie, person.relation) = try OfflineMembers.place(in: body)
        let day = try OfflineHouseholds.day(of: body)
        try RegisterDays.check(day, born: person.born, today: context.now.date)
        let new = person
        let people = try database.seal([new])
        guard let sealed = people.first else { throw LinliError.fault("offline.member", "nobody was sealed") }
        var batch = RegisterBatch()
        batch.people = people
        let (entered, isOther) = (batch, body.flag("isOther"))
        let subject = RegisterSubject(.person, sealed.id)
        let home = RegisterSubject(.household, household.id).subject(in: household.division)
        let history = try database.draft(
            .entered, fields: typed.keys.map(\.id).sorted(), RegisterDays.values("since", day))
        return try await database.write(context, "offline.member") { tx in
            if !isOther, let twin = try OfflineMembers.twin(of: new, in: household.id, database.keys, tx) {
                let outcome = OfflineOutcome(kind: .conflict, differences: [OfflineMembers.beside(new, twin)])
                try OfflineStore.note(entry, outcome, tx)
                try tx.audit(home, fields: ["twin"])
                return outcome
            }
            try RegisterCommands.enter(entered, as: subject.subject(in: household.division), tx)
            try RegisterStore.begin(sealed.residence, on: day, tx)
            if new.relation == .head {
                try RegisterCommands.refuseHead(
                    of: household.id, besides: sealed.residence, orElse: OfflineMembers.changesHead, tx)
            }
            try history.insert(subject, source: OfflineHouseholds.source, tx)
            try Households.heard(of: household.id, by: .visit, at: entry.at, tx)
            try OfflineStore.note(entry, .taken, tx)
            return .taken
        }
    }

    /// How the head changes where somebody new is to be it: not without a network, where nobody says so.
    private static let changesHead = Text(
        "要换户主，先按别的关系加进来，再到他的页面更正住处",
        "or add them as another member first and change the head on their page")

    /// How somebody lives there and what they are to the head, as it was chosen.
    ///
    /// - Throws: `.invalid` naming what nobody chose: who filled it in half is asked, nothing is guessed.
    private static func place(
        in body: [String: JSONValue]
    ) throws -> (tie: ResidenceTie, relation: HouseholdRelation) {
        let tie = ResidenceTie(rawValue: body.text("tie"))
        let relation = HouseholdRelation(rawValue: body.text("relation"))
        if let tie, let relation { return (tie, relation) }
        let text: Text
        switch (relation, tie) {
        case (nil, nil):
            text = Text("请选与户主关系和居住情况", "Please choose what they are to the head, and as what they live here")
        case (nil, _): text = Text("请选与户主关系", "Please choose what they are to the head")
        default: text = Text("请选居住情况", "Please choose as what they live here")
        }
        throw LinliError.invalid("offline.place", [.init(relation == nil ? "relation" : "tie", text)])
    }

    private static func values(
        _ body: [String: JSONValue], today: CivilDate
    ) throws -> (values: RegisterCommands.Typed, typed: RegisterCommands.Typed) {
        var typed: RegisterCommands.Typed = [:]
        for id in ["name", "sex", "born", "phone"] {
            guard let field = RegisterField.named("person.\(id)") else { continue }
            let text = body.text(id)
            if !text.isEmpty || id == "name" { typed[field] = text }
        }
        return (try RegisterCommands.check(typed, today: today).values, typed)
    }

    /// A decision about somebody new that says only which earlier entry it means has that one's words, so that they are
    /// not put away with it.
    static func whole(_ entry: OfflineEntry, _ database: Database) async throws -> OfflineEntry {
        guard entry.body.text("kind") == "member", entry.body.flag("isOther"), entry.body.text("name").isEmpty else {
            return entry
        }
        let (settles, account, keys) = (entry.body.text("settles"), entry.lease.account, database.keys)
        let earlier = try await database.read { try OfflineStore.undecided(key: settles, of: account, keys, $0) }
        guard let earlier, earlier.part == entry.part else { return entry }
        var whole = entry
        whole.body = earlier.body
        whole.body["isOther"] = .flag(true)
        whole.body["settles"] = .text(settles)
        return whole
    }

    /// Who of the household has the same name, unless both days of birth are known and differ and the phones do, too.
    private static func twin(
        of person: NewPerson, in household: ID<Household>, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> Resident? {
        let hash = person.phone.map { RegisterHash.phone.of($0.number, keys) }
        return try RegisterQueries.members(of: household, tx).filter { $0.person.name == person.name }
            .first { known in
                guard let mine = person.born, let theirs = known.person.born, mine != theirs else { return true }
                guard let hash else { return false }
                return try tx.exists(
                    "SELECT 1 FROM person WHERE id = \(known.person.id) AND phone_hash = \(hash)")
            }
    }

    /// Both as people read them, side by side.
    private static func beside(_ person: NewPerson, _ known: Resident) -> OfflineOutcome.Difference {
        func line(_ name: String, _ born: CivilDate?, _ phone: String, _ relation: HouseholdRelation) -> Text {
            let parts: [String] = [name, born?.description ?? "", phone].filter { !$0.isEmpty }
            let words = parts.joined(separator: " · ")
            return Text("\(words) · \(relation.name.zh)", "\(words) · \(relation.name.en)")
        }
        let there = known.person
        return OfflineOutcome.Difference(
            kind: RegisterKind.person.rawValue, id: "\(there.id)", field: "member", mine: person.name,
            theirs: there.name, mark: "=\(there.id)",
            words: OfflineOutcome.Difference.Words(
                name: Text("已经加过了", "Added already"),
                mine: line(person.name, person.born, person.phone?.masked ?? "", person.relation),
                theirs: line(there.name, there.born, there.phoneMask, known.relation)))
    }
}
