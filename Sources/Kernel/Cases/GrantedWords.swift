import LinliCore

/// What who told a case reads of a pause or of more time that was granted. The history keeps it in Chinese, as it was
/// said and as the audit proves it; the parts that are nobody's own words are shown in the reader's language.
enum GrantedWords {
    static let wanted = Text("需要您：", "Needed from you: ")
    static let decision = Text("审批意见：", "Decision: ")

    static func reason(_ name: Text) -> Text { Text("原因：\(name.zh)。", "Reason: \(name.en). ") }

    /// `kept`, a line of the history, in both languages: what staff wrote stays as it is.
    static func read(_ kept: String, _ reasons: [CaseType.Choice]) -> Text {
        guard let begins = reasons.map({ reason($0.name) }).first(where: { kept.hasPrefix($0.zh) }) else {
            return Text(same: kept)
        }
        var rest = String(kept.dropFirst(begins.zh.count))
        if rest.hasPrefix(wanted.zh) {
            rest = wanted.en + String(rest.dropFirst(wanted.zh.count))
            rest = rest.replacing("\n" + decision.zh, with: "\n" + decision.en, maxReplacements: 1)
        } else if rest.hasPrefix(decision.zh) {
            rest = decision.en + String(rest.dropFirst(decision.zh.count))
        }
        return Text(kept, begins.en + rest)
    }
}

extension CaseView {
    /// The words of a line of the history in the language of who reads them, as far as they are not somebody's own.
    package func words(of entry: CaseEntry) -> Text {
        let kind = CaseRequestKind.allCases.first { CaseMark.of($0, .granted).rawValue == entry.transition }
        guard let kind, kind != .exclude, entry.isVisible else { return Text(same: entry.text) }
        return GrantedWords.read(entry.text, type.requests.first { $0.kind == kind }?.reasons ?? [])
    }
}
