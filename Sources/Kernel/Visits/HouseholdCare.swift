import LinliCore
import LinliSQL

/// How soon a household should be heard of, by who lives in it; the first that fits holds.
///
/// Worked out from the days of birth and who lives there alone, which are basic; no health, no income, no special group.
/// - Source: configured, no source
package enum HouseholdCare: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case alone, aged, elders, infant, other

    /// What people call it.
    package var name: Text {
        switch self {
        case .alone: Text("老人独住", "An elder alone")
        case .aged: Text("有 80 岁以上老人", "Somebody over 80")
        case .elders: Text("只有老人", "Elders only")
        case .infant: Text("有婴儿", "An infant")
        case .other: Text("其他住户", "Other households")
        }
    }

    /// The care of a household with these people on a day.
    package static func of(_ members: [Resident], on day: CivilDate) -> HouseholdCare {
        let ages = members.filter { $0.tie.livesHere }.map { $0.person.age(on: day) }
        let isElder: (Int?) -> Bool = { ($0 ?? 0) >= 60 }
        if ages.count == 1, ages.allSatisfy(isElder) { return .alone }
        if ages.contains(where: { ($0 ?? 0) >= 80 }) { return .aged }
        if !ages.isEmpty, ages.allSatisfy(isElder) { return .elders }
        return ages.contains { $0 == 0 } ? .infant : .other
    }
}

/// After how many days without a sign a household is to be called on, by its care.
/// - Source: configured, no source; a setting
package struct VisitDays: Sendable, Equatable {
    /// Days in the order of `HouseholdCare.allCases`.
    package var days: [Int]

    /// Days; see the property.
    package init(_ days: [Int] = [7, 15, 30, 30, 180]) { self.days = days }

    /// The days of a care.
    package subscript(care: HouseholdCare) -> Int {
        let index = HouseholdCare.allCases.firstIndex(of: care) ?? 0
        return days.indices.contains(index) ? days[index] : 180
    }

    /// Reads `7,15,30,30,180`; nil for anything else.
    package init?(_ text: String) {
        let numbers = text.split(separator: ",").compactMap { Int(String($0).trimmedBlanks) }
        guard numbers.count == HouseholdCare.allCases.count, numbers.allSatisfy({ (1...730).contains($0) }) else {
            return nil
        }
        days = numbers
    }
}

extension String {
    fileprivate var trimmedBlanks: String { filter { $0 != " " } }
}
