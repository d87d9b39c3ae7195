import LinliCore
import LinliKernel
import LinliStandards

/// Case types as programs read them.
enum CaseTypeSchemas {
    private static let name = SchemaKind.object([
        SchemaProperty("zh", .text(limit: 400), required: true, "In Chinese"),
        SchemaProperty("en", .text(limit: 400), required: true, "In English"),
    ])

    private static let choice = SchemaKind.object([
        SchemaProperty("id", .text(limit: 40), required: true, "What to answer"),
        SchemaProperty("name", name, required: true, "What people read"),
    ])

    private static let field = SchemaKind.object([
        SchemaProperty("id", .text(limit: 40), required: true, "The name in `answers`"),
        SchemaProperty("name", name, required: true, "What people read"),
        SchemaProperty("kind", .choice(CaseType.Field.Kind.allCases.map(\.rawValue)), required: true, "What it takes"),
        SchemaProperty("required", .flag, required: true, "Whether it must be answered when it is asked for"),
        SchemaProperty("limit", .integer(0...Int64.max), "Longest text in characters, or the largest number"),
        SchemaProperty("choices", .list(choice, limit: 200), "What can be chosen"),
        SchemaProperty(
            "when",
            .object([
                SchemaProperty("field", .text(limit: 40), required: true, "Asked for only when this field"),
                SchemaProperty("is", .list(.text(limit: 40), limit: 200), required: true, "has one of these answers"),
            ]),
            "When it is asked for; missing for always"
        ),
    ])

    /// A step that may be taken now, with what must come with it.
    static let step = SchemaKind.object([
        SchemaProperty("id", .text(limit: 40), required: true, "Goes into `transition`"),
        SchemaProperty("name", name, required: true, "What people read on the button"),
        SchemaProperty("requires", .list(.text(limit: 40), limit: 20), required: true, "What must come with it"),
        SchemaProperty("allows", .list(.text(limit: 40), limit: 20), required: true, "What may come with it"),
        SchemaProperty("fields", .list(field, limit: 200), required: true, "What its `answers` answer"),
        SchemaProperty(
            "reasons",
            .list(
                .object([
                    SchemaProperty("id", .text(limit: 40), required: true, "Goes into `reasonClass`"),
                    SchemaProperty("name", name, required: true, "What people read"),
                    SchemaProperty("needsBasis", .flag, required: true, "Whether `text` must say on what basis"),
                ]),
                limit: 200
            ),
            "Why a case may be given back, where the step does that"
        ),
    ])

    /// What goes with a step of a case.
    static func shown(_ way: CaseType.Transition, _ view: CaseView) -> JSONValue {
        var json: [String: JSONValue] = [
            "id": .text(way.id), "name": self.json(way.name),
            "requires": .array(way.requires.map { .text($0.rawValue) }),
            "allows": .array(way.allows.map { .text($0.rawValue) }),
            "fields": .array(
                view.type.fields(with: way, told: view.item.answers).map { .object(self.json($0)) }
            ),
        ]
        if way.requires.contains(.reasonClass) {
            json["reasons"] = .array(
                view.type.returnReasons.map {
                    .object(["id": .text($0.id), "name": self.json($0.name), "needsBasis": .flag($0.needsBasis)])
                }
            )
        }
        return .object(json)
    }

    static let list = Schema<[CaseType]>(
        "CaseTypes",
        [
            SchemaProperty(
                "types",
                .list(
                    .object([
                        SchemaProperty("id", .text(limit: 40), required: true, "Goes into `type`"),
                        SchemaProperty("version", .integer(1...Int64.max), required: true, "New cases begin with it"),
                        SchemaProperty("name", name, required: true, "What people read"),
                        SchemaProperty(
                            "categories", .list(.text(limit: 40), limit: 200), required: true,
                            "What category codes begin with; none for every category"
                        ),
                        SchemaProperty(
                            "natures", .list(.text(limit: 40), limit: 20), required: true, "What may be wanted"
                        ),
                        SchemaProperty("spots", .list(.text(limit: 40), limit: 20), required: true, "Where it may be"),
                        SchemaProperty("fields", .list(field, limit: 200), required: true, "What it asks for besides"),
                    ]),
                    limit: 200
                ),
                required: true,
                "What can be told"
            )
        ],
        decode: { _ in [] },
        encode: { types in ["types": .array(types.map { .object(json($0)) })] }
    )

    private static func json(_ type: CaseType) -> [String: JSONValue] {
        [
            "id": .text(type.id), "version": .int(Int64(type.version)), "name": json(type.name),
            "categories": .array((type.opening?.categories ?? []).map { .text($0) }),
            "natures": .array((type.opening?.wishes ?? []).map { .text($0.rawValue) }),
            "spots": .array((type.opening?.places ?? []).map { .text($0.rawValue) }),
            "fields": .array(type.extraFields.map { .object(json($0)) }),
        ]
    }

    private static func json(_ field: CaseType.Field) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text(field.id), "name": json(field.name), "kind": .text(field.kind.rawValue),
            "required": .flag(field.isRequired),
        ]
        if field.limit > 0 { json["limit"] = .int(Int64(field.limit)) }
        if !field.choices.isEmpty {
            json["choices"] = .array(
                field.choices.map { .object(["id": .text($0.id), "name": self.json($0.name)]) }
            )
        }
        json["when"] = field.condition.map { condition in
            .object(["field": .text(condition.field), "is": .array(condition.values.map { .text($0) })])
        }
        return json
    }

    private static func json(_ text: Text) -> JSONValue { .object(["zh": .text(text.zh), "en": .text(text.en)]) }
}
