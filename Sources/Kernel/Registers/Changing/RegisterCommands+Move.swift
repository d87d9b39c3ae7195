import LinliCore
import LinliSQL

/// Why something is not here any more.
package enum EndReason: String, Sendable, CaseIterable, SQLConvertible {
    case moved, died, closed, gone

    /// What people call it.
    package var name: Text {
        switch self {
        case .moved: Text("搬走了", "Moved away")
        case .died: Text("去世", "Died")
        case .closed: Text("关停、注销", "Closed")
        case .gone: Text("拆除、撤走", "Taken away")
        }
    }

    /// What may be said of something of a kind.
    package static func of(_ kind: RegisterKind) -> [EndReason] {
        switch kind {
        case .person: [.moved, .died]
        case .household: [.moved]
        case .organization: [.closed, .moved]
        case .dwelling, .thing: [.gone]
        }
    }
}

extension RegisterCommands {
    /// A person moves to another household: the old residence ends, the new one begins, the head-counts follow. `day` is
    /// when it was, nil for today.
    package static func move(
        _ person: ID<Person>, to door: Door, tie: ResidenceTie, relation: HouseholdRelation, on day: CivilDate? = nil,
        version: Int?, source: String = "staff", _ context: Context, _ database: Database
    ) async throws {
        guard tie.livesHere else {
            throw LinliError.invalid(
                "registers.tie",
                [.init("tie", Text("搬家是搬去住；户籍或产权在那里，请用“再登记一处”", "Who moves lives there; use “One more home”"))])
        }
        let subject = RegisterSubject(.person, person)
        let (item, homes, target) = try await database.read { tx in
            (try open(subject, context, tx), try RegisterQueries.homes(of: person, tx), try home(door, context, tx))
        }
        guard
            !homes.contains(where: {
                $0.tie.livesHere && $0.household != nil && $0.household == target.household
            })
        else {
            throw LinliError.invalid(
                "registers.sameHome", [.init("home", Text("他就登记在这一户，请选别的户", "They are in that household already"))])
        }
        let fresh =
            target.household == nil
            ? try freshHousehold(in: target.dwelling, target.division, tie, source, context, database) : nil
        let move = try ReadyMove(
            item, from: homes,
            to: .init(
                dwelling: target.dwelling, household: target.household ?? fresh?.id, division: target.division,
                address: target.address),
            tie, relation, on: day, database)
        try await database.read { tx in
            try RegisterDays.check(
                day, of: subject, ending: move.before.map(\.residence), today: context.now.date, tx)
        }
        try await database.write(context, "registers.move") { tx in
            try stillThere(door, target.dwelling, target.division, context, tx)
            var delta = RegisterCounts.Delta()
            if let fresh {
                try RegisterInsert.households([fresh], tx)
                delta.add(1, .household, in: fresh.division)
            }
            try HeadSuccession.settle(try move.leave(tx), tx)
            try move.arrive(version: version ?? item.entry.version, source: source, counts: delta, tx)
            // Said of one person as in a correction: there is one head.
            if relation == .head, let household = move.target.household {
                try HeadSuccession.handOver(to: move.residence, was: .other, in: household, source: source, tx)
            }
            try EmptyHouseholds.end(homes.compactMap(\.household), .moved, on: day, tx)
        }
    }

    /// A whole household moves to another dwelling, with everybody who belongs to it. Who is only registered with it and
    /// lives elsewhere is counted where they live, as before.
    package static func moveHousehold(
        _ household: ID<Household>, to dwelling: ID<Dwelling>, on day: CivilDate? = nil, version: Int?,
        source: String = "staff", _ context: Context, _ database: Database
    ) async throws {
        let subject = RegisterSubject(.household, household)
        let (item, target) = try await database.read { tx in
            (try open(subject, context, tx), try home(.dwelling(dwelling), context, tx))
        }
        try await database.read { try RegisterDays.check(day, of: subject, today: context.now.date, $0) }
        let values = RegisterDays.values("since", day)
        let history = try database.draft(
            .moved, values.merging(["address": (old: item.name, new: target.address)]) { first, _ in first })
        try await database.write(context, "registers.moveHousehold") { tx in
            try stillThere(.dwelling(dwelling), dwelling, target.division, context, tx)
            try bump(
                item, version: version ?? item.entry.version,
                RegisterStore.place(target.division) + ["dwelling_id = \(dwelling)"], tx)
            var delta = RegisterCounts.Delta()
            delta.add(-1, .household, in: item.division)
            delta.add(1, .household, in: target.division)
            // Who belongs to it is asked here: whoever came or went since it was looked at counts no version of it up.
            let elsewhere = try RegisterStore.liveElsewhere(household, tx)
            for member in try RegisterQueries.members(of: household, tx) {
                let person = member.person
                let own = try RegisterDays.own(day, of: person.id, in: household, tx)
                try RegisterStore.end(member.residence, on: own, tx)
                try RegisterStore.insert(
                    try tx.newID(), person.id, household, dwelling, member.tie, member.relation, since: own, tx)
                let division = elsewhere.contains(person.id) ? person.division : target.division
                try tx.execute(
                    """
                    UPDATE person SET \(SQL.joined(RegisterStore.place(division), separator: ", ")),
                        version = version + 1 WHERE id = \(person.id)
                    """)
                try RegisterStore.moveFacts(of: RegisterSubject(.person, person.id), to: division, tx)
                try RegisterSearch.index([RegisterSubject(.person, person.id)], tx)
                delta.add(-1, .person, in: person.division)
                delta.add(1, .person, in: division)
            }
            try history.insert(subject, source: source, tx)
            try tell(item, .moved, counts: delta, tx)
        }
    }

    /// An organization moves into other rooms, or into a place; its address is theirs.
    package static func moveOrganization(
        _ organization: ID<Organization>, to dwelling: ID<Dwelling>, on day: CivilDate? = nil, version: Int?,
        source: String = "staff", _ context: Context, _ database: Database
    ) async throws {
        let subject = RegisterSubject(.organization, organization)
        let (item, before, rooms) = try await database.read { tx in
            let item = try open(subject, context, tx)
            _ = try home(.dwelling(dwelling), context, tx)
            return (
                item, try RegisterQueries.organization(organization, tx), try RegisterQueries.dwelling(dwelling, tx)
            )
        }
        guard let before, let rooms else { throw LinliError.notFound("registers.dwelling") }
        guard before.dwelling != dwelling else {
            throw LinliError.invalid(
                "registers.sameHome", [.init("home", Text("它就登记在这里，请选别处", "It is entered there already"))])
        }
        try RegisterDays.check(day, born: nil, today: context.now.date)
        let values = RegisterDays.values("since", day)
        let history = try database.draft(
            .moved, values.merging(["address": (old: before.address, new: rooms.address)]) { first, _ in first })
        try await database.write(context, "registers.moveOrganization") { tx in
            try stillThere(.dwelling(dwelling), dwelling, rooms.division, context, tx)
            try bump(
                item, version: version ?? item.entry.version,
                RegisterStore.place(rooms.division) + [
                    "dwelling_id = \(dwelling)", "place_id = \(rooms.place)", "address = \(rooms.address)",
                    // Where it stood is not where it stands: its rooms say that now.
                    "latitude = NULL", "longitude = NULL",
                ], tx)
            try RegisterStore.moveFacts(of: subject, to: rooms.division, tx)
            var delta = RegisterCounts.Delta()
            delta.add(-1, .organization, in: item.division)
            delta.add(1, .organization, in: rooms.division)
            try history.insert(subject, source: source, tx)
            try tell(item, .moved, counts: delta, tx)
        }
    }

    /// Something is not here any more: a person moved away or died, a household moved away with everybody in it, a firm
    /// closed, a thing was taken away. With the last of its people a household ends, too. Nothing is deleted; `reopen`
    /// brings it back. `day` is when it was, nil for today.
    package static func end(
        _ subject: RegisterSubject, _ reason: EndReason, on day: CivilDate? = nil, version: Int?,
        source: String = "staff", _ context: Context, _ database: Database
    ) async throws {
        guard EndReason.of(subject.kind).contains(reason) else {
            throw LinliError.invalid("registers.end", [.init("reason", Text("请选原因", "Please choose why"))])
        }
        let item = try await database.read { tx in
            let item = try open(subject, context, tx)
            try RegisterDays.check(day, of: subject, today: context.now.date, tx)
            if subject.kind == .dwelling, try !RegisterQueries.residents(of: ID(rawValue: subject.id), tx).isEmpty {
                throw LinliError.invalid(
                    "registers.inhabited",
                    [
                        .init(
                            "reason",
                            Text("还有人登记在这里，先给他们搬家或注销", "People are still entered here; move or end them first"))
                    ])
            }
            return item
        }
        let history = try database.draft(.ended, fields: [reason.rawValue], RegisterDays.values("until", day))
        try await database.write(context, "registers.end") { tx in
            var delta = RegisterCounts.Delta()
            var sets: [SQL] = ["valid_to = \(tx.now)", "ended_on = \(RegisterDays.stored(day))"]
            if subject.kind == .person { sets.append("end_reason = \(reason)") }
            try bump(item, version: version ?? item.entry.version, sets, tx)
            delta.add(-1, subject.kind, in: item.division)
            if subject.kind == .person { try RegisterStore.leave(ID(rawValue: subject.id), reason, on: day, tx) }
            if subject.kind == .household {
                for person in try RegisterStore.endMembers(of: ID(rawValue: subject.id), reason, on: day, tx) {
                    delta.add(-1, .person, in: person)
                }
                try HouseholdVisits.close([ID(rawValue: subject.id)], tx)
            }
            try history.insert(subject, source: source, tx)
            try tell(item, .ended, fields: [reason.rawValue], counts: delta, tx)
        }
    }

    /// Brings back what ended by mistake, with the residences that ended at the same moment.
    package static func reopen(
        _ subject: RegisterSubject, version: Int?, source: String = "staff", _ context: Context, _ database: Database
    ) async throws {
        let item = try await database.read { try open(subject, isEnded: true, context, $0) }
        guard item.mergedInto == nil, !item.isErased, let endedAt = item.entry.validTo else {
            throw LinliError(
                .conflict, "registers.merged", Text("这一条已并入别的登记或已删除，不能这样恢复", "This entry was merged or erased"))
        }
        let history = try database.draft(.reopened)
        try await database.write(context, "registers.reopen") { tx in
            var delta = RegisterCounts.Delta()
            var sets: [SQL] = ["valid_to = NULL", "ended_on = NULL"]
            if subject.kind == .person { sets.append("end_reason = NULL") }
            try bump(item, version: version ?? item.entry.version, sets, tx)
            delta.add(1, subject.kind, in: item.division)
            if subject.kind == .person {
                let person = ID<Person>(rawValue: subject.id)
                try RegisterStore.reopenResidences(of: person, endedAt, tx)
                try EmptyHouseholds.reopen(with: person, tx)
                guard try !RegisterStore.isInEndedHousehold(person, tx) else {
                    throw LinliError(
                        .conflict, "registers.household",
                        Text("他那一户已经注销，先恢复那一户", "Their household has ended; reopen it first"))
                }
                let back = try RegisterQueries.homes(of: person, tx).map(\.residence.rawValue)
                try HeadSuccession.takeBack(back, tx)
            }
            if subject.kind == .household {
                for person in try RegisterStore.reopenMembers(of: ID(rawValue: subject.id), endedAt, tx) {
                    delta.add(1, .person, in: person)
                }
                try HouseholdVisits.reopen(ID(rawValue: subject.id), endedAt: endedAt, tx)
            }
            try history.insert(subject, source: source, tx)
            try tell(item, .reopened, counts: delta, tx)
        }
    }
}
