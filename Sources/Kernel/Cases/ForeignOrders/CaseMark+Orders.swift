import LinliCore

extension CaseMark {
    /// What the history says of an order of another system.
    var orderName: Text {
        switch self {
        case .orderDiffers: Text("来单的时限和现在的不一致", "An order came with another deadline")
        case .orderSeen: Text("看过来单的另一个时限，不改", "Looked at the other deadline: ours stays")
        case .orderDeadline: Text("12345 的办理时限改为", "12345 moved its deadline to")
        case .orderPrivate: Text("12345 要求保密，承办人不再看到诉求人", "12345 wants the caller kept from handlers")
        case .orderAgain: Text("12345 重派，重新办理", "12345 sent it once more: to be done again")
        case .orderReply: Text("答复已转到 12345", "The reply was taken over to 12345")
        case .orderAskRefuse: Text("向 12345 申请退单", "Asked 12345 to take it back")
        case .orderGrantRefuse: Text("12345 同意退单", "12345 takes it back")
        case .orderDenyRefuse: Text("12345 不同意退单", "12345 does not take it back")
        case .orderAskExtend: Text("向 12345 申请延期", "Asked 12345 for more time")
        case .orderGrantExtend: Text("12345 同意延期", "12345 granted more time")
        case .orderDenyExtend: Text("12345 不同意延期", "12345 refused more time")
        case .orderAskExclude: Text("向 12345 申请剔除", "Asked 12345 to leave it out")
        case .orderGrantExclude: Text("12345 同意剔除，不计入考核", "12345 leaves it out")
        case .orderDenyExclude: Text("12345 不同意剔除", "12345 does not leave it out")
        default: Text("12345 更新了工单", "12345 changed the order")
        }
    }

    /// The line for what was asked of another system, or what it ruled.
    static func of(_ kind: ForeignRequestKind, _ state: ForeignRequest.State) -> CaseMark {
        switch (kind, state) {
        case (.refuse, .waiting): .orderAskRefuse
        case (.refuse, .granted): .orderGrantRefuse
        case (.refuse, .denied): .orderDenyRefuse
        case (.extend, .waiting): .orderAskExtend
        case (.extend, .granted): .orderGrantExtend
        case (.extend, .denied): .orderDenyExtend
        case (.exclude, .waiting): .orderAskExclude
        case (.exclude, .granted): .orderGrantExclude
        case (.exclude, .denied): .orderDenyExclude
        }
    }
}
