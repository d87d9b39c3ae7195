import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What a search found.
struct DeskSearchPage {
    let words: String
    let found: CaseSearch.Found
    let now: Instant
    let names: DivisionNames
    let catalogue: EventCatalogue
    let types: CaseTypes

    var page: Page {
        Page(Text("搜工单", "Search cases"), frame: .desk("/desk"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(heading)</h1><a class="btn ghost" href="/desk">\
        \(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
        <section class="card" aria-label="\(Text("搜索结果", "Results"))">
        <form class="flt" action="/desk/search" role="search">\
        <input type="search" name="q" value="\(words)" maxlength="60" \
        aria-label="\(Text("要搜的编号、地址或内容", "Number, address or words"))"><button class="btn ghost">\
        \(Text("搜", "Search"))</button></form>
        \(results)
        </section>
        </main>
        """
    }

    private var heading: Text {
        words.isEmpty ? Text("搜工单", "Search cases") : Text("搜“\(words)”", "Search for “\(words)”")
    }

    private var results: HTML {
        guard !found.rows.isEmpty else {
            return words.isEmpty
                ? emptyState(
                    Text("写编号、地址或内容里的词", "Type a number, an address or words"),
                    Text("几个词之间空一格，都有的才算。", "Several words with blanks between: all of them must occur."),
                    icon: "search"
                )
                : nothing
        }
        return """
            \(DeskTable(
                rows: found.rows, caption: Text("找到的工单，最新的在前", "Cases found, the newest first"),
                now: now, names: names, catalogue: catalogue, types: types
            ).html)
            <p class="pg">\(limits)</p>
            """
    }

    private var nothing: HTML {
        let limit = CaseSearch.candidateLimit
        return switch found.cut {
        case nil:
            emptyState(
                Text("没有找到", "Nothing was found"),
                Text("换个说法，或只写其中两三个字；电话号码不能搜。", "Try other or fewer words; phone numbers cannot be searched for."),
                icon: "search"
            )
        case .hits:
            emptyState(
                Text("没有找到", "Nothing was found"),
                Text(
                    "只看了有这些字的最新 \(limit) 件，请多写几个字再搜。",
                    "Only the newest \(limit) with these words were looked at; add words and search again."
                ),
                icon: "search"
            )
        case .unit:
            emptyState(
                Text("您单位最新的 \(limit) 件里没有", "Nothing among the newest \(limit) of your unit"),
                Text("更早的请按工单编号搜。", "Search for older ones by their number."),
                icon: "search"
            )
        }
    }

    /// What the search left out, said plainly.
    private var limits: Text {
        let (limit, count) = (CaseSearch.candidateLimit, found.rows.count)
        switch found.cut {
        case nil: break
        case .hits:
            return Text(
                "有这些字的工单很多，只看了最新的 \(limit) 件，列出 \(count) 件；要找更早的请多写几个字。",
                """
                Many cases have these words: only the newest \(limit) of them were looked at, \(count) are listed; \
                add words to find older ones.
                """
            )
        case .unit:
            return Text(
                "只在您单位最新的 \(limit) 件里找，列出 \(count) 件；更早的请按工单编号搜。",
                """
                Only the newest \(limit) of your unit were searched, \(count) are listed; \
                search for older ones by their number.
                """
            )
        }
        if found.hasMore {
            return Text(
                "只列出最新的 \(CaseSearch.shownLimit) 件，多写几个字可以缩小范围。",
                "Only the newest \(CaseSearch.shownLimit) are listed; add words to narrow it down."
            )
        }
        return Text("共 \(found.rows.count) 件。", "\(found.rows.count) found.")
    }
}
