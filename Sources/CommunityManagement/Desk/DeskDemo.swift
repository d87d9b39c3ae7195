import LinliCore
import LinliKernel
import LinliSQL

/// What the desk keeps in the demo community: prepared answers of three units, and lists a dispatcher named.
package enum DeskDemo {
    private static let answers: [(kind: UnitKind, name: String, text: String)] = [
        (.property, "约上门时间", "您好，您反映的事物业已收到。师傅今天下班后可以上门，请在家等候或者告诉我们方便的时间。"),
        (.property, "等配件", "配件已经订了，到货后当天更换，最迟三天。这期间请先不要使用，给您添麻烦了。"),
        (.property, "已修好，请核对", "已经修好，现场试过，照片在下面。请您看看还有没有问题。"),
        (.committee, "已联系有关单位", "您反映的事社区已联系负责的单位，今天会有人和您联系。"),
        (.committee, "需要多方商量", "这件事要几家一起商量，社区已约了时间到现场看，结果当天告诉您。"),
        (.streetCentre, "补充地点", "为了尽快派到负责的单位，请补充具体位置：哪个小区、几号楼、几单元。"),
    ]

    private static let lists: [(name: String, query: String, isShared: Bool)] = [
        ("超期的", "tab=late", true), ("电梯", "category=R0202", false),
    ]

    /// Puts them in where there are none yet; returns how many there are new.
    package static func install(_ services: Services, now: Instant) async throws -> Int {
        let database = services.database
        let units = try await database.read { tx in
            try tx.all("SELECT \(UnitSummary.columns) FROM unit u ORDER BY u.id") { try UnitSummary($0) }
        }
        let context = Context.system("demo", now: now)
        let missing = try await database.read { tx in
            try answers.compactMap { answer -> (UnitSummary, name: String, text: String)? in
                guard let unit = units.first(where: { $0.kind == answer.kind }),
                    try !tx.exists(
                        "SELECT 1 FROM reply_template WHERE unit_id = \(unit.id) AND name = \(answer.name)")
                else { return nil }
                return (unit, answer.name, answer.text)
            }
        }
        if !missing.isEmpty {
            try await database.write(context, "desk.addTemplate") { tx in
                for (unit, name, text) in missing { _ = try TemplateStore.insert(unit, name: name, text: text, tx) }
            }
        }
        return missing.count + (try await name(lists, units, services, now: now))
    }

    private static func name(
        _ lists: [(name: String, query: String, isShared: Bool)], _ units: [UnitSummary], _ services: Services,
        now: Instant
    ) async throws -> Int {
        let database = services.database
        let dispatcher = try await database.read { tx in
            try tx.first(
                """
                SELECT a.id, a.name FROM access_grant g JOIN account a ON a.id = g.account_id
                WHERE g.role = 'dispatcher' ORDER BY g.id LIMIT 1
                """
            ) { (id: try $0[0] as ID<Account>, name: try $0[1] as String) }
        }
        guard let dispatcher else { return 0 }
        let known: [String] = try await database.read { tx in
            try tx.all("SELECT name FROM desk_view WHERE account_id = \(dispatcher.id)") { try $0[0] }
        }
        let missing = lists.filter { !known.contains($0.name) }
        guard !missing.isEmpty else { return 0 }
        let context = Context(
            actor: Actor(.account(dispatcher.id), name: dispatcher.name), now: now, requestID: "demo")
        let centre = units.first { $0.kind == .streetCentre }?.id
        try await database.write(context, "desk.addView") { tx in
            for list in missing {
                _ = try DeskViewStore.insert(list.name, list.query, for: list.isShared ? centre : nil, tx)
            }
        }
        return missing.count
    }
}
