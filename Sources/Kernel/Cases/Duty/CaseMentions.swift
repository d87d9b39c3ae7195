import LinliCore
import LinliSQL

/// Who is named by `@` in a text: at the beginning or after a blank or a sign, so that an address of mail is none.
enum Mentions {
    /// What stands behind each `@`, up to the next blank or sign.
    static func words(in text: String) -> [String] {
        var found: [String] = []
        var isFree = true
        var current: String?
        for character in text {
            if let word = current {
                if character.isLetter || character.isNumber || character == "·" {
                    current = word + String(character)
                    continue
                }
                if !word.isEmpty { found.append(word) }
                current = nil
            }
            if character == "@" || character == "＠", isFree { current = "" }
            isFree = !(character.isASCII && (character.isLetter || character.isNumber))
        }
        if let word = current, !word.isEmpty { found.append(word) }
        return found
    }

    /// Whom the words name; nil for a word that begins with nobody's name. Chinese has no blank behind a name, so the
    /// longest name that a word begins with counts.
    static func named(_ word: String, among people: [(id: ID<Account>, name: String)]) -> [ID<Account>]? {
        let fitting = people.filter { word.hasPrefix($0.name) }
        guard let longest = fitting.map(\.name.count).max() else { return nil }
        return fitting.filter { $0.name.count == longest }.map(\.id)
    }
}

extension CaseCommands {
    /// Tells everybody an internal note names, when they may read the case.
    ///
    /// - Throws: `.invalid` for a name that nobody who may read the case has: nothing is sent into the void.
    func tellMentioned(in text: String, _ item: CaseRecord, _ tx: WriteTx) throws {
        let words = Mentions.words(in: text)
        guard !words.isEmpty else { return }
        let people = try readers(of: item, tx)
        for word in words.prefix(20) {
            guard let ids = Mentions.named(word, among: people) else {
                throw LinliError.invalid(
                    "cases.mention",
                    [
                        .init(
                            "text",
                            Text(
                                "能看到这件工单的人里没有“\(word.prefix(20))”，请核对名字",
                                "Nobody who may see this case is called “\(word.prefix(20))”; please check the name"
                            )
                        )
                    ]
                )
            }
            for id in ids where id != tx.context.actor.account { try notify(id, .mention, of: item, tx) }
        }
    }

    /// What the reporter reads calls no colleague: a name in it would alert nobody and be shown to a resident.
    ///
    /// - Throws: `.invalid` for words with an `@` before a name.
    func mustMentionNobody(in text: String) throws {
        guard let word = Mentions.words(in: text).first else { return }
        throw LinliError.invalid(
            "cases.mentionShown",
            [
                .init(
                    "text",
                    Text(
                        "诉求人也能看到的话里不能 @ 同事：去掉“@\(word.prefix(20))”，或者改成只给内部看",
                        "What the reporter reads cannot call a colleague: take out “@\(word.prefix(20))”, or keep it internal"
                    )
                )
            ]
        )
    }

    /// Staff who may read a case, each by what their duties allow now.
    private func readers(of item: CaseRecord, _ tx: WriteTx) throws -> [(id: ID<Account>, name: String)] {
        let levels: [DivisionCode.Level] = [.district, .street, .community, .grid]
        let divisions = Set(levels.map { item.division.ancestor(at: $0) }).sorted()
        let units = try CasesStore.parties(item.id, tx) + [item.handlerUnit].compactMap { $0 }
        let places: [SQL] = ["g.division IN \(SQL.list(divisions))", "g.unit_id IN \(SQL.list(units))"]
        var ids: Set<ID<Account>> = []
        for place in places {
            ids.formUnion(
                try tx.all(
                    """
                    SELECT DISTINCT g.account_id FROM access_grant g
                    WHERE \(place) AND g.valid_from <= \(tx.now) AND (g.valid_until IS NULL OR g.valid_until > \(tx.now))
                    LIMIT 500
                    """
                ) { try $0[0] }
            )
        }
        return try ids.sorted().compactMap { id in
            guard let account = try AccessStore.account(id, at: tx.now, tx),
                try Standing.isStaff(account.actor, item, tx)
            else { return nil }
            return (id, account.name)
        }
    }
}
