import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import Administration

/// What an auditor reads: everything that was done and nothing that was said, page by page, each look noted.
@Suite("审计员看审计")
struct AuditTrailTests {
    @Test("页面：谁、做了什么、对什么、为什么、封没封；不写姓名和内容", arguments: TestEngine.enabled)
    func page(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let administrator = try await site.staff(.administrator)
                let worker = try await house.context(DemoStaff.worker)
                let account = try #require(worker.actor.account)
                #expect(try await site.send("/admin/accounts/\(account)/unlock", [], as: administrator).status == 303)
                #expect(try await house.verifiedAudit().problem == nil)
                let auditor = try await site.staff(.auditor)
                let path = "/admin/audit?kind=account&id=\(account)&command=accounts.unlock"
                let page = try await site.open(path, as: auditor)
                #expect(page.status == 200)
                let own = try #require(administrator.actor.account)
                for word in ["accounts.unlock", "\(own)", "系统管理员", "failures", "第 "] {
                    #expect(page.text.contains(word), "\(word)")
                }
                let main = page.text.components(separatedBy: "<main").last ?? ""
                #expect(!main.contains(worker.actor.name) && !main.contains(administrator.actor.name))
                let bad = try await site.open("/admin/audit?command=a%20b&from=2026-13-01&id=x", as: auditor)
                #expect(bad.status == 422 && bad.text.contains("value=\"a b\""), "what was typed stays")
                #expect(try await site.open("/admin/audit", as: administrator).status == 403)
                #expect(try await site.open("/admin/operations", as: administrator).status == 200)
                #expect(try await site.open("/admin/audit?after=0000000000001", as: auditor).status == 404)
            }
        }
    }

    @Test("看一次留一行：筛了什么、谁看的；没看成的不留", arguments: TestEngine.enabled)
    func looksAreNoted(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .auditor)
                let query = "?command=access.&from=2026-01-01&until=2026-12-31"
                _ = try await site.shown("GET", "/admin/audit" + query, as: program)
                _ = try await site.shown("GET", "/admin/audit?from=gestern", as: program, status: 400)
                let reader = try await site.program(for: .administrator)
                _ = try await site.shown("GET", "/admin/audit", as: reader, status: 403)
                let lines = try await site.shown("GET", "/admin/audit?command=audit.read", as: program)["lines"].list
                #expect(lines.count == 2, "the first look and this one")
                #expect(lines.last?["reason"].text == "access. 2026-01-01– –2026-12-31")
                #expect(lines.last?["fields"].list.map(\.text) == ["command", "time"])
                #expect(lines.last?["account"].text == "\(try #require(program.actor.account))")
                #expect(lines.last?["roles"].list.map(\.text) == ["auditor"])
                #expect(lines.allSatisfy { $0["subjectKind"].text == "audit" && $0["subject"].text.isEmpty })
            }
        }
    }

    @Test("接口按对象、命令、日期筛，一页一页翻完，一行不漏不重", arguments: TestEngine.enabled)
    func paging(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(DemoStaff.worker)
            for number in 1...120 {
                try await house.services.database.write(worker, "test.page", reason: "第 \(number) 次") { tx in
                    try tx.audit(Subject("test", 77, division: DemoDivision.happiness), fields: ["one", "two"])
                }
            }
            try await withSite(house) { site in
                let program = try await site.program(for: .auditor)
                let subject = "\(ID<Subject>(rawValue: 77))"
                for filter in ["kind=test&id=\(subject)", "command=test.page", "command=test.&kind=test"] {
                    var (seen, next, pages) = ([String](), "", 0)
                    repeat {
                        let page = try await site.shown("GET", "/admin/audit?\(filter)\(next)", as: program)
                        let lines = page["lines"].list
                        #expect(lines.allSatisfy { $0["command"].text == "test.page" }, "\(filter)")
                        seen += lines.map { $0["reason"].text }
                        next = page["next"].text.isEmpty ? "" : "&after=" + page["next"].text
                        pages += 1
                    } while !next.isEmpty && pages < 10
                    #expect(seen == (1...120).reversed().map { "第 \($0) 次" }, "\(filter)")
                }
                let none = try await site.shown("GET", "/admin/audit?kind=test&until=2026-01-01", as: program)
                #expect(none["lines"].list.isEmpty && none["next"].text.isEmpty)
                let day = house.clock.clock.now.date
                let some = try await site.shown(
                    "GET", "/admin/audit?kind=test&from=\(day)&until=\(day)", as: program)["lines"].list
                #expect(some.count == 50)
                #expect(some.first?["division"].text == "110101001901000")
            }
        }
    }

    @Test("少见的记录：看满一段就停，从停下的地方接着找", arguments: TestEngine.enabled)
    func bounded(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(DemoStaff.worker)
            try await note("rare.first", worker, house)
            for _ in 0..<30 { try await note("common.thing", worker, house) }
            try await note("rare.last", worker, house)
            let limits = AuditTrailStore.Limits(examined: 10, shown: 5)
            var (filter, found, looks) = (AuditFilter(), [String](), 0)
            filter.command = "rare."
            repeat {
                let wanted = filter
                let page = try await house.services.database.read { tx in
                    try AuditTrailStore.page(wanted, in: nil, at: worker.now, limits, tx)
                }
                found += page.lines.map(\.command)
                filter.after = page.next
                looks += 1
            } while filter.after != nil && looks < 10_000
            #expect(found == ["rare.last", "rare.first"])
            #expect(looks >= 4, "ten lines a look")
        }
    }

    private func note(_ command: String, _ context: Context, _ house: House) async throws {
        try await house.services.database.write(context, CommandID(stringLiteral: command)) { tx in
            try tx.audit(Subject("test", 1), fields: ["one"])
        }
    }

    @Test("一部分区划的审计员只看这部分；不属于哪里的由全域审计员看", arguments: TestEngine.enabled)
    func reach(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(DemoStaff.worker)
            for division in [DemoDivision.happiness, DivisionCode(rawValue: 110_111_105_200_000), nil] {
                try await house.services.database.write(worker, "test.place") { tx in
                    try tx.audit(Subject("test", 5, division: division), fields: ["one"])
                }
            }
            let wish = OperatorAccounts.Wish(
                phone: "13900001288", name: "街道审计员", role: "auditor", division: "110101001", unit: "")
            _ = try await OperatorAccounts(house.services).add(wish, .system("user", now: house.clock.clock.now))
            try await withSite(house) { site in
                let whole = try await site.program(for: .auditor)
                let all = try await site.shown("GET", "/admin/audit?command=test.place", as: whole)["lines"].list
                #expect(all.count == 3)
                let part = try await site.program(phone: wish.phone)
                let some = try await site.shown("GET", "/admin/audit?command=test.place", as: part)["lines"].list
                #expect(some.map { $0["division"].text } == ["110101001901000"])
                let signIns = try await site.shown("GET", "/admin/audit?command=access.", as: part)["lines"].list
                #expect(signIns.isEmpty)
            }
        }
    }

    @Test("封到哪里：批次、根、等着的，与库里一样", arguments: TestEngine.enabled)
    func seal(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            #expect(try await house.verifiedAudit().problem == nil)
            let sealed = try await house.services.database.read { try AuditTrailStore.seal($0) }
            #expect(sealed.waiting == 0 && sealed.waitingSince == nil && sealed.batch > 0 && sealed.root.count == 32)
            try await note("test.waiting", try await house.context(DemoStaff.worker), house)
            let now = house.clock.clock.now
            let waiting = try await house.services.database.read { try AuditTrailStore.seal($0) }
            #expect(waiting.waiting == 1 && waiting.waitingSince == now && waiting.root == sealed.root)
        }
    }
}
