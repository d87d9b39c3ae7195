import LinliKernel

/// Names, firms and components the demo's registers are made of.
extension DemoRegisters {
    static let surnames = [
        "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗",
        "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧",
    ]

    static let men = [
        "建军", "志强", "国栋", "海涛", "文博", "永刚", "浩然", "子轩", "德明", "宝山", "小龙", "俊杰", "立新", "卫东", "明远",
    ]

    static let womenNames = [
        "秀英", "桂兰", "淑珍", "丽华", "晓燕", "雨欣", "梦琪", "玉兰", "春梅", "婷婷", "静怡", "红梅", "雅文", "思远", "佳宁",
    ]

    static let elders: Set<DemoResident> = [
        .elderAlone, .retiredTeacher, .grandmother, .widower, .yardElder, .locustElder, .locustRetired, .villageElder,
    ]

    static let women: Set<DemoResident> = [
        .elderAlone, .daughter, .youngMother, .nurse, .accountant, .grandmother, .foreigner, .singer, .yardElder,
        .yardOwner, .yardYoung, .locustMother, .locustTeacher, .villageWoman, .villageTeacher, .villageCook,
    ]

    /// A firm of the demo.
    struct Firm {
        var name: String
        var kind: OrganizationKind
        var activity: String
        var place: DemoPlace

        init(_ name: String, _ kind: OrganizationKind, _ activity: String, _ place: DemoPlace) {
            self.name = name
            self.kind = kind
            self.activity = activity
            self.place = place
        }
    }

    static let firms: [Firm] = [
        Firm("幸福里便民超市", .shop, "食品、日用百货零售", .building(2)),
        Firm("桂花早餐铺", .shop, "早点", .building(5)),
        Firm("康宁药房", .company, "药品零售", .building(4)),
        Firm("明亮家电维修部", .shop, "家电维修", .building(7)),
        Firm("北街快递驿站", .company, "快递代收", .northStreet),
        Firm("小蜜蜂托育中心", .school, "托育服务", .building(6)),
        Firm("幸福里志愿服务队", .team, "邻里互助", .estate),
        Firm("多福巷文化交流中心", .socialOrganization, "胡同文化展示", .lane),
        Firm("槐荫里理发店", .shop, "理发", .locustBuilding(1)),
        Firm("柳河蔬菜种植合作社", .company, "蔬菜种植", .village),
    ]

    /// Somebody who has a room in the office building; all made up.
    struct OfficeTenant {
        var floor: Int
        var room: String
        var name: String
        var kind: OrganizationKind
        var activity: String

        init(_ floor: Int, _ room: String, _ name: String, _ kind: OrganizationKind, _ activity: String) {
            self.floor = floor
            self.room = room
            self.name = name
            self.kind = kind
            self.activity = activity
        }
    }

    static let officeTenants: [OfficeTenant] = [
        OfficeTenant(1, "101", "晨光咖啡小店", .shop, "咖啡、简餐"),
        OfficeTenant(1, "102", "幸福里商务中心物业服务处", .propertyCompany, "写字楼物业服务"),
        OfficeTenant(2, "201", "青禾家居设计工作室", .company, "室内设计"),
        OfficeTenant(2, "202", "算盘珠代理记账服务部", .company, "代理记账"),
        OfficeTenant(3, "301", "明石软件有限公司", .company, "软件开发"),
        OfficeTenant(3, "302", "和顺法律咨询服务所", .company, "法律咨询"),
        OfficeTenant(4, "401", "东街养老服务促进会", .socialOrganization, "养老服务交流"),
    ]

    /// A class of components of the demo: where they stand and who answers for them.
    struct Part {
        var name: String
        var code: String
        var total: Int
        var competent: String
        var upkeep: String
        var places: [DemoPlace]

        init(
            _ name: String, _ code: String, _ total: Int, _ competent: String, _ upkeep: String, _ places: [DemoPlace]
        ) {
            self.name = name
            self.code = code
            self.total = total
            self.competent = competent
            self.upkeep = upkeep
            self.places = places
        }
    }

    static let parts: [Part] = [
        Part("路灯", "C0118", 12, "区城市管理委", "区照明维护队", [.building(1), .building(4), .building(6), .northStreet]),
        Part("污水井盖", "C0102", 8, "区水务局", "区排水公司", [.building(3), .building(7), .lane]),
        Part("消防设施", "C0113", 8, "区消防救援支队", "安居物业", [.building(2), .building(5), .building(8)]),
        Part("健身设施", "C0126", 4, "区体育局", "街道文体中心", [.square, .pocketPark]),
        Part("宣传栏", "C0501", 4, "街道办事处", "社区居委会", [.estate, .lane, .villageSquare]),
    ]

    /// A credit code that fits its checks and is nobody's.
    /// - Source: GB 32100-2015, GB 11714-1997
    static func creditCode(_ index: Int) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
        let number = String(index)
        let body = "TE0D" + String(repeating: "0", count: 4 - number.count) + number
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        let inner = zip(body, [3, 7, 9, 10, 5, 8, 4, 2])
            .reduce(0) { $0 + (letters.firstIndex(of: $1.0) ?? 0) * $1.1 }
        let rest = 11 - inner % 11
        let first = "91110101" + body + (rest == 10 ? "X" : rest == 11 ? "0" : String(rest))
        let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
        let sum = zip(first, weights).reduce(0) { $0 + (alphabet.firstIndex(of: $1.0) ?? 0) * $1.1 }
        return first + String(alphabet[(31 - sum % 31) % 31])
    }
}
