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

/// By what something was heard of a household.
package enum ContactSignal: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case visit, call, reply, need, service, device

    /// What people call it.
    package var name: Text {
        switch self {
        case .visit: Text("上门见到人", "Visited")
        case .call: Text("打通电话", "Called")
        case .reply: Text("自己回复", "Replied")
        case .need: Text("反映过问题", "Told a need")
        case .service: Text("接受过服务", "Was given a service")
        case .device: Text("设备有活动", "Device was active")
        }
    }
}

/// Hearing of households, by whatever signal: only that, and when; never from where.
package enum Households {
    /// Notes that something was heard of a household: what was heard later before stays. The caller audits.
    package static func heard(
        of household: ID<Household>, by signal: ContactSignal, at moment: Instant? = nil, _ tx: WriteTx
    ) throws {
        let at = moment ?? tx.now
        try tx.execute(
            """
            INSERT INTO household_signal (household_id, signal, at) VALUES (\(household), \(signal), \(at))
            ON CONFLICT (household_id, signal) DO UPDATE SET at = excluded.at WHERE household_signal.at < excluded.at
            """
        )
        let isNews = try tx.execute(
            "UPDATE household SET heard_at = \(at) WHERE id = \(household) AND (heard_at IS NULL OR heard_at < \(at))")
        if isNews == 1 {
            try tx.emit("household.heard", Subject("household", household), facts: ["signal": signal.rawValue])
        }
    }

    /// What was heard of a household last, by signal, the newest first.
    package static func signals(
        of household: ID<Household>, _ tx: ReadTx
    ) throws -> [(signal: ContactSignal, at: Instant)] {
        try tx.all("SELECT signal, at FROM household_signal WHERE household_id = \(household) ORDER BY at DESC, signal")
        {
            (try $0[0], try $0[1])
        }
    }

    /// Whether a household was heard of by a signal at a moment or later.
    package static func isHeard(
        of household: ID<Household>, by signal: ContactSignal, since: Instant, _ tx: ReadTx
    ) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM household_signal WHERE household_id = \(household) AND signal = \(signal) AND at >= \(since)
            """
        )
    }

    /// The households somebody lives in now who is known by a phone; `hash` is keyed as the register keeps it.
    package static func known(
        byPhone hash: [UInt8], in community: DivisionCode, _ tx: ReadTx
    ) throws -> [ID<Household>] {
        let found = try tx.all(
            """
            SELECT r.household_id, p.community FROM person p JOIN residence r ON r.person_id = p.id
            WHERE p.phone_hash = \(hash) AND p.valid_to IS NULL AND r.valid_to IS NULL AND r.household_id IS NOT NULL
            ORDER BY r.household_id LIMIT 10
            """
        ) { (household: try $0[0] as ID<Household>, community: try $0[1] as DivisionCode) }
        return found.filter { $0.community == community }.map(\.household)
    }
}
