import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// A line of a unit's handing over: a note for who comes, or that somebody took over.
struct Handover: Sendable {
    let at: Instant
    let name: String
    /// Whether somebody took over; else it is a note.
    let isTaken: Bool
    let text: String
    /// What was open, late and due when somebody took over.
    let open: Int
    let late: Int
    let due: Int

    /// How long a note may be.
    static let noteLimit = 1000
}

/// Every SQL text of handing over.
enum HandoverStore {
    /// Who is on duty now and who comes after.
    struct Shifts: Sendable {
        var now: (name: String, end: Instant)?
        var next: (name: String, start: Instant, end: Instant)?
    }

    /// The shifts around a moment; the next one only when it begins within a day.
    static func shifts(of unit: ID<Unit>, at now: Instant, _ tx: ReadTx) throws -> Shifts {
        var shifts = Shifts()
        try tx.each(
            """
            SELECT a.name, d.starts_at, d.ends_at FROM duty_shift d JOIN account a ON a.id = d.account_id
            WHERE d.unit_id = \(unit) AND d.ends_at > \(now) AND d.starts_at < \(now.adding(hours: 24))
            ORDER BY d.starts_at, d.id LIMIT 20
            """
        ) { row in
            let (name, start, end): (String, Instant, Instant) = (try row[0], try row[1], try row[2])
            if start <= now {
                shifts.now = (name, end)
            } else if shifts.next == nil {
                shifts.next = (name, start, end)
            }
        }
        return shifts
    }

    /// The newest lines of a unit.
    static func lines(of unit: ID<Unit>, _ tx: ReadTx) throws -> [Handover] {
        try tx.all(
            """
            SELECT h.at, a.name, h.is_taken, h.text, h.open_cases, h.late_cases, h.due_cases FROM duty_handover h
            JOIN account a ON a.id = h.account_id WHERE h.unit_id = \(unit) ORDER BY h.id DESC LIMIT 20
            """
        ) { row in
            Handover(
                at: try row[0], name: try row[1], isTaken: try row[2], text: try row[3], open: try row[4],
                late: try row[5], due: try row[6]
            )
        }
    }

    /// Adds a line; numbers in the words are masked and not kept.
    static func insert(
        _ unit: UnitSummary, isTaken: Bool, text: String, open: Int, late: Int, due: Int, _ tx: WriteTx
    ) throws {
        guard let account = tx.context.actor.account else { throw LinliError.notFound("desk.handover") }
        try tx.execute(
            """
            INSERT INTO duty_handover (id, unit_id, account_id, at, is_taken, text, open_cases, late_cases, due_cases)
            VALUES (\(try tx.newID(Unit.self)), \(unit.id), \(account), \(tx.now), \(isTaken),
                \(PersonalNumbers.replacing(in: text) { $0.masked }), \(open), \(late), \(due))
            """
        )
        try tx.audit(Subject("unit", unit.id, division: unit.division), fields: ["handover"], values: [text])
    }
}

extension Migration {
    /// Handing over between shifts.
    static let handovers = Migration(
        "2026-11-25.82-handovers",
        """
        CREATE TABLE duty_handover (
            id INTEGER NOT NULL PRIMARY KEY,
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            account_id INTEGER NOT NULL REFERENCES account (id),
            at INTEGER NOT NULL,
            is_taken INTEGER NOT NULL CHECK (is_taken IN (0, 1)),
            text TEXT NOT NULL CHECK (length(text) <= 1200),
            open_cases INTEGER NOT NULL,
            late_cases INTEGER NOT NULL,
            due_cases INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX duty_handover_unit ON duty_handover (unit_id, id);
        """
    )
}
