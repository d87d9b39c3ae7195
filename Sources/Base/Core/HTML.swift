/// A piece of a page: one UTF-8 buffer and the places where its reader's language decides.
///
/// Written as an interpolated string. Everything interpolated is escaped for text and quoted attributes, except `HTML`
/// itself; a `Text` stays a pair until `render(_:)`. Conditions are `\(when: c, html)`, loops `\(each: rows, { … })`.
package struct HTML: Sendable, ExpressibleByStringInterpolation {
    /// What waits for the reader's language.
    private enum Choice: Sendable {
        case text(Text)
        indirect case pair(HTML, HTML)
    }

    private struct Place: Sendable {
        var offset: Int
        var choice: Choice
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []

    /// Markup written out in the source.
    package init(stringLiteral value: String) {
        bytes = Array(value.utf8)
    }

    package init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.html
    }

    private init() {}

    /// Nothing.
    package static let empty = HTML()

    /// Markup that differs by language, for sentences with markup inside.
    package static func pair(zh: HTML, en: HTML) -> HTML {
        var html = HTML()
        html.places.append(Place(offset: 0, choice: .pair(zh, en)))
        return html
    }

    /// A text of its own.
    package static func text(_ text: Text) -> HTML { "\(text)" }

    /// Markup made elsewhere that is known to be safe: SVG drawn by our own code.
    package static func trusted(_ markup: String) -> HTML {
        var html = HTML()
        html.bytes = Array(markup.utf8)
        return html
    }

    /// Whether nothing would be written.
    package var isEmpty: Bool { bytes.isEmpty && places.isEmpty }

    /// One piece after the other.
    package static func + (left: HTML, right: HTML) -> HTML {
        var html = left
        html.append(right)
        return html
    }

    /// Adds a piece at the end.
    package mutating func append(_ other: HTML) {
        let start = bytes.count
        bytes.append(contentsOf: other.bytes)
        for place in other.places {
            places.append(Place(offset: start + place.offset, choice: place.choice))
        }
    }

    /// The page in `language`, as UTF-8.
    package func render(_ language: Language) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + places.count * 24)
        write(into: &output, language)
        return output
    }

    /// The page in `language`, as a string; for tests and notices.
    package func string(_ language: Language) -> String {
        String(decoding: render(language), as: UTF8.self)
    }

    private func write(into output: inout [UInt8], _ language: Language) {
        var written = 0
        for place in places {
            output.append(contentsOf: bytes[written..<place.offset])
            written = place.offset
            switch place.choice {
            case .text(let text): appendEscaped(text[language], to: &output)
            case .pair(let zh, let en): (language == .zh ? zh : en).write(into: &output, language)
            }
        }
        output.append(contentsOf: bytes[written...])
    }

    /// Collects the parts of a literal; see the overloads for what may stand in `\( … )`.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var html = HTML()

        package init(literalCapacity: Int, interpolationCount: Int) {
            html.bytes.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        package mutating func appendLiteral(_ literal: String) {
            // The contiguous bytes at once: a literal is most of a page.
            var literal = literal
            literal.withUTF8 { html.bytes.append(contentsOf: $0) }
        }

        /// A piece of a page, as it is.
        package mutating func appendInterpolation(_ value: HTML) { html.append(value) }

        /// A piece of a page, or nothing.
        package mutating func appendInterpolation(_ value: HTML?) {
            if let value { html.append(value) }
        }

        /// Plain text, escaped.
        package mutating func appendInterpolation(_ value: String) {
            appendEscaped(value, to: &html.bytes)
        }

        /// A sentence in the reader's language, escaped when it is rendered.
        package mutating func appendInterpolation(_ value: Text) {
            html.places.append(Place(offset: html.bytes.count, choice: .text(value)))
        }

        /// A whole number.
        package mutating func appendInterpolation(_ value: some BinaryInteger) {
            html.bytes.append(contentsOf: String(value).utf8)
        }

        /// An identifier.
        package mutating func appendInterpolation<Entity>(_ value: ID<Entity>) {
            html.bytes.append(contentsOf: value.description.utf8)
        }

        /// A division's 15 digits.
        package mutating func appendInterpolation(_ value: DivisionCode) {
            html.bytes.append(contentsOf: value.description.utf8)
        }

        /// The piece only if the condition holds.
        package mutating func appendInterpolation(when condition: Bool, _ value: @autoclosure () -> HTML) {
            if condition { html.append(value()) }
        }

        /// One piece per element.
        package mutating func appendInterpolation<Rows: Sequence>(
            each rows: Rows,
            _ piece: (Rows.Element) -> HTML
        ) {
            for row in rows { html.append(piece(row)) }
        }

        /// JSON for a script element of type application/json.
        package mutating func appendInterpolation(json: JSONWriter) {
            html.bytes.append(contentsOf: json.bytes)
        }
    }
}

/// Appends `text` with the five characters that matter in HTML replaced.
private func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { utf8 in
        var start = 0
        for index in utf8.indices {
            let replacement: StaticString
            switch utf8[index] {
            case 0x26: replacement = "&amp;"
            case 0x3C: replacement = "&lt;"
            case 0x3E: replacement = "&gt;"
            case 0x22: replacement = "&quot;"
            case 0x27: replacement = "&#39;"
            default: continue
            }
            bytes.append(contentsOf: utf8[start..<index])
            replacement.withUTF8Buffer { bytes.append(contentsOf: $0) }
            start = index + 1
        }
        bytes.append(contentsOf: utf8[start...])
    }
}
