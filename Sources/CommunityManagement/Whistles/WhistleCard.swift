import LinliCore
import LinliKernel
import LinliUI

/// The whistles of a case, on its page: those there are, and the way to whistle.
struct WhistleCard: Sendable {
    let item: ID<Case>
    let whistles: [WhistleRecord]
    let storeys: [Whistle.Storey]
    let now: Instant

    var html: HTML {
        guard !whistles.isEmpty || !storeys.isEmpty else { return .empty }
        return """
            <section class="card" aria-labelledby="h-whistles"><div class="hd"><h2 id="h-whistles">\(Text("吹哨报到", "Whistles"))</h2></div>
            \(when: !whistles.isEmpty, "<ul>\(each: whistles, row)</ul>")
            \(when: !storeys.isEmpty, """
                <div class="pad stack"><p class="hint">\(Text("一家办不了的，请有关单位到现场一起办。", "What one unit cannot do alone: call others to the spot."))</p>
                <a class="btn weak" href="\(WhistlePath.new(item))">\(icon("speaker", small: true))\(Text("吹哨", "Whistle"))</a></div>
                """)</section>
            """
    }

    private func row(_ whistle: WhistleRecord) -> HTML {
        """
        <li><div class="cell"><span class="bd"><a class="ttl" href="\(WhistlePath.page(whistle.id))">\(whistle.purpose)</a>\
        <span class="sub">\(WhistleWords.kind(whistle)) \(WhistleWords.state(whistle))</span>\
        <span class="sub">\(WhistleWords.clock(whistle, now: now))</span></span></div></li>
        """
    }
}
