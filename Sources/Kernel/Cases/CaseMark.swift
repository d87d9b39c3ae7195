import LinliCore

/// What a line of the history says that is neither a transition nor somebody's words.
package enum CaseMark: String, Sendable, CaseIterable {
    case askPause, grantPause, denyPause, resume
    case askExtend, grantExtend, denyExtend
    case askExclude, grantExclude, denyExclude
    case remind, supervise, raise
    case gridMoved
    case contact, addPart, partDate, against, foundAccused, passedOn, copied
    case followUp, followUpMissed, followUpDeclined
    case answeredSolved, answeredUnsolved, saidUnsolved
    case superviseByHand, answerSupervision, liftSupervision
    case whistleDraft, whistleConfirm, whistleCall, whistleAnswer, whistleArrive, whistleMiss, whistleMinutes
    case whistleClose, whistleScore, whistleWithdraw
    case voiceJoined, voiceAdded, voiceSolved, voiceUnsolved, voiceLeft, merged, absorbed, split, splitOff
    case assign, assignRoster
    case urgent, notUrgent
    case placeCorrected, classified, confirmedCategory, confirmedNature
    case orderUpdate, orderDeadline, orderDiffers, orderSeen, orderReply, orderPrivate, orderAgain
    case orderAskRefuse, orderGrantRefuse, orderDenyRefuse
    case orderAskExtend, orderGrantExtend, orderDenyExtend
    case orderAskExclude, orderGrantExclude, orderDenyExclude

    /// Whether it is the reporter's own word.
    package var isReporters: Bool {
        [
            .answeredSolved, .answeredUnsolved, .saidUnsolved, .voiceJoined, .voiceAdded, .voiceSolved, .voiceUnsolved,
            .voiceLeft,
        ].contains(self)
    }

    /// What the history says.
    package var name: Text {
        switch self {
        case .askPause: Text("申请挂账（暂停计时）", "Asked to pause the clock")
        case .grantPause: Text("同意挂账，暂停计时", "Pause granted: the clock stands still")
        case .denyPause: Text("不同意挂账", "Pause refused")
        case .resume: Text("恢复计时", "The clock runs again")
        case .askExtend: Text("申请延期", "Asked for more time")
        case .grantExtend: Text("同意延期", "More time granted")
        case .denyExtend: Text("不同意延期", "More time refused")
        case .askExclude: Text("申请不计入考核", "Asked to leave it out of the rates")
        case .grantExclude: Text("同意不计入考核", "Left out of the rates")
        case .denyExclude: Text("不同意剔除，照常计入", "Stays in the rates")
        case .remind: Text("时限临近，已提醒", "Reminded: time is running out")
        case .supervise: Text("超过时限，转督办", "Overdue: under supervision")
        case .raise: Text("仍未办结，上报上一级", "Still open: raised one level")
        case .gridMoved: Text("网格调整，换了网格", "The grids were redrawn: it lies in another one")
        case .assign: Text("指定经办人", "Given to somebody of the unit")
        case .assignRoster: Text("交给值班处理", "Given to who is on duty")
        case .superviseByHand: Text("列为督办", "Taken under supervision")
        case .answerSupervision: Text("答复督办", "Answered the supervision")
        case .liftSupervision: Text("解除督办", "Supervision lifted")
        case .urgent: Text("改为紧急，按紧急计时", "Urgent from now on: it counts around the clock")
        case .notUrgent: Text("不再按紧急计时", "Not urgent any more")
        case .classified: Text("更正了性质、类别", "Corrected nature and kind")
        case .confirmedCategory: Text("确认了类别", "Confirmed the kind")
        case .confirmedNature: Text("确认了性质", "Confirmed what is wanted")
        case .placeCorrected: Text("更正了地点", "Corrected where it is")
        case .contact: Text("联系了诉求人", "Spoke with the reporter")
        case .against: Text("核对了被投诉的单位", "Checked which unit it is against")
        case .foundAccused: Text("按反映人的话判断的被投诉单位，请核对", "Whom it is against, by the reporter's words: please check")
        case .addPart: Text("请其他单位协办", "Asked another unit for a part")
        case .partDate: Text("改了协办的办结时间", "Moved the date of a part")
        case .copied: Text("抄送区里", "Copied to the district")
        case .passedOn: Text("改了类别，社区不能主办，按派单目录转出", "A community may not lead the new kind: passed on by the catalogue")
        case .followUp: Text("电话回访，记下诉求人的答复", "Follow-up call: the reporter's answer was written down")
        case .followUpMissed: Text("电话回访，没有联系上", "Follow-up call: not reached")
        case .followUpDeclined: Text("电话回访，诉求人不愿答复", "Follow-up call: the reporter does not want to answer")
        case .answeredSolved: Text("诉求人补充答复：解决了", "The reporter answered later: solved")
        case .voiceJoined: Text("又有一位居民反映同一件事", "One more resident told the same")
        case .voiceAdded: Text("一位反映人补充了情况", "One of those who told it added something")
        case .voiceSolved: Text("一位反映人说解决了", "One of those who told it says it is solved")
        case .voiceUnsolved: Text("一位反映人说没解决", "One of those who told it says it is not solved")
        case .saidUnsolved: Text("诉求人说没解决，要求重办", "The reporter says it is not solved and wants it done again")
        case .voiceLeft: Text("一位反映人撤回了", "One of those who told it took it back")
        case .merged: Text("并入另一件工单一起办", "Became part of another case")
        case .absorbed: Text("并入了另一件反映同一件事的工单", "Another case about the same became part of this one")
        case .split: Text("拆出来单独办", "Taken out again, a case of its own")
        case .splitOff: Text("拆出了一件工单", "One case was taken out again")
        case .answeredUnsolved: Text("诉求人补充答复：没解决", "The reporter answered later: not solved")
        default: whistleName
        }
    }

    /// What the history says of a whistle.
    private var whistleName: Text {
        switch self {
        case .whistleDraft: Text("写好吹哨，等书记确认", "Whistle drafted: waits for the secretary")
        case .whistleConfirm: Text("书记已知悉应急哨", "The secretary knows of the emergency whistle")
        case .whistleCall: Text("吹哨，请有关单位到场", "Whistled: units are called to the spot")
        case .whistleAnswer: Text("报到单位答复谁来", "A called unit said who comes")
        case .whistleArrive: Text("到场签到", "Signed in on the spot")
        case .whistleMiss: Text("过了报到时限没有到场，转督办", "Did not come in time: under supervision")
        case .whistleMinutes: Text("现场商定谁牵头、怎么分工", "Agreed on the spot who leads")
        case .whistleClose: Text("吹哨结束", "The whistle is over")
        case .whistleScore: Text("给报到单位打分", "A called unit was scored")
        case .whistleWithdraw: Text("撤回吹哨", "The whistle was taken back")
        default: orderName
        }
    }

    /// The line for what became of a request.
    static func of(_ kind: CaseRequestKind, _ state: CaseRequest.State) -> CaseMark {
        switch (kind, state) {
        case (.pause, .waiting): .askPause
        case (.pause, .granted): .grantPause
        case (.pause, .denied): .denyPause
        case (.extend, .waiting): .askExtend
        case (.extend, .granted): .grantExtend
        case (.extend, .denied): .denyExtend
        case (.exclude, .waiting): .askExclude
        case (.exclude, .granted): .grantExclude
        case (.exclude, .denied): .denyExclude
        }
    }
}
