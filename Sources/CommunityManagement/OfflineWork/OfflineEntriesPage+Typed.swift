import LinliCore
import LinliKernel
import LinliUI

extension OfflineEntriesPage {
    /// What was typed in work that was not taken, to be corrected and sent again; fields beside what stands there now.
    func typed(_ row: Row) -> HTML {
        if let form = row.form { return asked(form, row) }
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
        // Nobody sees what is kept closely: it stays where nothing is typed, and goes where that is said.
        let isClosed = registered.fieldClass != .basic && difference.theirs != ""
        let now = Text("现在：\(sides.theirs.zh)", "Now: \(sides.theirs.en)")
        return """
            \(field(
                Text(same: name) + sides.name, for: id, hint: isClosed ? now + leftEmpty : now,
                control(registered, difference.mine, id: id, name: "fix-\(index)", isClosed: isClosed)))\
            \(when: isClosed, removing(index, Text(same: name) + sides.name, row))
            """
    }

    private var leftEmpty: Text {
        Text("。空着就不改，要删掉的勾上“清掉”。", ". Left empty it stays; tick to take it away.")
    }

    private func removing(_ index: Int, _ name: Text, _ row: Row) -> HTML {
        """
        <label class="check"><input type="checkbox" name="fix-\(index)-\(OfflineSync.removes)" value="1"\
        \(when: isRemoved(index, row), " checked")><span>\(Text("清掉\(name.zh)", "Take away: \(name.en)"))</span></label>
        """
    }

    /// Whether it was said of a change before that what stands there goes.
    private func isRemoved(_ index: Int, _ row: Row) -> Bool {
        guard case .array(let changes)? = row.entry.body["changes"], changes.indices.contains(index),
            case .object(let change) = changes[index]
        else { return false }
        return change.flag(OfflineSync.removes)
    }

    /// A word of work that is no change of fields; nil where it has none of this name.
    private func word(_ name: String, _ row: Row) -> HTML? {
        let kind = row.entry.body.text("kind")
        // The day may be said now, too, where none was.
        guard row.entry.body[name] != nil || name == "day" && ["member", "gone"].contains(kind) else { return nil }
        let value = row.entry.body.text(name)
        let (id, named) = ("fix-\(row.entry.id)-\(name)", "fix-\(name)")
        if let registered = RegisterField.named("person.\(name)"), kind == "member" {
            return field(registered.name, for: id, control(registered, value, id: id, name: named))
        }
        switch name {
        case "relation":
            let words = HouseholdRelation.allCases.map { (value: $0.rawValue, text: $0.name) }
            return field(
                Text("与户主关系", "To the head"), for: id, select(named, id: id, words, selected: value, empty: choose))
        case "tie":
            let words = ResidenceTie.allCases.map { (value: $0.rawValue, text: $0.name) }
            return field(
                Text("居住情况", "Lives here as"), for: id, select(named, id: id, words, selected: value, empty: choose))
        case "day":
            return day(
                value, kind == "gone" ? Text("是哪天的事", "On which day") : Text("从哪天起住", "Since"), id: id, name: named)
        case "text":
            return field(Text("内容", "What it says"), for: id, area(value, id: id, name: named))
        case "location":
            return field(Text("在哪里", "Where"), for: id, input(value, "text", 120, id: id, name: named))
        case "settled":
            return field(Text("当场做了什么", "What was done"), for: id, optional: true, area(value, id: id, name: named))
        default: return nil
        }
    }

    /// What nobody chose is asked, and never the first of the list.
    private var choose: Text { Text("请选", "Please choose") }

    /// A day; of one that cannot be read it is told what was typed, and another is asked.
    private func day(_ value: String, _ label: Text, id: String, name: String) -> HTML {
        let isWrong = isNoDay(value)
        let today = Text("空着就是今天。", "Left empty it is today.")
        let typed = Text("手机里填的是“\(value)”，看不出是哪天，请重新选。", "The phone has “\(value)”, which is no day: choose it again.")
        return field(
            label, for: id, hint: isWrong ? typed : today, optional: !isWrong, date(value, id: id, name: name))
    }

    private func isNoDay(_ value: String) -> Bool { !value.trimmed.isEmpty && CivilDate(value.trimmed) == nil }

    /// What is no day is shown by no control of a day: left empty there it would go without anybody meaning it.
    private func date(_ value: String, id: String, name: String) -> HTML {
        """
        <input id="\(id)" name="\(name)" type="date" autocomplete="off"\(when: isNoDay(value), " required") \
        value="\(isNoDay(value) ? "" : value)">
        """
    }

    // MARK: What is completed

    /// The controls of work of which more than words is asked, and where what cannot be completed here is done anew.
    private func asked(_ form: OfflineForm, _ row: Row) -> HTML {
        let kept = row.entry.pictures.photos.count
        return """
            \(form.missing.map { notice($0, .warn) })\
            \(form.path.map { "<p><a class=\"btn weak\" href=\"\($0)\">\(Text("去重新做一次", "Do it again there"))</a></p>" as HTML })\
            \(each: form.controls, { one($0, row) })\
            \(form.photos.map { photos($0, kept: kept, row) })
            """
    }

    private func one(_ asked: OfflineForm.Control, _ row: Row) -> HTML {
        let (id, name) = ("fix-\(row.entry.id)-\(asked.id)", "fix-\(asked.id)")
        let control: HTML
        switch asked.kind {
        case .choice(let choices, let empty):
            control = select(name, id: id, choices, selected: asked.value, empty: empty)
        case .line(let limit): control = input(asked.value, "text", limit, id: id, name: name)
        case .words(let limit): control = area(asked.value, limit, id: id, name: name)
        }
        return field(asked.name, for: id, hint: asked.hint, optional: asked.isOptional, control)
    }

    private func photos(_ photos: OfflineForm.Photos, kept: Int, _ row: Row) -> HTML {
        let id = "fix-\(row.entry.id)-after"
        let input: HTML = "<input id=\"\(id)\" type=\"file\" name=\"after\" accept=\"image/*\">"
        return """
            \(when: kept < FormPhotos.limit,
                PhotoPicker(
                    id: "fix-\(row.entry.id)-photos", kept: [], error: nil, isOptional: photos.isOptional || kept > 0
                ).html)\
            \(when: photos.takesAfter, field(
                Text("处理后的照片", "A photo of it now"), for: id, hint: Text("当场解决的要有。", "Needed when it is settled."),
                optional: true, input))
            """
    }

    private func control(
        _ registered: RegisterField, _ value: String, id: String, name: String, isClosed: Bool = false
    ) -> HTML {
        let unknown = isClosed ? Text("不改", "As it is") : Text("不清楚", "Not known")
        switch registered.value {
        case .choice(let choices):
            let words = choices.map { (value: $0.id, text: $0.name) }
            return select(name, id: id, words, selected: value, empty: unknown)
        case .flag:
            let words = [(value: "1", text: Text("是", "Yes")), (value: "0", text: Text("否", "No"))]
            return select(name, id: id, words, selected: value, empty: unknown)
        case .day:
            return date(value, id: id, name: name)
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

    private func area(_ value: String, _ limit: Int = 1000, id: String, name: String) -> HTML {
        "<textarea id=\"\(id)\" name=\"\(name)\" rows=\"3\" maxlength=\"\(limit)\">\(value)</textarea>"
    }
}
