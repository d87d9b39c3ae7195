import LinliCore
import LinliKernel

/// Putting two entries together and apart again, whatever they are.
enum RegisterMergeSteps {
    /// By the form of a page: a twin, or what no sign tells, a dwelling by its address, others by that of their page.
    static func merge(_ subject: RegisterSubject, _ request: Request, _ services: Services) async throws {
        let form = request.form
        var other: ID<RegisterItem>? = form.id("other")
        if other == nil, subject.kind == .dwelling {
            let (address, actor) = (form["address"] ?? "", request.context.actor)
            other = try await services.database.read { tx in
                try RegisterQueries.dwelling(at: address, actor, tx).map { ID(rawValue: $0.id.rawValue) }
            }
            guard other != nil else {
                throw LinliError.invalid(
                    "registers.home",
                    [.init("address", Text("没有这个门牌，或有好几处，或不归您管", "No such dwelling among yours, or several"))])
            }
        }
        if other == nil, [.person, .organization, .thing].contains(subject.kind) {
            let typed = form["twin"] ?? ""
            let named = try await services.database.read { try RegistersStore.named(typed, near: subject, $0) }
            guard let named, named.kind == subject.kind else {
                throw LinliError.invalid(
                    "registers.twin",
                    [.init("twin", Text("没有找到；请粘贴另一条登记页的网址", "Not found; paste the address of the other page"))])
            }
            other = ID(rawValue: named.id)
        }
        guard let other else { throw LinliError.notFound("registers.merge") }
        try await merge(
            RegisterSubject(subject.kind, other.rawValue), into: subject, version: form.int("version"),
            because: form["same"] == nil ? nil : form["because"] ?? "", request.context, services)
    }

    static func merge(
        _ other: RegisterSubject, into subject: RegisterSubject, version: Int?, because reason: String?,
        _ context: Context, _ services: Services
    ) async throws {
        let (parts, database) = (services.registerParts, services.database)
        switch subject.kind {
        case .person, .organization, .thing:
            try await RegisterCommands.merge(
                other, into: subject, version: version, because: reason, parts, context, database)
        case .dwelling, .household:
            try await RegisterCommands.mergeHomes(other, into: subject, version: version, parts, context, database)
        }
    }

    static func split(_ subject: RegisterSubject, _ context: Context, _ services: Services) async throws {
        let (parts, database) = (services.registerParts, services.database)
        switch subject.kind {
        case .person, .organization, .thing: try await RegisterCommands.split(subject, parts, context, database)
        case .dwelling, .household: try await RegisterCommands.splitHomes(subject, parts, context, database)
        }
    }
}
