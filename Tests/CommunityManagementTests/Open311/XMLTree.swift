import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// An element of an XML document, read by Foundation's parser.
final class XMLTree {
    let name: String
    fileprivate(set) var text = ""
    fileprivate(set) var children: [XMLTree] = []

    fileprivate init(_ name: String) {
        self.name = name
    }

    /// The root element of a document; nil when the parser refuses it.
    static func read(_ document: String) -> XMLTree? {
        let reader = Reader()
        let parser = XMLParser(data: Data(document.utf8))
        parser.delegate = reader
        guard parser.parse(), reader.open.count == 1 else { return nil }
        return reader.open[0].children.first
    }

    /// The first child of a name.
    subscript(name: String) -> XMLTree? { children.first { $0.name == name } }

    /// Names of the children, each once, in order.
    var names: [String] { children.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }

    private final class Reader: NSObject, XMLParserDelegate {
        var open = [XMLTree("")]

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            let element = XMLTree(name)
            open[open.count - 1].children.append(element)
            open.append(element)
        }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            open.removeLast()
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            open[open.count - 1].text += text
        }
    }
}

/// JSON as Foundation reads it; nil when it is none.
func readJSON(_ text: String) -> Any? {
    // What exactly is wrong with it matters to no test.
    try? JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
}
