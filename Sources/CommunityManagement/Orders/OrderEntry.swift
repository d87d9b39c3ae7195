import LinliCore
import LinliKernel
import LinliStandards

/// A row of a sheet of orders as it is understood, and what is wrong with it.
struct OrderEntry: Sendable {
    let line: Int
    var order = ForeignOrderDraft()
    var name = ""
    var phone = ""
    var text = ""
    var address = ""
    /// What 诉求类型 says; nil when the words are to decide.
    var nature: NeedNature?
    var isUrgent = false
    var problems: [Text] = []

    /// Reads a row of `draft` that comes at `now`.
    init(_ line: SheetDraft.Line, of draft: SheetDraft, _ calendar: WorkingCalendar, at now: Instant) {
        self.line = line.number
        var values: [String: [String]] = [:]
        for (index, header) in draft.headers.enumerated() {
            let text = index < line.cells.count ? line.cells[index] : ""
            guard !text.isEmpty else { continue }
            order.received.append((header, text))
            if !draft.fields[index].isEmpty { values[draft.fields[index], default: []].append(text) }
        }
        func value(_ field: String) -> String { values[field]?.first ?? "" }
        order.number = value("number").filter { !$0.isWhitespace }
        order.kind = value("kind")
        order.classes = (values["classes"] ?? []).joined(separator: " / ")
        order.urgency = value("urgency")
        order.related = value("related")
        order.accused = value("accused")
        (name, address) = (value("name"), value("address"))
        // One that cannot be read says nothing of which is newer.
        order.statedAt = SheetMoment.read(value("statedAt"))
        readTimes(value("calledAt"), value("dispatchedAt"), value("dueAt"), calendar)
        problems += order.timeProblems(at: now).map { $0.text }
        readAnswers(private: value("private"), repeated: value("repeat"))
        readPhone(value("phone"))
        nature = NeedNature.allCases.first { order.kind.contains($0.name.zh) }
        isUrgent = ForeignOrderDraft.isUrgent(order.urgency)
        readText(value("title"), value("content"))
        if order.number.contains(where: { "：:".contains($0) }) {
            problems.append(Text("工单编号里有别的内容，请一行写一项", "The number holds something else: one item a line, please"))
        }
        if order.number.isEmpty { problems.append(Text("缺少工单编号", "The number is missing")) }
    }

    private mutating func readTimes(_ called: String, _ sent: String, _ due: String, _ calendar: WorkingCalendar) {
        order.calledAt = SheetMoment.read(called)
        order.dispatchedAt = SheetMoment.read(sent)
        if !called.isEmpty, order.calledAt == nil {
            problems.append(Text("看不懂来电时间“\(called)”", "“\(called)” is no time of a call"))
        }
        if !sent.isEmpty, order.dispatchedAt == nil {
            problems.append(Text("看不懂派单时间“\(sent)”", "“\(sent)” is no time of dispatch"))
        }
        guard !due.isEmpty else { return }
        order.dueAt = SheetMoment.deadline(due, from: order.dispatchedAt ?? order.calledAt, calendar)
        if order.dueAt == nil { problems.append(Text("看不懂办理时限“\(due)”", "“\(due)” is no deadline")) }
    }

    private mutating func readAnswers(private isPrivate: String, repeated: String) {
        switch SheetAnswer(isPrivate) {
        case .yes: order.isPrivate = true
        case .no, .open: break
        // What nobody understands protects.
        case .odd: order.isPrivate = true
        }
        order.isRepeat = SheetAnswer(repeated) == .yes || !order.related.isEmpty
    }

    private mutating func readPhone(_ text: String) {
        guard !text.isEmpty else { return }
        // Several numbers in one cell: the first that is one; all of them stay with what was received.
        let parts = text.split { "/、,，;； \n".contains($0) }.map(String.init)
        let found = PhoneNumber(text) ?? parts.lazy.compactMap { PhoneNumber($0) }.first
        guard let found else {
            return problems.append(Text("电话号码不对", "The phone number is wrong"))
        }
        phone = found.number
    }

    private mutating func readText(_ title: String, _ content: String) {
        text = title.isEmpty || content.hasPrefix(title) ? content : title + "\n" + content
        if content.isEmpty { text = title }
        if text.isEmpty { problems.append(Text("缺少内容", "The text is missing")) }
        if text.count > 4000 { problems.append(Text("内容超过 4000 字", "The text has more than 4,000 characters")) }
        if name.count > 30 { name = String(name.prefix(30)) }
        if address.count > 120 { address = String(address.prefix(120)) }
    }

    /// Who may know who told it: who asked for confidence is known to the receiving office only, and so is who complains.
    func disclosure(_ nature: NeedNature) -> Disclosure {
        if name.isEmpty, phone.isEmpty { return .anonymous }
        return order.isPrivate || nature.isProtected ? .office : .named
    }
}
