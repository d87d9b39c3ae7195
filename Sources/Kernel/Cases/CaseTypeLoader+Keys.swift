import LinliCore
import Yams

/// The words a definition is made of. One that is misspelt is refused and not passed over: with `gaurds:` for `guards:` a
/// step would be open to everybody, and nobody would see it.
extension CaseTypeLoader {
    private static let ofTypes: Set<String> = [
        "id", "version", "name", "numberPrefix", "routing", "fields", "returnReasons", "states", "initial", "assigned",
        "settled", "found", "opens", "transitions", "clocks", "requests", "retentionDays", "visibility", "reopenDays",
        "reviews", "noReview", "rating",
    ]
    private static let ofOpenings: Set<String> = ["by", "icon", "hint", "categories", "otherwise", "natures", "spots"]
    private static let ofFields: Set<String> = [
        "name", "atSteps", "hint", "kind", "required", "limit", "choices", "when",
    ]
    private static let ofStates: Set<String> = [
        "name", "resident", "tab", "verb", "step", "owner", "clock", "ladder", "final",
    ]
    private static let ofClocks: Set<String> = [
        "name", "basis", "kind", "minutes", "percent", "urgentMinutes", "natures", "starts", "stops", "stopsAtContact",
        "elastic", "ladder",
    ]
    private static let ofRequests: Set<String> = ["from", "by", "reasons", "capMinutes", "limit"]
    private static let ofTransitions: Set<String> = [
        "name", "done", "from", "to", "by", "requires", "allows", "guards", "effects", "visible",
    ]

    /// Notes every word that means nothing where it stands.
    mutating func checkKeys(_ root: Node) {
        checkKeys(root, CaseTypeLoader.ofTypes)
        if let opens = root["opens"] { checkKeys(opens, CaseTypeLoader.ofOpenings) }
        if let rating = root["rating"] { checkKeys(rating, ["days"]) }
        checkKeys(below: "returnReasons", root, ["name", "basis"])
        checkKeys(below: "requests", root, CaseTypeLoader.ofRequests)
        checkKeys(below: "transitions", root, CaseTypeLoader.ofTransitions)
        for field in checkKeys(below: "fields", root, CaseTypeLoader.ofFields) {
            if let when = field["when"] { checkKeys(when, ["field", "is"]) }
        }
        for state in checkKeys(below: "states", root, CaseTypeLoader.ofStates) {
            if let clock = state["clock"] { checkKeys(clock, ["minutes", "kind", "urgentMinutes", "elastic"]) }
            checkRungs(state)
        }
        for clock in checkKeys(below: "clocks", root, CaseTypeLoader.ofClocks) { checkRungs(clock) }
    }

    private mutating func checkRungs(_ node: Node) {
        guard let rungs = node["ladder"]?.sequence else { return }
        for rung in rungs {
            checkKeys(rung, ["action", "percent", "overdueMinutes", "everyMinutes"])
        }
    }

    /// Notes the odd words of everything below a key; returns what stands there.
    @discardableResult
    private mutating func checkKeys(below key: String, _ root: Node, _ known: Set<String>) -> [Node] {
        let nodes = root[key]?.entries?.map(\.1) ?? []
        for node in nodes { checkKeys(node, known) }
        return nodes
    }

    private mutating func checkKeys(_ node: Node, _ known: Set<String>) {
        for (key, value) in node.entries ?? [] where !known.contains(key) {
            note(
                value,
                Text(
                    "“\(key)”在这里没有意义；可以写的有：\(known.sorted().joined(separator: "、"))",
                    "\"\(key)\" means nothing here; known are: \(known.sorted().joined(separator: ", "))"))
        }
    }
}
