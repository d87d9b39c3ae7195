import LinliCore
import LinliKernel

/// A row of a demanded form; its number is that of the person, household, dwelling, organization or thing, or the code
/// of the division.
enum FormRow {}

/// Everything a form may ask of what a row stands for, in clear: it never leaves the program but in an export.
struct FormSubject: Sendable {
    /// What somebody typed for a column before.
    struct Answer: Sendable {
        var value: String
        var at: Instant
        /// For whom, where it is another person than the row stands for.
        var owner: Int64?
        /// What that other person is called.
        var ownerName: String?
        /// For which period it was given; nil where that was not noted yet.
        var period: String?
    }

    var id: ID<FormRow>
    /// What the row is called on pages, and where it is.
    var name: String
    var address = ""
    var division: DivisionCode
    var dwelling: DwellingRecord?
    var household: HouseholdRecord?
    var organization: OrganizationRecord?
    var thing: ThingRecord?
    /// Of a person.
    var person: PersonRecord?
    var tie: ResidenceTie?
    var relation: HouseholdRelation?
    /// The household's head and how many live in it.
    var head: PersonRecord?
    var householdID: ID<Household>?
    var householdSize: Int?
    /// By the field's id: of the row's own, and of the head.
    var facts: [String: String] = [:]
    var headFacts: [String: String] = [:]
    /// Labels they have and services they may have, by id, and those that nobody can say of them.
    var labels: Set<String> = []
    var services: Set<String> = []
    var openLabels: Set<String> = []
    var openServices: Set<String> = []
    /// How many there are of what a table counts.
    var counts: [FormCount: Int] = [:]
    /// What somebody typed before, by the plain name of the column: for the row, and for others of the household.
    var answers: [String: Answer] = [:]
    var homeAnswers: [String: Answer] = [:]
    /// How many answers hold now for the row, and when the newest for it or for another of the household was given.
    var held = 0
    var newestHeld: Instant?

    /// Counts an answer of its own that holds now.
    mutating func countHeld(_ at: Instant) {
        held += 1
        noteHeld(at)
    }

    /// Notes an answer of it or of its household that holds now.
    mutating func noteHeld(_ at: Instant) { newestHeld = max(newestHeld ?? at, at) }

    init(id: ID<FormRow>, name: String, division: DivisionCode) {
        (self.id, self.name, self.division) = (id, name, division)
    }
}

/// Fills a form from what is known; a nil cell must be asked.
struct FormFill: Sendable {
    let columns: [FormColumn]
    /// Under which name the answers of each are kept.
    private let keys: [String]
    let now: Instant
    /// Since when the round is open that is filled in: what was answered in it counts in it.
    let opened: Instant
    /// Which period the round is for; nil for none.
    let period: String?
    let filler: String
    /// What places are called.
    let names: @Sendable (DivisionCode) -> String

    init(
        columns: [FormColumn], now: Instant, opened: Instant, period: String? = nil, filler: String,
        names: @escaping @Sendable (DivisionCode) -> String
    ) {
        self.columns = columns
        keys = FormHeading.keys(of: columns.map(\.name))
        (self.now, self.opened, self.period) = (now, opened, period)
        (self.filler, self.names) = (filler, names)
    }

    /// The cells of a row, its number from 1, with what was answered before for those that are open.
    func row(_ number: Int, _ subject: FormSubject) -> FilledForm.Row {
        var row = FilledForm.Row(
            id: subject.id, name: subject.name, address: subject.address, head: subject.head?.id, cells: [])
        row.household = subject.householdID
        row.answers = subject.held
        row.newestAnswer = subject.newestHeld
        for (index, column) in columns.enumerated() {
            let name = keys[index]
            if let value = value(column, number, subject) {
                row.cells.append(value)
            } else if let answer = subject.answers[name], holds(answer, column) {
                row.cells.append(answer.value)
                row.answered.insert(index)
            } else if column.isOfHome, let answer = subject.homeAnswers[name], holds(answer, column) {
                row.cells.append(answer.value)
                row.answered.insert(index)
                if let owner = answer.owner { row.otherCells[index] = ID(rawValue: owner) }
            } else {
                row.cells.append(column.missing)
                // What another of the household said is theirs alone, unless the column is one of the home.
                let ofHome = column.isOfHome ? subject.homeAnswers[name] : nil
                let before = subject.answers[name] ?? ofHome
                if column.missing == nil, let before { row.offered[index] = before }
            }
        }
        return row
    }

    /// Whether an answer still counts: given for this period, or not longer ago than the column keeps it. What counts for
    /// its own period alone counts in no earlier one that is still open, either.
    private func holds(_ answer: FormSubject.Answer, _ column: FormColumn) -> Bool {
        guard let days = column.keepsDays else { return true }
        if let period, let given = answer.period, given == period || days == 0 { return given == period }
        return answer.at >= opened || answer.at.adding(days: days) > now
    }

    /// What is known; nil where nothing is.
    private func value(_ column: FormColumn, _ number: Int, _ subject: FormSubject) -> String? {
        let found: String?
        switch column.source {
        case .ask: return nil
        // An empty constant is what somebody wants in every row.
        case .constant(let text): return text
        case .label(let id):
            found = subject.labels.contains(id) ? "是" : subject.openLabels.contains(id) ? nil : "否"
        case .service(let id):
            found = subject.services.contains(id) ? "是" : subject.openServices.contains(id) ? nil : "否"
        case .known(let known): found = self.known(known, number, subject)
        case .count(let count): found = String(subject.counts[count] ?? 0)
        case .field(let field) where FormMatch.isPolitics(column.name):
            // Whoever is no member of the Party may be one of another: nobody said which.
            found = subject.facts[field.id] == "1" ? "中共党员" : nil
        case .field(let field): found = FormFill.value(field, subject)
        case .head(let field):
            found = subject.head.flatMap { FormFill.value(field, of: $0, subject.headFacts) }
        }
        return found.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func known(_ known: FormSource.Known, _ number: Int, _ subject: FormSubject) -> String? {
        let division = subject.division
        return switch known {
        case .serial: String(number)
        case .age: subject.person?.age(on: now.date).map { String($0) }
        case .street: names(division.ancestor(at: .street))
        case .community: division.level >= .community ? names(division.ancestor(at: .community)) : nil
        case .grid: division.level == .grid ? names(division) : nil
        case .relation: subject.relation?.name.zh
        case .tie: subject.tie?.name.zh
        case .headName: subject.head?.name
        case .householdSize: subject.householdSize.map { String($0) }
        case .today: now.date.description
        case .filler: filler
        }
    }

    /// A field of the registers as a form shows it.
    private static func value(_ field: RegisterField, _ subject: FormSubject) -> String? {
        switch field.kind {
        case .person: subject.person.flatMap { value(field, of: $0, subject.facts) }
        case .household: subject.household?.kind.name.zh
        case .dwelling: subject.dwelling.flatMap { value(field, of: $0) }
        case .organization: subject.organization.flatMap { value(field, of: $0, subject.facts) }
        case .thing: subject.thing.flatMap { value(field, of: $0) }
        }
    }

    private static func value(_ field: RegisterField, of person: PersonRecord, _ facts: [String: String]) -> String? {
        switch field.id {
        case "person.name": person.name
        // 0 stands for what nobody said.
        case "person.sex": person.sex == 0 ? nil : RegisterValue.shown(String(person.sex), of: field).zh
        case "person.born": person.born?.description
        default: facts[field.id].map { RegisterValue.shown($0, of: field).zh }
        }
    }

    private static func value(_ field: RegisterField, of dwelling: DwellingRecord) -> String? {
        switch field.id {
        case "dwelling.address": dwelling.address
        case "dwelling.number": dwelling.number
        case "dwelling.kind": dwelling.kind.name.zh
        case "dwelling.occupancy": dwelling.occupancy == .unknown ? nil : dwelling.occupancy.name.zh
        case "dwelling.floor": dwelling.floor.map { String($0) }
        case "dwelling.area": dwelling.areaSquareMetres.map { RegisterValue.text(of: $0) }
        case "dwelling.propertyRight": dwelling.propertyRight?.name.zh
        default: nil
        }
    }

    private static func value(
        _ field: RegisterField, of organization: OrganizationRecord, _ facts: [String: String]
    ) -> String? {
        switch field.id {
        case "organization.name": organization.name
        case "organization.creditCode": organization.creditCode
        case "organization.kind": organization.kind.name.zh
        case "organization.activity": organization.activity
        case "organization.staffCount": organization.staffCount.map { String($0) }
        case "organization.contactName": organization.contactName
        case "organization.address": organization.address
        default: facts[field.id]
        }
    }

    private static func value(_ field: RegisterField, of thing: ThingRecord) -> String? {
        switch field.id {
        case "thing.code": thing.code
        case "thing.name": thing.name
        case "thing.category": thing.category
        case "thing.state": thing.state.name.zh
        case "thing.competentBody": thing.competentBody
        case "thing.ownerBody": thing.ownerBody
        case "thing.upkeepBody": thing.upkeepBody
        case "thing.location": thing.location
        case "thing.note": thing.note
        default: nil
        }
    }
}

/// A form filled for a period, and how much of it the registers knew.
struct FilledForm: Sendable {
    /// A row: what it stands for, and the cells; nil must be asked.
    struct Row: Sendable {
        var id: ID<FormRow>
        var name: String
        var address: String
        /// The head of the household, whose fields a column may show.
        var head: ID<Person>?
        var cells: [String?]
        /// What was answered before for columns that are open now: for the same row, or for another of the household.
        var offered: [Int: FormSubject.Answer] = [:]
        /// Whose answers stand in the row, by column, where they are of others of the household.
        var otherCells: [Int: ID<Person>] = [:]
        /// The household of the row, how many answers there were for the row, and when the newest for it or for another of
        /// the household was given: whether that still holds is asked before a row is kept.
        var household: ID<Household>?
        var answers = 0
        var newestAnswer: Instant?

        /// The columns in which an answer stands, of the row itself or of another of the household.
        var answered: Set<Int> = []

        /// Others of the household whose answers stand in the row.
        var others: Set<ID<Person>> { Set(otherCells.values) }

        /// The columns that must be asked.
        var open: [Int] { cells.indices.filter { cells[$0] == nil } }
    }

    var rows: [Row]
    var columns: [FormColumn]

    /// All cells.
    var cells: Int { rows.count * columns.count }
    /// Cells nobody knows yet.
    var open: Int { rows.reduce(0) { $0 + $1.cells.count { $0 == nil } } }
    /// How many cells of each column nobody knows yet.
    var openByColumn: [Int] {
        rows.reduce(into: Array(repeating: 0, count: columns.count)) { counts, row in
            for column in row.open where counts.indices.contains(column) { counts[column] += 1 }
        }
    }
}
