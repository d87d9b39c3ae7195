/// Reads a page as a browser would and says what is wrong with it: markup that does not nest, what was escaped twice,
/// what the policy would refuse, fields without a label, links that lead nowhere.
package struct PageChecker {
    /// Everything wrong with the page, in words.
    package private(set) var problems: [String] = []
    /// Where its links lead, `/desk?tab=open`.
    package private(set) var links: [String] = []
    /// Where its forms go, with their method in capitals.
    package private(set) var forms: [(method: String, action: String)] = []
    /// What people read, without markup.
    package private(set) var words = ""

    private struct Element {
        var name: String
        var attributes: [String: String]
        var hasText = false
    }

    private var open: [Element] = []
    private var ids: Set<String> = []
    private var labelled: Set<String> = []
    /// Fields that need a label from elsewhere: their id, or nil, and what they are.
    private var unlabelled: [(id: String?, name: String)] = []
    private var counts: [String: Int] = [:]
    private var openForms: [(isPost: Bool, id: String, hasToken: Bool)] = []
    private var tokens: Set<String> = []
    private var wanting: [String] = []

    private static let void: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    ]
    /// What ends a paragraph whether it was closed or not.
    private static let blocks: Set<String> = [
        "p", "div", "ul", "ol", "dl", "form", "table", "section", "article", "h1", "h2", "h3", "fieldset", "details",
        "main", "nav", "header", "footer", "figure", "pre",
    ]
    private static let schemes = ["/", "#", "?", "tel:", "geo:", "data:image/"]

    /// Reads `html`; a fragment has no head, no heading of its own and no language.
    package init(_ html: String, isFragment: Bool = false) {
        read(Array(html.unicodeScalars))
        for element in open.reversed() { problems.append("<\(element.name)> is never closed") }
        for field in unlabelled where field.id.map({ !labelled.contains($0) }) ?? true {
            problems.append("\(field.name) has no label")
        }
        for id in wanting where !tokens.contains(id) { problems.append("a form without token: \(id)") }
        for word in ["&lt;", "&amp;lt;", "Optional(", "HTML("] where isEscapedTwice(html, word) {
            problems.append("\(word) in the page")
        }
        guard !isFragment else { return }
        for (name, count) in [("h1", 1), ("main", 1), ("title", 1)] where counts[name, default: 0] != count {
            problems.append("\(counts[name, default: 0]) <\(name)> in place of \(count)")
        }
    }

    /// `&lt;` alone may be what somebody typed; before the name of a tag it is markup that was escaped.
    private func isEscapedTwice(_ html: String, _ word: String) -> Bool {
        guard word == "&lt;" else { return html.contains(word) }
        let tags = [
            "a ", "p>", "p ", "div", "span", "b>", "br>", "ul", "li>", "svg", "use ", "small", "input", "strong",
        ]
        return tags.contains { html.contains("&lt;\($0)") || html.contains("&lt;/\($0.filter { $0 != " " })") }
    }

    // MARK: Reading

    private mutating func read(_ text: [Unicode.Scalar]) {
        var index = 0
        while index < text.count {
            guard text[index] == "<" else {
                let end = text[index...].firstIndex(of: "<") ?? text.count
                say(String(String.UnicodeScalarView(text[index..<end])))
                index = end
                continue
            }
            if text[index...].starts(with: "<!--".unicodeScalars) {
                index = PageChecker.after("-->", text, index)
            } else if index + 1 < text.count, text[index + 1] == "!" {
                index = PageChecker.after(">", text, index)
            } else {
                index = tag(text, index)
            }
        }
    }

    private mutating func say(_ text: String) {
        // What one has, those around it have.
        if !text.allSatisfy(\.isWhitespace) {
            for index in open.indices.reversed() where !open[index].hasText { open[index].hasText = true }
        }
        if let name = open.last?.name, ["script", "style"].contains(name) { return }
        words += text
    }

    private static func after(_ mark: String, _ text: [Unicode.Scalar], _ start: Int) -> Int {
        let mark = Array(mark.unicodeScalars)
        var index = start
        while index < text.count, !text[index...].starts(with: mark) { index += 1 }
        return min(index + mark.count, text.count)
    }

    /// Reads a tag from its `<`; returns where it ends.
    private mutating func tag(_ text: [Unicode.Scalar], _ start: Int) -> Int {
        var index = start + 1
        let isEnd = index < text.count && text[index] == "/"
        if isEnd { index += 1 }
        var name = ""
        while index < text.count,
            text[index].properties.isAlphabetic || ("0"..."9").contains(text[index]) || text[index] == "-"
        {
            name.unicodeScalars.append(text[index])
            index += 1
        }
        guard !name.isEmpty else {
            problems.append("a bare < in the text")
            return index
        }
        var attributes: [String: String] = [:]
        var isClosed = false
        while index < text.count, text[index] != ">" {
            if text[index] == "/" { isClosed = true }
            guard text[index].properties.isAlphabetic else {
                index += 1
                continue
            }
            let (key, value, next) = PageChecker.attribute(text, index)
            if attributes.updateValue(value, forKey: key) != nil { problems.append("<\(name)> has \(key) twice") }
            index = next
        }
        if isEnd { close(name) } else { begin(Element(name: name, attributes: attributes), isClosed: isClosed) }
        guard ["script", "style", "textarea"].contains(name), !isEnd else { return min(index + 1, text.count) }
        // What stands inside is text up to its end.
        let from = min(index + 1, text.count)
        let end = PageChecker.after("</\(name)>", text, from)
        say(String(String.UnicodeScalarView(text[from..<max(from, end - name.count - 3)])))
        close(name)
        return end
    }

    private static func attribute(_ text: [Unicode.Scalar], _ start: Int) -> (String, String, Int) {
        var index = start
        var key = ""
        while index < text.count,
            text[index].properties.isAlphabetic || "-_:".unicodeScalars.contains(text[index])
                || ("0"..."9").contains(text[index])
        {
            key.unicodeScalars.append(text[index])
            index += 1
        }
        guard index < text.count, text[index] == "=" else { return (key, "", index) }
        index += 1
        let quote = index < text.count && (text[index] == "\"" || text[index] == "'") ? text[index] : nil
        if quote != nil { index += 1 }
        var value = ""
        while index < text.count, quote.map({ text[index] != $0 }) ?? !" >\n".unicodeScalars.contains(text[index]) {
            value.unicodeScalars.append(text[index])
            index += 1
        }
        return (
            key, value.replacing("&amp;", with: "&").replacing("&quot;", with: "\""), index + (quote == nil ? 0 : 1)
        )
    }

    // MARK: Judging

    private mutating func begin(_ element: Element, isClosed: Bool) {
        counts[element.name, default: 0] += 1
        if PageChecker.blocks.contains(element.name), let paragraph = open.last, paragraph.name == "p" {
            problems.append("<\(element.name)> inside <p>")
        }
        judge(element)
        if let alternative = element.attributes["alt"] { say(alternative) }
        if PageChecker.void.contains(element.name) || isClosed { return }
        open.append(element)
    }

    private mutating func close(_ name: String) {
        guard let element = open.last, element.name == name else {
            problems.append("</\(name)> closes <\(open.last?.name ?? "nothing")>")
            if let index = open.lastIndex(where: { $0.name == name }) { open.removeSubrange(index...) }
            return
        }
        open.removeLast()
        let names = ["aria-label", "aria-labelledby", "aria-hidden"]
        let isNamed = names.contains { element.attributes[$0] != nil }
        if ["a", "button", "h1", "h2", "h3", "title", "label", "summary"].contains(name), !element.hasText, !isNamed {
            problems.append("an empty <\(name)> \(element.attributes)")
        }
        if name == "form", let form = openForms.popLast(), form.isPost, !form.hasToken { wanting.append(form.id) }
    }

    private mutating func judge(_ element: Element) {
        let attributes = element.attributes
        for key in attributes.keys where key == "style" || key.hasPrefix("on") {
            problems.append("<\(element.name) \(key)>: the policy refuses it")
        }
        if let id = attributes["id"], !ids.insert(id).inserted { problems.append("id \(id) stands twice") }
        for key in ["href", "src", "action", "formaction"] {
            guard let target = attributes[key], element.name != "link" || key != "href" else { continue }
            if !PageChecker.schemes.contains(where: { target.hasPrefix($0) }) || target.hasPrefix("//") {
                problems.append("<\(element.name)> leads to \(target)")
            }
        }
        switch element.name {
        case "html" where !["zh-CN", "zh", "en"].contains(attributes["lang"] ?? ""):
            problems.append("the page's language is \(attributes["lang"] ?? "not said")")
        case "a": if let target = attributes["href"] { links.append(target) }
        case "img" where attributes["alt"] == nil: problems.append("<img> without alt")
        case "script" where attributes["src"] == nil && attributes["type"] != "application/json":
            problems.append("a script inside the page")
        case "style": problems.append("<style> inside the page")
        case "label": if let id = attributes["for"] { labelled.insert(id) }
        case "form": form(attributes)
        case "input", "select", "textarea": field(element)
        default: break
        }
    }

    private mutating func form(_ attributes: [String: String]) {
        let method = (attributes["method"] ?? "get").uppercased()
        forms.append((method, attributes["action"] ?? ""))
        let id = attributes["id"] ?? attributes["action"] ?? ""
        openForms.append((isPost: method == "POST", id: id, hasToken: false))
    }

    private mutating func field(_ element: Element) {
        let attributes = element.attributes
        if attributes["name"] == "csrf" {
            if let last = openForms.indices.last { openForms[last].hasToken = true }
            if let form = attributes["form"] { tokens.insert(form) }
        }
        if ["hidden", "submit", "button", "image"].contains(attributes["type"] ?? "") { return }
        let isInside = open.contains { $0.name == "label" }
        if isInside || attributes["aria-label"] != nil || attributes["aria-labelledby"] != nil { return }
        unlabelled.append((attributes["id"], "<\(element.name) name=\(attributes["name"] ?? "?")>"))
    }
}
