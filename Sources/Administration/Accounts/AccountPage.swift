import LinliCore
import LinliKernel
import LinliUI

/// One account: who it is, its duties past and present, a new duty, and what can be done with it.
struct AccountPage {
    let account: StaffAccount
    /// Divisions a new duty can be over.
    let divisions: [DivisionCode]
    let units: [UnitSummary]
    /// What programs act for the account with.
    let tokens: [TokenSummary]
    /// Duties that lie within the administrator's own divisions.
    let mayEnd: Set<ID<Grant>>
    /// Whether the administrator looks at themselves: others decide about that.
    let isOwn: Bool
    let form: Form
    let done: String?
    /// The link to choose a password by that was just made: shown this once.
    let setupLink: String?
    let error: LinliError?
    let formToken: String
    let now: Instant
    let names: DivisionNames

    private var base: String { "/admin/accounts/\(account.id)" }
    private var mayChange: Bool { account.isActive && !isOwn }

    var page: Page {
        Page(Text(same: account.name), frame: .desk("/admin/accounts"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap"\(draftDone)>
        <div class="ttlbar"><h1>\(account.name)</h1>\
        <a class="btn ghost" href="/admin/accounts">\(icon("back", small: true))\(Text("回列表", "Back"))\
        </a></div>
        \(problem(error))
        \(AccountWords.done(done).map { notice($0, .ok, icon: "done") })
        \(setupLink.map(setup))
        \(when: isOwn, notice(AccountPage.ownText, .warn))
        <div class="stack">
        <section class="card"><div class="hd"><h2>\(Text("职责", "Duties"))</h2></div>
        \(account.duties.isEmpty ? noDuties : duties)
        </section>
        \(when: mayChange, newDuty)
        </div>
        <aside class="stack">\(facts)\(when: !tokens.isEmpty, programs)\(when: mayChange, actions)</aside>
        </main>
        """
    }

    private var draftDone: HTML {
        switch done {
        case "created": " data-draft-done=\"account-new\""
        case "granted": " data-draft-done=\"account-\(account.id)-grant\""
        default: .empty
        }
    }

    private func setup(_ link: String) -> HTML {
        """
        <section class="card" aria-label="\(Text("设密码的链接", "Link to choose a password"))">
        <div class="qr">\(qrCode(link, label: Text("链接的二维码", "QR code of the link")))
        <p>\(Text(
            "请本人扫码，或把下面的链接交给本人。\(SignIn.setupDays) 天内有效，只能用一次，离开这页就看不到了。",
            "Let them scan this or hand them the link. It holds \(SignIn.setupDays) days, works once, and is shown only now."
        ))</p>
        <p class="secret num">\(link)</p></div></section>
        """
    }

    private static let ownText = Text(
        "这是您自己的账号，要由另一位管理员来改。",
        "This is your own account: another administrator has to change it."
    )

    // MARK: Duties

    private var noDuties: HTML {
        emptyState(
            Text("还没有职责", "No duty yet"),
            Text("给一项职责，才能进工作台。", "A duty opens the desk."),
            icon: "key"
        )
    }

    private var duties: HTML {
        """
        <div class="scroll gap"><table class="t mid cards">
        <caption class="sr">\(Text("职责", "Duties"))</caption>
        <thead><tr><th scope="col">\(Text("职责", "Duty"))</th><th scope="col">\(Text("范围", "Over"))</th>\
        <th scope="col">\(Text("从", "From"))</th><th scope="col">\(Text("到", "Until"))</th>\
        <th scope="col"><span class="sr">\(Text("操作", "Action"))</span></th></tr></thead>
        <tbody>
        \(each: account.duties.reversed(), row)</tbody></table></div>
        """
    }

    private func row(_ duty: StaffDuty) -> HTML {
        let isHeld = duty.isHeld(at: now)
        let name = AccountWords.role(duty.role)
        return """
            <tr><td class="wide">\(name)\(when: !isHeld, " \(tag(Text("已结束", "Ended"), .mute))")</td>\
            <td data-label="\(Text("范围", "Over"))">\(AccountWords.place(duty, names))</td>\
            <td data-label="\(Text("从", "From"))">\(time(duty.from, duty.from.date.full))</td>\
            <td data-label="\(Text("到", "Until"))">\
            \(duty.until.map { time($0, lastDay($0)) } ?? HTML.text(Text("长期", "no end")))</td>\
            <td class="acts">\(when: isHeld && mayChange && mayEnd.contains(duty.id), end(duty, name))</td></tr>

            """
    }

    /// A duty until midnight holds through the day before.
    private func lastDay(_ until: Instant) -> Text { until.adding(seconds: -1).date.full }

    private func end(_ duty: StaffDuty, _ name: Text) -> HTML {
        let question = Text("结束“\(name.zh)”这项职责？马上生效。", "End the duty “\(name.en)” now?")
        return """
            <form method="post" action="\(base)/grants/\(duty.id)/end" data-confirm="\(question)">\
            \(LinliUI.formToken(formToken))\
            <button class="btn ghost sm">\(Text("结束", "End"))<span class="sr"> \(name)</span></button></form>
            """
    }

    private var newDuty: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("加一项职责", "Give a duty"))</h2></div>
        <form class="form" method="post" action="\(base)/grants" data-draft="account-\(account.id)-grant">\
        \(LinliUI.formToken(formToken))
        \(field(
            Text("职责", "Duty"), for: "role", error: error?.text(for: "role"),
            select(
                "role", Role.all.map { (value: $0.id, text: $0.name) }, selected: form["role"],
                empty: Text("请选", "Choose"),
                attributes: described("role", error: error?.text(for: "role"))
            )
        ))
        \(divisionField)
        \(field(
            Text("单位", "Unit"), for: "unit", hint: Text("承办人员选单位，上面不填。", "Handlers have a unit and no division."),
            error: error?.text(for: "unit"),
            select(
                "unit", units.map { (value: "\($0.id)", text: $0.name) }, selected: form["unit"],
                empty: Text("不选", "None"),
                attributes: described("unit", hint: true, error: error?.text(for: "unit"))
            )
        ))
        \(untilField)
        <div class="full btns"><button class="btn">\(Text("加上", "Give it"))</button></div>
        </form></section>
        """
    }

    private var divisionField: HTML {
        let error = error?.text(for: "division")
        return field(
            Text("管哪里", "Over which division"), for: "division",
            hint: Text("打几个字选，或填 6、9、12、15 位代码。", "Type to choose, or enter a code of 6, 9, 12 or 15 digits."),
            error: error,
            """
            <input id="division" name="division" list="divisions" maxlength="15" autocomplete="off" \
            value="\(form["division"] ?? "")"\
            \(described("division", hint: true, error: error))><datalist id="divisions">\
            \(each: divisions, { code in
                "<option value=\"\(code.short)\">\(code.level >= .community ? names.place(code) : names[code])</option>"
            })</datalist>
            """
        )
    }

    private var untilField: HTML {
        let error = error?.text(for: "until")
        return field(
            Text("做到哪天", "Until"), for: "until", optional: true, error: error,
            """
            <input id="until" name="until" type="date" value="\(form["until"] ?? "")"\
            \(described("until", error: error))>
            """
        )
    }

    // MARK: The account

    private var facts: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("账号", "Account"))</h2></div>
        <dl class="kv">
        <dt>\(Text("手机", "Phone"))</dt><dd class="num">\(account.phoneMask)</dd>
        <dt>\(Text("单位", "Unit"))</dt><dd>\(account.unitName.zh.isEmpty ? Text("没有", "None") : account.unitName)</dd>
        <dt>\(Text("状态", "State"))</dt><dd>\(AccountTags.state(account, now))</dd>
        <dt>\(Text("第二步", "2nd step"))</dt><dd>\(AccountTags.secondFactor(account))</dd>
        <dt>\(Text("登录", "Sign-in"))</dt><dd>\(AccountTags.lastSeen(account, now))</dd>
        </dl></section>
        """
    }

    /// A token outlives every session, so whoever looks after the account sees each and can end it.
    private var programs: HTML {
        TokenList(
            tokens: tokens, path: mayChange ? "\(base)/tokens" : nil, formToken: formToken, now: now
        ).card
    }

    private var actions: HTML {
        """
        <section class="card"><div class="act">
        \(when: account.lockedUntil > now, action("unlock", Text("解锁", "Unlock"), "btn", nil))
        \(action("setup", Text("给一个设密码的链接", "Link to choose a password"), "btn ghost", nil))
        \(when: account.hasSecondFactor, action(
            "second-factor/reset", Text("重设第二步验证", "Reset the second factor"), "btn ghost",
            Text("手机丢了才要重设，所有设备会退出登录。继续吗？", "Only for a lost phone; every device is signed out. Go on?")
        ))
        \(action(
            "close", Text("停用账号", "Close the account"), "btn danger",
            Text("停用后不能登录，职责全部结束，不能恢复。确定吗？",
                "They cannot sign in any more, all duties end, and this cannot be undone. Close it?")
        ))
        </div></section>
        """
    }

    private func action(_ path: String, _ name: Text, _ look: String, _ question: Text?) -> HTML {
        """
        <form method="post" action="\(base)/\(path)"\(question.map { " data-confirm=\"\($0)\"" as HTML })>\
        \(LinliUI.formToken(formToken))<button class="\(look)">\(name)</button></form>
        """
    }
}
