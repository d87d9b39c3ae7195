import Administration
import LinliCore
import LinliKernel
import LinliStandards
import LinliTestSupport
import Testing

/// The tree of labels as people and programs see it.
@Suite("标签树的页面和接口")
struct CareLabelsTests {
    private static let grid = "110101001901001"

    @Test("树上有人数；点进去是整个分支；敏感的分支说了用途才列人，看过有记录", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let tree = try await house.open("/desk/care/labels", query: [("division", Self.grid)], head)
            #expect(tree.contains("需要重点照看的老年人") && tree.contains("label=frailElder"))
            // 80 and older stands inside 65 and older.
            let inside = try #require(tree.split(separator: "65 岁以上").last)
            #expect(inside.prefix(600).contains("<ul>") && inside.prefix(600).contains("80 岁以上"))
            let open = try await house.open(
                "/desk/care", query: [("division", Self.grid), ("label", "elder")], head)
            #expect(open.contains("张桂兰，82 岁") && open.contains("老年人（60 岁以上）"))
            let closed = [("division", Self.grid), ("label", "frailElder")]
            #expect(try await !house.open("/desk/care", query: closed, head).contains("张桂兰"))
            // The branch tells of care levels, too, which for visits is hers to allow: she stands in it by living alone.
            let read = try #require(
                try await house.send("/desk/care", Form(closed + [("purpose", "visit")]), head))
            #expect(read.contains("张桂兰，82 岁") && read.contains("独居"))
            let readings = try await house.services.database.read {
                try RegisterReading.readings(of: RegisterSubject(.person, elder), $0)
            }
            #expect(readings.map(\.purpose) == [.visit])
            #expect(
                try await house.open(
                    "/desk/care", query: [("division", Self.grid), ("label", "nothing")], head
                ).isEmpty)
            let street = try await house.open("/desk/care/labels", query: [], try await house.context(.dispatcher))
            #expect(street.contains("少于 5") && !street.contains("/desk/care?"))
            #expect(
                try await house.open(
                    "/desk/care/labels", query: [("division", Self.grid)], try await house.context(.locustHead)
                ).isEmpty)
            let book = try await house.open("/admin/labels", query: [], try await house.context(.administrator))
            #expect(book.contains("下面任何一个有，就算有"))
        }
    }

    @Test("人多的分页：每一页接着上一页，谁也不漏、不重；按用途打开的下一页也是打开的", arguments: TestEngine.enabled)
    func pagesOfMany(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let grid = try #require(DivisionCode(Self.grid))
            let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
            let (dwelling, household) = try await house.home(grid, "302", entry)
            let elders = (1...205).map { number in
                var elder = NewPerson(
                    name: "高龄\(number)号", dwelling: dwelling.id, household: household.id, division: grid, entry: entry)
                elder.born = CivilDate(year: 1940, month: 3, day: 8)
                (elder.tie, elder.relation) = (.family, .parent)
                return elder
            }
            try await house.enter([dwelling], [household], try house.services.database.seal(elders))
            let head = try await house.context(.head)
            func names(_ page: String) -> Set<String> {
                Set(page.matches(of: /高龄\d+号/).map { String($0.output) })
            }
            func after(_ page: String) throws -> String {
                let match = try #require(page.firstMatch(of: /after(?:=|" value=")([0-9a-z]+)/))
                return String(match.output.1)
            }
            let first = try await house.open("/desk/care", query: [("division", Self.grid)], head)
            let mark = try after(first)
            let second = try await house.open("/desk/care", query: [("division", Self.grid), ("after", mark)], head)
            #expect(names(first).union(names(second)).count == 205 && names(first).isDisjoint(with: names(second)))
            #expect(names(first).count > 150 && first.contains("这一页") && !second.contains("后面的"))
            let form = [("division", Self.grid), ("purpose", "service")]
            let opened = try #require(try await house.send("/desk/care", Form(form), head))
            let next = try #require(
                try await house.send("/desk/care", Form(form + [("after", try after(opened))]), head))
            #expect(names(opened).union(names(next)).count == 205 && names(opened).isDisjoint(with: names(next)))
        }
    }

    @Test("一页的末尾不拆散一家：后面的家人跟到这一页，下一页不再有", arguments: TestEngine.enabled)
    func familiesStayTogether(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let grid = try #require(DivisionCode(Self.grid))
            let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
            var (dwellings, households, people): ([DwellingRecord], [HouseholdRecord], [NewPerson]) = ([], [], [])
            // Parents first, all children behind them: every family is spread over the whole list.
            let homes = 110
            for number in 0..<homes {
                let (dwelling, household) = try await house.home(grid, "\(1000 + number)", entry)
                dwellings.append(dwelling)
                households.append(household)
            }
            for number in 0..<2 * homes {
                let home = number % homes
                var elder = NewPerson(
                    name: "高龄\(number)号", dwelling: dwellings[home].id, household: households[home].id, division: grid,
                    entry: entry)
                elder.born = CivilDate(year: 1940, month: 3, day: 8)
                (elder.tie, elder.relation) = (.family, .parent)
                people.append(elder)
            }
            try await house.enter(dwellings, households, try house.services.database.seal(people))
            let head = try await house.context(.head)
            func names(_ page: String) throws -> Set<String> {
                let found = page.matches(of: /高龄\d+号/).map { String($0.output) }
                #expect(Set(found).count == found.count, "nobody stands there twice")
                for number in 0..<homes {
                    let family = ["高龄\(number)号", "高龄\(number + homes)号"]
                    #expect([0, 2].contains(family.count { found.contains($0) }), "family \(number) is parted")
                }
                return Set(found)
            }
            func after(_ page: String) throws -> String {
                let match = try #require(page.firstMatch(of: /after(?:=|" value=")([0-9a-z]+)/))
                return String(match.output.1)
            }
            let list = [("division", Self.grid)]
            let first = try await house.open("/desk/care", query: list, head)
            let second = try await house.open("/desk/care", query: list + [("after", try after(first))], head)
            #expect(try names(first).union(names(second)).count == 2 * homes)
            #expect(try names(first).isDisjoint(with: names(second)) && !second.contains("后面的"))
            let form = list + [("purpose", "visit")]
            let opened = try #require(try await house.send("/desk/care", Form(form), head))
            let rest = try #require(
                try await house.send("/desk/care", Form(form + [("after", try after(opened))]), head))
            #expect(try names(opened).union(names(rest)).count == 2 * homes)
            #expect(try names(opened).isDisjoint(with: names(rest)))
        }
    }

    @Test("接口给出树和人数，太少的和它上面的都不给；按标签列人", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let tree = try await site.shown("GET", "/care/labels?division=\(Self.grid)", as: head)
                let rows = tree["labels"].list
                let aged = try #require(rows.first { $0["id"].text == "aged" })
                #expect(aged["parent"].text == "elder65" && aged["depth"].text == "2")
                let elders = try #require(rows.first { $0["id"].text == "elder" })
                #expect((Int(elders["people"].text) ?? 0) >= (Int(aged["people"].text) ?? 0))
                #expect((Int(aged["people"].text) ?? 0) >= 1 && elders["parent"].text.isEmpty)
                let dispatcher = try await site.program(for: .dispatcher)
                let blurred = try await site.shown("GET", "/care/labels?division=\(Self.grid)", as: dispatcher)
                let frail = try #require(blurred["labels"].list.first { $0["id"].text == "frailElder" })
                #expect(frail["people"].text.isEmpty, "fewer than five")
                _ = try await site.shown(
                    "GET", "/care/labels?division=\(Self.grid)", as: try await site.program(for: .locustHead),
                    status: 404)
                let list = "/care/people?division=\(Self.grid)&limit=100&label="
                let listed = try await site.shown("GET", list + "elder65", as: head)
                #expect(listed["people"].list.contains { $0["id"].text == "\(elder)" })
                _ = try await site.shown("GET", list + "frailElder", as: head, status: 403)
                _ = try await site.shown("GET", list + "nothing", as: head, status: 404)
                try await house.agree(elder, to: [.healthVisits], as: .elderAlone)
                let body = #"{"division":"\#(Self.grid)","purpose":"visit","label":"frailElder","limit":100}"#
                let read = try await site.shown("POST", "/care/readings", body, as: head)
                #expect(read["people"].list.contains { $0["id"].text == "\(elder)" })
                let book = try await site.shown(
                    "GET", "/admin/labels", as: try await site.program(for: .administrator))
                let alone = try #require(book["labels"].list.first { $0["id"].text == "agedAlone" })
                #expect(alone["parent"].text == "elderAlone")
            }
        }
    }
}
