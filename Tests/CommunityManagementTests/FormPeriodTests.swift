import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// One period of a form has one round, however somebody spells it.
@Suite("报表的一期")
struct FormPeriodTests {
    private func read(_ typed: String, _ rhythm: FormRhythm, _ day: String = "2026-11-22") throws -> String? {
        FormPeriod(typed, rhythm, on: try #require(CivilDate(day)))?.text
    }

    @Test("怎么写都认得：中文、数字、全角、英文，没有年份的是最近的一期") func spellings() throws {
        for typed in [
            "2026年11月", "2026-11", "2026/11", "2026.11", "202611", "２０２６－１１", "２０２６年１１月", " 2026 年 11 月份 ",
            "二〇二六年十一月", "11月", "十一月", "11", "Nov 2026", "November, 2026", "11/2026", "26年11月",
        ] {
            #expect(try read(typed, .month) == "2026年11月", "\(typed)")
        }
        for typed in ["2026年第4季度", "2026年四季度", "2026Q4", "Q4 2026", "2026-q4", "4季度", "第四季度"] {
            #expect(try read(typed, .quarter) == "2026年第4季度", "\(typed)")
        }
        for typed in ["2026年下半年", "2026H2", "下半年", "H2 2026"] {
            #expect(try read(typed, .halfYear, "2026-12-31") == "2026年下半年", "\(typed)")
        }
        for typed in ["2026", "2026年", "2026年度", "二〇二六年", "２０２６"] {
            #expect(try read(typed, .year) == "2026年", "\(typed)")
        }
        for typed in ["2026年第48周", "2026-W48", "48周", "week 48 2026", "2026-11-23", "11月29日", "20261125"] {
            #expect(try read(typed, .week) == "2026年第48周", "\(typed)")
        }
        #expect(try read("12月", .month, "2027-01-04") == "2026年12月")
        #expect(try read("1月", .month, "2026-12-28") == "2027年1月")
        #expect(try read("第四季度", .quarter, "2027-01-04") == "2026年第4季度")
        #expect(try read("2027-01-01", .week) == "2026年第53周", "the first week has the first Thursday")
        #expect(try read("2026-W53", .week) == "2026年第53周")
    }

    @Test("看不出的、不是这种周期的不收；一次性的表可以自己起名") func refused() throws {
        for typed in ["", "来年", "2026年冬", "2026年13月", "2026-11-15", "2026Q4", "2026", "11月-12月", "2026-11月报", "123"] {
            #expect(try read(typed, .month) == nil, "\(typed)")
        }
        for typed in ["2026年11月", "2026-4", "Q5", "2026"] { #expect(try read(typed, .quarter) == nil, "\(typed)") }
        for typed in ["2026W54", "2027年第53周", "2026-02-30", "0周"] { #expect(try read(typed, .week) == nil, "\(typed)") }
        for typed in ["1999", "2026-11", "26"] { #expect(try read(typed, .year) == nil, "\(typed)") }
        #expect(try read("2026-11", .once) == "2026年11月")
        #expect(try read(" 第一次　摸底 ", .once) == "第一次 摸底")
        #expect(try read("", .once) == nil)
        #expect(try read(String(repeating: "长", count: 21), .once) == nil)
    }

    @Test("页面上先写好的一期，自己都认得") func suggested() throws {
        let first = try #require(CivilDate("2026-01-01"))
        for days in stride(from: 0, through: 800, by: 3) {
            let day = first.adding(days: days)
            for rhythm in FormRhythm.allCases {
                let period = FormPeriod(rhythm, around: day)
                #expect(FormPeriod(period.text, rhythm, on: day) == period, "\(rhythm) \(day)")
            }
        }
    }

    @Test("同一期换个写法还是那一期，早先照原样存下的也算", arguments: TestEngine.enabled)
    func oneRound(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterElder()
            let head = try await house.context(.head)
            let form = try await house.registerForm(["序号", "姓名", "鞋码"], issuer: "区民政局")
            let round = try #require(try await house.send(form + "/rounds", Form([("period", "2026-11")]), head))
            for typed in ["2026年11月", "11月", "２０２６．１１", "Nov 2026"] {
                #expect(try await house.send(form + "/rounds", Form([("period", typed)]), head) == round, "\(typed)")
            }
            let first = try await house.formRound(round)
            #expect(first.period == "2026年11月")
            // As it was typed before periods had one spelling.
            try await house.services.database.write(head, "test.period") { tx in
                try tx.execute("UPDATE demanded_round SET period = '十一月份' WHERE id = \(first.id)")
                try tx.audit(Subject("demandedRound", first.id))
            }
            #expect(try await house.send(form + "/rounds", Form([("period", "2026-11")]), head) == round)
            #expect(try await house.formRound(round).period == "十一月份")
            let other = try #require(try await house.send(form + "/rounds", Form([("period", "12月")]), head))
            #expect(other != round)
            let refused = try #require(try await house.send(form + "/rounds", Form([("period", "明年冬天")]), head))
            #expect(refused.contains("看不出是哪一期") && refused.contains("如 2026年11月、2026-11、11月"))
            #expect(refused.contains("value=\"明年冬天\""), "what was typed stays")
            let count = try await house.value(
                "SELECT count(*) FROM demanded_round WHERE form_id = \(first.form)", as: Int.self)
            #expect(count == 2)
        }
    }
}
