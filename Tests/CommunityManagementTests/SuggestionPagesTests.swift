import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Where a person sees a suggestion and has the last word.
@Suite("推荐在页面上")
struct SuggestionPagesTests {
    private func suggested(_ house: House, _ text: String) async throws -> String {
        try await house.open("/report/suggest", query: [("text", text)], house.visitor)
    }

    @Test("居民填表：有把握就替他选上，没把握给三个让他点，听不懂就不说")
    func resident() async throws {
        try await withHouse(.sqlite) { house in
            let sure = try await suggested(house, "电梯里有人被困，快来救人")
            #expect(sure.contains(#""category":"R02""#) && sure.contains(#""options":[]"#), "\(sure)")
            let unsure = try await suggested(house, "门口那个东西坏了没人管")
            #expect(!unsure.contains(#""label":"电梯困人""#))
            #expect(unsure.contains(#""category":null"#) || unsure.contains(#""options":[{"#), "\(unsure)")
            let nothing = try await suggested(house, "12345")
            #expect(nothing.contains(#""options":[]"#) && !nothing.contains(#""minor""#), "\(nothing)")
        }
    }

    @Test("登记：没把握先问，选好了推荐的那个；再点一次就登记上")
    func desk() async throws {
        try await withHouse(.sqlite) { house in
            let dispatcher = try await house.context(.dispatcher)
            let place = try await house.place("幸福里小区3号楼2单元")
            var fields = [(name: "text", value: "阳台外边老有水滴下来"), (name: "place", value: "\(place.id)")]
            let asked = try #require(try await house.send("/desk/new", Form(fields), dispatcher))
            #expect(asked.contains("把握") && asked.contains("请核对一下再登记"))
            let count: SQL = "SELECT count(*) FROM case_item WHERE text = '阳台外边老有水滴下来'"
            #expect(try await house.value(count, as: Int.self) == 0)
            let selected = try #require(asked.firstMatch(of: /<option value="([REC]\d{4})" selected>/))
            fields.append((name: "category", value: String(selected.1)))
            // What may be the same is shown with that question, and not asked about once more.
            #expect(asked.contains("附近没办完的同类事情"))
            fields.append((name: "similar", value: "seen"))
            let done = try #require(try await house.send("/desk/new", Form(fields), dispatcher))
            #expect(done.contains("已登记"))
        }
    }

    @Test("登记：有把握就直接登记")
    func deskSure() async throws {
        try await withHouse(.sqlite) { house in
            let place = try await house.place("幸福里小区3号楼2单元")
            let form = Form([(name: "text", value: "电梯里有人被困，快来救人"), (name: "place", value: "\(place.id)")])
            let done = try #require(try await house.send("/desk/new", form, try await house.context(.dispatcher)))
            #expect(done.contains("已登记"))
        }
    }

    @Test("工单旁边写着建议和把握；派错类的提示核对")
    func card() async throws {
        try await withHouse(.sqlite) { house in
            let resident = try await house.context(.tenant)
            let draft = try await house.draft("电梯里有人被困，快来救人", category: "R0801")
            let id = try await house.report(draft, resident)
            let page = try await house.open(CasePath.desk(id), query: [], try await house.context(.dispatcher))
            #expect(page.contains("建议：") && page.contains("电梯困人") && page.contains("和现在的类别不一样，请核对"))
            let vague = try await house.report(try await house.draft("门口那个东西坏了没人管"), resident)
            let other = try await house.open(CasePath.desk(vague), query: [], try await house.context(.dispatcher))
            #expect(!other.contains("和现在的类别一致"))
        }
    }
}
