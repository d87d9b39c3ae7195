import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliStandards

/// `linli bench import`: a sheet of 20,000 people with numbers, phones and addresses, brought in as the job does it: each
/// row looked at, what is closely kept sealed, homes made, everything indexed and audited, by writes of some hundred rows.
struct BenchImport: Sendable {
    let stage: Stage

    private static let rows = 20_000
    /// The bar: so many people a second.
    private static let bar = 5000.0
    private static let headings = ["姓名", "身份证号", "现住址", "联系电话", "与户主关系", "是否独居"]

    func run() async throws -> BenchReport {
        print("… a store with the demo")
        fflush(nil)
        let premises = try await stage.make("demo")
        _ = try await stage.linli(["demo"], premises)
        print("… a sheet of \(grouped(Double(BenchImport.rows))) people")
        fflush(nil)
        let (found, seconds, taken) = try await BenchStore.with(try await premises.plan()) { store in
            try await bring(store.services)
        }
        guard found.added == BenchImport.rows else {
            throw Refusal("\(found.added) of \(BenchImport.rows) rows were entered, \(found.wrong) were wrong")
        }
        let rate = Double(BenchImport.rows) / seconds
        var report = BenchReport("\(stage.settings.engine), a sheet brought in", stage.settings)
        var table = TextTable(header: ["what", "found", "bar", "met"])
        let bar = BenchBar(words: "≥ \(grouped(BenchImport.bar))/s", isMet: rate >= BenchImport.bar)
        table.rows = [
            ["people entered a second"] + [grouped(rate)] + BenchBar.cells([bar]),
            ["homes made on the way", grouped(Double(found.dwellings)), "–", "–"],
            ["taken back, people a second", grouped(Double(BenchImport.rows) / taken), "–", "–"],
        ]
        report.add(table)
        report.add(["- One job on one node; nothing else was asked of the store meanwhile."])
        return report
    }

    private func bring(_ services: Services) async throws -> (RegisterImport, Double, Double) {
        let database = services.database
        let head = try await account(services)
        let community = DemoDivision.happiness
        let lines = BenchImport.people().enumerated().map { SheetDraft.Line(number: $0.offset + 2, cells: $0.element) }
        let draft = SheetDraft(
            headers: BenchImport.headings, lines: lines,
            fields: ImportColumn.suggest(BenchImport.headings, .person, remembered: [:]), division: community)
        let kept = try await SheetDrafts.keep(draft, kind: RegisterImports.sheet(of: .person), database, head)
        let id = try await RegisterImports.begin(kept, .person, rows: lines.count, in: community, head, database)
        let began = ContinuousClock.now
        try await work(id, head, database) { try await RegisterImports.run(id, database) }
        let entered = ContinuousClock.now
        let found = try await database.read { try RegisterImports.find(id, head, $0) }
        try await RegisterImports.undo(id, head, database)
        let undoing = ContinuousClock.now
        try await work(id, head, database) { try await RegisterImports.takeBack(id, database) }
        let end = ContinuousClock.now
        return (found, (entered - began) / .seconds(1), (end - undoing) / .seconds(1))
    }

    /// Runs a job again and again until the import does not wait for it any more.
    private func work(
        _ id: ID<RegisterImport>, _ head: Context, _ database: Database, _ job: () async throws -> Void
    ) async throws {
        for _ in 0..<100 {
            try await job()
            let state = try await database.read { try RegisterImports.find(id, head, $0).state }
            if state != .running && state != .undoing { return }
        }
        throw Refusal("the import did not end")
    }

    private func account(_ services: Services) async throws -> Context {
        let database = services.database
        let now = database.clock.now
        let found = try await database.read { tx -> AccountSummary? in
            guard let id = try AccessStore.find(phone: DemoStaff.head.phone, keys: database.keys, tx) else {
                return nil
            }
            return try AccessStore.account(id, at: now, tx)
        }
        guard let found else { throw Refusal("the demo has no head of a community") }
        return Context(actor: found.actor, now: now)
    }

    /// Families of two in the flats of one entrance; numbers of the test area of GB 11643 with their check characters.
    private static func people() -> [[String]] {
        (0..<rows).map { row in
            let family = row / 2
            let day = CivilDate(daysSinceEpoch: -12_000 + (row * 37) % 24_000)
            let compact = day.description.filter { $0 != "-" }
            let front = "110100\(compact)00\(row % 2 + 1)"
            let flat = "\(1 + family / 50)" + String("\(100 + family % 50)".suffix(2))
            return [
                "测试\(row)", front + CitizenID.check(of: front), "幸福里小区3号楼2单元\(flat)",
                "199" + String("\(100_000_000 + row)".suffix(8)), row % 2 == 0 ? "户主" : "配偶", "",
            ]
        }
    }
}
