import LinliCore
import LinliKernel

/// Rosters for programs of administrators: what the pages can do, by the same commands.
enum RostersAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/rosters", id: "listRosters", "Units within your divisions and how their rosters stand",
            access: .permission(.registersRead), body: .nothing, reply: RosterSchemas.list
        ) { _, request, services in
            let divisions = request.context.actor.scope(for: .registersRead).divisions
            let now = request.context.now
            return try await services.database.read { try RostersStore.standings(in: divisions, at: now, $0) }
        },
        .api(
            .get, "/api/v1/admin/rosters/:unit", id: "getRoster", "A week of a unit's roster",
            access: .permission(.registersRead),
            query: [SchemaProperty("week", .shaped(.day), "Any day of the week; the present one by default")],
            body: .nothing, reply: RosterSchemas.week
        ) { _, request, services in
            try await week(request.query["week"], request, services)
        },
        .api(
            .post, "/api/v1/admin/rosters/:unit/shifts", id: "addShifts",
            "Put somebody of the unit on its roster, once or on some weekdays; answers with the first week",
            access: .permission(.registersManage), body: RosterSchemas.plan, reply: RosterSchemas.week, status: 201,
            recover: { plan, request, services in
                try await week(plan.first.map { "\($0)" }, request, services)
            }
        ) { plan, request, services in
            try await RostersCommands(services).add(plan, to: try request.id("unit"), request.context)
            return try await week(plan.first.map { "\($0)" }, request, services)
        },
        .api(
            .delete, "/api/v1/admin/rosters/:unit/shifts/:shift", id: "removeShift",
            "Take a shift away; one that runs ends now", access: .permission(.registersManage),
            query: [SchemaProperty("all", .flag, "With every later one of the same person, weekday and hour")],
            body: .nothing, reply: .nothing
        ) { _, request, services in
            try await RostersCommands(services).remove(
                try request.id("shift"), all: request.query["all"] == "true", of: try request.id("unit"),
                request.context
            )
            return Nothing()
        },
    ]

    private static func week(
        _ day: String?, _ request: Request, _ services: Services
    ) async throws -> RostersStore.Week? {
        let unit: ID<Unit> = try request.id("unit")
        let context = request.context
        let monday = RostersRoutes.monday(day, context.now)
        return try await services.database.read { try RostersStore.week(of: unit, from: monday, context, $0) }
    }
}

/// The JSON objects of `RostersAPI`.
enum RosterSchemas {
    static let list = Schema<[RostersStore.Standing]>(
        "RosterList",
        [
            SchemaProperty(
                "rosters",
                .list(
                    .object([
                        SchemaProperty("unit", .id, required: true, "The unit"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Its name"),
                        SchemaProperty("onDuty", .text(limit: 40), "Who is on duty now"),
                        SchemaProperty("plannedUntil", .moment, "When the last planned shift ends"),
                    ]),
                    limit: 500
                ),
                required: true, "Units"
            )
        ],
        decode: { _ in [] },
        encode: { standings in
            let list = standings.map { standing -> JSONValue in
                var json: [String: JSONValue] = [
                    "unit": .text("\(standing.unit.id)"), "name": .text(standing.unit.name.zh),
                ]
                json["onDuty"] = standing.onDuty.map { .text($0) }
                json["plannedUntil"] = standing.plannedUntil.map { .text($0.iso8601) }
                return .object(json)
            }
            return ["rosters": .array(list)]
        }
    )

    private static let person = [
        SchemaProperty("id", .id, required: true, "Account"),
        SchemaProperty("name", .text(limit: 40), required: true, "Name"),
    ]

    static let week = Schema<RostersStore.Week?>(
        "Roster",
        [
            SchemaProperty("unit", .id, required: true, "The unit"),
            SchemaProperty("name", .text(limit: 80), required: true, "Its name"),
            SchemaProperty("monday", .shaped(.day), required: true, "Where the week begins"),
            SchemaProperty("onDuty", .text(limit: 40), "Who is on duty now"),
            SchemaProperty("people", .list(.object(person), limit: 500), required: true, "Who may be on duty"),
            SchemaProperty(
                "shifts",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier, for removeShift"),
                        SchemaProperty("account", .id, required: true, "Who"),
                        SchemaProperty("name", .text(limit: 40), required: true, "Name"),
                        SchemaProperty("from", .moment, required: true, "When it begins"),
                        SchemaProperty("until", .moment, required: true, "When it ends"),
                    ]),
                    limit: 2000
                ),
                required: true, "Shifts that touch the week"
            ),
        ],
        decode: { _ in nil },
        encode: { week in
            guard let week else { return [:] }
            let shifts = week.shifts.map { shift -> JSONValue in
                .object([
                    "id": .text("\(shift.id)"), "account": .text("\(shift.account)"), "name": .text(shift.name),
                    "from": .text(shift.start.iso8601), "until": .text(shift.end.iso8601),
                ])
            }
            let people = week.people.map { JSONValue.object(["id": .text("\($0.id)"), "name": .text($0.name)]) }
            var json: [String: JSONValue] = [
                "unit": .text("\(week.unit.id)"), "name": .text(week.unit.name.zh), "monday": .text("\(week.monday)"),
                "people": .array(people), "shifts": .array(shifts),
            ]
            json["onDuty"] = week.onDuty.map { .text($0) }
            return json
        }
    )

    private static let time = TextShape(
        Text("应为时间，例如 09:30", "Must be a time such as 09:30"), pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$"
    ) { $0.utf8.count == 5 && ShiftPlan.minutes($0) != nil }

    static let plan = Schema<ShiftPlan>(
        "ShiftPlan",
        [
            SchemaProperty("account", .id, required: true, "Somebody of the unit, from `people`"),
            SchemaProperty("first", .shaped(.day), required: true, "The day, or the first one"),
            SchemaProperty("start", .shaped(time), required: true, "When it begins"),
            SchemaProperty("end", .shaped(time), required: true, "When it ends; before the start it is the next day's"),
            SchemaProperty("weekdays", .list(.integer(1...7), limit: 7), "1 Monday to 7 Sunday; without it one day"),
            SchemaProperty("last", .shaped(.day), "With weekdays: the last day, at most 26 weeks on"),
        ],
        decode: { json in
            ShiftPlan(
                account: json.id("account"), first: CivilDate(json.text("first")),
                start: ShiftPlan.minutes(json.text("start")), end: ShiftPlan.minutes(json.text("end")),
                weekdays: json.integers("weekdays"), last: CivilDate(json.text("last"))
            )
        },
        encode: { _ in [:] }
    )
}
