import LinliCore
import LinliKernel

/// The JSON objects of `RegisterStepsAPI`.
enum RegisterStepSchemas {
    /// Where somebody moves.
    struct Move: Sendable {
        var household: ID<Household>?
        var dwelling: ID<Dwelling>?
        var tie: ResidenceTie
        var relation: HouseholdRelation
        var since: CivilDate?
        var version: Int?
    }

    /// Another entry of the same register.
    struct Other: Sendable {
        var id: ID<RegisterItem>
        var version: Int?
        /// Why two people that differ are one; nil where nobody said that they are.
        var because: String?
    }

    /// A tie to make.
    struct Tie: Sendable {
        var relation: RegisterRelation
        var other: RegisterSubject
    }

    /// What stands around an entry.
    struct Around: Sendable {
        var links: [RegisterLink]
        var twins: [RegisterTwin]
        var merged: [MergedEntry]
        var photos: [ID<StoredFile>]
        var history: [RegisterHistory.Line]
        var stays: [RegisterStay]
        var lived: [FormerHome]
        /// What features know of it.
        var around: [Panel.Line] = []
    }

    private static let kinds = SchemaKind.choice(RegisterKind.allCases.map(\.rawValue))

    static let seen = Schema<Int?>(
        "EntrySeen", [RegistersSchemas.version], decode: RegistersSchemas.seen, encode: { _ in [:] })

    static let ties = [
        SchemaProperty("household", .id, "Into which household a person comes"),
        SchemaProperty(
            "dwelling", .id,
            "Into which dwelling; a person comes with a household of their own, an organization takes its address"),
        SchemaProperty("tie", .choice(ResidenceTie.allCases.map(\.rawValue)), "How a person is tied to the dwelling"),
        SchemaProperty(
            "relation", .choice(HouseholdRelation.allCases.map(\.rawValue)), "What a person is to the head"),
        SchemaProperty("since", .shaped(.day), "Since which day they are there; today where left out"),
    ]

    static let move = Schema<Move>(
        "EntryMove", ties + [RegistersSchemas.version],
        decode: moving, encode: { _ in [:] })

    static func moving(_ json: [String: JSONValue]) -> Move {
        Move(
            household: json.id("household"), dwelling: json.id("dwelling"),
            tie: ResidenceTie(rawValue: json.text("tie")) ?? .family,
            relation: HouseholdRelation(rawValue: json.text("relation")) ?? .other,
            since: CivilDate(json.text("since")), version: RegistersSchemas.seen(json))
    }

    static let other = Schema<Other>(
        "EntryOther",
        [
            SchemaProperty("other", .id, required: true, "The entry that is the same, of the same register"),
            SchemaProperty(
                "same", .flag,
                "That two people are one although number, sex or birth differ; refused without it where they do"),
            SchemaProperty("because", .text(limit: 200), "How you know that they are one; the history keeps it"),
            RegistersSchemas.version,
        ],
        decode: { json in
            Other(
                id: json.id("other") ?? ID(rawValue: 0), version: RegistersSchemas.seen(json),
                because: json.flag("same") ? json.text("because") : nil)
        },
        encode: { _ in [:] })

    static let photos = Schema<[ID<StoredFile>]>(
        "EntryPhotos",
        [SchemaProperty("photos", .list(.id, limit: 9), required: true, "Files from uploadFile")],
        decode: { $0.ids("photos") }, encode: { _ in [:] })

    static let tie = Schema<Tie>(
        "EntryTie",
        [
            SchemaProperty(
                "relation", .choice(RegisterRelation.allCases.map(\.rawValue)), required: true,
                "What the other is to this entry"),
            SchemaProperty("kind", kinds, required: true, "The register of the other"),
            SchemaProperty("other", .id, required: true, "The other entry"),
        ],
        decode: { json in
            let other: ID<RegisterItem> = json.id("other") ?? ID(rawValue: 0)
            return Tie(
                relation: RegisterRelation(rawValue: json.text("relation")) ?? .keeper,
                other: RegisterSubject(RegisterKind(rawValue: json.text("kind")) ?? .person, other.rawValue))
        },
        encode: { _ in [:] })

    static let tied = Schema<ID<RegisterLinkRow>>(
        "EntryTied", [SchemaProperty("id", .id, required: true, "The tie, for untieEntries")],
        decode: { $0.id("id") ?? ID(rawValue: 0) }, encode: { ["id": .text("\($0)")] })

    // MARK: Around

    static let around = Schema<Around?>(
        "EntryAround",
        [
            SchemaProperty("links", .list(.object(linkProperties), limit: 100), required: true, "Ties, both ways"),
            SchemaProperty(
                "twins",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier"),
                        SchemaProperty("name", .text(limit: 200), required: true, "Name"),
                        SchemaProperty(
                            "sign", .choice(RegisterTwin.Sign.allCases.map(\.rawValue)), required: true,
                            "What looks the same"),
                    ]), limit: 40), required: true, "Entries that may be the same, for mergeEntries"),
            SchemaProperty(
                "merged", .list(.object(mergedProperties), limit: 20), required: true,
                "Entries that were merged into it and can come back by splitEntry, the last first"),
            SchemaProperty(
                "around", .list(.object(aroundProperties), limit: 100), required: true,
                "Cases, findings of rounds, warnings, visits and things that you may see, as far as there are any"),
            SchemaProperty("photos", .list(.id, limit: 30), required: true, "Photos, the newest first"),
            SchemaProperty(
                "history", .list(.object(lineProperties), limit: 50), required: true,
                "What was done to it, and of a person to a whole household they were of, the newest first"),
            SchemaProperty(
                "stays", .list(.object(RegisterStaySchemas.properties), limit: 100), required: true,
                "Of a household or dwelling who is and was of it, the last change first"),
            SchemaProperty(
                "lived", .list(.object(RegisterStaySchemas.former), limit: 50), required: true,
                "Of a person the homes they had and have no more, the last first"),
        ],
        decode: { _ in nil },
        encode: { around in
            guard let around else { return [:] }
            return [
                "links": .array(around.links.map(link)), "twins": .array(around.twins.map(twin)),
                "merged": .array(around.merged.map(merged)), "around": .array(around.around.map(known)),
                "photos": .array(around.photos.map { .text("\($0)") }), "history": .array(around.history.map(line)),
                "stays": .array(around.stays.map(RegisterStaySchemas.json)),
                "lived": .array(around.lived.map(RegisterStaySchemas.lived)),
            ]
        })

    private static let linkProperties = [
        SchemaProperty("id", .id, required: true, "Identifier, for untieEntries"),
        SchemaProperty(
            "relation", .choice(RegisterRelation.allCases.map(\.rawValue)), required: true, "What one is to the other"),
        SchemaProperty("outgoing", .flag, required: true, "Whether the other is that to this entry"),
        SchemaProperty("kind", kinds, required: true, "The register of the other"),
        SchemaProperty("other", .id, required: true, "The other entry"),
        SchemaProperty("name", .text(limit: 200), required: true, "Its name"),
        SchemaProperty("since", .moment, required: true, "Since when"),
    ]

    private static let mergedProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("name", .text(limit: 200), required: true, "Name"),
        SchemaProperty("at", .moment, required: true, "When"),
        SchemaProperty("by", .text(limit: 60), required: true, "Who; empty for the program"),
    ]

    private static let aroundProperties = [
        SchemaProperty("kind", .text(limit: 20), required: true, "`case`, `finding`, `warning`, `visit`, `thing`"),
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("title", .text(limit: 400), required: true, "What people call it"),
        SchemaProperty("detail", .text(limit: 400), required: true, "How it stands, and where"),
        SchemaProperty("at", .moment, "When; missing for what is simply there"),
    ]

    private static let lineProperties = [
        SchemaProperty("at", .moment, required: true, "When"),
        SchemaProperty(
            "what", .choice(RegisterHistory.What.allCases.map(\.rawValue)), required: true, "What was done"),
        SchemaProperty("fields", .list(.text(limit: 60), limit: 60), required: true, "Fields it was about"),
        SchemaProperty("by", .text(limit: 60), required: true, "Who; empty for the program"),
        SchemaProperty("source", .text(limit: 60), required: true, "By form, program, sheet …"),
        SchemaProperty(
            "before", .map(.text(limit: 500), limit: 60), required: true, "Values of basic fields before, by field"),
        SchemaProperty(
            "after", .map(.text(limit: 500), limit: 60), required: true, "Values of basic fields after, by field"),
    ]

    private static func link(_ link: RegisterLink) -> JSONValue {
        .object([
            "id": .text("\(link.id)"), "relation": .text(link.relation.rawValue), "outgoing": .flag(link.isOutgoing),
            "kind": .text(link.other.kind.rawValue), "other": .text(RegisterWords.id(link.other)),
            "name": .text(link.name), "since": .moment(link.since),
        ])
    }

    private static func twin(_ twin: RegisterTwin) -> JSONValue {
        .object([
            "id": .text(RegisterWords.id(twin.item.subject)), "name": .text(twin.item.name),
            "sign": .text(twin.sign.rawValue),
        ])
    }

    private static func merged(_ merged: MergedEntry) -> JSONValue {
        .object([
            "id": .text(RegisterWords.id(merged.item.subject)), "name": .text(merged.item.name),
            "at": .moment(merged.at), "by": .text(merged.actor),
        ])
    }

    private static func known(_ line: Panel.Line) -> JSONValue {
        var json: [String: JSONValue] = [
            "kind": .text(line.kind), "id": .text(line.id), "title": .text(line.title.zh),
            "detail": .text(line.detail.zh),
        ]
        json["at"] = line.at.map { .moment($0) }
        return .object(json)
    }

    private static func line(_ line: RegisterHistory.Line) -> JSONValue {
        .object([
            "at": .moment(line.at), "what": .text(line.what.rawValue),
            "fields": .array(line.fields.map { .text($0) }), "by": .text(line.actor), "source": .text(line.source),
            "before": .object(line.values.mapValues { .text($0.old) }),
            "after": .object(line.values.mapValues { .text($0.new) }),
        ])
    }
}
