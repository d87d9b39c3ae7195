import LinliCore

/// What a need, event or component is about, as the catalogue classifies it.
package struct EventCategory: Sendable, Hashable {
    /// The code list a category comes from; the same digits mean different things in each.
    package enum Scheme: String, Sendable, CaseIterable {
        /// Linli's own list of residents' needs.
        case resident = "R"
        /// Events in public space, GB/T 30428.2-2013.
        case event = "E"
        /// Components in public space, GB/T 30428.2-2013.
        case component = "C"

        /// What people call it.
        package var name: Text {
            switch self {
            case .resident: Text("居民诉求", "residents' needs")
            case .event: Text("城市管理事件（GB/T 30428.2-2013）", "city-management events (GB/T 30428.2-2013)")
            case .component: Text("城市管理部件（GB/T 30428.2-2013）", "city-management components (GB/T 30428.2-2013)")
            }
        }
    }

    /// Who has to act, unless somebody finds otherwise.
    package enum OwnerClass: String, Sendable, CaseIterable {
        /// The owner or tenant of the home.
        case owner
        /// Whoever manages the common parts of the building and estate.
        case commonParts
        /// The water company.
        case utilityWater
        /// The power company.
        case utilityPower
        /// The gas company.
        case utilityGas
        /// The heating company.
        case utilityHeat
        /// The telecom company.
        case utilityTelecom
        /// Whoever keeps streets and public space.
        case publicSpace
        /// A government office.
        case government

        /// What people call it.
        package var name: Text {
            switch self {
            case .owner: Text("业主或住户", "owner or resident")
            case .commonParts: Text("物业（共用部位）", "property manager (common parts)")
            case .utilityWater: Text("供水单位", "water company")
            case .utilityPower: Text("供电单位", "power company")
            case .utilityGas: Text("供气单位", "gas company")
            case .utilityHeat: Text("供热单位", "heating company")
            case .utilityTelecom: Text("通信单位", "telecom company")
            case .publicSpace: Text("公共空间养护单位", "public-space maintenance")
            case .government: Text("政府部门", "government office")
            }
        }
    }

    /// How long handling may take, in natural time, unless a case type says otherwise.
    package enum LimitClass: String, Sendable, CaseIterable {
        /// Danger to life or property, or a sudden incident.
        case hours2 = "H2"
        /// Water, power, gas, heating.
        case hours24 = "H24"
        /// Ordinary needs.
        case days7 = "D7"
        /// Complex needs.
        case days15 = "D15"

        /// The limit in hours.
        package var hours: Int {
            switch self {
            case .hours2: 2
            case .hours24: 24
            case .days7: 7 * 24
            case .days15: 15 * 24
            }
        }

        /// What people call it.
        package var name: Text {
            switch self {
            case .hours2: Text("2 小时", "2 hours")
            case .hours24: Text("24 小时", "24 hours")
            case .days7: Text("7 天", "7 days")
            case .days15: Text("15 天", "15 days")
            }
        }
    }

    /// The letter of the scheme and the digits, `R0201`: unique in the catalogue and stored with cases.
    package let code: String
    /// The code list it comes from.
    package let scheme: Scheme
    /// What people call it.
    package let name: Text
    /// Who has to act by default.
    package let owner: OwnerClass
    /// What people usually want.
    package let nature: NeedNature
    /// How long handling may take by default.
    package let limit: LimitClass
    /// Whether cases may be shown to everybody: only facilities and environment in public space.
    package let mayBePublic: Bool
    /// Words that speak for it; its Chinese name is one of them.
    package let keywords: [String]

    /// The digits of the scheme, for exchange with other systems.
    package var schemeCode: String { String(code.dropFirst()) }
    /// The code of its major class; nil for a major class.
    package var parent: String? { isMajor ? nil : String(code.prefix(3)) }
    /// Whether it is a major class, which cases do not carry.
    package var isMajor: Bool { code.utf8.count == 3 }
}
