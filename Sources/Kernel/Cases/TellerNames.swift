import LinliCore
import LinliSQL
import LinliStandards

/// The names under which who tells a tip-off is known here. In its words they are lifted like numbers: whoever handles it
/// never knows who told it. Of other needs there are none.
struct TellerNames: Sendable {
    private let names: [String]

    static let nobody = TellerNames([])

    /// What stands in the place of a name: never longer, so that a text keeps within its limit.
    static let mask = "某某"

    /// The longest first; one character alone would be found in other words.
    init(_ names: [String]) {
        self.names = Set(names.map(\.trimmed).filter { $0.count > 1 }).sorted {
            ($1.count, $0) < ($0.count, $1)
        }
    }

    /// What is known of who tells `draft`, before anything of it is left out: the name they give, and that of the account
    /// of `keeper`, who stays nobody to others also where nothing else is kept of them.
    init(of draft: CaseDraft, keeper: Actor) {
        guard draft.nature == .tipOff else {
            self = .nobody
            return
        }
        self.init([draft.reporterName, draft.source.isForOthers || keeper.account == nil ? "" : keeper.name])
    }

    /// `text` without them.
    func hidden(in text: String) -> String {
        names.reduce(text) { $0.replacing($1, with: TellerNames.mask) }
    }
}

extension CaseCommands {
    /// The names of who told a tip-off: of their account, and the one they gave with it. That one is opened to be hidden
    /// and shown to nobody.
    func tellerNames(of id: ID<Case>, _ tx: ReadTx) throws -> TellerNames {
        let found = try tx.first(
            """
            SELECT c.reporter_sealed, a.name FROM case_item c LEFT JOIN account a ON a.id = c.reporter_id
            WHERE c.id = \(id) AND c.nature = \(NeedNature.tipOff)
            """
        ) { row -> (sealed: [UInt8]?, name: String?) in (try row[0], try row[1]) }
        guard let found else { return .nobody }
        var names = [found.name ?? ""]
        if let sealed = found.sealed {
            let contact = try database.keys.open(sealed, cell: Cell("case_item", "reporter_sealed", id.rawValue))
            // Name, phone and address of mail, each on its own line.
            names += contact.split(separator: "\n", omittingEmptySubsequences: false).prefix(1).map(String.init)
        }
        return TellerNames(names)
    }
}
