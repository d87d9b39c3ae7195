import LinliCore
import LinliKernel

/// The divisions of the demo. District, street and town are real; the codes of communities, village and grids are made
/// up (901 and 291 upward, which no register uses) and marked so.
package enum DemoDivision {
    /// 北京市, where the administrators' duties hold.
    package static let city = DivisionCode(rawValue: 110_000_000_000_000)
    /// 东城区.
    package static let district = DivisionCode(rawValue: 110_101_000_000_000)
    /// 东华门街道.
    package static let street = DivisionCode(rawValue: 110_101_001_000_000)
    /// 幸福里社区, the community of this program's tests.
    package static let happiness = DivisionCode(rawValue: 110_101_001_901_000)
    /// 槐荫社区 beside it.
    package static let locust = DivisionCode(rawValue: 110_101_001_902_000)
    /// 昌平区.
    package static let villageDistrict = DivisionCode(rawValue: 110_114_000_000_000)
    /// 兴寿镇.
    package static let town = DivisionCode(rawValue: 110_114_116_000_000)
    /// 柳河村.
    package static let village = DivisionCode(rawValue: 110_114_116_291_000)

    /// A grid of 幸福里, 1 to 3.
    package static func grid(_ number: Int) -> DivisionCode {
        DivisionCode(rawValue: happiness.rawValue + Int64(number))
    }
    /// A grid of 槐荫, 1 to 2.
    package static func locustGrid(_ number: Int) -> DivisionCode {
        DivisionCode(rawValue: locust.rawValue + Int64(number))
    }
    /// The one grid of 柳河村.
    package static let villageGrid = DivisionCode(rawValue: village.rawValue + 1)

    /// How many people live in the made-up communities; of the real street and district nothing is claimed.
    static let population = [
        Population(division: happiness, residents: 3480, asOf: "2025", source: "演示数据，虚构"),
        Population(division: locust, residents: 2910, asOf: "2025", source: "演示数据，虚构"),
        Population(division: village, residents: 1260, asOf: "2025", source: "演示数据，虚构"),
    ]

    /// What the shipped table does not have.
    static let added: [NewDivision] = [
        NewDivision(code: happiness, level: .community, name: "幸福里社区", isSynthetic: true),
        NewDivision(code: grid(1), level: .grid, name: "第1网格", isSynthetic: true),
        NewDivision(code: grid(2), level: .grid, name: "第2网格", isSynthetic: true),
        NewDivision(code: grid(3), level: .grid, name: "第3网格", isSynthetic: true),
        NewDivision(code: locust, level: .community, name: "槐荫社区", isSynthetic: true),
        NewDivision(code: locustGrid(1), level: .grid, name: "第1网格", isSynthetic: true),
        NewDivision(code: locustGrid(2), level: .grid, name: "第2网格", isSynthetic: true),
        NewDivision(code: village, level: .community, name: "柳河村", isSynthetic: true),
        NewDivision(code: villageGrid, level: .grid, name: "第1网格", isSynthetic: true),
    ]
}

/// The units of the demo. Their duty phones, 010-6555-0101 upward, belong to nobody.
package enum DemoUnit: String, Sendable, CaseIterable {
    case committee, locustCommittee, villageCommittee
    case streetCentre, safetyOffice, cityOffice, welfareOffice, enforcement, serviceCentre, districtCentre
    case police, judicial
    case property, owners, management, publicHousing
    case water, power, gas, heat, telecom
    case clinic, elderStation, meals, school
    case townCentre, villageDistrictCentre

    struct Facts {
        var kind: UnitKind
        var name: Text
        var division: DivisionCode

        init(_ kind: UnitKind, _ zh: String, _ en: String, _ division: DivisionCode) {
            self.kind = kind
            name = Text(zh, en)
            self.division = division
        }
    }

    /// `010-6555-0101` and on, in the order of the list.
    var phone: String {
        let number = (DemoUnit.allCases.firstIndex(of: self) ?? 0) + 1
        return "010-6555-01" + (number < 10 ? "0" : "") + String(number)
    }

    var facts: Facts {
        switch self {
        case .committee, .locustCommittee, .villageCommittee, .management, .owners, .property, .publicHousing:
            nearby
        case .water, .power, .gas, .heat, .telecom: utility
        case .clinic, .elderStation, .meals, .school: service
        default: office
        }
    }

    private var nearby: Facts {
        switch self {
        case .committee: Facts(.committee, "幸福里社区居委会", "Happiness Lane Residents' Committee", DemoDivision.happiness)
        case .locustCommittee: Facts(.committee, "槐荫社区居委会", "Locust Shade Residents' Committee", DemoDivision.locust)
        case .villageCommittee: Facts(.village, "柳河村村委会", "Willow River Villagers' Committee", DemoDivision.village)
        case .owners: Facts(.ownersCommittee, "幸福里小区业主委员会", "Happiness Lane Owners' Committee", DemoDivision.happiness)
        case .property: Facts(.property, "安居物业", "Anju Property Services", DemoDivision.happiness)
        case .publicHousing: Facts(.property, "东华门房管所", "Donghuamen Public Housing Office", DemoDivision.happiness)
        default:
            Facts(
                .managementCommittee, "槐荫里小区物业管理委员会", "Locust Shade Management Committee", DemoDivision.locust
            )
        }
    }

    private var office: Facts {
        let street = DemoDivision.street
        return switch self {
        case .streetCentre:
            Facts(.streetCentre, "东华门街道市民诉求处置中心", "Donghuamen Centre for Citizens' Needs", street)
        case .safetyOffice: Facts(.streetOffice, "平安建设办公室", "Office for Public Safety", street)
        case .cityOffice: Facts(.streetOffice, "城市管理办公室", "Office for City Management", street)
        case .welfareOffice: Facts(.streetOffice, "民生保障办公室", "Office for Welfare", street)
        case .enforcement: Facts(.enforcement, "东华门街道综合行政执法队", "Donghuamen Enforcement Team", street)
        case .serviceCentre: Facts(.serviceCentre, "东华门街道便民服务中心", "Donghuamen Public Service Centre", street)
        case .police: Facts(.police, "东华门派出所", "Donghuamen Police Station", street)
        case .judicial: Facts(.judicial, "东华门司法所", "Donghuamen Judicial Office", street)
        case .townCentre:
            Facts(.streetCentre, "兴寿镇市民诉求处置中心", "Xingshou Centre for Citizens' Needs", DemoDivision.town)
        case .villageDistrictCentre:
            Facts(.district, "昌平区城市管理指挥中心", "Changping Command Centre", DemoDivision.villageDistrict)
        default: Facts(.district, "东城区城市管理指挥中心", "Dongcheng Command Centre", DemoDivision.district)
        }
    }

    private var utility: Facts {
        let district = DemoDivision.district
        return switch self {
        case .water: Facts(.water, "城东自来水服务站", "City East Water", district)
        case .power: Facts(.power, "城东供电服务站", "City East Power", district)
        case .gas: Facts(.gas, "城东燃气服务站", "City East Gas", district)
        case .heat: Facts(.heat, "城东供热服务站", "City East Heating", district)
        default: Facts(.telecom, "城东通信服务站", "City East Telecom", district)
        }
    }

    private var service: Facts {
        let community = DemoDivision.happiness
        return switch self {
        case .clinic: Facts(.clinic, "幸福里社区卫生服务站", "Happiness Lane Clinic", community)
        case .elderStation: Facts(.elderStation, "幸福里养老服务驿站", "Happiness Lane Elder-Care Station", community)
        case .meals: Facts(.mealPoint, "幸福里助餐点", "Happiness Lane Meal Point", community)
        default: Facts(.school, "北街小学", "North Street Primary School", community)
        }
    }

    /// The districts whose pipes and wires this unit looks after.
    var serves: [DivisionCode] {
        [.water, .power, .gas, .heat, .telecom].contains(self)
            ? [DemoDivision.district, DemoDivision.villageDistrict] : []
    }
}
