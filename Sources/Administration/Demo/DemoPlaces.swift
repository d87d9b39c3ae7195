import LinliCore
import LinliKernel
import LinliStandards

/// Places of the demo: two estates with twelve buildings, a lane of yards, a village, public spaces and an office
/// building.
package enum DemoPlace: Sendable, Hashable {
    /// 幸福里小区, its buildings 1 to 8 and their entrances.
    case estate
    case building(Int)
    case entrance(Int, Int)
    /// 槐荫里小区, its buildings 1 to 4 and their entrances.
    case locustEstate
    case locustBuilding(Int)
    case locustEntrance(Int, Int)
    /// 多福巷 and its yards by door number.
    case lane
    case yard(Int)
    /// 柳河村 and its groups.
    case village
    case group(Int)
    /// Public spaces: 幸福里小广场, 北街, 槐荫口袋公园, 柳河村文化广场.
    case square, northStreet, pocketPark, villageSquare
    /// 幸福里商务中心 and its floors 1 to 4.
    case offices
    case officeFloor(Int)

    /// Every place, those that hold others first.
    static let all: [DemoPlace] = {
        var all: [DemoPlace] = [.estate]
        for building in 1...8 {
            all.append(.building(building))
            all += (1...entrances(building)).map { .entrance(building, $0) }
        }
        all.append(.locustEstate)
        for building in 1...4 {
            all.append(.locustBuilding(building))
            all += (1...(building < 3 ? 3 : 2)).map { .locustEntrance(building, $0) }
        }
        all += [.lane, .yard(5), .yard(7), .yard(9), .yard(12), .village, .group(1), .group(2)]
        all += [.square, .northStreet, .pocketPark, .villageSquare]
        return all + [.offices] + (1...4).map { .officeFloor($0) }
    }()

    private static func entrances(_ building: Int) -> Int {
        switch building {
        case 5, 6: 2
        case 8: 4
        default: 3
        }
    }

    struct Facts {
        var parent: DemoPlace?
        var kind: PlaceKind
        var name: String
        var address: String
        var division: DivisionCode
        var latitude: Double
        var longitude: Double
        var right: PropertyRight
        var manager: DemoUnit?
    }

    var facts: Facts {
        switch self {
        case .estate, .building, .entrance: inEstate
        case .locustEstate, .locustBuilding, .locustEntrance: inLocustEstate
        case .lane, .yard: inLane
        case .offices, .officeFloor: inOffices
        default: open
        }
    }

    private var inEstate: Facts {
        let (latitude, longitude): (Double, Double)
        var facts = Facts(
            parent: nil, kind: .estate, name: "幸福里小区", address: "幸福里小区", division: DemoDivision.grid(1),
            latitude: 39.91430, longitude: 116.40275, right: .commercial, manager: .property
        )
        switch self {
        case .building(let number):
            (latitude, longitude) = DemoPlace.buildings[number - 1]
            facts.parent = .estate
            facts.kind = .building
            facts.name = "\(number)号楼"
        case .entrance(let number, let entrance):
            (latitude, longitude) = DemoPlace.doorway(DemoPlace.buildings[number - 1], entrance)
            facts.parent = .building(number)
            facts.kind = .entrance
            facts.name = "\(entrance)单元"
        default: return facts
        }
        facts.address = (facts.parent?.facts.address ?? "") + facts.name
        (facts.latitude, facts.longitude) = (latitude, longitude)
        facts.division = latitude < 39.9153 ? DemoDivision.grid(1) : DemoDivision.grid(2)
        return facts
    }

    private var inLocustEstate: Facts {
        let (latitude, longitude): (Double, Double)
        var facts = Facts(
            parent: nil, kind: .estate, name: "槐荫里小区", address: "槐荫里小区", division: DemoDivision.locustGrid(1),
            latitude: 39.91880, longitude: 116.40295, right: .reformed, manager: nil
        )
        switch self {
        case .locustBuilding(let number):
            (latitude, longitude) = DemoPlace.locustBuildings[number - 1]
            facts.parent = .locustEstate
            facts.kind = .building
            facts.name = "\(number)号楼"
        case .locustEntrance(let number, let entrance):
            (latitude, longitude) = DemoPlace.doorway(DemoPlace.locustBuildings[number - 1], entrance)
            facts.parent = .locustBuilding(number)
            facts.kind = .entrance
            facts.name = "\(entrance)单元"
        default: return facts
        }
        facts.address = (facts.parent?.facts.address ?? "") + facts.name
        (facts.latitude, facts.longitude) = (latitude, longitude)
        facts.division = longitude < 116.4045 ? DemoDivision.locustGrid(1) : DemoDivision.locustGrid(2)
        return facts
    }

    private var inLane: Facts {
        let (latitude, longitude, name): (Double, Double, String) =
            switch self {
            case .yard(5): (39.91370, 116.40520, "5号院")
            case .yard(7): (39.91390, 116.40570, "7号院")
            case .yard(9): (39.91365, 116.40640, "9号院")
            case .yard(12): (39.91420, 116.40610, "12号院")
            default: (39.91385, 116.40590, "")
            }
        return Facts(
            parent: name.isEmpty ? nil : .lane, kind: .courtyard, name: name.isEmpty ? "多福巷" : name,
            address: "多福巷" + name, division: DemoDivision.grid(3), latitude: latitude, longitude: longitude,
            right: .publicHousing, manager: .publicHousing
        )
    }

    private var inOffices: Facts {
        let name = "幸福里商务中心"
        var facts = Facts(
            parent: nil, kind: .businessBuilding, name: name, address: name, division: DemoDivision.grid(3),
            latitude: 39.91452, longitude: 116.40762, right: .commercial, manager: .property)
        guard case .officeFloor(let floor) = self else { return facts }
        (facts.parent, facts.kind, facts.name) = (.offices, .floor, "\(floor)层")
        (facts.address, facts.manager) = ("\(name)\(floor)层", nil)
        return facts
    }

    private var open: Facts {
        switch self {
        case .village: outdoors(.village, "柳河村", DemoDivision.villageGrid, 40.20765, 116.39905, .collective)
        case .group(let number):
            Facts(
                parent: .village, kind: .group, name: number == 1 ? "一组" : "二组",
                address: number == 1 ? "柳河村一组" : "柳河村二组", division: DemoDivision.villageGrid,
                latitude: number == 1 ? 40.20680 : 40.20850, longitude: number == 1 ? 116.39780 : 116.40020,
                right: .collective, manager: nil
            )
        case .square: outdoors(.publicSpace, "幸福里小广场", DemoDivision.grid(3), 39.91470, 116.40700)
        case .northStreet: outdoors(.publicSpace, "北街", DemoDivision.grid(1), 39.91715, 116.40300)
        case .pocketPark: outdoors(.publicSpace, "槐荫口袋公园", DemoDivision.locustGrid(2), 39.92010, 116.40650)
        default: outdoors(.publicSpace, "柳河村文化广场", DemoDivision.villageGrid, 40.20760, 116.39920)
        }
    }

    private func outdoors(
        _ kind: PlaceKind, _ name: String, _ division: DivisionCode, _ latitude: Double, _ longitude: Double,
        _ right: PropertyRight = .none
    ) -> Facts {
        Facts(
            parent: nil, kind: kind, name: name, address: name, division: division, latitude: latitude,
            longitude: longitude, right: right, manager: nil
        )
    }

    private static let buildings: [(Double, Double)] = [
        (39.91380, 116.40200), (39.91380, 116.40350), (39.91480, 116.40205), (39.91480, 116.40350),
        (39.91570, 116.40510), (39.91572, 116.40590), (39.91660, 116.40500), (39.91662, 116.40590),
    ]

    private static let locustBuildings: [(Double, Double)] = [
        (39.91830, 116.40230), (39.91832, 116.40360), (39.91930, 116.40230), (39.91940, 116.40520),
    ]

    /// Doors stand side by side along a building, about 13 m apart.
    private static func doorway(_ building: (Double, Double), _ entrance: Int) -> (Double, Double) {
        (building.0 - 0.00006, building.1 + Double(entrance - 2) * 0.00015)
    }
}

/// The grids of the demo: neighbours share every corner of their common border.
enum DemoGrids {
    /// Corners as longitude and latitude.
    private typealias Corner = (Double, Double)

    // 幸福里: three grids meet at `middle`; 槐荫 begins at its northern border.
    private static let middle: Corner = (116.40438, 39.91528)
    private static let southWest: Corner = (116.40120, 39.91312)
    private static let south: Corner = (116.40432, 39.91302)
    private static let southEast: Corner = (116.40812, 39.91318)
    private static let east: Corner = (116.40818, 39.91540)
    private static let northEast: Corner = (116.40822, 39.91738)
    private static let north: Corner = (116.40441, 39.91750)
    private static let northWest: Corner = (116.40128, 39.91742)
    private static let west: Corner = (116.40117, 39.91530)
    private static let southBend: Corner = (116.40445, 39.91410)
    private static let eastBend: Corner = (116.40620, 39.91520)
    private static let northBend: Corner = (116.40429, 39.91645)
    private static let locustBend: Corner = (116.40450, 39.91930)
    private static let locustNorth: Corner = (116.40447, 39.92105)

    /// 北街小学 cuts its yard out of grid 2: what happens inside is the school's.
    private static let schoolYard: [Corner] = [
        (116.40652, 39.91598), (116.40768, 39.91602), (116.40771, 39.91690), (116.40700, 39.91694),
        (116.40649, 39.91680),
    ]

    /// Every grid with its area.
    static func all() throws -> [GridArea] {
        [
            try grid(
                DemoDivision.grid(1),
                [southWest, south, southBend, middle, northBend, north, northWest, west]
            ),
            try grid(DemoDivision.grid(2), [middle, eastBend, east, northEast, north, northBend], hole: schoolYard),
            try grid(DemoDivision.grid(3), [south, southEast, east, eastBend, middle, southBend]),
            try grid(
                DemoDivision.locustGrid(1),
                [northWest, north, locustBend, locustNorth, (116.40131, 39.92098)]
            ),
            try grid(
                DemoDivision.locustGrid(2),
                [north, northEast, (116.40829, 39.92110), locustNorth, locustBend]
            ),
            try grid(
                DemoDivision.villageGrid,
                [
                    (116.39561, 40.20532), (116.39874, 40.20488), (116.40233, 40.20561), (116.40252, 40.20873),
                    (116.40108, 40.21042), (116.39790, 40.21061), (116.39588, 40.20911), (116.39540, 40.20718),
                ]
            ),
        ]
    }

    /// The two grids of 槐荫 as its next plan has them: the fourth building lies in the first one.
    static func locustAhead() throws -> [DivisionCode: GeoArea] {
        let bend: Corner = (116.40592, 39.91935)
        let first = try grid(DemoDivision.locustGrid(1), [northWest, north, bend, locustNorth, (116.40131, 39.92098)])
        let second = try grid(
            DemoDivision.locustGrid(2), [north, northEast, (116.40829, 39.92110), locustNorth, bend])
        return [first.division: first.area, second.division: second.area]
    }

    private static func grid(_ code: DivisionCode, _ corners: [Corner], hole: [Corner] = []) throws -> GridArea {
        guard let outer = ring(corners),
            let area = GeoArea([GeoPolygon(outer: outer, holes: ring(hole).map { [$0] } ?? [])])
        else { throw LinliError.fault("demo.grid", "the border of grid \(code) encloses nothing") }
        return try GridArea(code, area)
    }

    private static func ring(_ corners: [Corner]) -> GeoRing? {
        GeoRing(corners.compactMap { GeoPoint(longitude: $0.0, latitude: $0.1) })
    }
}
