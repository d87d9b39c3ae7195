import LinliCore
import LinliKernel
import LinliUI

/// The tokens by which programs act for an account, as a card with a button to end each.
struct TokenList {
    let tokens: [TokenSummary]
    /// Below which address each is ended; nil for a reader who only looks.
    let path: String?
    let formToken: String
    let now: Instant

    var card: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("程序令牌", "Tokens of programs"))</h2></div>
        <ul>\(each: tokens, row)</ul>
        </section>
        """
    }

    private func row(_ token: TokenSummary) -> HTML {
        """
        <li><div class="cell"><span class="bd"><span class="ttl">\(name(token))</span>\
        <span class="sub">\(time(token.createdAt, token.createdAt.date.full)) \(Text("起，到", "until")) \
        \(time(token.expiresAt, token.expiresAt.date.full))</span></span>\
        \(path.map { end(token, $0) })</div></li>
        """
    }

    private func name(_ token: TokenSummary) -> Text {
        token.label.isEmpty ? Text("没有名字的程序", "A program without a name") : Text(same: token.label)
    }

    private func end(_ token: TokenSummary, _ path: String) -> HTML {
        let question = Text("作废后，用它的程序马上不能再用，不能恢复。作废吗？", "Its program is out at once and for good. End it?")
        return """
            <form method="post" action="\(path)/\(token.id)/end" data-confirm="\(question)">\
            \(LinliUI.formToken(formToken))\
            <button class="btn ghost sm">\(Text("作废", "End"))<span class="sr"> \(name(token))</span></button></form>
            """
    }
}
