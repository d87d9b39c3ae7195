import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Orders of the hotline from the sheet to the reply.
@Suite("12345 工单")
struct OrdersTests {
    private static let sheet = """
        工单编号\t来电时间\t诉求人\t联系电话\t是否保密\t诉求类型\t主要内容\t事发地址\t派单时间\t办理时限\t科室意见
        12345-001\t2026-11-22 08:00\t李四\t13800001111\t是\t求助\t3号楼2单元电梯坏了，困住过人\t幸福里小区3号楼2单元\t2026-11-22 09:00\t2026-11-24 09:00\t请速办
        12345-002\t2026-11-22 08:10\t王五\t13800002222\t否\t求助\t小区门口路灯不亮\t幸福里小区\t2026-11-22 09:00\t马上\t
        """

    /// Brings a table and returns the address of its preview.
    private func bring(_ text: String, _ kind: String, _ house: House, _ context: Context) async throws -> String {
        let form = Form([("table", text), ("division", "\(DemoDivision.street)")])
        let found = try await house.send("/desk/orders/import/\(kind)", form, context)
        let address = try #require(found)
        try #require(address.hasPrefix("/desk/orders/import/\(kind)/"), "\(address.suffix(1500))")
        return address
    }

    @Test("导入一份有一行错的表：对的进来，错的说清楚，再导一次什么也不变", arguments: TestEngine.enabled)
    func importing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let address = try await bring(Self.sheet, "orders", house, dispatcher)
            let preview = try await house.open(address, query: [], dispatcher)
            #expect(preview.contains("新工单 1 件，已有 0 件，有错 1 行") && preview.contains("看不懂办理时限“马上”"))
            #expect(preview.contains("幸福里小区3号楼2单元"))
            #expect(!preview.contains("13800001111"))
            let done = try #require(await house.send(address, Form([("do", "import")]), dispatcher))
            #expect(done.contains("导入 1 件，更新 0 件，没有变化 0 件，1 行有错没有导入"), "\(done.suffix(3000))")
            let again = try #require(await house.send(address, Form([("do", "import")]), dispatcher))
            #expect(again.contains("导入 0 件，更新 0 件，没有变化 1 件"))
            let found = try await house.services.database.read { try ForeignOrdersStore.find("12345", "12345-001", $0) }
            let order = try #require(found)
            let view = try await house.services.queries.view(order.item, dispatcher)
            #expect(view.item.source == .hotline && view.item.disclosure == .office && view.item.reporter == nil)
            #expect(view.item.placeAddress == "幸福里小区3号楼2单元" && view.item.reporterMask == "李** 138****1111")
            // Two days there, a fifth of them earlier here.
            #expect(order.ownDeadline(leadHours: 24)?.iso8601 == "2026-11-23T23:24:00+08:00")
            let sealed = try await house.services.database.read { try ForeignOrdersStore.received(order.id, $0) }
            let cell = try #require(sealed)
            let clear = try house.services.database.keys.open(cell.sealed, cell: cell.cell)
            let columns = try ForeignOrdersStore.columns(clear)
            #expect(columns.contains { $0 == ("科室意见", "请速办") })
            // Whoever handles it does not learn who called.
            let handler = try await house.context(.propertyHandler)
            if try await house.services.queries.view(order.item, handler).standing.isStaff {
                let page = try await house.open("/desk/orders/\(order.item)", query: [], handler)
                #expect(!page.contains("李**") && !page.contains("1111"))
            }
        }
    }

    @Test("改过的列下次认得；别人看不到在看的表", arguments: TestEngine.enabled)
    func columns(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let text = "件号\t说了什么\tx\n12345-7\t小区里下水道堵了\t1"
            let address = try await bring(text, "orders", house, dispatcher)
            #expect(try await house.open(address, query: [], dispatcher).contains("缺少工单编号"))
            let form = Form([("column-0", "number"), ("column-1", "content"), ("column-2", ""), ("do", "import")])
            let done = try #require(await house.send(address, form, dispatcher))
            #expect(done.contains("导入 1 件"), "\(done.suffix(2000))")
            #expect(try await house.open(address, query: [], dispatcher).isEmpty, "a table that is in is forgotten")
            let next = try await bring(text, "orders", house, dispatcher)
            #expect(try await house.open(next, query: [], dispatcher).contains("已有 1 件"))
            let other = try await house.context(.lateDispatcher)
            #expect(try await house.open(next, query: [], other).isEmpty)
            let worker = try await house.context(.worker)
            #expect(try await house.send("/desk/orders/import/orders", Form(), worker) == nil)
        }
    }

    @Test("12345 同意退单：这里不再办，也不算成绩；同意剔除：另一个人同意了，自测才不计入", arguments: TestEngine.enabled)
    func rulings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let commands = house.services.commands
            let handler = try await house.context(.propertyHandler)
            #expect(
                try await house.refusal { try await house.take(CaseStep("recall", text: "x"), item, dispatcher) }
                    == .conflict
            )
            try await commands.ruleThere(.exclude, isGranted: true, text: "不合理诉求", due: nil, of: item, dispatcher)
            func rows() async throws -> [CaseOutcome] {
                try await house.services.database.read { try OutcomesStore.all(of: item, $0) }
            }
            // The city's word was written down by one person: of our own rates it takes nothing away by itself.
            #expect(try await rows().allSatisfy { $0.exclusion.isEmpty })
            let asked = try await house.value(
                "SELECT id FROM case_request WHERE case_id = \(item) AND kind = 'exclude' AND state = 'waiting'",
                as: ID<CaseRequest>.self)
            let request = try #require(asked)
            let own = try await house.refusal {
                _ = try await commands.decide(request, isGranted: true, text: "市里已剔除", dispatcher)
            }
            #expect(own == .forbidden)
            let colleague = try await house.context(.lateDispatcher)
            let alerts = try await house.open("/desk/alerts", query: [], colleague)
            #expect(alerts.contains("等您审批的申请") && alerts.contains("12345 同意剔除"))
            _ = try await commands.decide(request, isGranted: true, text: "核对过市里的单子", colleague)
            let left = try await rows()
            #expect(left.allSatisfy { $0.exclusion == "order" } && !left.isEmpty)
            // Written down once more it asks for nothing more.
            try await commands.ruleThere(.exclude, isGranted: true, text: "不合理诉求", due: nil, of: item, dispatcher)
            let requests = try await house.value(
                "SELECT count(*) FROM case_request WHERE case_id = \(item)", as: Int.self)
            #expect(requests == 1)
            let proof = try await house.services.queries.proveEvidence()
            #expect(proof.different == 0, "\(proof.differences)")
            try await commands.askThere(.refuse, reason: "notOurs", text: "属于铁路用地", of: item, handler)
            try await commands.ruleThere(.refuse, isGranted: true, text: "改派铁路", due: nil, of: item, dispatcher)
            #expect(try await house.state(item) == "withdrawn")
            let after = try await house.services.database.read { try OutcomesStore.all(of: item, $0) }
            #expect(after.allSatisfy { !$0.isWithdrawn && $0.exclusion == "order" })
            let page = try await house.open("/desk/orders/\(item)", query: [], dispatcher)
            #expect(page.contains("改派铁路") && page.contains("属于铁路用地"))
        }
    }

    @Test("并入别的工单的，答复从那一件的办理记录里来", arguments: TestEngine.enabled)
    func joinedReply(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let tenant = try await house.context(.tenant)
            let lead = try await house.report(try await house.draft("3号楼2单元电梯又停了"), tenant)
            try await house.services.commands.merge(item, into: lead, reason: "同一部电梯", dispatcher)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), lead, handler)
            try await house.services.commands.remark(
                "我家老人在等", isVisible: true, photos: [], on: lead, tenant)
            func text() async throws -> String { try await OrderReply.load(item, dispatcher, house.services).text }
            #expect(try await text().contains("签收时间：2026-11-22 10:00（安居物业）"))
            #expect(try await text().contains("办理情况：正在办理"))
            try await house.take(CaseStep("finish", text: "换了门机"), lead, handler)
            let number = try #require(
                try await house.value("SELECT number FROM case_item WHERE id = \(lead)", as: String.self))
            let words = try await text()
            #expect(words.contains("办理情况：换了门机（与 \(number) 并案办理）") && !words.contains("老人"))
        }
    }

    @Test("诉求人意见只写来电人自己的，一起反映的人说的不算", arguments: TestEngine.enabled)
    func opinions(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let tenant = try await house.context(.tenant)
            let draft = try await house.draft("门口的岗亭晚上也没有人", category: "R0801")
            let need = try await house.report(draft, tenant)
            try await house.services.commands.merge(need, into: item, reason: "同一件事", dispatcher)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), item, handler)
            try await house.take(CaseStep("finish", text: "排了夜班"), item, handler)
            try await house.take(CaseStep("contest", text: "昨晚又没有人"), need, tenant)
            let words = try await OrderReply.load(item, dispatcher, house.services).text
            #expect(words.contains("诉求人意见：未表示意见") && !words.contains("昨晚又没有人"), "\(words)")
        }
    }

    @Test("答复从办理记录里来，记下什么时候贴过去的", arguments: TestEngine.enabled)
    func reply(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let handler = try await house.context(.propertyHandler)
            func text() async throws -> String { try await OrderReply.load(item, dispatcher, house.services).text }
            #expect(try await text().contains("签收时间：尚未签收\n首次联系时间和方式：尚未联系\n是否见面：否\n办理情况：正在办理"))
            #expect(try await text().hasSuffix("\n附件：无\n退单/延期/剔除申请及依据：无"))
            try await house.take(CaseStep("accept"), item, handler)
            let commands = house.services.commands
            try await commands.contacted(.phone, .noAnswer, text: "", on: item, handler)
            #expect(try await text().contains("联系 1 次，没有联系上"))
            house.clock.advance(minutes: 30)
            let later = try await house.context(.propertyHandler)
            try await commands.contacted(.faceToFace, .reached, text: "约好上门", on: item, later)
            var done = CaseStep("finish", text: "换了门机，试了十次正常，有事打13812345678")
            done.photos = [try await house.photo(later)]
            try await commands.askThere(.exclude, reason: "unreasonable", text: "电梯是开发商遗留问题", of: item, later)
            try await house.take(done, item, later)
            let words = try await text()
            #expect(words.contains("签收时间：2026-11-22 10:00（安居物业）"))
            #expect(words.contains("首次联系时间和方式：2026-11-22 10:30，见面\n是否见面：是（2026-11-22 10:30）"))
            #expect(words.contains("办理情况：换了门机，试了十次正常，有事打138****5678"))
            #expect(words.contains("是否解决：承办单位反馈已办完，诉求人尚未答复\n诉求人意见：未表示意见"))
            #expect(words.contains("\n附件：照片 1 张（办理前 0、办理后 1）\n"))
            #expect(words.contains("\n退单/延期/剔除申请及依据：剔除（2026-11-22 10:30）：诉求没有法律政策依据，电梯是开发商遗留问题"))
            try await commands.ruleThere(.exclude, isGranted: false, text: "不同意", due: nil, of: item, dispatcher)
            #expect(try await text().hasSuffix("电梯是开发商遗留问题；12345 答复：不同意"))
            try await commands.followUp(
                .answered(isSolved: true, grade: .basic, text: "门还有点响"), of: item,
                try await house.context(.dispatcher))
            let answered = try await text()
            #expect(answered.contains("是否解决：是，诉求人确认已解决\n诉求人意见：基本满意。门还有点响\n"), "\(answered)")
            try await house.services.commands.replied(words + "\n电话13800001111", to: item, dispatcher)
            let page = try await house.open("/desk/orders/\(item)", query: [], dispatcher)
            #expect(page.contains("答复过 1 次") && page.contains("138****1111") && !page.contains("13800001111"))
            let stranger = try await house.context(.villageHead)
            #expect(try await house.open("/desk/orders/\(item)", query: [], stranger).isEmpty)
            #expect(try await house.refusal { try await commands.replied("x", to: item, stranger) } == .notFound)
            let list = try await house.open("/desk/orders", query: [("all", "1")], dispatcher)
            #expect(list.contains("12345-9") && list.contains("已答复"))
            #expect(try await house.open("/desk/orders", query: [("all", "1")], stranger).contains("12345-9") == false)
            let csv = try await house.open("/desk/orders/table", query: [("all", "1"), ("format", "csv")], dispatcher)
            #expect(csv.hasPrefix("\u{FEFF}工单编号") && csv.contains("12345-9") && !csv.contains("李四"))
        }
    }

    @Test("到时没答复先办结，后来才说的话也在答复里", arguments: TestEngine.enabled)
    func replyAfterSilence(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, _) = try await house.takenOrder()
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), item, handler)
            try await house.take(CaseStep("finish", text: "换了门机"), item, handler)
            house.clock.advance(minutes: 4 * 1440)
            try await house.run(job: "cases.lapse")
            #expect(try await house.state(item) != "confirming")
            let dispatcher = try await house.context(.dispatcher)
            try await house.services.commands.followUp(
                .answered(isSolved: true, grade: .basic, text: "修好了，就是等得久"), of: item, dispatcher)
            let words = try await OrderReply.load(item, dispatcher, house.services).text
            #expect(words.contains("是否解决：是，诉求人确认已解决\n诉求人意见：基本满意。修好了，就是等得久\n"), "\(words)")
        }
    }

    @Test("原单要写明用途才看得到，每次记审计", arguments: TestEngine.enabled)
    func received(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let page = try await house.open("/desk/orders/\(item)", query: [], dispatcher)
            #expect(!page.contains("<dt>诉求人</dt><dd>李四"))
            let path = "/desk/orders/\(item)/received"
            #expect(try await house.send(path, Form([("purpose", "看")]), dispatcher)?.contains("李四") == false)
            let shown = try await house.send(path, Form([("purpose", "核对地址")]), dispatcher)
            let clear = try #require(shown)
            #expect(clear.contains("<dt>诉求人</dt><dd>李四"))
            let audits: Int? = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'secrets.reveal' AND subject_id = \(item)")
            #expect(audits == 1)
        }
    }

    @Test("市级回访结果单独记，和自测分开；别处的单号不收", arguments: TestEngine.enabled)
    func results(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let sheet = """
                工单编号\t考核月份\t是否响应\t是否解决\t满意情况
                12345-9\t2026-11\t是\t未解决\t不满意
                别处-1\t2026-11\t是\t已解决\t基本满意
                别处-2\t2026-11\t否\t未回访\t
                别处-3\t2026-11\t是\t差不多\t满意
                """
            let address = try await bring(sheet, "results", house, dispatcher)
            let preview = try await house.open(address, query: [], dispatcher)
            #expect(preview.contains("可导入 3 条，有错 1 行") && preview.contains("看不懂是否解决“差不多”"))
            let done = try #require(await house.send(address, Form([("do", "import")]), dispatcher))
            #expect(done.contains("导入了 3 条"))
            let rates = try await house.open("/desk/rates", query: [("month", "202611")], dispatcher)
            #expect(rates.contains(#"市级考核成绩</h2><span class="tag ok">导入</span>"#))
            #expect(rates.contains("66.7%</b><small>2/3"))
            #expect(rates.contains("50.0%</b><small>1/2") && rates.contains("导入了 3 件的回访结果"))
            let property = try await house.unit("安居物业")
            let own = try await house.open(
                "/desk/rates", query: [("month", "202611"), ("unit", "\(property)")], dispatcher)
            #expect(own.contains("导入了 1 件的回访结果"))
            let page = try await house.open("/desk/orders/\(item)", query: [], dispatcher)
            #expect(page.contains("市级回访") && page.contains("未解决"))
            // The public page and our own sums know nothing of them.
            let other = try await house.context(.townDispatcher)
            var result = ForeignResult(number: "12345-9", month: try #require(AssessmentMonth(202_611)))
            result.isSolved = true
            let foreign = result
            #expect(
                try await house.refusal {
                    try await house.services.commands.importResults([foreign], for: DemoDivision.town, other)
                } == .conflict
            )
        }
    }

    @Test("接口：同一个单号再来一次是更新，答复随时可取", arguments: TestEngine.enabled)
    func api(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            func body(_ due: String) -> String {
                """
                {"number":"12345-A","text":"幸福里小区门口的路灯不亮","division":"110101001","address":"幸福里小区","callerName":"赵六",
                "callerPhone":"13800003333","dispatchedAt":"2026-11-22T09:00:00+08:00","dueAt":"\(due)","confidential":true}
                """
            }
            let first = try await house.call("/api/v1/orders", body("2026-11-29T09:00:00+08:00"), dispatcher)
            #expect(first.status == 200 && first.text.contains(#""result":"added""#), "\(first.text)")
            let same = try await house.call("/api/v1/orders", body("2026-11-29T09:00:00+08:00"), dispatcher)
            #expect(same.text.contains(#""result":"unchanged""#))
            let moved = try await house.call("/api/v1/orders", body("2026-11-28T09:00:00+08:00"), dispatcher)
            #expect(moved.text.contains(#""result":"updated""#))
            let cases: Int? = try await house.value("SELECT count(*) FROM foreign_order WHERE number = '12345-A'")
            #expect(cases == 1)
            let reply = try await house.open("/api/v1/orders/12345-A/reply", query: [], dispatcher)
            #expect(reply.contains("工单编号：12345-A") && reply.contains("2026-11-28T09:00:00+08:00"))
            let village = try await house.context(.villageHead)
            #expect(try await house.open("/api/v1/orders/12345-A/reply", query: [], village).isEmpty)
            #expect(
                try await house.refusal {
                    _ = try await house.call("/api/v1/orders", body("morgen"), dispatcher)
                } == .invalid
            )
        }
    }
}
