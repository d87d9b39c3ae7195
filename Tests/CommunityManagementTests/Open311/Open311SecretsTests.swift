import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What another system sends of persons and of pictures: numbers are masked as on our pages, and no address is fetched.
@Suite("Open311 里的号码和网址")
struct Open311SecretsTests {
    /// Where a picture is said to be: the cloud's own metadata, this machine, a service of the network, a page of ours.
    private static let inward = [
        "http://169.254.169.254/latest/meta-data/", "https://localhost/health", "https://[::1]/", "file:///etc/passwd",
        "https://user:word@example.org/a.jpg", "ftp://example.org/a.jpg", "//example.org/a.jpg", "javascript:alert(1)",
        "https://example.org/a b.jpg", "https://redis:6379/", "HTTPS://example.org/a.jpg",
    ]

    private func tell(
        _ house: House, _ changes: [String: String], status: Int = 200, key: String
    ) async throws -> ProgramAnswer {
        let form = Open311RequestTests.form(key, changes)
        let answer = try await house.ask(.post, "/open311/v2/requests.json", form: form)
        #expect(answer.status == status, "\(answer.text)")
        return answer
    }

    private func item(_ answer: ProgramAnswer, _ house: House) async throws -> ID<Case> {
        let number = try #require(try Open311RequestTests.first(answer)["service_request_id"] as? String)
        return try #require(try await house.value("SELECT id FROM case_item WHERE number = \(number)"))
    }

    @Test("media_url 只收 https 网址，不下载，答复里说明白；工作人员看到的是字，不是链接", arguments: TestEngine.enabled)
    func media(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            for address in Self.inward {
                let refused = try await tell(house, ["media_url": address], status: 400, key: key)
                #expect(refused.text.contains("media_url"), "\(address): \(refused.text)")
            }
            let address = "https://photos.example.org/lamp.jpg?owner=13812345678"
            let answer = try await tell(house, ["media_url": address], key: key)
            let notice = try Open311RequestTests.first(answer)["service_notice"] as? String ?? ""
            #expect(notice.contains("media_url 没有下载"), "\(notice)")
            let id = try await item(answer, house)
            #expect(
                try await house.value(
                    "SELECT count(*) FROM stored_file f JOIN case_photo p ON p.file_id = f.id WHERE p.case_id = \(id)",
                    as: Int.self) == 0)
            let page = try await house.open(CasePath.desk(id), query: [], try await house.context(DemoStaff.dispatcher))
            #expect(page.contains("photos.example.org") && page.contains("没有下载"))
            #expect(
                !page.contains("href=\"https://photos.example.org")
                    && !page.contains("src=\"https://photos.example.org"))
            #expect(!page.contains("13812345678"), "a number in an address is masked, too")
            let plain = try await house.ask(
                .post, "/open311/v2/requests.json",
                form: Open311RequestTests.form(key, ["description": "另一盏灯"], without: ["media_url"]))
            let quiet = try Open311RequestTests.first(plain)["service_notice"] as? String ?? ""
            #expect(!quiet.contains("media_url"))
            let english = try await house.ask(
                .post, "/open311/v2/requests.json",
                form: Open311RequestTests.form(key, ["description": "A third lamp"]),
                language: .en)
            let said = try Open311RequestTests.first(english)["service_notice"] as? String ?? ""
            #expect(said.contains("media_url was not fetched") && said.contains("https://linli.example/r/"))
        }
    }

    @Test("描述、地址里写的手机号、身份证号：库里没有明文，谁也读不到，原文加密留着", arguments: TestEngine.enabled)
    func numbers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            let (phone, citizen) = ("13855551234", "110101195006150020")
            let changes = [
                "description": "路灯不亮，找老张 \(phone)，身份证 \(citizen)", "address_string": "北门 \(phone) 门口",
                "attribute[location]": "问 \(phone)", "first_name": "老张", "last_name": "",
            ]
            let answer = try await tell(house, changes, key: key)
            let id = try await item(answer, house)
            let columns = "text || ' ' || title || ' ' || location || ' ' || answers || ' ' || reporter_mask"
            let stored: String? = try await house.value(
                "SELECT \(SQL(stringLiteral: columns)) FROM case_item WHERE id = \(id)")
            let entries: [String] = try await house.services.database.read { tx in
                try tx.all("SELECT text FROM case_entry WHERE case_id = \(id)") { try $0[0] }
            }
            for text in [stored ?? phone] + entries {
                #expect(!text.contains(phone) && !text.contains(citizen), "\(text)")
            }
            #expect(stored?.contains("138****1234") == true)
            let own = try await house.ask(
                .get, "/open311/v2/requests.json", query: [("api_key", key), ("service_code", "C0118")])
            #expect(own.text.contains("138****1234") && !own.text.contains(phone) && !own.text.contains(citizen))
            // Who may know it reads the original for a purpose that the audit keeps.
            let sealed: [UInt8]? = try await house.value("SELECT text_sealed FROM case_item WHERE id = \(id)")
            let cell = Cell("case_item", "text_sealed", id.rawValue)
            let opened = try house.services.database.keys.open(try #require(sealed), cell: cell)
            #expect(opened == changes["description"])
        }
    }
}
