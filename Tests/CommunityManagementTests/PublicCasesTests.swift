import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// The public pages from outside: what is there, and above all what is not.
@Suite("大家反映的事")
struct PublicCasesTests {
    /// Words that stand nowhere else in the demo.
    static let marker = "白鹭九号暗语"

    private func draft(_ house: House, at address: String = "幸福里小广场") async throws -> CaseDraft {
        var draft = try await house.draft("\(Self.marker)：路灯不亮", category: "C0118", at: address)
        draft.spot = .street
        draft.isWilling = true
        draft.location = "\(Self.marker)门牌"
        draft.reporterName = "赵明明"
        draft.reporterPhone = "13912345678"
        return draft
    }

    private func number(_ id: ID<Case>, _ house: House) async throws -> String {
        try await house.value("SELECT number FROM case_item WHERE id = \(id)") ?? ""
    }

    /// Every public address that could tell of a case.
    private static func paths(_ number: String, photo: String = "0000000000001") -> [(String, [(String, String)])] {
        let areas = ["110101000000000", "110101001000000", "110101001901000"]
        var paths: [(String, [(String, String)])] = [
            ("/neighbourhood", []), ("/neighbourhood/\(number)", []), ("/neighbourhood/\(number)/photos/\(photo)", []),
        ]
        for area in areas {
            paths.append(("/neighbourhood", [("area", area)]))
            paths.append(("/neighbourhood", [("area", area), ("view", "map")]))
            paths.append(("/neighbourhood/map.geojson", [("area", area)]))
            paths.append(("/neighbourhood/feed.rss", [("area", area)]))
        }
        return paths
    }

    @Test("没审核的、投诉、举报、家里的：公开页面上一个字都没有", arguments: TestEngine.enabled)
    func nothingPrivateIsSeen(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let company = try await house.unit("安居物业")
            let changes: [@Sendable (inout CaseDraft) -> Void] = [
                { _ in }, { $0.isWilling = false }, { $0.nature = .complaint }, { $0.nature = .tipOff },
                { ($0.nature, $0.isWilling) = (.tipOff, true) }, { $0.spot = .home },
                { ($0.nature, $0.against, $0.isWilling) = (.complaint, company, true) },
            ]
            var numbers: [String] = []
            for change in changes {
                var told = try await draft(house)
                change(&told)
                let id = try await house.report(told, resident)
                numbers.append(try await number(id, house))
            }
            await house.deliver()
            let readers = [
                house.visitor, resident, try await house.context(.youngMother), try await house.context(.head),
            ]
            for number in numbers {
                for (path, query) in Self.paths(number) {
                    for reader in readers {
                        let shown = try await house.open(path, query: query, reader)
                        #expect(!shown.contains(Self.marker) && !shown.contains(number), "\(path) \(query)")
                    }
                }
            }
        }
    }

    @Test("审核过的：列表、地图、页面、订阅里都有，但没有反映人、门牌和原话", arguments: TestEngine.enabled)
    func clearedIsSeen(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            let resident = try await house.context(.tenant)
            let picture = house.folder + "/picture"
            let bytes = [0xFF, 0xD8, 0xFF, 0xE0] + Array("picture".utf8)
            try Data(bytes).write(to: URL(fileURLWithPath: picture))
            let upload = Upload(field: "photos", filename: "a.jpg", path: picture, size: bytes.count)
            var told = try await draft(house, at: "幸福里小区8号楼")
            told.photos = try await house.services.files.keep([upload], house.services.database, resident)
            let photo = try #require(told.photos.first)
            let id = try await house.report(told, resident)
            let number = try await number(id, house)
            let title = "北门“路灯”<不亮> & 很黑"
            var form = Form([("do", "publish"), ("title", title), ("words", "北门的灯坏了。")])
            _ = try await house.send("/desk/cases/\(id)/publication", form, head)
            let names = try await house.open("/neighbourhood/\(number)/photos/\(photo)", query: [], house.visitor)
            #expect(names.isEmpty, "a photo nobody ticked is open")
            for (path, query) in Self.paths(number) where !path.contains("photos") {
                let shown = try await house.open(path, query: query, house.visitor)
                #expect(shown.contains(number), "\(path) \(query)")
                for word in [Self.marker, "赵明明", "139****5678", "8号楼", "\(id)"] {
                    #expect(!shown.contains(word), "\(path) \(query) shows \(word)")
                }
            }
            form = Form(form.fields + [(name: "photo", value: "\(photo)")])
            _ = try await house.send("/desk/cases/\(id)/publication", form, head)
            let shown = try await house.open("/neighbourhood/\(number)", query: [], house.visitor)
            #expect(shown.contains("/neighbourhood/\(number)/photos/\(photo)"))
            #expect(shown.contains("幸福里小区") && shown.contains("&lt;不亮&gt;"))
            let file = try await house.open("/neighbourhood/\(number)/photos/\(photo)", query: [], house.visitor)
            #expect(!file.isEmpty)
            try await house.services.commands.withhold(id, head)
            for (path, query) in Self.paths(number, photo: "\(photo)") {
                #expect(try await !house.open(path, query: query, house.visitor).contains(number), "\(path) \(query)")
            }
        }
    }

    @Test("谁能开审核的页面、按公开的按钮", arguments: TestEngine.enabled)
    func whoClears(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await draft(house), try await house.context(.tenant))
            let form = Form([("do", "publish"), ("title", "灯"), ("words", "灯")])
            for person in [
                DemoStaff.worker, .gridWorker3, .propertyHandler, .administrator, .auditor, .districtOfficer,
            ] {
                let context = try await house.context(person)
                #expect(try await house.open("/desk/publication", query: [], context).isEmpty, "\(person)")
                #expect(try await house.send("/desk/cases/\(id)/publication", form, context) == nil, "\(person)")
            }
            for person in [DemoStaff.locustHead, .villageHead, .townDispatcher] {
                let context = try await house.context(person)
                #expect(try await !house.open("/desk/publication", query: [], context).contains("\(id)"), "\(person)")
                #expect(try await house.send("/desk/cases/\(id)/publication", form, context) == nil, "\(person)")
            }
            let head = try await house.context(.head)
            #expect(try await house.open("/desk/publication", query: [], head).contains("\(id)"))
            let look = Form([("do", "preview"), ("title", "先看看"), ("words", "内容")])
            let preview = try await house.send("/desk/cases/\(id)/publication", look, head)
            #expect(preview?.contains("先看看") == true)
            #expect(try await house.value("SELECT state FROM case_publication WHERE case_id = \(id)") == "waiting")
            let empty = try await house.send(
                "/desk/cases/\(id)/publication", Form([("do", "publish"), ("title", "没写")]), head)
            #expect(empty?.contains("没写") == true && empty?.contains("请写公开的内容") == true)
        }
    }

    @Test("办这件事的人：愿意公开、又不愿意，都是一个按钮", arguments: TestEngine.enabled)
    func reporterDecides(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var told = try await draft(house)
            (told.nature, told.isWilling) = (.complaint, false)
            let resident = try await house.context(.tenant)
            let id = try await house.report(told, resident)
            #expect(try await house.open("/cases/\(id)", query: [], resident).contains("愿意公开"))
            _ = try await house.send("/cases/\(id)/publicity", Form([("willing", "yes")]), resident)
            #expect(try await house.value("SELECT consent FROM case_publication WHERE case_id = \(id)") == "given")
            _ = try await house.send("/cases/\(id)/publicity", Form([("willing", "no")]), resident)
            #expect(try await house.value("SELECT consent FROM case_publication WHERE case_id = \(id)") == "refused")
            let stranger = try await house.context(.youngMother)
            #expect(try await house.send("/cases/\(id)/publicity", Form([("willing", "yes")]), stranger) == nil)
        }
    }

    @Test("订阅是合格的 RSS 2.0：能解析、链接完整、新的在前", arguments: TestEngine.enabled)
    func feed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let area = [("area", "110101001000000")]
            let text = try await house.open("/neighbourhood/feed.rss", query: area, house.visitor)
            let feed = FeedReader.read(text)
            #expect(feed.isWellFormed)
            #expect(feed.channel["title"]?.contains("大家反映的事") == true)
            #expect(feed.selfLink == "http://127.0.0.1/neighbourhood/feed.rss?area=110101001000000")
            #expect(feed.items.count >= 5)
            let numbers = feed.items.compactMap { $0["guid"]?.split(separator: "/").last }
            #expect(Set(numbers).count == feed.items.count)
            for item in feed.items {
                #expect(
                    item["link"] == item["guid"] && item["link"]?.hasPrefix("http://127.0.0.1/neighbourhood/SJ") == true
                )
                #expect(item["title"]?.isEmpty == false && item["description"]?.isEmpty == false)
                let date = try #require(item["pubDate"])
                #expect(date.wholeMatch(of: #/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0800/#) != nil)
            }
            let strange = XMLText.escaped("a\u{0}b\u{B}<&>\"\u{FFFE}路\u{1F4A1}")
            #expect(strange == "ab&lt;&amp;&gt;&quot;路\u{1F4A1}")
        }
    }

    @Test("关注：新公开的、办结的都记下，看过就不算新；撤下的不再出现", arguments: TestEngine.enabled)
    func following(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (neighbour, head) = (try await house.context(.nurse as DemoResident), try await house.context(.head))
            let square = try await house.place("幸福里小广场")
            #expect(
                try await house.send("/neighbourhood/following", Form([("area", "110101001901000")]), neighbour) != nil)
            #expect(
                try await house.send("/neighbourhood/following", Form([("place", "\(square.id)")]), neighbour) != nil)
            let door = try await house.place("幸福里小区3号楼2单元")
            for form in [Form([("place", "\(door.id)")]), Form([("area", "990000000000000")]), Form()] {
                #expect(try await house.send("/neighbourhood/following", form, neighbour) == nil)
            }
            let id = try await house.report(try await draft(house), try await house.context(.tenant))
            await house.deliver()
            func page() async throws -> String {
                try await house.open("/neighbourhood/following", query: [], neighbour)
            }
            #expect(try await !page().contains("悄悄话题"))
            house.clock.advance(minutes: 5)
            let later = Context(actor: head.actor, now: house.clock.clock.now, requestID: "test")
            let clearing = Clearing(title: "悄悄话题", text: "灯", address: "")
            try await house.services.commands.publish(clearing, of: id, later)
            await house.deliver()
            let shown = try await page()
            #expect(shown.contains("悄悄话题") && shown.contains("1 件新的") && shown.contains("都看过了"))
            #expect(shown.components(separatedBy: "悄悄话题").count == 2, "once, though two places tell of it")
            let after = Context(actor: neighbour.actor, now: house.clock.clock.now, requestID: "test")
            _ = try await house.send("/neighbourhood/following/seen", Form(), after)
            let seen = try await page()
            #expect(seen.contains("悄悄话题") && !seen.contains("1 件新的"))
            try await house.services.commands.withhold(id, later)
            #expect(try await !page().contains("悄悄话题"))
            let own = try await house.services.database.read { tx in
                try tx.all("SELECT id FROM place_subscription") { try $0[0] as ID<PlaceSubscription> }
            }
            let other = try await house.context(.youngMother)
            #expect(try await house.send("/neighbourhood/following/\(own[0])/end", Form(), other) == nil)
            for one in own { _ = try await house.send("/neighbourhood/following/\(one)/end", Form(), neighbour) }
            #expect(try await house.value("SELECT count(*) FROM subscription_news") == 0)
        }
    }

    @Test("最多关注五十个地方", arguments: TestEngine.enabled)
    func followingHasALimit(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let neighbour = try await house.context(.nurse as DemoResident)
            let streets = try await house.services.database.read { tx in
                try DivisionsStore.all(at: house.clock.clock.now, tx).filter { $0.level == .street }.prefix(51).map(
                    \.code)
            }
            #expect(streets.count == 51)
            for street in streets.dropLast() {
                _ = try await house.send("/neighbourhood/following", Form([("area", "\(street)")]), neighbour)
            }
            let last = Form([("area", "\(streets[50])")])
            let kind = try await house.refusal { _ = try await house.send("/neighbourhood/following", last, neighbour) }
            #expect(kind == .conflict)
            #expect(try await house.value("SELECT count(*) FROM place_subscription") == 50)
        }
    }
}

/// Reads a feed as any reader would.
private final class FeedReader: NSObject, XMLParserDelegate {
    var channel: [String: String] = [:]
    var items: [[String: String]] = []
    var selfLink: String?
    var isWellFormed = false
    private var path: [String] = []
    private var text = ""

    static func read(_ text: String) -> FeedReader {
        let reader = FeedReader()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = reader
        reader.isWellFormed = parser.parse()
        return reader
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        path.append(name)
        text = ""
        if name == "item" { items.append([:]) }
        if name == "atom:link", attributes["rel"] == "self" { selfLink = attributes["href"] }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if path.contains("item"), let last = items.indices.last {
            items[last][name] = text
        } else if path == ["rss", "channel", name] {
            channel[name] = text
        }
        path.removeLast()
    }
}
