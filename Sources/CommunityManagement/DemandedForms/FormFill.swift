import LinliCore
import LinliKernel

/// A person with everything a form may ask, in clear: it never leaves the program but in an export.
struct FormPerson: Sendable {
    var id: ID<Person>
    var record: PersonRecord
    var address = ""
    var dwelling: DwellingRecord?
    var tie: ResidenceTie?
    var relation: HouseholdRelation?
    var headName = ""
    var householdSize: Int?
    /// By the field's id.
    var facts: [String: String] = [:]
    /// Labels they have and services they got, by id.
    var labels: Set<String> = []
    var services: Set<String> = []
    /// What somebody typed for a column before, by its plain name.
    var answers: [String: String] = [:]
}

/// Fills a form from what is known; a nil cell must be asked.
struct FormFill: Sendable {
    let columns: [FormColumn]
    let day: CivilDate
    let filler: String
    /// What places are called.
    let names: @Sendable (DivisionCode) -> String

    /// The cells of a person, the number of the row from 1.
    func row(_ number: Int, _ person: FormPerson) -> [String?] {
        columns.map { column in
            if let value = value(column, number, person), !value.isEmpty { return value }
            if let typed = person.answers[FormMatch.plain(column.name)] { return typed }
            return column.missing
        }
    }

    private func value(_ column: FormColumn, _ number: Int, _ person: FormPerson) -> String? {
        switch column.source {
        case .ask: nil
        case .constant(let text): text
        case .label(let id): person.labels.contains(id) ? "是" : "否"
        case .service(let id): person.services.contains(id) ? "是" : "否"
        case .known(let known): self.known(known, number, person)
        case .field(let field) where FormMatch.plain(column.name) == FormMatch.politics:
            person.facts[field.id].map { $0 == "1" ? "中共党员" : "群众" }
        case .field(let field): FormFill.value(field, person)
        }
    }

    private func known(_ known: FormSource.Known, _ number: Int, _ person: FormPerson) -> String? {
        let division = person.record.division
        return switch known {
        case .serial: String(number)
        case .age: person.record.age(on: day).map { String($0) }
        case .street: names(division.ancestor(at: .street))
        case .community: names(division.ancestor(at: .community))
        case .grid: division.level == .grid ? names(division) : ""
        case .relation: person.relation?.name.zh
        case .tie: person.tie?.name.zh
        case .headName: person.headName
        case .householdSize: person.householdSize.map { String($0) }
        case .today: day.description
        case .filler: filler
        }
    }

    /// A field of the registers as a form shows it.
    private static func value(_ field: RegisterField, _ person: FormPerson) -> String? {
        switch field.id {
        case "person.name": person.record.name
        case "person.sex": RegisterValue.shown(String(person.record.sex), of: field).zh
        case "person.born": person.record.born?.description
        case "dwelling.address": person.address
        case "dwelling.number": person.dwelling?.number
        case "dwelling.kind": person.dwelling?.kind.name.zh
        case "dwelling.occupancy": person.dwelling?.occupancy.name.zh
        case "dwelling.floor": person.dwelling?.floor.map { String($0) }
        case "dwelling.area": person.dwelling?.areaSquareMetres.map { String(Int($0)) }
        default: person.facts[field.id].map { RegisterValue.shown($0, of: field).zh }
        }
    }
}

/// A form filled for a period, and how much of it the registers knew.
struct FilledForm: Sendable {
    /// A row: who, and the cells; nil must be asked.
    struct Row: Sendable {
        var person: ID<Person>
        var name: String
        var address: String
        var cells: [String?]
    }

    var rows: [Row]
    /// Which columns each person was asked for before and answered.
    var columns: [FormColumn]

    /// All cells.
    var cells: Int { rows.count * columns.count }
    /// Cells nobody knows yet.
    var open: Int { rows.reduce(0) { $0 + $1.cells.count { $0 == nil } } }
}
