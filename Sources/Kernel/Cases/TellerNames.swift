import LinliCore
import LinliSQL
import LinliStandards

/// The names under which who tells a tip-off is known here, and where they live. In its words they are lifted like numbers:
/// whoever handles it never knows who told it. Of other needs there are none.
struct TellerNames: Sendable {
    private let names: [String]
    /// The homes known of them, by their numbers.
    private let homes: [[String]]
    /// Whether it is of a tip-off: then no number stands in the words either, also of who has no name here.
    let isSealed: Bool

    static let nobody = TellerNames([], isSealed: false)

    /// What stands in the place of a name: never longer, so that a text keeps within its limit.
    static let mask = "某某"
    /// What stands in the place of a phone or citizen number: its last digits would find whose it is.
    static let numberMask = "某号码"

    /// The longest first; one character alone would be found in other words.
    init(_ names: [String], homes: [[String]] = [], isSealed: Bool = true) {
        self.names = Set(names.map(\.trimmed).filter { $0.count > 1 }).sorted {
            ($1.count, $0) < ($0.count, $1)
        }
        self.homes = homes.filter { !$0.isEmpty }
        self.isSealed = isSealed
    }

    /// `text` without them.
    func hidden(in text: String) -> String {
        guard isSealed, !text.isEmpty else { return text }
        let numberless = TellerNames.withoutMasks(
            PersonalNumbers.replacing(in: text) { _ in TellerNames.numberMask })
        let doorless = TellerDoors.hidden(in: numberless, names: names, homes: homes)
        return names.reduce(doorless) { $0.replacing($1, with: TellerNames.mask) }
    }

    /// Answers to fields, or facts of a line, without them.
    func hidden(in answers: [String: String]) -> [String: String] {
        answers.mapValues { hidden(in: $0) }
    }

    /// `text` without numbers that were masked before it was a tip-off: `138****0104` still says how one ends.
    private static func withoutMasks(_ text: String) -> String {
        guard text.contains("****") else { return text }
        var (output, run) = ("", "")
        func close() {
            let isMask = run.contains("****") && run.contains { $0.isNumber }
            output += isMask ? numberMask : run
            run = ""
        }
        for character in text {
            if character.isASCII, character.isNumber || "*-Xx".contains(character) {
                run.append(character)
            } else {
                close()
                output.append(character)
            }
        }
        close()
        return output
    }
}

extension CaseCommands {
    /// Who is left out of the words of `draft`: of what another unit is to do of a tip-off, who told the whole. `keeper`
    /// stays nobody to others also where nothing else is kept of them.
    func tellerNames(of draft: CaseDraft, keeper: Actor) async throws -> TellerNames {
        if let whole = draft.parent { return try await database.read { tx in try tellerNames(of: whole, tx) } }
        guard draft.nature == .tipOff else { return .nobody }
        let account = draft.source.isForOthers ? nil : keeper.account
        let names = [draft.reporterName, account == nil ? "" : keeper.name]
        // The door they said, and the one of the place where the trouble is at their home.
        let said = CaseTeller.numbers(in: draft.home)
        let phone = draft.reporterPhone
        let known = try await database.read { tx in try homes(of: account, phone: phone, tx) }
        return TellerNames(names, homes: known + [said])
    }

    /// Who told a case that ever was a tip-off, or the whole that a case is a part of: by their account, and by the name
    /// and phone they gave with it. Those are opened to be hidden and shown to nobody.
    func tellerNames(of id: ID<Case>, _ tx: ReadTx) throws -> TellerNames {
        let found = try tx.first(
            """
            SELECT c.id, c.reporter_sealed, c.reporter_id, a.name
            FROM case_item c LEFT JOIN account a ON a.id = c.reporter_id
            WHERE c.id = (SELECT coalesce(p.parent_id, p.id) FROM case_item p WHERE p.id = \(id))
            AND (c.was_tip_off = 1 OR c.nature = \(NeedNature.tipOff))
            """
        ) { row -> (id: ID<Case>, sealed: [UInt8]?, account: ID<Account>?, name: String?) in
            (try row[0], try row[1], try row[2], try row[3])
        }
        guard let found else { return .nobody }
        var names = [found.name ?? ""]
        var phone = ""
        if let sealed = found.sealed {
            let contact = try database.keys.open(sealed, cell: Cell("case_item", "reporter_sealed", found.id.rawValue))
            // Name, phone and address of mail, each on its own line.
            let lines = contact.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            names += lines.prefix(1)
            phone = lines.count > 1 ? lines[1] : ""
        }
        return TellerNames(names, homes: try homes(of: found.account, phone: phone, tx))
    }

    /// Words about a case as they are kept beside it: numbers masked, and of a tip-off nothing that says who told it.
    func lifted(_ words: String, _ id: ID<Case>, _ tx: ReadTx) throws -> String {
        LiftedText(words.trimmed, hiding: try tellerNames(of: id, tx)).masked
    }

    /// The homes known of who has an account or a phone, by their numbers: as the register of people has them.
    private func homes(of account: ID<Account>?, phone: String, _ tx: ReadTx) throws -> [[String]] {
        let left = PhoneNumber(phone).map { database.keys.index($0.number, kind: "phone") }
        let own: [UInt8]? = try account.flatMap { id -> [UInt8]? in
            try tx.value("SELECT phone_index FROM account WHERE id = \(id)")
        }
        guard account != nil || left != nil else { return [] }
        let hashes = [left, own].compactMap { $0 }.map { RegisterHash.phone(index: $0, database.keys) }
        let addresses: [String] = try tx.all(
            """
            SELECT d.address FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
            WHERE r.valid_to IS NULL AND r.person_id IN (
                SELECT pa.person_id FROM person_account pa WHERE pa.account_id = \(account ?? ID(rawValue: 0))
                UNION
                SELECT p.id FROM person p WHERE p.phone_hash IN \(SQL.list(hashes)) AND p.valid_to IS NULL)
            ORDER BY r.id LIMIT 20
            """
        ) { try $0[0] }
        return addresses.map(TellerDoors.numbers(of:))
    }
}
