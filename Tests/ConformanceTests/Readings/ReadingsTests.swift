import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Every reading of what is closely kept leaves its line, by every way there is.
@Suite("每条路看敏感信息都留痕")
struct ReadingsTests {
    /// A phone may carry one closely kept field, and special groups exist.
    private func withScene(
        _ engine: TestEngine, more: [Feature] = [], _ body: (ReadingScene, Site) async throws -> Void
    ) async throws {
        var offline = OfflineSettings()
        offline.fields = [try House.field("person.contactPhone")]
        let settings = RegisterSettings(hasSpecialGroups: true)
        try await withHouse(engine, registers: settings, offline: offline, more: more) { house in
            let scene = try await ReadingScene.enter(house)
            try await withSite(house) { site in try await body(scene, site) }
        }
    }

    @Test("按声明走遍每条路、每个敏感字段：看到了就有审计", arguments: TestEngine.enabled)
    func everyWay(_ engine: TestEngine) async throws {
        try await withScene(engine) { scene, site in
            var walk = try await ReadingWalk(scene, site)
            try await walk.walk(ReadingWalk.routes(site.house.services))
            #expect(walk.complaints == [], "\(walk.complaints.joined(separator: "\n"))")
            #expect(walk.walked.count > 200)
            // A walk that sees nothing proves nothing: every field that says something was seen somewhere.
            let close = ReadingScene.fields.filter { $0.fieldClass == .sensitive }.map(\.id)
            #expect(Set(close).subtracting(walk.seen).isEmpty, "no way shows these")
            let special = Set(ReadingScene.fields.filter { $0.fieldClass == .special }.map(\.id))
            #expect(walk.seenByOthers.isDisjoint(with: special), "no shipped role reads special groups")
        }
    }

    @Test("场景里每个密文列都有东西，新加一列就要录一条", arguments: TestEngine.enabled)
    func everyColumn(_ engine: TestEngine) async throws {
        try await withScene(engine) { _, site in
            let columns = try await site.house.services.database.read { try Resealing.columns($0) }
            #expect(columns.count >= 20)
            for column in columns {
                let (table, name) = (SQL(stringLiteral: column.table), SQL(stringLiteral: column.column))
                let count = try await site.house.value(
                    "SELECT count(*) FROM \(table) WHERE \(name) IS NOT NULL", as: Int.self)
                #expect((count ?? 0) > 0, "nothing was entered in \(column.table).\(column.column)")
            }
        }
    }

    /// Every file that opens sealed values, and the way the walk goes through it; `database.reveal` notes by itself.
    private static let openers: [String: String] = [
        "RegisterReading.swift": "POST /registers/:kind/:id/reveal", "RegisterExport.swift": "POST /desk/sheets/export",
        "RegisterExport+Others.swift": "POST /desk/sheets/export",
        "FormsReading.swift": "POST /desk/forms/rounds/:round/file",
        "FormsReading+Answers.swift": "POST /desk/forms/rounds/:round/file",
        "FormsKept.swift": "POST /desk/forms/rounds/:round/file", "OwnEntries.swift": "GET /me/data/export",
        "OwnDataPart.swift": "GET /api/v1/me/data/copy",
        "LabelSights.swift": "POST /desk/care", "CareTaskCommands.swift": "POST /desk/deliveries/:offer/:step",
        "CareExceptions.swift": "POST /desk/care/people/:id",
        "OfflineHousehold.swift": "POST /grid/phone/lease",
        "OfflineStore.swift": "GET /grid/phone/entries", "RegisterHistory.swift": "GET /registers/:kind/:id",
        // To compare or to carry over: what they open is sealed again and shown nowhere.
        "OfflineChange.swift": "", "RegisterCommands+Ready.swift": "", "RegisterMerging.swift": "",
        "LabelTwins.swift": "",
        // To hash the ends of what is sealed already.
        "PlateEnds.swift": "",
        // What the heading of a form says, and the sheets that explain it.
        "FormLayoutSealed.swift": "",
        // To hide the teller's name in their own words.
        "TellerNames.swift": "",
        // Keys of phones and second factors; what somebody typed themselves, given back to them.
        "OfflineLease.swift": "", "SecondFactor.swift": "", "SignIn.swift": "", "KeptForms.swift": "",
        "SheetDrafts.swift": "", "Idempotency.swift": "",
        // Whether the key at hand fits a restored store: a yes or a no.
        "StoreCopies.swift": "",
    ]

    @Test("哪里打开密文都数得过来，新的一处要说走哪条路") func everyOpener() throws {
        let root =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/Sources"
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        var found: Set<String> = []
        for name in names where name.hasSuffix(".swift") && !name.hasPrefix("Kernel/Store/") {
            let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
            if text.contains("keys.open(") { found.insert((name as NSString).lastPathComponent) }
        }
        #expect(found.subtracting(Self.openers.keys).isEmpty, "say by which way the walk goes through these")
        #expect(Set(Self.openers.keys).subtracting(found).isEmpty, "these open nothing any more")
        let routes = Set(Feature.communityManagement.flatMap(\.routes).map(ReadingWalk.name))
        for (file, way) in Self.openers where !way.isEmpty { #expect(routes.contains(way), "\(file): \(way)") }
    }

    @Test("走查会失败：漏看一条、漏问一条都逮得住") func failing() async throws {
        try await withScene(.sqlite, more: [Self.leaky]) { scene, site in
            var walk = try await ReadingWalk(scene, site)
            try await walk.walk(Self.leaky.routes)
            let complaints = Set(walk.complaints)
            #expect(
                complaints.contains("GET /leaky for stranger: person.phone is shown and not noted"), "\(complaints)")
            #expect(complaints.contains("GET /leaky/:thing: not walked: add how to ask it"))
            #expect(complaints.contains("POST /leaky/everything: not walked: add how to ask it"))
            #expect(complaints.contains("GET /leaky/noted for elsewhere: shows person.phone"), "\(complaints)")
            #expect(
                !complaints.contains { $0.hasPrefix("GET /leaky/noted") && $0.hasSuffix("not noted") }, "\(complaints)")
        }
    }

    /// Shows a phone to everybody, to nobody's knowledge; another shows it as it should be.
    private static let leaky = Feature(
        id: "leaky", name: Text("漏", "Leaky"),
        routes: [
            .get("/leaky", access: .public) { _, services in
                Reply(.bytes(Array(try await phone(services).utf8), type: "text/plain; charset=utf-8"))
            },
            .get("/leaky/noted", access: .public) { request, services in
                let found = try await services.database.read { tx -> Int64? in
                    try tx.value("SELECT id FROM person WHERE name = \(ReadingScene.name)")
                }
                guard let id = found, request.context.actor.account != nil else { return Reply(.empty, status: 204) }
                try await services.database.write(request.context, "registers.read", reason: "visit") { tx in
                    try tx.audit(Subject("person", id), fields: ["person.phone"])
                }
                return Reply(.bytes(Array(try await phone(services).utf8), type: "text/plain; charset=utf-8"))
            },
            .get("/leaky/:thing", access: .public) { _, _ in Reply(.empty, status: 204) },
            .post("/leaky/everything", access: .public) { _, _ in throw LinliError.notFound("leaky") },
        ])

    private static func phone(_ services: Services) async throws -> String {
        let found = try await services.database.read { tx in
            try tx.first("SELECT id, phone_sealed FROM person WHERE name = \(ReadingScene.name)") {
                row -> (Int64, [UInt8]) in (try row[0], try row[1])
            }
        }
        guard let (id, sealed) = found else { return "" }
        return try services.database.keys.open(sealed, cell: Cell("person", "phone_sealed", id))
    }
}
