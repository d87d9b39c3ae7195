import LinliCore
import LinliKernel

/// Staff of the demo. Nobody is real; the phones 199 0000 0001 upward are made up and receive nothing.
package enum DemoStaff: String, Sendable, CaseIterable {
    case administrator, auditor
    case districtOfficer, villageDistrictOfficer
    case dispatcher, lateDispatcher, townDispatcher
    case head, worker, locustHead, locustWorker, villageHead
    case gridWorker1, gridWorker2, gridWorker3, locustGridWorker, severalDuties, villageGridWorker
    case safetyHandler, cityHandler, welfareHandler, enforcementHandler, windowClerk
    case policeOfficer, mediator
    case propertyHandler, propertyManager, publicHousingHandler, managementHandler, ownersChair
    case waterHandler, powerHandler, gasHandler, heatHandler, telecomHandler
    case nurse, stationHead, mealManager
    case cityOfficer
    // Whoever dispatches and checks does not handle: a centre has somebody of its own for what is sent to itself.
    case centreHandler, districtHandler, townCentreHandler, villageDistrictHandler

    /// What somebody may do and where.
    enum Duty {
        case over(Role, DivisionCode)
        case within(DemoUnit)
    }

    struct Facts {
        var name: String
        var unit: DemoUnit?
        var duties: [Duty]

        init(_ name: String, _ unit: DemoUnit?, _ duties: Duty...) {
            self.name = name
            self.unit = unit
            self.duties = duties
        }

        /// A handler of one unit and nothing else.
        init(_ name: String, of unit: DemoUnit) {
            self.init(name, unit, .within(unit))
        }
    }

    package var phone: String { demoPhone(1 + (DemoStaff.allCases.firstIndex(of: self) ?? 0)) }

    var facts: Facts {
        switch self {
        case .administrator, .auditor, .cityOfficer, .districtOfficer, .villageDistrictOfficer, .dispatcher,
            .lateDispatcher, .townDispatcher:
            above
        case .head, .worker, .locustHead, .locustWorker, .villageHead, .gridWorker1, .gridWorker2, .gridWorker3,
            .locustGridWorker, .severalDuties, .villageGridWorker:
            nearby
        default: handler
        }
    }

    private var above: Facts {
        switch self {
        case .administrator: Facts("孙立", nil, .over(.administrator, DemoDivision.city))
        case .auditor: Facts("何静", nil, .over(.auditor, DemoDivision.city))
        case .cityOfficer: Facts("唐文", nil, .over(.cityOfficer, DemoDivision.city))
        case .districtOfficer:
            Facts("陈国栋", .districtCentre, .over(.districtOfficer, DemoDivision.district))
        case .villageDistrictOfficer:
            Facts("刘洋", .villageDistrictCentre, .over(.districtOfficer, DemoDivision.villageDistrict))
        case .lateDispatcher: Facts("郑涛", .streetCentre, .over(.dispatcher, DemoDivision.street))
        case .townDispatcher: Facts("高艳", .townCentre, .over(.dispatcher, DemoDivision.town))
        default: Facts("周敏", .streetCentre, .over(.dispatcher, DemoDivision.street))
        }
    }

    private var nearby: Facts {
        switch self {
        case .head: Facts("马秀英", .committee, .over(.communityHead, DemoDivision.happiness))
        case .worker: Facts("赵婷", .committee, .over(.communityStaff, DemoDivision.happiness))
        case .locustHead: Facts("韩冰", .locustCommittee, .over(.communityHead, DemoDivision.locust))
        case .locustWorker: Facts("林晓", .locustCommittee, .over(.communityStaff, DemoDivision.locust))
        case .villageHead: Facts("柳长青", .villageCommittee, .over(.communityHead, DemoDivision.village))
        case .gridWorker1: Facts("李强", .committee, .over(.gridWorker, DemoDivision.grid(1)))
        case .gridWorker2: Facts("王芳", .committee, .over(.gridWorker, DemoDivision.grid(2)))
        case .gridWorker3: Facts("孙鹏", .committee, .over(.gridWorker, DemoDivision.grid(3)))
        case .locustGridWorker: Facts("吴桐", .locustCommittee, .over(.gridWorker, DemoDivision.locustGrid(1)))
        case .villageGridWorker: Facts("柳春生", .villageCommittee, .over(.gridWorker, DemoDivision.villageGrid))
        default:
            // One account, three duties, as in most communities: the grid, the line of work, the management committee.
            Facts(
                "郭磊", .locustCommittee, .over(.gridWorker, DemoDivision.locustGrid(2)),
                .over(.communityStaff, DemoDivision.locust), .within(.management)
            )
        }
    }

    private var handler: Facts {
        switch self {
        case .safetyHandler: Facts("田军", of: .safetyOffice)
        case .cityHandler: Facts("杜建军", of: .cityOffice)
        case .welfareHandler: Facts("苏梅", of: .welfareOffice)
        case .enforcementHandler: Facts("冯刚", of: .enforcement)
        case .windowClerk: Facts("江雪", of: .serviceCentre)
        case .policeOfficer: Facts("罗勇", of: .police)
        case .mediator: Facts("方正", of: .judicial)
        case .propertyHandler: Facts("王师傅", of: .property)
        case .propertyManager: Facts("何伟", of: .property)
        case .publicHousingHandler: Facts("宋师傅", of: .publicHousing)
        case .managementHandler: Facts("白建业", of: .management)
        case .ownersChair: Facts("许志远", of: .owners)
        case .waterHandler: Facts("丁力", of: .water)
        case .powerHandler: Facts("袁亮", of: .power)
        case .gasHandler: Facts("贾明", of: .gas)
        case .heatHandler: Facts("邹平", of: .heat)
        case .telecomHandler: Facts("秦宇", of: .telecom)
        case .nurse: Facts("叶青", of: .clinic)
        case .stationHead: Facts("蒋兰", of: .elderStation)
        case .centreHandler: Facts("鲍红", of: .streetCentre)
        case .districtHandler: Facts("龚平", of: .districtCentre)
        case .townCentreHandler: Facts("尹兰", of: .townCentre)
        case .villageDistrictHandler: Facts("任杰", of: .villageDistrictCentre)
        default: Facts("崔师傅", of: .meals)
        }
    }

    /// Who answers for a unit today.
    static func onDuty(_ unit: DemoUnit) -> DemoStaff? {
        switch unit {
        case .committee: .worker
        case .streetCentre: .dispatcher
        case .locustCommittee: .locustWorker
        default: allCases.first { $0.facts.unit == unit }
        }
    }
}

/// Residents of the demo; like the staff, nobody is real. Their phones are 199 0000 0101 upward.
package enum DemoResident: String, Sendable, CaseIterable {
    case elderAlone, daughter, retiredTeacher, youngMother, tenant, nurse, courier, accountant, topFloor, driver
    case programmer, grandmother, wheelchairUser, student, foreigner, shopkeeper, dogOwner, singer, newcomer, widower
    case yardElder, yardFather, yardOwner, yardYoung
    case locustElder, locustMother, locustRetired, locustDriver, locustTeacher, locustNewlywed
    case villageElder, villageWoman, villageYoung, villageTeacher, villageCook, villageGrower

    package var phone: String { demoPhone(101 + (DemoResident.allCases.firstIndex(of: self) ?? 0)) }

    struct Facts {
        var name: String
        var home: DemoPlace

        init(_ name: String, _ home: DemoPlace) {
            self.name = name
            self.home = home
        }
    }

    var facts: Facts {
        switch self {
        case .yardElder, .yardFather, .yardOwner, .yardYoung, .locustElder, .locustMother, .locustRetired,
            .locustDriver, .locustTeacher, .locustNewlywed, .villageElder, .villageWoman, .villageYoung,
            .villageTeacher, .villageCook, .villageGrower:
            elsewhere
        default: inEstate
        }
    }

    private var inEstate: Facts {
        switch self {
        case .elderAlone: Facts("张桂兰", .entrance(3, 2))
        case .daughter: Facts("张丽", .entrance(8, 1))
        case .retiredTeacher: Facts("王建国", .entrance(1, 1))
        case .youngMother: Facts("刘晓梅", .entrance(6, 1))
        case .tenant: Facts("赵明", .entrance(5, 2))
        case .nurse: Facts("陈静", .entrance(2, 1))
        case .courier: Facts("孙浩", .entrance(8, 3))
        case .accountant: Facts("李敏", .entrance(7, 2))
        case .topFloor: Facts("周立新", .entrance(7, 1))
        case .driver: Facts("吴刚", .entrance(4, 2))
        case .programmer: Facts("郑凯", .entrance(6, 2))
        case .grandmother: Facts("马淑珍", .entrance(4, 1))
        case .wheelchairUser: Facts("何勇", .entrance(1, 2))
        case .student: Facts("林一凡", .entrance(5, 1))
        case .foreigner: Facts("Anna Weber", .entrance(8, 2))
        case .shopkeeper: Facts("胡宝山", .entrance(2, 2))
        case .dogOwner: Facts("魏东", .entrance(8, 4))
        case .singer: Facts("彭玲", .entrance(4, 3))
        case .newcomer: Facts("高原", .entrance(3, 1))
        default: Facts("沈秋生", .entrance(7, 3))
        }
    }

    private var elsewhere: Facts {
        switch self {
        case .yardElder: Facts("金秀兰", .yard(5))
        case .yardFather: Facts("关志强", .yard(7))
        case .yardOwner: Facts("佟玉华", .yard(9))
        case .yardYoung: Facts("白雪", .yard(12))
        case .locustElder: Facts("韩德福", .locustEntrance(1, 1))
        case .locustMother: Facts("宋雨", .locustEntrance(2, 1))
        case .locustRetired: Facts("梁国华", .locustEntrance(3, 2))
        case .locustDriver: Facts("谢军", .locustEntrance(4, 1))
        case .locustTeacher: Facts("徐文", .locustEntrance(1, 2))
        case .locustNewlywed: Facts("曹鹏", .locustEntrance(2, 3))
        case .villageElder: Facts("柳德山", .group(1))
        case .villageWoman: Facts("柳春梅", .group(2))
        case .villageYoung: Facts("柳小军", .group(1))
        case .villageTeacher: Facts("杨红", .group(2))
        case .villageCook: Facts("柳玉芬", .group(1))
        default: Facts("柳建民", .group(2))
        }
    }
}

/// `19900000001` and on.
func demoPhone(_ number: Int) -> String { String(19_900_000_000 + number) }
