import LinliCore
import LinliSQL

/// An order that another system sends to us once more: after it took it back by our own account, or because whoever it
/// asked says that it is not done.
extension CaseCommands {
    /// Takes over when an order was sent to us once more, and begins a new round where the work was over here; false where
    /// it was sent once, or is still being worked on.
    func takeAgain(
        _ before: ForeignOrder, with draft: ForeignOrderDraft, of id: ID<Case>, _ tx: WriteTx
    ) throws -> Bool {
        guard before.isSentAgain(by: draft), let sent = draft.dispatchedAt else { return false }
        // By whole minutes, as when it was sent.
        func minute(_ due: Instant?) -> Int64? { due.map { $0.milliseconds / 60_000 } }
        let isRedated = minute(draft.dueAt ?? before.dueAt) != minute(before.dueAt)
        try ForeignOrdersStore.sendAgain(before, at: sent, isRedated: isRedated, tx)
        let item = try CasesStore.lock(id, tx)
        let type = try queries.types.type(item.type, version: item.typeVersion)
        let state = try type.state(item.state)
        guard state.isFinal || state.owner == .reporter || state.owner == .checker else { return false }
        let due = draft.dueAt.map { "，办理时限 \($0.date) \($0.time)" } ?? ""
        let step = CaseStep(CaseMark.orderAgain.rawValue, text: "派单时间 \(sent.date) \(sent.time)\(due)")
        try apply(step, try CaseCommands.again(item, type), type, item, try CaseSituation(item, type, tx), tx)
        return true
    }

    /// The way back to where a case waits for its unit: no definition has it, because whoever tells a case does not take it
    /// and our own staff may not.
    private static func again(_ item: CaseRecord, _ type: CaseType) throws -> CaseType.Transition {
        CaseType.Transition(
            id: CaseMark.orderAgain.rawValue, name: CaseMark.orderAgain.name, done: CaseMark.orderAgain.name,
            from: [item.state], to: try CasePassing.waiting(type), by: [.dispatcher], requires: [], allows: [],
            requiredFields: [], allowedFields: [], guards: [], effects: [.contest], isVisible: true
        )
    }
}
