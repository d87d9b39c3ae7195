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
    let undecided: [OfflineStore.Undecided]
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
        \(said.map { notice($0, .ok, icon: "done") })
        <div class="col">
        <section class="card pad"><h2>\(Text("离线台账", "Grid on this phone"))</h2>
        <p class="hint">\(Text(
            "没有信号也能查住户、改信息、上报。放在手机里的都加了密，要用 PIN 打开，下班就清掉。",
            "See households, correct them and report without a signal. All of it is encrypted under a PIN and gone after duty."
        ))</p>
        <p class="gap"><a class="btn wide" href="/grid/phone">\(icon("phone"))\(Text("打开离线台账", "Open it"))</a></p>
        </section>
        <section class="card"><div class="hd"><h2>\(Text("等您决定", "For you to decide"))</h2></div>
        \(undecided.isEmpty
            ? emptyState(
                Text("没有等您决定的离线记录", "Nothing waits for you"),
                Text("两边都改了同一项、或没能收下的，会列在这里。", "What both sides changed, or could not be taken, is listed here."),
                icon: "done")
            : "<ul>\(each: undecided, row)</ul>")
        </section>
        \(when: !leases.isEmpty, """
            <section class="card"><div class="hd"><h2>\(Text("带着台账的手机", "Phones that hold a grid"))</h2></div>
            <ul>\(each: leases, lease)</ul></section>
            """)
        </div>
        </main>
        """
    }

    private var said: Text? {
        switch done {
        case "taken": Text("已按您手机里的改好。", "Done as your phone says.")
        case "dropped": Text("已按现在的保留，您手机里那一份不再提示。", "It stays as it is now.")
        case "ended": Text("已结束；那台手机下次联网就会清掉台账。", "Ended: that phone deletes its copy when it next has a network.")
        case "conflict", "refused", "kept": Text("还是没能改好，请看下面的说明。", "It could not be done; see below.")
        default: nil
        }
    }

    private func row(_ entry: OfflineStore.Undecided) -> HTML {
        """
        <li class="pad"><p><b>\(title(entry))</b> \(tag(state(entry.outcome.kind), .warn))</p>
        <p class="note">\(Text("现场记录：", "Done: "))\(entry.at.relative(to: now)) · \
        \(Text("上传：", "Sent: "))\(entry.takenAt.relative(to: now))</p>
        \(pictures(entry.pictures).map { "<p class=\"note\">\($0)</p>" as HTML })
        \(entry.outcome.text.map { "<p class=\"err\">\($0)</p>" as HTML })
        \(when: !entry.outcome.differences.isEmpty, """
            <dl class="kv">\(each: entry.outcome.differences, difference)</dl>
            """)
        <form class="btns gap" method="post" action="/grid/phone/entries/\(entry.id)">\(LinliUI.formToken(formToken))\
        <button class="btn" name="use" value="mine">\(mine(entry.outcome.kind))</button>\
        <button class="btn ghost" name="use" value="theirs"\(when: !entry.pictures.files.isEmpty, loses)>\
        \(theirs(entry.outcome.kind))</button></form></li>
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

    private func mine(_ kind: OfflineOutcome.Kind) -> Text {
        kind == .conflict ? Text("用我手机里的", "Use what my phone says") : Text("再试一次", "Try again")
    }

    private func theirs(_ kind: OfflineOutcome.Kind) -> Text {
        kind == .conflict ? Text("用现在的", "Keep what stands there") : Text("不要了", "Put it away")
    }

    private func difference(_ difference: OfflineOutcome.Difference) -> HTML {
        if let words = difference.words {
            return """
                <dt>\(words.name)</dt><dd>\(Text("手机：", "Phone: "))<b>\(words.mine)</b><br>\
                \(Text("现在：", "Now: "))<b>\(words.theirs)</b></dd>
                """
        }
        guard let field = RegisterField.named(difference.field) else { return .empty }
        let mine = RegisterValue.shown(difference.mine, of: field)
        let theirs = difference.theirs.map { RegisterValue.shown($0, of: field) }
        return """
            <dt>\(field.name)</dt><dd>\(Text("手机：", "Phone: "))<b>\(mine)</b><br>\
            \(Text("现在：", "Now: "))<b>\(theirs ?? Text("（保密字段，请在台账里看）", "(closely kept, read it in the register)"))</b></dd>
            """
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
