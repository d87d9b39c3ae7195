import LinliCore
import LinliKernel

/// What the page of a person does with their homes: one more beside the others, a correction, an end.
enum RegisterHomeSteps {
    /// The dwelling somebody named by its address, and who keeps house there.
    struct Target: Sendable {
        let dwelling: DwellingRecord
        let households: [HouseholdRecord]

        /// Into a household of their own, or the first that is there.
        func door(_ form: Form) -> RegisterCommands.Door {
            let joins = form["join"] == "first" ? households.first?.id : nil
            return joins.map { .household($0) } ?? .dwelling(dwelling.id)
        }
    }

    /// - Throws: `.invalid` for an address that none of the reader's dwellings has.
    static func target(_ request: Request, _ services: Services) async throws -> Target {
        let (address, actor) = (request.form["home"] ?? "", request.context.actor)
        let target = try await services.database.read { tx in
            try RegisterQueries.dwelling(at: address, actor, tx).map { dwelling in
                Target(dwelling: dwelling, households: try RegisterQueries.households(of: dwelling.id, tx))
            }
        }
        guard let target else {
            throw LinliError.invalid(
                "registers.home",
                [.init("home", Text("没有这个门牌，或不归您管；请先登记那处房屋", "No such dwelling among yours; enter it first"))])
        }
        return target
    }

    static func add(_ subject: RegisterSubject, _ request: Request, _ services: Services) async throws {
        let person = try person(subject)
        let target = try await target(request, services)
        let (tie, relation) = try words(request.form)
        try await RegisterCommands.addResidence(
            person, to: target.door(request.form), tie: tie, relation: relation, since: try day(request.form),
            version: request.form.int("version"), request.context, services.database)
    }

    static func correct(_ subject: RegisterSubject, _ request: Request, _ services: Services) async throws {
        let person = try person(subject)
        let (tie, relation) = try words(request.form)
        try await RegisterCommands.correctResidence(
            try residence(request.form), of: person, tie: tie, relation: relation,
            version: request.form.int("version"), request.context, services.database)
    }

    static func end(_ subject: RegisterSubject, _ request: Request, _ services: Services) async throws {
        try await RegisterCommands.endResidence(
            try residence(request.form), of: try person(subject), on: try day(request.form),
            version: request.form.int("version"), request.context, services.database)
    }

    /// The day that was said; nil for today.
    static func day(_ form: Form) throws -> CivilDate? {
        let typed = (form["day"] ?? "").trimmed
        guard !typed.isEmpty else { return nil }
        guard let day = CivilDate(typed) else {
            throw LinliError.invalid(
                "registers.day",
                [.init("day", Text("日期请写成 2026-11-25 这样", "Please write a day such as 2026-11-25"))])
        }
        return day
    }

    private static func person(_ subject: RegisterSubject) throws -> ID<Person> {
        guard subject.kind == .person else { throw LinliError.notFound("registers.kind") }
        return ID(rawValue: subject.id)
    }

    private static func residence(_ form: Form) throws -> ID<Residence> {
        guard let id: ID<Residence> = form.id("residence") else { throw LinliError.notFound("registers.residence") }
        return id
    }

    private static func words(_ form: Form) throws -> (ResidenceTie, HouseholdRelation) {
        guard let tie = form["tie"].flatMap({ ResidenceTie(rawValue: $0) }) else {
            throw LinliError.invalid("registers.tie", [.init("tie", Text("请选怎么住", "Please choose as what"))])
        }
        return (tie, form["relation"].flatMap { HouseholdRelation(rawValue: $0) } ?? .other)
    }
}
