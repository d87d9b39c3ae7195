import LinliCore
import LinliKernel

/// The JSON objects of `FormsAPI`.
enum FormSchemas {
    /// A form with what is around it.
    struct Shown: Sendable {
        var form: DemandedForm
        var rounds: [FormRound]
        var overlaps: [FormOverlap]
    }

    /// A form in a list, and which others ask for the same.
    struct Listed: Sendable {
        var form: DemandedForm
        var overlaps: [FormOverlap]
    }

    /// A form to register, and the rows of its sheet.
    struct Draft: Sendable {
        var form: DemandedForm
        var table: String
    }

    /// What somebody says the columns are.
    struct Match: Sendable {
        struct Column: Sendable {
            var source: String
            var missing: String?
            var keepsDays: Int?
            var isOfHome: Bool
        }

        var columns: [Column]
        var version: Int

        /// The columns of a form as this says.
        ///
        /// - Throws: `.invalid` for another number of columns, or a source there is not.
        func columns(of form: DemandedForm) throws -> [FormColumn] {
            guard columns.count == form.columns.count else {
                throw LinliError.invalid(
                    "forms.columns",
                    [
                        .init(
                            "columns",
                            Text("这张表有 \(form.columns.count) 列", "This form has \(form.columns.count) columns"))
                    ])
            }
            return try zip(form.columns, columns).map { old, said in
                let source = FormSource(said.source)
                guard source != .ask || said.source == "ask" else {
                    throw LinliError.invalid(
                        "forms.source",
                        [.init("columns", Text("没有这种来源：", "No such source: ") + Text(same: said.source))])
                }
                return FormColumn(
                    name: old.name, source: source, missing: source == .ask ? nil : said.missing, sureness: 100,
                    keepsDays: said.keepsDays, isOfHome: said.isOfHome)
            }
        }
    }

    // MARK: What comes in

    private static let said = [
        SchemaProperty("title", .text(limit: 100), required: true, "What it is called"),
        SchemaProperty("issuer", .text(limit: 100), required: true, "Who demands it"),
        SchemaProperty("basis", .text(limit: 200), "On what ground"),
        SchemaProperty(
            "rhythm", .choice(FormRhythm.allCases.map(\.rawValue)), required: true, "How often it is demanded"),
        SchemaProperty("due", .shaped(.day), "The day it is due next"),
    ]

    private static let about =
        said + [
            SchemaProperty(
                "division", .shaped(.division), required: true, "The community or street that must fill it in"),
            SchemaProperty(
                "about", .choice(FormAbout.allCases.map(\.rawValue)),
                "What a row stands for, a person when left out; `division`: a grid or community, with counts"),
            SchemaProperty("label", .text(limit: 40), "The label whose people it is about; everybody when left out"),
        ]

    static let description = Schema<FormDescription>(
        "FormDescription", said + [version],
        decode: { json in
            FormDescription(
                title: json.text("title"), issuer: json.text("issuer"), basis: json.text("basis"),
                rhythm: FormRhythm(rawValue: json.text("rhythm")) ?? .once, due: CivilDate(json.text("due")),
                version: json.integer("version").map { Int($0) } ?? 0)
        },
        encode: { _ in [:] })

    static let draft = Schema<Draft>(
        "FormDraft",
        about + [
            SchemaProperty(
                "table", .text(limit: 60_000), required: true,
                "The rows of its sheet as text, cells parted by tabs or commas: what stands above, the heading, the foot"
            )
        ],
        decode: { Draft(form: try demanded($0), table: $0.text("table")) }, encode: { _ in [:] })

    static let sheet = Schema<DemandedForm>(
        "FormSheet",
        about + [
            SchemaProperty("file", .file, required: true, "Its sheet as it came: XLSX or CSV, as on the page"),
            SchemaProperty(
                "sheet", .text(limit: 100),
                "Which sheet of the file, by its name or number from 1; else the one that fits"),
        ],
        decode: demanded, encode: { _ in [:] })

    /// A form without its sheet.
    private static func demanded(_ json: [String: JSONValue]) throws -> DemandedForm {
        DemandedForm(
            id: ID(rawValue: 0), division: try division(json), title: json.text("title"),
            issuer: json.text("issuer"), basis: json.text("basis"),
            rhythm: FormRhythm(rawValue: json.text("rhythm")) ?? .month,
            about: FormAbout(rawValue: json.text("about")) ?? .person, label: json.text("label"),
            due: CivilDate(json.text("due")),
            layout: FormLayout(above: [], heading: [], below: [], names: [], sheet: json.text("sheet")),
            columns: [], version: 1)
    }

    private static func division(_ json: [String: JSONValue]) throws -> DivisionCode {
        guard let code = DivisionCode(json.text("division")) else { throw LinliError.notFound("forms.division") }
        return code
    }

    private static let version = SchemaProperty(
        "version", .integer(1...Int64(Int32.max)), required: true, "Grows with every change")
    private static let sources = SchemaProperty(
        "source", .text(limit: 120), required: true,
        "Where its cells come from: `field:person.name`, `head:person.phone`, `label:…`, `service:…`, `known:age`, "
            + "`count:age:60-79`, `constant:…` or `ask`")
    private static let missing = SchemaProperty(
        "missing", .text(limit: 100), "What stands where nothing is known; somebody is asked when left out")
    private static let keepsDays = SchemaProperty(
        "keepsDays", .integer(0...3660),
        "For how many days an answer counts as known; 0: for its period, left out: until it is changed")
    private static let ofHome = SchemaProperty(
        "ofHome", .flag, "Whether an answer for one of a household is the answer for all of it")

    static let match = Schema<Match>(
        "FormMatch",
        [
            SchemaProperty(
                "columns", .list(.object([sources, missing, keepsDays, ofHome]), limit: FormLayout.widest),
                required: true,
                "Every column in its order"), version,
        ],
        decode: { json in
            guard case .array(let columns) = json["columns"] else { return Match(columns: [], version: 0) }
            return Match(
                columns: columns.compactMap { column in
                    guard case .object(let column) = column else { return nil }
                    return Match.Column(
                        source: column.text("source"), missing: column["missing"] == nil ? nil : column.text("missing"),
                        keepsDays: column.integer("keepsDays").map { Int($0) }, isOfHome: column.flag("ofHome"))
                }, version: Int(json.integer("version") ?? 0))
        },
        encode: { _ in [:] })

    /// The rows of a sheet that came again.
    struct Renewal: Sendable {
        var table: String
        var version: Int
        var isSure: Bool
    }

    static let renewal = Schema<Renewal>(
        "FormRenewal",
        [
            SchemaProperty(
                "table", .text(limit: 60_000), required: true,
                "The rows of its sheet as text, as for `registerForm`"), version,
            SchemaProperty(
                "confirm", .flag,
                "That columns may go of which something was said: it comes back with a sheet that has them"),
        ],
        decode: { json in
            Renewal(
                table: json.text("table"), version: Int(json.integer("version") ?? 0), isSure: json.flag("confirm"))
        },
        encode: { _ in [:] })

    static let period = Schema<String>(
        "FormPeriod",
        [
            SchemaProperty(
                "period", .text(limit: 20), required: true,
                "Which, as the rhythm has it: `2026年11月` or `2026-11`, `2026-W48`, `2026Q4`, `2026H2`, `2026`; kept in "
                    + "one spelling")
        ],
        decode: { $0.text("period") }, encode: { _ in [:] })

    /// That a round is handed in, or opened again.
    struct End: Sendable {
        var minutes: Int?
        var isAgain: Bool
        /// What of one that was opened again is filled anew, as `FormsCommands.refill` takes it.
        var refilled: [Int] = []
    }

    static let end = Schema<End>(
        "FormRoundEnd",
        [
            SchemaProperty("minutes", .integer(0...100_000), "How many minutes it took"),
            SchemaProperty("reopen", .flag, "That a round that was handed in by mistake is opened again instead"),
            SchemaProperty(
                "refill", .list(.integer(-1...120), limit: 121),
                "Columns, from 0, of a round that was opened again to fill anew instead: from the registers, or asked again; "
                    + "-1: its list of rows"),
        ],
        decode: { json in
            var columns: [Int] = []
            if case .array(let said) = json["refill"] {
                for case .int(let column) in said { columns.append(Int(column)) }
            }
            return End(
                minutes: json.integer("minutes").map { Int($0) }, isAgain: json.flag("reopen"), refilled: columns)
        },
        encode: { _ in [:] })

    // MARK: What goes out

    private static let formProperties =
        [SchemaProperty("id", .id, required: true, "Identifier")] + about + [
            version,
            SchemaProperty("sheet", .text(limit: 100), "Which sheet of its file it is, where there are several"),
            SchemaProperty("otherSheets", .list(.text(limit: 100), limit: 40), "What else is in the file"),
        ]

    private static let overlapProperties = [
        SchemaProperty("form", .id, required: true, "The other form"),
        SchemaProperty("title", .text(limit: 100), required: true, "What it is called"),
        SchemaProperty("issuer", .text(limit: 100), required: true, "Who demands it"),
        SchemaProperty("division", .text(limit: 15), required: true, "Who must fill it in"),
        SchemaProperty("columns", .integer(0...120), required: true, "How many columns are the same"),
    ]

    private static let sames = SchemaProperty(
        "overlaps", .list(.object(overlapProperties), limit: 20), required: true,
        "Other forms that ask for the same, for who looks at all")

    static let list = APIPage<Listed>.schema(
        "FormList", "forms", "The one due first on top", formProperties + [sames]
    ) { listed in
        var object = json(listed.form)
        object["overlaps"] = .array(listed.overlaps.map(json))
        return object
    }

    static let form = Schema<Shown?>(
        "Form",
        formProperties + [
            sames,
            SchemaProperty(
                "columns",
                .list(
                    .object([
                        SchemaProperty("name", .text(limit: 200), required: true, "What the form calls it"), sources,
                        missing, keepsDays, ofHome,
                        SchemaProperty(
                            "sureness", .integer(0...100), required: true, "How sure that is; 100 once somebody said so"
                        ),
                    ]), limit: FormLayout.widest), required: true, "In their order"),
            SchemaProperty("rounds", .list(.object(roundProperties), limit: 200), required: true, "The newest first"),
        ],
        decode: { _ in nil },
        encode: { shown in
            guard let shown else { return [:] }
            var object = json(shown.form)
            object["overlaps"] = .array(shown.overlaps.map(json))
            object["columns"] = .array(shown.form.columns.map(json))
            object["rounds"] = .array(shown.rounds.map { .object(json($0)) })
            return object
        })

    private static func json(_ form: DemandedForm) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(form.id)"), "division": .text("\(form.division)"), "title": .text(form.title),
            "issuer": .text(form.issuer), "basis": .text(form.basis), "rhythm": .text(form.rhythm.rawValue),
            "about": .text(form.about.rawValue), "label": .text(form.label), "version": .int(Int64(form.version)),
        ]
        json["due"] = form.due.map { .text("\($0)") }
        json["sheet"] = form.layout.sheet.map { .text($0) }
        json["otherSheets"] = form.layout.others.map { others in .array(others.map { .text($0.name) }) }
        return json
    }

    private static func json(_ overlap: FormOverlap) -> JSONValue {
        .object([
            "form": .text("\(overlap.form)"), "title": .text(overlap.title), "issuer": .text(overlap.issuer),
            "division": .text("\(overlap.division)"), "columns": .int(Int64(overlap.columns)),
        ])
    }

    private static func json(_ column: FormColumn) -> JSONValue {
        var json: [String: JSONValue] = [
            "name": .text(column.name), "source": .text(column.source.text), "sureness": .int(Int64(column.sureness)),
        ]
        json["missing"] = column.missing.map { .text($0) }
        json["keepsDays"] = column.keepsDays.map { .int(Int64($0)) }
        json["ofHome"] = .flag(column.isOfHome)
        return .object(json)
    }

    // MARK: Rounds

    private static let roundProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("form", .id, required: true, "The form"),
        SchemaProperty("period", .text(limit: 20), required: true, "Which period"),
        SchemaProperty("openedAt", .moment, required: true, "When it was opened"),
        SchemaProperty("doneAt", .moment, "When it ended"),
        SchemaProperty("minutes", .integer(0...100_000), "Minutes spent on it"),
        SchemaProperty("people", .integer(0...Int64.max), required: true, "Of how many rows, when it was opened"),
        SchemaProperty("cells", .integer(0...Int64.max), required: true, "How many cells it had then"),
        SchemaProperty("asked", .integer(0...Int64.max), required: true, "How many of them were not known"),
        SchemaProperty("typed", .integer(0...Int64.max), required: true, "How many values somebody typed since"),
    ]

    static let round = Schema<FormRound?>(
        "FormRound", roundProperties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    private static func json(_ round: FormRound) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(round.id)"), "form": .text("\(round.form)"), "period": .text(round.period),
            "openedAt": .moment(round.openedAt), "people": .int(Int64(round.people)),
            "cells": .int(Int64(round.cells)), "asked": .int(Int64(round.asked)), "typed": .int(Int64(round.typed)),
        ]
        json["doneAt"] = round.doneAt.map { .moment($0) }
        json["minutes"] = round.minutes.map { .int(Int64($0)) }
        return json
    }
}
