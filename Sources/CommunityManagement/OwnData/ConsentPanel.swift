import LinliCore
import LinliKernel
import LinliUI

/// On the page of a person or household: what guardians agreed to for children who speak for themselves by now, so that
/// whoever calls there asks them.
enum ConsentPanel {
    /// Somebody to ask, and about what.
    private struct Asked: Sendable {
        let name: String
        let purposes: [ConsentPurpose]
    }

    static let panel = Panel("consents", on: [.person, .household], permission: .peopleRead) {
        subject, _, request, services in
        let today = request.context.now.date
        let asked = try await services.database.read { tx -> [Asked] in
            let members = try people(of: subject, tx)
            let outgrown = try DataConsents.outgrown(by: members.map(\.id), on: today, tx)
            return members.compactMap { person in
                outgrown[person.id].map { Asked(name: person.name, purposes: $0) }
            }
        }
        guard !asked.isEmpty else { return nil }
        return """
            <section class="card" aria-labelledby="consents"><div class="hd"><h2 id="consents">\(Text("要问本人同不同意", "To be asked themselves"))</h2></div>
            <ul class="plain">\(each: asked, row)</ul></section>
            """
    }

    private static func people(of subject: RegisterSubject, _ tx: ReadTx) throws -> [PersonRecord] {
        guard subject.kind == .person else {
            return try RegisterQueries.members(of: ID<Household>(rawValue: subject.id), tx).map(\.person)
        }
        return try RegisterQueries.person(ID<Person>(rawValue: subject.id), tx).map { [$0] } ?? []
    }

    private static func row(_ asked: Asked) -> HTML {
        let (zh, en) = (
            asked.purposes.map(\.name.zh).joined(separator: "、"), asked.purposes.map(\.name.en).joined(separator: ", ")
        )
        let why = Text(
            "满 \(Guardianship.years) 周岁了，监护人从前同意的“\(zh)”不再算数。上门时请问本人，本人在“我的信息”里同意或不同意。",
            "\(Guardianship.years) by now: what the guardian agreed to (\(en)) counts no more. Please ask them; they answer under My data."
        )
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(asked.name)</span><span class="sub">\(why)</span></span></li>
            """
    }
}
