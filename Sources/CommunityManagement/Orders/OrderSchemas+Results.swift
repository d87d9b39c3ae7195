import LinliCore
import LinliKernel

/// Imports of official results, and taking them back.
extension OrderSchemas {
    /// What a program takes back.
    struct TakingBack: Sendable {
        var batch: String
        var number: String
        var reason: String
    }

    static let imports = Schema<[ForeignResultImport]>(
        "OrderResultImports",
        [
            SchemaProperty(
                "imports",
                .list(
                    .object([
                        SchemaProperty("batch", .text(limit: 20), required: true, "What `takeBackOrderResults` takes"),
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty("by", .text(limit: 60), required: true, "Who; empty for who is gone"),
                        SchemaProperty("firstMonth", .text(limit: 6), required: true, "The first month in it"),
                        SchemaProperty("lastMonth", .text(limit: 6), required: true, "The last month in it"),
                        SchemaProperty("orders", .integer(0...Int64.max), required: true, "How many still hold"),
                    ]), limit: 100), required: true, "The imports")
        ],
        decode: { _ in [] },
        encode: { imports in
            ["imports": .array(imports.map { .object(row($0)) })]
        }
    )

    private static func row(_ one: ForeignResultImport) -> [String: JSONValue] {
        [
            "batch": .text("\(one.at.milliseconds)"), "at": .text(one.at.iso8601), "by": .text(one.by),
            "firstMonth": .text("\(one.months.first)"), "lastMonth": .text("\(one.months.last)"),
            "orders": .int(Int64(one.count)),
        ]
    }

    static let takingBack = Schema<TakingBack>(
        "OrderResultsTakingBack",
        [
            SchemaProperty("batch", .text(limit: 20), "One import, from `listOrderResultImports`"),
            SchemaProperty("number", .text(limit: 60), "Or one order, 工单编号"),
            SchemaProperty("reason", .text(limit: 200), required: true, "Why; it is audited"),
        ],
        decode: { TakingBack(batch: $0.text("batch"), number: $0.text("number"), reason: $0.text("reason")) },
        encode: { _ in [:] }
    )

    static let takenBack = Schema<Int>(
        "OrderResultsTakenBack",
        [SchemaProperty("takenBack", .integer(0...10_000), required: true, "How many count no more")],
        decode: { _ in 0 }, encode: { ["takenBack": .int(Int64($0))] }
    )
}
