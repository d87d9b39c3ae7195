import LinliCore
import LinliKernel
import LinliUI

/// What the list of one's own cases shows.
struct MyNeedsModel: Sendable {
    var tab: MyCaseTab
    var counts: [MyCaseTab: Int]
    var cases: [MyCase]
    var hasMore: Bool
    var now: Instant
}

/// The list of one's own cases, and the page that finds one by its receipt.
enum MyNeedsPages {
    static func list(_ model: MyNeedsModel) -> Page {
        Page(
            Text("我反映的事", "My needs"),
            frame: .resident(.mine),
            """
            <main id="main" class="one">
            <section class="card">
            <nav class="seg" aria-label="\(Text("筛选", "Filter"))">\(each: MyCaseTab.allCases, { tab($0, model) })</nav>
            \(model.cases.isEmpty ? empty(model) : rows(model))
            </section>
            </main>
            """
        )
    }

    private static func tab(_ tab: MyCaseTab, _ model: MyNeedsModel) -> HTML {
        let count = model.counts[tab, default: 0]
        let isUrging = tab == .rating && count > 0
        return """
            <a href="/mine?tab=\(tab.rawValue)"\(when: tab == model.tab, " aria-current=\"page\"")>\(name(tab))\
            <span class="n\(when: isUrging, " bad") num">\(count)</span></a>
            """
    }

    private static func name(_ tab: MyCaseTab) -> Text {
        switch tab {
        case .open: Text("没办完", "Open")
        case .rating: Text("等我评价", "My turn")
        case .all: Text("全部", "All")
        }
    }

    private static func rows(_ model: MyNeedsModel) -> HTML {
        let last = model.cases.last.map { "\($0.row.id)" }
        let next = address("/mine", [("tab", model.tab.rawValue), ("before", last)])
        return """
            <ul>\(each: model.cases, { "<li>\(NeedWords.card($0, now: model.now, withSteps: false))</li>" })</ul>
            <p class="pg">\(when: model.hasMore, "<a class=\"btn ghost sm\" href=\"\(next)\">\(Text("更早的", "Older"))</a>")</p>
            """
    }

    private static func empty(_ model: MyNeedsModel) -> HTML {
        let report: HTML = "<a class=\"btn\" href=\"/report\">\(Text("反映问题", "Report a problem"))</a>"
        switch model.tab {
        case .open:
            return emptyState(
                Text("没有正在办的事", "Nothing is open"),
                Text("看到灯不亮、水管漏，拍一张就行。", "Seen a dark lamp or a leak? One photo is enough."),
                action: report
            )
        case .rating:
            return emptyState(
                Text("没有等您评价的事", "Nothing waits for you"),
                Text("事情办完以后，会请您在这里说说解决了没有。", "Once something is done, you are asked here whether it is solved."),
                icon: "star"
            )
        case .all:
            return emptyState(
                Text("还没有反映过事情", "Nothing yet"),
                Text("匿名反映的不在这里，请凭回执查。", "What you told anonymously is not listed here; look it up by its receipt."),
                action: report
            )
        }
    }

    // MARK: By receipt

    static func find(typed: String, _ error: LinliError?, _ token: String) -> Page {
        let problem = error?.text(for: "receipt")
        return Page(
            Text("凭回执查进度", "Look up by receipt"),
            frame: .resident(.mine),
            """
            <main id="main" class="one">
            <form class="card pad stack" method="post" action="/find">\(formToken(token))
            \(field(
                Text("回执编码或链接", "Receipt code or link"), for: "receipt",
                hint: Text("提交时给您的那条链接，或者链接最后一段编码。不是 SJ 开头的编号。", "The link you were given, or the code at its end. Not the number that begins with SJ."),
                error: problem,
                """
                <input id="receipt" name="receipt" value="\(typed)" maxlength="200" autocomplete="off" autocapitalize="off" \
                spellcheck="false" required\(described("receipt", hint: true, error: problem))>
                """
            ))
            <button class="btn wide">\(icon("search"))\(Text("查进度", "Look up"))</button>
            </form>
            <section class="card pad"><p class="note">\(Text("登录后反映的事，在", "What you told when signed in stands in"))\
             <a href="/mine">\(Text("我反映的事", "My needs"))</a>\(Text("里能看到。回执丢了，请打电话给居委会。", ". Lost the receipt? Please call the committee."))</p></section>
            </main>
            """
        )
    }
}

/// The receipt: how to come back without an account.
enum ReceiptParts {
    static func thanks(_ model: NeedCaseModel) -> HTML {
        let kind = model.category ?? Text("其他", "Other")
        return """
            <section class="card receipt stack">
            \(icon("done"))
            <h2>\(Text("已收到，谢谢您", "Received, thank you"))</h2>
            <p class="no num">\(model.item.number)</p>
            <p>\(Text(
                "我们按“\(kind.zh)”登记。不对也没关系，工作人员会更正。",
                "We filed it under “\(kind.en)”. Never mind if that is wrong: staff will correct it."
            ))</p>
            <div class="btns"><a class="btn ghost" href="/">\(Text("回首页", "Home"))</a>\
            <a class="btn weak" href="/report">\(Text("再反映一件", "Report another"))</a></div>
            </section>
            """
    }

    /// The QR code and the link, for who came by them.
    static func link(_ model: NeedCaseModel) -> HTML {
        guard let token = model.reader.receipt else { return .empty }
        let link = model.origin + CasePath.receipt(token)
        return """
            <section class="card" aria-labelledby="h-link">
            <div class="hd"><h2 id="h-link">\(Text("不登录也能查", "No account needed"))</h2></div>
            <div class="qr">
            \(qrCode(link, label: Text("这件事的查询二维码", "QR code of this matter")))
            <p class="note">\(Text("存下二维码或链接。谁有它，谁就能看进度、代您评价，请不要外传。", "Keep the code or the link. Whoever has it can follow this and answer for you: do not pass it on."))</p>
            <p class="secret" id="secret">\(link)</p>
            <div class="btns noprint"><button class="btn weak" type="button" data-copy="#secret" data-js hidden>\(icon("copy"))\
            \(Text("复制链接", "Copy the link"))</button>\
            <button class="btn ghost" type="button" data-print data-js hidden>\(icon("print"))\(Text("打印回执", "Print"))</button></div>
            </div>
            </section>
            """
    }
}
