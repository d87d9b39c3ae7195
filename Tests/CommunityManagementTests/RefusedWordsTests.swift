import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// Where words go that came with a step which is not open any more.
@Suite("步骤过时了，写的话不丢也不走错门")
struct RefusedWordsTests {
    /// What stands in the field with an id.
    private func words(in id: String, _ page: String) throws -> String {
        let start = try #require(page.firstRange(of: "id=\"\(id)\""), "\(id)")
        let rest = page[start.upperBound...]
        let end = try #require(rest.firstRange(of: "</textarea>"))
        return String(rest[..<end.lowerBound])
    }

    @Test("页面过时的“没解决”：话留在补充里，不进撤回", arguments: TestEngine.enabled)
    func contested(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let id = try await house.report(try await house.draft(), tenant)
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "修好了"), id, handler)
            // The same question, open on another phone, is answered first.
            try await house.take(CaseStep("contest", text: "还是老样子"), id, tenant)
            let form = Form([("text", "三楼按键不亮")])
            let page = try #require(try await house.send("/cases/\(id)/contest", form, tenant))
            #expect(page.contains("现在办不了这一步"))
            #expect(try words(in: "note-text", page).contains("三楼按键不亮"))
            #expect(try !words(in: "withdraw-text", page).contains("三楼按键不亮"))
            #expect(page.contains("<details class=\"do\" name=\"more\" open>"))
            #expect(page.ranges(of: "三楼按键不亮").count == 1)
            #expect(try await house.state(id) == "received")
        }
    }

    @Test("还能要求重办的，话还在要求重办里", arguments: TestEngine.enabled)
    func stillOpen(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let id = try await house.report(try await house.draft(), tenant)
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "修好了"), id, handler)
            // A page of a case that was closed asks by another name for the same.
            let form = Form([("text", "三楼按键不亮")])
            let page = try #require(try await house.send("/cases/\(id)/reopen", form, tenant))
            #expect(try words(in: "contest-text", page).contains("三楼按键不亮"))
            #expect(try !words(in: "note-text", page).contains("三楼按键不亮"))
            #expect(try await house.state(id) == "confirming")
        }
    }
}
