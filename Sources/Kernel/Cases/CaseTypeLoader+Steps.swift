import LinliCore
import Yams

/// What comes with a step besides words and pictures: fields of the definition, and why a case is given back.
extension CaseTypeLoader {
    /// What stands before the name of a field in `requires` and `allows`.
    static let fieldMark = "field:"

    /// The named requirements of a transition; fields are read by `fieldNames`.
    mutating func requirements(_ node: Node, _ key: String) -> [CaseType.Requirement] {
        guard node[key] != nil else { return [] }
        return words(node, key).filter { !$0.hasPrefix(CaseTypeLoader.fieldMark) }.compactMap { name in
            if let requirement = CaseType.Requirement(rawValue: name) { return requirement }
            let known = CaseType.Requirement.allCases.map(\.rawValue) + [CaseTypeLoader.fieldMark + "NAME"]
            note(
                node[key] ?? node,
                Text(
                    "“\(name)”不对，只能是：\(known.joined(separator: "、"))",
                    "\"\(name)\" is not one of: \(known.joined(separator: ", "))"))
            return nil
        }
    }

    /// The fields that a transition names.
    func fieldNames(_ node: Node, _ key: String) -> [String] {
        guard let list = node[key]?.sequence else { return [] }
        return list.compactMap(\.string).filter { $0.hasPrefix(CaseTypeLoader.fieldMark) }
            .map { String($0.dropFirst(CaseTypeLoader.fieldMark.count)) }
    }

    /// Why a unit may give a case back.
    mutating func returnReasons(_ root: Node) -> [CaseType.ReturnReason] {
        guard root["returnReasons"] != nil else { return isKept ? CaseTypeLoader.reasonsBefore : [] }
        return entries(root, "returnReasons").map { id, node in
            CaseType.ReturnReason(id: id, name: text(node, "name"), needsBasis: flag(node, "basis"))
        }
    }

    /// What every definition went by that was stored before it had reasons of its own.
    private static let reasonsBefore: [CaseType.ReturnReason] = [
        .init(id: "notOurs", name: Text("不属于本单位职责", "Not our duty"), needsBasis: true),
        .init(id: "wrongPlace", name: Text("不在本单位辖区", "Not in our area"), needsBasis: true),
        .init(id: "duplicate", name: Text("同一事项正在办理", "The same is being handled"), needsBasis: true),
        .init(
            id: "otherProcedure", name: Text("应走诉讼、仲裁、复议等法定途径", "Another lawful procedure"), needsBasis: true),
    ]

    /// Notes fields and reasons of steps that are not there, or that nobody could give.
    mutating func checkSteps(_ type: CaseType, _ root: Node) {
        let nodes = root["transitions"] ?? root
        for way in type.transitions { checkFields(of: way, type, nodes[way.id] ?? nodes) }
        let named = Set(type.transitions.flatMap { $0.requiredFields + $0.allowedFields })
        let fields = root["fields"] ?? root
        for field in type.fields {
            let node = fields[field.id] ?? fields
            if field.isOfSteps, !named.contains(field.id) {
                note(
                    node,
                    Text(
                        "字段 \(field.id) 是办理时填的，却没有哪个步骤用到",
                        "field \(field.id) is asked at steps, but no transition names it"))
            }
            let other = field.condition.flatMap { condition in type.fields.first { $0.id == condition.field } }
            if let other, other.isOfSteps, !field.isOfSteps {
                note(
                    node,
                    Text(
                        "字段 \(field.id) 登记时就要填，却取决于办理时才填的 \(other.id)",
                        "field \(field.id) is asked at first and depends on \(other.id), which is asked at steps"))
            }
        }
        let reasons = root["returnReasons"] ?? root
        for reason in type.returnReasons where !reason.id.isName(upTo: 40) {
            note(
                reasons[reason.id] ?? reasons,
                Text(
                    "“\(reason.id)”只能是 40 个以内的字母和数字", "\"\(reason.id)\" must be a word of at most 40 letters and digits"
                ))
        }
    }

    private mutating func checkFields(of way: CaseType.Transition, _ type: CaseType, _ node: Node) {
        if way.requires.contains(.reasonClass), type.returnReasons.isEmpty {
            note(
                node,
                Text(
                    "步骤 \(way.id) 要 reasonClass，却没有写 returnReasons",
                    "transition \(way.id) requires a reasonClass, but returnReasons is missing"))
        }
        let names = way.requiredFields + way.allowedFields
        guard !names.isEmpty else { return }
        for (index, name) in names.enumerated() {
            let field = type.fields.first { $0.id == name }
            if field == nil || CaseType.Field.ofEveryForm.contains(name) {
                note(
                    node,
                    Text(
                        "步骤 \(way.id) 用到的字段“\(name)”不存在",
                        "transition \(way.id) names field \"\(name)\", which does not exist"))
            }
            if names.dropFirst(index + 1).contains(name) {
                note(node, Text("步骤 \(way.id) 写了两遍字段“\(name)”", "transition \(way.id) names field \"\(name)\" twice"))
            }
            let other = field?.condition.flatMap { condition in type.fields.first { $0.id == condition.field } }
            if let other, other.isOfSteps, !names.contains(other.id) {
                note(
                    node,
                    Text(
                        "步骤 \(way.id) 要填 \(name)，它取决于 \(other.id)，却没有要填 \(other.id)",
                        "transition \(way.id) asks for \(name), which depends on \(other.id), but not for that"))
            }
        }
        // Taken without a form of its own: by time, by a ruling from elsewhere, by an answer on the phone.
        let isByItself = way.by.contains(.clock) || way.guards.contains(.returned)
        let isAnswer = way.effects.contains(.rate) || way.effects.contains(.contest)
        if isByItself || isAnswer {
            note(
                node,
                Text(
                    "步骤 \(way.id) 不经表单就走，不能要求填字段",
                    "transition \(way.id) is taken without a form and may not ask for fields"))
        }
    }
}
