import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Who a complaint or a tip-off is about learns nothing of it: not from any address, not by listening, not from how many
/// there are.
@Suite("被投诉、被举报的人走遍每条路")
struct ShieldTests {
    @Test("从说出来到办结，哪条路都看不到、数不到、听不到", arguments: ShieldStory.all)
    func everyWay(_ story: ShieldStory) async throws {
        try await walk(.sqlite, story, everyEvent: story.isWhole)
    }

    /// What differs between the engines are queries: asked before, when it was told and at the end they are all asked.
    @Test("换一个数据库也一样") func onPostgres() async throws {
        guard TestEngine.enabled.contains(.postgres) else { return }
        try await walk(.postgres, ShieldStory.several, everyEvent: false)
    }

    private func walk(_ engine: TestEngine, _ story: ShieldStory, everyEvent: Bool) async throws {
        try await withHouse(engine) { house in
            var units: [ID<LinliKernel.Unit>] = []
            for name in story.units { units.append(try await house.unit(name)) }
            try await withSite(house) { site in
                let people = try await ShieldPeople.all(
                    units, hired: story.isHiring && everyEvent ? units[0] : nil, site)
                var walk = ShieldWalk(site, people, unit: "\(units[0])", isWhole: everyEvent)
                try await walk.begin()
                var last = try await sequence(house)
                var item = try await ShieldedCase.tell(
                    story.nature, against: story.isChosen ? units : [], by: story.text, house)
                #expect(item.accused == Set(units))
                try await walk.look(item, after: "told", as: people)
                try await walk.listen(item, after: last, event: "told")
                for (turn, event) in ShieldedCase.life.enumerated() {
                    last = try await sequence(house)
                    try await event.happen(&item)
                    await house.deliver()
                    // Everybody has their turn; at the end all of them.
                    let isLast = turn == ShieldedCase.life.count - 1
                    let some = isLast ? people : everyEvent ? [people[turn % people.count]] : []
                    try await walk.look(item, after: event.name, as: some, onlyCases: !isLast)
                    try await walk.listen(item, after: last, event: event.name)
                }
                try await walk.send(item, as: people)
                #expect(walk.complaints == [], "\(walk.complaints.joined(separator: "\n"))")
                let answered = walk.answered.count
                #expect(answered > 60, "\(answered) routes answered somebody, \(walk.count) questions")
                try await control(item, site, after: last)
            }
        }
    }

    private func sequence(_ house: House) async throws -> Int64 {
        try await house.value("SELECT sequence FROM live_head") ?? 0
    }

    /// Who must see it does, by the same eyes: else the walk could pass by seeing nothing at all.
    private func control(_ item: ShieldedCase, _ site: Site, after last: Int64) async throws {
        let person = try await site.staff(try await item.seer)
        let page = try await site.open("/desk/cases/\(item.id)", as: person)
        for mark in [ShieldedCase.words, item.number, "\(item.id)"] { #expect(page.text.contains(mark), "\(mark)") }
        let found = try await site.open("/api/v1/search?q=\(item.number)", as: person)
        #expect(found.text.contains("\(item.id)"))
        let scope = person.actor.scope(for: .casesRead)
        let heard = try await site.house.heard(LiveHub.Wish(topics: [:], scope: scope), after: last)
        #expect(heard.contains(CasePath.topic(item.id)))
    }

    @Test("页面读的每个查询名都试过，或者说明与工单无关") func everyName() throws {
        let root =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/Sources"
        let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        let pattern = try Regex(#"query(?:\[|\.id\()"([a-zA-Z-]+)""#, as: (Substring, Substring).self)
        var names: Set<String> = []
        for file in files where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: root + "/" + file, encoding: .utf8)
            names.formUnion(text.matches(of: pattern).map { String($0.output.1) })
        }
        let known = Set(ShieldAsks.named.keys).union(ShieldAsks.quiet)
        #expect(names.count > 40)
        #expect(names.subtracting(known).isEmpty, "say in ShieldAsks what somebody would write there")
    }

    @Test("走查会失败：露出内容、露出数目、只对编号露出，都逮得住") func failing() async throws {
        try await withHouse(.sqlite, more: [Self.leaky]) { house in
            let unit = try await house.unit("安居物业")
            try await withSite(house) { site in
                let people = [
                    ShieldWalk.Watcher(name: "handler", visitor: try await site.staff(.propertyHandler)),
                    ShieldWalk.Watcher(name: "stranger", visitor: site.stranger),
                ]
                var walk = ShieldWalk(site, people, unit: "\(unit)", Self.leaky.routes)
                try await walk.begin()
                let item = try await ShieldedCase.tell(.complaint, against: [unit], by: "收费不公开", house)
                try await walk.look(item, after: "told", as: people)
                try await walk.send(item, as: people)
                for route in ["GET /leaky/count", "GET /leaky/words", "GET /leaky/cases", "POST /leaky/find"] {
                    #expect(
                        walk.complaints.contains { $0.hasPrefix(route) }, "\(route) is not caught: \(walk.complaints)")
                }
                #expect(walk.complaints.contains { $0.contains("q=") && $0.hasPrefix("GET /leaky/search") })
                #expect(!walk.complaints.contains { $0.contains("/leaky/tight") }, "\(walk.complaints)")
            }
        }
    }

    /// Shows words, a count, that an address is there, what a search finds, what a form finds; another shows nothing.
    private static let leaky = Feature(
        id: "leaky", name: Text("漏", "Leaky"),
        routes: [
            .get("/leaky/count", access: .public) { _, services in
                answer(
                    "\(try await services.database.read { try $0.value("SELECT count(*) FROM case_item", as: Int.self) } ?? 0)"
                )
            },
            .get("/leaky/words", access: .staff) { _, services in answer(try await newest(services, "text")) },
            .get("/leaky/cases/:id", access: .public) { request, services in
                let id = ID<Case>(request.parameters["id"] ?? "")?.rawValue ?? 0
                let count = try await services.database.read {
                    try $0.value("SELECT count(*) FROM case_item WHERE id = \(id)", as: Int.self) ?? 0
                }
                throw count > 0 ? LinliError.forbidden("leaky") : LinliError.notFound("leaky")
            },
            .get("/leaky/search", access: .public) { request, services in
                let word = request.query["q"] ?? ""
                let known = try await newest(services, "text").contains(word)
                return answer("\(word.isEmpty) \(!word.isEmpty && known)")
            },
            .post("/leaky/find", access: .public) { request, services in
                answer(request.form["phone"] == ShieldedCase.phone ? try await newest(services, "number") : "")
            },
            .get("/leaky/tight", access: .public) { request, _ in answer(request.query["q"] ?? "") },
            .post("/leaky/tight/:id", access: .public) { request, _ in answer(request.parameters["id"] ?? "") },
        ])

    private static func answer(_ text: String) -> Reply {
        Reply(.bytes(Array(text.utf8), type: "text/plain; charset=utf-8"))
    }

    private static func newest(_ services: Services, _ column: SQL) async throws -> String {
        try await services.database.read { tx in
            try tx.value("SELECT \(column) FROM case_item ORDER BY id DESC LIMIT 1", as: String.self)
        } ?? ""
    }
}
