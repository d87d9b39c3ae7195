import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets
import LinliStandards

/// As what a list is taken away.
enum ExportFormat: String, Sendable, CaseIterable {
    case xlsx, csv

    var type: String {
        self == .csv ? "text/csv; charset=utf-8" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    }
}

/// A list of cases on its way out.
struct CaseExport: Sendable {
    /// More than this is refused, never cut: nobody should take a part for the whole.
    static let limit = 5000
    /// How many are read at once.
    private static let pageSize = 500

    let filter: CaseFilter
    let format: ExportFormat
    let context: Context
    let services: Services
    private let purpose: String

    /// - Throws: `.invalid` without a purpose.
    init(
        _ filter: CaseFilter, _ format: ExportFormat, purpose: String, _ context: Context, _ services: Services
    ) throws {
        self.purpose = try StatedPurpose.read(
            purpose, "exports.purpose", example: Text("十一月超期情况通报", "report on overdue cases"))
        var whole = filter
        whole.after = nil
        whole.limit = CaseExport.pageSize
        self.filter = whole
        self.format = format
        self.context = context
        self.services = services
    }

    /// The finished file. That it was taken, by whom, what for and how much, is in the audit before anybody has it.
    ///
    /// - Throws: `.invalid` when there is nothing, or more than fits.
    func take() async throws -> Reply {
        let (bytes, count) = try await write()
        let actor = context.actor
        let division = filter.grid ?? actor.scope(for: .casesExport).divisions.first
        let fields = ["cases", format.rawValue, filter.tab.rawValue, "rows:\(count)"]
        try await services.database.write(context, "cases.export", reason: purpose) { tx in
            try tx.audit(
                Subject("account", actor.account ?? ID(rawValue: 0), division: division),
                fields: fields)
        }
        let name = "cases-\(context.now.date.compact).\(format.rawValue)"
        return Reply(.bytes(bytes, type: format.type))
            .adding("content-disposition", "attachment; filename=\"\(name)\"")
    }

    private func write() async throws -> ([UInt8], Int) {
        switch format {
        case .csv:
            var table = CSVText()
            table.add([.text(watermark)])
            table.add(ExportColumns.all.map { .text($0.name[context.language]) })
            let count = try await each { table.add($0) }
            return (Array(table.text.utf8), count)
        case .xlsx:
            let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
            // Only a temporary file would stay behind.
            defer { try? FileManager.default.removeItem(atPath: path) }
            let sheet = try SheetWriter(
                path, sheet: context.language == .zh ? "工单" : "Cases",
                columns: ExportColumns.all.map { (name: $0.name[context.language], width: $0.width) },
                watermark: watermark, mark: watermark)
            let count = try await each { try sheet.add($0) }
            try sheet.close()
            return ([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))), count)
        }
    }

    /// Who took it, when, and what for.
    private var watermark: String { ExportMark.text(purpose: purpose, context) }

    /// Gives the cells of every case of the list, page by page; returns how many there were.
    private func each(_ give: ([SheetCell]) throws -> Void) async throws -> Int {
        let scope = context.actor.scope(for: .casesExport)
        var page = filter
        var count = 0
        while true {
            let found = try await services.queries.list(page, scope, at: context.now)
            let rows = Array(found.prefix(CaseExport.pageSize))
            count += rows.count
            guard count <= CaseExport.limit else { throw CaseExport.tooMany }
            let more = try await services.database.read { try ExportStore.more(rows.map(\.id), $0) }
            let columns = ExportColumns(
                more: more, language: context.language, names: services.divisions, catalogue: services.catalogue,
                types: services.queries.types)
            for row in rows { try give(columns.cells(row)) }
            guard found.count > rows.count, let last = rows.last else { break }
            page.after = CaseCursor(at: last.dueAt, id: last.id)
        }
        guard count > 0 else { throw CaseExport.nothing }
        return count
    }

    private static let tooMany = LinliError.invalid(
        "exports.tooMany",
        [
            .init(
                "purpose",
                Text("超过 \(limit) 件，请先缩小范围再导出", "More than \(limit) cases: narrow the list first"))
        ]
    )

    private static let nothing = LinliError.invalid(
        "exports.nothing", [.init("purpose", Text("这个列表里没有工单", "There is no case in this list"))]
    )
}

/// What a row of the list does not hold.
struct ExportedMore: Sendable {
    let text: String
    let closedAt: Instant?
    let stars: Int?
    /// By when a part is to be done.
    let dueBy: Instant?
}

/// Every SQL text of exports.
enum ExportStore {
    /// Texts (masked as they are kept), ends, ratings and agreed dates of some cases.
    static func more(_ ids: [ID<Case>], _ tx: ReadTx) throws -> [ID<Case>: ExportedMore] {
        var more: [ID<Case>: ExportedMore] = [:]
        guard !ids.isEmpty else { return more }
        let dates = try CaseQueries.partDates(of: ids, tx)
        try tx.each("SELECT id, text, closed_at, stars FROM case_item WHERE id IN \(SQL.list(ids))") { row in
            let id: ID<Case> = try row[0]
            more[id] = ExportedMore(text: try row[1], closedAt: try row[2], stars: try row[3], dueBy: dates[id])
        }
        return more
    }
}

/// The columns of the sheet; nothing in them says who told a case.
struct ExportColumns {
    static let all: [(name: Text, width: Double)] = [
        (Text("编号", "Number"), 18), (Text("标题", "Title"), 28), (Text("内容", "Text"), 48),
        (Text("性质", "Nature"), 8), (Text("类别", "Kind"), 16), (Text("来源", "Source"), 14),
        (Text("区划", "Area"), 22), (Text("地点", "Place"), 30), (Text("承办单位", "Unit"), 24),
        (Text("状态", "State"), 12), (Text("等级", "Level"), 8), (Text("督办", "Supervision"), 10),
        (Text("反映时间", "Told"), 17), (Text("时限", "Due"), 17), (Text("协办约定时间", "Agreed for the part"), 17),
        (Text("办结时间", "Closed"), 17), (Text("评价", "Stars"), 6),
    ]

    let more: [ID<Case>: ExportedMore]
    let language: Language
    let names: DivisionNames
    let catalogue: EventCatalogue
    let types: CaseTypes

    func cells(_ row: CaseRow) -> [SheetCell] {
        let rest = more[row.id]
        return [
            .text(row.number), .text(row.title), .text(rest?.text ?? ""), text(row.nature.name),
            text(DeskWords.category(row.category, catalogue)), text(row.source.name), .text(names.place(row.division)),
            .text(row.whereabouts), text(row.handlerName), text(DeskWords.state(row, types)),
            text(row.isUrgent ? Text("紧急", "Urgent") : Text("一般", "Ordinary")), text(supervision(row)),
            moment(row.createdAt), moment(row.isOpen ? row.dueAt : nil), moment(rest?.dueBy), moment(rest?.closedAt),
            rest?.stars.map { .number(Int64($0)) } ?? .text(""),
        ]
    }

    private func text(_ text: Text) -> SheetCell { .text(text[language]) }

    private func moment(_ instant: Instant?) -> SheetCell {
        .text(instant.map { "\($0.date) \($0.time)" } ?? "")
    }

    private func supervision(_ row: CaseRow) -> Text {
        switch row.supervision {
        case 2: Text("督办", "Supervised")
        case 3: Text("已上报", "Raised")
        default: Text(same: "")
        }
    }
}
