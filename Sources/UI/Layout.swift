import LinliCore
import LinliKernel

/// What the frame around a page needs to know about its reader.
package struct Reader: Sendable {
    package let language: Language
    package let preferences: Preferences
    package let account: AccountSummary?
    /// What forms must carry back.
    package let formToken: String
    /// The live event the page is as new as, for its stream to go on from.
    package let sequence: Int64
    /// The path of this page, for switches that come back to it.
    package let path: String
    /// Where the reader is at home, `幸福里社区`.
    package let community: String
    /// Entries of the desk's menu this reader may open.
    package let menu: [MenuEntry]
    /// How many cases have an alert for them; nil for who has no desk of cases.
    package let alerts: Int?

    /// A reader; see the properties.
    package init(
        language: Language,
        preferences: Preferences,
        account: AccountSummary?,
        formToken: String,
        sequence: Int64,
        path: String,
        community: String,
        menu: [MenuEntry],
        alerts: Int? = nil
    ) {
        self.language = language
        self.preferences = preferences
        self.account = account
        self.formToken = formToken
        self.sequence = sequence
        self.path = path
        self.community = community
        self.menu = menu
        self.alerts = alerts
    }
}

/// Puts pages into their frames.
package enum Layout {
    /// The whole document, UTF-8.
    package static func render(_ page: Page, for reader: Reader) -> [UInt8] {
        document(page, reader).render(reader.language)
    }

    private static func document(_ page: Page, _ reader: Reader) -> HTML {
        let isDesk = if case .desk = page.frame { true } else { false }
        let user = reader.account.map { "\($0.id)" } ?? ""
        let prefs = reader.preferences
        return """
            <!doctype html>
            <html lang="\(reader.language.tag)" data-user="\(user)" data-live-seq="\(reader.sequence)"\
            \(when: prefs.isDark, " data-theme=\"dark\"")\(when: prefs.isElder, " data-mode=\"elder\"")>
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
            <title>\(page.title) · \(Text("邻里", "Linli"))</title>
            \(isDesk ? deskLinks : page.frame == .phone ? phoneLinks : links)
            </head>
            <body>
            <a class="skip" href="#main">\(Text("跳到正文", "Skip to content"))</a>
            \(frame(page, reader))
            <div class="toasts" role="status"></div>
            </body>
            </html>
            """
    }

    // Made once: they differ by nothing a reader or a page has.
    private static let links = links("", manifest: "/manifest.webmanifest")
    private static let phoneLinks = links("", manifest: "/worker.webmanifest")
    private static let deskLinks = links(
        "<link rel=\"stylesheet\" href=\"\(Assets.path("desk.css"))\">", manifest: "/manifest.webmanifest")

    private static func links(_ more: HTML, manifest: String) -> HTML {
        """
        <meta name="theme-color" content="#08437f">
        <link rel="stylesheet" href="\(Assets.path("linli.css"))">
        \(more)
        <link rel="icon" href="\(Assets.path("favicon.svg"))" type="image/svg+xml">
        <link rel="manifest" href="\(manifest)">
        <script type="module" src="\(Assets.path("app.js"))"></script>
        """
    }

    private static func frame(_ page: Page, _ reader: Reader) -> HTML {
        switch page.frame {
        case .resident(let tab): residentFrame(page, tab, reader)
        case .desk(let path): DeskFrame.render(page, current: path, reader)
        case .grid(let path): gridFrame(page, path, reader)
        case .phone: "<div class=\"h5 gridwork phone\" data-shell data-grid-phone>\(page.body)</div>"
        case .plain: plainFrame(page, reader)
        }
    }

    static let offlineStrip: HTML = """
        <p class="offline" role="status" data-offline hidden>\(icon("offline"))\
        \(Text("现在没有网络，写的内容会留在手机里。", "No network right now: what you write stays on this phone."))</p>
        """

    private static func residentFrame(_ page: Page, _ tab: Page.Tab, _ reader: Reader) -> HTML {
        let isHome = tab == .home
        return """
            <div class="h5">
            \(offlineStrip)
            \(isHome ? homeHeader(reader) : slimHeader(page.title))
            \(tab == .report ? nil : (reader.preferences.isElder ? elderTabs : tabs)[tab])
            \(page.body)
            </div>
            """
    }

    private static func slimHeader(_ title: Text, back: String = "/") -> HTML {
        """
        <header class="h5-top slim">
        <a class="back" href="\(back)">\(icon("back"))<span class="sr">\(Text("返回首页", "Back to home"))</span></a>
        <h1>\(title)</h1>
        </header>
        """
    }

    private static func homeHeader(_ reader: Reader) -> HTML {
        let isElder = reader.preferences.isElder
        return """
            <header class="h5-top">
            <div class="row">
            <span class="loc">\(icon("pin"))<span>\(reader.community)</span></span>
            \(preference("mode", isElder ? "standard" : "elder", reader, "\(icon("text"))\(isElder ? Text("标准版", "Standard") : Text("长者版", "Large"))"))
            \(languageSwitch(reader))
            </div>
            \(reader.account.map { "<p class=\"hi\">\(Text("\($0.name)，您好", "Hello \($0.name)"))</p>" as HTML })
            </header>
            """
    }

    /// A switch that is an ordinary form, so that it works without JavaScript.
    static func preference(_ name: String, _ value: String, _ reader: Reader, _ content: HTML) -> HTML {
        """
        <form method="post" action="/preferences">\(LinliUI.formToken(reader.formToken))\
        <input type="hidden" name="back" value="\(reader.path)">\
        <button name="\(name)" value="\(value)">\(content)</button></form>
        """
    }

    static func languageSwitch(_ reader: Reader) -> HTML {
        reader.language == .zh
            ? preference("language", "en", reader, "<span lang=\"en\">EN<span class=\"sr\">, English</span></span>")
            : preference("language", "zh", reader, "<span lang=\"zh-CN\">中文</span>")
    }

    private static let tabs = bars(isElder: false)
    private static let elderTabs = bars(isElder: true)

    private static func bars(isElder: Bool) -> [Page.Tab: HTML] {
        Dictionary(uniqueKeysWithValues: Page.Tab.allCases.map { ($0, bar($0, isElder: isElder)) })
    }

    private static func bar(_ tab: Page.Tab, isElder: Bool) -> HTML {
        func entry(_ which: Page.Tab, _ path: String, _ name: String, _ text: Text, isMain: Bool = false) -> HTML {
            """
            <a href="\(path)"\(when: which == tab, " aria-current=\"page\"")\(when: isMain, " class=\"main\"")>\
            \(icon(name))\(text)</a>
            """
        }
        return """
            <nav class="tab" aria-label="\(Text("主导航", "Main"))">
            \(entry(.home, "/", "home", Text("首页", "Home")))
            \(entry(.mine, "/mine", "list", isElder ? Text("我的事", "Mine") : Text("我反映的事", "My needs")))
            \(when: !isElder, entry(.report, "/report", "camera", Text("反映", "Report"), isMain: true))
            \(entry(.me, "/me", "user", Text("我的", "Me")))
            </nav>
            """
    }

    private static func gridFrame(_ page: Page, _ path: String, _ reader: Reader) -> HTML {
        func entry(
            _ to: String, _ permission: Permission, _ name: String, _ text: Text, isMain: Bool = false
        ) -> HTML {
            guard reader.account?.actor.may(permission) == true else { return .empty }
            return """
                <a href="\(to)"\(when: to == path, " aria-current=\"page\"")\(when: isMain, " class=\"main\"")>\
                \(icon(name))\(text)</a>
                """
        }
        return """
            <div class="h5 gridwork">
            \(offlineStrip)
            <header class="h5-top">
            <div class="row"><span class="loc">\(icon("map"))<span>\(reader.community)</span></span>
            <a class="pillar" href="/me">\(icon("user"))<span>\(reader.account?.name ?? "")</span></a></div>
            </header>
            <nav class="tab" aria-label="\(Text("主导航", "Main"))">
            \(entry("/grid", .casesHandle, "home", Text("今天", "Today")))
            \(entry("/grid/report", .casesReport, "camera", Text("上报", "Report"), isMain: true))
            \(entry("/registers", .peopleRead, "people", Text("人房", "Homes")))
            \(entry("/desk", .casesRead, "list", Text("工单", "Cases")))
            </nav>
            \(page.body)
            </div>
            """
    }

    private static func plainFrame(_ page: Page, _ reader: Reader) -> HTML {
        """
        <div class="solo">
        <header class="brand"><img src="\(Assets.path("favicon.svg"))" alt="" width="48" height="48">\
        <span>\(Text("邻里", "Linli"))<small>\(Text("身边的事，有人管", "What is near you is in good hands"))</small></span></header>
        \(page.body)
        <footer>\(switches(reader))</footer>
        </div>
        """
    }

    static func switches(_ reader: Reader) -> HTML {
        let prefs = reader.preferences
        let elder = prefs.isElder ? Text("标准版", "Standard") : Text("长者版", "Large letters")
        let theme = prefs.isDark ? Text("浅色", "Light") : Text("深色", "Dark")
        return """
            \(preference("mode", prefs.isElder ? "standard" : "elder", reader, "\(icon("text", small: true))\(elder)"))
            \(preference("theme", prefs.isDark ? "light" : "dark", reader, "\(icon(prefs.isDark ? "sun" : "moon", small: true))\(theme)"))
            \(languageSwitch(reader))
            """
    }
}
