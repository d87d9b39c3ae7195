import LinliCore
import LinliKernel

/// The cells of a round, as programs read and answer them.
extension FormSchemas {
    /// What stands in a cell, or that the answer of last time does.
    struct Answer: Sendable {
        var typed: FormsCommands.Typed
        var isAgain: Bool
    }

    /// Answers, and by which columns they were given.
    struct Answers: Sendable {
        var headings: String
        var answers: [Answer]
    }

    /// A page of rows with open cells, and which columns these are.
    struct Open: Sendable {
        var page: APIPage<FilledForm.Row>
        var headings: String
    }

    private static let headings = SchemaProperty(
        "headings", .text(limit: 20), required: true,
        "Which columns these are, as `listOpenCells` says it: another word once `renewForm` changed them")

    static let answers = Schema<Answers>(
        "FormAnswers",
        [
            headings,
            SchemaProperty(
                "answers",
                .list(
                    .object([
                        SchemaProperty("row", .id, required: true, "Of which row"),
                        SchemaProperty("column", .integer(0...120), required: true, "Which column, from 0"),
                        SchemaProperty(
                            "value", .text(limit: 200), "What stands there; empty or left out takes it back"),
                        SchemaProperty("again", .flag, "That the answer of last time stands, instead of a value"),
                    ]), limit: 2000), required: true, "Of at most two hundred rows"),
        ],
        decode: { json in
            guard case .array(let said) = json["answers"] else { return Answers(headings: "", answers: []) }
            let answers = said.compactMap { answer -> Answer? in
                guard case .object(let answer) = answer, let row: ID<FormRow> = answer.id("row") else { return nil }
                return Answer(
                    typed: FormsCommands.Typed(
                        row: row, column: Int(answer.integer("column") ?? -1), value: answer.text("value")),
                    isAgain: answer.flag("again"))
            }
            return Answers(headings: json.text("headings"), answers: answers)
        },
        encode: { _ in [:] })

    private static let openProperties = [
        SchemaProperty(
            "row", .id, required: true, "Of which person, household, dwelling, organization, thing or division"),
        SchemaProperty(
            "name", .text(limit: 400), required: true, "Name, or the address of a household or dwelling"),
        SchemaProperty("address", .text(limit: 400), required: true, "Where it is"),
        SchemaProperty(
            "columns", .list(.integer(0...120), limit: 120), required: true, "Columns that are not known, from 0"),
        SchemaProperty(
            "before",
            .list(
                .object([
                    SchemaProperty("column", .integer(0...120), required: true, "Which column, from 0"),
                    SchemaProperty("at", .moment, required: true, "When it was answered"),
                    SchemaProperty("value", .text(limit: 200), "The answer, to who may read it"),
                ]), limit: 120), required: true, "What was answered before for them"),
    ]

    static let open = Schema<Open>(
        "OpenCells",
        [
            SchemaProperty(
                "rows", .list(.object(openProperties), limit: 100), required: true, "In the order of the form"),
            APIPages.next, headings,
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: { open in
            var object = open.page.json("rows") { .object(json($0)) }
            object["headings"] = .text(open.headings)
            return object
        })

    private static func json(_ row: FilledForm.Row) -> [String: JSONValue] {
        [
            "row": .text("\(row.id)"), "name": .text(row.name), "address": .text(row.address),
            "columns": .array(row.open.map { .int(Int64($0)) }),
            "before": .array(
                row.offered.sorted { $0.key < $1.key }.map { column, answer in
                    var json: [String: JSONValue] = ["column": .int(Int64(column)), "at": .moment(answer.at)]
                    if !answer.value.isEmpty { json["value"] = .text(answer.value) }
                    return .object(json)
                }),
        ]
    }
}
