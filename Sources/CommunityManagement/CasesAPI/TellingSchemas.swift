import LinliCore
import LinliKernel
import LinliStandards

/// A need as a program tells it: what the report form says, and what staff say besides.
struct Telling: Sendable {
    var form = NeedForm()
    var division: DivisionCode?
    var isUrgent = false
    /// Whether the member of staff who tells it found it themselves.
    var isFound = false
    var settledWith: String?
    /// What stands in the address of a code on a wall; nil without one.
    var wallCode: String?
    /// As `uploadFile` answered them: identifiers or proofs.
    var photos: [String] = []
}

/// A photo that was kept, and what proves it to be one's own.
struct KeptPhoto: Sendable {
    var id: ID<StoredFile>
    var proof: String
}

/// The JSON objects of `TellingAPI`.
enum TellingSchemas {
    /// Photos as `uploadFile` answered them.
    static let photos = SchemaProperty(
        "photos", .list(.shaped(.photo), limit: FormPhotos.limit),
        "Photos from uploadFile: `proof`, or with an account also `id`")

    static let telling = Schema<Telling>(
        "CaseDraft",
        [
            SchemaProperty("type", .text(limit: 40), "One of listCaseTypes; need by default"),
            SchemaProperty("text", .text(limit: 2000), required: true, "What it is about"),
            SchemaProperty("category", .text(limit: 40), "A category; without it the words decide, and staff confirm"),
            SchemaProperty(
                "kind", .text(limit: 40),
                "In place of `category`: a major class, or `street` for what stands in public space; the words decide within it"
            ),
            SchemaProperty(
                "nature", .choice(NeedNature.allCases.map(\.rawValue)), "Without it the words decide, and staff confirm"
            ),
            SchemaProperty(
                "division", .shaped(.division),
                "Where: 6, 9, 12 or 15 digits; without it by place, else by coordinates, else where you are at home"),
            SchemaProperty("place", .id, "A place of getReportOptions or of the register; its division then counts"),
            SchemaProperty(
                "wallCode", .text(limit: 200),
                "In place of `place`: the `link` of a code on a wall, or what stands behind /q/ in it; where it hangs counts"
            ),
            SchemaProperty("spot", .choice(Spot.allCases.map(\.rawValue)), "Whose it may be"),
            SchemaProperty("location", .text(limit: 120), "Where exactly"),
            SchemaProperty("latitude", .number(-90...90), "WGS84"),
            SchemaProperty("longitude", .number(-180...180), "WGS84"),
            SchemaProperty("disclosure", .choice(Disclosure.allCases.map(\.rawValue)), "Who may know the reporter"),
            SchemaProperty("reporterName", .text(limit: 30), "Name of who tells it"),
            SchemaProperty("reporterPhone", .text(limit: 20), "Phone of who tells it, or of whom they speak for"),
            SchemaProperty("onBehalf", .text(limit: 12), "Name of the elder it is told for; the case says who spoke"),
            SchemaProperty(
                "urgent", .flag,
                "Danger, or a sudden incident; true is for staff, of everybody else the words decide, as they always count"
            ),
            SchemaProperty("against", .id, "The unit complained about; without it the words decide"),
            SchemaProperty("accused", .list(.id, limit: Accusation.limit), "The same for several units"),
            SchemaProperty("againstNobody", .flag, "Against no unit, whatever the words say"),
            SchemaProperty(
                "willing", .flag,
                "Whether neighbours may see it, without who told it; tip-offs and complaints that name a unit they never see"
            ),
            SchemaProperty("found", .flag, "You found it yourself, as on the grid worker's page; for staff"),
            SchemaProperty(
                "settledWith", .text(limit: 2000), "What you did about it on the spot; it begins as done; for staff"),
            photos,
            SchemaProperty(
                "answers", .map(.text(limit: 2000), limit: 100),
                "Answers to the fields of its type by their id; several choices parted by commas, a flag is yes"
            ),
        ],
        decode: { json in
            var told = Telling()
            told.form = form(json)
            told.division = DivisionCode(json.text("division"))
            told.isUrgent = json.flag("urgent")
            told.settledWith = json["settledWith"].map { _ in json.text("settledWith").trimmed }
            told.isFound = json.flag("found") || told.settledWith != nil
            told.photos = json.texts("photos")
            let link = json.text("wallCode").trimmed.split(separator: "/")
            told.wallCode = json["wallCode"].map { _ in (link.last ?? "").lowercased() }
            told.form.others = json.ids("accused")
            let problems = problems(json)
            guard problems.isEmpty else { throw LinliError.invalid("cases.telling", problems) }
            return told
        },
        encode: { _ in [:] }
    )

    private static func form(_ json: [String: JSONValue]) -> NeedForm {
        var form = NeedForm()
        if json["type"] != nil { form.type = json.text("type") }
        form.text = json.text("text").trimmed
        form.category = json.text("category")
        form.kind = json.text("kind")
        form.nature = NeedNature(rawValue: json.text("nature"))
        form.listed = json.id("place")
        form.spot = Spot(rawValue: json.text("spot"))
        form.location = json.text("location").trimmed
        form.latitude = json.number("latitude")
        form.longitude = json.number("longitude")
        form.disclosure = Disclosure(rawValue: json.text("disclosure"))
        form.name = json.text("reporterName").trimmed
        form.phone = json.text("reporterPhone").trimmed
        form.elder = json.text("onBehalf").trimmed
        form.against = json.id("against")
        form.isAgainstNobody = json.flag("againstNobody")
        form.isWilling = json.flag("willing")
        if case .object(let answers)? = json["answers"] {
            form.answers = answers.compactMapValues { if case .text(let text) = $0 { text } else { nil } }
        }
        return form
    }

    /// What the properties say together that none says alone.
    private static func problems(_ json: [String: JSONValue]) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        if (json["latitude"] == nil) != (json["longitude"] == nil) {
            let missing = json["latitude"] == nil ? "latitude" : "longitude"
            problems.append(.init(missing, Text("经纬度要一起给出", "latitude and longitude come together")))
        }
        if json["settledWith"] != nil, json.text("settledWith").trimmed.isEmpty {
            problems.append(.init("settledWith", Text("请写当场做了什么", "Please say what you did on the spot")))
        }
        if json["category"] != nil, json["kind"] != nil {
            problems.append(.init("kind", Text("有了 category 就不用 kind", "Not beside `category`")))
        }
        return problems
    }

    static let file = Schema<KeptPhoto?>(
        "File",
        [
            SchemaProperty("id", .id, required: true, "Identifier; with an account it names the photo"),
            SchemaProperty(
                "proof", .text(limit: 60), required: true,
                "Names the photo also without an account: whoever has it may use it once"),
        ],
        decode: { _ in nil },
        encode: { kept in kept.map { ["id": .text("\($0.id)"), "proof": .text($0.proof)] } ?? [:] }
    )

    static let options = Schema<NeedOptions>(
        "ReportOptions",
        [
            SchemaProperty("community", .text(limit: 15), "The community it is of; missing before any was set up"),
            SchemaProperty(
                "places",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "For `place`"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Name"),
                        SchemaProperty("address", .text(limit: 200), required: true, "Whole address"),
                        SchemaProperty("parent", .id, "The estate or building it is part of"),
                    ]),
                    limit: 20_000
                ), required: true, "Estates, yards and villages, their buildings, and the entrances of those"),
            SchemaProperty(
                "units",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "For `against`"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Name"),
                    ]),
                    limit: 2000
                ), required: true, "Units somebody may complain about"),
        ],
        decode: { _ in NeedOptions() },
        encode: { options in
            var json: [String: JSONValue] = [
                "places": .array(places(options.places, in: nil)),
                "units": .array(options.units.map { .object(["id": .text("\($0.id)"), "name": .text($0.name.zh)]) }),
            ]
            json["community"] = options.community.map { .text("\($0)") }
            return json
        }
    )

    private static func places(_ nodes: [NeedOptions.Node], in parent: ID<Place>?) -> [JSONValue] {
        nodes.flatMap { node -> [JSONValue] in
            var json: [String: JSONValue] = [
                "id": .text("\(node.place.id)"), "name": .text(node.place.name), "address": .text(node.place.address),
            ]
            json["parent"] = parent.map { .text("\($0)") }
            return [.object(json)] + places(node.children, in: node.place.id)
        }
    }
}
