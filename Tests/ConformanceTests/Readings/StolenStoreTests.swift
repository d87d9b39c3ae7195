import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Whoever takes the whole data folder, or every table of PostgreSQL, and not the key, reads no citizen number, no phone
/// and nothing of anybody's health, through whatever door it came in.
@Suite("偷走数据目录也看不到")
struct StolenStoreTests {
    /// What came in by the doors that the scene of readings does not use.
    private static let values = [
        "110101198506150019", "11010119710305102X", "110101197203051035", "110101197303051040", "110101197403051056",
        "13855550021", "13855550022", "13855550023", "13855550024", "13855550025", "13855550026", "13855550027",
        "13855550028", "表里写的冠心病", "接口写的糖尿病",
    ]

    @Test("每扇门录进来的号码、电话、病：哪个文件、哪张表里都没有", arguments: TestEngine.enabled)
    func everyDoor(_ engine: TestEngine) async throws {
        try await withHouse(engine, registers: RegisterSettings(hasSpecialGroups: true)) { house in
            let scene = try await ReadingScene.enter(house)
            try await sheets(house)
            try await programs(house, scene)
            try await words(house)
            try await outbox(house, scene)
            try await leftovers(house)
            await house.deliver()
            _ = try await house.verifiedAudit()
            if engine == .sqlite {
                // What `linli backup` makes; of PostgreSQL it is a compressed dump of the tables looked at below.
                try await house.services.database.engine.copy(to: house.folder + "/backup.db")
            }
            let told = ReadingScene.fields.filter { field in
                switch field.value {
                case .flag, .choice: false
                default: true
                }
            }.map { ReadingScene.value($0) }
            let ofScene = scene.marks.flatMap(\.forms).filter { $0.hasPrefix("138555500") || $0.contains("暗号") }
            let people = [DemoResident.tenant.phone, DemoStaff.dispatcher.phone]
            let secrets = Set(told + ofScene + people + Self.values)
            let stored = try await contents(house, engine)
            #expect(stored.count > (engine == .sqlite ? 2 : 50))
            #expect(stored.contains { $0.bytes.range(of: Data(ReadingScene.name.utf8)) != nil }, "looks at something")
            for secret in secrets.sorted() {
                for form in Self.forms(secret) {
                    for place in stored where place.bytes.range(of: form.bytes) != nil {
                        Issue.record("\(secret) is readable in \(place.name) as \(form.name)")
                    }
                }
            }
        }
    }

    /// How a value may lie in a file: as it is, in wide characters, as digits of a blob, in base 64 wherever it begins.
    private static func forms(_ secret: String) -> [(name: String, bytes: Data)] {
        let plain = Array(secret.utf8)
        let hex = plain.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let wide = secret.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        let narrow = secret.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        var forms = [
            ("text", Data(plain)), ("UTF-16", Data(wide)), ("UTF-16 little end first", Data(narrow)),
            ("hex", Data(hex.utf8)), ("hex in capitals", Data(hex.uppercased().utf8)),
        ]
        for shift in 0..<3 {
            // What stands before and behind changes the first letters and the last ones.
            let encoded = Data([UInt8](repeating: 0, count: shift) + plain).base64EncodedString()
            let whole = (shift + plain.count) / 3 * 4
            let inside = encoded.prefix(whole).dropFirst(shift == 0 ? 0 : 4)
            forms.append(("base 64, shifted by \(shift)", Data(inside.utf8)))
        }
        return forms
    }

    private func contents(_ house: House, _ engine: TestEngine) async throws -> [(name: String, bytes: Data)] {
        let names = FileManager.default.enumerator(atPath: house.folder)?.compactMap { $0 as? String } ?? []
        var found = names.compactMap { name in
            // A folder has no content of its own.
            (try? Data(contentsOf: URL(fileURLWithPath: house.folder + "/" + name))).map { (name: name, bytes: $0) }
        }
        guard engine == .postgres else { return found }
        found += try await house.services.database.read { tx in
            try tx.all(
                """
                SELECT table_name::text,
                    query_to_xml(format('SELECT t::text AS row FROM %I t', table_name), true, false, '')::text
                FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name
                """
            ) { row in (name: try row[0] as String, bytes: Data((try row[1] as String).utf8)) }
        }
        return found
    }

    private func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    // MARK: Doors

    /// A sheet that is brought in, one that is only looked at, and the orders of 12345.
    private func sheets(_ house: House) async throws {
        let head = try await house.context(DemoStaff.head)
        func bring(_ line: String) async throws -> String {
            let table = "姓名\t身份证号\t住址\t电话\t慢性病\n" + line
            let made = try await house.send(
                "/desk/sheets", form(("kind", "person"), ("division", ReadingScene.community), ("table", table)), head)
            return String(try #require(made).prefix { $0 != "?" })
        }
        let path = try await bring("样例丁\t110101198506150019\t幸福里小区3号楼2单元1301\t13855550021\t表里写的冠心病")
        let done = try #require(try await house.send(path, form(("kind", "person"), ("do", "import")), head))
        let id = try #require(ID<RegisterImport>(done.split(separator: "/").last.map(String.init) ?? ""))
        try await RegisterImports.run(id, house.services.database)
        #expect(try await house.value("SELECT count(*) FROM person WHERE name = '样例丁'", as: Int.self) == 1)
        _ = try await bring("样例戊\t11010119710305102X\t幸福里小区3号楼2单元1302\t13855550022\t")
        let dispatcher = try await house.context(DemoStaff.dispatcher)
        let order = """
            工单编号\t来电时间\t诉求人\t联系电话\t诉求类型\t主要内容\t事发地址\t派单时间\t办理时限\t科室意见
            12345-0777\t2026-11-22 08:00\t李四\t13855550023\t求助\t电梯坏了，身份证 110101197203051035\t幸福里小区3号楼2单元\t2026-11-22 09:00\t2026-11-24 09:00\t回电 13855550024
            """
        let address = try #require(
            try await house.send(
                "/desk/orders/import/orders", form(("table", order), ("division", "\(DemoDivision.street)")), dispatcher
            ))
        _ = try await house.send(address, form(("do", "import")), dispatcher)
        let kept = try await house.value("SELECT count(*) FROM foreign_order WHERE number = '12345-0777'", as: Int.self)
        #expect(kept == 1)
    }

    /// A program that enters somebody and asks again, so that the reply is kept.
    private func programs(_ house: House, _ scene: ReadingScene) async throws {
        let worker = try await house.context(DemoStaff.worker)
        let fields =
            #""person.name":"样例己","person.number":"110101197303051040","person.phone":"13855550025","#
            + #""person.chronicDiseases":"接口写的糖尿病""#
        let body = #"{"fields":{\#(fields)},"dwelling":"\#(scene.home.dwelling)"}"#
        let first = try await house.call("/api/v1/registers/person", body, key: "stolen-1", worker)
        let again = try await house.call("/api/v1/registers/person", body, key: "stolen-1", worker)
        #expect(first.status == 201 && again.text == first.text)
    }

    /// What a chat says, pasted and registered.
    private func words(_ house: House) async throws {
        let worker = try await house.context(DemoStaff.worker)
        let said = "样例庚：\n3号楼2单元楼道灯坏了，打 13855550026 找我，证件 110101197403051056"
        _ = try await house.send("/desk/paste", form(("text", said)), worker)
        let place = try await house.place("幸福里小区3号楼2单元").id
        _ = try await house.send(
            "/desk/paste/register",
            form(
                ("take-0", "yes"), ("words-0", "楼道灯坏了，打 13855550026 找我，证件 110101197403051056"),
                ("speaker-0", "样例庚"), ("category-0", "R0104"), ("place-0", "\(place)"),
                ("division-0", ReadingScene.grid), ("once", "stolen"), ("urgent-0", "yes")), worker)
        let masked = try await house.value(
            "SELECT count(*) FROM case_item WHERE text LIKE '%138****0026%'", as: Int.self)
        #expect(masked == 1, "the chat was registered")
    }

    /// A phone changed without a network.
    private func outbox(_ house: House, _ scene: ReadingScene) async throws {
        let walker = DemoStaff.gridWorker1
        let (session, context) = (try await house.session(walker.phone), try await house.context(walker))
        let (lease, _) = try await OfflineLease.issue(for: House.homeGrid, session, context, house.services)
        let change =
            #""kind":"person","id":"\#(scene.home.person)","field":"person.phone","before":"=138****0001","#
            + #""value":"13855550027""#
        let body =
            #"{"kind":"edit","household":"\#(scene.home.household)","settles":"","changes":[{\#(change)}]}"#
        let sealed = try PhoneWork(lease).sealed("stolen00-1", at: context.now, body: body)
        let outcome = try await OfflineSync.take(
            sealed, key: "stolen00-1", lease: lease.id, context, house.services)
        #expect(outcome.kind == .taken)
    }

    /// A form whose session was over.
    private func leftovers(_ house: House) async throws {
        let kept = KeptForms.Kept(
            action: "/report", fields: [.init("text", "打 13855550028"), .init("note", "慢性病")], losesPhotos: false)
        #expect(try await KeptForms.keep(kept, house.services.database) != nil)
    }
}
