import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Two issuers who demand the same of the same people: named to the street, with how much and what it cost.
@Suite("谁在重复要报表")
struct FormPairsTests {
    private static let community = DivisionCode(rawValue: 110_101_001_901_000)

    /// A form of a community or street whose columns are as they are called, filled once in some minutes.
    private func register(
        _ names: [String], _ issuer: String, label: String = "aged",
        in division: DivisionCode = FormPairsTests.community,
        about: FormAbout = .person, minutes: Int? = nil, _ house: House, by staff: Context
    ) async throws -> ID<DemandedForm> {
        let commands = FormsCommands(house.services)
        var form = DemandedForm(
            id: ID(rawValue: 0), division: division, title: "\(issuer)的表", issuer: issuer, basis: "试验", rhythm: .month,
            label: label, due: nil, layout: FormLayout(above: [], heading: [names], below: [], names: names),
            columns: [], version: 1)
        form.about = about
        let id = try await commands.register(form, staff)
        guard let minutes else { return id }
        let round = try await commands.open(id, period: "11月", staff)
        let opened = try #require(try await house.services.database.read { try FormsStore.round(round, $0) })
        try await commands.finish(opened, minutes: minutes, staff)
        return id
    }

    @Test("点名成对、列、占几成、用时；同一家、不同的人和地方、只有两列的不算", arguments: TestEngine.enabled)
    func pairs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterElder()
            let head = try await house.context(.head)
            let first = try await register(
                ["序号", "姓名", "联系电话", "现住址", "鞋码"], "区民政局", minutes: 30, house, by: head)
            let second = try await register(
                ["姓名", "联系电话", "现住址", "性别", "年龄", "爱好", "民族", "学历"], "区卫健委", label: "elder", minutes: 80, house,
                by: head)
            // The same issuer again, two columns only, rows of another kind, another community: none of these is a pair.
            _ = try await register(["姓名", "联系电话", "现住址"], "区民政局", house, by: head)
            _ = try await register(["姓名", "联系电话", "车位"], "区残联", house, by: head)
            _ = try await register(
                ["单位名称", "联系电话", "地址"], "区商务局", label: "", about: .organization, house, by: head)
            _ = try await register(
                ["姓名", "联系电话", "现住址"], "区体育局", in: DemoDivision.locust, house,
                by: try await house.context(.locustHead))
            let street = Self.community.ancestor(at: .street)
            let found = try await house.services.database.read { try FormsStore.pairs(in: [street], $0) }
            let pair = try #require(found.first { $0.first.form == first })
            #expect(pair.second.form == second && pair.shared == ["姓名", "联系电话", "现住址"])
            let percent = pair.percent
            #expect(percent.first == 75, "three of four, the running number apart")
            #expect(percent.second == 38, "three of eight")
            #expect(pair.people == .inside, "everybody of 80 is of 60")
            #expect(pair.first.minutes == 30 && pair.second.minutes == 80 && pair.minutesTwice == 30)
            let issuers = Set(found.flatMap { [$0.first.issuer, $0.second.issuer] })
            #expect(issuers == ["区民政局", "区卫健委"], "\(issuers)")
            // Whoever demanded first again with the same columns is a pair of the other all the same.
            #expect(found.count == 2)
            let page = try await house.open("/desk/forms/demands", query: [], try await house.context(.dispatcher))
            #expect(page.contains("重复要：2 对") && page.contains("区民政局《区民政局的表》") && page.contains("区卫健委《"))
            #expect(page.contains("3 列相同，占前一张 75%、后一张 38%") && page.contains("姓名、联系电话、现住址"))
            #expect(page.contains("区卫健委：填过 1 期，80 分钟") && page.contains("约 30 分钟是重复的"))
            #expect(page.contains("谁要了多少") && page.contains("依据：试验") && !page.contains("张桂兰"))
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                let rows = try await site.shown("GET", "/form-duplicates", as: program)["pairs"].list
                let row = try #require(rows.first { $0["first"]["form"].text == "\(first)" })
                #expect(row["second"]["percent"].text == "38" && row["columns"].list.count == 3)
                #expect(row["people"].text == "inside" && row["minutesTwice"].text == "30")
                let handler = try await site.program(for: .propertyHandler)
                _ = try await site.shown("GET", "/form-duplicates", as: handler, status: 403)
            }
        }
    }

    @Test("同一批人、包含、可能重合：按标签树看")
    func people() throws {
        let book = try LabelBook.read(try LabelBook.shippedText())
        func relation(_ first: String, _ second: String) -> FormPair.People { .init(first, second, book) }
        #expect(relation("aged", "aged") == .same && relation("", "") == .same)
        #expect(relation("aged", "") == .inside && relation("elder", "agedAlone") == .partly)
        #expect(relation("elder", "aged") == .inside && relation("agedAlone", "frailElder") == .inside)
        #expect(relation("tenant", "veteran") == .partly)
    }
}
