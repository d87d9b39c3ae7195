import LinliCore
import LinliKernel
import LinliUI

/// What stands on the page of a person, household or dwelling: labels everybody may see, services, and the way to the rest.
enum CarePanel {
    static let panel = Panel("care", on: [.person, .household, .dwelling], permission: .peopleRead) {
        subject, division, request, services in
        let people = try await services.database.read { try CarePanel.people(of: subject, $0) }
        let ids = people.map(\.id)
        let shown = try await LabelReading.read(ids, in: division, for: nil, request.context, services.database)
        let rows = people.compactMap { person -> (PersonRecord, LabelReading.Shown)? in
            guard let found = shown[person.id], !found.labels.isEmpty || found.closed > 0 else { return nil }
            return (person, found)
        }
        guard !rows.isEmpty else { return nil }
        let now = request.context.now
        return """
            <section class="card" aria-labelledby="care"><div class="hd"><h2 id="care">\(Text("标签和服务", "Labels and services"))</h2></div>
            <ul class="plain">\(each: rows, { row($0.0, $0.1, now) })</ul></section>
            """
    }

    private static func people(of subject: RegisterSubject, _ tx: ReadTx) throws -> [PersonRecord] {
        switch subject.kind {
        case .person: try CareStore.people([ID(rawValue: subject.id)], tx)
        case .household: try RegisterQueries.members(of: ID(rawValue: subject.id), tx).map(\.person)
        case .dwelling:
            try RegisterQueries.residents(of: ID(rawValue: subject.id), tx).filter(\.tie.livesHere).map(\.person)
        case .organization, .thing: []
        }
    }

    /// How many people of a place have which services; those that say something closely kept about who has them are left
    /// out.
    static let atPlaces = PlacePanel("care", permission: .peopleRead) { around, request, services in
        let divisions = request.context.actor.scope(for: .peopleRead).divisions
        let (counts, book) = try await services.database.read { tx in
            (
                try CareStore.services(
                    of: try RegisterQueries.households(at: around.inside, in: divisions, tx), tx),
                try LabelBook.current(tx)
            )
        }
        let rows = book.services.compactMap { service in
            service.fieldClass == .basic ? counts[service.id].map { (service: service, count: $0) } : nil
        }
        guard !rows.isEmpty else { return nil }
        let size = GroupSize(services.registers, for: request.context.actor, in: around.place.division)
        return """
            <section class="card" aria-labelledby="care"><div class="hd"><h2 id="care">\(Text("这里的服务", "Services here"))</h2></div>
            <dl class="kv">\(each: rows, { row in
                "<dt>\(row.service.name)</dt><dd>\(size.text(row.count)) \(Text("人", "people"))</dd>"
            })</dl></section>
            """
    }

    private static func row(_ person: PersonRecord, _ shown: LabelReading.Shown, _ now: Instant) -> HTML {
        """
        <li class="cell"><span class="bd"><a class="ttl" href="/desk/care/people/\(person.id)">\(CareWords.who(person, now))</a>
        \(each: shown.labels, CareWords.label)\
        \(each: shown.services, { "<span class=\"sub\">\(tag(Text("可以享受", "May have"), .info)) \($0.service.name)</span>" })\
        \(when: shown.closed > 0, "<span class=\"sub\">\(Text("另有 \(shown.closed) 项按用途查看", "\(shown.closed) more open for a purpose"))</span>")\
        </span></li>
        """
    }
}
