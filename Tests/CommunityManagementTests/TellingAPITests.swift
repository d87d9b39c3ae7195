import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import LinliWeb
import Testing

/// Telling a need by a program without an account: what the page takes, by the same rules, and the receipt does the rest.
@Suite("不用账号，接口也能反映")
struct TellingAPITests {
    private static let picture: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + Array("telling".utf8)

    private func json(_ fields: [String]) -> String { "{\(fields.joined(separator: ","))}" }

    private func post(
        _ site: Site, _ path: String, _ body: String, key: String? = nil, headers: [(String, String)] = []
    ) async throws -> Site.Answer {
        let more = key.map { [("Idempotency-Key", $0)] } ?? []
        return try await site.ask(
            "POST", "/api/v1" + path, headers: headers + [("Content-Type", "application/json")] + more,
            body: Array(body.utf8))
    }

    /// A photo that nobody in particular kept: its identifier and its proof.
    private func photo(_ site: Site, _ words: String, headers: [(String, String)] = []) async throws -> Shown {
        let answer = try await site.ask(
            "POST", "/api/v1/files", headers: headers + [("Content-Type", "image/jpeg")],
            body: Self.picture + Array(words.utf8))
        #expect(answer.status == 201, "\(answer.text)")
        return Shown(answer)
    }

    private func item(_ taken: Shown, _ house: House) async throws -> CaseRecord {
        let id = try #require(ID<Case>(taken["id"].text))
        return try await house.services.queries.view(id, house.holder(of: id)).item
    }

    @Test("没有账号：位置、类别、性质跟着内容走，替老人说写明是代说", arguments: TestEngine.enabled)
    func nobody(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let square = try await house.place("幸福里小广场")
            let point = try #require(square.latitude.flatMap { latitude in square.longitude.map { (latitude, $0) } })
            try await withSite(house) { site in
                let body = json([
                    #""text":"小广场的路灯不亮了，晚上看不清路""#, #""latitude":\#(point.0),"longitude":\#(point.1)"#,
                    #""reporterName":"赵明","reporterPhone":"13912345678","onBehalf":"赵奶奶""#,
                ])
                let taken = try await site.shown("POST", "/cases", body, as: site.bare, status: 201)
                let item = try await item(taken, house)
                #expect(item.category == "C0118" && item.nature == .assistance && item.spot == .street)
                #expect(item.division == square.division && item.source == .api && item.reporter == nil)
                #expect(item.isOnBehalf && item.reporterMask == "赵** 139****5678" && item.disclosure == .named)
                let audited: Int? = try await house.value(
                    "SELECT count(*) FROM audit_entry WHERE subject_id = \(item.id) AND actor_kind = 'account'")
                #expect(audited == 0)
                let told = try await site.shown(
                    "POST", "/receipts", #"{"receipt":"\#(taken["receipt"].text)"}"#, as: site.bare)
                #expect(told["number"].text == taken["number"].text)
                // A complaint is known to the receiving office only, as on the page, and whoever names a unit complains.
                let unit = try await house.unit("安居物业")
                let complaint = try await site.shown(
                    "POST", "/cases",
                    #"{"text":"楼道里一个星期没人打扫","against":"\#(unit)","place":"\#(try await house.place("幸福里小区3号楼2单元").id)"}"#,
                    as: site.bare, status: 201)
                let hidden = try await self.item(complaint, house)
                #expect(
                    hidden.nature == .complaint && hidden.disclosure == .office && hidden.accusation.units == [unit])
                let accused = try await house.context(.propertyHandler)
                #expect(
                    try await house.refusal { _ = try await house.services.queries.view(hidden.id, accused) }
                        == .notFound)
            }
        }
    }

    @Test("只有工作人员能写的、没有的地方和类别，一处一处说清；没登记", arguments: TestEngine.enabled)
    func refused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let before: Int? = try await house.value("SELECT count(*) FROM case_item")
                let rows: [(String, [String])] = [
                    (#""settledWith":"扶起来了","found":true"#, ["settledWith", "found"]), (#""urgent":true"#, ["urgent"]),
                    (#""place":"0000000000000""#, ["place"]), (#""against":"0000000000000""#, ["against"]),
                    (#""category":"R9999""#, ["category"]), (#""kind":"R0104""#, ["kind"]),
                    (#""category":"R0104","kind":"R01""#, ["kind"]), (#""latitude":39.9"#, ["longitude"]),
                    (#""type":"nothing""#, ["type"]), (#""answers":{"colour":"red"}"#, ["answers.colour"]),
                    (#""reporterPhone":"123""#, ["phone"]), (#""photos":["x"]"#, ["photos[0]"]),
                    (#""onBehalf":"一二三四五六七八九十一二三""#, ["onBehalf"]),
                ]
                for (more, names) in rows {
                    let answer = try await post(site, "/cases", #"{"text":"楼道灯坏了",\#(more)}"#)
                    let found = Shown(answer)["fields"].list.map { $0["name"].text }
                    #expect(
                        answer.status == 422 && Set(found) == Set(names), "\(more): \(answer.status) \(answer.text)")
                }
                #expect(try await house.value("SELECT count(*) FROM case_item") == before)
                // A token that is over is not nobody's.
                let odd = [("Authorization", "Bearer 0123456789abcdefghjkmnpqrs")]
                #expect(try await post(site, "/cases", #"{"text":"楼道灯坏了"}"#, headers: odd).status == 401)
            }
        }
    }

    @Test("没有账号的，一分钟里能发多少和页面一样按地址算", arguments: TestEngine.enabled)
    func limits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house, { $0.anonymousFormsPerMinute = 3 }) { site in
                var statuses: [Int] = []
                for _ in 0..<4 { statuses.append(try await post(site, "/cases", #"{"text":"楼道灯坏了"}"#).status) }
                #expect(statuses == [201, 201, 201, 429])
                #expect(try await post(site, "/suggestions", #"{"text":"楼道灯坏了"}"#).status == 429)
            }
        }
    }

    @Test("照片凭 proof：只认得自己的，只用一次；别人的标识不行", arguments: TestEngine.enabled)
    func photos(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let kept = try await photo(site, "one")
                func tell(_ name: String, _ headers: [(String, String)] = []) async throws -> Site.Answer {
                    try await post(
                        site, "/cases", #"{"text":"楼道灯坏了","category":"R0104","photos":["\#(name)"]}"#, headers: headers)
                }
                #expect(try await tell(kept["id"].text).status == 422, "identifiers can be guessed")
                let forged = kept["id"].text + "." + String(repeating: "0", count: 26)
                #expect(try await tell(forged).status == 422)
                let resident = try await site.program(for: DemoResident.tenant)
                #expect(try await tell(kept["id"].text, resident.headers).status == 422, "nobody's is not theirs")
                let first = try await tell(kept["proof"].text)
                #expect(first.status == 201, "\(first.text)")
                #expect(try await tell(kept["proof"].text).status == 422, "used already")
                // With a token the identifier is enough, and the proof goes from nobody to somebody.
                let theirs = try await photo(site, "two", headers: resident.headers)
                #expect(try await tell(theirs["id"].text, resident.headers).status == 201)
                let brought = try await photo(site, "three")
                #expect(try await tell(brought["proof"].text, resident.headers).status == 201)
                let receipt = Shown(first)["receipt"].text
                let asked = #"{"receipt":"\#(receipt)","photo":"\#(kept["id"].text)","size":"small"}"#
                let shown = try await post(site, "/receipts/photos", asked)
                #expect(shown.status == 200 && shown["content-type"] == "image/jpeg")
                let other = asked.replacing(kept["id"].text, with: theirs["id"].text)
                #expect(try await post(site, "/receipts/photos", other).status == 404, "a photo of another case")
            }
        }
    }

    @Test("紧急：居民有没有账号都看内容，和页面一样；工作人员说了算", arguments: TestEngine.enabled)
    func urgent(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                func tell(
                    _ text: String, _ more: String = "", as visitor: SiteVisitor, status: Int = 201
                ) async throws -> Shown {
                    let body = #"{"text":"\#(text)","category":"R0104","division":"110101001901001"\#(more)}"#
                    return try await site.shown("POST", "/cases", body, as: visitor, status: status)
                }
                func isUrgent(_ taken: Shown) async throws -> Bool { try await item(taken, house).isUrgent }
                let said = #","urgent":true"#
                let resident = try await site.program(for: DemoResident.tenant)
                let before: Int? = try await house.value("SELECT count(*) FROM case_item")
                for visitor in [resident, site.bare] {
                    let refused = try await tell("楼道灯坏了", said, as: visitor, status: 422)
                    #expect(refused["fields"].list.map { $0["name"].text } == ["urgent"])
                }
                #expect(try await house.value("SELECT count(*) FROM case_item") == before)
                #expect(try await !isUrgent(tell("楼道灯坏了", #","urgent":false"#, as: resident)))
                #expect(try await isUrgent(tell("楼道灯座冒烟了", as: resident)))
                #expect(try await isUrgent(tell("楼道灯座又冒烟了", as: site.bare)))
                let dispatcher = try await site.program(for: .dispatcher)
                #expect(try await !isUrgent(tell("三单元楼道灯坏了", as: dispatcher)))
                #expect(try await isUrgent(tell("四单元楼道灯坏了", said, as: dispatcher)))
                let worker = try await site.program(for: .gridWorker1)
                #expect(try await isUrgent(tell("五单元楼道灯坏了", said + #","found":true"#, as: worker)))
            }
        }
    }

    @Test("匿名的，带着令牌来也不留名", arguments: TestEngine.enabled)
    func anonymous(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let resident = try await site.program(for: DemoResident.tenant)
                let kept = try await photo(site, "quiet")
                let before: Int? = try await house.value(
                    "SELECT count(*) FROM audit_entry WHERE actor_kind = 'account'")
                let body = json([
                    #""text":"楼下夜里太吵""#, #""disclosure":"anonymous""#, #""reporterName":"赵明""#,
                    #""photos":["\#(kept["proof"].text)"]"#,
                ])
                let answer = try await post(site, "/cases", body, key: "quiet-0123456789", headers: resident.headers)
                #expect(answer.status == 201, "\(answer.text)")
                let item = try await item(Shown(answer), house)
                #expect(item.reporter == nil && item.reporterMask.isEmpty)
                #expect(
                    try await house.value("SELECT count(*) FROM audit_entry WHERE actor_kind = 'account'") == before)
                let mine = try await site.shown("GET", "/cases?mine=all&limit=100", as: resident)["cases"].list
                #expect(!mine.contains { $0["id"].text == "\(item.id)" })
            }
        }
    }

    @Test("重发：没有账号的键要长，同键同内容才是同一件", arguments: TestEngine.enabled)
    func keys(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let body = #"{"text":"楼道灯坏了","category":"R0104"}"#
                for path in ["/cases", "/joins"] {
                    let asked = path == "/cases" ? body : #"{"number":"SJ1","text":"我家也是"}"#
                    let short = try await post(site, path, asked, key: "1")
                    #expect(short.status == 400 && short.text.contains("Idempotency-Key"), "\(short.text)")
                }
                let first = try await post(site, "/cases", body, key: "0123456789abcdef")
                let again = try await post(site, "/cases", body, key: "0123456789abcdef")
                #expect(first.status == 201 && again.text == first.text)
                let other = try await post(site, "/cases", body.replacing("灯", with: "门"), key: "0123456789abcdef")
                #expect(other.status == 422)
                #expect(try await post(site, "/cases", body, key: "0123456789abcdeg").text != first.text)
                let receipt = Shown(first)["receipt"].text
                let note = #"{"receipt":"\#(receipt)","text":"还是黑的"}"#
                for _ in 0..<2 {
                    #expect(try await post(site, "/receipts/notes", note, key: "note-0123456789a").status == 201)
                }
                let notes: Int? = try await house.value("SELECT count(*) FROM case_entry WHERE text = '还是黑的'")
                #expect(notes == 1, "sent again it is the same note")
            }
        }
    }
}
