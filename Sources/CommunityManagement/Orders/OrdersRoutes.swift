import Foundation
import LinliCore
import LinliKernel
import LinliSpreadsheets

/// The list of orders, and tables of them.
enum OrdersRoutes {
    static let all: [Route] = [
        .get("/desk/orders", access: .permission(.casesRead), list),
        .get("/desk/orders/table", access: .permission(.casesRead), table),
        .get("/desk/orders/template", access: .permission(.casesDispatch), template),
    ]

    static let limit = 50
    /// More than this is a question for the rates, not for a table.
    private static let tableLimit = 2000

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let scope = request.context.actor.scope(for: .casesRead)
        let showsAll = request.query["all"] == "1"
        let before: ID<ForeignOrder>? = request.query.id("before")
        let clocks = internalClocks(services)
        let rows = try await services.database.read { tx in
            try ForeignOrdersStore.list(
                scope, isOpen: !showsAll, before: before, clocks: clocks, limit: limit + 1, tx)
        }
        let page = OrdersPage(
            rows: Array(rows.prefix(limit)), hasMore: rows.count > limit, showsAll: showsAll,
            mayImport: request.context.actor.may(.casesDispatch), now: request.context.now,
            types: services.queries.types
        )
        return .page(page.page)
    }

    /// The clocks that are our own beside the deadline of an order, over all types.
    static func internalClocks(_ services: Services) -> [String] {
        Set(services.queries.types.all.flatMap(\.internalClocks)).sorted()
    }

    // MARK: Tables

    private static let columns: [(name: String, width: Double)] = [
        ("工单编号", 22), ("本系统编号", 18), ("标题", 36), ("状态", 10), ("承办单位", 24), ("派单时间", 17), ("市级办理时限", 17),
        ("内部时限", 17), ("答复时间", 17),
    ]

    /// The list as a table to take along: no names and no phone numbers in it.
    private static func table(_ request: Request, _ services: Services) async throws -> Reply {
        let scope = request.context.actor.scope(for: .casesRead)
        let showsAll = request.query["all"] == "1"
        let clocks = internalClocks(services)
        let rows = try await services.database.read { tx in
            try ForeignOrdersStore.list(scope, isOpen: !showsAll, clocks: clocks, limit: tableLimit, tx)
        }
        let table = rows.map { cells($0, services) }
        if request.query["format"] == "csv" {
            var csv = CSVText()
            csv.add(columns.map { .text($0.name) })
            for row in table { csv.add(row) }
            return file(Array(csv.text.utf8), "text/csv; charset=utf-8", "orders.csv")
        }
        return file(try workbook("12345 工单", columns, table), excel, "orders.xlsx")
    }

    private static func cells(_ listed: ForeignOrdersStore.Listed, _ services: Services) -> [SheetCell] {
        func moment(_ instant: Instant?) -> SheetCell { .text(instant.map { "\($0.date) \($0.time)" } ?? "") }
        let (order, row) = (listed.order, listed.row)
        return [
            .text(order.number), .text(row.number), .text(row.title),
            .text(OrderState.of(row, services.queries.types).zh), .text(row.handlerName.zh),
            moment(order.dispatchedAt), moment(order.dueAt), moment(row.isOpen ? listed.internalDue : nil),
            moment(order.repliedAt),
        ]
    }

    /// A sheet with our columns, for who keeps orders by hand.
    private static func template(_: Request, _: Services) async throws -> Reply {
        let columns = SheetKind.orders.fields.map { field in
            (
                name: field.synonyms.first ?? field.name.zh,
                width: ["content", "address"].contains(field.id) ? 40.0 : 16.0
            )
        }
        return file(try workbook("12345 工单", columns, []), excel, "orders-template.xlsx")
    }

    private static let excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    private static func workbook(
        _ sheet: String, _ columns: [(name: String, width: Double)], _ rows: [[SheetCell]]
    ) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
        // Only a temporary file would stay behind.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = try SheetWriter(path, sheet: sheet, columns: columns)
        for row in rows { try writer.add(row) }
        try writer.close()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func file(_ bytes: [UInt8], _ type: String, _ name: String) -> Reply {
        Reply(.bytes(bytes, type: type)).adding("content-disposition", "attachment; filename=\"\(name)\"")
    }
}

/// What a state is called.
enum OrderState {
    static func of(_ row: CaseRow, _ types: CaseTypes) -> Text {
        types.state(row.state, of: row.type)?.name ?? Text(same: row.state)
    }
}
