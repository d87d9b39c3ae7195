import LinliCore
import LinliKernel
import LinliStandards

/// What the lines of a case's history say to staff, on its page and in what is taken from it.
struct CaseHistory: Sendable {
    let view: CaseView

    /// What happened.
    func heading(_ entry: CaseEntry) -> Text {
        if let mark = CaseMark(rawValue: entry.transition) { return mark.name }
        switch entry.transition {
        case "report":
            return entry.toState == view.type.settled
                ? Text("上报，已当场解决", "Reported and settled on the spot") : Text("已收到", "Received")
        case "note": return entry.isVisible ? Text("补充情况", "Added") : Text("留言", "Note")
        default:
            guard let step = view.type.transitions.first(where: { $0.id == entry.transition }) else {
                return Text(same: entry.transition)
            }
            return view.type.done(step, wasAsked: view.wasAsked)
        }
    }

    /// Who did it. An entry names the unit that had the case: that is the actor's own only when a handler acted, and
    /// where it went when somebody dispatched.
    func who(_ entry: CaseEntry) -> Text {
        let step = view.type.transitions.first { $0.id == entry.transition }
        guard !entry.actorName.isEmpty else {
            if entry.transition == "report" { return view.item.source.name }
            if let said = entry.said { return Text("一起反映的人，\(said.number)", "One who told it too, \(said.number)") }
            if entry.isUnattributed, step?.by == [.reporter] {
                return Text("反映人中的一位，当时没有记下是谁", "One of those who told it; which one was not kept then")
            }
            if CaseMark(rawValue: entry.transition)?.isReporters == true { return Text("诉求人", "The resident") }
            let isClocks = step?.by == [.clock] || CaseMark(rawValue: entry.transition) != nil
            return isClocks ? Text("系统到时自动", "By the clock") : Text("诉求人", "The resident")
        }
        if entry.transition == CaseMark.voiceJoined.rawValue {
            return Text("代登：\(entry.actorName)", "Written down by \(entry.actorName)")
        }
        let actor = Text(same: entry.actorName)
        guard let step, !entry.unitName.zh.isEmpty else { return actor }
        if step.effects.contains(.assignUnit) { return actor + Text(" 派给 ", " to ") + entry.unitName }
        return step.by == [.handler] ? actor + Text(same: " · ") + entry.unitName : actor
    }

    /// What stands beside the text of a task that names a day which was moved since; nil where no other day is named.
    var outdatedDay: Text? {
        guard let named = view.outdatedDay, let due = view.dueBy else { return nil }
        let day = due.date.dayAndMonth
        return Text(
            "内容里的\(named)是最初约定的，已经改了，以\(day.zh)为准",
            "The day in the text was agreed first and has been moved: \(day.en) holds")
    }

    /// Who told it, as this reader may know: never more than a mask.
    var reporter: Text {
        let item = view.item
        // A part asks one unit to help: who told the whole stays with the whole.
        if item.parent != nil { return Text("见主办工单", "With the case it is part of") }
        if item.disclosure == .anonymous { return Text("匿名", "Anonymous") }
        if item.source == .grid, item.reporterMask.isEmpty { return Text("网格员巡查发现", "Found by a grid worker") }
        guard view.standing.seesReporter else {
            return Text("诉求人选择只让受理中心知道，有话通过这件工单说", "Known to the receiving office only: speak through this case")
        }
        guard item.reporterMask.isEmpty else { return Text(same: item.reporterMask) }
        return item.reporter == nil
            ? Text("没有留姓名电话", "Left no name or phone") : Text("登录的居民", "A signed-in resident")
    }
}

/// What somebody says something is read or taken away for; the audit keeps it.
enum StatedPurpose {
    static let limit = 200

    /// The purpose as the audit keeps it: never with a number somebody typed into it.
    ///
    /// - Throws: `.invalid` when it is too short to be one.
    static func read(_ text: String, _ id: String, example: Text) throws -> String {
        let purpose = String(text.trimmed.prefix(limit))
        guard purpose.count >= 4 else {
            throw LinliError.invalid(
                id,
                [
                    .init(
                        "purpose",
                        Text("请写明用途，如“\(example.zh)”", "Please say what for, such as “\(example.en)”"))
                ]
            )
        }
        return PersonalNumbers.replacing(in: purpose) { $0.masked }
    }
}
