import LinliCore
import LinliKernel

/// Something a table of counts asks for: how many there are in a grid or a community.
enum FormCount: Sendable, Hashable {
    /// Everything of a register.
    case all(RegisterKind)
    /// People with a label.
    case label(String)
    /// People of an age, in full years.
    case age(ClosedRange<Int>)
    /// People of a sex, by the code of GB/T 2261.1.
    case sex(Int)
    /// People who live there in some way.
    case tie(ResidenceTie)
    /// Organizations of a kind.
    case organization(OrganizationKind)
    /// Dwellings that are used in some way.
    case dwelling(Occupancy)
    /// Things in some state.
    case thing(ThingState)

    /// What stands for an open end of an age.
    static let oldest = 150

    /// As it is stored, `age:60-79`.
    var text: String {
        switch self {
        case .all(let kind): "all:\(kind.rawValue)"
        case .label(let id): "label:\(id)"
        case .age(let years): "age:\(years.lowerBound)-\(years.upperBound)"
        case .sex(let code): "sex:\(code)"
        case .tie(let tie): "tie:\(tie.rawValue)"
        case .organization(let kind): "organization:\(kind.rawValue)"
        case .dwelling(let use): "dwelling:\(use.rawValue)"
        case .thing(let state): "thing:\(state.rawValue)"
        }
    }

    /// Reads `text`; nil for what is no count.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let value = parts.last else { return nil }
        let found: FormCount?
        switch parts.first {
        case "all": found = RegisterKind(rawValue: value).map { .all($0) }
        case "label": found = value.count <= 40 ? .label(value) : nil
        case "age":
            let years = value.split(separator: "-").compactMap { Int($0) }
            guard years.count == 2, years[0] >= 0, years[0] <= years[1], years[1] <= FormCount.oldest else {
                return nil
            }
            found = .age(years[0]...years[1])
        case "sex": found = Int(value).flatMap { [0, 1, 2, 9].contains($0) ? .sex($0) : nil }
        case "tie": found = ResidenceTie(rawValue: value).map { .tie($0) }
        case "organization": found = OrganizationKind(rawValue: value).map { .organization($0) }
        case "dwelling": found = Occupancy(rawValue: value).map { .dwelling($0) }
        case "thing": found = ThingState(rawValue: value).map { .thing($0) }
        default: found = nil
        }
        guard let found else { return nil }
        self = found
    }

    /// What people call it, given the labels in force.
    func name(_ book: LabelBook) -> Text {
        switch self {
        case .all(.person): Text("人数", "People")
        case .all(.household): Text("户数", "Households")
        case .all(.dwelling): Text("房屋数", "Dwellings")
        case .all(.organization): Text("单位数", "Organizations")
        case .all(.thing): Text("部件数", "Things")
        case .label(let id): Text("人数：", "People: ") + (book[label: id]?.name ?? Text(same: id))
        case .age(let years):
            years.upperBound >= FormCount.oldest
                ? Text("\(years.lowerBound) 岁以上人数", "People of \(years.lowerBound) and older")
                : Text(
                    "\(years.lowerBound)—\(years.upperBound) 岁人数",
                    "People of \(years.lowerBound) to \(years.upperBound)")
        case .sex(let code): code == 1 ? Text("男性人数", "Men") : Text("女性人数", "Women")
        case .tie(let tie): Text("人数：", "People: ") + tie.name
        case .organization(let kind): Text("家数：", "Organizations: ") + kind.name
        case .dwelling(let use): Text("房屋数：", "Dwellings: ") + use.name
        case .thing(let state): Text("部件数：", "Things: ") + state.name
        }
    }

    /// Those a page offers; ages that no heading named are typed as `60-79`.
    static func offered(_ book: LabelBook) -> [FormCount] {
        var counts: [FormCount] = [.all(.person), .all(.household), .all(.dwelling), .all(.organization), .all(.thing)]
        counts += [
            .sex(1), .sex(2), .age(0...17), .age(18...59), .age(60...oldest), .age(65...oldest), .age(80...oldest),
        ]
        counts += book.labels.filter { $0.fieldClass < .special }.map { .label($0.id) }
        counts += ResidenceTie.allCases.map { .tie($0) }
        counts += OrganizationKind.allCases.map { .organization($0) }
        counts += Occupancy.allCases.map { .dwelling($0) }
        return counts + ThingState.allCases.map { .thing($0) }
    }

    /// What a heading asks to be counted: `60岁以上人数`, `租户数`, `独居老人人数`; nil for none of these.
    static func named(_ heading: String, _ labels: [Label]) -> FormCount? {
        let name = FormMatch.plain(heading)
        // `高龄老人数` ends with 人数 and with 数: either may be the ending.
        let endings = ["人数", "户数", "家数", "套数", "数量", "数"].filter { name.hasSuffix($0) && name != $0 }
        let bare = [name] + endings.map { String(name.dropLast($0.count)) }
        if let count = bare.lazy.compactMap({ words[$0] }).first { return count }
        if let years = bare.lazy.compactMap(ages).first { return .age(years) }
        for label in labels {
            let known = FormMatch.plain(label.name.zh)
            if bare.contains(where: { [known, known + "老人", known + "人员"].contains($0) }) { return .label(label.id) }
        }
        return nil
    }

    private static let words: [String: FormCount] = [
        "人口": .all(.person), "人口数": .all(.person), "总人口": .all(.person), "总人数": .all(.person),
        "实有人口": .all(.person), "常住人口": .all(.person), "人数": .all(.person),
        "户数": .all(.household), "总户数": .all(.household), "家庭户数": .all(.household), "家庭户": .all(.household),
        "房屋": .all(.dwelling), "房屋数": .all(.dwelling), "实有房屋": .all(.dwelling), "房屋套数": .all(.dwelling),
        "单位": .all(.organization), "单位数": .all(.organization), "组织": .all(.organization),
        "部件": .all(.thing), "部件数": .all(.thing), "设施": .all(.thing),
        "男": .sex(1), "男性": .sex(1), "女": .sex(2), "女性": .sex(2),
        "租户": .tie(.tenant), "租住": .tie(.tenant), "租户人": .tie(.tenant), "借住": .tie(.lodger),
        "人户分离": .tie(.registeredOnly),
        "企业": .organization(.company), "商户": .organization(.shop), "个体商户": .organization(.shop),
        "商铺": .organization(.shop), "社会组织": .organization(.socialOrganization), "学校": .organization(.school),
        "出租房": .dwelling(.rented), "出租房屋": .dwelling(.rented), "空置房": .dwelling(.empty),
        "空置房屋": .dwelling(.empty), "群租房": .dwelling(.shared), "自住房": .dwelling(.owner),
        "破损部件": .thing(.damaged), "丢失部件": .thing(.lost),
    ]

    /// The years of `60岁以上`, `60周岁及以上`, `18至59岁`, `6岁以下`.
    private static func ages(_ text: String) -> ClosedRange<Int>? {
        guard text.contains("岁") else { return nil }
        let years = text.split { !($0.isASCII && $0.isNumber) }.compactMap { Int($0) }.filter { $0 <= oldest }
        if years.count == 2, years[0] <= years[1] { return years[0]...years[1] }
        guard years.count == 1, let year = years.first else { return nil }
        if text.contains("以上") { return year...oldest }
        // As the law counts: 以下 includes the number (Civil Code Art. 1259).
        if text.contains("以下") { return 0...year }
        return text.hasSuffix("岁") ? year...year : nil
    }
}
