import LinliCore
import LinliSQL
import LinliStandards

/// One reading, in clear, of who told a case or of what was masked in it.
package struct CaseReading: Sendable {
    /// What of a case is kept closely.
    package enum Part: String, Sendable, CaseIterable {
        case reporter = "reporter_sealed"
        case phone = "phone_sealed"
        case text = "text_sealed"
        case location = "location_sealed"
        case order = "received_sealed"

        /// What people call it.
        package var name: Text {
            switch self {
            case .reporter: Text("姓名和电话", "Name and phone")
            case .phone: Text("登录的手机号", "The phone one signs in with")
            case .text: Text("原话里的号码", "Numbers in the words")
            case .location: Text("地点里的号码", "Numbers in the place")
            case .order: Text("12345 转来的原单", "The order as 12345 sent it")
            }
        }
    }

    /// Which case, by the number people know.
    package let number: String
    /// The same, for its page.
    package let id: ID<Case>
    /// When.
    package let at: Instant
    /// What was opened.
    package let parts: [Part]
    /// What for, in the words of who read it, numbers masked.
    package let purpose: String
    /// Who.
    package let name: String
    /// For which unit they work.
    package let unit: Text?

    init(_ row: Row) throws {
        number = try row[0]
        id = try row[1]
        at = try row[2]
        let fields: String = try row[3]
        let names = Set(fields.split(separator: ",").map(String.init))
        parts = Part.allCases.filter { names.contains($0.rawValue) }
        let reason: String = try row[4] ?? ""
        purpose = PersonalNumbers.replacing(in: reason) { $0.masked }
        name = try row[5] ?? ""
        let unitName: String? = try row[6]
        unit = try unitName.map { Text($0, try row[7] ?? $0) }
    }
}

/// Who opened what was told with the cases of an account, for the person themselves.
package enum CaseReadings {
    /// The newest first. What the program opens by itself, to call who is on duty, is about others; what somebody opens
    /// of their own case is no reading.
    package static func of(_ account: ID<Account>, limit: Int = 200, _ tx: ReadTx) throws -> [CaseReading] {
        try tx.all(
            """
            SELECT c.number, c.id, e.at, e.fields, e.reason, a.name, u.name, u.name_en
            FROM case_item c JOIN audit_entry e ON e.subject_kind = 'case' AND e.subject_id = c.id
            LEFT JOIN account a ON a.id = e.actor_id LEFT JOIN unit u ON u.id = a.unit_id
            WHERE c.reporter_id = \(account) AND e.command = 'secrets.reveal' AND e.actor_kind = 'account'
            AND e.actor_id <> \(account) ORDER BY e.id DESC LIMIT \(limit)
            """
        ) { try CaseReading($0) }
    }
}
