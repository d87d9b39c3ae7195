import LinliCore
import LinliSQL
import LinliStandards

/// Who is known by phone only and wants no messages: kept under the keyed hash of the phone, for everything that was and will
/// be told from it without an account. Who has an account says it there.
extension ReporterMessages {
    /// Whether the phone that was left with a case is written to.
    package enum Reach: Sendable, Equatable {
        /// None was left, or an account says where to write to.
        case none
        /// It is written to.
        case written
        /// Its owner wants no messages.
        case stopped
    }

    /// How the phone that was left with a case stands.
    package static func reach(of item: CaseRecord, _ tx: ReadTx) throws -> Reach {
        guard let phone = try phone(of: item, tx) else { return .none }
        return try isStopped(phone, tx) ? .stopped : .written
    }

    /// The keyed hash of the phone of who told a case without an account; nil where there is none.
    static func phone(of item: CaseRecord, _ tx: ReadTx) throws -> [UInt8]? {
        guard item.reporter == nil, item.isReachable else { return nil }
        return try tx.value("SELECT phone FROM case_teller WHERE case_id = \(item.id) AND phone IS NOT NULL")
    }

    /// Whether the owner of a phone wants no messages.
    static func isStopped(_ phone: [UInt8], _ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM message_stop WHERE phone = \(phone)")
    }
}

extension CaseCommands {
    /// Whoever told a case without an account wants messages to the phone they left, or none; it holds for every case
    /// told from that phone.
    ///
    /// - Throws: `.notFound` for anybody but the reporter, `.conflict` where no phone is written to.
    package func wantMessages(_ isWanted: Bool, of id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.wantMessages") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isReporter else { throw LinliError.notFound("cases.hidden") }
            guard let phone = try ReporterMessages.phone(of: item, tx) else { throw CaseCommands.noPhone }
            if isWanted {
                try tx.execute("DELETE FROM message_stop WHERE phone = \(phone)")
            } else {
                try tx.execute(
                    "INSERT INTO message_stop (phone, at) VALUES (\(phone), \(tx.now)) ON CONFLICT (phone) DO NOTHING")
            }
            try tx.audit(item.subject, fields: ["messages", isWanted ? "wanted" : "stopped"])
        }
    }

    private static let noPhone = LinliError(
        .conflict, "cases.noPhone",
        Text("这件事没有留手机号；用账号反映的，在“我的”里设置", "No phone was left with this; with an account it is set on your own page")
    )
}

extension Migration {
    /// Phones whose owners want no messages, as keyed hashes.
    static let messageStops = Migration(
        "2026-11-29.22-message-stops",
        """
        CREATE TABLE message_stop (
            phone BLOB NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL
        ) STRICT;
        """
    )
}
