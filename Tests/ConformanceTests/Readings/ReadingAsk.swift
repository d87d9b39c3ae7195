import Administration
import LinliCore
import LinliKernel
import LinliTestSupport

/// How something is asked so that it shows as much as it can.
struct ReadingAsk: Sendable {
    /// What is sent.
    enum Body: Sendable {
        case form([(String, String)])
        case json(String)
    }

    /// The address, when it is not the one the pattern gives; with what stands behind it.
    var path: String?
    var body: Body = .form([])
    /// Who asks.
    var reader: ReadingWalk.Reader = .head
    /// What must be seen in the answer, by the names of marks: else the question proves nothing.
    var shows: Set<String> = []
    /// What the reader typed themselves: nothing is read by seeing it again. Whose it is is, and must be noted for this
    /// mark when the answer names them.
    var typed: String?

    /// The same, asked by somebody else, who need not see anything.
    func asked(by reader: ReadingWalk.Reader) -> ReadingAsk {
        ReadingAsk(path: path, body: body, reader: reader, typed: typed)
    }

    /// Whether who asks says a word themselves.
    func says(_ word: String) -> Bool {
        switch body {
        case .form(let fields): fields.contains { $0.1.contains(word) }
        case .json(let text): text.contains(word)
        }
    }

    private static let fields = ReadingScene.fields.filter { $0.kind == .person && $0.fieldClass == .sensitive }
    private static let purpose = ("purpose", "visit")
    private static let words = ("purpose", "核对有关情况")
    /// What for, in an address.
    private static let taken = "purpose=%E6%A0%B7%E4%BE%8B%E6%A0%B8%E5%AF%B9"
    private static let ofCase: Set<String> = [
        "case_item.text_sealed", "case_item.location_sealed", "case_item.reporter_sealed", "case_entry.text_sealed",
    ]

    /// What answers data when it is asked by more than its address, by method and pattern.
    static func table(_ scene: ReadingScene) -> [String: [ReadingAsk]] {
        registers(scene).merging(out) { $0 + $1 }.merging(cases(scene)) { $0 + $1 }.merging(grid(scene)) { $0 + $1 }
    }

    private static func registers(_ scene: ReadingScene) -> [String: [ReadingAsk]] {
        let person = scene.home.person
        let firm = scene.places["/registers/:kind/:id"]?[3] ?? ""
        func reveal(_ field: RegisterField, _ path: String) -> ReadingAsk {
            ReadingAsk(
                path: path + "/reveal", body: .form([("field", field.id), purpose, ("note", "约时间")]),
                shows: [field.id])
        }
        let phone = RegisterField.all.filter { $0.id == "organization.phone" }
        let all = Set(fields.filter { $0.value != .flag && !isChoice($0) }.map(\.id))
        let list = fields.map { "\"\($0.id)\"" }.joined(separator: ",")
        var asks: [String: [ReadingAsk]] = [:]
        let special = ReadingScene.fields.filter { $0.fieldClass == .special }
        var reveals = fields.map { reveal($0, "/registers/person/\(person)") }
        reveals += phone.map { reveal($0, firm) }
        // Asked for without the right to it: refused, and shown nowhere.
        reveals += special.map {
            ReadingAsk(path: "/registers/person/\(person)/reveal", body: .form([("field", $0.id), purpose]))
        }
        asks["POST /registers/:kind/:id/reveal"] = reveals
        asks["POST /api/v1/registers/:kind/:id/readings"] = [
            ReadingAsk(
                path: "/api/v1/registers/person/\(person)/readings",
                body: .json(#"{"fields":[\#(list)],"purpose":"visit","note":"约时间"}"#),
                shows: Set(fields.map(\.id))),
            ReadingAsk(
                path: "/api/v1\(firm)/readings", body: .json(#"{"fields":["organization.phone"],"purpose":"visit"}"#),
                shows: ["organization.phone"]),
        ]
        asks["POST /desk/find"] = [
            ReadingAsk(body: .form([("q", ReadingScene.number), purpose]), typed: "person.number"),
            ReadingAsk(body: .form([("q", "13855550001"), purpose]), typed: "person.phone"),
        ]
        asks["GET /api/v1/find"] = [ReadingAsk(path: "/api/v1/find?q=%E6%A0%B7%E4%BE%8B")]
        asks["POST /api/v1/find"] = [
            ReadingAsk(
                body: .json(#"{"number":"\#(ReadingScene.number)","purpose":"visit"}"#), typed: "person.number"),
            ReadingAsk(body: .json(#"{"number":"13855550001","purpose":"visit"}"#), typed: "person.phone"),
        ]
        asks["POST /api/v1/data-requests/:request/readings"] = [
            ReadingAsk(body: .json("{}"), shows: ["data_request.text_sealed"])
        ]
        asks["POST /registers/requests/:request/words"] = [ReadingAsk(shows: ["data_request.text_sealed"])]
        // An answer is needed here, or nothing is done and nothing seen.
        asks["POST /me/messages"] = [ReadingAsk(body: .form([("wanted", "yes")]))]
        asks["PUT /api/v1/me/data/consents/:purpose"] = [
            ReadingAsk(
                path: "/api/v1/me/data/consents/family", body: .json(#"{"entry":"\#(person)","given":true}"#),
                reader: .owner)
        ]
        asks["GET /me/data/readings"] = [own("/me/data/readings", scene)]
        asks["GET /me/data/export"] = [own("/me/data/export", scene, shows: all)]
        asks["GET /me/data/export.json"] = [
            own("/me/data/export.json", scene, shows: Set(fields.map(\.id)).union(kept))
        ]
        asks["GET /api/v1/me/data/copy"] = [
            own("/api/v1/me/data/copy", scene, shows: Set(fields.map(\.id)).union(kept))
        ]
        asks["GET /api/v1/me/data/readings"] = [own("/api/v1/me/data/readings", scene)]
        asks["POST /api/v1/me/data/link"] = [
            ReadingAsk(body: .json(#"{"number":"\#(ReadingScene.number)"}"#), reader: .owner, typed: "person.number")
        ]
        asks["POST /api/v1/me/data/requests"] = [
            ReadingAsk(body: .json(#"{"entry":"\#(person)","kind":"restrict"}"#), reader: .owner)
        ]
        return asks
    }

    /// What the copy of one's own data has besides the fields of the entry.
    private static let kept: Set<String> = [
        "data_request.text_sealed", "demanded_answer.value_sealed", "care_offer.reason_sealed",
        "care_delivery.note_sealed", "care_offer.exception_sealed",
    ]

    /// Registers taken out, by pages and by programs.
    private static var out: [String: [ReadingAsk]] {
        let names = RegisterField.all.filter { $0.kind == .person && $0.fieldClass < .special }.map { ("field", $0.id) }
        let all = Set(fields.filter { $0.value != .flag && !isChoice($0) }.map(\.id))
        let taken = [("division", ReadingScene.grid), purpose, ("note", "样例")] + names
        var asks: [String: [ReadingAsk]] = [:]
        asks["POST /desk/sheets/export"] =
            ["csv", "xlsx"].map {
                ReadingAsk(body: .form(taken + [("format", $0)]), shows: all)
            }
            + ["csv", "xlsx"].map {
                ReadingAsk(
                    body: .form([
                        ("kind", "organization"), ("division", ReadingScene.grid), purpose, ("format", $0),
                        ("field", "organization.name"), ("field", "organization.phone"),
                    ]), shows: ["organization.phone"])
            }
        let query =
            "kind=person&division=\(ReadingScene.grid)&purpose=visit&fields=" + names.map(\.1).joined(separator: ",")
        for end in ["csv", "xlsx"] {
            asks["GET /api/v1/exports/registers.\(end)"] = [
                ReadingAsk(path: "/api/v1/exports/registers.\(end)?\(query)", shows: all)
            ]
        }
        asks["GET /api/v1/exports/registers.geojson"] = [
            ReadingAsk(path: "/api/v1/exports/registers.geojson?kind=thing&division=\(ReadingScene.grid)&purpose=visit")
        ]
        return asks
    }

    private static func own(_ path: String, _ scene: ReadingScene, shows: Set<String> = []) -> ReadingAsk {
        ReadingAsk(path: "\(path)?entry=\(scene.home.person)", reader: .owner, shows: shows)
    }

    private static func isChoice(_ field: RegisterField) -> Bool {
        if case .choice = field.value { true } else { false }
    }

    private static func cases(_ scene: ReadingScene) -> [String: [ReadingAsk]] {
        let told = scene.places["/desk/cases/:id"]?.first ?? ""
        let order = scene.places["/desk/orders/:id"]?.first ?? ""
        let unit = scene.places[":unit"]?.first ?? ""
        let evidence = [words, ("reporter", "yes")]
        var asks: [String: [ReadingAsk]] = [:]
        asks["POST /desk/cases/:id/reveal"] = [
            ReadingAsk(path: told + "/reveal", body: .form([words]), reader: .dispatcher, shows: ofCase)
        ]
        asks["POST /desk/cases/:id/evidence.json"] = [
            ReadingAsk(path: told + "/evidence.json", body: .form(evidence), reader: .dispatcher, shows: ofCase)
        ]
        asks["POST /desk/cases/:id/evidence.pdf"] = [
            ReadingAsk(path: told + "/evidence.pdf", body: .form(evidence), reader: .dispatcher)
        ]
        let program = "/api/v1\(told.dropFirst("/desk".count))"
        asks["GET /api/v1/cases/:id/evidence.json"] = [
            ReadingAsk(
                path: program + "/evidence.json?\(taken)&reporter=true", reader: .dispatcher, shows: ofCase)
        ]
        asks["GET /api/v1/cases/:id/evidence.pdf"] = [
            ReadingAsk(path: program + "/evidence.pdf?\(taken)&reporter=true", reader: .dispatcher)
        ]
        asks["POST /api/v1/cases/:id/reporter"] = [
            ReadingAsk(
                path: program + "/reporter", body: .json(#"{"purpose":"核对有关情况"}"#),
                reader: .dispatcher, shows: ofCase)
        ]
        asks["POST /desk/orders/:id/received"] = [
            ReadingAsk(
                path: order + "/received", body: .form([words]), reader: .dispatcher,
                shows: ["foreign_order.received_sealed"])
        ]
        asks["POST /api/v1/orders/:number/received"] = [
            ReadingAsk(
                path: "/api/v1/orders/12345-0001/received", body: .json(#"{"purpose":"核对有关情况"}"#),
                reader: .dispatcher, shows: ["foreign_order.received_sealed"])
        ]
        asks["POST /desk/whistles/:id/contact"] = [
            ReadingAsk(body: .form([("unit", unit)]), shows: ["whistle_unit.contact_sealed"])
        ]
        asks["POST /api/v1/whistles/:id/contact"] = [
            ReadingAsk(body: .json(#"{"unit":"\#(unit)"}"#), shows: ["whistle_unit.contact_sealed"])
        ]
        asks["POST /desk/caller"] = [
            ReadingAsk(body: .form([("phone", "13855550006"), words]), typed: "case_item.reporter_sealed")
        ]
        asks["POST /api/v1/callers"] = [
            ReadingAsk(
                body: .json(#"{"phone":"13855550006","purpose":"核对有关情况"}"#), typed: "case_item.reporter_sealed")
        ]
        asks["POST /desk/export"] = ["csv", "xlsx"].map { ReadingAsk(body: .form([words, ("format", $0)])) }
        for path in ["/api/v1/exports/cases", "/api/v1/exports/cases.xlsx"] {
            asks["GET \(path)"] = [ReadingAsk(path: "\(path)?\(taken)", reader: .dispatcher)]
        }
        asks["POST /api/v1/suggestions"] = [ReadingAsk(body: .json(#"{"text":"楼道灯坏了"}"#))]
        asks["GET /desk/search"] = [look("/desk/search")]
        asks["GET /api/v1/search"] = [look("/api/v1/search")]
        asks["POST /desk/paste"] = [ReadingAsk(body: .form([("text", "样例甲：\n楼道灯坏了")]))]
        asks["POST /api/v1/chats/read"] = [ReadingAsk(body: .json(#"{"text":"样例甲：\n楼道灯坏了"}"#))]
        return asks
    }

    private static func look(_ path: String) -> ReadingAsk {
        ReadingAsk(path: path + "?q=13855550004", reader: .dispatcher, typed: "case_item.text_sealed")
    }

    private static func grid(_ scene: ReadingScene) -> [String: [ReadingAsk]] {
        let care = [("division", ReadingScene.grid), purpose]
        let asked = #"{"division":"\#(ReadingScene.grid)","purpose":"visit","limit":100}"#
        let telling = Set(fields.filter { $0.value != .flag && !isChoice($0) }.map(\.id))
        var asks: [String: [ReadingAsk]] = [:]
        asks["POST /grid/people/:id/phone"] = [ReadingAsk(shows: ["grid_role.phone_sealed"])]
        asks["POST /api/v1/grid-people/:id/readings"] = [
            ReadingAsk(body: .json("{}"), shows: ["grid_role.phone_sealed"])
        ]
        asks["POST /desk/care"] = [ReadingAsk(body: .form(care), shows: ["person.isLivingAlone"])]
        asks["POST /desk/care/people/:id"] = [
            ReadingAsk(
                body: .form([purpose]), shows: ["person.isLivingAlone", "care_offer.exception_sealed"])
        ]
        let task = scene.places["/desk/deliveries/:offer"]?.first ?? ""
        asks["POST /desk/deliveries/:offer/:step"] = [
            ReadingAsk(path: task + "/open", reader: .provider, shows: ["person.phone"])
        ]
        // Any body ends a service, and the unit that has it is asked after that.
        asks["POST /api/v1/care/offers/:offer/end"] = [
            ReadingAsk(path: "/api/v1/care/offers/0000000000000/end", body: .json("{}"))
        ]
        asks["POST /api/v1/deliveries/:offer/take"] = [ReadingAsk(body: .json("{}"), reader: .provider)]
        asks["POST /api/v1/deliveries/:offer/readings"] = [
            ReadingAsk(body: .json("{}"), reader: .provider, shows: ["person.phone"])
        ]
        asks["POST /desk/care/services/:service"] = [ReadingAsk(body: .form(care))]
        asks["POST /api/v1/care/readings"] = [ReadingAsk(body: .json(asked))]
        asks["POST /api/v1/care/services/:service/readings"] = [ReadingAsk(body: .json(asked))]
        asks["POST /api/v1/people/:id/care/readings"] = [
            ReadingAsk(body: .json(#"{"purpose":"visit"}"#), shows: ["care_offer.exception_sealed"])
        ]
        asks["POST /desk/forms/rounds/:round/file"] = ["csv", "xlsx"].map {
            ReadingAsk(body: .form([("as", $0)]), shows: telling.union(["demanded_answer.value_sealed"]))
        }
        let ofHomes = scene.places["/desk/forms/rounds/:round"]?.last ?? ""
        asks["POST /desk/forms/rounds/:round/file", default: []].append(
            ReadingAsk(
                path: ofHomes + "/file", body: .form([("as", "csv")]),
                shows: ["demanded_row_answer.value_sealed", "person.number", "person.phone"]))
        let handedIn = scene.places[":handedIn"]?.first ?? ""
        asks["POST /desk/forms/rounds/:round/file", default: []].append(
            ReadingAsk(
                path: handedIn + "/file", body: .form([("as", "csv")]), shows: ["person.number", "person.phone"]))
        asks["POST /desk/forms/rounds/:round/paste"] = [
            ReadingAsk(body: .form([("column", "1"), ("pasted", "某某\t38")]))
        ]
        asks["GET /api/v1/form-rounds/:round/file.xlsx"] = [
            ReadingAsk(shows: telling.union(["demanded_answer.value_sealed"]))
        ]
        asks["POST /desk/visits/ledger"] = ["csv", "xlsx"].map {
            ReadingAsk(
                body: .form([
                    ("division", ReadingScene.community), ("month", "2026-11"), words, ("format", $0),
                ]))
        }
        let work = [("division", ReadingScene.community), ("period", "2026-11"), words]
        asks["POST /desk/reports"] = ["csv", "xlsx"].map { ReadingAsk(body: .form(work + [("format", $0)])) }
        for end in ["csv", "xlsx"] {
            let place = "division=\(ReadingScene.community)"
            asks["GET /api/v1/exports/work.\(end)"] = [
                ReadingAsk(path: "/api/v1/exports/work.\(end)?\(place)&period=2026-11&\(taken)")
            ]
            let path = "/api/v1/exports/visits.\(end)"
            asks["GET \(path)"] = [ReadingAsk(path: "\(path)?\(place)&month=2026-11&\(taken)")]
        }
        asks["POST /grid/phone/lease"] = [
            ReadingAsk(
                body: .form([("division", ReadingScene.grid)]), reader: .gridWorker,
                shows: ["person.contactPhone"])
        ]
        return asks
    }
}
