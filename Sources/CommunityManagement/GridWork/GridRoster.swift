import LinliCore
import LinliKernel
import LinliUI

/// One's own duty of the next days, on the phone and for programs.
enum GridRoster {
    /// So many days are shown.
    static let days = 14

    static let all: [Route] = [
        .get("/grid/roster", access: .permission(.casesHandle)) { request, services in
            .page(GridRosterPage(shifts: try await shifts(request, services), now: request.context.now).page)
        },
        .api(
            .get, "/api/v1/roster", id: "getOwnRoster",
            "Your own shifts of the next 14 days, and who has the duty before and after each",
            access: .permission(.casesHandle), body: .nothing, reply: schema
        ) { _, request, services in
            try await shifts(request, services)
        },
    ]

    private static func shifts(_ request: Request, _ services: Services) async throws -> [DutyShift] {
        guard let account = request.context.actor.account else { return [] }
        let now = request.context.now
        let end = Instant(now.date.adding(days: days))
        return try await services.database.read { try DutyShifts.own(account, from: now, until: end, $0) }
    }

    private static let neighbour = [
        SchemaProperty("name", .text(limit: 40), required: true, "Who"),
        SchemaProperty("from", .moment, required: true, "When their shift begins"),
        SchemaProperty("until", .moment, required: true, "When it ends"),
    ]

    private static let schema = Schema<[DutyShift]>(
        "OwnRoster",
        [
            SchemaProperty(
                "shifts",
                .list(
                    .object([
                        SchemaProperty("unit", .id, required: true, "Whose roster"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Its name"),
                        SchemaProperty("from", .moment, required: true, "When it begins"),
                        SchemaProperty("until", .moment, required: true, "When it ends"),
                        SchemaProperty("before", .object(neighbour), "Who begins last before it"),
                        SchemaProperty("after", .object(neighbour), "Who begins next after it"),
                    ]), limit: 100), required: true, "In their order")
        ],
        decode: { _ in [] },
        encode: { shifts in ["shifts": .array(shifts.map { .object(json($0)) })] })

    private static func json(_ shift: DutyShift) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "unit": .text("\(shift.unit.id)"), "name": .text(shift.unit.name.zh), "from": .moment(shift.from),
            "until": .moment(shift.until),
        ]
        json["before"] = shift.before.map { .object(self.json($0)) }
        json["after"] = shift.after.map { .object(self.json($0)) }
        return json
    }

    private static func json(_ one: DutyShift.Holder) -> [String: JSONValue] {
        ["name": .text(one.name), "from": .moment(one.from), "until": .moment(one.until)]
    }
}

/// When one is on duty, and who before and after.
struct GridRosterPage {
    let shifts: [DutyShift]
    let now: Instant

    var page: Page { Page(Text("我的值班", "My duty"), frame: .grid("/grid"), body) }

    private var body: HTML {
        """
        <main id="main" class="one">
        <section class="card" aria-labelledby="h-roster"><div class="hd"><h1 id="h-roster">\(Text("我的值班", "My duty"))</h1>\
        <span class="note">\(Text("今后 \(GridRoster.days) 天", "The next \(GridRoster.days) days"))</span></div>
        \(shifts.isEmpty
            ? emptyState(
                Text("没有排您的班", "You are on no roster"),
                Text("不在班上，不用巡查、走访，也不记轨迹。", "Off duty: no rounds, no visits, and nothing is recorded."),
                icon: "clock")
            : "<ul class=\"lines\">\(each: shifts, row)</ul>")
        </section>
        </main>
        """
    }

    private func row(_ shift: DutyShift) -> HTML {
        let isNow = shift.from <= now
        let before = shift.before.map { one -> HTML in
            "<span class=\"sub\">\(Text("上一班：", "Before: "))\(one.name) · \(GridRosterPage.span(one.from, one.until, at: now))</span>"
        }
        let after = shift.after.map { one -> HTML in
            "<span class=\"sub\">\(Text("下一班：", "After: "))\(one.name) · \(GridRosterPage.span(one.from, one.until, at: now))</span>"
        }
        return """
            <li class="cell"><span class="bd"><span class="ttl num">\(GridRosterPage.span(shift.from, shift.until, at: now))</span>\
            <span class="sub">\(shift.unit.name)</span>\(before)\(after)</span>\
            \(when: isNow, tag(Text("正在值班", "Now"), .ok))</li>
            """
    }

    /// `11月26日 09:00–18:00`, with the day of its end when that is another.
    static func span(_ from: Instant, _ until: Instant, at now: Instant) -> Text {
        let end = from.date == until.date ? Text(same: until.time) : until.dayAndTime(at: now)
        return from.dayAndTime(at: now) + Text(same: "–") + end
    }
}
