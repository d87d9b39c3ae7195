import LinliCore
import LinliSQL
import LinliStandards

extension Subscriber {
    /// Labels follow what changes in the registers: people, households and dwellings at once, whole sheets by and by.
    static let labels = Subscriber(
        "labels.changed",
        kinds: ["registers.changed"],
        .together { tx, events in
            var people: Set<Int64> = []
            for event in events {
                let subject = event.subject
                switch RegisterKind(rawValue: subject.kind) {
                case .person, .household, .dwelling: people.formUnion(try LabelWork.concerned(subject, tx))
                case .organization, .thing: break
                case nil: try LabelWork.sweep(subject, tx)
                }
            }
            let ids = people.sorted().map { ID<Person>(rawValue: $0) }
            let book = try LabelBook.current(tx)
            for start in stride(from: 0, to: ids.count, by: LabelWork.page) {
                let some = Array(ids[start..<min(start + LabelWork.page, ids.count)])
                try LabelEvaluation.run(some, book, tx.keys, tx)
            }
        }
    )
}

extension JobKind {
    /// Works out again what a new book, a sheet or the day itself changed; goes on where it stopped.
    package static let labels = JobKind("labels.evaluate", everySeconds: 10) { run in
        try await LabelWork.goOn(run.database)
    }
}

/// Whom a change concerns, and walks through many people.
package enum LabelWork {
    /// How many people one transaction works out while others wait for the store.
    package static let page = 200
    /// How many pages a run does before it lets others: well inside the lease of a job.
    static let pagesPerRun = 400

    /// Works out what waits until nothing does, in at most 400 transactions; `many` is how many people one of them takes.
    /// More of them together write the sums of their divisions less often, and keep others from writing for longer.
    package static func goOn(_ database: Database, many: Int = LabelWork.page) async throws {
        let keys = database.keys
        try await database.system(.background) { try followBook(keys, $0) }
        for _ in 0..<pagesPerRun {
            let isMore = try await database.system(.background) { tx -> Bool in
                let book = try LabelBook.current(tx)
                if let sweep = try openSweep(tx) {
                    try step(sweep, book, many, keys, tx)
                    return true
                }
                let due: [ID<Person>] = try tx.all(
                    """
                    SELECT person_id FROM label_due WHERE day <= \(tx.now.date.daysSinceEpoch)
                    ORDER BY day, person_id LIMIT \(many)
                    """
                ) { try $0[0] }
                try LabelEvaluation.run(due, book, keys, tx)
                return !due.isEmpty
            }
            if !isMore { return }
        }
    }

    /// A walk through people that is not done.
    struct Sweep {
        var id: Int64
        var importID: Int64?
        var division: DivisionCode?
        var after: Int64
    }

    /// Whether people wait to be worked out, besides those whose day has yet to come.
    package static func isWaiting(_ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM label_sweep WHERE done_at IS NULL LIMIT 1")
    }

    /// Everybody whose labels may change with a person, household or dwelling: who lives or lived together with them.
    static func concerned(_ subject: Subject, _ tx: ReadTx) throws -> Set<Int64> {
        var people: Set<Int64> = []
        var households: [Int64] = []
        switch RegisterKind(rawValue: subject.kind) {
        case .person:
            people.insert(subject.id)
            households = try tx.all(
                "SELECT DISTINCT household_id FROM residence WHERE person_id = \(subject.id) AND household_id IS NOT NULL"
            ) { try $0[0] }
        case .household: households = [subject.id]
        case .dwelling:
            try tx.each("SELECT person_id FROM residence WHERE dwelling_id = \(subject.id) AND valid_to IS NULL") {
                people.insert(try $0[0])
            }
        default: break
        }
        guard !households.isEmpty else { return people }
        try tx.each(
            "SELECT person_id FROM residence WHERE household_id IN \(SQL.list(households)) AND valid_to IS NULL"
        ) { people.insert(try $0[0]) }
        return people
    }

    /// Notes that what an event brought is to be worked out: the people of an import, or all of its division.
    static func sweep(_ subject: Subject, _ tx: SystemTx) throws {
        let importID = subject.kind == "import" ? subject.id : nil
        guard importID != nil || subject.division != nil else { return }
        try add(importID: importID, division: subject.division, book: nil, tx)
    }

    private static func add(importID: Int64?, division: DivisionCode?, book: Int64?, _ tx: SystemTx) throws {
        try tx.execute(
            """
            INSERT INTO label_sweep (id, import_id, division, book, after, at)
            VALUES (\(try tx.newID(Label.self)), \(importID), \(division), \(book), 0, \(tx.now))
            """
        )
    }

    /// Begins a walk through everybody when another book holds than the last walk went by.
    static func followBook(_ keys: KeyRing, _ tx: SystemTx) throws {
        let number = LabelKeys(keys).key(book: try LabelBook.current(tx).text)
        let last: Int64? = try tx.value("SELECT book FROM label_sweep WHERE book IS NOT NULL ORDER BY id DESC LIMIT 1")
        guard last != number else { return }
        // The walk does all there is: what waits or was done is not needed any more.
        try tx.execute("DELETE FROM label_sweep WHERE id > 0")
        try add(importID: nil, division: nil, book: number, tx)
    }

    static func openSweep(_ tx: SystemTx) throws -> Sweep? {
        try tx.first(
            "SELECT id, import_id, division, after FROM label_sweep WHERE done_at IS NULL ORDER BY id LIMIT 1"
        ) { Sweep(id: try $0[0], importID: try $0[1], division: try $0[2], after: try $0[3]) }
    }

    /// Works out the next page of a walk and notes how far it is; a walk of a sheet or division ends without a trace.
    private static func step(
        _ sweep: Sweep, _ book: LabelBook, _ many: Int, _ keys: KeyRing, _ tx: SystemTx
    ) throws {
        var condition: SQL = "p.id > \(sweep.after)"
        if let importID = sweep.importID {
            condition = "p.import_id = \(importID) AND p.id > \(sweep.after)"
        } else if let division = sweep.division {
            condition = "\(RegisterQueries.place("p", division)) AND p.valid_to IS NULL AND p.id > \(sweep.after)"
        }
        let ids: [ID<Person>] = try tx.all("SELECT p.id FROM person p WHERE \(condition) ORDER BY p.id LIMIT \(many)") {
            try $0[0]
        }
        try LabelEvaluation.run(ids, book, keys, tx)
        if ids.count == many, let last = ids.last {
            try tx.execute("UPDATE label_sweep SET after = \(last) WHERE id = \(sweep.id)")
        } else {
            try tx.execute("UPDATE label_sweep SET done_at = \(tx.now) WHERE id = \(sweep.id)")
            try tx.execute("DELETE FROM label_sweep WHERE done_at IS NOT NULL AND book IS NULL")
        }
    }
}
