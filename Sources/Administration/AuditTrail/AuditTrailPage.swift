import LinliCore
import LinliKernel
import LinliUI

/// The audit: how far it is sealed, and its lines by subject, command and day.
struct AuditTrailPage {
    let kind: String
    let id: String
    let command: String
    let first: String
    let last: String
    let now: Instant
    let names: DivisionNames
    /// nil when the filter was no filter.
    var found: AuditTrailRoutes.Found?
    var error: LinliError?

    var page: Page {
        Page(Text("审计", "Audit"), frame: .desk("/admin/audit"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("审计", "Audit"))</h1></div>
        \(problem(error))
        \(found.map { seal($0.seal) })
        <section class="card" aria-label="\(Text("审计记录", "Lines of the audit"))">
        \(filters)
        \(found.map(list))
        </section>
        </main>
        """
    }

    // MARK: The seal

    private func seal(_ seal: AuditSeal) -> HTML {
        let age = seal.waitingSince.map { now.seconds(since: $0) } ?? 0
        let waiting = seal.waiting >= AuditTrailStore.counted ? "≥ \(seal.waiting)" : "\(seal.waiting)"
        return """
            <div class="stats">
            <div class="stat"><span>\(Text("已封存批次", "Sealed batches"))</span><b>\(seal.batch)</b>\
            \(seal.sealedAt.map { "<small>\(Text("最近", "Last")) \(time($0, $0.relative(to: now)))</small>" as HTML })</div>
            <div class="stat\(when: age > 60, " warn")"><span>\(Text("等待封存", "Waiting to be sealed"))</span>\
            <b>\(waiting)</b><small>\(Text("写入后一秒左右封存", "Sealed about a second after they are written"))</small></div>
            </div>
            \(when: !seal.root.isEmpty, root(seal))
            """
    }

    private func root(_ seal: AuditSeal) -> HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("封存的根", "Root of the seal"))</h2></div>
        <dl class="kv"><dt>\(Text("第 \(seal.batch) 批", "Batch \(seal.batch)"))</dt>\
        <dd class="num">\(Hex.encode(seal.root))</dd></dl>
        <p class="note pad">\(Text(
            "放到机器以外的根（--audit-roots）应当对得上；逐条重算用 linli doctor。",
            "Roots laid down outside (--audit-roots) must agree; linli doctor recomputes every line."
        ))</p></section>
        """
    }

    // MARK: Filters

    private var filters: HTML {
        """
        <form class="flt" action="/admin/audit">
        \(box("kind", kind, Text("对象种类", "Kind of subject"), "case, account", limit: 40))
        \(box("id", id, Text("对象编号", "Identifier"), "13", limit: 20))
        \(box("command", command, Text("命令", "Command"), "registers.", limit: 60))
        \(day("from", first, Text("从哪天", "From")))
        \(day("until", last, Text("到哪天", "Until")))
        <button class="btn ghost">\(Text("查找", "Find"))</button>\
        \(when: hasFilter, "<a class=\"btn plain\" href=\"/admin/audit\">\(Text("清空", "Clear"))</a>")</form>
        """
    }

    private var hasFilter: Bool { [kind, id, command, first, last].contains { !$0.isEmpty } }

    private func box(_ name: String, _ value: String, _ label: Text, _ example: String, limit: Int) -> HTML {
        """
        <input type="text" name="\(name)" value="\(value)" maxlength="\(limit)" autocomplete="off" \
        aria-label="\(label)" placeholder="\(label)\(when: example.count > 3, " (\(example))")"\(wrong(name))>
        """
    }

    private func day(_ name: String, _ value: String, _ label: Text) -> HTML {
        """
        <input type="date" name="\(name)" value="\(value)" aria-label="\(label)"\(wrong(name))>
        """
    }

    private func wrong(_ name: String) -> HTML {
        error?.text(for: name) == nil ? .empty : " aria-invalid=\"true\""
    }

    // MARK: Lines

    private func list(_ found: AuditTrailRoutes.Found) -> HTML {
        """
        \(when: !found.isWhole, partNote)
        \(found.lines.isEmpty ? empty(found.next != nil) : table(found.lines))
        \(found.next.map(pager))
        """
    }

    private var partNote: HTML {
        """
        <p class="note pad">\(Text(
            "您审计的是一部分区划：只列出属于这些区划的记录，登录等不属于任何区划的由全域审计员看。",
            "You audit a part: lines that belong nowhere, such as signing in, are for who audits the whole."
        ))</p>
        """
    }

    private func empty(_ hasMore: Bool) -> HTML {
        emptyState(
            Text("没有找到记录", "No line was found"),
            hasMore
                ? Text("这一段里没有，可以往更早找。", "None in this stretch; go on to earlier ones.")
                : Text("放宽条件再找；新记录马上就能查到。", "Widen the filter; new lines are here at once."),
            icon: "shield"
        )
    }

    private func table(_ lines: [AuditLine]) -> HTML {
        """
        <div class="scroll"><table class="t mid cards">
        <caption class="sr">\(Text("审计记录", "Lines of the audit"))</caption>
        <thead><tr><th scope="col">\(Text("时间", "Time"))</th><th scope="col">\(Text("谁", "Who"))</th>\
        <th scope="col">\(Text("命令", "Command"))</th><th scope="col">\(Text("对象", "Subject"))</th>\
        <th scope="col">\(Text("字段", "Fields"))</th><th scope="col">\(Text("理由", "Reason"))</th>\
        <th scope="col">\(Text("封存", "Seal"))</th></tr></thead>
        <tbody>
        \(each: lines, row)</tbody></table></div>
        """
    }

    private func row(_ line: AuditLine) -> HTML {
        let only = address("/admin/audit", [("command", line.command), ("from", said(first)), ("until", said(last))])
        return """
            <tr><td class="wide">\(time(line.at, line.at.relative(to: now)))</td>\
            <td data-label="\(Text("谁", "Who"))"><span>\(who(line))</span></td>\
            <td data-label="\(Text("命令", "Command"))"><a class="ttl" href="\(only)">\(line.command)</a></td>\
            <td data-label="\(Text("对象", "Subject"))"><span>\(subject(line))</span></td>\
            <td data-label="\(Text("字段", "Fields"))"><span class="long">\(line.fields.joined(separator: ", "))</span></td>\
            <td data-label="\(Text("理由", "Reason"))"><span class="long">\(line.reason ?? "—")</span></td>\
            <td data-label="\(Text("封存", "Seal"))">\(sealed(line))</td></tr>

            """
    }

    private func said(_ text: String) -> String? { text.isEmpty ? nil : text }

    /// An account is its identifier and what it was: names are not the auditor's.
    private func who(_ line: AuditLine) -> HTML {
        let parts = line.actorKind.split(separator: ":", maxSplits: 1).map(String.init)
        let detail = parts.count > 1 ? parts[1] : ""
        switch parts.first {
        case "account":
            let roles = line.roles.map { AuditTrailPage.role($0) }
            return """
                <span class="num">\(ID<Account>(rawValue: line.actorID))</span><br>\
                <span class="sub">\(each: roles.enumerated(), { index, role in "\(when: index > 0, " · ")\(role)" })\
                \(when: roles.isEmpty, HTML.text(Text("居民", "Resident")))</span>
                """
        case "receipt": return HTML.text(Text("凭回执", "By receipt"))
        case "anonymous": return HTML.text(Text("没有登录", "Not signed in"))
        case "key": return "\(Text("外部程序", "A program")) \(detail)"
        case "system": return "\(Text("系统", "The system")) · \(detail)"
        default: return "\(line.actorKind)"
        }
    }

    private static func role(_ id: String) -> Text { Role.named(id)?.name ?? Text(same: id) }

    private func subject(_ line: AuditLine) -> HTML {
        let place = line.subject.division
        let location = place.map { $0.level >= .community ? names.place($0) : names[$0] } ?? ""
        guard line.subject.id != 0 else { return "\(line.subject.kind)" }
        let id = "\(ID<Subject>(rawValue: line.subject.id))"
        return """
            \(line.subject.kind) <a class="num" href="\(address(
                "/admin/audit", [("kind", line.subject.kind), ("id", id)]))">\(id)</a>\
            \(when: !location.isEmpty, "<br><span class=\"sub\">\(location)</span>")
            """
    }

    private func sealed(_ line: AuditLine) -> HTML {
        guard let batch = line.batch else { return tag(Text("等待", "Waiting"), .mute) }
        return "<span class=\"num\">\(Text("第 \(batch) 批", "Batch \(batch)"))</span>"
    }

    private func pager(_ next: Int64) -> HTML {
        let link = address(
            "/admin/audit",
            [
                ("kind", said(kind)), ("id", said(id)), ("command", said(command)), ("from", said(first)),
                ("until", said(last)), ("after", "\(ID<AuditLine>(rawValue: next))"),
            ])
        return """
            <nav class="pg" aria-label="\(Text("翻页", "Pages"))"><span class="sp"></span>\
            <a class="btn ghost sm" href="\(link)">\(Text("更早的", "Earlier"))</a></nav>
            """
    }
}
