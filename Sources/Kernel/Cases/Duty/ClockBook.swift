import LinliCore
import LinliSQL
import LinliStandards

/// What a store says of some cases and their clocks, for `ClockProof`: on one side the lines of their histories, on the
/// other the clocks, the alerts and the marks that the engine made of them.
package struct ClockBook: Sendable {
    /// A line of a history.
    package struct Line: Sendable {
        package var at: Instant
        /// Whether it moved nothing.
        package var isNote: Bool
        /// The transition or mark.
        package var name: String
        package var to: String
        /// Who had the case, or got it.
        package var unit: ID<Unit>?
    }

    /// A clock as it is stored.
    package struct Timer: Sendable {
        package var clock: String
        package var round: Int
        package var isWorking: Bool
        package var minutes: Int
        package var started: Instant
        package var due: Instant?
        package var stopped: Instant?
        package var isLate: Bool
    }

    /// An alert as it is stored.
    package struct Alert: Sendable {
        package var clock: String
        package var round: Int
        package var rung: Int
        package var action: String
        package var at: Instant
        package var meantFor: Instant
        package var unit: ID<Unit>?
    }

    /// More time that was granted.
    package struct Extension: Sendable {
        package var at: Instant
        package var minutes: Int
    }

    /// One case.
    package struct Sheet: Sendable {
        package var state: String
        package var isUrgent: Bool
        package var nature: NeedNature
        package var category: String
        /// What of it is only guessed.
        package var doubt: CaseDoubt
        package var unit: ID<Unit>?
        package var lines: [Line] = []
        package var timers: [Timer] = []
        package var alerts: [Alert] = []
        package var given: [Extension] = []
        /// When pauses were over at the latest, by when they were granted.
        package var pauseEnds: [Instant: Instant] = [:]
        /// When somebody reached the reporter.
        package var reached: Set<Instant> = []
    }

    /// The cases.
    package var sheets: [ID<Case>: Sheet] = [:]
    /// Who supervises where they lie, and who is one level higher.
    package let centre: ID<Unit>?
    package let district: ID<Unit>?
    /// The office of the city, where there is one, and every unit of a district or above.
    package let city: ID<Unit>?
    package let ofDistricts: Set<ID<Unit>>

    /// Reads the cases of a type that came by one door of a street since a moment.
    package init(
        of type: String, by source: CaseSource, in street: DivisionCode, since from: Instant, _ tx: ReadTx
    ) throws {
        centre = try UnitsStore.first([.streetCentre], of: street, tx)?.id
        district = try UnitsStore.first([.district], of: street.ancestor(at: .district), tx)?.id
        city = try CaseLevels.city(over: street, tx)
        let units = try tx.all("SELECT \(UnitSummary.columns) FROM unit u") { try UnitSummary($0) }
        ofDistricts = Set(units.filter { $0.division.level <= .district }.map(\.id))
        try tx.each(
            """
            SELECT id, state, is_urgent, nature, category, handler_unit, doubt FROM case_item
            WHERE type = \(type) AND source = \(source) AND street = \(street) AND created_at >= \(from)
            """
        ) { row in
            sheets[try row[0]] = Sheet(
                state: try row[1], isUrgent: try row[2], nature: try row[3], category: try row[4],
                doubt: CaseDoubt(rawValue: try row[6]), unit: try row[5]
            )
        }
        try readHistory(since: from, tx)
        try readClocks(since: from, tx)
    }

    private mutating func readHistory(since from: Instant, _ tx: ReadTx) throws {
        try tx.each(
            """
            SELECT case_id, at, kind, transition, to_state, unit_id FROM case_entry WHERE at >= \(from) ORDER BY id
            """
        ) { row in
            let kind: String = try row[2]
            let line = Line(
                at: try row[1], isNote: kind == "note", name: try row[3], to: try row[4], unit: try row[5]
            )
            sheets[try row[0]]?.lines.append(line)
        }
        try tx.each("SELECT case_id, at FROM case_contact WHERE at >= \(from) AND outcome = 'reached'") { row in
            let at: Instant = try row[1]
            sheets[try row[0]]?.reached.insert(at)
        }
        try tx.each(
            """
            SELECT case_id, decided_at, minutes FROM case_request
            WHERE kind = 'extend' AND state = 'granted' AND decided_at >= \(from) ORDER BY decided_at, id
            """
        ) { row in
            let given = Extension(at: try row[1], minutes: try row[2])
            sheets[try row[0]]?.given.append(given)
        }
        try tx.each(
            """
            SELECT case_id, decided_at, ends_at FROM case_request
            WHERE kind = 'pause' AND state = 'granted' AND decided_at >= \(from) AND ends_at IS NOT NULL
            """
        ) { row in
            let (at, end): (Instant, Instant) = (try row[1], try row[2])
            sheets[try row[0]]?.pauseEnds[at] = end
        }
    }

    private mutating func readClocks(since from: Instant, _ tx: ReadTx) throws {
        try tx.each(
            """
            SELECT case_id, clock, round, counting, budget_minutes, started_at, due_at, stopped_at, is_late
            FROM case_timer WHERE started_at >= \(from)
            """
        ) { row in
            let counting: String = try row[3]
            let timer = Timer(
                clock: try row[1], round: try row[2], isWorking: counting == "working", minutes: try row[4],
                started: try row[5], due: try row[6], stopped: try row[7], isLate: try row[8]
            )
            sheets[try row[0]]?.timers.append(timer)
        }
        try tx.each(
            """
            SELECT case_id, clock, round, rung, action, at, meant_for, unit_id FROM case_alert WHERE at >= \(from)
            ORDER BY id
            """
        ) { row in
            let alert = Alert(
                clock: try row[1], round: try row[2], rung: try row[3], action: try row[4], at: try row[5],
                meantFor: try row[6], unit: try row[7]
            )
            sheets[try row[0]]?.alerts.append(alert)
        }
    }
}
