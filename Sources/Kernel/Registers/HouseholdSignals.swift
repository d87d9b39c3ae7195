import LinliCore
import LinliSQL

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
