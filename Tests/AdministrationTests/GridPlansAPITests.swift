import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Plans of grids and the book of labels by programs: the commands of the pages, with the same limits.
@Suite("管理接口：网格方案、标签与服务")
struct GridPlansAPITests {
    /// A text as it stands in JSON.
    private func quoted(_ text: String) -> String {
        var json = JSONWriter()
        json.value(text)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("起草、查、改、公布、收回、丢掉；旧版本改不了，审计员只看", arguments: TestEngine.enabled)
    func plans(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let auditor = try await site.program(for: .auditor)
                let base = "/admin/grid-plans"
                let under = #"{"under":"110101001901"}"#
                _ = try await site.shown("POST", base, under, as: auditor, status: 403)
                _ = try await site.shown("POST", base, #"{"under":"110102001001"}"#, as: program, status: 404)
                let begun = try await site.shown("POST", base, under, as: program, status: 201)
                let path = "\(base)/\(begun["id"].text)"
                #expect(begun["state"].text == "draft" && !begun["covered"].isTrue, "the school's yard is in no grid")
                #expect(begun["remarks"].list.contains { $0["text"].text.contains("空隙") && $0["bad"].isTrue })
                let again = try await site.shown("POST", base, under, as: program, status: 201)
                #expect(again["id"].text == begun["id"].text)
                let listed = try await site.shown("GET", base + "?under=110101001901", as: auditor)
                #expect(listed["plans"].list.map { $0["id"].text } == [begun["id"].text])
                _ = try await site.shown("GET", base + "?under=110101001", as: auditor, status: 404)

                func change(_ what: String, _ version: Int) -> String { "{\(what),\"version\":\(version)}" }
                let fill = change(#""do":"fill","line":"116.40710,39.91640""#, 1)
                let filled = try await site.shown("POST", path + "/changes", fill, as: program)
                #expect(filled["version"].text == "2" && filled["covered"].isTrue && filled["good"].isTrue)
                let stale = try await site.shown("POST", path + "/changes", fill, as: program, status: 422)
                #expect(stale["fields"].list.count == 1, "nothing is there to fill any more")
                let line = "116.4028,39.9120\\n116.4028,39.9185"
                let cut = #""do":"split","grid":1,"line":"\#(line)""#
                _ = try await site.shown("POST", path + "/changes", change(cut, 1), as: program, status: 409)
                _ = try await site.shown(
                    "POST", path + "/changes", change(#""do":"fill""#, 2), as: program, status: 422)
                let split = try await site.shown("POST", path + "/changes", change(cut, 2), as: program)
                #expect(split["version"].text == "3" && split["good"].isTrue)

                let drawn = try await site.ask("GET", "/api/v1" + path + "/grids.geojson", headers: program.headers)
                #expect(drawn.status == 200 && drawn.text.contains("FeatureCollection"))
                let sketch = #"{"geojson":\#(quoted(drawn.text)),"version":3}"#
                let tried = try await site.shown("POST", path + "/trial", sketch, as: program)
                #expect(tried["good"].isTrue)
                _ = try await site.shown("POST", path + "/trial", sketch, as: auditor, status: 403)
                let saved = try await site.shown("PUT", path, sketch, as: program)
                #expect(saved["version"].text == "4" && saved["good"].isTrue)
                _ = try await site.shown("PUT", path, #"{"geojson":"{}","version":4}"#, as: program, status: 422)

                let day = house.clock.clock.now.date
                let when = { (day: CivilDate) in #"{"day":"\#(day)","reason":"楼多了，拆一个网格"}"# }
                let past = when(day.adding(days: -1))
                let refused = try await site.shown("POST", path + "/publication", past, as: program, status: 422)
                #expect(refused["fields"].list.map { $0["name"].text } == ["day"])
                let published = try await site.shown(
                    "POST", path + "/publication", when(day.adding(days: 2)), as: program)
                #expect(published["state"].text == "published" && published["number"].text == "1")
                #expect(published["holdsFrom"].text == "\(day.adding(days: 2))T00:00:00+08:00", "midnight here")
                _ = try await site.shown("DELETE", path + "/publication", as: auditor, status: 403)
                _ = try await site.shown("DELETE", path + "/publication", as: program, status: 204)
                _ = try await site.shown("DELETE", path, as: program, status: 204)
                _ = try await site.shown("GET", path, as: program, status: 404)
            }
        }
    }

    @Test("标签与服务：读、试、发布要写原因，写错的一行行说", arguments: TestEngine.enabled)
    func labels(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let auditor = try await site.program(for: .auditor)
                let path = "/admin/labels"
                let book = try await site.shown("GET", path, as: auditor)
                #expect(book["labels"].list.contains { $0["id"].text == "aged" } && book["history"].list.isEmpty)
                let text = quoted(book["text"].text)
                let same = try await site.shown("POST", path + "/trial", #"{"text":\#(text)}"#, as: program)
                #expect(same["labels"].list.count == book["labels"].list.count)
                _ = try await site.shown("POST", path + "/trial", #"{"text":"???"}"#, as: program, status: 422)
                _ = try await site.shown("POST", path + "/trial", #"{"text":\#(text)}"#, as: auditor, status: 403)
                let publication = #"{"text":\#(text),"reason":"重发一遍"}"#
                let published = try await site.shown("POST", path, publication, as: program)
                #expect(published["history"].list.map { $0["reason"].text } == ["重发一遍"])
                _ = try await site.shown("POST", path, #"{"text":\#(text),"reason":" "}"#, as: program, status: 422)
            }
        }
    }
}
