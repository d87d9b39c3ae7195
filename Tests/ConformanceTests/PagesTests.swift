import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// Every page as everybody who may open it, in both languages and in elder mode: sound markup, labels, links that lead
/// somewhere.
@Suite("页面的样子合规矩")
struct PagesTests {
    private static let looks: [(name: String, preferences: Preferences)] = [
        ("中文", Preferences(language: .zh)), ("English", Preferences(language: .en)),
        ("elder", Preferences(language: .zh, isElder: true)),
        ("elder English, dark", Preferences(language: .en, isElder: true, isDark: true)),
    ]

    @Test("每一页、每种人、两种语言：标签成对、有标题、有说明、没有死链接") func everyPage() async throws {
        try await RouteScene.run(.sqlite) { scene in
            let routes = RoutesTests.routes(scene.site.house.services)
            let doors = Doors(routes)
            var checked = 0
            // Refusals look alike wherever they stand: each once in every look.
            var refusals: Set<String> = []
            for route in routes where route.method == .get && !route.path.hasPrefix("/live") {
                let path = scene.filled(RouteSample.all[RoutesTests.name(route)]?.path ?? route.path)
                for person in Person.allCases {
                    for look in Self.looks {
                        let visitor = try #require(scene.people[person]).preferring(look.preferences)
                        let answer = try await scene.site.open(path, as: visitor)
                        guard answer["content-type"]?.hasPrefix("text/html") == true else { break }
                        let isRefusal = [401, 403, 404].contains(answer.status)
                        if isRefusal, !refusals.insert("\(answer.status) \(look.name)").inserted { break }
                        let who = "\(route.path) for \(person), \(look.name)"
                        check(answer, who, look.preferences, doors)
                        checked += 1
                        // What a phone keeps is the same for everybody.
                        guard route.path != "/grid/phone" else { continue }
                        for link in PageChecker(answer.text).links where doors.turnsAway(person, visitor, link) {
                            Issue.record("\(who): \(link) is closed to them")
                        }
                    }
                }
            }
            #expect(checked > 400, "only \(checked) pages")
        }
    }

    @Test("出错的页面也一样") func errorPages() async throws {
        try await RouteScene.run(.sqlite) { scene in
            let doors = Doors(RoutesTests.routes(scene.site.house.services))
            for look in Self.looks {
                let visitor = try #require(scene.people[.dispatcher]).preferring(look.preferences)
                for path in ["/no-such-page", "/admin/accounts", "/desk/cases/0000000000000", "/r/0000"] {
                    check(try await scene.site.open(path, as: visitor), path, look.preferences, doors)
                }
                for (path, form) in [("/report", [("text", "")]), ("/desk/new", []), ("/find", []), ("/sign-in", [])] {
                    let answer = try await scene.site.send(path, form, as: visitor)
                    #expect(answer.status == 422 || answer.status == 303, "\(path): \(answer.status)")
                    if answer.status == 422 { check(answer, "POST \(path)", look.preferences, doors) }
                }
            }
        }
    }

    /// What the scene of doors has nothing to show on: people, households, visits, forms, services, orders and whistles.
    @Test("人、户、走访、表、服务的页面，有了内容也一样") func pagesWithPeople() async throws {
        var offline = OfflineSettings()
        offline.fields = [try House.field("person.contactPhone")]
        try await withHouse(.sqlite, registers: RegisterSettings(hasSpecialGroups: true), offline: offline) { house in
            let scene = try await ReadingScene.enter(house)
            try await withSite(house) { site in
                let routes = ReadingWalk.routes(house.services)
                let doors = Doors(routes)
                var people = [try await site.resident(.nurse), try await site.resident(.tenant)]
                for person in [DemoStaff.gridWorker1, .head, .dispatcher, .mealManager] {
                    people.append(try await site.staff(person))
                }
                var shown: Set<String> = []
                for route in routes where route.method == .get && route.path.contains(":") {
                    for path in scene.addresses(of: route) {
                        for look in Self.looks {
                            let readers = people.map { $0.preferring(look.preferences) }
                            guard let answer = try await page(path, readers, site) else { continue }
                            check(answer, "\(path), \(look.name)", look.preferences, doors)
                            shown.insert(route.path)
                        }
                    }
                }
                #expect(Self.ofPeople.subtracting(shown) == [], "nobody was shown these")
            }
        }
    }

    private static let ofPeople: Set<String> = [
        "/cases/:id", "/desk/cases/:id", "/desk/care/people/:id", "/desk/forms/:id", "/desk/forms/rounds/:round",
        "/desk/orders/:id", "/desk/whistles/:id", "/grid/people/:id", "/grid/visits/:id", "/registers/:kind/:id",
        "/registers/:kind/:id/change", "/registers/places/:place",
    ]

    /// What the first of some people who may open a page is shown; nil when it is none, or nobody may.
    private func page(_ path: String, _ people: [SiteVisitor], _ site: Site) async throws -> Site.Answer? {
        for person in people {
            let answer = try await site.open(path, as: person)
            if answer.status == 200, answer["content-type"]?.hasPrefix("text/html") == true { return answer }
        }
        return nil
    }

    private func check(_ answer: Site.Answer, _ who: String, _ preferences: Preferences, _ doors: Doors) {
        let html = answer.text
        let isPage = html.contains("<html")
        let page = PageChecker(html, isFragment: !isPage)
        let problems = page.problems.prefix(6)
        #expect(problems.isEmpty, "\(who)")
        if isPage {
            let tag = preferences.language == .en ? "<html lang=\"en\"" : "<html lang=\"zh-CN\""
            let isRight = html.contains(tag)
            #expect(isRight, "\(who) is in another language")
        }
        for link in page.links where !doors.isOpen("GET", link) { Issue.record("\(who): \(link) leads nowhere") }
        for form in page.forms where !form.action.isEmpty && !doors.isOpen(form.method, form.action) {
            Issue.record("\(who): a form goes to \(form.method) \(form.action), which is nothing")
        }
        for (name, value) in Self.securityHeaders { #expect(answer[name]?.contains(value) == true, "\(who): \(name)") }
        #expect(answer["cache-control"] == "no-store", "\(who) may be kept by a cache")
    }

    private static let securityHeaders = [
        ("content-security-policy", "script-src 'self';"), ("content-security-policy", "frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"),
    ]
}

/// Which addresses exist.
struct Doors: Sendable {
    /// By method and number of parts.
    private let routes: [String: [(pattern: [Substring], route: Route)]]

    init(_ routes: [Route]) {
        self.routes = Dictionary(grouping: routes.map { ($0.path.split(separator: "/"), $0) }) { pattern, route in
            Doors.kind(route.method.rawValue, pattern)
        }
    }

    private static func kind(_ method: String, _ parts: [Substring]) -> String { "\(method) \(parts.count)" }

    /// Whether an address of our own leads to a route; others are not ours to judge.
    func isOpen(_ method: String, _ address: String) -> Bool {
        !address.hasPrefix("/") || route(method, address) != nil
    }

    /// Whether somebody would be turned away where an address of our own leads: a page should not send them there.
    func turnsAway(_ person: Person, _ visitor: SiteVisitor, _ address: String) -> Bool {
        guard address.hasPrefix("/"), let route = route("GET", address) else { return false }
        return [.hidden, .forbidden].contains(Gate(route.access, person, visitor))
    }

    /// What answers at an address; one that is written out goes before a parameter.
    private func route(_ method: String, _ address: String) -> Route? {
        let path = address.prefix { $0 != "?" && $0 != "#" }.split(separator: "/")
        let fitting = routes[Doors.kind(method, path)]?.filter { entry in
            zip(entry.pattern, path).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
        }
        return fitting?.min { $0.pattern.count { $0.hasPrefix(":") } < $1.pattern.count { $0.hasPrefix(":") } }?.route
    }
}
