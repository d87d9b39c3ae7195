import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// A search looks at so many cases and no more; what it did not look at it says, and how to find it.
@Suite("搜工单：最多看最新的 2,000 件，没看的说清楚")
struct SearchLimitTests {
    /// So many newer cases like one that is there, with its units; with `words` they are found in the community.
    private func fill(
        _ house: House, _ count: Int, like source: ID<Case>, saying words: String = "", against unit: ID<Unit>? = nil
    ) async throws {
        let body = SearchText.spaced(words) + " d\(DemoDivision.happiness) d\(DemoDivision.street)"
        let accused = unit?.rawValue ?? 0
        try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.fill") { tx in
            let last: Int64 = try tx.value("SELECT max(id) FROM case_item") ?? 0
            let series: SQL = """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(\(count) AS BIGINT))
                """
            let id: SQL = "CAST(\(last) AS BIGINT) + n.i"
            try tx.execute(
                """
                \(series) INSERT INTO case_item (id, number, type, type_version, state, is_open, nature, category, title,
                    text, location, spot, division, district, street, community, grid, place_address, source, disclosure,
                    reporter_mask, is_on_behalf, handler_unit, against_unit, ground, is_urgent, contests, is_repeated,
                    created_at, state_since, due_at, is_public, version)
                SELECT \(id), 'T' || CAST(\(id) AS TEXT), c.type, c.type_version, c.state, c.is_open, c.nature,
                    c.category, c.title, c.text, c.location, c.spot, c.division, c.district, c.street, c.community,
                    c.grid, c.place_address, c.source, c.disclosure, c.reporter_mask, c.is_on_behalf, c.handler_unit,
                    CAST(\(accused) AS BIGINT), c.ground, c.is_urgent, c.contests, c.is_repeated, c.created_at,
                    c.state_since, c.due_at, 0, c.version
                FROM case_item c, n WHERE c.id = \(source)
                """)
            try tx.execute(
                """
                \(series) INSERT INTO case_party (case_id, unit_id, role, since, is_open, due_at, state)
                SELECT \(id), p.unit_id, p.role, p.since, p.is_open, p.due_at, p.state
                FROM case_party p, n WHERE p.case_id = \(source) AND p.until IS NULL
                """)
            if !words.isEmpty {
                try tx.execute(
                    """
                    \(series) INSERT INTO case_search (rowid, body) SELECT \(id), \(SQL.searchBody(body)) FROM n
                    """)
            }
            try tx.audit(Subject("case", source), fields: ["test"])
        }
    }

    private func find(_ house: House, _ words: String, _ context: Context) async throws -> CaseSearch.Found {
        let scope = context.actor.scope(for: .casesRead)
        let now = house.clock.clock.now
        return try await house.services.database.read { try CaseSearch.find(words, scope, at: now, $0) }
    }

    private func page(_ house: House, _ words: String, _ context: Context) async throws -> String {
        try await house.open("/desk/search", query: [("q", words)], context)
    }

    @Test("单位只在最新的 2,000 件里找：刚好 2,000 件不算没看完，多一件就说；更早的按编号找", arguments: TestEngine.enabled)
    func unit(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let old = try await house.report(try await house.draft("3号楼2单元电梯里有风筝"), tenant)
            let like = try await house.report(try await house.draft("3号楼2单元电梯有异响"), tenant)
            let handler = try await house.context(.propertyHandler)
            let limit = CaseSearch.candidateLimit
            #expect(limit == 2000)
            let property = try await house.unit("安居物业")
            let own: Int =
                try await house.value(
                    "SELECT count(*) FROM case_party WHERE until IS NULL AND unit_id = \(property)") ?? 0
            try await fill(house, limit - own, like: like)
            let whole = try await find(house, "风筝", handler)
            #expect(whole.rows.map(\.id) == [old] && !whole.isCut)
            #expect(try await page(house, "风筝", handler).contains("共 1 件"))
            try await fill(house, 1, like: like)
            #expect(try await find(house, "风筝", handler).cut == .unit)
            #expect(try await page(house, "风筝", handler).contains("只在您单位最新的 2000 件里找，列出 1 件"))
            // As many again as were there before, and the one that is looked for is not among the newest any more.
            try await fill(house, own, like: like)
            let found = try await find(house, "风筝", handler)
            #expect(found.rows.isEmpty && found.cut == .unit)
            #expect(try await page(house, "风筝", handler).contains("您单位最新的 2000 件里没有"))
            let english = Context(actor: handler.actor, now: handler.now, language: .en, requestID: "test")
            #expect(try await page(house, "风筝", english).contains("Nothing among the newest 2000 of your unit"))
            let number: String = try await house.value("SELECT number FROM case_item WHERE id = \(old)") ?? ""
            #expect(try await find(house, number, handler).rows.first?.id == old)
            #expect(try await page(house, number, handler).contains("更早的请按工单编号搜"))
            // A frequent word fills the page with the newest ones, and that is what the page says.
            let many = try await find(house, "电梯", handler)
            #expect(many.rows.count == CaseSearch.shownLimit && many.hasMore && !many.isCut)
            #expect(many.rows.map(\.id) == many.rows.map(\.id).sorted(by: >))
            #expect(try await page(house, "电梯", handler).contains("只列出最新的 50 件"))
        }
    }

    @Test("管片的看有这些字的最新 2,000 件：多一件才说没看完，多写几个字就找到更早的", arguments: TestEngine.enabled)
    func division(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let old = try await house.report(try await house.draft("3号楼2单元电梯里有蓝色的风筝"), tenant)
            let head = try await house.context(.head)
            let committee = try await house.unit("幸福里社区居委会")
            // What is said against the committee takes up places and is shown to nobody of it.
            let limit = CaseSearch.candidateLimit
            try await fill(house, limit - 1, like: old, saying: "红色的风筝", against: committee)
            let whole = try await find(house, "风筝", head)
            #expect(whole.rows.map(\.id) == [old] && !whole.isCut)
            #expect(try await page(house, "风筝", head).contains("共 1 件"))
            try await fill(house, 1, like: old, saying: "红色的风筝", against: committee)
            let none = try await find(house, "风筝", head)
            #expect(none.rows.isEmpty && none.cut == .hits)
            #expect(try await page(house, "风筝", head).contains("只看了有这些字的最新 2000 件"))
            #expect(try await find(house, "风筝 蓝色", head).rows.map(\.id) == [old])
            // One that is shown, newer than all of them.
            house.clock.advance(minutes: 1)
            let new = try await house.report(try await house.draft("3号楼2单元又有绿色的风筝"), tenant)
            #expect(try await find(house, "风筝", head).rows.map(\.id) == [new])
            #expect(
                try await page(house, "风筝", head).contains(
                    "只看了最新的 2000 件，列出 1 件；要找更早的请多写几个字"))
            // Who has no part in it sees the newest of them all.
            let dispatcher = try await house.context(.dispatcher)
            let all = try await find(house, "风筝", dispatcher)
            #expect(all.rows.first?.id == new)
            #expect(all.rows.count == CaseSearch.shownLimit && all.hasMore && !all.isCut)
        }
    }
}
