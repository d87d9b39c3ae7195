import LinliCore
import LinliKernel

/// The reply to an order as one text that is ready to be pasted there, made of what the case's own log says.
struct OrderReply: Sendable {
    let view: CaseView
    /// What was done: of a case that was joined to another one, there.
    let course: CaseCourse
    let order: ForeignOrder
    let contacts: [CaseContact]
    let requests: [ForeignRequest]
    let outcome: CaseOutcome?

    /// Everything a reply is made of, for a case somebody may see.
    static func load(_ id: ID<Case>, _ context: Context, _ services: Services) async throws -> OrderReply {
        let view = try await services.queries.view(id, context)
        guard view.standing.isStaff, let order = view.order else { throw LinliError.notFound("orders.unknown") }
        return try await services.database.read { tx in
            OrderReply(
                view: view, course: try services.queries.course(of: view, tx), order: order,
                contacts: try ForeignOrdersStore.contacts(id, tx),
                requests: try ForeignOrdersStore.requests(order.id, tx),
                outcome: try OutcomesStore.all(of: id, tx).last
            )
        }
    }

    /// Whether a reader may see the order as it came: who may know who told it, and who dispatches where nobody is named.
    static func mayReadOriginal(_ view: CaseView) -> Bool {
        view.standing.seesReporter || (view.item.disclosure == .anonymous && view.standing.isDispatcher)
    }

    /// The text; always Chinese, because it goes to the hotline.
    var text: String {
        var lines = [
            "工单编号：\(order.number)",
            "签收时间：\(signed)",
            "首次联系时间和方式：\(firstContact)",
            "是否见面：\(met)",
            "办理情况：\(work)\(course.number.map { "（与 \($0) 并案办理）" } ?? "")",
            "是否解决：\(solved)",
            "诉求人意见：\(opinion)",
            "附件：\(attachments)",
        ]
        lines.append("退单/延期/剔除申请及依据：\(asked.isEmpty ? "无" : applications)")
        return lines.joined(separator: "\n")
    }

    private static func moment(_ instant: Instant) -> String { "\(instant.date) \(instant.time)" }

    /// Whether something was of the time since they sent it to us: of an order that came once more, of its new round.
    private func isNow(_ at: Instant) -> Bool { order.againAt.map { at >= $0 } ?? true }

    private var asked: [ForeignRequest] { requests.filter { isNow($0.askedAt) } }
    private var result: CaseOutcome? { outcome.flatMap { isNow($0.finishedAt ?? $0.dispatchedAt) ? $0 : nil } }

    /// The first time somebody took it.
    private var accepted: CaseEntry? {
        guard order.againAt != nil else { return course.accepted }
        return course.entries.first { entry in
            let step = course.type.transitions.first { $0.id == entry.transition }
            return isNow(entry.at) && step?.effects.contains(.takePersonally) ?? false
        }
    }

    private var signed: String {
        guard let accepted else { return "尚未签收" }
        let unit = accepted.unitName.zh
        return OrderReply.moment(accepted.at) + (unit.isEmpty ? "" : "（\(unit)）")
    }

    private var firstContact: String {
        let contacts = contacts.filter { isNow($0.at) }
        guard let reached = contacts.first(where: { $0.outcome == .reached }) else {
            return contacts.isEmpty ? "尚未联系" : "联系 \(contacts.count) 次，没有联系上"
        }
        return OrderReply.moment(reached.at) + "，" + reached.way.name.zh
    }

    private var met: String {
        let met = contacts.first { $0.way == .faceToFace && $0.outcome == .reached && isNow($0.at) }
        guard let meeting = met else {
            return "否"
        }
        return "是（\(OrderReply.moment(meeting.at))）"
    }

    /// What was said when the work was done, else what the reporter was told on the way.
    private var work: String {
        let steps = course.entries.filter { entry in
            guard entry.kind == "transition", !entry.text.isEmpty, isNow(entry.at) else { return false }
            return course.type.transitions.first { $0.id == entry.transition }?.by == [.handler] && entry.isVisible
        }
        if let last = steps.last { return last.text }
        let notes = course.entries.filter {
            $0.kind == "note" && $0.isVisible && $0.transition == "note" && !$0.text.isEmpty && !$0.actorName.isEmpty
                && isNow($0.at)
        }
        return notes.isEmpty ? "正在办理" : notes.map(\.text).joined(separator: "；")
    }

    private var solved: String {
        switch result?.isSolved {
        case true?: "是，诉求人确认已解决"
        case false?: "否，诉求人认为没有解决"
        case nil: result?.finishedAt == nil ? "办理中" : "承办单位反馈已办完，诉求人尚未答复"
        }
    }

    private var opinion: String {
        let words = view.entries.last { isAnswer($0) && !$0.text.isEmpty }?.text
        let parts = [outcome?.grade?.name.zh, words].compactMap { $0 }
        return parts.isEmpty ? "未表示意见" : parts.joined(separator: "。")
    }

    /// Whether it is a step of the caller of this order, or what they said when the case had gone on without their answer;
    /// what others say who told the same is their own, and what nobody can tell whose it was is not the caller's.
    private func isAnswer(_ entry: CaseEntry) -> Bool {
        guard entry.said == nil, !entry.isUnattributed else { return false }
        if let mark = CaseMark(rawValue: entry.transition) {
            return [.answeredSolved, .answeredUnsolved, .saidUnsolved].contains(mark)
        }
        return view.type.transitions.first { $0.id == entry.transition }?.by == [.reporter]
    }

    private var attachments: String {
        let before = course.photos.count { $0.kind == "before" }
        let after = course.photos.count - before
        return course.photos.isEmpty ? "无" : "照片 \(course.photos.count) 张（办理前 \(before)、办理后 \(after)）"
    }

    private var applications: String {
        asked.map { request in
            let reasons = CaseCommands.reasons(request.kind, view.type)
            let reason = reasons.first { $0.id == request.reasonClass }?.name.zh
            let basis = [reason, request.text.isEmpty ? nil : request.text].compactMap { $0 }.joined(separator: "，")
            let asked =
                "\(request.kind.name.zh)（\(OrderReply.moment(request.askedAt))）\(basis.isEmpty ? "" : "：" + basis)"
            guard request.ruledAt != nil else { return asked }
            let due = request.dueAt.map { "，时限改为 " + OrderReply.moment($0) } ?? ""
            return asked + "；12345 答复：\(request.state.name.zh)\(due)"
        }.joined(separator: "\n")
    }
}
