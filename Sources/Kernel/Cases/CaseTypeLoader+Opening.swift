import LinliCore
import LinliStandards
import Yams

/// Who may begin a case of a type.
extension CaseTypeLoader {
    mutating func opening(_ root: Node) -> CaseType.Opening? {
        guard let node = root["opens"] else { return nil }
        let by: [CaseType.Opening.Door] = choices(node, "by")
        if by.isEmpty {
            note(
                node,
                Text(
                    "“by”是空的；只由程序登记的类型不用写“opens”",
                    "\"by\" names nobody; leave \"opens\" out for a type that only the program begins"))
        }
        return CaseType.Opening(
            by: by,
            icon: node["icon"] == nil ? "report" : word(node, "icon"),
            hint: node["hint"] == nil ? nil : text(node, "hint"),
            categories: node["categories"] == nil ? [] : words(node, "categories"),
            otherwise: node["otherwise"] == nil ? "" : word(node, "otherwise"),
            natures: node["natures"] == nil ? [] : choices(node, "natures"),
            spots: node["spots"] == nil ? [] : choices(node, "spots")
        )
    }

    /// Notes categories that no table has.
    mutating func checkOpening(_ type: CaseType, _ root: Node) {
        guard let opening = type.opening, let node = root["opens"] else { return }
        let known: [EventCategory]
        do {
            known = try EventCatalogue.shared().all
        } catch {
            note(node, Text("读不了事项分类表：\(error)", "the table of categories cannot be read: \(error)"))
            return
        }
        for code in opening.categories where !known.contains(where: { $0.code.hasPrefix(code) }) {
            note(node["categories"] ?? node, Text("没有“\(code)”这个类别", "there is no category \"\(code)\""))
        }
        guard !opening.otherwise.isEmpty else { return }
        if let category = known.first(where: { $0.code == opening.otherwise }) {
            if !opening.takes(category) {
                note(
                    node["otherwise"] ?? node,
                    Text(
                        "“\(opening.otherwise)”不在它受理的类别里", "\"\(opening.otherwise)\" is none of the categories it takes"
                    ))
            }
        } else {
            note(
                node["otherwise"] ?? node,
                Text("没有“\(opening.otherwise)”这个类别", "there is no category \"\(opening.otherwise)\""))
        }
    }
}
