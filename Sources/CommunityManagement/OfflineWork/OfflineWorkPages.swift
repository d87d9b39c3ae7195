import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The app that a phone keeps: the same bytes for everybody, filled in by its script from what lies encrypted there.
enum OfflineWorkPages {
    static let app = Page(
        Text("离线台账", "Grid on this phone"),
        frame: .phone,
        """
        <header class="h5-top slim">
        <a class="back" href="/grid">\(icon("back"))<span class="sr">\(Text("回到网格工作", "Back to grid work"))</span></a>
        <h1>\(Text("离线台账", "Grid on this phone"))</h1>
        </header>
        <p class="offline" role="status" data-offline hidden>\(icon("offline"))\
        \(Text("现在没有网络，照常工作，有网了自动上传。", "No network: go on working, it is sent later by itself."))</p>
        <p class="queue" data-phone-unsent hidden></p>
        <main id="main" data-phone-view>
        <noscript><section class="card pad"><p>\(Text(
            "离线台账要用浏览器脚本。没有脚本时请在有网的地方用“今天”和“上报”。",
            "This page needs scripts. Without them use Today and Report where there is a network."
        ))</p></section></noscript>
        </main>
        """
    )
}

/// What came back from phones and is not done yet, and the phones that hold a grid now.
struct OfflineEntriesPage {
    /// Something to decide.
    struct Row: Sendable {
        let entry: OfflineStore.Undecided
        /// How what both sides changed stands now; nil where only how it stood when it came is known.
        let present: [OfflineOutcome.Difference]?
        /// What is shown of it, as the form brings it back.
        let seen: String
        /// What was typed in fields that were not taken, beside what stands there now.
        let asked: [OfflineOutcome.Difference]
        /// Which household it is about, and who is in it; nil for none, or one that is not to be seen.
        let whose: OfflinePresent.Whose?
        /// What is asked to complete it; nil where only words and fields are corrected.
        var form: OfflineForm?
    }

    let rows: [Row]
    let leases: [OfflineLease]
    let now: Instant
    let names: DivisionNames
    let formToken: String
    let done: String?

    var page: Page {
        Page(Text("离线记录", "Work from phones"), frame: .grid("/grid"), body)
    }

    private var body: HTML {
        """
        <main id="main">
        <h1 class="sr">\(Text("离线记录", "Work from phones"))</h1>
        \(told)
        <div class="col">
        <section class="card pad"><h2>\(Text("离线台账", "Grid on this phone"))</h2>
        <p class="hint">\(Text(
            "没有信号也能查住户、改信息、上报。放在手机里的都加了密，要用 PIN 打开，下班就清掉。",
            "See households, correct them and report without a signal. All of it is encrypted under a PIN and gone after duty."
        ))</p>
        <p class="gap"><a class="btn wide" href="/grid/phone">\(icon("phone"))\(Text("打开离线台账", "Open it"))</a></p>
        </section>
        <section class="card"><div class="hd"><h2>\(Text("等您决定", "For you to decide"))</h2></div>
        \(rows.isEmpty
            ? emptyState(
                Text("没有等您决定的离线记录", "Nothing waits for you"),
                Text("两边都改了同一项、或没能收下的，会列在这里。", "What both sides changed, or could not be taken, is listed here."),
                icon: "done")
            : "<ul>\(each: rows, row)</ul>")
        </section>
        \(when: !leases.isEmpty, """
            <section class="card"><div class="hd"><h2>\(Text("带着台账的手机", "Phones that hold a grid"))</h2></div>
            <ul>\(each: leases, lease)</ul></section>
            """)
        </div>
        </main>
        """
    }

    /// Where an entry stands on the page.
    static func anchor(_ id: ID<OfflineEntry>) -> String { "entry-\(id)" }

    /// What came of what was pressed: what is not done does not look as if it were.
    private var told: HTML {
        guard let (text, tone) = said else { return .empty }
        return notice(text, tone, icon: tone == .ok ? "done" : "alert")
    }

    private var said: (text: Text, tone: Tone)? {
        switch done {
        case "taken": return (Text("已按您手机里的改好。", "Done as your phone says."), .ok)
        case "dropped":
            return (Text("已按现在的保留，您手机里那一份不再提示。", "It stays as it is now, and your phone asks no more."), .ok)
        case "ended":
            let text = Text("已结束；那台手机下次联网就会清掉台账。", "Ended: that phone deletes its copy when it next has a network.")
            return (text, .ok)
        case "decided":
            return (Text("这一条已经处理过了，这次没有再办。", "This was seen to already; nothing was done again."), .info)
        case "replaced":
            let text = Text(
                "这一条已经改过一次，还没有改好，换成了下面新的一条：这次没有动，请在新的一条里改。",
                "This was corrected once and not done; a new entry below took its place. Nothing was done now: correct the new one."
            )
            return (text, .warn)
        case "changed":
            let text = Text(
                "刚才又有人改过，还没有动：请看了现在的再决定。",
                "It was changed again just now, and nothing was done: look at it and decide.")
            return (text, .warn)
        case "conflict", "refused", "kept":
            let text = Text(
                "还是没能改好：为什么写在那一条里，填的都还在。",
                "It could not be done: the entry says why, and all that was typed is still there.")
            return (text, .warn)
        default: return nil
        }
    }

    private func row(_ row: Row) -> HTML {
        """
        <li class="pad" id="\(OfflineEntriesPage.anchor(row.entry.id))">\(row.whose.map { "<p class=\"note\">\($0.address)</p>" as HTML })\
        \(row.form?.about.map { "<p class=\"note\">\($0)</p>" as HTML })\
        <p><b>\(title(row.entry))</b> \(tag(state(row.entry.outcome.kind), .warn))</p>
        <p class="note">\(Text("现场记录：", "Done: "))\(row.entry.at.relative(to: now)) · \
        \(Text("上传：", "Sent: "))\(row.entry.takenAt.relative(to: now))</p>
        \(pictures(row.entry.pictures).map { "<p class=\"note\">\($0)</p>" as HTML })
        \(row.entry.outcome.text.map { "<p class=\"err\">\($0)</p>" as HTML })
        \(when: !row.entry.outcome.differences.isEmpty, """
            <dl class="kv">\(each: row.present ?? row.entry.outcome.differences, { difference($0, row) })</dl>
            """)
        <form class="stack gap" method="post" action="/grid/phone/entries/\(row.entry.id)"\
        \(when: row.form?.photos != nil, " enctype=\"multipart/form-data\"")>\(LinliUI.formToken(formToken))\
        <input type="hidden" name="seen" value="\(row.seen)">\
        \(when: row.entry.outcome.kind != .conflict, typed(row))\
        <div class="btns"><button class="btn" name="use" value="mine">\(mine(row))</button>\
        <button class="btn ghost" name="use" value="theirs" formnovalidate\(when: !row.entry.pictures.files.isEmpty, loses)>\
        \(theirs(row))</button></div></form></li>
        """
    }

    /// Asked before pictures are put away that nobody can take again.
    private var loses: HTML {
        " data-confirm=\"\(Text("带来的照片、签名就不要了？", "Put its photos and signature away?"))\""
    }

    /// What came along and waits with it; nil without any.
    private func pictures(_ pictures: OfflinePictures) -> Text? {
        let count = pictures.photos.count
        let photos = Text("\(count) 张照片", count == 1 ? "1 photo" : "\(count) photos")
        switch (count > 0, pictures.isSigned) {
        case (true, true): return Text("\(photos.zh)和签名都留着", "\(photos.en) and the signature are kept")
        case (true, false): return Text("\(photos.zh)都留着", "Kept: \(photos.en)")
        case (false, true): return Text("签名留着", "The signature is kept")
        case (false, false): return nil
        }
    }

    private func title(_ entry: OfflineStore.Undecided) -> Text {
        switch entry.body.text("kind") {
        case "edit": Text("住户信息", "Household")
        case "member": Text("新增成员：\(entry.body.text("name"))", "New member: \(entry.body.text("name"))")
        case "gone": Text("成员离开", "Member gone")
        case "same": Text("没变化", "Nothing changed")
        default:
            switch entry.part {
            case "cases":
                Text("上报：\(entry.body.text("text").prefix(30))", "Report: \(entry.body.text("text").prefix(30))")
            case "visits": Text("走访", "Visit")
            case "patrols": Text("巡查", "Patrol")
            default: Text("离线记录", "Entry")
            }
        }
    }

    private func state(_ kind: OfflineOutcome.Kind) -> Text {
        switch kind {
        case .taken: Text("已收下", "Taken")
        case .conflict: Text("两边都改了", "Changed on both sides")
        case .refused: Text("没有收下", "Not taken")
        case .kept: Text("替您留着", "Kept for you")
        }
    }

    private func mine(_ row: Row) -> Text {
        guard row.entry.outcome.kind == .conflict else {
            if row.entry.body.flag("unfinished") { return Text("补好，传上去", "Complete it and send it") }
            let hasWords = OfflineSync.correctable.contains { row.entry.body[$0] != nil }
            let isTyped = row.form != nil || !row.asked.isEmpty || hasWords
            return isTyped ? Text("改好再传一次", "Correct it and send it again") : Text("再试一次", "Try again")
        }
        return isMember(row) ? Text("不是同一个人，照样加", "Somebody else: add") : Text("用我手机里的", "Use what my phone says")
    }

    private func theirs(_ row: Row) -> Text {
        guard row.entry.outcome.kind == .conflict else { return Text("不要了", "Put it away") }
        return isMember(row) ? Text("是同一个人，不加了", "The same: do not add") : Text("用现在的", "Keep what stands there")
    }

    private func isMember(_ row: Row) -> Bool { row.entry.body.text("kind") == "member" }

    private func difference(_ difference: OfflineOutcome.Difference, _ row: Row) -> HTML {
        guard let sides = OfflineEntriesPage.sides(of: difference) else { return .empty }
        let now = row.present == nil ? Text("上传时：", "When sent: ") : Text("现在：", "Now: ")
        return """
            <dt>\(who(difference, row))\(sides.name)</dt><dd>\(Text("手机：", "Phone: "))<b>\(sides.mine)</b><br>\
            \(now)<b>\(sides.theirs)</b>\(was(difference, row).map { "<br><span class=\"note\">\($0)</span>" as HTML })</dd>
            """
    }

    /// Who a field is of, before its name; nothing for a home, and for who is not to be seen.
    func who(_ difference: OfflineOutcome.Difference, _ row: Row) -> HTML {
        row.whose?.people[difference.id].map { "\($0) · " as HTML } ?? .empty
    }

    /// What stood there when it came, where that is not what stands there now.
    private func was(_ difference: OfflineOutcome.Difference, _ row: Row) -> Text? {
        guard row.present != nil else { return nil }
        let stored = row.entry.outcome.differences.first { $0.id == difference.id && $0.field == difference.field }
        guard let stored else { return Text("上传以后才改的", "Changed since this was sent") }
        guard stored != difference, let before = OfflineEntriesPage.sides(of: stored)?.theirs else { return nil }
        // What is kept closely is not told; what is the same in words was changed all the same.
        guard stored.theirs != nil, stored.theirs != difference.theirs || stored.words != difference.words else {
            return Text("上传以后又改过", "Changed again since this was sent")
        }
        return Text("上传以后又改过，上传时是：\(before.zh)", "Changed again since this was sent; then it was: \(before.en)")
    }

    /// A field and both values as people read them.
    static func sides(of difference: OfflineOutcome.Difference) -> OfflineOutcome.Difference.Words? {
        if let words = difference.words { return words }
        guard let field = RegisterField.named(difference.field) else { return nil }
        let theirs = difference.theirs.map { RegisterValue.shown($0, of: field) }
        return OfflineOutcome.Difference.Words(
            name: field.name, mine: RegisterValue.shown(difference.mine, of: field),
            theirs: theirs ?? Text("（保密字段，请在台账里看）", "(closely kept, read it in the register)"))
    }

    private func lease(_ lease: OfflineLease) -> HTML {
        """
        <li class="cell"><span class="bd"><span class="ttl">\(names.place(lease.division))</span>\
        <span class="sub">\(Text("带走：", "Taken: "))\(lease.issuedAt.relative(to: now)) · \
        \(Text("最晚：", "Until: "))\(lease.expiresAt.relative(to: now))</span></span>\
        <form method="post" action="/grid/phone/end">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="lease" value="\(lease.id)">\
        <button class="btn ghost sm">\(Text("结束", "End"))</button></form></li>
        """
    }
}
