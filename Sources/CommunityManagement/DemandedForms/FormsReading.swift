import LinliCore
import LinliKernel
import LinliSQL

/// Reads what the rows of a form stand for, with everything its columns ask. What is sealed is opened here and leaves
/// the program in an export only, after the audit has it.
struct FormsReading {
    /// The most rows a form is filled for at once.
    static let limit = 5000
    private static let page = 500

    let form: DemandedForm
    let keys: KeyRing
    private let today: CivilDate
    /// When the round was handed in: it keeps the answers that held then.
    let handedIn: Instant?
    /// The open round that is filled: what was answered in it stands in it, whatever was answered later.
    let round: ID<FormRound>?
    let tx: ReadTx

    /// The form filled for what its rows stand for now; `opened`: since when the round is open, `handedIn`: when it was
    /// handed in, since when no answer of a later one stands in it; `round` and `period`: what was answered in it, or for
    /// its period, counts in it.
    static func fill(
        _ form: DemandedForm, since opened: Instant, handedIn: Instant? = nil, round: ID<FormRound>? = nil,
        period: String? = nil, filler: String, at moment: Instant, _ services: Services
    ) async throws -> FilledForm {
        let now = handedIn ?? moment
        let (database, names) = (services.database, services.divisions)
        let fill = FormFill(columns: form.columns, now: now, opened: opened, period: period, filler: filler) {
            names[$0]
        }
        var rows: [FilledForm.Row] = []
        var after: Int64?
        while rows.count < limit {
            let from = after
            let (subjects, last) = try await database.read { tx in
                try FormsReading(
                    form: form, keys: database.keys, today: now.date, handedIn: handedIn, round: round, tx: tx
                ).subjects(after: from, now)
            }
            for subject in subjects { rows.append(fill.row(rows.count + 1, subject)) }
            guard let last else { break }
            after = last
        }
        return FilledForm(rows: Array(rows.prefix(limit)), columns: form.columns)
    }

    /// A page of the form's rows, and the last of them when there may be more.
    private func subjects(after: Int64?, _ now: Instant) throws -> ([FormSubject], last: Int64?) {
        var (subjects, order): ([Int64: FormSubject], [Int64]) = ([:], [])
        var last: Int64?
        func keep(_ found: [FormSubject]) {
            last = found.count == FormsReading.page ? found.last?.id.rawValue : nil
            order = found.map(\.id.rawValue)
            subjects = Dictionary(uniqueKeysWithValues: found.map { ($0.id.rawValue, $0) })
        }
        switch form.about {
        case .person: keep(try people(after: after))
        case .household: keep(try households(after: after))
        case .dwelling: keep(try dwellings(after: after))
        case .organization: keep(try organizations(after: after))
        case .thing: keep(try things(after: after))
        case .division: keep(try divisions(now))
        }
        guard !order.isEmpty else { return ([], nil) }
        switch form.about {
        case .person:
            try readHomes(order, &subjects)
            try readLabels(order, &subjects)
        case .household, .dwelling: try readHeads(&subjects)
        case .organization, .thing: break
        case .division: subjects = try FormCounting(form: form, keys: keys, today: today, tx: tx).counted(subjects)
        }
        try readFacts(order, &subjects)
        try readNumbers(order, &subjects)
        try readAnswers(order, &subjects)
        // Who wants nothing but keeping, or is not here any more, stands on no list.
        let shown = order.compactMap { subjects[$0] }.filter {
            form.about != .person || ($0.person?.restrictedAt == nil && $0.person?.entry.validTo == nil)
        }
        return (shown, last)
    }

    // MARK: Rows

    private func cursor(_ kind: RegisterKind, _ after: Int64?) throws -> RegisterCursor? {
        try after.flatMap { try RegisterCursor(RegisterSubject(kind, $0), tx) }
    }

    private func people(after: Int64?) throws -> [FormSubject] {
        let limit = FormsReading.page
        let records =
            form.label.isEmpty
            ? try RegisterQueries.people(
                in: form.division, after: try cursor(.person, after), limit: limit, tx)
            // A form that is asked for by duty goes by facts: who said no to suggestions stands on it all the same, with
            // what rules would say of them left to be filled by hand.
            : try LabelFacts.people(
                with: form.label, in: form.division, after: after.map { ID<Person>(rawValue: $0) }, limit: limit,
                on: today, keys, tx)
        return records.map { record in
            var subject = FormSubject(
                id: ID(rawValue: record.id.rawValue), name: record.name, division: record.division)
            subject.person = record
            return subject
        }
    }

    /// A page of those of a register that are here; `name` is what its table is called among `tables`.
    private func entries(
        _ kind: RegisterKind, _ columns: SQL, from tables: SQL, as name: SQL, after: Int64?,
        _ subject: (Row) throws -> FormSubject
    ) throws -> [FormSubject] {
        let page = RegisterQueries.page(name, in: form.division, after: try cursor(kind, after))
        return try tx.all(
            """
            SELECT \(columns) FROM \(tables)
            WHERE \(page.condition) AND \(name).valid_to IS NULL ORDER BY \(page.order) LIMIT \(FormsReading.page)
            """, subject)
    }

    private func households(after: Int64?) throws -> [FormSubject] {
        let (columns, tables): (SQL, SQL) = (
            "\(HouseholdRecord.columns), \(DwellingRecord.columns)",
            "household h JOIN dwelling d ON d.id = h.dwelling_id"
        )
        return try entries(.household, columns, from: tables, as: "h", after: after) { row in
            let household = try HouseholdRecord(row)
            let dwelling = try DwellingRecord(row, HouseholdRecord.columnCount)
            var subject = FormSubject(
                id: ID(rawValue: household.id.rawValue), name: dwelling.address, division: household.division)
            (subject.household, subject.dwelling, subject.householdID) = (household, dwelling, household.id)
            return subject
        }
    }

    private func dwellings(after: Int64?) throws -> [FormSubject] {
        try entries(.dwelling, DwellingRecord.columns, from: "dwelling d", as: "d", after: after) { row in
            let dwelling = try DwellingRecord(row)
            var subject = FormSubject(
                id: ID(rawValue: dwelling.id.rawValue), name: dwelling.address, division: dwelling.division)
            subject.dwelling = dwelling
            return subject
        }
    }

    private func organizations(after: Int64?) throws -> [FormSubject] {
        try entries(.organization, OrganizationRecord.columns, from: "organization o", as: "o", after: after) { row in
            let record = try OrganizationRecord(row)
            var subject = FormSubject(
                id: ID(rawValue: record.id.rawValue), name: record.name, division: record.division)
            (subject.organization, subject.address) = (record, record.address)
            return subject
        }
    }

    private func things(after: Int64?) throws -> [FormSubject] {
        try entries(.thing, ThingRecord.columns, from: "thing t", as: "t", after: after) { row in
            let record = try ThingRecord(row)
            var subject = FormSubject(
                id: ID(rawValue: record.id.rawValue), name: record.name, division: record.division)
            (subject.thing, subject.address) = (record, record.location)
            return subject
        }
    }

    /// The divisions directly inside that of the form: the grids of a community, the communities of a street.
    private func divisions(_ now: Instant) throws -> [FormSubject] {
        try DivisionsStore.children(of: form.division, at: now, tx).prefix(FormsReading.page - 1).map {
            FormSubject(id: ID(rawValue: $0.code.rawValue), name: $0.name, division: $0.code)
        }
    }

    // MARK: Homes

    private func readHomes(_ ids: [Int64], _ subjects: inout [Int64: FormSubject]) throws {
        try tx.each(
            """
            SELECT \(DwellingRecord.columns), r.person_id, r.household_id, r.tie, r.relation
            FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
            WHERE r.person_id IN \(SQL.list(ids)) AND r.valid_to IS NULL ORDER BY r.id
            """
        ) { row in
            let next = DwellingRecord.columnCount
            let (id, tie): (Int64, ResidenceTie) = (try row[next], try row[next + 2])
            guard subjects[id]?.tie.map({ tie.livesHere && !$0.livesHere }) ?? true else { return }
            let dwelling = try DwellingRecord(row)
            subjects[id]?.dwelling = dwelling
            subjects[id]?.address = dwelling.address
            subjects[id]?.tie = tie
            subjects[id]?.relation = try row[next + 3]
            subjects[id]?.householdID = try row[next + 1]
        }
        try readMembers(&subjects)
    }

    /// The households of a dwelling: the first one's head stands for it, who lives in any of them counts.
    private func readHeads(_ subjects: inout [Int64: FormSubject]) throws {
        guard form.about == .dwelling else { return try readMembers(&subjects) }
        let ids = subjects.keys.sorted()
        try tx.each(
            """
            SELECT id, dwelling_id FROM household
            WHERE dwelling_id IN \(SQL.list(ids)) AND valid_to IS NULL ORDER BY id DESC
            """
        ) { row in subjects[try row[1]]?.householdID = try row[0] }
        try readMembers(&subjects)
        var sizes: [Int64: Int] = [:]
        try tx.each(
            """
            SELECT r.dwelling_id, count(*) FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.dwelling_id IN \(SQL.list(ids)) AND r.valid_to IS NULL AND p.valid_to IS NULL
            AND r.tie NOT IN ('registeredOnly', 'ownerElsewhere') GROUP BY r.dwelling_id
            """
        ) { row in sizes[try row[0]] = try row[1] }
        for id in ids { subjects[id]?.householdSize = sizes[id] ?? 0 }
    }

    private func readMembers(_ subjects: inout [Int64: FormSubject]) throws {
        let households = Set(subjects.values.compactMap(\.householdID)).sorted()
        guard !households.isEmpty else { return }
        var heads: [ID<Household>: PersonRecord] = [:]
        var sizes: [ID<Household>: Int] = [:]
        try tx.each(
            """
            SELECT \(PersonRecord.columns), r.household_id, r.relation, r.tie
            FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id IN \(SQL.list(households)) AND r.valid_to IS NULL AND p.valid_to IS NULL ORDER BY r.id
            """
        ) { row in
            let next = PersonRecord.columnCount
            let (household, relation): (ID<Household>, HouseholdRelation) = (try row[next], try row[next + 1])
            let tie: ResidenceTie = try row[next + 2]
            let person = try PersonRecord(row)
            if relation == .head, person.restrictedAt == nil { heads[household] = person }
            if tie.livesHere { sizes[household, default: 0] += 1 }
        }
        for (id, subject) in subjects {
            guard let household = subject.householdID else { continue }
            subjects[id]?.head = heads[household]
            subjects[id]?.householdSize = sizes[household] ?? 0
        }
    }

    // MARK: Facts

    private func fields(ofHead: Bool) -> [RegisterField] {
        form.columns.compactMap { column in
            switch column.source {
            case .field(let field) where !ofHead: field
            case .head(let field) where ofHead: field
            default: nil
            }
        }
    }

    /// Which rows a person's facts belong to: their own, and those of whose household they are the head.
    private func rows(ofHead: Bool, _ subjects: [Int64: FormSubject]) -> [Int64: [Int64]] {
        var rows: [Int64: [Int64]] = [:]
        for (id, subject) in subjects {
            if ofHead, let head = subject.head { rows[head.id.rawValue, default: []].append(id) }
            if !ofHead { rows[id] = [id] }
        }
        return rows
    }

    private func readFacts(_ ids: [Int64], _ subjects: inout [Int64: FormSubject]) throws {
        for ofHead in [false, true] where ofHead ? form.about.hasHead : form.about == .person {
            let facts = fields(ofHead: ofHead).filter(\.isFact).map(\.id)
            let rows = rows(ofHead: ofHead, subjects)
            guard !facts.isEmpty, !rows.isEmpty else { continue }
            try tx.each(
                """
                SELECT subject_id, id, field, value, value_sealed FROM register_fact
                WHERE kind = 'person' AND subject_id IN \(SQL.list(rows.keys.sorted())) AND field IN \(SQL.list(facts))
                """
            ) { row in
                let (person, id, field): (Int64, Int64, String) = (try row[0], try row[1], try row[2])
                var value: String? = try row[3]
                if let sealed: [UInt8] = try row[4] {
                    value = try keys.open(sealed, cell: Cell("register_fact", "value_sealed", id))
                }
                for subject in rows[person] ?? [] {
                    if ofHead {
                        subjects[subject]?.headFacts[field] = value
                    } else {
                        subjects[subject]?.facts[field] = value
                    }
                }
            }
        }
    }

    /// Citizen numbers and phones, where a column asks for them.
    private func readNumbers(_ ids: [Int64], _ subjects: inout [Int64: FormSubject]) throws {
        for ofHead in [false, true] {
            let asked = Set(fields(ofHead: ofHead).map(\.id))
            let rows = rows(ofHead: ofHead, subjects)
            for (field, table, column) in [
                ("person.number", "person", "number_sealed"), ("person.phone", "person", "phone_sealed"),
                ("organization.phone", "organization", "phone_sealed"),
            ] where asked.contains(field) && !rows.isEmpty {
                try tx.each(
                    """
                    SELECT id, \(SQL(stringLiteral: column)) FROM \(SQL(stringLiteral: table))
                    WHERE id IN \(SQL.list(rows.keys.sorted())) AND \(SQL(stringLiteral: column)) IS NOT NULL
                    """
                ) { row in
                    let (id, sealed): (Int64, [UInt8]) = (try row[0], try row[1])
                    let value = try keys.open(sealed, cell: Cell(table, column, id))
                    for subject in rows[id] ?? [] {
                        if ofHead {
                            subjects[subject]?.headFacts[field] = value
                        } else {
                            subjects[subject]?.facts[field] = value
                        }
                    }
                }
            }
        }
    }

    private func readLabels(_ ids: [Int64], _ subjects: inout [Int64: FormSubject]) throws {
        var (labels, services): (Set<String>, Set<String>) = ([], [])
        for column in form.columns {
            if case .label(let label) = column.source { labels.insert(label) }
            if case .service(let service) = column.source { services.insert(service) }
        }
        guard !labels.isEmpty || !services.isEmpty else { return }
        let people = ids.map { ID<Person>(rawValue: $0) }
        let held = try LabelQueries.labels(of: people, tx)
        let open = try LabelKnowledge.open(of: people, labels: labels, services: services, on: today, keys, tx)
        let names = LabelKeys(keys)
        for person in people {
            let stored = held[person] ?? [:]
            let id = person.rawValue
            subjects[id]?.labels = labels.filter { stored[names.key(label: $0)] != nil }
            subjects[id]?.services = services.filter { stored[names.key(service: $0)] != nil }
            subjects[id]?.openLabels = open[person]?.labels ?? []
            subjects[id]?.openServices = open[person]?.services ?? []
        }
    }
}
