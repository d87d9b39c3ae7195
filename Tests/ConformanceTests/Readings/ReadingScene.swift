import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// A house in which every closely kept cell there is holds a value that can be told from anything else.
struct ReadingScene: Sendable {
    let house: House
    /// Who everything is about, in their own flat.
    let home: TestHome
    /// What was entered.
    var marks: [ReadingMark] = []
    /// What stands for the beginnings of addresses: the pattern, and real ones.
    var places: [String: [String]] = [:]

    static let name = "样例甲"
    static let community = "110101001901"
    static let grid = "110101001901001"
    /// Recognised by nothing else in the demo, and valid.
    static let number = "110100192606150020"

    /// A value of a closely kept field that stands nowhere else.
    static func value(_ field: RegisterField) -> String {
        switch field.id {
        case "person.number": number
        case "person.phone": "13855550001"
        case "person.contactPhone": "13855550002"
        case "organization.phone": "13855550003"
        default:
            switch field.value {
            case .flag: "1"
            case .choice(let choices): choices.last?.id ?? ""
            default: "只给该看的人看\(field.id.suffix(12))"
            }
        }
    }

    /// Every closely kept field, by declaration.
    static let fields = RegisterField.all.filter { $0.fieldClass != .basic }

    /// What a reading of a field looks like. A yes or a grade says nothing by itself: it is one beside its name, in JSON,
    /// on a page and among the reasons of a label.
    static func forms(_ field: RegisterField) -> [String] {
        let value = value(field)
        switch field.value {
        case .flag, .choice:
            let shown = RegisterValue.shown(value, of: field).zh
            return [
                #""\#(field.id)":"\#(value)""#, "<dt>\(field.name.zh)</dt><dd class=\"num\">\(shown)</dd>",
                // Nobody else of the demo was born in that year.
                "1926年出生，\(field.name.zh)", #"1926年出生"},{"en":"\#(field.name.en)"#,
                #""en":"born in 1926"},{"zh":"\#(field.name.zh)"#,
            ]
        default: return [value]
        }
    }

    /// Enters everything, by the commands and forms of the house.
    static func enter(_ house: House) async throws -> ReadingScene {
        let ofPeople = fields.filter { $0.kind == .person && $0.fieldClass == .sensitive }
        var values = Dictionary(uniqueKeysWithValues: ofPeople.map { ($0.id, value($0)) })
        values["person.name"] = name
        var scene = ReadingScene(house: house, home: try await house.enterHome("1201", values))
        try await scene.enterRegisters()
        try await scene.enterCases()
        try await scene.enterCare()
        try await scene.enterForm()
        try await scene.enterPhone()
        await house.deliver()
        try await house.workOutLabels()
        return scene
    }

    /// A case, order, person or whatever of the audit.
    static func about<Entity>(_ kind: String, _ id: ID<Entity>) -> String { "\(kind)/\(id.rawValue)" }

    /// Notes a value of a sealed column.
    mutating func mark(_ table: String, _ column: String, _ value: String, about subjects: String...) {
        marks.append(
            ReadingMark(
                name: "\(table).\(column)", forms: [value], fields: [column], subjects: Set(subjects)))
    }

    /// The number an account signs in with, which the registers know of the same person, too.
    private mutating func markAccount(about subject: String) async throws {
        let tenant = DemoResident.tenant
        let name = try await house.context(tenant).actor.name
        let known = try await house.services.database.read { tx in
            try tx.all("SELECT id FROM person WHERE name = \(name)") { "person/\(try $0[0] as Int64)" }
        }
        marks.append(
            ReadingMark(
                name: "account.phone_sealed", forms: [tenant.phone], fields: ["phone_sealed", "person.phone"],
                subjects: Set(known + [subject])))
    }

    // MARK: Registers

    private mutating func enterRegisters() async throws {
        let (database, settings) = (house.services.database, house.services.registers)
        let worker = try await house.context(DemoStaff.worker)
        let special = Self.fields.filter { $0.fieldClass == .special }
        _ = try await RegisterCommands.change(
            try House.typed(Dictionary(uniqueKeysWithValues: special.map { ($0.id, Self.value($0)) })),
            of: home.subject, version: nil, try await specialist(), database, settings)
        let firm = try await RegisterCommands.enterOrganization(
            try House.typed([
                "organization.name": "样例商行",
                "organization.phone": Self.value(try House.field("organization.phone")),
            ]), in: try await house.place("幸福里小区3号楼2单元").id, division: House.homeGrid, worker, database, settings
        ).0
        let thing = try await RegisterCommands.enterThing(
            try House.typed(["thing.name": "路灯", "thing.code": "1101010118000099", "thing.state": "sound"]),
            in: nil, division: House.homeGrid, worker, database, settings)
        let person = Self.about("person", home.person)
        for field in Self.fields {
            let subject = field.kind == .person ? person : Self.about("organization", firm)
            let column = field.isFact ? "value_sealed" : field.id == "person.number" ? "number_sealed" : "phone_sealed"
            marks.append(
                ReadingMark(
                    name: field.id, forms: Self.forms(field), fields: [field.id, column], subjects: [subject]))
        }
        let kinds = [
            "person/\(home.person)", "household/\(home.household)", "dwelling/\(home.dwelling)",
            "organization/\(firm)", "thing/\(thing)",
        ]
        places["/registers/:kind/:id"] = kinds.map { "/registers/" + $0 }
        places["/api/v1/registers/:kind/:id"] = kinds.map { "/api/v1/registers/" + $0 }
        for kind in RegisterKind.allCases {
            places["/registers/:kind", default: []].append("/registers/\(kind.rawValue)")
            places["/api/v1/registers/:kind", default: []].append("/api/v1/registers/\(kind.rawValue)")
        }
        for path in ["/desk/care/people/:id", "/api/v1/people/:id"] {
            places[path] = [path.replacing(":id", with: "\(home.person)")]
        }
        places["/api/v1/places/:place"] = ["/api/v1/places/\(try await house.place("幸福里小区3号楼2单元").id)"]
        let steward = try await GridRoleCommands(database).add(
            Self.steward(at: try await house.place("幸福里小区3号楼2单元").id), to: House.homeGrid,
            try await house.context(DemoStaff.head))
        mark("grid_role", "phone_sealed", "13855550019", about: Self.about("gridRole", steward))
        places["/grid/people/:id"] = ["/grid/people/\(steward)"]
        places["/api/v1/grid-people/:id"] = ["/api/v1/grid-people/\(steward)"]
        places["/registers/places/:place"] = [
            "/registers/places/\(try await house.place("幸福里小区3号楼2单元").id)"
        ]
        try await ask()
    }

    private static func steward(at place: ID<Place>) -> GridRoleDraft {
        var draft = GridRoleDraft()
        (draft.kind, draft.name, draft.phone, draft.place) = (.steward, "样例楼门长", "13855550019", place)
        return draft
    }

    /// Whoever a deployment lets see special groups: no shipped role does.
    private func specialist() async throws -> Context {
        let worker = try await house.context(DemoStaff.worker)
        let grants = worker.actor.grants.map { grant in
            Grant(
                id: grant.id, role: grant.role, subject: grant.subject,
                permissions: grant.permissions.union([.peopleSpecial]))
        }
        let actor = Actor(
            worker.actor.kind, name: worker.actor.name, grants: grants, employer: worker.actor.employer)
        return Context(actor: actor, now: worker.now, requestID: "test")
    }

    /// The person's own account, and what they ask about their data.
    private mutating func ask() async throws {
        let owner = try await house.context(DemoResident.nurse)
        let person = home.person
        try await house.services.database.write(owner, "own.link") { tx in
            try tx.execute(
                """
                INSERT INTO person_account (account_id, person_id, at)
                VALUES (\(owner.actor.account), \(person), \(tx.now))
                """)
            try tx.audit(Subject("person", person, division: House.homeGrid), fields: ["account"])
        }
        for purpose in ConsentPurpose.allCases {
            try await DataConsents.set(purpose, true, for: person, owner, house.services.database)
        }
        let words = "号码应当是 13855550010"
        let request = try await house.services.dataRequests.open(.correct, of: person, words, owner)
        mark("data_request", "text_sealed", "13855550010", about: Self.about("dataRequest", request))
        places["/api/v1/data-requests/:request"] = ["/api/v1/data-requests/\(request)"]
        places["/registers/requests/:request"] = ["/registers/requests/\(request)"]
    }

    // MARK: Cases

    private mutating func enterCases() async throws {
        let (tenant, handler) = (
            try await house.context(DemoResident.tenant), try await house.context(DemoStaff.propertyHandler)
        )
        var draft = try await house.draft("电梯坏了，请打 13855550004")
        draft.location = "3号楼 13855550005"
        draft.reporterName = "样例乙"
        draft.reporterPhone = "13855550006"
        draft.isOnBehalf = true
        draft.photos = [try await house.photo(tenant)]
        let taken = try await house.services.commands.report(draft, tenant)
        let (id, subject) = (taken.id, Self.about("case", taken.id))
        try await house.take(CaseStep("accept"), id, handler)
        try await house.services.commands.remark(
            "业主电话 13855550007", isVisible: true, photos: [], on: id, handler)
        mark("case_item", "text_sealed", "13855550004", about: subject)
        mark("case_item", "location_sealed", "13855550005", about: subject)
        mark("case_item", "reporter_sealed", "13855550006", about: subject)
        mark("case_entry", "text_sealed", "13855550007", about: subject)
        try await markAccount(about: subject)
        for path in ["/cases/:id", "/desk/cases/:id", "/api/v1/cases/:id"] {
            places[path] = [path.replacing(":id", with: "\(id)")]
        }
        places["/r/:token"] = ["/r/\(taken.receipt)"]
        for path in ["/join/:number", "/neighbourhood/:number", "/api/v1/neighbourhood/:number"] {
            places[path] = [path.replacing(":number", with: taken.number)]
        }
        places["/open311/v2/:resource/:entry"] = ["/open311/v2/requests/\(taken.number).json"]
        places["/open311/v2/:resource"] = ["/open311/v2/requests.json", "/open311/v2/services.json"]
        for path in ["/cases/:id", "/neighbourhood/:number", "/api/v1/neighbourhood/:number", "/api/v1/cases/:id"] {
            for real in places[path] ?? [] {
                places[path + "/photos/:file"] = [real + "/photos/\(draft.photos[0])"]
            }
        }
        try await enterOrder()
        try await enterWhistle(id)
    }

    private mutating func enterOrder() async throws {
        var draft = try await house.draft("电梯门关不上")
        draft.reporterName = "样例丙"
        draft.reporterPhone = "13855550009"
        draft.isOnBehalf = true
        var order = ForeignOrderDraft()
        order.number = "12345-0001"
        order.dueAt = house.clock.clock.now.adding(days: 7)
        order.received = [("工单编号", order.number), ("科室电话", "13855550008")]
        let dispatcher = try await house.context(DemoStaff.dispatcher)
        let id = try await house.services.commands.takeOrder(draft, order, dispatcher).item
        mark("foreign_order", "received_sealed", "13855550008", about: Self.about("case", id))
        mark("case_item", "reporter_sealed", "13855550009", about: Self.about("case", id))
        places["/desk/orders/:id"] = ["/desk/orders/\(id)"]
        places["/api/v1/orders/:number"] = ["/api/v1/orders/12345-0001"]
        places["/desk/cases/:id", default: []].append("/desk/cases/\(id)")
        places["/api/v1/cases/:id", default: []].append("/api/v1/cases/\(id)")
    }

    private mutating func enterWhistle(_ id: ID<Case>) async throws {
        let commands = WhistleCommands(house.services.commands)
        let unit = try await house.unit("东华门街道综合行政执法队")
        let whistle = try await commands.draft(
            WhistleDraft(storey: .community, kind: .emergency, purpose: "请到场一起定办法", location: "小区北门", units: [unit]),
            for: id, try await house.context(DemoStaff.head))
        try await commands.answer(
            WhistleAnswer(unit: unit, name: "冯刚", phone: "13855550011"), of: whistle,
            try await house.context(DemoStaff.enforcementHandler))
        mark("whistle_unit", "contact_sealed", "13855550011", about: Self.about("whistle", whistle))
        places["/desk/whistles/:id"] = ["/desk/whistles/\(whistle)"]
        places["/api/v1/whistles/:id"] = ["/api/v1/whistles/\(whistle)"]
        places[":unit"] = ["\(unit)"]
    }
}
