import LinliCore
import LinliSQL

/// Homes of a person beside the one they move into: where somebody is registered who lives elsewhere, what an owner
/// lets, and mistakes in what was said of a home.
/// - Source: GB/T 31000-2015 人户分离, 空挂户 [M]
extension RegisterCommands {
    /// Ties a person to one more home, beside those they have: registered here and living there, in either order. `day` is
    /// since when, nil for today.
    ///
    /// - Throws: `.invalid` for a second home somebody lives in, which is a move, and for a home they have already.
    package static func addResidence(
        _ person: ID<Person>, to door: Door, tie: ResidenceTie, relation: HouseholdRelation,
        since day: CivilDate? = nil, version: Int?, source: String = "staff", _ context: Context,
        _ database: Database
    ) async throws {
        let subject = RegisterSubject(.person, person)
        let (item, homes, target) = try await database.read { tx in
            let item = try open(subject, context, tx)
            try RegisterDays.check(day, of: subject, ending: [], today: context.now.date, tx)
            return (item, try RegisterQueries.homes(of: person, tx), try home(door, context, tx))
        }
        try refuseSecondHome(tie, beside: homes)
        guard !homes.contains(where: { $0.dwelling == target.dwelling }) else {
            throw LinliError.invalid(
                "registers.sameHome",
                [.init("home", Text("他已经登记在这里，有错请直接更正那一条", "They are tied to it already; correct that instead"))])
        }
        // Who owns a home and lives elsewhere is nobody's household there.
        let fresh =
            target.household == nil && tie != .ownerElsewhere
            ? try freshHousehold(in: target.dwelling, target.division, tie, source, context, database) : nil
        let household = target.household ?? fresh?.id
        let residence: ID<Residence> = try database.newID()
        var values: RegisterHistory.Values = RegisterDays.values("since", day)
        values["address"] = ("", target.address)
        values["tie"] = ("", tie.rawValue)
        values["relation"] = ("", relation.rawValue)
        let history = try database.draft(.homeAdded, values)
        // Where they sleep is where they are counted; who only gets a registration beside it stays.
        let division = tie.livesHere || homes.isEmpty ? target.division : item.division
        try await database.write(context, "registers.addResidence") { tx in
            try stillThere(door, target.dwelling, target.division, context, tx)
            var delta = RegisterCounts.Delta()
            if let fresh {
                try RegisterInsert.households([fresh], tx)
                delta.add(1, .household, in: fresh.division)
            }
            try RegisterStore.insert(
                residence, person, household, target.dwelling, tie, relation, since: day, tx)
            if let household, relation == .head {
                try HeadSuccession.handOver(to: residence, was: .other, in: household, source: source, tx)
            }
            try settle(
                item, in: division, version: version ?? item.entry.version, history, source: source, delta, tx)
        }
    }

    /// Corrects how somebody is tied to a home, or what they are to the head of the household there. Answers whether
    /// anything was different.
    ///
    /// - Throws: `.invalid` when they would live in two homes, `.notFound` for a home that is not theirs.
    @discardableResult
    package static func correctResidence(
        _ residence: ID<Residence>, of person: ID<Person>, tie: ResidenceTie, relation: HouseholdRelation,
        version: Int?, source: String = "staff", _ context: Context, _ database: Database
    ) async throws -> Bool {
        let (item, homes, home) = try await held(residence, person, context, database)
        guard tie != home.tie || relation != home.relation else { return false }
        let others = homes.filter { $0.residence != residence }
        // Two entries that were merged may have left two: what is said of one of them is still corrected.
        if !home.tie.livesHere { try refuseSecondHome(tie, beside: others) }
        // Who begins to live in what they only owned keeps house there from then on.
        let fresh =
            home.household == nil && tie.livesHere
            ? try freshHousehold(in: home.dwelling, home.division, tie, source, context, database) : nil
        let household = home.household ?? fresh?.id
        var values: RegisterHistory.Values = ["address": (home.address, home.address)]
        if tie != home.tie { values["tie"] = (home.tie.rawValue, tie.rawValue) }
        if relation != home.relation { values["relation"] = (home.relation.rawValue, relation.rawValue) }
        let history = try database.draft(.homeChanged, values)
        let division = (tie.livesHere ? home : others.first { $0.tie.livesHere })?.division ?? item.division
        try await database.write(context, "registers.correctResidence") { tx in
            var delta = RegisterCounts.Delta()
            if let fresh {
                try RegisterInsert.households([fresh], tx)
                delta.add(1, .household, in: fresh.division)
            }
            try tx.execute(
                """
                UPDATE residence SET tie = \(tie), relation = \(relation), household_id = \(household)
                WHERE id = \(residence) AND valid_to IS NULL
                """)
            if let household, relation != home.relation {
                if relation == .head {
                    try HeadSuccession.handOver(to: residence, was: home.relation, in: household, source: source, tx)
                } else if home.relation == .head {
                    try HeadSuccession.settle(
                        [.init(household: household, residence: residence)], without: person, tx)
                }
            }
            try settle(
                item, in: division, version: version ?? item.entry.version, history, source: source, delta, tx)
        }
        return true
    }

    /// Ends one of the homes somebody is tied to; the others stay. The last one goes by moving or ending the person. `day`
    /// is when it was, nil for today.
    package static func endResidence(
        _ residence: ID<Residence>, of person: ID<Person>, on day: CivilDate? = nil, version: Int?,
        source: String = "staff", _ context: Context, _ database: Database
    ) async throws {
        let (item, homes, home) = try await held(residence, person, context, database)
        let others = homes.filter { $0.residence != residence }
        guard let next = others.first(where: { $0.tie.livesHere }) ?? others.first else {
            throw LinliError.invalid(
                "registers.lastHome",
                [
                    .init(
                        "residence",
                        Text("只有这一处住处；搬走请用“搬家”，人不在了请用“注销”", "It is their only home: move them, or end the entry"))
                ])
        }
        let subject = RegisterSubject(.person, person)
        try await database.read { tx in
            try RegisterDays.check(day, of: subject, ending: [residence], today: context.now.date, tx)
        }
        var values: RegisterHistory.Values = RegisterDays.values("until", day)
        values["address"] = (home.address, "")
        values["tie"] = (home.tie.rawValue, "")
        let history = try database.draft(.homeEnded, values)
        try await database.write(context, "registers.endResidence") { tx in
            let led = try HeadSuccession.led(by: person, tx).filter { $0.residence == residence }
            try RegisterStore.end(residence, on: day, tx)
            try HeadSuccession.settle(led, tx)
            let division = home.tie.livesHere || next.tie.livesHere ? next.division : item.division
            try settle(
                item, in: division, version: version ?? item.entry.version, history, source: source,
                RegisterCounts.Delta(), tx)
            if let household = home.household { try EmptyHouseholds.end([household], .moved, on: day, tx) }
        }
    }

    // MARK: What the three ask

    /// One of somebody's homes, where who asks may change both the person and the home.
    private static func held(
        _ residence: ID<Residence>, _ person: ID<Person>, _ context: Context, _ database: Database
    ) async throws -> (item: RegisterItem, homes: [Home], home: Home) {
        try await database.read { tx in
            let item = try open(RegisterSubject(.person, person), context, tx)
            let homes = try RegisterQueries.homes(of: person, tx)
            guard let home = homes.first(where: { $0.residence == residence }) else {
                throw LinliError.notFound("registers.residence")
            }
            guard context.actor.may(.peopleEdit, in: home.division) else { throw LinliError.forbidden("people.edit") }
            return (item, homes, home)
        }
    }

    private static func refuseSecondHome(_ tie: ResidenceTie, beside homes: [Home]) throws {
        guard tie.livesHere, let other = homes.first(where: { $0.tie.livesHere }) else { return }
        throw LinliError.invalid(
            "registers.secondHome",
            [
                .init(
                    "tie",
                    Text(
                        "他现在住在\(other.address)；搬来住请用“搬家”，只是户籍或产权在这里请另选",
                        "They live at \(other.address); use “Move”, or choose registered or owned only"))
            ])
    }

    /// A household of its own for somebody who comes into a dwelling.
    static func freshHousehold(
        in dwelling: ID<Dwelling>, _ division: DivisionCode, _ tie: ResidenceTie, _ source: String,
        _ context: Context, _ database: Database
    ) throws -> HouseholdRecord {
        HouseholdRecord(
            id: try database.newID(), dwelling: dwelling, division: division,
            kind: tie == .tenant ? .tenants : .family,
            entry: RegisterEntry(source: source, validFrom: context.now))
    }
}

extension HouseholdRelation {
    /// What a former head is to the one who heads the household now, who was this to them.
    var inverse: HouseholdRelation {
        switch self {
        case .spouse: .spouse
        case .child, .childInLaw: .parent
        case .grandchild: .grandparent
        case .parent: .child
        case .grandparent: .grandchild
        case .sibling: .sibling
        case .head, .other: .other
        }
    }
}
