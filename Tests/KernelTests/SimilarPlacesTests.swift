import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What is near for somebody who names a place and has no GPS, and where cases lie that were told so.
@Suite("没有定位，附近的也找得到")
struct SimilarPlacesTests {
    private func offered(
        _ house: House, _ category: String, at address: String? = nil, around: GeoPoint? = nil, as home: Bool = true
    ) async throws -> [ID<Case>] {
        let named = try await house.place(address ?? "幸福里小区")
        let neighbour = home ? Neighbour(named.division, house.services.catalogue) : nil
        return try await house.services.queries.joinable(
            categories: [category], community: named.division, place: address == nil ? nil : named.id, around: around,
            as: neighbour
        ).map(\.id)
    }

    private func found(
        _ house: House, _ category: String, at address: String? = nil, around: GeoPoint? = nil
    ) async throws -> [ID<Case>] {
        let named = try await house.place(address ?? "幸福里小区")
        return try await house.services.queries.similar(
            categories: [category], community: named.division, place: address == nil ? nil : named.id, around: around
        ).map(\.id)
    }

    /// The place was never measured.
    private func unmeasured(_ house: House, _ address: String) async throws {
        let id = try await house.place(address).id
        _ = try await house.services.database.system { tx in
            try tx.execute("UPDATE place SET latitude = NULL, longitude = NULL WHERE id = \(id)")
        }
    }

    @Test("只说了地点：按那个地点的位置找周围的，远的不算", arguments: TestEngine.enabled)
    func aroundPlace(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var lamp = try await house.draft("广场东边的路灯不亮", category: "C0118", at: "幸福里小广场")
            lamp.spot = .street
            let id = try await house.report(lamp, try await house.context(.tenant))
            for address in ["幸福里小广场", "多福巷", "多福巷7号院"] {
                #expect(try await offered(house, "C0118", at: address, as: false).contains(id), "\(address)")
                #expect(try await found(house, "C0118", at: address).contains(id), "\(address)")
            }
            #expect(try await !offered(house, "C0118", at: "北街").contains(id), "three hundred metres are not near")
            #expect(try await !found(house, "C0118", at: "北街").contains(id))
        }
    }

    @Test("没量过的单元：同一栋楼的找得到，站在楼下有定位的也找得到", arguments: TestEngine.enabled)
    func sameBuilding(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (door, other) = ("幸福里小区5号楼1单元", "幸福里小区5号楼2单元")
            let building = try #require(try await house.place("幸福里小区5号楼").point)
            try await unmeasured(house, door)
            var lift = try await house.draft("轿厢晃得厉害", category: "R0202", at: door)
            lift.spot = .shared
            let id = try await house.report(lift, try await house.context(.tenant))
            let pointless: SQL = "SELECT count(*) FROM case_item WHERE id = \(id) AND latitude IS NULL"
            #expect(try await house.value(pointless, as: Int.self) == 1)
            #expect(try await offered(house, "R0202", around: building).contains(id))
            #expect(try await found(house, "R0202", around: building).contains(id))
            let far = GeoPoint(longitude: building.longitude + 0.01, latitude: building.latitude)
            #expect(try await !found(house, "R0202", around: far).contains(id))
            try await unmeasured(house, other)
            try await unmeasured(house, "幸福里小区5号楼")
            for address in [door, other, "幸福里小区5号楼"] {
                #expect(try await offered(house, "R0202", at: address).contains(id), "\(address)")
                #expect(try await offered(house, "R0202", at: address, as: false).isEmpty, "who is not known sees none")
                #expect(try await found(house, "R0202", at: address).contains(id), "\(address)")
            }
        }
    }

    @Test("别人家里的事：从不给邻居看；工作人员看同一栋楼的，别的楼家里的不算附近", arguments: TestEngine.enabled)
    func homes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var leak = try await house.draft("厨房顶上滴水", category: "R1101", at: "幸福里小区5号楼1单元")
            leak.spot = .home
            let id = try await house.report(leak, try await house.context(.tenant))
            for address in ["幸福里小区5号楼1单元", "幸福里小区5号楼2单元", "幸福里小区6号楼1单元"] {
                #expect(try await !offered(house, "R1101", at: address).contains(id), "\(address)")
            }
            #expect(try await found(house, "R1101", at: "幸福里小区5号楼2单元").contains(id))
            #expect(try await !found(house, "R1101", at: "幸福里小区6号楼1单元").contains(id))
        }
    }

    @Test("同一个地方的排最前，先到期的、别的单元的挤不掉它", arguments: TestEngine.enabled)
    func samePlaceFirst(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            func told(_ entrance: Int) async throws -> ID<Case> {
                let lamp = try await house.draft("楼道灯不亮", category: "R0104", at: "幸福里小区8号楼\(entrance)单元")
                return try await house.report(lamp, try await house.context(.tenant))
            }
            for entrance in [1, 2, 4, 4] { _ = try await told(entrance) }
            let same = try await told(3)
            _ = try await house.services.database.system { tx in
                try tx.execute("UPDATE case_item SET due_at = due_at + 864000000 WHERE id = \(same)")
            }
            let address = "幸福里小区8号楼3单元"
            #expect(try await found(house, "R0104", at: address).first == same)
            #expect(try await offered(house, "R0104", at: address).first == same)
            #expect(try await found(house, "R0104", at: address).count == 3)
        }
    }

    @Test("几类一起找：最像的那一类排前面，别的类再多也挤不掉", arguments: TestEngine.enabled)
    func likeliestFirst(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            func told(_ text: String, _ category: String) async throws -> ID<Case> {
                var draft = try await house.draft(text, category: category, at: "北街")
                draft.spot = .street
                return try await house.report(draft, try await house.context(.tenant))
            }
            for _ in 1...4 { _ = try await told("路面坏了一块", "E0110") }
            var lamps: Set<ID<Case>> = []
            for _ in 1...3 { lamps.insert(try await told("路灯不亮", "C0118")) }
            _ = try await house.services.database.system { tx in
                try tx.execute("UPDATE case_item SET due_at = due_at + 864000000 WHERE category = 'C0118'")
            }
            let (street, queries) = (try await house.place("北街"), house.services.queries)
            let before: SQL =
                "SELECT id FROM case_item WHERE category = 'C0118' AND place_id = \(street.id) AND is_open = 1"
            lamps.formUnion(try await house.services.database.read { try $0.all(before) { try $0[0] as ID<Case> } })
            let kinds = ["E0110", "C0118"]
            let staff = try await queries.similar(
                categories: kinds, likeliest: "C0118", community: street.division, place: street.id, around: nil)
            #expect(staff.count == 3 && lamps.isSuperset(of: staff.map(\.id)))
            let neighbours = try await queries.joinable(
                categories: kinds, likeliest: "C0118", community: street.division, place: street.id, around: nil)
            #expect(neighbours.count == 3 && lamps.isSuperset(of: neighbours.map(\.id)))
        }
    }

    @Test("只有定位：近的排前面", arguments: TestEngine.enabled)
    func nearestFirst(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let square = try #require(try await house.place("幸福里小广场").point)
            var lamps: [ID<Case>] = []
            for metres in [150.0, 120, 90, 10] {
                var lamp = try await house.draft("路灯不亮", category: "C0118", at: "幸福里小广场")
                lamp.spot = .street
                let id = try await house.report(lamp, try await house.context(.tenant))
                let latitude = square.latitude + square.degrees(metres: metres).north
                _ = try await house.services.database.system { tx in
                    try tx.execute(
                        """
                        UPDATE case_item SET latitude = \(latitude), longitude = \(square.longitude) WHERE id = \(id)
                        """)
                }
                lamps.append(id)
            }
            let nearest = Array(lamps.reversed().prefix(3))
            #expect(try await found(house, "C0118", around: square) == nearest)
            #expect(try await offered(house, "C0118", around: square, as: false) == nearest)
        }
    }
}
