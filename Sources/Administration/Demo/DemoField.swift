import LinliCore
import LinliKernel
import LinliStandards

extension Demo {
    /// The grids of the demo as they are worked: who walks them stands on a roster, stewards and volunteers look after
    /// buildings, and 槐荫 has a plan of grids ahead. Once; answers with how many people do something in a grid.
    ///
    /// It is no part of `install`: on a roster, a grid worker reads the register, and whether somebody stands on one is
    /// what many a test is about.
    package static func field(_ services: Services, now: Instant) async throws -> Int {
        let cast = try await DemoCast(services.database, now: now)
        let isThere = try await services.database.read {
            try !GridRolesStore.list(of: DemoDivision.grid(1), at: now, $0).isEmpty
        }
        guard !isThere else { return 0 }
        let field = DemoField(services: services, cast: cast, now: now)
        try await field.planGrids()
        return try await field.putPeople()
    }

    /// A photo of the demo, drawn and put through the same gate as an upload, kept for who is to use it.
    ///
    /// - Throws: `.unavailable` when the picture tool is missing.
    package static func stairPhoto(
        isAfter: Bool, _ services: Services, _ context: Context
    ) async throws -> ID<StoredFile> {
        let photo = try await DemoPhotos.prepare(.stairBikes, isAfter: isAfter, seed: 901, services.files)
        return try await services.database.write(context, "files.keep") { try FileStore.insert(photo, $0) }
    }
}

/// Rosters, people and plans of the demo's grids.
struct DemoField: Sendable {
    let services: Services
    let cast: DemoCast
    let now: Instant

    /// Who walks a grid, and the committee on whose roster they stand.
    private static let walkers: [(DemoStaff, DemoUnit)] = [
        (.gridWorker1, .committee), (.gridWorker2, .committee), (.gridWorker3, .committee),
        (.locustGridWorker, .locustCommittee), (.severalDuties, .locustCommittee),
        (.villageGridWorker, .villageCommittee),
    ]

    /// Who does something in a grid without an account; nobody is real.
    private static let roles: [(grid: DivisionCode, kind: GridRoleKind, name: String, place: DemoPlace?)] = [
        (DemoDivision.grid(1), .head, "赵婷", nil),
        (DemoDivision.grid(1), .steward, "王建国", .entrance(1, 1)),
        (DemoDivision.grid(1), .steward, "钱秀珍", .entrance(2, 1)),
        (DemoDivision.grid(1), .steward, "高原", .entrance(3, 1)),
        (DemoDivision.grid(1), .steward, "马淑珍", .entrance(4, 1)),
        (DemoDivision.grid(1), .volunteer, "彭玲", nil),
        (DemoDivision.grid(1), .volunteer, "沈玉华", nil),
        (DemoDivision.grid(2), .head, "赵婷", nil),
        (DemoDivision.grid(2), .steward, "林桂英", .entrance(5, 1)),
        (DemoDivision.grid(2), .steward, "刘晓梅", .entrance(6, 1)),
        (DemoDivision.grid(2), .steward, "沈秋生", .entrance(7, 3)),
        (DemoDivision.grid(2), .steward, "张丽", .entrance(8, 1)),
        (DemoDivision.grid(2), .volunteer, "周立新", nil),
        (DemoDivision.grid(3), .head, "马秀英", nil),
        (DemoDivision.grid(3), .steward, "金秀兰", .yard(5)),
        (DemoDivision.grid(3), .steward, "佟玉华", .yard(9)),
        (DemoDivision.grid(3), .volunteer, "白雪", nil),
        (DemoDivision.grid(3), .volunteer, "关志强", nil),
        (DemoDivision.locustGrid(1), .head, "韩冰", nil),
        (DemoDivision.locustGrid(1), .steward, "韩德福", .locustEntrance(1, 1)),
        (DemoDivision.locustGrid(1), .steward, "梁国华", .locustEntrance(3, 2)),
        (DemoDivision.locustGrid(2), .head, "林晓", nil),
        (DemoDivision.locustGrid(2), .steward, "谢军", .locustEntrance(4, 1)),
        (DemoDivision.locustGrid(2), .volunteer, "宋雨", nil),
        (DemoDivision.villageGrid, .head, "柳长青", nil),
        (DemoDivision.villageGrid, .volunteer, "柳春梅", nil),
    ]

    /// Puts the grid workers on their rosters, and stewards and volunteers into their grids.
    func putPeople() async throws -> Int {
        let since = now.adding(days: -120)
        let context = Context.system("demo", now: since)
        let walkers = try DemoField.walkers.map { person, unit in
            guard let account = cast.staff[person]?.id else {
                throw LinliError.fault("demo.missing", "the store has no \(person) of the demo")
            }
            return (account, try cast.unit(unit))
        }
        let roles = try DemoField.roles.map { role in
            (role.grid, role.kind, role.name, try role.place.map { try cast.place($0).id })
        }
        try await services.database.write(context, "demo.field") { tx in
            for (account, unit) in walkers {
                // One long shift, as all of the demo's: whoever opens it next month still finds them on duty. It began
                // before that of who answers for the committee, who is the one a resident sees.
                try UnitsStore.roster(account, unit, from: since, until: now.adding(days: 365), tx)
            }
            for (index, (grid, kind, name, place)) in roles.enumerated() {
                _ = try GridRolesStore.insert(
                    kind, name, phone: PhoneNumber("1390000\(3000 + index)"), at: place, from: tx.now, until: nil,
                    in: grid, tx)
            }
        }
        return roles.count
    }

    /// 槐荫 gives its fourth building to the grid the other three lie in, two weeks from now.
    func planGrids() async throws {
        let context = Context(
            actor: try cast.actor(.administrator), now: now.adding(days: -2), requestID: "demo")
        let commands = GridPlansCommands(services)
        let id = try await commands.begin(DemoDivision.locust, context)
        let opened = try await services.database.read { try GridPlansCommands.open(id, context, $0) }
        var sketch = opened.sketch
        let areas = try DemoGrids.locustAhead()
        sketch.parts = sketch.parts.map { part in
            areas[part.code].map { GridOutline(code: part.code, name: part.name, area: $0) } ?? part
        }
        try await commands.save(sketch, in: id, version: opened.plan.version, context)
        try await commands.publish(
            id, on: now.date.adding(days: 14), reason: "4号楼和1至3号楼同一个物业，划到一个网格，走访巡查不重跑", context)
    }
}
