import LinliCore
import LinliKernel
import LinliStandards

/// The JSON objects of `RegisterSheetsAPI`.
enum RegisterSheetsSchemas {
    /// A sheet somebody brought.
    struct Sheet: Sendable {
        var id: ID<SheetDraft>
        var kind: RegisterKind
        var draft: SheetDraft
    }

    /// What is to be done with a sheet.
    struct Wish: Sendable {
        var kind: RegisterKind
        /// A field for each column; nil as they are taken.
        var columns: [String]?
        /// Whether people who are known stay as they are.
        var keepsKnown: Bool
    }

    /// What the rows would do.
    struct Trial: Sendable {
        var outcomes: [ImportOutcome]
        var draft: SheetDraft
        var language: Language
    }

    /// How many wrong rows an answer holds.
    private static let shown = 500
    private static let kinds = SchemaKind.choice(RegisterSheetsPage.kinds.map(\.rawValue))
    private static let kind = SchemaProperty("kind", kinds, required: true, "What it holds")

    static let upload = Schema<Nothing>(
        "RegisterSheetUpload",
        [
            kind, SchemaProperty("division", .shaped(.division), required: true, "Where its rows belong"),
            SchemaProperty("datum", .choice(["wgs84", "gcj02", "bd09"]), "Coordinates of GeoJSON; wgs84 by default"),
            SchemaProperty("file", .file, required: true, "XLSX, CSV or GeoJSON as it came, at most 50,000 rows"),
        ],
        decode: { _ in Nothing() }, encode: { _ in [:] })

    static let wish = Schema<Wish>(
        "RegisterSheetWish",
        [
            kind,
            SchemaProperty(
                "columns", .list(.text(limit: 60), limit: 200),
                "The field of each column in their order, empty for what is left out; as suggested when missing"),
            SchemaProperty("keepKnown", .flag, "Whether people who are known stay as they are"),
        ],
        decode: { json in
            Wish(
                kind: RegisterKind(rawValue: json.text("kind")) ?? .person,
                columns: json["columns"] == nil ? nil : json.texts("columns"), keepsKnown: json.flag("keepKnown"))
        },
        encode: { _ in [:] })

    static let sheet = Schema<Sheet?>(
        "RegisterSheet",
        [
            SchemaProperty("id", .id, required: true, "The sheet, for tryRegisterSheet"), kind,
            SchemaProperty("rows", .integer(0...1_000_000), required: true, "How many rows it has"),
            SchemaProperty(
                "columns",
                .list(
                    .object([
                        SchemaProperty("heading", .text(limit: 200), required: true, "As the sheet says it"),
                        SchemaProperty(
                            "field", .text(limit: 60), required: true, "What it is taken for; empty: left out"),
                    ]), limit: 200), required: true, "Its columns"),
        ],
        decode: { _ in nil },
        encode: { sheet in
            guard let sheet else { return [:] }
            let columns = zip(sheet.draft.headers, sheet.draft.fields).map { heading, field in
                JSONValue.object(["heading": .text(String(heading.prefix(200))), "field": .text(field)])
            }
            return [
                "id": .text("\(sheet.id)"), "kind": .text(sheet.kind.rawValue),
                "rows": .int(Int64(sheet.draft.lines.count)), "columns": .array(columns),
            ]
        })

    private static let count = SchemaKind.integer(0...1_000_000)

    static let trial = Schema<Trial?>(
        "RegisterSheetTrial",
        [
            SchemaProperty("new", count, required: true, "Rows that would be entered"),
            SchemaProperty("known", count, required: true, "Rows about what is known"),
            SchemaProperty("changed", count, required: true, "Known entries that would change"),
            SchemaProperty("wrong", count, required: true, "Rows that cannot be taken"),
            SchemaProperty(
                "wrongRows",
                .list(
                    .object([
                        SchemaProperty("row", count, required: true, "Its number in the sheet"),
                        SchemaProperty("cells", .list(.text(limit: 500), limit: 200), required: true, "As they came"),
                        SchemaProperty(
                            "problems", .list(.text(limit: 500), limit: 60), required: true, "What is wrong"),
                    ]), limit: shown), required: true, "The first 500 of them"),
            SchemaProperty("doubtful", count, required: true, "Rows taken although something of them is doubtful"),
            SchemaProperty(
                "doubtfulRows",
                .list(
                    .object([
                        SchemaProperty("row", count, required: true, "Its number in the sheet"),
                        SchemaProperty(
                            "warnings", .list(.text(limit: 500), limit: 60), required: true, "What is doubtful"),
                    ]), limit: shown), required: true, "The first 500 of them"),
        ],
        decode: { _ in nil },
        encode: { trial in
            guard let trial else { return [:] }
            let wrong = trial.outcomes.filter { !$0.isNew && !$0.isKnown }
            let lines = Dictionary(
                trial.draft.lines.map { ($0.number, $0.cells) }, uniquingKeysWith: { first, _ in first })
            let rows = wrong.prefix(shown).map { outcome in
                JSONValue.object([
                    "row": .int(Int64(outcome.line)),
                    "cells": .array((lines[outcome.line] ?? []).prefix(200).map { .text(String($0.prefix(500))) }),
                    "problems": .array(outcome.problems.map { .text($0[trial.language]) }),
                ])
            }
            let doubts = trial.outcomes.filter(\.isDoubtful).prefix(shown).map { outcome in
                JSONValue.object([
                    "row": .int(Int64(outcome.line)),
                    "warnings": .array(outcome.warnings.map { .text($0[trial.language]) }),
                ])
            }
            func total(_ fits: (ImportOutcome) -> Bool) -> JSONValue { .int(Int64(trial.outcomes.count(where: fits))) }
            return [
                "new": total(\.isNew), "known": total(\.isKnown), "changed": total { !$0.changes.isEmpty },
                "wrong": .int(Int64(wrong.count)), "wrongRows": .array(Array(rows)),
                "doubtful": total(\.isDoubtful), "doubtfulRows": .array(Array(doubts)),
            ]
        })

    private static let importProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"), kind,
        SchemaProperty("division", .text(limit: 15), required: true, "Where its rows belong"),
        SchemaProperty("at", .moment, required: true, "When it began"),
        SchemaProperty("by", .text(limit: 60), required: true, "Who brought it"),
        SchemaProperty(
            "state", .choice(["running", "done", "stopped", "undoing", "undone"]), required: true, "Where it stands"),
        SchemaProperty("position", count, required: true, "Rows that were looked at"),
        SchemaProperty("total", count, required: true, "Rows it has"),
        SchemaProperty("added", count, required: true, "Entered"),
        SchemaProperty("known", count, required: true, "Known and left as they were"),
        SchemaProperty("changed", count, required: true, "Known and changed"),
        SchemaProperty("wrong", count, required: true, "Not taken"),
        SchemaProperty("dwellings", count, required: true, "Dwellings entered with people"),
        SchemaProperty("undone", count, required: true, "Taken back"),
    ]

    static let imported = Schema<RegisterImport?>(
        "RegisterImport", importProperties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    static let list = Schema<[RegisterImport]>(
        "RegisterImports",
        [SchemaProperty("imports", .list(.object(importProperties), limit: 1000), required: true, "The newest first")],
        decode: { _ in [] }, encode: { ["imports": .array($0.map { .object(json($0)) })] })

    private static func json(_ found: RegisterImport) -> [String: JSONValue] {
        [
            "id": .text("\(found.id)"), "kind": .text(found.kind.rawValue), "division": .text("\(found.division)"),
            "at": .moment(found.at), "by": .text(found.accountName), "state": .text(found.state.rawValue),
            "position": .int(Int64(found.position)), "total": .int(Int64(found.total)),
            "added": .int(Int64(found.added)), "known": .int(Int64(found.known)),
            "changed": .int(Int64(found.changed)), "wrong": .int(Int64(found.wrong)),
            "dwellings": .int(Int64(found.dwellings)), "undone": .int(Int64(found.undone)),
        ]
    }
}
