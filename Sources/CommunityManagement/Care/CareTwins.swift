import LinliCore
import LinliKernel
import LinliSQL

extension RegisterRows {
    /// What was offered to somebody goes along when two entries of them are merged, with what was brought.
    static let careOffers = RegisterRows(
        "care_offer", of: [.person], column: "person_id", twins: RegisterTwins.careOffers, isErased: false)
}

extension RegisterTwins {
    /// Of a service that both entries are offered now the one that is further goes on, and the other one ends until the
    /// merge is undone.
    static let careOffers = RegisterTwins(
        plan: { other, survivor, _, tx in
            let rows = try tx.all(
                """
                SELECT o.id, o.person_id, o.service, o.state, o.unit_id, o.delivered_at, o.ended_at FROM care_offer o
                WHERE o.person_id IN \(SQL.list([other.id, survivor.id])) ORDER BY o.id
                """
            ) { try CareTwin($0) }
            let ours = rows.filter { $0.person == survivor.id && $0.isLive }
            var plan = Plan()
            for row in rows where row.person == other.id {
                guard row.isLive, let twin = ours.first(where: { $0.service == row.service }) else {
                    plan.moving.append(row.id)
                    continue
                }
                let isFurther = (twin.step, twin.at) < (row.step, row.at)
                if isFurther { plan.moving.append(row.id) }
                plan.yielding[isFurther ? twin.id : row.id] = ""
            }
            return plan
        },
        giveWay: { rows, tx in
            try tx.execute("UPDATE care_offer SET ended_at = \(tx.now) WHERE id IN \(SQL.list(rows))")
        },
        restore: { rows, tx in
            try tx.execute(
                """
                UPDATE care_offer SET ended_at = NULL WHERE id IN \(SQL.list(rows.keys.sorted()))
                AND NOT EXISTS (SELECT 1 FROM care_offer o WHERE o.person_id = care_offer.person_id
                AND o.service = care_offer.service AND o.ended_at IS NULL)
                """)
        })
}

/// An offer of one of two entries that are merged.
private struct CareTwin {
    let id: Int64
    let person: Int64
    let service: String
    let state: CareOffer.State
    let isTaken: Bool
    let deliveredAt: Instant?
    let isLive: Bool

    init(_ row: Row) throws {
        id = try row[0]
        person = try row[1]
        service = try row[2]
        state = try row[3]
        isTaken = !row.isNull(4)
        deliveredAt = try row[5]
        isLive = row.isNull(6)
    }

    /// How far it is.
    var step: Int {
        switch state {
        case .ended: 0
        case .offered: 1
        case .declined: 2
        case .accepted: deliveredAt != nil ? 5 : isTaken ? 4 : 3
        }
    }

    /// Of two that were brought the later one says when it is due again.
    var at: Int64 { deliveredAt?.milliseconds ?? 0 }
}
