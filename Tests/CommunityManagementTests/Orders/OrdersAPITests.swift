import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What programs do with orders: all that the page does.
@Suite("12345 工单接口")
struct OrdersAPITests {
    private func body(_ more: String = "") -> String {
        """
        {"number":"12345-B","title":"路灯不亮","text":"幸福里小区门口的灯坏了","division":"110101001","address":"幸福里小区",
        "category":"C0118","callerName":"赵六","callerPhone":"13800003333","dispatchedAt":"2026-11-22T02:00:00+08:00",
        "dueAt":"2026-11-29T02:00:00+08:00","columns":[{"name":"科室意见","text":"请速办，联系13900004444"}]\(more)}
        """
    }

    @Test("列出、看一件、申请、裁定、答复，和页面一样；别处的看不到", arguments: TestEngine.enabled)
    func work(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // Identifiers go by the clock: what comes now is newer than the demo.
            house.clock.advance(minutes: 60)
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let far = try await site.program(for: .townDispatcher)
                let id = try await site.shown("POST", "/orders", body(), as: dispatcher)["id"].text
                let list = try await site.shown("GET", "/orders?limit=1", as: dispatcher)
                let row = try #require(list["orders"].list.first)
                #expect(row["number"].text == "12345-B" && row["id"].text == id && row["title"].text == "路灯不亮")
                #expect(row["dueAt"].text == "2026-11-29T02:00:00+08:00")
                // The demo's orders come before it.
                let next = list["next"].text
                let older = try await site.shown("GET", "/orders?limit=1&before=\(next)", as: dispatcher)["orders"].list
                #expect(older.count == 1 && older.first?["number"].text != "12345-B")
                let others = try await site.shown("GET", "/orders?all=true", as: far)["orders"].list
                #expect(!others.contains { $0["number"].text == "12345-B" })
                _ = try await site.shown("GET", "/orders/12345-B", as: far, status: 404)
                let asking = #"{"kind":"extend","reasonClass":"complex","text":"灯杆要重新立"}"#
                _ = try await site.shown("POST", "/orders/12345-B/requests", asking, as: far, status: 404)
                let asked = try await site.shown(
                    "POST", "/orders/12345-B/requests", asking, as: dispatcher, status: 201)
                #expect(asked["requests"].list.first?["state"].text == "waiting")
                #expect(asked["reasons"].list.contains { $0["kind"].text == "extend" && $0["id"].text == "complex" })
                _ = try await site.shown("POST", "/orders/12345-B/requests", asking, as: dispatcher, status: 409)
                let empty = #"{"kind":"extend","granted":true}"#
                _ = try await site.shown("POST", "/orders/12345-B/rulings", empty, as: dispatcher, status: 422)
                let granted = #"{"kind":"extend","granted":true,"text":"同意","dueAt":"2026-12-02T02:00:00+08:00"}"#
                let ruled = try await site.shown(
                    "POST", "/orders/12345-B/rulings", granted, as: dispatcher, status: 201)
                #expect(ruled["dueAt"].text == "2026-12-02T02:00:00+08:00")
                #expect(ruled["requests"].list.first?["state"].text == "granted")
                // Our own is earlier, and not the four hours in which it is to be signed for.
                let own = try #require(Instant(w3c: ruled["ownDueAt"].text))
                #expect(own > House.start.adding(days: 2) && own < (Instant(w3c: ruled["dueAt"].text) ?? own))
                let words = #"{"text":"已派单，电话13800003333"}"#
                let replied = try await site.shown(
                    "POST", "/orders/12345-B/replies", words, as: dispatcher, status: 201)
                #expect(replied["replies"].list.first?["text"].text == "已派单，电话138****3333")
                #expect(!replied["repliedAt"].text.isEmpty)
                let left = try await site.shown("GET", "/orders", as: dispatcher)["orders"].list
                #expect(!left.contains { $0["number"].text == "12345-B" }, "it is answered")
                let reply = try await site.shown("GET", "/orders/12345-B/reply", as: dispatcher)
                #expect(reply["ownDueAt"].text == ruled["ownDueAt"].text && reply["text"].text.contains("延期"))
            }
        }
    }

    @Test("原单：要写用途，答复不留；原单照片只收自己传的", arguments: TestEngine.enabled)
    func received(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let other = try await house.photo(try await house.context(.propertyHandler))
            let sheet = try await house.photo(try await house.context(.dispatcher))
            func audits() async throws -> Int {
                try await house.value("SELECT count(*) FROM audit_entry WHERE command = 'secrets.reveal'") ?? 0
            }
            let before = try await audits()
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                _ = try await site.shown(
                    "POST", "/orders", body(#","sheet":"\#(other)""#), as: dispatcher, status: 422)
                let taken = try await site.shown("POST", "/orders", body(#","sheet":"\#(sheet)""#), as: dispatcher)
                #expect(taken["result"].text == "added")
                #expect(try await site.shown("GET", "/orders/12345-B", as: dispatcher)["hasSheet"].isTrue)
                #expect(try await site.open("/api/v1/orders/12345-B/sheet", as: dispatcher).status == 200)
                let path = "/orders/12345-B/received"
                _ = try await site.shown("POST", path, #"{"purpose":"看"}"#, as: dispatcher, status: 422)
                let purpose = #"{"purpose":"核对事发地址"}"#
                let shown = try await site.shown("POST", path, purpose, as: dispatcher)["columns"].list
                let columns = Dictionary(
                    shown.map { ($0["name"].text, $0["text"].text) }, uniquingKeysWith: { first, _ in first })
                #expect(columns["科室意见"] == "请速办，联系13900004444" && columns["callerName"] == "赵六")
                #expect(columns["title"] == "路灯不亮" && columns["sheet"] == nil)
                let far = try await site.program(for: .townDispatcher)
                _ = try await site.shown("POST", path, purpose, as: far, status: 404)
                _ = try await site.shown("GET", "/orders/12345-B/sheet", as: far, status: 404)
            }
            #expect(try await audits() == before + 1)
        }
    }

    @Test("市级回访结果：导入、改正、按月汇总；重复的和别处的不收", arguments: TestEngine.enabled)
    func results(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                _ = try await site.shown("POST", "/orders", body(), as: dispatcher)
                func rows(_ rows: String) -> String { #"{"division":"110101001","results":[\#(rows)]}"# }
                let ours = #"{"number":"12345-B","month":202611,"contacted":true,"solved":false,"grade":2}"#
                let twice = try await site.shown(
                    "POST", "/order-results", rows("\(ours),\(ours)"), as: dispatcher, status: 422)
                #expect(twice["fields"].list.first?["name"].text == "results.1.number")
                let never = #"{"number":"x","month":202613}"#
                _ = try await site.shown("POST", "/order-results", rows(never), as: dispatcher, status: 422)
                let unknown = #"{"number":"elsewhere-1","month":202611,"contacted":true}"#
                let done = try await site.shown("POST", "/order-results", rows("\(ours),\(unknown)"), as: dispatcher)
                #expect(done["imported"].text == "2")
                let order = try await site.shown("GET", "/orders/12345-B", as: dispatcher)["results"].list
                #expect(order.count == 1 && order.first?["grade"].text == "2")
                #expect(order.first?["contacted"].isTrue == true && order.first?["solved"].isTrue == false)
                let better = #"{"number":"12345-B","month":202611,"contacted":true,"solved":true,"grade":4}"#
                house.clock.advance(minutes: 1)
                _ = try await site.shown("POST", "/order-results", rows(better), as: dispatcher)
                let sums = try await site.shown("GET", "/order-results?month=202611", as: dispatcher)
                #expect(sums["source"].text == "city" && sums["orders"].text == "2" && sums["contacted"].text == "2")
                #expect(sums["solved"].text == "1" && sums["unsolved"].text == "0" && sums["graded"].text == "1")
                let far = try await site.program(for: .townDispatcher)
                _ = try await site.shown("POST", "/order-results", rows(better), as: far, status: 404)
                let handler = try await site.program(for: .propertyHandler)
                _ = try await site.shown("POST", "/order-results", rows(better), as: handler, status: 403)
                let future = #"{"number":"12345-B","month":209911}"#
                let refused = try await site.shown("POST", "/order-results", rows(future), as: dispatcher, status: 422)
                #expect(refused["fields"].list.first?["name"].text == "results.0.month")
                let imports = try await site.shown("GET", "/order-results/imports", as: dispatcher)["imports"].list
                #expect(imports.first?["orders"].text == "1" && imports.first?["firstMonth"].text == "202611")
                let back = #"{"number":"12345-B","reason":"导错了月份"}"#
                _ = try await site.shown("POST", "/order-results/back", back, as: far, status: 404)
                let taken = try await site.shown("POST", "/order-results/back", back, as: dispatcher)
                #expect(taken["takenBack"].text == "1")
                let rest = try await site.shown("GET", "/order-results?month=202611", as: dispatcher)
                #expect(rest["orders"].text == "1")
            }
        }
    }
}
