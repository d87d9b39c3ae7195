import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets

/// One piece of work of a period: a visit, something found on a round, a service brought.
struct WorkLine: Sendable {
    let at: Instant
    let kind: WorkColumn.Group
    let division: DivisionCode
    /// Where or for whom: an address or a point, never a name or a number.
    let place: String
    let what: Text
    let who: String
    let followUp: String
}

/// The lines behind a report, for who may take data of people away: each export says what for and stands in the audit
/// before anybody has it.
struct WorkDetails: Sendable {
    /// The most lines one table holds.
    static let limit = 5000
    static let columns: [(name: Text, width: Double)] = [
        (Text("时间", "When"), 17), (Text("类别", "Kind"), 8), (Text("网格", "Grid"), 22), (Text("地方", "Where"), 30),
        (Text("情况", "What"), 48), (Text("谁办的", "Who"), 12), (Text("工单", "Case"), 18),
    ]

    let area: DivisionCode
    let period: WorkPeriod
    let purpose: String
    let context: Context
    let services: Services

    /// - Throws: `.invalid` without a purpose.
    init(
        _ area: DivisionCode, _ period: WorkPeriod, purpose: String, _ context: Context, _ services: Services
    ) throws {
        self.purpose = try StatedPurpose.read(
            purpose, "reports.purpose", example: Text("十一月工作检查", "review of November's work"))
        (self.area, self.period) = (area, period)
        (self.context, self.services) = (context, services)
    }

    /// The finished file, oldest first.
    ///
    /// - Throws: `.invalid` when there is nothing, or more than one table holds.
    func take(_ format: String) async throws -> Reply {
        let lines = try await lines()
        // Printed pages have room for little more than this and what it is for.
        let mark = ExportMark.text(
            Text(
                "\(services.divisions.place(area)) \(period.name.zh)工作明细（\(period.span.zh)）",
                "Work of \(services.divisions.place(area)), \(period) (\(period.ends.en))"),
            purpose: purpose, context)
        let table = WorkTable(
            name: Text("工作明细", "Work")[context.language], columns: Self.columns, rows: lines.map(cells), mark: mark)
        let bytes = try table.bytes(format, context.language)
        let fields = ["work", format, period.description, "rows:\(lines.count)"]
        try await services.database.write(context, "reports.export", reason: purpose) { tx in
            try tx.audit(Subject("account", context.actor.account ?? ID(rawValue: 0), division: area), fields: fields)
        }
        return WorkTable.reply(bytes, format, "work-\(period)")
    }

    private func cells(_ line: WorkLine) -> [SheetCell] {
        let language = context.language
        return [
            .text("\(line.at.date) \(line.at.time)"), .text(line.kind.name[language]),
            .text(services.divisions[line.division]), .text(line.place), .text(line.what[language]), .text(line.who),
            .text(line.followUp),
        ]
    }

    /// Everything of the period, oldest first.
    func lines() async throws -> [WorkLine] {
        let hidden = context.actor.scope.interests
        let lines = try await services.database.read { tx in
            let book = try LabelBook.current(tx)
            return try visits(tx) + WorkDetailsStore.hazards(in: area, period, hidden: hidden, tx)
                + WorkDetailsStore.deliveries(in: area, period, book, tx)
        }
        guard !lines.isEmpty else { throw Self.nothing }
        guard lines.count <= Self.limit else { throw Self.tooMany }
        return lines.sorted { $0.at < $1.at }
    }

    private func visits(_ tx: ReadTx) throws -> [WorkLine] {
        try VisitLedger.lines(
            in: area, from: period.start, until: period.end, after: nil, limit: Self.limit + 1, tx
        ).map { line in
            let what = [line.way, line.met, line.short].filter { !$0.zh.isEmpty }
            return WorkLine(
                at: line.at, kind: .visits, division: line.attempt.division, place: line.visit.address,
                what: Text(what.map(\.zh).joined(separator: "，"), what.map(\.en).joined(separator: ", ")),
                who: line.attempt.workerName, followUp: line.followUp)
        }
    }

    private static let tooMany = LinliError.invalid(
        "reports.tooMany",
        [
            .init(
                "purpose",
                Text("超过 \(limit) 条，请缩小范围或换短一点的时段", "More than \(limit) lines: take a smaller area or a shorter period")
            )
        ])

    private static let nothing = LinliError.invalid(
        "reports.nothing", [.init("purpose", Text("这段时间没有记录", "There is nothing in this period"))])
}

/// Every SQL text of the lines behind a report; visits come from their own ledger.
enum WorkDetailsStore {
    /// What was found on rounds; without what is said against units of the reader.
    static func hazards(
        in area: DivisionCode, _ period: WorkPeriod, hidden: [ID<LinliKernel.Unit>], _ tx: ReadTx
    ) throws -> [WorkLine] {
        let against = SQL.apart(from: hidden, "c.against_unit")
        return try tx.all(
            """
            SELECT f.at, f.division, p.name, c.title, f.is_danger, f.is_settled, x.worker_name, c.number
            FROM patrol_finding f JOIN patrol_point p ON p.id = f.point_id JOIN patrol x ON x.id = f.patrol_id
            JOIN case_item c ON c.id = f.case_id WHERE \(RegisterQueries.place("f", area))
            AND f.at >= \(period.start) AND f.at < \(period.end)\(against) ORDER BY f.at LIMIT \(WorkDetails.limit + 1)
            """
        ) { row in
            let (title, isDanger, isSettled): (String, Bool, Bool) = (try row[3], try row[4], try row[5])
            let danger = isDanger ? Text("（危险）", " (dangerous)") : Text(same: "")
            let end = isSettled ? Text("，当场办结", ", settled on the spot") : Text("，转工单", ", became a case")
            return WorkLine(
                at: try row[0], kind: .hazards, division: try row[1], place: try row[2],
                what: Text(same: title) + danger + end, who: try row[6], followUp: try row[7])
        }
    }

    /// Services that were brought, of those that tell nothing closely kept of who has them.
    static func deliveries(
        in area: DivisionCode, _ period: WorkPeriod, _ book: LabelBook, _ tx: ReadTx
    ) throws -> [WorkLine] {
        let open = book.services.filter { $0.fieldClass == .basic }
        guard !open.isEmpty else { return [] }
        typealias Row = (at: Instant, grid: DivisionCode, service: String, person: ID<Person>, who: String)
        let rows: [Row] = try tx.all(
            """
            SELECT d.at, d.grid, o.service, o.person_id, a.name
            FROM care_delivery d JOIN care_offer o ON o.id = d.offer_id LEFT JOIN account a ON a.id = d.account_id
            WHERE d.at >= \(period.start) AND d.at < \(period.end)
            AND d.grid BETWEEN \(area.range.lowerBound) AND \(area.range.upperBound)
            AND o.service IN \(SQL.list(open.map(\.id))) ORDER BY d.at LIMIT \(WorkDetails.limit + 1)
            """
        ) { (try $0[0], try $0[1], try $0[2], try $0[3], try $0[4] ?? "") }
        guard !rows.isEmpty else { return [] }
        let homes = try CareStore.homes(of: Array(Set(rows.map(\.person))).sorted(), tx)
        return rows.map { row in
            let name = book[service: row.service]?.name ?? Text(same: row.service)
            return WorkLine(
                at: row.at, kind: .services, division: row.grid, place: homes[row.person]?.address ?? "",
                what: name + Text("，送到", ", brought"), who: row.who, followUp: "")
        }
    }
}

/// A table on its way out, as a workbook or as CSV, with its line above the names of the columns.
struct WorkTable {
    let name: String
    let columns: [(name: Text, width: Double)]
    let rows: [[SheetCell]]
    let mark: String

    static let formats = ["xlsx", "csv"]

    func bytes(_ format: String, _ language: Language) throws -> [UInt8] {
        guard format == "xlsx" else {
            var table = CSVText()
            table.add([.text(mark)])
            table.add(columns.map { .text($0.name[language]) })
            for row in rows { table.add(row) }
            return Array(table.text.utf8)
        }
        let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
        // Only a temporary file would stay behind.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sheet = try SheetWriter(
            path, sheet: name, columns: columns.map { (name: $0.name[language], width: $0.width) }, watermark: mark,
            mark: mark)
        for row in rows { try sheet.add(row) }
        try sheet.close()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func type(_ format: String) -> String {
        format == "xlsx"
            ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" : "text/csv; charset=utf-8"
    }

    static func reply(_ bytes: [UInt8], _ format: String, _ name: String) -> Reply {
        Reply(.bytes(bytes, type: type(format)))
            .adding("content-disposition", "attachment; filename=\"\(name).\(format)\"")
    }
}
