import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// The ledger as a page and a table, the signature on the form, the plan by a label.
@Suite("走访台账和签名的页面")
struct VisitLedgerPagesTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)

    private func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    /// A visit announced to an elder; its page.
    private func announce(_ house: House) async throws -> String {
        let elder = try await house.enterElder()
        let household = try await house.services.database.read {
            try RegisterQueries.homes(of: elder, $0).compactMap(\.household).first
        }
        let worker = try await house.context(DemoStaff.gridWorker1)
        let target = try await house.send(
            "/grid/visits/new",
            form(
                ("household", "\(try #require(household))"), ("reason", "看看您"),
                ("day", worker.now.date.adding(days: 1).description), ("part", "morning")), worker)
        return String(try #require(target).prefix { $0 != "?" })
    }

    @Test("不用脚本签名：名字加打勾，少一样说清楚；跟进的工单要真有", arguments: TestEngine.enabled)
    func typedSignature(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let path = try await announce(house)
            let worker = try await house.context(DemoStaff.gridWorker1)
            #expect(try await house.open(path, query: [], worker).contains("请住户签名"))
            for half in [form(("changed", "no"), ("signer", "张桂兰")), form(("changed", "no"), ("signed", "yes"))] {
                let refused = try await house.send(path + "/done", half, worker)
                #expect(refused?.contains("签名要写名字，并由本人确认打勾") == true)
            }
            let signed = form(("changed", "no"), ("signer", "张桂兰"), ("signed", "yes"), ("q.gasAlarm", "能用"))
            #expect(try await house.send(path + "/done", signed, worker) == "/grid/visits?done=done")
            let over = try await house.open(path, query: [], worker)
            #expect(over.contains("住户签名") && over.contains("张桂兰") && over.contains("没变化"))
            #expect(!over.contains(path + "/signature"), "nothing was drawn")
            #expect(try await house.open(path + "/signature", query: [], worker).isEmpty)
            let unknown = try await house.send(path + "/follow-up", form(("number", "SJ20000101-0001")), worker)
            #expect(unknown?.contains("没有这个编号的工单") == true)
            let taken = try await house.report(try await house.draft(), try await house.context(.tenant))
            let number = try #require(
                try await house.value("SELECT number FROM case_item WHERE id = \(taken)", as: String.self))
            #expect(
                try await house.send(path + "/follow-up", form(("number", number.lowercased())), worker) == path
                    + "?done=follow")
            #expect(try await house.open(path, query: [], worker).contains(number))
        }
    }

    @Test("手写的签名存成文件，页面上只给看得到这次走访的人", arguments: TestEngine.enabled)
    func drawnSignature(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let path = try await announce(house)
            let worker = try await house.context(DemoStaff.gridWorker1)
            let picture = "\(house.folder)/\(randomToken())"
            try Data([0xFF, 0xD8, 0xFF, 0xE0] + Array("ink".utf8)).write(to: URL(fileURLWithPath: picture))
            let upload = Upload(field: "signature", filename: "signature.png", path: picture, size: 7)
            let id = try #require(path.split(separator: "/").last.map(String.init))
            let route = try #require(VisitRoutes.all.first { $0.path == "/grid/visits/:id/done" })
            // A form that is refused keeps what was drawn.
            let tooMuch = form(("changed", "yes"), ("note", String(repeating: "长", count: 501)))
            let request = Request(
                method: .post, path: path + "/done", parameters: ["id": id], form: tooMuch, uploads: [upload],
                context: worker, formToken: "token")
            guard case .page(let page) = try await route.handle(request, house.services).content else {
                Issue.record("a note that is too long was taken")
                return
            }
            let text = page.body.string(.zh)
            let kept = try #require(text.firstMatch(of: #/name="kept-signature" value="([^"]+)"/#)?.output.1)
            let done = form(("changed", "no"), ("kept-signature", String(kept)))
            #expect(try await house.send(path + "/done", done, worker) == "/grid/visits?done=done")
            #expect(try await house.open(path, query: [], worker).contains(path + "/signature"))
            #expect(try await !house.open(path + "/signature", query: [], worker).isEmpty)
            #expect(
                try await house.open(path + "/signature", query: [], house.context(DemoStaff.gridWorker3)).isEmpty)
            let readings: SQL = "SELECT count(*) FROM audit_entry WHERE command = 'visits.readSignature'"
            #expect(try await house.value(readings, as: Int.self) == 1)
        }
    }

    @Test("台账页、导出要用途、有水印和审计；谁去的在，住户的人和号码不在", arguments: TestEngine.enabled)
    func ledger(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let path = try await announce(house)
            let worker = try await house.context(DemoStaff.gridWorker1)
            let done = form(("changed", "yes"), ("q.gasAlarm", "坏了"), ("note", "=约了师傅"))
            #expect(try await house.send(path + "/done", done, worker) == "/grid/visits?done=done")
            let head = try await house.context(DemoStaff.head)
            let month = VisitMonth(head.now.date).description
            let page = try await house.open("/desk/visits/ledger", query: [], head)
            for word in ["李强", "见到", "上门", "燃气报警器能用吗：坏了", "导出这个月的台账"] {
                #expect(page.contains(word), "\(word)")
            }
            #expect(!page.contains("张桂兰"))
            let staff = try await house.context(DemoStaff.worker)
            #expect(try await !house.open("/desk/visits/ledger", query: [], staff).contains("导出这个月"))
            #expect(try await house.open("/desk/visits/ledger", query: [], worker).isEmpty)
            let before = VisitMonth(head.now.date).before.before.before.description
            let empty = try await house.open("/desk/visits/ledger", query: [("month", before)], head)
            #expect(empty.contains("这个月还没有走访"))
            func ask(_ purpose: String, _ month: String, _ format: String = "csv") -> Form {
                form(("division", "\(Self.grid)"), ("month", month), ("purpose", purpose), ("format", format))
            }
            let refused = try await house.send("/desk/visits/ledger", ask("看", month), head)
            #expect(refused?.contains("请写明用途") == true)
            let nothing = try await house.send("/desk/visits/ledger", ask("走访工作检查", before), head)
            #expect(nothing?.contains("这个月没有走访记录") == true)
            let csv = try #require(try await house.send("/desk/visits/ledger", ask("走访工作检查", month), head))
            #expect(csv.contains("马秀英") && csv.contains("用途：走访工作检查") && csv.contains("李强"))
            #expect(csv.contains("走访台账（自然月，11月1日至11月30日）"))
            #expect(!csv.contains("张桂兰") && !csv.contains("\"=约") && csv.contains("燃气报警器能用吗：坏了"))
            let sheet = try await house.reply("/desk/visits/ledger", ask("走访工作检查", month, "xlsx"), head)
            guard case .bytes(let bytes, _) = sheet.content else {
                Issue.record("no workbook")
                return
            }
            #expect(bytes.starts(with: [0x50, 0x4B]))
            let audits: SQL = "SELECT count(*) FROM audit_entry WHERE command = 'visits.export'"
            #expect(try await house.value(audits, as: Int.self) == 2)
            #expect(try await house.send("/desk/visits/ledger", ask("走访工作检查", month), staff) == nil)
            let other = try await house.context(DemoStaff.locustHead)
            #expect(try await house.send("/desk/visits/ledger", ask("走访工作检查", month), other) == nil)
        }
    }

    @Test("按标签的计划：选得到的列着，名字只给看得到的人", arguments: TestEngine.enabled)
    func planByLabel(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(DemoStaff.head)
            let page = try await house.open("/desk/visits", query: [], head)
            #expect(page.contains("高龄（80 岁以上）") && page.contains("其中有这个标签的"))
            let fields = [
                ("name", "高龄常看"), ("division", "\(Self.grid)"), ("label", "aged"), ("everyDays", "3"), ("form", ""),
            ]
            let made = Form(fields.map { (name: $0.0, value: $0.1) })
            #expect(try await house.send("/desk/visits/plans", made, head) == "/desk/visits?done=plan")
            #expect(try await house.open("/desk/visits", query: [], head).contains("有“高龄（80 岁以上）”标签"))
        }
    }

    @Test("月份读得对") func months() throws {
        let month = try #require(VisitMonth("2026-02"))
        #expect(month.start == (try Instant(#require(CivilDate(year: 2026, month: 2, day: 1)))))
        #expect(month.end == (try Instant(#require(CivilDate(year: 2026, month: 3, day: 1)))))
        #expect(month.before.description == "2026-01" && month.before.before.description == "2025-12")
        #expect(VisitMonth("2026-13") == nil && VisitMonth("2026") == nil && VisitMonth("") == nil)
    }
}
