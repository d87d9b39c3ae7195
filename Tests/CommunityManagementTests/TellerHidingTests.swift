import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// A need that turns out to be a tip-off: who told it is named nowhere any more, as if it had been told as one.
@Suite("改成举报以后盖住反映人")
struct TellerHidingTests {
    static let name = "欧阳明明"

    /// Every column of every table in which a word can be read.
    private func readable(_ word: String, _ house: House) async throws -> Set<String> {
        try await house.services.database.read { tx in
            let columns = try tx.all(SQL.columnsWithKeys(endingIn: "")) { row -> (table: String, column: String) in
                (try row[0], try row[1])
            }
            #expect(columns.count > 100)
            var found: Set<String> = []
            for (table, column) in columns {
                let from = SQL(stringLiteral: "\"\(table)\"")
                let value = SQL(stringLiteral: "\"\(column)\"")
                let count: Int? = try tx.value(
                    "SELECT count(*) FROM \(from) WHERE CAST(\(value) AS TEXT) LIKE \("%" + word + "%")")
                if count ?? 0 > 0 { found.insert("\(table).\(column)") }
            }
            return found
        }
    }

    private func told(_ house: House, _ draft: CaseDraft, _ teller: Context) async throws -> ID<Case> {
        let id = try await house.report(draft, teller)
        let property = try await house.unit("安居物业")
        let handler: Int64? = try await house.value("SELECT handler_unit FROM case_item WHERE id = \(id)")
        if handler != property.rawValue {
            try await house.take(CaseStep("dispatch", unit: property), id, try await house.context(.dispatcher))
        }
        return id
    }

    private func lamp(_ house: House, _ text: String) async throws -> CaseDraft {
        var draft = try await house.draft(text, category: "C0118", at: "幸福里小广场")
        (draft.spot, draft.nature) = (.street, .suggestion)
        return draft
    }

    /// What staff wrote about the case meanwhile: words that stand in tables of their own.
    private func write(_ id: ID<Case>, _ house: House, _ dispatcher: Context) async throws {
        let division = try await house.services.queries.view(id, dispatcher).item.division
        let words = "\(Self.name)说的"
        let cleared = try await house.services.database.write(dispatcher, "test.words") { tx in
            try tx.execute(
                """
                INSERT INTO case_request (id, case_id, kind, state, reason_class, text, minutes, asked_at, division,
                    decision, is_over)
                VALUES (\(try tx.newID(CaseEntry.self)), \(id), 'pause', 'denied', '', \(words), 0, \(tx.now),
                    \(division), \(words), 1)
                """
            )
            try tx.execute(
                """
                INSERT INTO case_supervision (id, case_id, division, level, clock, since, reason, answer, lifted_at)
                VALUES (\(try tx.newID(CaseEntry.self)), \(id), \(division), 2, 'step', \(tx.now), \(words), \(words),
                    \(tx.now))
                """
            )
            try tx.audit(Subject("case", id, division: division), fields: ["note"])
            return try tx.execute(
                """
                UPDATE case_publication SET title = \(words), text = \(words), result = \(words), address = \(words)
                WHERE case_id = \(id)
                """
            )
        }
        #expect(cleared == 1, "it may be public before it is a tip-off")
    }

    @Test("改成举报的一刻，正文、记录、协办、公开稿、检索里都没有名字；谁能看反映人，谁还能看原话", arguments: TestEngine.enabled)
    func hidden(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, queries) = (house.services.commands, house.services.queries)
            let other = try await told(house, try await lamp(house, "灯坏了一盏"), try await house.context(.youngMother))
            house.clock.advance(minutes: 30)
            var draft = try await lamp(house, "\(Self.name)：我住3号楼，电话13912345678，灯是被人占道拆的")
            (draft.location, draft.reporterName) = ("\(Self.name)家门口", Self.name)
            (draft.reporterPhone, draft.disclosure) = ("13912345678", .named)
            let id = try await told(house, draft, house.visitor)
            let dispatcher = try await house.context(.dispatcher)
            try await commands.merge(id, into: other, reason: "和\(Self.name)说的是一件事", dispatcher)
            try await commands.split(id, reason: "\(Self.name)说的是另一盏", dispatcher)
            try await commands.remark("请找\(Self.name)核实", isVisible: false, photos: [], on: id, dispatcher)
            try await commands.contacted(.phone, .reached, text: "\(Self.name)每晚都在", on: id, dispatcher)
            let water = try await house.unit("城东自来水服务站")
            let part = CasePartDraft(unit: water, text: "请找\(Self.name)核实。她是证人")
            let task = try await commands.addPart(part, to: id, dispatcher).id
            try await commands.remark("\(Self.name)晚上在家", isVisible: false, photos: [], on: task, dispatcher)
            try await write(id, house, dispatcher)
            let before = try await readable(Self.name, house)
            #expect(
                before.isSuperset(of: [
                    "case_item.title", "case_item.text", "case_item.location", "case_entry.text", "case_voice.reason",
                    "case_request.text", "case_request.decision", "case_supervision.reason", "case_supervision.answer",
                    "case_publication.title", "case_publication.text", "case_publication.result",
                    "case_publication.address",
                ]), "\(before)")
            let version = try await queries.view(task, dispatcher).item.version

            try await commands.classify(.tipOff, "E0404", of: id, dispatcher)
            await house.deliver()

            #expect(try await readable(Self.name, house) == [])
            let view = try await queries.view(id, dispatcher)
            #expect(view.item.title.hasPrefix("某某：我住某处，电话某号码") && view.item.location == "某某家门口")
            let lines = view.entries.map(\.text)
            #expect(lines.contains("请找某某核实") && lines.contains { $0.contains("某某每晚都在") })
            let asked = try await queries.view(task, dispatcher)
            #expect(asked.item.title == "请找某某核实" && asked.item.version > version)
            try await isFoundWithout(id, house, dispatcher)
            try await isKept(id, house)
            // What comes later names nobody either, in the case and in its parts.
            try await commands.remark("\(Self.name)又来电话", isVisible: false, photos: [], on: task, dispatcher)
            _ = try await commands.addPart(
                CasePartDraft(unit: water, text: "再问\(Self.name)一次"), to: id, dispatcher)
            #expect(try await readable(Self.name, house) == [])
            // Taken back, what was hidden stays so.
            try await commands.classify(.assistance, "C0118", of: id, reason: "\(Self.name)说错了", dispatcher)
            #expect(try await queries.view(id, dispatcher).item.text.hasPrefix("某某："))
            #expect(try await readable(Self.name, house) == [])
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    private func isFoundWithout(_ id: ID<Case>, _ house: House, _ dispatcher: Context) async throws {
        let scope = dispatcher.actor.scope(for: .casesRead)
        let found = try await house.services.database.read { tx in
            try [Self.name, "某某"].map { try CaseSearch.find($0, scope, at: dispatcher.now, tx).rows.map(\.id) }
        }
        #expect(!found[0].contains(id) && found[1].contains(id))
    }

    /// The words as they were typed open for the street's centre, and for nobody near who is named.
    private func isKept(_ id: ID<Case>, _ house: House) async throws {
        let form = Form([("purpose", "核实举报")])
        let path = "/desk/cases/\(id)/reveal"
        let opened = try await house.send(path, form, try await house.context(.dispatcher)) ?? ""
        #expect(opened.contains("\(Self.name)：我住3号楼，电话13912345678") && opened.contains("\(Self.name)家门口"))
        #expect(opened.contains("请找\(Self.name)核实"))
        for person in [DemoStaff.propertyHandler, .gridWorker1, .worker, .head] {
            let context = try await house.context(person)
            let page = try await house.open("/desk/cases/\(id)", query: [], context)
            let revealed = try await house.send(path, form, context) ?? ""
            #expect(!(page + revealed).contains(Self.name) && !revealed.contains("13912345678"), "\(person)")
        }
    }

    @Test("登录的人反映的，按账号的姓名盖住；改成投诉不盖，办的人要联系", arguments: TestEngine.enabled)
    func accounts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (tenant, dispatcher) = (try await house.context(.tenant), try await house.context(.dispatcher))
            let draft = try await lamp(house, "我是\(tenant.actor.name)，灯被占道的拆了")
            let (tipOff, complaint) = (try await house.report(draft, tenant), try await house.report(draft, tenant))
            let commands = house.services.commands
            try await commands.classify(.tipOff, "E0404", of: tipOff, dispatcher)
            try await commands.classify(.complaint, "C0118", of: complaint, dispatcher)
            let queries = house.services.queries
            #expect(try await queries.view(tipOff, dispatcher).item.text.hasPrefix("我是某某，"))
            #expect(try await queries.view(complaint, dispatcher).item.text.contains(tenant.actor.name))
            // It is a tip-off already: nothing is sealed over what was sealed.
            try await commands.classify(.tipOff, "C0118", of: tipOff, dispatcher)
            let sealed: [UInt8]? = try await house.value("SELECT text_sealed FROM case_item WHERE id = \(tipOff)")
            let cell = Cell("case_item", "text_sealed", tipOff.rawValue)
            let opened = try house.services.database.keys.open(try #require(sealed), cell: cell)
            #expect(opened.contains(tenant.actor.name))
        }
    }
}
