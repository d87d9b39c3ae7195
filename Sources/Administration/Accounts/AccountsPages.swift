import LinliCore
import LinliKernel
import LinliUI

/// Words that more than one page of accounts says.
enum AccountWords {
    /// A role as people call it.
    static func role(_ id: String) -> Text { Role.named(id)?.name ?? Text(same: id) }

    /// Over what a duty holds.
    static func place(_ duty: StaffDuty, _ names: DivisionNames) -> Text {
        switch duty.subject {
        case .division(let code): Text(same: code.level >= .community ? names.place(code) : names[code])
        case .unit: duty.unitName
        }
    }

    /// What is said after a change; nil for a word nobody sends.
    static func done(_ word: String?) -> Text? {
        switch word {
        case "created": Text("账号已建好，再给一项职责才能进工作台。", "The account is there; a duty opens the desk to it.")
        case "granted": Text("已加上这项职责，马上生效。", "The duty was given and holds at once.")
        case "ended": Text("这项职责已结束，马上生效。", "The duty has ended.")
        case "unlocked": Text("已解锁，可以重新登录。", "Unlocked: they can sign in again.")
        case "reset": Text("第二步验证已重设，下次登录时重新设。", "The second factor is gone; the next sign-in sets up a new one.")
        case "token": Text("这个令牌已作废，用它的程序马上不能再用。", "The token has ended; its program is out at once.")
        case "closed": Text("账号已停用，职责全部结束。", "The account is closed and its duties have ended.")
        default: nil
        }
    }
}

/// The list of staff.
struct AccountsListPage {
    let accounts: [StaffAccount]
    let hasMore: Bool
    let totals: AccountsStore.Totals
    let words: String
    let isClosed: Bool
    let lacksSecondFactor: Bool
    /// The duty somebody is looked for.
    let wanted: WantedDuty?
    let done: String?
    let now: Instant
    let names: DivisionNames

    var page: Page {
        Page(Text("账号", "Accounts"), frame: .desk("/admin/accounts"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("账号", "Accounts"))</h1>\
        <a class="btn" href="\(wanted.kept(in: "/admin/accounts/new"))">\(icon("plus", small: true))\(Text("新账号", "New account"))</a></div>
        \(AccountWords.done(done).map { notice($0, .ok, icon: "done") })
        \(wanted.map { notice(wish($0), .info) })
        <div class="stats">
        <a class="stat" href="/admin/accounts"><span>\(Text("在用的账号", "Active accounts"))</span><b>\(totals.accounts)\
        </b></a>
        <a class="stat\(when: totals.withoutSecondFactor > 0, " warn")" href="/admin/accounts?second=missing">\
        <span>\(Text("还没设第二步验证", "No second factor yet"))</span><b>\(totals.withoutSecondFactor)</b>\
        <small>\(Text("下次登录时必须设", "Asked for at their next sign-in"))</small></a>
        </div>
        <section class="card" aria-label="\(Text("账号列表", "List of accounts"))">
        \(filters)
        \(accounts.isEmpty ? empty : table)
        </section>
        </main>
        """
    }

    private func wish(_ wanted: WantedDuty) -> Text {
        let (place, role) = (AdminWords.place(wanted.division, names), wanted.role.name)
        return Text(
            "给\(place)选一位\(role.zh)：点一个人，职责已经填好；没有账号的先建账号。",
            "Choose a \(role.en) for \(place): pick somebody, the duty is filled in; add an account for who has none.")
    }

    private var filters: HTML {
        """
        <form class="flt" action="/admin/accounts"><input type="search" name="q" value="\(words)" maxlength="40" \
        aria-label="\(Text("姓名或完整手机号", "Name or whole phone number"))" \
        placeholder="\(Text("姓名、完整手机号", "Name or whole phone"))">
        <select name="status" aria-label="\(Text("状态", "State"))" data-go><option value="">\(Text("在用", "Active"))\
        </option>\
        <option value="closed"\(when: isClosed, " selected")>\(Text("已停用", "Closed"))</option></select>
        \(when: lacksSecondFactor, "<input type=\"hidden\" name=\"second\" value=\"missing\">")\(wanted?.hidden)
        <button class="btn ghost">\(Text("查找", "Find"))</button></form>
        """
    }

    private var empty: HTML {
        emptyState(
            Text("没有找到账号", "No account was found"),
            Text(
                "按姓名里的字或完整手机号找；别的辖区的人不在这里。",
                "Search by part of the name or the whole phone; other areas are not listed."
            ),
            icon: "people"
        )
    }

    private var table: HTML {
        """
        <div class="scroll"><table class="t mid cards">
        <caption class="sr">\(Text("账号", "Accounts"))</caption>
        <thead><tr><th scope="col">\(Text("姓名", "Name"))</th><th scope="col">\(Text("职责和范围", "Duties"))</th>\
        <th scope="col">\(Text("单位", "Unit"))</th><th scope="col">\(Text("手机", "Phone"))</th>\
        <th scope="col">\(Text("第二步验证", "Second factor"))</th><th scope="col">\(Text("最近登录", "Last sign-in"))</th>\
        <th scope="col">\(Text("状态", "State"))</th></tr></thead>
        <tbody>
        \(each: accounts, row)</tbody></table></div>
        \(when: hasMore, pager)
        """
    }

    private func row(_ account: StaffAccount) -> HTML {
        let held = account.duties.filter { $0.isHeld(at: now) }
        return """
            <tr><td class="wide"><a class="ttl" href="\(wanted.kept(in: "/admin/accounts/\(account.id)"))">\
            \(account.name)</a></td>\
            <td data-label="\(Text("职责和范围", "Duties"))"><span>\
            \(held.isEmpty ? HTML.text(Text("没有职责", "None")) : .empty)\
            \(each: held.prefix(4).enumerated(), { index, duty in
                "\(when: index > 0, "<br>")\(AccountWords.role(duty.role)) · \(AccountWords.place(duty, names))"
            })\(when: held.count > 4, "<br>…")</span></td>\
            <td data-label="\(Text("单位", "Unit"))">\(account.unitName.zh.isEmpty ? Text("—", "—") : account.unitName)\
            </td>\
            <td data-label="\(Text("手机", "Phone"))" class="num">\(account.phoneMask)</td>\
            <td data-label="\(Text("第二步验证", "Second factor"))">\(AccountTags.secondFactor(account))</td>\
            <td data-label="\(Text("最近登录", "Last sign-in"))">\(AccountTags.lastSeen(account, now))</td>\
            <td data-label="\(Text("状态", "State"))">\(AccountTags.state(account, now))</td></tr>

            """
    }

    private var pager: HTML {
        let next = wanted.kept(
            in: "/admin/accounts",
            [
                ("q", words.isEmpty ? nil : words), ("status", isClosed ? "closed" : nil),
                ("second", lacksSecondFactor ? "missing" : nil), ("after", accounts.last.map { "\($0.id)" }),
            ]
        )
        return """
            <nav class="pg" aria-label="\(Text("翻页", "Pages"))"><span class="sp"></span>\
            <a class="btn ghost sm" href="\(next)">\(Text("下一页", "Next page"))</a></nav>
            """
    }
}

/// Short words in colour about an account.
enum AccountTags {
    static func secondFactor(_ account: StaffAccount) -> HTML {
        account.hasSecondFactor ? tag(Text("已设", "Set up"), .ok) : tag(Text("没设", "Missing"), .warn)
    }

    static func state(_ account: StaffAccount, _ now: Instant) -> HTML {
        if !account.isActive { return tag(Text("已停用", "Closed"), .mute) }
        return account.lockedUntil > now ? tag(Text("已锁定", "Locked"), .bad) : tag(Text("在用", "Active"), .ok)
    }

    static func lastSeen(_ account: StaffAccount, _ now: Instant) -> HTML {
        account.lastSeen.map { time($0, $0.relative(to: now)) } ?? HTML.text(Text("还没登录过", "Never"))
    }
}

/// The form for a new account.
struct NewAccountPage {
    let units: [UnitSummary]
    /// The duty somebody is looked for.
    let wanted: WantedDuty?
    let form: Form
    let formToken: String
    let error: LinliError?

    var page: Page {
        Page(Text("新账号", "New account"), frame: .desk("/admin/accounts"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("新账号", "New account"))</h1></div>
        \(problem(error))
        <section class="card narrow" aria-label="\(Text("新账号", "New account"))">
        <form class="form" method="post" action="/admin/accounts/new" data-draft="account-new">
        \(LinliUI.formToken(formToken))\(wanted?.hidden)
        \(input("name", Text("姓名", "Name"), "maxlength=\"40\" required autocomplete=\"off\""))
        \(input(
            "phone", Text("手机号", "Mobile number"),
            "type=\"tel\" inputmode=\"numeric\" maxlength=\"20\" required autocomplete=\"off\"",
            hint: Text("用来登录，加密保存，以后只显示一部分。", "For signing in; kept encrypted and shown masked.")
        ))
        \(field(
            Text("单位", "Unit"), for: "unit", error: error?.text(for: "unit"),
            select(
                "unit", units.map { (value: "\($0.id)", text: $0.name) }, selected: form["unit"],
                empty: Text("请选", "Choose"), attributes: described("unit", error: error?.text(for: "unit"))
            )
        ))
        \(password)
        <div class="full btns"><button class="btn">\(Text("建账号", "Create the account"))</button>\
        <a class="btn ghost" href="\(wanted.kept(in: "/admin/accounts"))">\(Text("不建了", "Cancel"))</a></div>
        </form>
        </section>
        </main>
        """
    }

    private func input(_ name: String, _ label: Text, _ attributes: HTML, hint: Text? = nil) -> HTML {
        let error = error?.text(for: name)
        return field(
            label, for: name, hint: hint, error: error,
            """
            <input id="\(name)" name="\(name)" \(attributes) value="\(form[name] ?? "")"\
            \(described(name, hint: hint != nil, error: error))>
            """
        )
    }

    private var password: HTML {
        let error = error?.text(for: "password")
        return field(
            Text("初始密码", "Initial password"), for: "password",
            hint: Text(
                "可以不填：建好以后给本人一个链接，由本人来设。填的话至少 8 位，三种字符。",
                "Leave it empty and hand them a link to choose it. Otherwise at least 8 characters of three kinds."
            ),
            optional: true, error: error,
            """
            <input id="password" name="password" type="password" maxlength="100" autocomplete="new-password"\
            \(described("password", hint: true, error: error))>
            """
        )
    }
}
