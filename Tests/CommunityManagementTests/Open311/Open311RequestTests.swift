import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Telling and reading needs as another system does.
@Suite("Open311 报件与查询")
struct Open311RequestTests {
    /// A complete report: a street lamp at the estate's gate.
    static func form(_ key: String, _ changes: [String: String] = [:], without: [String] = []) -> [(String, String)] {
        var fields = [
            "api_key": key, "service_code": "C0118", "lat": "39.91430", "long": "116.40275",
            "description": "路灯不亮。晚上看不见路", "email": "zhang@example.org", "first_name": "三", "last_name": "张",
            "phone": "13800138000", "device_id": "phone-7", "account_id": "42",
            "media_url": "https://photos.example.org/lamp.jpg", "attribute[spot]": "street",
            "attribute[location]": "北门右手边第二根", "attribute[publish]": "yes",
        ]
        for (name, value) in changes { fields[name] = value }
        for name in without { fields[name] = nil }
        return fields.sorted { $0.key < $1.key }
    }

    /// What the first entry of a reply says, by name.
    static func first(_ answer: ProgramAnswer) throws -> [String: Any] {
        try #require((readJSON(answer.text) as? [[String: Any]])?.first, "\(answer.status) \(answer.text)")
    }

    private func tell(
        _ house: House, _ key: String, _ changes: [String: String] = [:], without: [String] = []
    ) async throws -> String {
        let form = Self.form(key, changes, without: without)
        let answer = try await house.ask(.post, "/open311/v2/requests.json", form: form)
        #expect(answer.status == 200)
        return try #require(try Self.first(answer)["service_request_id"] as? String, "\(answer.text)")
    }

    private func id(_ house: House, _ number: String) async throws -> ID<Case> {
        try #require(try await house.value("SELECT id FROM case_item WHERE number = \(number)"))
    }

    /// Clears a case for everybody to see.
    private func clear(_ house: House, _ number: String, result: String = "") async throws {
        let clearing = Clearing(title: "北门路灯", text: "北门的路灯不亮", result: result, address: "")
        let head = try await house.context(DemoStaff.head)
        try await house.services.commands.publish(clearing, of: try await id(house, number), head)
    }

    @Test("报上来就是一件工单，联系方式只加密保存，网址只给工作人员", arguments: TestEngine.enabled)
    func create(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            let answer = try await house.ask(.post, "/open311/v2/requests.xml", form: Self.form(key))
            let tree = try #require(XMLTree.read(answer.text))
            #expect(answer.status == 200 && tree.name == "service_requests" && tree.names == ["request"])
            let request = try #require(tree["request"])
            #expect(request.names == ["service_request_id", "service_notice", "account_id"])
            let number = try #require(request["service_request_id"]?.text)
            let notice = request["service_notice"]?.text ?? ""
            let receipt = try #require(notice.split(separator: "/").last.map(String.init))
            let id = try await id(house, number)
            #expect(notice.contains("https://linli.example/r/"))
            #expect(try await house.services.queries.caseID(receipt: receipt) == id)
            let view = try await house.services.queries.view(id, try await house.context(DemoStaff.dispatcher))
            #expect(view.item.source == .open311 && view.item.category == "C0118" && view.item.spot == .street)
            #expect(view.item.division == DemoDivision.grid(1) && view.item.isCommon && view.item.reporter == nil)
            #expect(view.item.location == "北门右手边第二根" && view.item.reporterMask == "张** 138****8000")
            #expect(view.entries.contains { $0.text.contains("https://photos.example.org/lamp.jpg") && !$0.isVisible })
            let holder = try await house.services.queries.view(id, house.holder(of: id))
            #expect(!holder.entries.contains { $0.text.contains("photos.example.org") })
            let sealed: [UInt8]? = try await house.value("SELECT reporter_sealed FROM case_item WHERE id = \(id)")
            let cell = Cell("case_item", "reporter_sealed", id.rawValue)
            let contact = try house.services.database.keys.open(try #require(sealed), cell: cell)
            #expect(contact == "张三\n13800138000\nzhang@example.org")
            #expect(try await audited(house, id) == "key:市民App")
            let actor: Int64? = try await house.value(
                "SELECT actor_id FROM audit_entry WHERE subject_kind = 'case' AND subject_id = \(id)")
            #expect(try await house.value("SELECT id FROM program_key") == actor)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    private func audited(_ house: House, _ id: ID<Case>) async throws -> String? {
        try await house.value(
            "SELECT actor_kind FROM audit_entry WHERE subject_kind = 'case' AND subject_id = \(id) AND command = 'cases.report'"
        )
    }

    @Test("匿名的不留联系方式，审计里仍是那个程序", arguments: TestEngine.enabled)
    func anonymous(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let number = try await tell(house, try await house.key(), ["attribute[disclosure]": "anonymous"])
            let id = try await id(house, number)
            let isEmpty: Bool? = try await house.value(
                "SELECT CASE WHEN reporter_sealed IS NULL AND reporter_mask = '' THEN 1 ELSE 0 END FROM case_item WHERE id = \(id)"
            )
            #expect(isEmpty == true)
            #expect(try await audited(house, id) == "key:市民App")
        }
    }

    @Test("三种位置：坐标、地址编号、写出的地址", arguments: TestEngine.enabled)
    func locations(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            let place = try await house.place("幸福里小区3号楼2单元")
            let noPoint = ["lat", "long"]
            let byID = try await tell(
                house, key, ["service_code": "R0202", "address_id": "\(place.id)"], without: noPoint)
            var item = try await record(house, byID)
            #expect(item.place == place.id && item.division == place.division && item.latitude == place.latitude)
            let words = "东城区 幸福里小区3号楼2单元 1201"
            let byWords = try await tell(
                house, key, ["service_code": "R0202", "address_string": words], without: noPoint)
            item = try await record(house, byWords)
            #expect(item.place == place.id && item.location == words + " 北门右手边第二根")
            // Both: the place counts, the point is kept.
            let both = ["address_id": "\(place.id)", "description": "单元门坏了", "service_code": "R0105"]
            item = try await record(house, try await tell(house, key, both))
            #expect(item.place == place.id && item.latitude == 39.91430)
            #expect(item.handlerUnit == (try await house.unit("安居物业")))
            // Nothing says how it is: what the service says.
            let bare = try await tell(
                house, key, ["service_code": "E0110"],
                without: ["description", "attribute[spot]", "attribute[location]", "media_url", "email", "phone"])
            item = try await record(house, bare)
            #expect(item.text == house.services.catalogue[code: "E0110"]?.name.zh && item.spot == .street)
        }
    }

    private func record(_ house: House, _ number: String) async throws -> CaseRecord {
        let id = try await id(house, number)
        return try await house.services.queries.view(id, try await house.context(DemoStaff.dispatcher)).item
    }

    @Test("同一个程序一天内重复提交只算一件，同时到也是", arguments: TestEngine.enabled)
    func twins(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            let numbers = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<6 {
                    group.addTask { try await tell(house, key, ["device_id": "phone-\(index)"]) }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(numbers.count == 1)
            let again = try await house.ask(.post, "/open311/v2/requests.json", form: Self.form(key))
            #expect((try Self.first(again)["service_notice"] as? String)?.contains("没有重复登记") == true)
            let other = try await house.key("另一个")
            #expect(try await !numbers.contains(tell(house, other)))
            #expect(try await !numbers.contains(tell(house, key, ["description": "另一盏路灯不亮"])))
            house.clock.advance(minutes: 24 * 60 + 1)
            #expect(try await !numbers.contains(tell(house, key)))
        }
    }

    // MARK: Reading

    @Test("并入另一件的，开合和进展跟着那一件，说明里写它的编号", arguments: TestEngine.enabled)
    func joined(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            let (lead, voice) = (try await tell(house, key), try await tell(house, key, ["description": "北门又黑了"]))
            let (leadID, voiceID) = (try await id(house, lead), try await id(house, voice))
            let dispatcher = try await house.context(DemoStaff.dispatcher)
            try await house.services.commands.merge(voiceID, into: leadID, reason: "同一盏灯", dispatcher)
            func read(_ key: String) async throws -> [String: Any] {
                try Self.first(
                    try await house.ask(.get, "/open311/v2/requests/\(voice).json", query: [("api_key", key)]))
            }
            var entry = try await read(key)
            #expect(entry["status"] as? String == "open")
            #expect((entry["status_notes"] as? String)?.hasPrefix("并入 \(lead) 一起办：") == true)
            func listed(_ status: String) async throws -> Bool {
                let query = [("api_key", key)] + status.split(separator: "&").map { ("status", String($0)) }
                let list = try await house.ask(.get, "/open311/v2/requests.json", query: query)
                let entries = try #require(readJSON(list.text) as? [[String: Any]])
                return entries.contains { $0["service_request_id"] as? String == voice }
            }
            #expect(try await listed("open"))
            #expect(try await !listed("closed"))
            #expect(try await listed("closed&open"), "said twice it is a list, as with a comma")
            // To everybody else the number of a case nobody cleared says nothing.
            try await clear(house, voice)
            #expect((try await read("")["status_notes"] as? String)?.contains(lead) == false)
            // Who works on the lead speaks to both; what its reporter says is theirs.
            let item = try await record(house, lead)
            if item.handlerUnit == nil {
                let unit = try await house.unit("城市管理办公室")
                try await house.take(CaseStep("dispatch", unit: unit), leadID, dispatcher)
            }
            try await house.services.commands.remark(
                "今晚更换灯泡", isVisible: true, photos: [], on: leadID, dispatcher)
            try await house.services.commands.remark(
                "我家窗前也黑", isVisible: true, photos: [], on: leadID, house.holder(of: leadID))
            entry = try await read(key)
            #expect((entry["status_notes"] as? String)?.hasSuffix("今晚更换灯泡") == true)
            try await house.take(CaseStep("withdraw", text: "好了"), voiceID, house.holder(of: voiceID))
            try await house.take(CaseStep("withdraw", text: "好了"), leadID, house.holder(of: leadID))
            #expect(try await read(key)["status"] as? String == "closed")
            #expect(try await listed("closed"))
            #expect(try await !listed("open"))
        }
    }

    @Test("别人只读得到公开的，报的人也读得到自己的", arguments: TestEngine.enabled)
    func visibility(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (mine, other) = (try await house.key("甲"), try await house.key("乙"))
            let place = try await house.place("幸福里小区3号楼2单元")
            let open = try await tell(house, mine)
            let closed = try await tell(
                house, mine,
                ["service_code": "R0202", "address_id": "\(place.id)", "description": "电梯坏了，请打 13900139000"])
            for key in [other, ""] {
                let path = "/open311/v2/requests/\(open).json"
                #expect(try await house.ask(.get, path, query: [("api_key", key)]).status == 404, "not cleared yet")
            }
            try await clear(house, open)
            for (key, seen) in [(mine, [open, closed]), (other, [open]), ("", [open])] {
                let query = [("api_key", key)]
                let list = try await house.ask(.get, "/open311/v2/requests.json", query: query)
                let entries = try #require(readJSON(list.text) as? [[String: Any]])
                let found = Set(entries.compactMap { $0["service_request_id"] as? String })
                #expect(found.isSuperset(of: seen) && found.contains(closed) == seen.contains(closed))
                for number in [open, closed] {
                    let status = seen.contains(number) ? 200 : 404
                    let one = try await house.ask(
                        .get, "/open311/v2/requests/\(number.lowercased()).json", query: query)
                    #expect(one.status == status)
                    let token = "/open311/v2/tokens/\(try await id(house, number)).xml"
                    let resolved = try await house.ask(.get, token, query: query)
                    #expect(resolved.status == status)
                    let said = XMLTree.read(resolved.text)?["request"]?["service_request_id"]?.text
                    #expect(said == (status == 200 ? number : nil))
                }
                let both = query + [("service_request_id", "\(open), \(closed),nothing,\u{0}")]
                let asked = try await house.ask(.get, "/open311/v2/requests.json", query: both)
                #expect((readJSON(asked.text) as? [Any])?.count == seen.count)
            }
            let own = try await house.ask(.get, "/open311/v2/requests/\(closed).json", query: [("api_key", mine)])
            #expect(try Self.first(own)["description"] as? String == "电梯坏了，请打 139****9000")
            let text = try await house.ask(.get, "/open311/v2/requests/\(open).xml").text
            #expect(text.contains("北门的路灯不亮"))
            for secret in ["晚上看不见路", "39.91430", "39.9143<", "张", "138", "zhang", "phone-7", "photos.example", "北门右手边"]
            {
                #expect(!text.contains(secret), "everybody reads \(secret)")
            }
        }
    }

    static let fields = [
        "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
        "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
        "address",
        "address_id", "zipcode", "lat", "long", "media_url",
    ]

    @Test("一件工单从收到到办结，字段如标准所列", arguments: TestEngine.enabled)
    func life(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            let number = try await tell(house, key)
            let path = "/open311/v2/requests/\(number)"
            let own = [("api_key", key)]
            let xml = try #require(XMLTree.read(try await house.ask(.get, path + ".xml", query: own).text)?["request"])
            #expect(xml.names == Self.fields)
            var entry = try Self.first(try await house.ask(.get, path + ".json", query: own))
            #expect(Set(entry.keys) == Set(Self.fields))
            #expect(entry["status"] as? String == "open" && entry["service_code"] as? String == "C0118")
            #expect(entry["requested_datetime"] as? String == "2026-11-22T10:00:00+08:00")
            #expect(entry["agency_responsible"] as? String == "幸福里社区居委会")
            #expect(entry["lat"] as? Double == 39.9143 && entry["long"] as? Double == 116.40275)
            #expect(entry["media_url"] is NSNull && entry["zipcode"] is NSNull)
            // All of it, in seven days at most: not the first step, which is due the same day.
            let expected = try #require(Instant(w3c: entry["expected_datetime"] as? String ?? ""))
            let days = [27, 29].map { Instant(w3c: "2026-11-\($0)T10:00:00+08:00") }
            #expect(days[0].map { expected > $0 } == true && days[1].map { expected <= $0 } == true, "\(expected)")
            let id = try await id(house, number)
            house.clock.advance(minutes: 30)
            try await house.take(CaseStep("accept"), id, try await house.context(DemoStaff.worker))
            let worker = try await house.context(DemoStaff.worker)
            try await house.services.commands.remark("内部：找电工", isVisible: false, photos: [], on: id, worker)
            try await house.take(CaseStep("finish", text: "换了灯泡"), id, worker)
            try await house.take(CaseStep("confirm", text: ""), id, house.holder(of: id))
            entry = try Self.first(try await house.ask(.get, path + ".json", query: own))
            #expect(entry["status"] as? String == "closed" && entry["expected_datetime"] is NSNull)
            #expect(entry["status_notes"] as? String == "已办结：换了灯泡")
            #expect(entry["updated_datetime"] as? String == "2026-11-22T10:30:00+08:00")
            try await clear(house, number)
            entry = try Self.first(try await house.ask(.get, path + ".json", language: .en))
            #expect(entry["status_notes"] as? String == "Closed", "what a handler wrote is not cleared")
            try await clear(house, number, result: "换好了")
            entry = try Self.first(try await house.ask(.get, path + ".json", language: .en))
            #expect(entry["status_notes"] as? String == "Closed: 换好了")
        }
    }

    @Test("按类别、状态和时间筛选", arguments: TestEngine.enabled)
    func filters(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            let lamp = try await tell(house, key)
            house.clock.advance(minutes: 60 * 24 * 10)
            let pit = try await tell(house, key, ["service_code": "E0110", "description": "路面有个坑"])
            try await house.take(
                CaseStep("withdraw"), try await id(house, pit), house.holder(of: try await id(house, pit)))
            let start = "2026-11-22T10:00:00+08:00"
            let cases: [([(String, String)], Bool, Bool)] = [
                ([], true, true), ([("service_code", "C0118")], true, false),
                ([("service_code", "E0110, C0118")], true, true), ([("status", "open")], true, false),
                ([("status", "closed")], false, true), ([("status", "closed,open")], true, true),
                ([("status", "")], true, true), ([("service_code", "C0118"), ("status", "closed")], false, false),
                ([("start_date", start)], true, true), ([("start_date", "2026-11-22T02:00:01Z")], false, true),
                ([("start_date", start.replacing("+", with: " ")), ("end_date", "2026-11-30T00:00:00Z")], true, false),
                ([("end_date", "2026-11-22T10:00:00+08:00")], true, false),
                ([("end_date", "2026-11-22T09:59:59+08:00")], false, false),
                ([("start_date", "2026-12-03T00:00:00Z")], false, false),
                ([("service_request_id", pit), ("status", "open"), ("service_code", "C0118")], false, true),
            ]
            for (query, hasLamp, hasPit) in cases {
                let asked = query + [("api_key", key)]
                let text = try await house.ask(.get, "/open311/v2/requests.json", query: asked).text
                #expect(text.contains(lamp) == hasLamp && text.contains(pit) == hasPit, "\(query)")
            }
            // Ninety days later neither is shown unless it is asked for.
            house.clock.advance(minutes: 60 * 24 * 91)
            let late = try await house.ask(.get, "/open311/v2/requests.json", query: [("api_key", key)])
            #expect(late.text == "[]")
            let empty = try await house.ask(.get, "/open311/v2/requests.xml")
            #expect(try #require(XMLTree.read(empty.text)).children.isEmpty)
        }
    }

    @Test("作废的密钥立刻失效", arguments: TestEngine.enabled)
    func revoked(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            _ = try await tell(house, key)
            try await ProgramKeys(house.services.database).revoke("市民App", .system("test", now: House.start))
            let answer = try await house.ask(.post, "/open311/v2/requests.xml", form: Self.form(key))
            try Open311DocumentTests.isError(answer, 403, isJSON: false, says: "作废")
            #expect(answer.status == 403)
        }
    }
}
