import LinliCore
import LinliKernel
import LinliSQL

/// Reads the people of a form with everything its columns ask. What is sealed is opened here and leaves the program in
/// an export only, after the audit has it.
enum FormsReading {
    /// The most people a form is filled for at once.
    static let limit = 5000
    private static let page = 500

    /// The form filled for its people as they are now.
    static func fill(
        _ form: DemandedForm, filler: String, at now: Instant, _ services: Services
    ) async throws -> FilledForm {
        let database = services.database
        let names = services.divisions
        let fill = FormFill(columns: form.columns, day: now.date, filler: filler) { names[$0] }
        var rows: [FilledForm.Row] = []
        var after: PersonRecord?
        while rows.count < limit {
            let from = after
            let people = try await database.read { tx in
                try FormsReading.people(form, after: from, tx, database.keys)
            }
            for person in people {
                rows.append(
                    FilledForm.Row(
                        person: person.id, name: person.record.name, address: person.address,
                        cells: fill.row(rows.count + 1, person)))
            }
            guard people.count == page, let last = people.last else { break }
            after = last.record
        }
        return FilledForm(rows: rows, columns: form.columns)
    }

    /// A page of the form's people.
    private static func people(
        _ form: DemandedForm, after: PersonRecord?, _ tx: ReadTx, _ keys: KeyRing
    ) throws -> [FormPerson] {
        let names = LabelKeys(keys)
        let records =
            form.label.isEmpty
            ? try RegisterQueries.people(in: form.division, after: after.map { RegisterCursor($0) }, limit: page, tx)
            : try LabelQueries.people(
                with: names.key(label: form.label), in: form.division, after: after?.id, limit: page, tx)
        var people: [ID<Person>: FormPerson] = [:]
        for record in records { people[record.id] = FormPerson(id: record.id, record: record) }
        let ids = records.map(\.id)
        guard !ids.isEmpty else { return [] }
        try readHomes(ids, &people, tx)
        try readFacts(ids, form, &people, tx, keys)
        try readNumbers(ids, form, &people, tx, keys)
        try readLabels(ids, form, &people, tx, names)
        try tx.each(
            "SELECT id, person_id, name, value_sealed FROM demanded_answer WHERE person_id IN \(SQL.list(ids))"
        ) { row in
            let (id, sealed): (Int64, [UInt8]) = (try row[0], try row[3])
            people[try row[1]]?.answers[try row[2]] = try keys.open(
                sealed, cell: Cell("demanded_answer", "value_sealed", id))
        }
        return records.compactMap { people[$0.id] }
    }

    private static func readHomes(
        _ ids: [ID<Person>], _ people: inout [ID<Person>: FormPerson], _ tx: ReadTx
    ) throws {
        var homes: [ID<Person>: ID<Household>] = [:]
        try tx.each(
            """
            SELECT \(DwellingRecord.columns), r.person_id, r.household_id, r.tie, r.relation
            FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
            WHERE r.person_id IN \(SQL.list(ids)) AND r.valid_to IS NULL ORDER BY r.id
            """
        ) { row in
            let (id, tie): (ID<Person>, ResidenceTie) = (try row[18], try row[20])
            guard people[id]?.tie.map({ tie.livesHere && !$0.livesHere }) ?? true else { return }
            let dwelling = try DwellingRecord(row)
            people[id]?.dwelling = dwelling
            people[id]?.address = dwelling.address
            people[id]?.tie = tie
            people[id]?.relation = try row[21]
            homes[id] = try row[19]
        }
        let households = Set(homes.values).sorted()
        guard !households.isEmpty else { return }
        var heads: [ID<Household>: String] = [:]
        var sizes: [ID<Household>: Int] = [:]
        try tx.each(
            """
            SELECT r.household_id, p.name, r.relation, r.tie FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id IN \(SQL.list(households)) AND r.valid_to IS NULL AND p.valid_to IS NULL ORDER BY r.id
            """
        ) { row in
            let (household, relation): (ID<Household>, HouseholdRelation) = (try row[0], try row[2])
            let tie: ResidenceTie = try row[3]
            if relation == .head { heads[household] = try row[1] }
            if tie.livesHere { sizes[household, default: 0] += 1 }
        }
        for (id, household) in homes {
            people[id]?.headName = heads[household] ?? ""
            people[id]?.householdSize = sizes[household]
        }
    }

    private static func fields(_ form: DemandedForm) -> [RegisterField] {
        form.columns.compactMap { column in
            guard case .field(let field) = column.source else { return nil }
            return field
        }
    }

    private static func readFacts(
        _ ids: [ID<Person>], _ form: DemandedForm, _ people: inout [ID<Person>: FormPerson], _ tx: ReadTx,
        _ keys: KeyRing
    ) throws {
        let facts = fields(form).filter(\.isFact).map(\.id)
        guard !facts.isEmpty else { return }
        try tx.each(
            """
            SELECT subject_id, id, field, value, value_sealed FROM register_fact
            WHERE kind = 'person' AND subject_id IN \(SQL.list(ids)) AND field IN \(SQL.list(facts))
            """
        ) { row in
            let id: Int64 = try row[1]
            var value: String? = try row[3]
            if let sealed: [UInt8] = try row[4] {
                value = try keys.open(sealed, cell: Cell("register_fact", "value_sealed", id))
            }
            people[try row[0]]?.facts[try row[2]] = value
        }
    }

    /// Citizen numbers and phones, where a column asks for them.
    private static func readNumbers(
        _ ids: [ID<Person>], _ form: DemandedForm, _ people: inout [ID<Person>: FormPerson], _ tx: ReadTx,
        _ keys: KeyRing
    ) throws {
        let asked = Set(fields(form).map(\.id))
        for (field, column) in [("person.number", "number_sealed"), ("person.phone", "phone_sealed")]
        where asked.contains(field) {
            try tx.each(
                """
                SELECT id, \(SQL(stringLiteral: column)) FROM person
                WHERE id IN \(SQL.list(ids)) AND \(SQL(stringLiteral: column)) IS NOT NULL
                """
            ) { row in
                let (id, sealed): (ID<Person>, [UInt8]) = (try row[0], try row[1])
                people[id]?.facts[field] = try keys.open(sealed, cell: Cell("person", column, id.rawValue))
            }
        }
    }

    private static func readLabels(
        _ ids: [ID<Person>], _ form: DemandedForm, _ people: inout [ID<Person>: FormPerson], _ tx: ReadTx,
        _ names: LabelKeys
    ) throws {
        let held = try LabelQueries.labels(of: ids, tx)
        for column in form.columns {
            switch column.source {
            case .label(let label):
                let number = names.key(label: label)
                for id in ids where held[id]?[number] != nil { people[id]?.labels.insert(label) }
            case .service(let service):
                let number = names.key(service: service)
                for id in ids where held[id]?[number] != nil { people[id]?.services.insert(service) }
            default: break
            }
        }
    }
}
