import LinliCore
import LinliSQL

extension RegisterCommands {
    /// Where somebody moves to.
    struct MoveTarget: Sendable {
        var dwelling: ID<Dwelling>
        var household: ID<Household>?
        var division: DivisionCode
        var address: String
    }

    /// A person's move with its history, made ready outside of the transaction that stores it: by hand, or by a sheet.
    struct ReadyMove: Sendable {
        let item: RegisterItem
        /// Where they live until then, and what ties them to where they come.
        let before: [Home]
        let target: MoveTarget
        let tie: ResidenceTie
        let relation: HouseholdRelation
        /// When it was; nil for today.
        let day: CivilDate?
        let residence: ID<Residence>
        let history: RegisterHistory.Draft

        init(
            _ item: RegisterItem, from homes: [Home], to target: MoveTarget, _ tie: ResidenceTie,
            _ relation: HouseholdRelation, on day: CivilDate? = nil, _ database: Database
        ) throws {
            self.item = item
            self.day = day
            // Who was registered or owned where they come to live now is that no more beside it: the new tie says it.
            before = homes.filter { $0.tie.livesHere || $0.dwelling == target.dwelling }
            self.target = target
            self.tie = tie
            self.relation = relation
            residence = try database.newID()
            var values = RegisterDays.values("since", day)
            values["address"] = (before.map(\.address).joined(separator: "；"), target.address)
            history = try database.draft(.moved, values)
        }

        private var person: ID<Person> { ID(rawValue: item.subject.id) }
        /// The households they leave: those that may be empty without them.
        var left: [ID<Household>] { before.compactMap(\.household) }

        /// Ends where they lived; answers with what they headed there, for `HeadSuccession.settle`.
        func leave(_ tx: WriteTx) throws -> [HeadSuccession.Led] {
            let led = try HeadSuccession.led(by: person, tx).filter { led in
                before.contains { $0.residence == led.residence }
            }
            for home in before { try RegisterStore.end(home.residence, on: day, tx) }
            return led
        }

        /// Begins where they live now, unless somebody changed the entry since `version`; `counts` is what else changes.
        func arrive(
            version: Int, source: String, counts: RegisterCounts.Delta = RegisterCounts.Delta(), _ tx: WriteTx
        ) throws {
            if let household = target.household {
                try HouseholdVisits.comeAlong(before.filter(\.tie.livesHere).map(\.residence), to: household, tx)
            }
            try RegisterStore.insert(
                residence, person, target.household, target.dwelling, tie, relation, since: day, tx)
            try settle(item, in: target.division, version: version, history, source: source, counts, tx)
        }
    }

    /// A move of an import that is taken back: where they lived before is where they live again.
    struct ReadyReturn: Sendable {
        let item: RegisterItem
        /// Where the import moved them.
        let moved: ID<Residence>
        /// Where they lived before.
        let back: [ID<Residence>]
        let division: DivisionCode
        let history: RegisterHistory.Draft

        private var person: ID<Person> { ID(rawValue: item.subject.id) }

        /// Ends where the import moved them; answers with what they headed there.
        func leave(_ tx: WriteTx) throws -> [HeadSuccession.Led] {
            let led = try HeadSuccession.led(by: person, tx).filter { $0.residence == moved }
            try RegisterStore.end(moved, tx)
            return led
        }

        /// They are back, and head again what they headed.
        func arrive(version: Int, source: String, _ tx: WriteTx) throws {
            if !back.isEmpty {
                try tx.execute(
                    "UPDATE residence SET valid_to = NULL, ended_on = NULL WHERE id IN \(SQL.list(back))")
                // A household that had ended with them is theirs again.
                try EmptyHouseholds.reopen(with: person, tx)
                try HeadSuccession.takeBack(back.map(\.rawValue), tx)
            }
            try settle(
                item, in: division, version: version, history, source: source, RegisterCounts.Delta(), tx)
        }
    }

    /// The place of somebody whose homes changed: the entry, its facts, head-counts, history, audit and event.
    static func settle(
        _ item: RegisterItem, in division: DivisionCode, version: Int, _ history: RegisterHistory.Draft,
        source: String, _ counts: RegisterCounts.Delta, _ tx: WriteTx
    ) throws {
        try bump(item, version: version, RegisterStore.place(division), tx)
        try RegisterStore.moveFacts(of: item.subject, to: division, tx)
        var delta = counts
        delta.add(-1, .person, in: item.division)
        delta.add(1, .person, in: division)
        try history.insert(item.subject, source: source, tx)
        try tell(item, history.what, counts: delta, tx)
    }
}
