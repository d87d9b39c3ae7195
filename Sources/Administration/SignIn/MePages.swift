import LinliCore
import LinliKernel
import LinliUI

/// One's own account: who one is, what one's duties are, which devices are known, how pages look.
struct MePage {
    let account: AccountSummary
    /// The device this page is read on.
    let device: ID<Device>
    let devices: [SignIn.DeviceSummary]
    /// What programs act for the account with.
    let tokens: [TokenSummary]
    /// What was done just now.
    let done: String?
    let units: [ID<Unit>: Text]
    /// Whether short messages tell them what becomes of what they reported.
    let wantsMessages: Bool
    let preferences: Preferences
    let language: Language
    let formToken: String
    let now: Instant
    let names: DivisionNames

    var page: Page {
        Page(Text("我的", "Me"), frame: .resident(.me), body)
    }

    private var body: HTML {
        """
        <main id="main">
        <div class="col">
        \(when: done == "token", notice(MePage.endedToken, .ok, icon: "done"))
        \(when: done == "messages", notice(wantsMessages ? MePage.messagesOn : MePage.messagesOff, .ok, icon: "done"))
        \(who)
        \(when: account.isStaff, duties)
        \(look)
        </div>
        <div class="col side">
        \(messages)
        \(knownDevices)
        \(when: !tokens.isEmpty, TokenList(tokens: tokens, path: "/me/tokens", formToken: formToken, now: now).card)
        \(leaving)
        </div>
        </main>
        """
    }

    private var who: HTML {
        """
        <section class="card" aria-label="\(Text("账号", "Account"))">
        <div class="cell"><span class="av" aria-hidden="true">\(String(account.name.prefix(1)))</span>\
        <span class="bd"><span class="ttl">\(account.name)</span><span class="sub num">\(account.phoneMask)\
        \(account.division.map { " · \(names.place($0))" as HTML })</span></span></div>
        \(each: links, { link in
            """
            <a class="cell" href="\(link.path)">\(icon(link.icon))<span class="bd"><span class="ttl">\(link.name)\
            </span></span>\(icon("chevron", small: true))</a>
            """
        })
        </section>
        """
    }

    private static let endedToken = Text(
        "令牌已作废，用它的程序马上不能再用。", "The token has ended; its program is out at once."
    )

    private static let messagesOn = Text("办理进展短信打开了。", "Messages about your cases are on again.")
    private static let messagesOff = Text("办理进展短信关了，以后不再发。", "Messages about your cases are off.")

    private struct Link {
        let path: String
        let name: Text
        let icon: String
    }

    private var links: [Link] {
        let actor = account.actor
        var links = [Link(path: "/mine", name: Text("我反映的事", "My needs"), icon: "list")]
        links.append(Link(path: "/neighbourhood/following", name: Text("我关注的地方", "Places I follow"), icon: "bell"))
        links.append(Link(path: "/me/data", name: Text("我的信息、谁看过", "My data, who read it"), icon: "shield"))
        links.append(Link(path: "/me/services", name: Text("为我推荐的服务", "Services for me"), icon: "heart"))
        if actor.may(.casesRead) { links.append(Link(path: "/desk", name: Text("去工作台", "To the desk"), icon: "desk")) }
        if actor.may(.casesHandle), account.grants.contains(where: { $0.role == Role.gridWorker.id }) {
            links.append(Link(path: "/grid", name: Text("去网格工作", "To grid work"), icon: "walk"))
        }
        if actor.may(.accountsManage) {
            links.append(Link(path: "/admin/accounts", name: Text("管理账号", "Manage accounts"), icon: "people"))
        }
        if actor.may(.divisionsManage) {
            links.append(Link(path: "/admin/divisions", name: Text("管理区划网格", "Manage divisions"), icon: "tree"))
        }
        if actor.may(.auditRead) {
            links.append(Link(path: "/admin/audit", name: Text("看审计", "Read the audit"), icon: "shield"))
        }
        if actor.may(.registersRead) {
            links.append(Link(path: "/admin/units", name: Text("单位、地点、值班", "Units, places, rosters"), icon: "building"))
        }
        return links
    }

    // MARK: Duties and devices

    private var duties: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("我的职责", "My duties"))</h2></div>
        <ul>\(each: account.grants, { grant in
            """
            <li><div class="cell"><span class="bd"><span class="ttl">\
            \(Role.named(grant.role)?.name ?? Text(same: grant.role))</span>\
            <span class="sub">\(subject(grant))</span></span></div></li>
            """
        })</ul>
        </section>
        """
    }

    private func subject(_ grant: Grant) -> Text {
        switch grant.subject {
        case .division(let code): Text(same: code.level >= .community ? names.place(code) : names[code])
        case .unit(let id): units[id] ?? Text("单位", "unit")
        }
    }

    private var messages: HTML {
        let said =
            wantsMessages
            ? Text(
                "您反映的事有了结果、延期、暂停或复核有结论时，发短信告诉您。",
                "A short message tells you when what you reported has an outcome, or is delayed, paused or reviewed.")
            : Text("您已关闭办理进展短信，进展在“我反映的事”里看。", "Messages are off; see “My needs”.")
        return """
            <section class="card"><div class="hd"><h2>\(Text("办理进展短信", "Messages about your cases"))</h2></div>
            <form class="pad stack" method="post" action="/me/messages">\(LinliUI.formToken(formToken))\
            <p class="note">\(said)</p>
            <button class="btn ghost" name="wanted" value="\(wantsMessages ? "no" : "yes")">\(wantsMessages
                ? Text("不要发短信", "Send me none") : Text("重新打开短信", "Send them again"))</button></form>
            </section>
            """
    }

    private var knownDevices: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("登录过的设备", "Devices"))</h2></div>
        <ul>\(each: devices, { known in
            """
            <li><div class="cell"><span class="bd"><span class="ttl">\(DeviceName.of(known.label))</span>\
            <span class="sub">\(time(known.seenAt, known.seenAt.relative(to: now)))</span></span>\
            \(when: known.id == device, tag(Text("这台", "This one"), .ok))\
            \(when: account.isStaff && known.isVerified, tag(Text("已验证", "Verified"), .mute))</div></li>
            """
        })</ul>
        </section>
        """
    }

    // MARK: Look and leaving

    private var look: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("显示", "Display"))</h2></div>
        <div class="pad btns">
        \(preference(
            "mode", preferences.isElder ? "standard" : "elder", "text",
            preferences.isElder
                ? Text("改用标准版", "Standard letters") : Text("改用长者版", "Large letters")
        ))
        \(preference(
            "theme", preferences.isDark ? "light" : "dark", preferences.isDark ? "sun" : "moon",
            preferences.isDark ? Text("改用浅色", "Light colours") : Text("改用深色", "Dark colours")
        ))
        \(preference("language", language == .zh ? "en" : "zh", "globe", Text("English", "中文")))
        </div>
        </section>
        """
    }

    private func preference(_ name: String, _ value: String, _ symbol: String, _ text: Text) -> HTML {
        """
        <form method="post" action="/preferences">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="back" value="/me">\
        <button class="btn ghost" name="\(name)" value="\(value)">\(icon(symbol, small: true))\(text)</button></form>
        """
    }

    private var leaving: HTML {
        let question =
            tokens.isEmpty
            ? Text("所有设备都要重新登录，确定吗？", "Every device has to sign in again. Go on?")
            : Text(
                "所有设备都要重新登录，您的 \(tokens.count) 个程序令牌也一并作废，确定吗？",
                "Every device has to sign in again, and your \(tokens.count) tokens of programs end too. Go on?")
        return """
            <section class="card"><div class="pad stack">
            <form method="post" action="/sign-out" data-draft-clear>\(LinliUI.formToken(formToken))\
            <button class="btn ghost wide">\(icon("out", small: true))\(Text("退出登录", "Sign out"))</button></form>
            <form method="post" action="/sign-out/everywhere" data-draft-clear data-confirm="\(question)">\
            \(LinliUI.formToken(formToken))\
            <button class="btn plain wide">\(Text("在所有设备上退出", "Sign out everywhere"))</button></form>
            </div></section>
            """
    }
}

/// What a browser calls itself, in words people know.
enum DeviceName {
    /// What is kept of a browser's long name: the words that are looked for, in 80 characters.
    static func label(_ agent: String) -> String {
        let found = (browsers + machines).map(\.0).filter { agent.contains($0) }
        return String((found.isEmpty ? agent : found.joined(separator: " ")).prefix(80))
    }

    /// The browser and the machine; a plain word for what says neither.
    static func of(_ agent: String) -> Text {
        let browser = browsers.first { agent.contains($0.0) }.map { Text($0.1, $0.2) }
        let machine = machines.first { agent.contains($0.0) }.map { Text($0.1, $0.2) }
        switch (browser, machine) {
        case (let browser?, let machine?): return browser + Text("，", ", ") + machine
        case (let known?, nil), (nil, let known?): return known
        case (nil, nil): return Text("其他设备", "Another device")
        }
    }

    /// The more special name first: nearly all of them also say Chrome or Safari.
    private static let browsers = [
        ("MicroMessenger", "微信", "WeChat"), ("Edg", "Edge", "Edge"), ("Firefox", "Firefox", "Firefox"),
        ("HuaweiBrowser", "华为浏览器", "Huawei Browser"), ("Chrome", "Chrome", "Chrome"),
        ("Safari", "Safari", "Safari"),
    ]

    private static let machines = [
        ("iPhone", "iPhone", "iPhone"), ("iPad", "iPad", "iPad"), ("HarmonyOS", "鸿蒙手机", "HarmonyOS"),
        ("Android", "安卓手机", "Android"), ("Windows", "Windows 电脑", "Windows"), ("Macintosh", "苹果电脑", "Mac"),
        ("Linux", "Linux 电脑", "Linux"),
    ]
}
