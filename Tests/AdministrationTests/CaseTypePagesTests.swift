import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The pages on which administrators see and change case types.
@Suite("工单类型的页面")
struct CaseTypePagesTests {
    @Test("列表、流程图、文字版、下载", arguments: TestEngine.enabled)
    func reading(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            for language in [Language.zh, .en] {
                let administrator = try await house.context(.administrator, language: language)
                let list = try await house.open("/admin/case-types", query: [], administrator)
                for type in house.services.queries.types.all {
                    #expect(list.contains("/admin/case-types/\(type.id)") && list.contains(type.name[language]))
                    let page = try await house.open("/admin/case-types/\(type.id)", query: [], administrator)
                    for state in type.states {
                        #expect(page.contains(">\(state.name[language])</text>"), "\(state.id)")
                    }
                    for way in type.transitions { #expect(page.contains(way.name[language]), "\(way.id)") }
                    #expect(page.components(separatedBy: "<g class=\"node").count - 1 == type.states.count)
                }
            }
            let administrator = try await house.context(.administrator)
            let shipped = try #require(house.services.queries.types.shipped("repair"))
            let yaml = try await house.open(
                "/admin/case-types/repair/\(shipped.type.version)", query: [], administrator)
            #expect(yaml == shipped.yaml)
            for path in ["/admin/case-types/nothing", "/admin/case-types/repair/9", "/admin/case-types/repair/draft"] {
                #expect(try await house.open(path, query: [], administrator) == "", "\(path)")
            }
            for person in [DemoStaff.dispatcher, .auditor, .head] {
                let context = try await house.context(person)
                #expect(try await house.open("/admin/case-types", query: [], context) == "", "\(person)")
                #expect(try await house.send("/admin/case-types/need", Form([("do", "start")]), context) == nil)
            }
        }
    }

    @Test("条件、跨环节的时限、工作时间都写出来，办理中不说成最长的一类", arguments: TestEngine.enabled)
    func guardsAndClocks(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let page = try await house.open("/admin/case-types/need", query: [], administrator)
            for condition in ["还没退过单，也没有裁定", "退过单，还没有裁定", "这件要抽查", "这件不抽查", "协办都办完了"] {
                #expect(page.contains("条件：\(condition)"), "\(condition)")
            }
            #expect(page.contains("办结不超过 30 天；要求过重办，复核还不到 2 次"))
            #expect(page.contains(">退单 · 承办单位 *</text>") && page.contains(">签收 · 承办单位</text>"))
            for clock in ["办理时限", "承诺时限", "联系诉求人"] {
                #expect(page.contains("class=\"wide\">\(clock)</th>"), "\(clock)")
            }
            #expect(page.contains("同时还走：联系诉求人、承诺时限、办理时限"))
            #expect(page.contains("7 天的类别：<span class=\"num\">7 天</span>"))
            #expect(page.contains("7 天的类别：<span class=\"num\">5 天 14 小时</span>"), "80 in a hundred")
            #expect(page.contains("2 小时的类别：<span class=\"num\">2 小时</span>"))
            #expect(page.contains("联系上诉求人，或待回访"))
            #expect(page.contains(">按类别，最长 15 天</text>") && !page.contains(">15 天</text>"))
            #expect(page.contains(">40 个工作小时</text>") && page.contains("40 个工作小时，紧急 8 小时"))
            #expect(page.contains("超 8 个工作小时上报一级，每 8 个工作小时一次") && !page.contains("1 天 16 小时"))
            let repair = try await house.open("/admin/case-types/repair", query: [], administrator)
            #expect(repair.contains(">按类别，最长 3 天</text>"))
            let task = try await house.open("/admin/case-types/task", query: [], administrator)
            #expect(task.contains("没有，只有每个环节自己的时限") && task.contains(">3 天</text>"))
            let english = try await house.context(.administrator, language: .en)
            let words = try await house.open("/admin/case-types/need", query: [], english)
            #expect(words.contains("40 working h") && words.contains("If never returned and nothing ruled"))
        }
    }

    @Test("起草、检查、存、试算、发布，写错的留着并指出行", arguments: TestEngine.enabled)
    func editing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = "/admin/case-types/repair"
            func press(_ word: String, _ fields: [(String, String)] = []) async throws -> String {
                try await house.send(path, Form([("do", word)] + fields), administrator) ?? ""
            }
            #expect(try await press("start", [("revision", "0")]) == path + "?done=start")
            let shipped = try #require(house.services.queries.types.shipped("repair"))
            let text = CaseTypeLoader.renumbered(shipped.yaml, version: shipped.type.version + 1)
            let draft = try await house.open(path, query: [], administrator)
            #expect(draft.contains("和现行版没有差别") && draft.contains("发布存好的草稿"))

            let wrong = text.replacing("owner: dispatcher", with: "owner: nobody")
            let checked = try await press("check", [("revision", "1"), ("yaml", wrong)])
            let lines = wrong.split(separator: "\n", omittingEmptySubsequences: false)
            let line = try #require(lines.firstIndex { $0.contains("owner: nobody") })
            #expect(checked.contains("第 \(line + 1) 行：") && checked.contains("owner: nobody"))
            #expect(!checked.contains("发布存好的草稿"), "what is not stored cannot be published")

            let right = text.replacing("zh: 待签收, en: To accept", with: "zh: 等接单, en: To accept")
            let tried = try await press("try", [("revision", "1"), ("yaml", right)])
            #expect(tried.contains("拿最近 30 天的工单试算") && tried.contains("状态“待签收”") == false)
            #expect(tried.contains("状态“等接单”的名称：待签收 → 等接单"), "\(tried.prefix(2000))")
            let stale = try await press("save", [("revision", "0"), ("yaml", right)])
            #expect(stale.contains("孙立") && stale.contains("等接单"), "what was typed is gone")
            #expect(try await press("save", [("revision", "1"), ("yaml", right)]) == path + "?done=save")
            let silent = try await press("publish", [("revision", "2")])
            #expect(silent.contains("请写明为什么改"))
            #expect(try await press("publish", [("revision", "2"), ("reason", "统一叫法")]) == path + "?done=publish")
            let after = try await house.open(path, query: [], administrator)
            #expect(after.contains("统一叫法") && after.contains("等接单") && !after.contains("发布存好的草稿"))
            _ = try await press("start", [("revision", "0")])
            #expect(try await press("discard", [("revision", "1")]) == path + "?done=discard")
        }
    }

    @Test("自己发布了一版，程序带的那版还在列：在办几件、能下载", arguments: TestEngine.enabled)
    func shippedVersion(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = "/admin/case-types/need"
            let shipped = try #require(house.services.queries.types.shipped("need"))
            _ = try await house.report(try await house.draft(), try await house.context(.tenant))
            let open: Int =
                try await house.value("SELECT count(*) FROM case_item WHERE type = 'need' AND is_open = 1") ?? 0
            #expect(open > 0)
            _ = try await house.send(path, Form([("do", "start"), ("revision", "0")]), administrator)
            let form = Form([("do", "publish"), ("revision", "1"), ("reason", "换新版")])
            #expect(try await house.send(path, form, administrator) == path + "?done=publish")
            let page = try await house.open(path, query: [], administrator)
            #expect(page.contains("随程序附带 · 在办 \(open) 件") && page.contains("换新版"))
            #expect(page.contains("href=\"\(path)/\(shipped.type.version)\""))
            #expect(page.contains("href=\"\(path)/\(shipped.type.version + 1)\""))
        }
    }

    @Test("照着一种另起一种", arguments: TestEngine.enabled)
    func ownType(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let taken = try #require(
                try await house.send("/admin/case-types", Form([("id", "repair"), ("from", "need")]), administrator))
            #expect(taken.contains("这个代号已经有了"))
            let odd = try #require(
                try await house.send("/admin/case-types", Form([("id", "报修"), ("from", "need")]), administrator))
            #expect(odd.contains("代号用小写字母开头"))
            let made = try await house.send(
                "/admin/case-types", Form([("id", "piano"), ("from", "repair")]), administrator)
            #expect(made == "/admin/case-types/piano?done=save")
            let form = Form([("do", "publish"), ("revision", "1"), ("reason", "开新业务")])
            let published = try await house.send("/admin/case-types/piano", form, administrator)
            #expect(published == "/admin/case-types/piano?done=publish")
            #expect(try house.services.queries.types.current("piano").version == 1)
        }
    }
}
