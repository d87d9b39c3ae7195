import LinliCore
import LinliSQL

/// What stands in a register: each kind has a table of its own.
package enum RegisterKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case person, household, dwelling, organization, thing

    /// What people call it.
    package var name: Text {
        switch self {
        case .person: Text("人", "Person")
        case .household: Text("户", "Household")
        case .dwelling: Text("房屋", "Dwelling")
        case .organization: Text("组织", "Organization")
        case .thing: Text("部件、设施", "Thing")
        }
    }
}

/// One thing in a register, whatever its kind.
package struct RegisterSubject: Sendable, Hashable {
    /// What it is.
    package let kind: RegisterKind
    /// Its identifier.
    package let id: Int64

    /// A person, household, dwelling, organization or thing.
    package init(_ kind: RegisterKind, _ id: Int64) {
        self.kind = kind
        self.id = id
    }

    /// The same with a typed identifier.
    package init<Entity>(_ kind: RegisterKind, _ id: ID<Entity>) { self.init(kind, id.rawValue) }

    /// As the subject of an audit entry or event.
    package func subject(in division: DivisionCode) -> Subject { Subject(kind.rawValue, id, division: division) }
}

/// How closely a field is kept.
/// - Source: 个人信息保护法 Art. 28 for what is sensitive; the third class is configured, no source
package enum FieldClass: String, Sendable, CaseIterable, Comparable {
    /// Seen by whoever may see the register.
    case basic
    /// Encrypted; read for a purpose, one at a time, and noted for its owner.
    case sensitive
    /// A special group of GB/T 31000: encrypted, off until a deployment turns it on, never offline, never searched.
    case special

    package static func < (left: FieldClass, right: FieldClass) -> Bool {
        allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }
}

/// A field of a register: what it is called, how it is checked, how closely it is kept.
package struct RegisterField: Sendable, Hashable {
    /// What values it takes.
    package enum Value: Sendable, Hashable {
        /// Text of at most so many characters.
        case text(Int)
        /// A day, `2026-11-26`.
        case day
        /// Yes or no.
        case flag
        /// One of some words.
        case choice([Choice])
        /// A whole number in a range.
        case whole(ClosedRange<Int>)
        /// A number in a range, with two decimals at most.
        case decimal(ClosedRange<Int>)
        /// A citizen number, a phone, a credit code, the code of a component: checked by their standards.
        case citizenNumber, phone, creditCode, componentCode
        /// Where it stands, `39.914,116.402`: WGS 84, latitude first.
        case point
    }

    /// A word a field may have.
    package struct Choice: Sendable, Hashable {
        /// As it is stored.
        package let id: String
        /// As people read it.
        package let name: Text

        /// A word and its name.
        package init(_ id: String, _ name: Text) {
            self.id = id
            self.name = name
        }

        package static func == (left: Choice, right: Choice) -> Bool { left.id == right.id }
        package func hash(into hasher: inout Hasher) { hasher.combine(id) }
    }

    /// The stable name, `person.phone`.
    package let id: String
    /// Whose field it is.
    package let kind: RegisterKind
    /// What people call it.
    package let name: Text
    /// How closely it is kept.
    package let fieldClass: FieldClass
    /// What values it takes.
    package let value: Value
    /// Headings under which sheets bring it, besides its Chinese name.
    package let headings: [String]
    /// Whether it lies in `register_fact`; otherwise it is a column of its kind's table.
    package let isFact: Bool

    init(
        _ kind: RegisterKind, _ id: String, _ name: Text, _ value: Value, _ fieldClass: FieldClass = .basic,
        headings: [String] = [], isFact: Bool = false
    ) {
        self.id = "\(kind.rawValue).\(id)"
        self.kind = kind
        self.name = name
        self.value = value
        self.fieldClass = fieldClass
        self.headings = headings
        self.isFact = isFact
    }

    package static func == (left: RegisterField, right: RegisterField) -> Bool { left.id == right.id }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// The field with an id, or nil.
    package static func named(_ id: String) -> RegisterField? { byID[id] }
    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

    /// The fields of a kind in the order forms and sheets show them.
    package static func of(_ kind: RegisterKind) -> [RegisterField] { all.filter { $0.kind == kind } }
}

extension RegisterField {
    /// Every field of every register.
    package static let all: [RegisterField] = people + facts + special + households + dwellings + organizations + things

    private static let people: [RegisterField] = [
        RegisterField(.person, "name", Text("姓名", "Name"), .text(60), headings: ["名字", "居民姓名", "老人姓名", "户主姓名"]),
        RegisterField(.person, "sex", Text("性别", "Sex"), .choice(sexes)),
        RegisterField(.person, "born", Text("出生日期", "Date of birth"), .day, headings: ["出生年月日", "生日", "出生年月"]),
        RegisterField(
            .person, "number", Text("身份证号码", "Citizen ID number"), .citizenNumber, .sensitive,
            headings: ["身份证号", "身份证", "公民身份号码", "证件号码", "证件号"]),
        RegisterField(
            .person, "phone", Text("手机号", "Phone"), .phone, .sensitive,
            headings: ["电话", "联系电话", "手机", "手机号码", "联系方式", "本人电话"]),
    ]

    /// What is known of a person besides.
    private static let facts: [RegisterField] = [
        fact("registration", Text("户籍地址", "Registered address"), .text(200), .sensitive, ["户口所在地", "户籍所在地", "户籍地"]),
        fact("ethnicity", Text("民族", "Ethnic group"), .text(20), .sensitive),
        fact("education", Text("文化程度", "Education"), .text(20), .basic, ["学历"]),
        fact("marriage", Text("婚姻状况", "Marital status"), .text(20), .sensitive, ["婚姻"]),
        fact("work", Text("工作单位", "Employer"), .text(120), .sensitive, ["单位", "就业单位"]),
        fact("isPartyMember", Text("中共党员", "Party member"), .flag, .sensitive, ["党员", "是否党员", "政治面貌"]),
        fact("isLivingAlone", Text("独居", "Lives alone"), .flag, .sensitive, ["是否独居", "独居老人"]),
        fact("isEmptyNest", Text("空巢", "Empty nest"), .flag, .sensitive, ["是否空巢", "空巢老人"]),
        fact("disability", Text("残疾等级", "Grade of disability"), .choice(grades), .sensitive, ["残疾级别", "伤残等级"]),
        fact("disabilityKind", Text("残疾类别", "Kind of disability"), .text(20), .sensitive, ["残疾类型"]),
        fact("careLevel", Text("能力等级", "Ability level"), .choice(abilities), .sensitive, ["失能等级", "失能情况"]),
        fact("chronicDiseases", Text("慢性病", "Chronic diseases"), .text(200), .sensitive, ["慢病", "患病情况", "病史"]),
        fact("isLowIncome", Text("低保", "Minimum living allowance"), .flag, .sensitive, ["是否低保", "低保户"]),
        fact("isDestitute", Text("特困供养", "Destitute support"), .flag, .sensitive, ["特困", "特困人员"]),
        fact("isVeteran", Text("退役军人", "Veteran"), .flag, .sensitive, ["是否退役军人", "优抚对象"]),
        fact("isPregnant", Text("孕产妇", "Pregnant or new mother"), .flag, .sensitive, ["是否孕产妇"]),
        fact("isChildInNeed", Text("困境儿童", "Child in need"), .flag, .sensitive),
        fact("contactName", Text("紧急联系人", "Emergency contact"), .text(60), .basic, ["联系人", "监护人", "子女姓名"]),
        fact(
            "contactPhone", Text("紧急联系人电话", "Emergency contact's phone"), .phone, .sensitive,
            ["联系人电话", "监护人电话", "子女电话"]),
        fact("plates", Text("车牌号", "Plates"), .text(60), .sensitive, ["车牌", "车牌号码"]),
        fact("note", Text("备注", "Note"), .text(400), .sensitive, ["说明", "备注信息"]),
    ]

    /// Special groups: other bodies' business, off until a deployment with the legal basis turns them on.
    /// - Source: GB/T 31000-2015 names of groups [V2:9]
    private static let special: [RegisterField] = [
        fact("isReleased", Text("安置帮教人员", "Released and assisted"), .flag, .special),
        fact("isInCorrection", Text("社区矫正人员", "In community correction"), .flag, .special),
        fact("hasSevereDisorder", Text("严重精神障碍患者", "Severe mental disorder"), .flag, .special),
        fact("isDrugUser", Text("吸毒人员", "Drug user"), .flag, .special),
    ]

    private static let households: [RegisterField] = [
        RegisterField(.household, "kind", Text("户的类型", "Kind of household"), .choice(HouseholdKind.choices))
    ]

    private static let dwellings: [RegisterField] = [
        RegisterField(.dwelling, "number", Text("门牌号", "Number"), .text(40), headings: ["房号", "户号", "房间号", "室"]),
        RegisterField(
            .dwelling, "address", Text("住址", "Address"), .text(200),
            headings: ["地址", "现住址", "居住地址", "家庭住址", "家庭地址", "详细地址", "居住地"]),
        RegisterField(.dwelling, "kind", Text("房屋类型", "Kind"), .choice(DwellingKind.choices)),
        RegisterField(
            .dwelling, "occupancy", Text("使用情况", "Occupancy"), .choice(Occupancy.choices), headings: ["房屋用途"]),
        RegisterField(.dwelling, "floor", Text("楼层", "Floor"), .whole(-9...200)),
        RegisterField(
            .dwelling, "area", Text("建筑面积（平方米）", "Area in m²"), .decimal(1...100_000), headings: ["面积", "建筑面积"]),
        RegisterField(
            .dwelling, "propertyRight", Text("产权性质", "Property right"), .choice(PropertyRight.choices),
            headings: ["产权"]),
        RegisterField(.dwelling, "point", Text("坐标（纬度,经度）", "Coordinates (latitude,longitude)"), .point),
    ]

    private static let organizations: [RegisterField] = [
        RegisterField(.organization, "name", Text("单位名称", "Name"), .text(120), headings: ["名称", "企业名称", "商户名称"]),
        RegisterField(.organization, "creditCode", Text("统一社会信用代码", "Credit code"), .creditCode, headings: ["信用代码"]),
        RegisterField(.organization, "kind", Text("组织类型", "Kind"), .choice(OrganizationKind.choices)),
        RegisterField(.organization, "activity", Text("经营范围", "Activity"), .text(120), headings: ["主营业务", "行业"]),
        RegisterField(.organization, "staffCount", Text("从业人数", "Staff"), .whole(0...1_000_000), headings: ["员工人数"]),
        RegisterField(.organization, "contactName", Text("负责人", "Contact"), .text(60), headings: ["法定代表人", "联系人"]),
        RegisterField(.organization, "phone", Text("联系电话", "Phone"), .phone, .sensitive, headings: ["电话", "手机号"]),
        RegisterField(.organization, "address", Text("地址", "Address"), .text(200), headings: ["经营地址", "注册地址"]),
        RegisterField(.organization, "point", Text("坐标（纬度,经度）", "Coordinates (latitude,longitude)"), .point),
    ]

    private static let things: [RegisterField] = [
        RegisterField(.thing, "code", Text("部件标识码", "Component code"), .componentCode, headings: ["部件编码", "ObjID"]),
        RegisterField(.thing, "name", Text("部件名称", "Name"), .text(120), headings: ["名称", "设施名称", "ObjName"]),
        RegisterField(.thing, "category", Text("类别", "Category"), .text(20), headings: ["部件类别"]),
        RegisterField(.thing, "state", Text("状态", "State"), .choice(ThingState.choices), headings: ["ObjState"]),
        RegisterField(.thing, "competentBody", Text("主管部门", "Competent body"), .text(120), headings: ["DeptName1"]),
        RegisterField(.thing, "ownerBody", Text("权属单位", "Owner"), .text(120), headings: ["DeptName2"]),
        RegisterField(.thing, "upkeepBody", Text("养护单位", "Upkeep"), .text(120), headings: ["DeptName3"]),
        RegisterField(.thing, "location", Text("位置", "Location"), .text(200), headings: ["地址"]),
        RegisterField(.thing, "point", Text("坐标（纬度,经度）", "Coordinates (latitude,longitude)"), .point),
        RegisterField(.thing, "note", Text("备注", "Note"), .text(400), headings: ["Note"]),
    ]

    private static func fact(
        _ id: String, _ name: Text, _ value: Value, _ fieldClass: FieldClass, _ headings: [String] = []
    ) -> RegisterField {
        RegisterField(.person, id, name, value, fieldClass, headings: headings, isFact: true)
    }

    /// - Source: GB/T 2261.1 (sex)
    private static let sexes = [
        Choice("1", Text("男", "Male")), Choice("2", Text("女", "Female")), Choice("9", Text("未说明", "Not stated")),
        Choice("0", Text("未知", "Unknown")),
    ]

    private static let grades = [
        Choice("1", Text("一级", "Grade 1")), Choice("2", Text("二级", "Grade 2")), Choice("3", Text("三级", "Grade 3")),
        Choice("4", Text("四级", "Grade 4")),
    ]

    /// - Source: GB/T 42195-2022 (levels of ability)
    private static let abilities = [
        Choice("0", Text("能力完好", "Intact")), Choice("1", Text("轻度失能", "Mild")),
        Choice("2", Text("中度失能", "Moderate")), Choice("3", Text("重度失能", "Severe")),
        Choice("4", Text("完全失能", "Complete")),
    ]
}
