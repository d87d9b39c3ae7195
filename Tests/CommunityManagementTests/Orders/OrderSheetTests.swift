import LinliCore
import LinliKernel
import LinliSpreadsheets
import LinliStandards
import Testing

@testable import CommunityManagement

/// What columns, dates and answers of others mean, without a store.
@Suite("看懂 12345 的表格")
struct OrderSheetTests {
    @Test("列名照各地的叫法认，多级分类连成一列，认过的记得") func columns() {
        let headers = ["序号", "受理编号 *", "来电人", "联系电话", "一级分类", "二级分类", "主要内容", "市民反映的办理时限", "备注"]
        let fields = SheetColumns.suggest(headers, .orders, remembered: [:])
        #expect(fields == ["", "number", "name", "phone", "classes", "classes", "content", "dueAt", ""])
        let corrected = SheetColumns.suggest(headers, .orders, remembered: ["备注": "title", "来电人": ""])
        #expect(corrected == ["", "number", "", "phone", "classes", "classes", "content", "dueAt", "title"])
        // One field is given once.
        #expect(SheetColumns.suggest(["编号", "工单编号"], .orders, remembered: [:]) == ["", "number"])
        #expect(
            SheetColumns.suggest(["工单编号", "是否解决", "满意情况"], .results, remembered: [:]) == ["number", "solved", "grade"])
    }

    @Test("表头前面有大标题也找得到") func heading() {
        let rows = [
            SheetRow(number: 1, cells: ["东华门街道 12345 工单（11月）"]), SheetRow(number: 2, cells: ["制表：", "周敏"]),
            SheetRow(number: 3, cells: ["工单编号", "内容", "办理时限"]), SheetRow(number: 4, cells: ["1", "灯不亮", "2026-11-29"]),
        ]
        #expect(SheetColumns.heading(of: rows, .orders) == 2)
    }

    @Test(
        "各种写法的时间",
        arguments: [
            ("2026-11-22 10:30", "2026-11-22T10:30:00+08:00"), ("2026/11/2 9:05:07", "2026-11-02T09:05:07+08:00"),
            ("2026年11月22日10时30分", "2026-11-22T10:30:00+08:00"), ("20261122103000", "2026-11-22T10:30:00+08:00"),
            ("20261122", "2026-11-22T00:00:00+08:00"), ("2026.11.22 下午 3:20", "2026-11-22T15:20:00+08:00"),
        ])
    func moments(text: String, wanted: String) {
        #expect(SheetMoment.read(text)?.iso8601 == wanted)
    }

    @Test("看不懂的不猜", arguments: ["", "昨天", "2026-13-01", "2026-02-30", "11-22", "2026", "2026-11-22 25:00", "1/2/3"])
    func noMoments(text: String) {
        #expect(SheetMoment.read(text) == nil)
    }

    @Test("时限可以是时刻、日期，也可以是几天、几小时、几个工作日") func deadlines() throws {
        let calendar = try WorkingCalendar.bundled()
        // A Friday.
        let start = try #require(SheetMoment.read("2026-11-20 10:30"))
        func deadline(_ text: String) -> String? { SheetMoment.deadline(text, from: start, calendar)?.iso8601 }
        #expect(deadline("2026-11-29") == "2026-11-29T23:59:00+08:00")
        #expect(deadline("7天") == "2026-11-27T10:30:00+08:00")
        #expect(deadline("24 小时") == "2026-11-21T10:30:00+08:00")
        #expect(deadline("2个工作日") == "2026-11-24T23:59:00+08:00")
        #expect(deadline("尽快") == nil && deadline("0天") == nil)
        #expect(SheetMoment.deadline("7天", from: nil, calendar) == nil)
    }

    @Test("是和否的各种说法；没回访不是否") func answers() {
        #expect(SheetAnswer("已解决") == .yes && SheetAnswer("未解决") == .no && SheetAnswer("是") == .yes)
        #expect(SheetAnswer("未回访") == .open && SheetAnswer("") == .open && SheetAnswer("部分解决") == .odd)
        #expect(ResultImport.grade("基本满意") == .some(.basic) && ResultImport.grade("不满意") == .some(.unsatisfied))
        #expect(ResultImport.grade("未评价") == .some(nil) && ResultImport.grade("凑合") == .none)
        #expect(
            ResultImport.month("2026年11月")?.rawValue == 202_611 && ResultImport.month("202611")?.rawValue == 202_611)
        #expect(ResultImport.month("十一月") == nil && ResultImport.month("2026-13") == nil)
    }

    @Test("一张单子的几种贴法：两列格子、【】、一行几项") func pairs() throws {
        func read(_ text: String) throws -> [[String]] {
            SheetPairs.upright(try Sheet.rows(pasted: SheetPairs.unfolded(text, .orders)), .orders).map(\.cells)
        }
        let wanted = [["工单编号", "来电时间", "内容"], ["BT-24", "2026-11-27 08:00", "楼道灯不亮，电话：打不通"]]
        let ways = [
            "工单编号\tBT-24\n来电时间\t2026-11-27 08:00\n内容\t楼道灯不亮，电话：打不通",
            "工单编号\tBT-24\t来电时间\t2026-11-27 08:00\n内容\t楼道灯不亮，电话：打不通",
            "【工单编号】BT-24\n【来电时间】2026-11-27 08:00\n【内容】楼道灯不亮，电话：打不通",
            "【工单编号】BT-24【来电时间】2026-11-27 08:00\n【内容】：楼道灯不亮，电话：打不通",
            "工单编号：BT-24 来电时间：2026-11-27 08:00\n内容：楼道灯不亮，电话：打不通",
            "工单编号: BT-24；来电时间: 2026-11-27 08:00；内容: 楼道灯不亮，电话：打不通",
        ]
        for way in ways {
            let rows = try read(way).map { $0.map { $0.trimmed } }
            #expect(rows == wanted, "\(way)")
        }
        // A table with names of columns first stays one, also of two columns and of one row.
        #expect(try read("工单编号\t内容\nBT-24\t楼道灯不亮") == [["工单编号", "内容"], ["BT-24", "楼道灯不亮"]])
        let two = try read("工单编号\tBT-1\n内容\t灯不亮\n工单编号\tBT-2\n内容\t路不平")
        #expect(two == [["工单编号", "内容"], ["BT-1", "灯不亮"], ["BT-2", "路不平"]])
    }

    @Test("一行变成一件：保密、多个号码、标题并进内容、说不清的时限") func entries() throws {
        let calendar = try WorkingCalendar.bundled()
        func entry(_ cells: [String: String]) -> OrderEntry {
            let headers = cells.keys.sorted()
            let draft = SheetDraft(
                headers: headers, lines: [], fields: SheetColumns.suggest(headers, .orders, remembered: [:]),
                division: DivisionCode(rawValue: 110_101_001_000_000)
            )
            let now = Instant(milliseconds: 1_763_604_000_000 + 365 * 86_400_000)
            return OrderEntry(.init(number: 2, cells: headers.map { cells[$0] ?? "" }), of: draft, calendar, at: now)
        }
        let good = entry([
            "工单编号": "SD 2026 1", "诉求人": "李四", "联系电话": "无/13800001111", "是否保密": "不清楚要不要", "标题": "路灯不亮",
            "内容": "三号楼前的路灯不亮。", "诉求类型": "投诉类", "紧急程度": "特急", "办理时限": "3天", "派单时间": "2026-11-20 09:00",
            "一级分类": "市政", "二级分类": "路灯", "经办科室": "一科",
        ])
        #expect(good.problems.isEmpty && good.order.number == "SD20261" && good.phone == "13800001111")
        #expect(
            good.order.isPrivate && good.disclosure(.assistance) == .office && good.isUrgent
                && good.nature == .complaint)
        #expect(good.text == "路灯不亮\n三号楼前的路灯不亮。" && good.order.received.contains { $0 == ("经办科室", "一科") })
        #expect(good.order.dueAt?.iso8601 == "2026-11-23T09:00:00+08:00")
        let bad = entry(["工单编号": "", "内容": "x", "联系电话": "123", "办理时限": "马上"])
        #expect(bad.problems.count == 3)
        #expect(entry(["工单编号": "1", "内容": "x"]).disclosure(.complaint) == .anonymous)
        // Deadlines that cannot be, also where nobody says when it was sent.
        #expect(entry(["工单编号": "1", "内容": "x", "办理时限": "1999-12-01"]).problems.count == 1)
        let early = entry(["工单编号": "1", "内容": "x", "来电时间": "2026-11-20 09:00", "办理时限": "2026-11-19 09:00"])
        #expect(early.problems.map(\.zh) == ["办理时限早于来电时间"])
        #expect(entry(["工单编号": "BT-22来电时间:2026", "内容": "x"]).problems.count == 1)
    }
}
