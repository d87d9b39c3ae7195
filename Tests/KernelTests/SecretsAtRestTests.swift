import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Whoever gets hold of the store without its key reads no phone and no citizen number, wherever somebody typed it.
@Suite("号码落盘不留明文")
struct SecretsAtRestTests {
    private static let numbers = [
        "13912345678", "13812340001", "13712340002", "13612340003", "13512340004", "110100195006150020",
        "11010019500615008X",
    ]

    @Test("正文、位置、备注、反映人里的号码，文件和日志里都找不到", arguments: TestEngine.enabled)
    func nowhereReadable(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            var draft = try await house.draft("电梯坏了，请打 13912345678，我身份证 110100195006150020")
            draft.location = "3号楼 13812340001"
            draft.reporterName = "赵先生"
            draft.reporterPhone = "13712340002"
            draft.isOnBehalf = true
            let id = try await house.report(draft, resident)
            try await house.take(CaseStep("accept"), id, handler)
            let commands = house.services.commands
            try await commands.remark("业主电话 13612340003", isVisible: false, photos: [], on: id, handler)
            try await house.take(CaseStep("finish", text: "找 13512340004 签字，证件 11010019500615008X"), id, handler)
            _ = try await house.services.signIn.sendCode(to: DemoResident.tenant.phone, resident)
            await house.deliver()
            _ = try await house.verifiedAudit()
            // It is there for who may see it, so the search below looks for something.
            let view = try await house.services.queries.view(id, handler)
            #expect(view.item.text.contains("139****5678") && view.item.location.contains("138****0001"))
            let sealed: [UInt8]? = try await house.value("SELECT text_sealed FROM case_item WHERE id = \(id)")
            let cell = Cell("case_item", "text_sealed", id.rawValue)
            let opened = try house.services.database.keys.open(try #require(sealed), cell: cell)
            #expect(opened.contains("13912345678"))
            let demoPhones = [DemoResident.tenant.phone, DemoStaff.dispatcher.phone]
            let stored = try await contents(house, engine)
            #expect(stored.contains { $0.range(of: Data("赵".utf8)) != nil })
            for number in Self.numbers + demoPhones {
                let hex = number.utf8.map { String($0, radix: 16) }.joined()
                for bytes in stored {
                    #expect(bytes.range(of: Data(number.utf8)) == nil, "\(number) is readable")
                    #expect(bytes.range(of: Data(hex.utf8)) == nil, "\(number) is readable in a blob")
                }
            }
        }
    }

    /// Every byte of the SQLite file and its log; of PostgreSQL every row of every table as text.
    private func contents(_ house: House, _ engine: TestEngine) async throws -> [Data] {
        switch engine {
        case .sqlite:
            let names = try FileManager.default.contentsOfDirectory(atPath: house.folder)
                .filter { $0.hasPrefix("linli.sqlite") && !$0.hasSuffix("-shm") }
            #expect(names.count == 2, "the file and its log: \(names)")
            return try names.map { try Data(contentsOf: URL(fileURLWithPath: house.folder + "/" + $0)) }
        case .postgres:
            return try await house.services.database.read { tx in
                try tx.all(
                    """
                    SELECT query_to_xml(format('SELECT t::text AS row FROM %I t', table_name), true, false, '')::text
                    FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name
                    """
                ) { Data((try $0[0] as String).utf8) }
            }
        }
    }
}
