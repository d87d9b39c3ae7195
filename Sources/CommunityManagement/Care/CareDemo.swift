import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Labels, services and a demanded form over whoever stands in a demo's registers: found by queries, so that it depends
/// on nobody in particular.
package enum CareDemo {
    /// Works out the labels of everybody and gives the first community with elders something to look at, once; answers
    /// with how many services were offered.
    package static func install(_ services: Services, _ run: JobRun) async throws -> Int {
        let (database, now) = (services.database, run.context.now)
        try await JobKind.labels.run(run)
        let names = LabelKeys(database.keys)
        let (community, people) = try await database.read { tx -> (DivisionCode?, [ID<Person>]) in
            guard try !tx.exists("SELECT 1 FROM care_offer"),
                let community = try CareStore.community(with: names.key(label: "aged"), tx)
            else { return (nil, []) }
            let meals = names.key(service: "meals")
            let found = try LabelQueries.people(with: meals, in: community, limit: 6, tx)
            return (community, found.map(\.id))
        }
        guard let community, !people.isEmpty else { return 0 }
        // Whoever heads the community.
        let grant = Grant(
            id: ID(rawValue: 0), role: Role.communityHead.id, subject: .division(community),
            permissions: Role.communityHead.permissions)
        // Who notes a consent must be known: the head's own account, where the demo has one.
        let account = try await database.read { tx in
            try tx.first(
                """
                SELECT a.id, a.name FROM access_grant g JOIN account a ON a.id = g.account_id
                WHERE g.division = \(community) AND g.role = \(Role.communityHead.id) ORDER BY g.id LIMIT 1
                """
            ) { (id: try $0[0] as ID<Account>, name: try $0[1] as String) }
        }
        let kind: Actor.Kind = account.map { Actor.Kind.account($0.id) } ?? .system("demo")
        let head = Actor(kind, name: account?.name ?? "演示", grants: [grant])
        let consent = account.flatMap { _ in CareConsent(.oral, ConsentPurpose.providers.version) }
        let commands = CareCommands(database: database)
        func at(_ days: Int) -> Context { Context(actor: head, now: now.adding(days: -days), requestID: "demo") }
        for (index, person) in people.enumerated() {
            let days = 40 - index * 5
            let offer = try await commands.offer("meals", to: person, index % 2 == 0 ? .visit : .phone, at(days))
            switch index {
            case 0, 1, 3:
                _ = try await commands.answer(offer, yes: true, .visit, reason: "", consent: consent, at(days - 1))
                if index < 3 {
                    _ = try await commands.deliver(
                        offer, signer: "本人", note: "", photo: nil, at(index == 0 ? 2 : days - 2))
                }
            case 2: _ = try await commands.answer(offer, yes: false, .phone, reason: "女儿每天送饭", at(days - 1))
            default: break
            }
        }
        try await exception(in: community, services, at(3))
        try await form(community, services, at(1))
        return people.count
    }

    /// Somebody the rule does not name, who needs meals all the same for a while.
    private static func exception(
        in community: DivisionCode, _ services: Services, _ context: Context
    ) async throws {
        let names = LabelKeys(services.database.keys)
        let (meals, alone) = (names.key(service: "meals"), names.key(label: "elderAlone"))
        let found: ID<Person>? = try await services.database.read { tx in
            let people = try LabelQueries.people(with: alone, in: community, limit: 200, tx)
                .filter { $0.restrictedAt == nil && $0.entry.validTo == nil }.map(\.id)
            let held = try LabelQueries.labels(of: people, tx)
            return people.first { held[$0]?[meals] == nil }
        }
        guard let found else { return }
        _ = try await CareCommands(database: services.database).offer(
            "meals", to: found, .visit, because: "刚做完手术，家里没人做饭，先送一个月", context)
    }

    /// A form of the district's, filled for this month as far as the registers know.
    private static func form(_ community: DivisionCode, _ services: Services, _ context: Context) async throws {
        let headings = [
            "序号", "姓名", "性别", "年龄", "联系电话", "现住址", "是否独居", "是否空巢", "失能等级", "慢性病", "紧急联系人", "养老服务意愿",
        ]
        let layout = FormLayout(
            above: [["老年人服务需求摸底表"]], heading: [headings], below: [["填表人：", "", "审核人："]], names: headings)
        let today = context.now.date
        let end = CivilDate.days(inMonth: today.month, of: today.year)
        let form = DemandedForm(
            id: ID(rawValue: 0), division: community, title: "老年人服务需求摸底表", issuer: "区民政局", basis: "演示用，没有文件依据",
            rhythm: .month, label: "aged", due: CivilDate(year: today.year, month: today.month, day: end),
            layout: layout,
            columns: [], version: 1)
        let commands = FormsCommands(services)
        let id = try await commands.register(form, context)
        _ = try await commands.open(id, period: "\(today.year)年\(today.month)月", context)
    }
}
