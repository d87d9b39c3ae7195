import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

extension CaseView {
    /// By when the work is to be done, as whoever told it may rely on: the earlier of what is promised and what a rule or
    /// another system sets, never the time of one step. Nil while neither runs: not sent on yet, standing still, done.
    var promisedBy: Instant? {
        guard item.isOpen, !item.isPaused else { return nil }
        let whole = type.clocks.filter { !$0.stopsAtContact }.map(\.id)
        guard !whole.isEmpty else {
            // A part of a case has the date it was given, or the time its work may take.
            return dueBy ?? (state.clock?.isElastic == true ? item.dueAt : nil)
        }
        let isOrder = order?.dueAt != nil
        let counting = clocks.filter { clock in
            whole.contains(clock.clock) && clock.isActive && !(isOrder && type.internalClocks.contains(clock.clock))
        }
        return counting.compactMap(\.dueAt).min()
    }
}

/// Words of the desk that more than one page says.
enum DeskWords {
    /// A state as staff read it.
    static func state(_ row: CaseRow, _ types: CaseTypes) -> Text {
        types.state(row.state, of: row.type)?.name ?? Text(same: row.state)
    }

    /// How a state is coloured.
    static func tone(_ state: CaseType.State?) -> Tone {
        switch state?.tab {
        case "received", "dispatched": .warn
        case "handling": .plain
        case "closed": ["withdrawn", CaseType.State.merged.id].contains(state?.id) ? .mute : .ok
        default: .mute
        }
    }

    /// When a case is due; while its clock stands still, when it goes on at the latest.
    static func due(_ row: CaseRow, now: Instant) -> HTML {
        guard row.isPaused else { return dueChip(row.dueAt, now: now) }
        let until = row.dueAt.relative(to: now)
        return tag(Text("挂账中，最迟\(until.zh) 恢复计时", "Paused until \(until.en) at the latest"), .mute)
    }

    /// What must happen before a state's deadline.
    static func verb(_ state: CaseType.State) -> Text? {
        if let verb = state.verb { return verb }
        switch state.tab {
        case "received": return Text("派单", "Dispatch")
        case "dispatched": return Text("签收", "Accept")
        case "handling": return Text("办完", "Finish")
        case "confirming": return Text("答复", "Answer expected")
        case "checking": return Text("核查", "Check")
        default: return nil
        }
    }

    /// What is said after a step went through; nil for a word nobody sends.
    static func done(_ step: String) -> Text? {
        switch step {
        case "dispatch": Text("已派单，承办单位现在就能看到。", "Dispatched: the unit sees it now.")
        case "accept": Text("已签收，由您办理。", "Accepted: it is yours now.")
        case "refuse": Text("已退单，调度员会另行派单。", "Returned: a dispatcher will send it elsewhere.")
        case "refuseAgain": Text("已退单，由上一级裁定归谁办。", "Returned: one level up decides whose it is.")
        case "rule": Text("已裁定，承办单位不能再退。", "Decided: the unit may not return it.")
        case "uphold": Text("复核成立，已退回重办。", "Upheld: it is done again.")
        case "upholdAppeal": Text("复核成立，已立案，等派遣。", "Upheld: it is filed and to be dispatched.")
        case "dismiss", "dismissAppeal": Text("复核意见已告诉诉求人。", "The reporter has been told the reasons.")
        case "ask": Text("申请已提交，等审批。", "Sent for a decision.")
        case "decide": Text("已审批。", "Decided.")
        case "resume": Text("已恢复计时。", "The clock runs again.")
        case "contact": Text("已记下这次联系。", "The contact was noted.")
        case "date": Text("办结时间已改，承办单位会看到。", "Its date was moved; the unit that has it sees that.")
        case "part": Text("已请对方协办。", "The other unit was asked.")
        case "finish": Text("已办完，等诉求人回话。", "Finished: the resident is asked now.")
        case "checkedAsked": Text("核查通过，等反映人评价。", "Checked: the reporter is asked now.")
        case "pass": Text("核查通过，已办结。", "Checked and closed.")
        case "fail": Text("核查不通过，已退回重办。", "Check failed: it goes back to work.")
        case "note": Text("已记下。", "Noted.")
        case "verify", "notSo", "file", "notFiled", "checked", "rework", "close", "agree", "redo", "cancel", "decline",
            "resend":
            Text("已办理。", "Done.")
        case "view": Text("列表已存下。", "The list was saved.")
        case "viewGone": Text("已去掉。", "Removed.")
        case "assign": Text("已交办。", "It was given.")
        case "assignAway": Text("这个人不在，工单转给了值班的。", "That person is away: it went to whoever is on duty.")
        case "supervise": Text("已列为督办，承办单位要答复。", "Under supervision: the unit must answer.")
        case "publish": Text("已公开，邻居现在就能看到。", "Public: neighbours see it now.")
        case "withhold": Text("不公开，邻居看不到。", "Private: neighbours do not see it.")
        case "merge": Text("已并案，每位反映人照样收到进展。", "Merged: everybody who told it is still told.")
        case "split": Text("已拆出来，单独办。", "Taken out: a case of its own again.")
        case "urgency": Text("紧急程度已改，时限重新计算了。", "Its urgency was changed, and its deadlines with it.")
        case "place": Text("地点已更正。", "The place was corrected.")
        case "classify": Text("性质和类别已更正。", "Nature and category were corrected.")
        case "confirm-kind": Text("性质和类别已确认。", "Nature and category were confirmed.")
        default: nil
        }
    }

    /// Clears what was typed into the form of a step that went through.
    static func draftDone(_ id: ID<Case>?, _ step: String?) -> HTML {
        guard let id, let step, done(step) != nil else { return .empty }
        return " data-draft-done=\"case-\(id)-\(step)\""
    }

    /// Asks whether a suggested category is right.
    static func confirm(_ suggestion: Suggestion) -> Text {
        guard let first = suggestion.categories.first, suggestion.category != nil else {
            return Text("从内容看不出是哪一类，请选一下", "The words do not say which kind it is: please choose")
        }
        let others = suggestion.categories.dropFirst().map(\.value.name)
        let zh = others.map(\.zh).joined(separator: "、")
        let en = others.map(\.en).joined(separator: ", ")
        return Text(
            "像是“\(first.value.name.zh)”（把握 \(first.percent)%），也可能是\(zh)。请核对一下再登记",
            "Probably “\(first.value.name.en)” (\(first.percent)% sure), or \(en). Please check and register again"
        )
    }

    /// What a category is called; its code when the catalogue does not have it.
    static func category(_ code: String, _ catalogue: EventCatalogue) -> Text {
        catalogue[code: code]?.name ?? Text(same: code)
    }
}
