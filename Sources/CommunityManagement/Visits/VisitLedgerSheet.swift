import Foundation
import LinliCore
import LinliKernel
import LinliSpreadsheets

/// The ledger of a month on its way out. That it was taken, by whom, what for and how much, is in the audit before anybody
/// has it; no names of who lives there, no numbers, and nobody counted.
struct VisitLedgerSheet: Sendable {
    static let columns: [(name: Text, width: Double)] = [
        (Text("时间", "When"), 17), (Text("住户", "Household"), 30), (Text("谁去的", "Who went"), 12),
        (Text("方式", "How"), 10), (Text("见到没有", "Met"), 12), (Text("情况", "What was said"), 48),
        (Text("跟进工单", "Follow-up case"), 18),
    ]
    private static let pageSize = 500

    private let division: DivisionCode
    private let month: VisitMonth
    private let isCSV: Bool
    private let purpose: String
    private let context: Context
    private let services: Services

    /// - Throws: `.invalid` without a purpose.
    init(
        _ division: DivisionCode, _ month: VisitMonth, isCSV: Bool, purpose: String, _ context: Context,
        _ services: Services
    ) throws {
        self.purpose = try StatedPurpose.read(
            purpose, "visits.purpose", example: Text("十一月走访工作检查", "review of November's visits"))
        (self.division, self.month, self.isCSV) = (division, month, isCSV)
        (self.context, self.services) = (context, services)
    }

    /// The finished file, oldest first.
    ///
    /// - Throws: `.invalid` when there is nothing, or more than one table holds.
    func take() async throws -> Reply {
        let lines = try await lines()
        let bytes = isCSV ? csv(lines) : try workbook(lines)
        let format = isCSV ? "csv" : "xlsx"
        let fields = ["visits", format, month.description, "rows:\(lines.count)"]
        try await services.database.write(context, "visits.export", reason: purpose) { tx in
            try tx.audit(
                Subject("account", context.actor.account ?? ID(rawValue: 0), division: division), fields: fields)
        }
        let type =
            isCSV ? "text/csv; charset=utf-8" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return Reply(.bytes(bytes, type: type))
            .adding("content-disposition", "attachment; filename=\"visits-\(month).\(format)\"")
    }

    private func lines() async throws -> [VisitLedgerLine] {
        var lines: [VisitLedgerLine] = []
        while true {
            let after = lines.last.map { (at: $0.at, id: $0.attempt.id) }
            let page = try await services.database.read { tx in
                try VisitLedger.lines(
                    in: division, from: month.start, until: month.end, after: after, limit: Self.pageSize, tx)
            }
            lines += page
            guard lines.count <= VisitLedger.limit else { throw Self.tooMany }
            if page.count < Self.pageSize { break }
        }
        guard !lines.isEmpty else { throw Self.nothing }
        return lines.reversed()
    }

    private func cells(_ line: VisitLedgerLine) -> [SheetCell] {
        let language = context.language
        return [
            .text("\(line.at.date) \(line.at.time)"), .text(line.visit.address), .text(line.attempt.workerName),
            .text(line.way[language]), .text(line.met[language]), .text(line.short[language]),
            .text(line.followUp),
        ]
    }

    private func csv(_ lines: [VisitLedgerLine]) -> [UInt8] {
        var table = CSVText()
        table.add([.text(watermark)])
        table.add(Self.columns.map { .text($0.name[context.language]) })
        for line in lines { table.add(cells(line)) }
        return Array(table.text.utf8)
    }

    private func workbook(_ lines: [VisitLedgerLine]) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
        // Only a temporary file would stay behind.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sheet = try SheetWriter(
            path, sheet: Text("走访台账", "Visits")[context.language],
            columns: Self.columns.map { (name: $0.name[context.language], width: $0.width) }, watermark: watermark,
            mark: watermark)
        for line in lines { try sheet.add(cells(line)) }
        try sheet.close()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Where and when, who took it, and what for.
    private var watermark: String {
        let place = services.divisions.place(division)
        return ExportMark.text(
            Text("\(place) \(month) 走访台账（\(month.span.zh)）", "Visits of \(place), \(month) (\(month.ends.en))"),
            purpose: purpose, context)
    }

    private static let tooMany = LinliError.invalid(
        "visits.tooMany",
        [
            .init(
                "purpose",
                Text("超过 \(VisitLedger.limit) 次，请按网格分开导出", "More than \(VisitLedger.limit) visits: take grid by grid"))
        ])

    private static let nothing = LinliError.invalid(
        "visits.nothing", [.init("purpose", Text("这个月没有走访记录", "There is no visit in this month"))])
}
