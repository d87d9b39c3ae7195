import LinliCore
import LinliKernel

/// What is pasted back into the group about one case.
struct PasteReply: Sendable {
    let id: ID<Case>
    let number: String
    let title: String
    /// Who handles it; nil while its next step is somebody else's.
    let unit: Text?
    /// When the next step is due; nil for what a group may hear nothing of but that it was taken.
    let dueAt: Instant?
    /// Where others join; nil for what is not public.
    let link: String?
    /// For the person who said it alone.
    let receipt: String
    let now: Instant
    /// Whether the clock stands still until `dueAt`.
    var isPaused = false
    /// What became of it; nil while it is open.
    var outcome: Text?
    /// How far it is where its unit is not who acts next; nil while it waits to be sent to one.
    var standing: Text?
    /// Whether who said it was added to a case that was there.
    var isJoined = false

    /// The words, ready to paste: groups are in Chinese.
    var words: String {
        guard let dueAt else { return "【已受理】编号 \(number)，进展只告诉反映人本人。" }
        if let outcome { return "【\(outcome.zh)】\(about)，编号 \(number)。" }
        let who = unit.map { "由\($0.zh)办理" } ?? standing?.zh ?? "正在安排谁来办"
        let same = link.map { "您也遇到了，点这里一起反映：\($0)" } ?? ""
        let due = dueAt.relative(to: now).zh
        let next = isPaused ? "现在暂停计时，最迟 \(due) 恢复" : "下一步最迟 \(due)"
        return "【已受理】\(about)，编号 \(number)，\(who)，\(next)。\(same)"
    }
}

extension PasteReply {
    /// What people say to each other before they say anything: 是啊，5号楼也停水了.
    private static let answers: Set<String> = [
        "是", "是啊", "是的", "是呀", "对", "对啊", "对的", "对呀", "嗯", "嗯嗯", "好", "好的", "好吧", "行", "可以", "收到", "有", "有啊", "没错",
        "同意", "同问", "我也是", "我也一样", "我家也是", "我们也是", "我们家也是", "一样", "+1", "谢谢", "麻烦了", "哦", "哎", "唉", "你好", "您好",
        "大家好", "收到了", "知道了", "明白", "辛苦了", "OK", "ok",
    ]

    /// Whether words only answer somebody: `@李师傅 收到`, `好的，谢谢`.
    static func isOnlyAnswer(_ words: String) -> Bool {
        let said = clauses(of: words).filter { !$0.hasPrefix("@") && !$0.hasPrefix("＠") }
        return !said.isEmpty && said.allSatisfy { answers.contains($0) }
    }

    private static func clauses(of words: String) -> [String] {
        words.split(whereSeparator: { "，,；;。！!？?～~…".contains($0) || $0.isWhitespace }).map { String($0) }
    }

    /// What the case is about: the first clause that says something; an answer to somebody else's words alone says
    /// nothing to who reads it by itself.
    private var about: String {
        let clauses = PasteReply.clauses(of: title)
        guard clauses.contains(where: { PasteReply.answers.contains($0) }) else { return NeedWords.short(title) }
        let says = clauses.first { !PasteReply.answers.contains($0) }
        return says.map { NeedWords.short($0) } ?? "您反映的事"
    }

    /// What is said in the group: number, who has it, until when, and a link for those who have the same; never the
    /// receipt, which is for one person. Of what protects who told it only the number is said, and so of what is against
    /// a unit of who registered it: that they do not see any more. `origin` is the address people use.
    init(
        _ id: ID<Case>, _ number: String, receipt: String, origin: String, _ context: Context, _ services: Services
    ) async throws {
        let view: CaseView
        do {
            view = try await services.queries.view(id, context)
        } catch let error as LinliError where error.kind == .notFound {
            self.init(
                id: id, number: number, title: "", unit: nil, dueAt: nil, link: nil, receipt: receipt, now: context.now)
            return
        }
        guard !view.item.nature.isProtected, view.item.accusation.isEmpty else {
            self.init(
                id: id, number: number, title: "", unit: nil, dueAt: nil, link: nil, receipt: receipt, now: context.now)
            return
        }
        // Who had it before it was reopened is not who handles it.
        let isUndecided = view.unit == nil || view.state.owner == .dispatcher
        let isJoinable = try await services.queries.openness(of: id).isJoinable
        self.init(
            id: id, number: number, title: view.item.title, unit: view.isWithUnit ? view.unit?.name : nil,
            dueAt: view.item.dueAt,
            link: isJoinable ? origin + CasePath.join(number) : nil, receipt: receipt, now: context.now,
            isPaused: view.item.isPaused, outcome: view.item.isOpen ? nil : view.state.residentName,
            standing: isUndecided ? nil : view.state.residentName
        )
    }
}
