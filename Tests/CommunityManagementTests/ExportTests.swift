import Administration
import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets
import LinliTestSupport
import Testing

/// Taking a list of cases away.
@Suite("导出工单")
struct ExportTests {
    private static func form(_ more: (String, String)...) -> Form {
        Form(([("purpose", "十一月超期通报")] + more).map { (name: $0.0, value: $0.1) })
    }

    private static func bytes(_ reply: Reply) -> [UInt8] {
        if case .bytes(let bytes, _) = reply.content { bytes } else { [] }
    }

    private static func csv(_ reply: Reply) -> [String] {
        String(decoding: bytes(reply), as: UTF8.self).components(separatedBy: "\r\n").filter { !$0.isEmpty }
    }

    @Test("照列表的条件导出，公式、号码、诉求人都出不去，先记审计", arguments: TestEngine.enabled)
    func csv(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let formula = try await house.report(try await house.draft("=cmd 电梯坏了，打13800138000"), tenant)
            _ = try await house.report(try await house.draft("家里停水", category: "R0301"), tenant)
            let dispatcher = try await house.context(.dispatcher)
            let lines = Self.csv(
                try await house.reply(
                    "/desk/export", Self.form(("format", "csv"), ("category", "R0202"), ("order", "newest")), dispatcher
                ))
            #expect(lines[0].contains("周敏 于 ") && lines[0].contains("用途：十一月超期通报"))
            #expect(lines[1].hasPrefix("编号,标题,内容"))
            let row = try #require(lines.first { $0.contains("cmd 电梯坏了") })
            let number = try await house.value("SELECT number FROM case_item WHERE id = \(formula)", as: String.self)
            #expect(row.hasPrefix(try #require(number)) && row.contains("'=cmd") && !row.contains("13800138000"))
            #expect(!lines.contains { $0.contains("家里停水") })
            let mask = try await house.value(
                "SELECT reporter_mask FROM case_item WHERE id = \(formula)", as: String.self)
            #expect(mask?.isEmpty == true || !row.contains(mask ?? ""))
            let audited = try await house.value(
                """
                SELECT count(*) FROM audit_entry WHERE command = 'cases.export' AND reason = '十一月超期通报'
                AND fields = \("cases,csv,open,rows:\(lines.count - 2)")
                """, as: Int.self)
            #expect(audited == 1)
        }
    }

    @Test("Excel 表第一行写着谁、何时、为什么，第二行是列名", arguments: TestEngine.enabled)
    func xlsx(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let reply = try await house.reply("/desk/export", Self.form(("format", "xlsx")), dispatcher)
            let path = house.folder + "/out.xlsx"
            try Data(Self.bytes(reply)).write(to: URL(fileURLWithPath: path))
            let rows = try Sheet.rows(file: path)
            #expect(rows[0].cells[0].contains("请勿外传") && rows[1].cells.prefix(2) == ["编号", "标题"])
            let listed = try await house.services.queries.list(
                CaseFilter(limit: 5000), dispatcher.actor.scope(for: .casesExport), at: dispatcher.now)
            #expect(rows.count == listed.count + 2 && listed.count > 20)
            #expect(Set(rows.dropFirst(2).map { $0.cells[0] }) == Set(listed.map(\.number)))
        }
    }

    @Test("页码一页接一页，一件不漏、一件不重", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let scope = dispatcher.actor.scope(for: .casesExport)
            var filter = CaseFilter(limit: 7)
            let whole = try await house.services.queries.list(CaseFilter(limit: 5000), scope, at: dispatcher.now)
            var seen: [ID<Case>] = []
            while true {
                let found = try await house.services.queries.list(filter, scope, at: dispatcher.now)
                seen += found.prefix(7).map(\.id)
                guard found.count > 7, let last = found.prefix(7).last else { break }
                filter.after = CaseCursor(at: last.dueAt, id: last.id)
            }
            #expect(seen == whole.map(\.id))
        }
    }

    @Test("别的街道的、被投诉单位的看不到；没有这项权限的、没写用途的都不行", arguments: TestEngine.enabled)
    func access(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let id = try await house.report(try await house.draft(), tenant)
            let number = try #require(
                try await house.value("SELECT number FROM case_item WHERE id = \(id)", as: String.self))
            let town = Self.csv(
                try await house.reply(
                    "/desk/export", Self.form(("format", "csv")), try await house.context(.townDispatcher)))
            #expect(town.count > 2 && !town.contains { $0.contains(number) })
            await #expect(throws: LinliError.self) {
                try await house.reply("/desk/export", Self.form(), try await house.context(.propertyHandler))
            }
            let dispatcher = try await house.context(.dispatcher)
            let short = try await house.send("/desk/export", Form([(name: "purpose", value: "看")]), dispatcher)
            #expect(short?.contains("请写明用途") == true)
            let none = try await house.send("/desk/export", Self.form(("category", "R9999")), dispatcher)
            #expect(none?.contains("没有工单") == true)
            let api = try await house.open(
                "/api/v1/exports/cases", query: [("purpose", "月度分析用"), ("tab", "open")], dispatcher)
            #expect(api.contains("用途：月度分析用") && api.contains(number))
            let list = try await house.open("/desk", query: [("tab", "late")], dispatcher)
            #expect(list.contains("/desk/export?tab=late"))
            let theirs = try await house.open("/desk", query: [], try await house.context(.propertyHandler))
            #expect(!theirs.contains("/desk/export"))
        }
    }
}
