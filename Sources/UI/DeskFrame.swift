import LinliCore
import LinliKernel

/// The staff desk: menu on the left, search and account on top.
enum DeskFrame {
    static func render(_ page: Page, current: String, _ reader: Reader) -> HTML {
        """
        <div class="desk">
        <nav aria-label="\(Text("主导航", "Main"))"><div class="in">
        <a class="lg" href="\(reader.menu.first?.path ?? "/me")">\
        <img src="\(Assets.path("favicon.svg"))" alt="" width="28" height="28">\
        <span>\(Text("邻里 · 工作台", "Linli desk"))</span></a>
        \(menu(reader.menu, current))
        </div></nav>
        <div>
        <header class="bar">
        <nav class="crumb" aria-label="\(Text("位置", "Where"))"><ol><li>\(reader.community)</li>\
        <li aria-current="page">\(page.title)</li></ol></nav>
        \(when: findsAnything(reader), find(isAhead: reader.account?.actor.may(.peopleRead) ?? false))
        \(reader.alerts.map(AlertBell.html))
        \(person(reader))
        </header>
        \(page.body)
        </div>
        </div>
        \(keys)
        """
    }

    private static func findsAnything(_ reader: Reader) -> Bool {
        guard let actor = reader.account?.actor else { return false }
        return actor.may(.casesRead) || actor.may(.peopleRead)
    }

    /// The box that finds everything the reader may see; with hits while they type for who may see the registers.
    private static func find(isAhead: Bool) -> HTML {
        """
        <form class="find" role="search" action="/desk/find">\(icon("search"))\
        <input type="search" name="q" aria-label="\(Text("查人、房、单位、工单", "Find people, homes, cases"))" \
        placeholder="\(Text("姓名、地址、编号", "Name, address, number"))" maxlength="60" data-search\
        \(when: isAhead, " data-ahead=\"/desk/find/ahead\"")>\
        <kbd aria-hidden="true">/</kbd></form>
        <button class="icon keyhelp" type="button" data-open="keys" data-js hidden>\(icon("keyboard"))\
        <span class="sr">\(Text("键盘快捷键", "Keyboard shortcuts"))</span></button>
        """
    }

    private static func menu(_ entries: [MenuEntry], _ current: String) -> HTML {
        var groups: [(Text, [MenuEntry])] = []
        for entry in entries {
            if let known = groups.firstIndex(where: { $0.0 == entry.group }) {
                groups[known].1.append(entry)
            } else {
                groups.append((entry.group, [entry]))
            }
        }
        return """
            \(each: groups, { group in
                """
                <h2>\(group.0)</h2><ul>\(each: group.1, { entry in
                    """
                    <li><a href="\(entry.path)"\(when: entry.path == current, " aria-current=\"page\"")>\
                    \(icon(entry.icon))<span>\(entry.name)</span></a></li>
                    """
                })</ul>
                """
            })
            """
    }

    private static func person(_ reader: Reader) -> HTML {
        let name = reader.account?.name ?? ""
        return """
            <details class="menu"><summary><span class="av" aria-hidden="true">\(String(name.prefix(1)))</span>\
            <span>\(name)</span>\(icon("down", small: true))</summary>
            <div class="pop">
            <a href="/me">\(icon("user"))\(Text("我的账号", "My account"))</a>
            <a href="/">\(icon("home"))\(Text("居民首页", "Resident's home"))</a>
            \(Layout.switches(reader))
            <form method="post" action="/sign-out" data-draft-clear>\(LinliUI.formToken(reader.formToken))\
            <button>\(icon("out"))\(Text("退出登录", "Sign out"))</button></form>
            </div></details>
            """
    }

    private static let keys: HTML = """
        <dialog id="keys" aria-labelledby="keys-h">
        <h2 id="keys-h">\(Text("键盘快捷键", "Keyboard shortcuts"))</h2>
        <dl class="keys"><dt><kbd>j</kbd><kbd>k</kbd></dt><dd>\(Text("下一件、上一件", "Next, previous"))</dd>\
        <dt><kbd>Enter</kbd></dt><dd>\(Text("打开整页", "Open the page"))</dd>\
        <dt><kbd>x</kbd></dt><dd>\(Text("勾选、取消", "Tick or untick"))</dd>\
        <dt><kbd>/</kbd></dt><dd>\(Text("搜索", "Search"))</dd><dt><kbd>?</kbd></dt><dd>\(Text("这张表", "This list"))</dd></dl>
        <label class="check"><input type="checkbox" data-keys-toggle><span>\(Text("使用单键快捷键", "Use single keys"))</span></label>
        <form method="dialog" class="btns"><button class="btn">\(Text("知道了", "Got it"))</button></form>
        </dialog>
        """
}
