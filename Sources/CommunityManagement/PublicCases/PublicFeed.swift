import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The newest public cases of a place as an RSS 2.0 feed.
///
/// - Source: RSS 2.0 Specification, RSS Advisory Board, version 2.0.11; Atom (RFC 4287) for the link to itself
struct PublicFeed {
    let model: PublicListModel
    let origin: String
    let names: DivisionNames
    let catalogue: EventCatalogue
    let language: Language

    /// How many cases a feed holds.
    static let limit = 50

    private var rows: [PublicCaseRow] { model.rows }
    private var own: String { address("/neighbourhood/feed.rss", model.query.fields) }

    /// When anything in it changed last; nil when it is empty.
    var changedAt: Instant? { rows.map(\.changedAt).max() }

    /// Changes whenever the feed does: an edit moves the last change, and what comes or goes moves an end or the count.
    var etag: String {
        let ends = [rows.first, rows.last].map { $0.map { "\($0.id)" } ?? "" }
        return ([language.tag, "\(rows.count)", "\(changedAt?.milliseconds ?? 0)"] + ends).joined(separator: "-")
    }

    /// The document, UTF-8.
    var bytes: [UInt8] {
        var xml = XMLText()
        let name = PublicListPage.name(of: model.query.filter, model.place, names)
        let title = Text("\(name.zh) · 大家反映的事", "\(name.en) · reported by neighbours")[language]
        xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        xml.raw("<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel>\n")
        xml.element("title", title)
        xml.element("link", origin + address(PublicListPage.path, model.query.fields))
        xml.element("description", PublicFeed.promise[language])
        xml.element("language", language == .zh ? "zh-cn" : "en")
        if let changedAt { xml.element("lastBuildDate", changedAt.mailDate) }
        xml.element("ttl", "15")
        xml.raw("<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"")
        xml.text(origin + own)
        xml.raw("\"/>\n")
        for row in rows { item(row, &xml) }
        xml.raw("</channel></rss>\n")
        return xml.bytes
    }

    private func item(_ row: PublicCaseRow, _ xml: inout XMLText) {
        let link = origin + CasePath.neighbour(row.number)
        xml.raw("<item>")
        xml.element("title", row.title)
        xml.element("link", link)
        xml.raw("<guid isPermaLink=\"true\">")
        xml.text(link)
        xml.raw("</guid>\n")
        xml.element("pubDate", row.publishedAt.mailDate)
        xml.element("category", PublicWords.category(row.category, catalogue)[language])
        let parts = [PublicWords.headline(row)[language], row.address, row.text, row.result]
        xml.element("description", parts.filter { !$0.isEmpty }.joined(separator: "\n"))
        xml.raw("</item>\n")
    }

    private static let promise = Text(
        "公共设施、环境的事，由社区工作人员整理后公开，不写是谁反映的。",
        "Facilities and environment, cleared by community staff; nobody is named."
    )
}

/// XML in one UTF-8 buffer. What is typed is escaped, and characters XML cannot hold are left out.
struct XMLText {
    private(set) var bytes: [UInt8] = []

    /// A text on its own, as it stands in a document.
    static func escaped(_ text: String) -> String {
        var xml = XMLText()
        xml.text(text)
        return String(decoding: xml.bytes, as: UTF8.self)
    }

    /// Markup written out in the source.
    mutating func raw(_ markup: StaticString) {
        markup.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// An element with text in it; names come from the source.
    mutating func element(_ name: StaticString, _ content: String) {
        raw("<")
        raw(name)
        raw(">")
        text(content)
        raw("</")
        raw(name)
        raw(">\n")
    }

    /// Text for content and quoted attributes.
    ///
    /// - Source: XML 1.0 §2.2, §2.4
    mutating func text(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: bytes.append(contentsOf: "&amp;".utf8)
            case 0x3C: bytes.append(contentsOf: "&lt;".utf8)
            case 0x3E: bytes.append(contentsOf: "&gt;".utf8)
            case 0x22: bytes.append(contentsOf: "&quot;".utf8)
            case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...:
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            default: continue
            }
        }
    }
}
