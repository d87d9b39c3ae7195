import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Every SQL text about orders of other systems.
package enum ForeignOrdersStore {
    /// The order a case came from.
    package static func of(_ item: ID<Case>, _ tx: ReadTx) throws -> ForeignOrder? {
        try tx.first("SELECT \(ForeignOrder.columns) FROM foreign_order f WHERE f.case_id = \(item)") {
            try ForeignOrder($0)
        }
    }

    /// The order with a number there.
    package static func find(_ system: String, _ number: String, _ tx: ReadTx) throws -> ForeignOrder? {
        try tx.first(
            "SELECT \(ForeignOrder.columns) FROM foreign_order f WHERE f.system = \(system) AND f.number = \(number)"
        ) { try ForeignOrder($0) }
    }

    /// What was asked there and ruled, the oldest first.
    package static func requests(_ order: ID<ForeignOrder>, _ tx: ReadTx) throws -> [ForeignRequest] {
        try tx.all(
            "SELECT \(ForeignRequest.columns) FROM foreign_request q WHERE q.order_id = \(order) ORDER BY q.id LIMIT 100"
        ) { try ForeignRequest($0) }
    }

    /// The replies that were taken over there, the newest first.
    package static func replies(_ order: ID<ForeignOrder>, _ tx: ReadTx) throws -> [(at: Instant, text: String)] {
        try tx.all("SELECT at, text FROM foreign_reply WHERE order_id = \(order) ORDER BY id DESC LIMIT 20") {
            (try $0[0], try $0[1])
        }
    }

    /// Every attempt to speak with who told a case, the oldest first.
    package static func contacts(_ item: ID<Case>, _ tx: ReadTx) throws -> [CaseContact] {
        try tx.all("SELECT at, way, outcome FROM case_contact WHERE case_id = \(item) ORDER BY id LIMIT 100") {
            try CaseContact($0)
        }
    }

    /// What the system says of the time of a case that came from there.
    static func clock(_ item: CaseRecord, leadHours: Int, _ tx: ReadTx) throws -> ForeignClock? {
        guard item.source == .hotline, let order = try of(item.id, tx) else { return nil }
        return ForeignClock(
            sentAt: order.dispatchedAt, due: order.dueAt, own: order.ownDeadline(leadHours: leadHours),
            isAnswered: order.repliedAt != nil, takenAt: order.takenAt,
            dueTakenAt: order.dueTakenAt ?? order.importedAt, firstTakenAt: order.importedAt
        )
    }

    /// Whether the other system agreed that the order is not ours, and has not sent it to us once more since.
    static func isReturned(_ item: ID<Case>, _ tx: ReadTx) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM foreign_order f JOIN foreign_request q ON q.order_id = f.id
            WHERE f.case_id = \(item) AND q.kind = 'refuse' AND q.state = 'granted'
            AND (f.again_at IS NULL OR q.ruled_at > f.again_at)
            """
        )
    }

    /// An order and its case, as a row of a list.
    package struct Listed: Sendable {
        package let order: ForeignOrder
        package let row: CaseRow
        /// Our own earlier deadline, while its clock runs.
        package let internalDue: Instant?
    }

    /// Orders of a scope, the newest first, from before `before`; open ones only or all. `clocks` are those of our own
    /// beside the hotline's deadline.
    package static func list(
        _ scope: Scope, isOpen: Bool, before: ID<ForeignOrder>? = nil, clocks: [String], limit: Int, _ tx: ReadTx
    ) throws -> [Listed] {
        var places: [SQL] = scope.divisions.map {
            "f.division BETWEEN \($0.range.lowerBound) AND \($0.range.upperBound)"
        }
        if !scope.units.isEmpty {
            places.append(
                """
                EXISTS (SELECT 1 FROM case_party p WHERE p.case_id = f.case_id AND p.until IS NULL
                AND p.unit_id IN \(SQL.list(scope.units)))
                """
            )
        }
        guard !places.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT \(CaseRow.columns), u.name, u.name_en, \(ForeignOrder.columns),
                (SELECT min(k.due_at) FROM case_timer k WHERE k.case_id = c.id AND k.clock IN \(SQL.list(clocks)))
            FROM foreign_order f JOIN case_item c ON c.id = f.case_id LEFT JOIN unit u ON u.id = c.handler_unit
            WHERE f.id < \(before ?? ID(rawValue: Int64.max)) AND (\(SQL.joined(places, separator: " OR ")))
            \(isOpen ? "AND f.replied_at IS NULL AND c.is_open = 1" : .empty)\(CaseQueries.hide(scope))
            ORDER BY f.id DESC LIMIT \(limit)
            """
        ) {
            Listed(
                order: try ForeignOrder($0, from: CaseRow.width), row: try CaseRow($0),
                internalDue: try $0[CaseRow.width + ForeignOrder.width])
        }
    }

    /// The content of the photo of the paper.
    package static func sheet(_ file: ID<StoredFile>, _ tx: ReadTx) throws -> (hash: String, size: Int)? {
        try tx.first("SELECT hash, size FROM stored_file WHERE id = \(file)") { (try $0[0], try $0[1]) }
    }

    /// The sealed columns of an order, as they came.
    package static func received(_ order: ID<ForeignOrder>, _ tx: ReadTx) throws -> (cell: Cell, sealed: [UInt8])? {
        try tx.value("SELECT received_sealed FROM foreign_order WHERE id = \(order)", as: [UInt8].self).map {
            (Cell("foreign_order", "received_sealed", order.rawValue), $0)
        }
    }

    /// Reads columns that were sealed.
    package static func columns(_ clear: String) throws -> [(name: String, text: String)] {
        try JSONDecoder().decode([[String]].self, from: Data(clear.utf8)).compactMap { pair in
            pair.count == 2 ? (pair[0], pair[1]) : nil
        }
    }

    private static func text(_ received: [(name: String, text: String)]) throws -> String {
        String(decoding: try JSONEncoder().encode(received.map { [$0.name, $0.text] }), as: UTF8.self)
    }

    /// So many characters of whom an order is about are kept.
    private static let accusedLimit = 200

    private static func shortened(_ accused: String) -> String {
        String(String.UnicodeScalarView(accused.trimmed.unicodeScalars.prefix(accusedLimit)))
    }

    /// Keeps an order beside its case; `accused` are the words for whom it is about, as they may be kept.
    static func insert(
        _ draft: ForeignOrderDraft, accused: String, of item: ID<Case>, in division: DivisionCode, _ tx: WriteTx
    ) throws {
        let id = try tx.newID(ForeignOrder.self)
        let received = try text(draft.received)
        let sealed = try tx.seal(received, table: "foreign_order", column: "received_sealed", row: id)
        try tx.execute(
            """
            INSERT INTO foreign_order (id, system, number, case_id, division, kind, classes, urgency, called_at,
                dispatched_at, due_at, is_private, is_repeat, related, received_sealed, received_hash, sheet_file,
                imported_at, imported_by, updated_at, stated_at, is_urgent, accused)
            VALUES (\(id), \(draft.system), \(draft.number), \(item), \(division), \(draft.kind), \(draft.classes),
                \(draft.urgency), \(draft.calledAt), \(draft.dispatchedAt ?? tx.now), \(draft.dueAt),
                \(draft.isPrivate), \(draft.isRepeat), \(draft.related), \(sealed),
                \(tx.hash(of: "order:" + received)), \(draft.sheet), \(tx.now), \(tx.context.actor.account), \(tx.now),
                \(draft.statedAt), \(draft.isUrgent), \(shortened(accused)))
            """
        )
    }

    /// How what came stands to what is held.
    static func age(of draft: ForeignOrderDraft, beside held: ForeignOrder, _ tx: WriteTx) throws -> ForeignOrderAge {
        let hash = tx.hash(of: "order:" + (try text(draft.received)))
        let known: [UInt8]? = try tx.value("SELECT received_hash FROM foreign_order WHERE id = \(held.id)")
        let isSuperseded = try tx.exists(
            "SELECT 1 FROM foreign_order_state WHERE order_id = \(held.id) AND received_hash = \(hash)")
        return ForeignOrderAge(
            of: draft,
            beside: .init(
                dueAt: held.dueAt, statedAt: held.statedAt, dueRuledAt: held.dueRuledAt,
                dispatchedAt: held.dispatchedAt),
            isSame: known == hash, isSuperseded: isSuperseded)
    }

    /// Brings an order up to date with what is newer; false when nothing of it changed. `accused` are the words for whom it
    /// is about now, as they may be kept; what does not say it leaves what was said.
    static func update(
        _ order: ForeignOrder, with draft: ForeignOrderDraft, accused: String, _ tx: WriteTx
    ) throws -> Bool {
        let said = shortened(accused)
        let accused = said.isEmpty ? order.accused : said
        let received = try text(draft.received)
        let hash = tx.hash(of: "order:" + received)
        let known: [UInt8]? = try tx.value("SELECT received_hash FROM foreign_order WHERE id = \(order.id)")
        let sent = order.isSentAgain(by: draft) ? draft.dispatchedAt : nil
        // A deadline from before it was sent again says nothing of what it is sent for now.
        let held = order.dueAt.flatMap { due in sent.map { due > $0 } ?? true ? due : nil }
        let due = draft.dueAt ?? held
        // Who asked for confidence once keeps it.
        let isPrivate = order.isPrivate || draft.isPrivate
        var isNews = due != order.dueAt || isPrivate != order.isPrivate || draft.urgency != order.urgency
        isNews = isNews || draft.isUrgent != order.isUrgent || order.difference != nil || sent != nil
        let sheet = order.sheet == nil ? draft.sheet : nil
        if known == hash, order.accused.isEmpty, !isNews, sheet == nil {
            // The very words it came with, from before whom they are about was kept: that is read from them now, no news.
            guard accused != order.accused else { return false }
            try tx.execute("UPDATE foreign_order SET accused = \(accused) WHERE id = \(order.id)")
            return false
        }
        isNews = isNews || accused != order.accused
        if let sheet {
            try FileStore.use(sheet, by: tx.context.actor, tx)
            isNews = true
        }
        guard known != hash || isNews else { return false }
        let sealed = try tx.seal(received, table: "foreign_order", column: "received_sealed", row: order.id)
        if let known, known != hash {
            try tx.execute(
                """
                INSERT INTO foreign_order_state (order_id, received_hash, until) VALUES (\(order.id), \(known), \(tx.now))
                ON CONFLICT (order_id, received_hash) DO UPDATE SET until = excluded.until
                """
            )
        }
        try tx.execute(
            """
            UPDATE foreign_order SET due_at = \(due), urgency = \(draft.urgency), is_private = \(isPrivate),
                is_repeat = \(order.isRepeat || draft.isRepeat),
                related = \(draft.related.isEmpty ? order.related : draft.related), received_sealed = \(sealed),
                received_hash = \(hash), sheet_file = \(sheet ?? order.sheet), updated_at = \(tx.now),
                stated_at = \(draft.statedAt ?? order.statedAt), is_urgent = \(draft.isUrgent),
                due_ruled_at = \(due == order.dueAt ? order.dueRuledAt : nil), differs_due = NULL, differs_at = NULL,
                differs_seen_at = NULL, accused = \(accused)
            WHERE id = \(order.id)
            """
        )
        return true
    }

    /// Notes that an order was sent to us once more: what was replied and ruled before was about the time before, and the
    /// first dispatch stays that of the first round. `isRedated` says that it came with another deadline.
    static func sendAgain(_ order: ForeignOrder, at sent: Instant, isRedated: Bool, _ tx: WriteTx) throws {
        let taken: Instant? = isRedated ? tx.now : order.dueTakenAt
        try tx.execute(
            """
            UPDATE foreign_order SET first_dispatched_at = coalesce(first_dispatched_at, dispatched_at),
                dispatched_at = \(sent), replied_at = NULL, again_at = \(tx.now),
                due_taken_at = \(taken)
            WHERE id = \(order.id)
            """
        )
    }

    /// Keeps what holds of an order beside something older or of unknown age: what never goes back is taken over, and a
    /// difference nobody can decide is kept for staff to see, unless it is the one they saw. Whether anything was written.
    static func keep(
        _ order: ForeignOrder, beside draft: ForeignOrderDraft, differing due: Instant?, _ tx: WriteTx
    ) throws -> Bool {
        let isPrivate = order.isPrivate || draft.isPrivate
        let difference = due ?? order.difference?.due
        let isSame = difference == order.difference?.due
        guard isPrivate != order.isPrivate || !isSame else { return false }
        try tx.execute(
            """
            UPDATE foreign_order SET is_private = \(isPrivate), differs_due = \(difference),
                differs_at = \(due == nil ? order.difference?.at : tx.now),
                differs_seen_at = \(isSame ? order.differenceSeenAt : nil)
            WHERE id = \(order.id)
            """
        )
        return true
    }

    /// Notes that the difference was looked at.
    static func see(_ order: ForeignOrder, _ tx: WriteTx) throws {
        try tx.execute("UPDATE foreign_order SET differs_seen_at = \(tx.now) WHERE id = \(order.id)")
    }

    /// Moves the deadline by a ruling; what a sheet said otherwise is over.
    static func setDue(_ due: Instant, of order: ForeignOrder, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE foreign_order SET due_at = \(due), updated_at = \(tx.now), due_ruled_at = \(tx.now),
                differs_due = NULL, differs_at = NULL, differs_seen_at = NULL
            WHERE id = \(order.id)
            """
        )
    }

    static func ask(
        _ kind: ForeignRequestKind, _ reason: String, _ text: String, of order: ForeignOrder, _ tx: WriteTx
    ) throws -> ID<ForeignRequest> {
        let id = try tx.newID(ForeignRequest.self)
        try tx.execute(
            """
            INSERT INTO foreign_request (id, order_id, kind, state, reason_class, text, asked_at, asked_by, ruling)
            VALUES (\(id), \(order.id), \(kind), 'waiting', \(reason), \(LiftedText(text).masked), \(tx.now),
                \(tx.context.actor.account), '')
            """
        )
        return id
    }

    static func rule(
        _ id: ID<ForeignRequest>, _ state: ForeignRequest.State, _ text: String, due: Instant?, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            UPDATE foreign_request SET state = \(state), ruling = \(LiftedText(text).masked), due_at = \(due),
                ruled_at = \(tx.now), ruled_by = \(tx.context.actor.account)
            WHERE id = \(id)
            """
        )
    }

    static func reply(_ text: String, to order: ForeignOrder, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO foreign_reply (id, order_id, at, account_id, text)
            VALUES (\(try tx.newID(ForeignRequest.self)), \(order.id), \(tx.now), \(tx.context.actor.account),
                \(LiftedText(text).masked))
            """
        )
        try tx.execute("UPDATE foreign_order SET replied_at = \(tx.now) WHERE id = \(order.id)")
    }
}
