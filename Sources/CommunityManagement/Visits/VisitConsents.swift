import LinliCore
import LinliKernel
import LinliUI

/// Beside visits: how many children are 14 and to be asked themselves what their guardians agreed to before, and who they
/// are once somebody opens it.
struct VisitConsentCard {
    let division: DivisionCode
    let count: Int
    /// Who, when it was opened.
    let children: [EndingConsent]?
    /// The visits that are announced here, at which somebody may be asked.
    let open: [Visit]
    /// Whether the reader may announce visits here.
    let mayVisit: Bool
    /// The page it stands on.
    let path: String
    let now: Instant
    let names: DivisionNames

    /// The card of a grid or community; nothing where nobody is to be asked, and for who may not see people there.
    static func html(
        in division: DivisionCode, on path: String, _ request: Request, _ services: Services
    ) async throws -> HTML {
        let context = request.context
        guard EndingConsents.isNear(division), context.actor.may(.peopleRead, in: division) else { return .empty }
        let count = try await services.database.read {
            try EndingConsents.count(in: division, on: context.now.date, $0)
        }
        guard count > 0 else { return .empty }
        let isOpen = request.query["open"] == "yes"
        var (children, open): ([EndingConsent]?, [Visit]) = (nil, [])
        if isOpen {
            children = try await EndingConsents.read(
                in: division, limit: EndingConsents.limit, context, services.database
            ).people
            open = try await services.database.read { try VisitQueries.open(in: division, $0) }
        }
        return VisitConsentCard(
            division: division, count: count, children: children, open: open,
            mayVisit: context.actor.may(.peopleEdit, in: division), path: path, now: context.now,
            names: services.divisions
        ).card
    }

    private var card: HTML {
        let isAll = count < EndingConsents.limit
        let many = isAll ? Text("\(count) 人", "\(count)") : Text("至少 \(count) 人", "\(count) or more")
        return """
            <section class="card" aria-labelledby="h-consents"><div class="hd">\
            <h2 id="h-consents">\(Text("满 14 周岁，要问本人", "Now 14: ask them themselves"))</h2><span class="note">\(many)</span></div>
            \(children.map { list($0) } ?? closed)
            </section>
            """
    }

    private var closed: HTML {
        let link = address(path, [("division", "\(division)"), ("open", "yes")])
        let why = Text(
            "监护人从前替孩子同意的，满 \(Guardianship.years) 周岁起不再算数，要问本人。\(EndingConsents.ahead) 天内满的也在里面。谁看了名单会记下来，本人查得到。",
            "What a guardian agreed to counts no more from \(Guardianship.years) on; those within \(EndingConsents.ahead) days are in it. Who opens the list is noted, and they can see it."
        )
        return """
            <div class="pad stack"><p class="note">\(why)</p>
            <a class="btn weak" href="\(link)">\(icon("shield", small: true))\(Text("打开名单", "Open the list"))</a></div>
            """
    }

    private func list(_ children: [EndingConsent]) -> HTML {
        let sorted = children.sorted { ($0.endsOn, $0.person.id) < ($1.endsOn, $1.person.id) }
        return "<ul class=\"lines\">\(each: sorted, row)</ul>"
    }

    private func row(_ child: EndingConsent) -> HTML {
        let isPast = child.endsOn <= now.date
        let day = child.endsOn.full
        let when =
            isPast
            ? Text("\(day.zh)满 \(Guardianship.years) 周岁", "\(Guardianship.years) since \(day.en)")
            : Text("\(day.zh)才满 \(Guardianship.years) 周岁，到那天再问", "\(Guardianship.years) on \(day.en): ask from then on")
        let (zh, en) = (
            child.purposes.map(\.name.zh).joined(separator: "、"), child.purposes.map(\.name.en).joined(separator: ", ")
        )
        return """
            <li class="cell"><span class="bd"><a class="ttl" href="/registers/person/\(child.person.id)">\(child.person.name)</a>\
            <span class="sub">\(when)</span>\
            <span class="sub">\(Text("监护人同意过：\(zh)", "Their guardian agreed to: \(en)"))</span>\
            <span class="sub">\(child.home?.address ?? "") \(when: division.level == .community, "\(names[child.person.division])")</span></span>\
            \(isPast ? asking(child) : .empty)</li>
            """
    }

    /// The visit at which they can be asked: one that is announced, else the form of another with its reason.
    private func asking(_ child: EndingConsent) -> HTML {
        guard mayVisit, let household = child.home?.household else { return .empty }
        if let visit = open.first(where: { $0.household == household }) {
            return """
                <a class="btn ghost sm" href="/grid/visits/\(visit.id)">\(Text("约好的走访上问", "Ask at the visit"))</a>
                """
        }
        let reason = "孩子满 \(Guardianship.years) 周岁了，有些事要问问本人同不同意"
        let link = address("/grid/visits/new", [("household", "\(household)"), ("reason", reason)])
        return "<a class=\"btn weak sm\" href=\"\(link)\">\(Text("约走访", "Visit"))</a>"
    }
}

/// The same for programs.
enum VisitConsentsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/ending-consents", id: "listEndingConsents",
            "Whose guardian's consent ended with the 14th birthday, or ends soon: to be asked themselves; each is noted",
            access: .permission(.peopleEdit), query: [APIPages.division] + APIPages.query, body: .nothing, reply: page
        ) { _, request, services in
            let (division, limit) = (try APIPages.division(request, .peopleEdit), APIPages.limit(request))
            let found = try await EndingConsents.read(
                in: division, after: request.query.id("after"), limit: limit, request.context, services.database)
            let last = found.people.last.map { "\($0.person.id)" }
            return APIPage(rows: found.people, next: found.isMore ? last : nil)
        }
    ]

    private static let page = APIPage<EndingConsent>.schema(
        "EndingConsentList", "people", "In the order of their identifiers",
        [
            SchemaProperty("id", .id, required: true, "Who"),
            SchemaProperty("name", .text(limit: 60), required: true, "Their name"),
            SchemaProperty("division", .text(limit: 15), required: true, "The grid they live in"),
            SchemaProperty("household", .id, "Their household, for announceVisit"),
            SchemaProperty("address", .text(limit: 400), "Where they live"),
            SchemaProperty("endsOn", .shaped(.day), required: true, "From when on they speak for themselves"),
            SchemaProperty(
                "purposes", .list(.choice(ConsentPurpose.allCases.map(\.rawValue)), limit: 10), required: true,
                "What their guardian agreed to"),
        ]
    ) { child in
        var json: [String: JSONValue] = [
            "id": .text("\(child.person.id)"), "name": .text(child.person.name),
            "division": .text("\(child.person.division)"), "endsOn": .text("\(child.endsOn)"),
            "purposes": .array(child.purposes.map { .text($0.rawValue) }),
        ]
        let household = child.home?.household
        json["household"] = household.map { .text("\($0)") }
        json["address"] = child.home.map { .text($0.address) }
        return json
    }
}
