import LinliCore
import LinliKernel
import LinliUI

extension OfflineEntriesPage {
    /// What was typed in work that was not taken, to be corrected and sent again; fields beside what stands there now.
    func typed(_ row: Row) -> HTML {
        guard row.asked.isEmpty else {
            return "\(each: row.asked.enumerated(), { index, difference in changed(difference, index, row) })"
        }
        let words: [HTML] = OfflineSync.correctable.compactMap { word($0, row) }
        return "\(each: words, { $0 })"
    }

    private func changed(_ difference: OfflineOutcome.Difference, _ index: Int, _ row: Row) -> HTML {
        guard let registered = RegisterField.named(difference.field),
            let sides = OfflineEntriesPage.sides(of: difference)
        else { return .empty }
        let id = "fix-\(row.entry.id)-\(index)"
        let name = row.whose?.people[difference.id].map { "\($0) · " } ?? ""
        return field(
            Text(same: name) + sides.name, for: id, hint: Text("现在：\(sides.theirs.zh)", "Now: \(sides.theirs.en)"),
            control(registered, difference.mine, id: id, name: "fix-\(index)"))
    }

    /// A word of work that is no change of fields; nil where it has none of this name.
    private func word(_ name: String, _ row: Row) -> HTML? {
        guard case .text(let value)? = row.entry.body[name] else { return nil }
        let (id, named) = ("fix-\(row.entry.id)-\(name)", "fix-\(name)")
        if let registered = RegisterField.named("person.\(name)"), row.entry.body.text("kind") == "member" {
            return field(registered.name, for: id, control(registered, value, id: id, name: named))
        }
        switch name {
        case "relation":
            let words = HouseholdRelation.allCases.map { (value: $0.rawValue, text: $0.name) }
            return field(Text("与户主关系", "To the head"), for: id, select(named, id: id, words, selected: value))
        case "tie":
            let words = ResidenceTie.allCases.map { (value: $0.rawValue, text: $0.name) }
            return field(Text("居住情况", "Lives here as"), for: id, select(named, id: id, words, selected: value))
        case "day":
            let input: HTML =
                "<input id=\"\(id)\" name=\"\(named)\" type=\"date\" autocomplete=\"off\" value=\"\(value)\">"
            return field(
                row.entry.body.text("kind") == "gone" ? Text("是哪天的事", "On which day") : Text("从哪天起住", "Since"),
                for: id, hint: Text("空着就是今天。", "Left empty it is today."), optional: true, input)
        case "text":
            return field(Text("内容", "What it says"), for: id, area(value, id: id, name: named))
        case "location":
            return field(Text("在哪里", "Where"), for: id, input(value, "text", 120, id: id, name: named))
        case "settled":
            return field(Text("当场做了什么", "What was done"), for: id, optional: true, area(value, id: id, name: named))
        default: return nil
        }
    }

    private func control(_ registered: RegisterField, _ value: String, id: String, name: String) -> HTML {
        let unknown = Text("不清楚", "Not known")
        switch registered.value {
        case .choice(let choices):
            let words = choices.map { (value: $0.id, text: $0.name) }
            return select(name, id: id, words, selected: value, empty: unknown)
        case .flag:
            let words = [(value: "1", text: Text("是", "Yes")), (value: "0", text: Text("否", "No"))]
            return select(name, id: id, words, selected: value, empty: unknown)
        case .day:
            return "<input id=\"\(id)\" name=\"\(name)\" type=\"date\" autocomplete=\"off\" value=\"\(value)\">"
        case .phone: return input(value, "tel", 30, id: id, name: name)
        case .text(let limit): return input(value, "text", limit, id: id, name: name)
        case .whole, .decimal, .citizenNumber, .creditCode, .componentCode, .point:
            return input(value, "text", 30, id: id, name: name)
        }
    }

    private func input(_ value: String, _ type: String, _ limit: Int, id: String, name: String) -> HTML {
        """
        <input id="\(id)" name="\(name)" type="\(type)" maxlength="\(limit)" autocomplete="off" value="\(value)">
        """
    }

    private func area(_ value: String, id: String, name: String) -> HTML {
        "<textarea id=\"\(id)\" name=\"\(name)\" rows=\"3\" maxlength=\"1000\">\(value)</textarea>"
    }
}
