import LinliCore
import LinliKernel
import LinliPDF
import LinliStandards

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A bundle as a document people read and print.
struct BundlePDF {
    let bundle: CaseBundle
    let language: Language
    let files: FileStore
    /// Numbers of the entries as the document counts them.
    private let numbers: [Int64: Int]

    init(_ bundle: CaseBundle, _ language: Language, files: FileStore) {
        self.bundle = bundle
        self.language = language
        self.files = files
        let ids = bundle.audit.entries.enumerated().compactMap { index, entry in
            entry.record.map { ($0.id, index + 1) }
        }
        numbers = Dictionary(ids, uniquingKeysWith: { first, _ in first })
    }

    private var view: CaseView { bundle.view }
    private var item: CaseRecord { bundle.view.item }

    private func say(_ zh: String, _ en: String) -> String { language == .zh ? zh : en }

    private func moment(_ instant: Instant?) -> String {
        instant.map { "\($0.date) \($0.time)" } ?? "—"
    }

    /// The document.
    ///
    /// - Throws: `PDFProblem`.
    func bytes() throws -> [UInt8] {
        let made = moment(bundle.madeAt)
        let document = try PDFDocument(
            title: say("证据包 ", "Evidence of ") + item.number,
            foot: say(
                "\(item.number) · \(bundle.maker) 于 \(made) 下载 · 用途：\(bundle.purpose)",
                "\(item.number) · taken by \(bundle.maker) on \(made) for: \(bundle.purpose)"))
        document.heading(say("工单证据包", "Evidence of a case"), .title)
        document.paragraph(
            say(
                "本系统按留存的记录生成。姓名、电话只有经过查看登记的才写明，其余都是掩码；正文里的号码也是掩码。",
                "Made by this system from what it keeps. Names and phones are masked unless their reading was noted; numbers in texts are masked too."
            ), .small, grey: 0.35)
        document.facts(facts)
        writeHistory(document)
        writeClocks(document)
        writePhotos(document)
        BundleProofPages(bundle: bundle, language: language).write(document)
        return try document.close()
    }

    // MARK: The case

    private var facts: [(name: String, value: String)] {
        var rows: [(name: String, value: String)] = [
            (say("编号", "Number"), item.number),
            (say("标题", "Title"), item.title),
            (say("内容", "Text"), item.text + mark(bundle.textAudit)),
            (
                say("地点", "Place"),
                [item.whereabouts, bundle.place[language]].filter { !$0.isEmpty }.joined(separator: " · ")
            ),
            (say("性质、类别", "Nature, kind"), item.nature.name[language] + " · " + bundle.category[language]),
            (say("来源", "Source"), item.source.name[language] + " · " + moment(item.createdAt)),
            (say("诉求人", "Reporter"), CaseHistory(view: view).reporter[language]),
            (say("承办单位", "Unit"), view.unit?.name[language] ?? "—"),
            (say("现在", "Now"), view.state.name[language] + " · " + moment(item.stateSince)),
        ]
        if let order = view.order {
            rows.append((say("12345 工单", "Order of 12345"), "\(order.number) · \(moment(order.dueAt))"))
        }
        if let due = view.dueBy { rows.append((say("协办约定时间", "Agreed for the part"), moment(due) + outdatedDay)) }
        if let closed = item.closedAt { rows.append((say("办结", "Closed"), moment(closed))) }
        if let stars = item.stars { rows.append((say("评价", "Rating"), say("\(stars) 颗星", "\(stars) stars"))) }
        for field in view.type.asked(item.answers) {
            guard let answer = item.answers[field.id] else { continue }
            rows.append((field.name[language], field.display(answer)[language]))
        }
        if let revealed = bundle.revealed {
            rows.append((say("姓名（明文）", "Name in clear"), revealed.name.isEmpty ? "—" : revealed.name))
            rows.append((say("电话（明文）", "Phone in clear"), revealed.phone.isEmpty ? "—" : revealed.phone))
            for words in revealed.words { rows.append((say("原文", "As written"), words)) }
        }
        return rows
    }

    /// Behind the date that holds, where the text names another day.
    private var outdatedDay: String {
        CaseHistory(view: view).outdatedDay.map { say("（", " (") + $0[language] + say("）", ")") } ?? ""
    }

    /// Behind words that an entry proves: its number.
    private func mark(_ audit: Int64?) -> String {
        audit.flatMap { numbers[$0] }.map { say("〔审计 \($0)〕", " [audit \($0)]") } ?? ""
    }

    private func writeHistory(_ document: PDFDocument) {
        let history = CaseHistory(view: view)
        document.heading(say("办理过程", "What happened"))
        document.paragraph(
            say(
                "带〔审计 n〕的一行，文字和第 n 条审计记录写入时的摘要对得上，事后没有改过。",
                "Where [audit n] stands, the words make the digest that entry n was written with: they were not changed since."
            ), .small, grey: 0.35)
        document.table(
            [
                (say("时间", "When"), 0.16), (say("做了什么", "What"), 0.26), (say("谁", "Who"), 0.2),
                (say("内容", "Words"), 0.38),
            ],
            bundle.lines.map { line in
                let reason = view.type.returnReason(line.entry.reasonClass)?.name[language]
                let said = view.type.said(line.entry.answers).map {
                    "\($0.field.name[language])：\($0.words[language])"
                }
                let words = ([reason, line.entry.text].compactMap { $0 } + said).filter { !$0.isEmpty }
                return [
                    moment(line.entry.at),
                    history.heading(line.entry)[language]
                        + (line.entry.kind == "note" && !line.entry.isVisible ? say("（内部）", " (internal)") : ""),
                    history.who(line.entry)[language], words.joined(separator: "\n") + mark(line.audit),
                ]
            })
    }

    private func writeClocks(_ document: PDFDocument) {
        if !bundle.clocks.isEmpty {
            document.heading(say("时限", "Clocks"))
            document.paragraph(
                say(
                    "每一轮的每个时限各一行；已停的，“到期”是停表时的到期时刻。",
                    "A line for each clock of each round; of one that was stopped, “due” is what it was then."
                ), .small, grey: 0.35)
            document.table(
                [
                    (say("时限", "Clock"), 0.18), (say("起算", "From"), 0.16), (say("限期", "Limit"), 0.14),
                    (say("到期", "Due"), 0.16), (say("停表", "Stopped"), 0.16), (say("结果", "Result"), 0.2),
                ],
                bundle.clocks.map { clock in
                    let name = view.type.clocks.first { $0.id == clock.clock }?.name[language] ?? clock.clock
                    let isOnly = !bundle.clocks.contains { $0.clock == clock.clock && $0.round > 1 }
                    return [
                        isOnly ? name : name + say("（第 \(clock.round) 轮）", " (round \(clock.round))"),
                        moment(clock.startedAt), clock.length.map(words) ?? "—", moment(clock.dueAt),
                        moment(clock.stoppedAt), result(clock),
                    ]
                })
        }
        guard !view.requests.isEmpty else { return }
        document.heading(say("申请与审批", "Requests"))
        document.table(
            [
                (say("申请", "Request"), 0.14), (say("时间", "When"), 0.16), (say("理由", "Reason"), 0.32),
                (say("审批", "Decision"), 0.38),
            ],
            view.requests.map { request in
                let state =
                    switch request.state {
                    case .waiting: say("待审批", "Waiting")
                    case .granted: say("同意", "Granted")
                    case .denied: say("不同意", "Refused")
                    }
                return [
                    request.kind.name[language], moment(request.askedAt), request.text,
                    [state, moment(request.decidedAt), request.decision].filter { !$0.isEmpty }.joined(separator: " "),
                ]
            })
    }

    private func words(_ length: BundleClock.Length) -> String {
        let span = span(minutes: length.minutes)
        return length.counting == .working ? say("工作时间 ", "working ") + span : span
    }

    private func span(minutes: Int) -> String {
        let (hours, rest) = (minutes / 60, minutes % 60)
        if hours == 0 { return say("\(rest) 分钟", "\(rest) min") }
        return say("\(hours) 小时", "\(hours) h") + (rest == 0 ? "" : say(" \(rest) 分", " \(rest) min"))
    }

    private func result(_ clock: BundleClock) -> String {
        guard clock.stoppedAt != nil else {
            return clock.dueAt == nil ? say("暂停", "Stands still") : say("在计时", "Running")
        }
        guard clock.isLate else { return say("按时", "In time") }
        guard let seconds = clock.lateSeconds else { return say("超时", "Late") }
        // Half a minute late is late.
        let late = span(minutes: Int((seconds + 59) / 60))
        return say("超时 \(late)", "Late by \(late)")
    }

    private func writePhotos(_ document: PDFDocument) {
        guard !bundle.photos.isEmpty else { return }
        document.heading(say("照片", "Photos"))
        document.pictures(
            bundle.photos.enumerated().map { index, photo in
                let kind = photo.kind == "after" ? say("办理后", "After") : say("办理前", "Before")
                // A folder that lacks a picture leaves its words and its hash.
                let path = files.path(photo.hash, isThumbnail: true)
                let small = (try? Data(contentsOf: URL(filePath: path))) ?? Data()
                return (jpeg: Array(small), caption: "\(index + 1) · \(kind) · \(moment(photo.at))")
            })
        document.table(
            [(say("照片", "Photo"), 0.1), ("SHA-256", 0.76), (say("字节", "Bytes"), 0.14)],
            bundle.photos.enumerated().map { ["\($0 + 1)", $1.hash, "\($1.size)"] }, .code)
    }
}
