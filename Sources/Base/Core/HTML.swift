#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A piece of a page: one UTF-8 buffer, with both wordings wherever the reader's language decides.
///
/// Written as an interpolated string. Everything interpolated is escaped for text and quoted attributes, except `HTML`
/// itself; a `Text` stays a pair until `render(_:)`. Conditions are `\(when: c, html)`, loops `\(each: rows, { … })`.
package struct HTML: Sendable, ExpressibleByStringInterpolation {
    /// A pair is `mark`, the lengths of both wordings as four bytes each, the Chinese and the English one: putting a
    /// piece into another is one copy, however many pairs it holds.
    private var bytes: [UInt8] = []
    /// What stands before `bytes`: long pieces are kept as they came, so that a row is not copied again for its table,
    /// its panel, its frame and its page. No pair runs over the end of one.
    private var chunks: [[UInt8]] = []

    /// A piece of so many bytes or more is kept as it is; below that a copy costs less than keeping it.
    private static let longPiece = 1024

    /// Begins a pair. Text cannot hold it: `appendEscaped` replaces it.
    fileprivate static let mark: UInt8 = 0x01
    private static let emptyPair: [UInt8] = [mark, 0, 0, 0, 0, 0, 0, 0, 0]

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
        html.appendPair({ $0 += zh.render(.zh) }, { $0 += en.render(.en) })
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
    package var isEmpty: Bool { bytes.isEmpty && chunks.isEmpty }

    /// One piece after the other.
    package static func + (left: HTML, right: HTML) -> HTML {
        var html = left
        html.append(right)
        return html
    }

    /// Adds a piece at the end.
    package mutating func append(_ other: HTML) {
        if other.chunks.isEmpty && other.bytes.count < HTML.longPiece { return bytes.append(contentsOf: other.bytes) }
        if !bytes.isEmpty { chunks.append(bytes) }
        chunks.append(contentsOf: other.chunks)
        if other.bytes.count < HTML.longPiece {
            bytes = other.bytes
        } else {
            chunks.append(other.bytes)
            bytes = []
        }
    }

    private mutating func append(_ text: Text) {
        // A name or a number is the same in both languages; what differs in nothing needs no pair.
        if text.zh.utf8.count == text.en.utf8.count, text.zh == text.en {
            appendEscaped(text.zh, to: &bytes)
        } else {
            appendPair({ appendEscaped(text.zh, to: &$0) }, { appendEscaped(text.en, to: &$0) })
        }
    }

    private mutating func appendPair(_ zh: (inout [UInt8]) -> Void, _ en: (inout [UInt8]) -> Void) {
        let lengths = bytes.count + 1
        bytes.append(contentsOf: HTML.emptyPair)
        let start = bytes.count
        zh(&bytes)
        let middle = bytes.count
        en(&bytes)
        let end = bytes.count
        bytes.withUnsafeMutableBytes { raw in
            raw.storeBytes(of: UInt32(middle - start), toByteOffset: lengths, as: UInt32.self)
            raw.storeBytes(of: UInt32(end - middle), toByteOffset: lengths + 4, as: UInt32.self)
        }
    }

    /// The page in `language`, as UTF-8.
    package func render(_ language: Language) -> [UInt8] {
        let size = chunks.reduce(bytes.count) { $0 + $1.count }
        return [UInt8](unsafeUninitializedCapacity: size) { target, count in
            let target = UnsafeMutableRawBufferPointer(target)
            for chunk in chunks {
                chunk.withUnsafeBytes { count += HTML.copy($0, to: .init(rebasing: target[count...]), language) }
            }
            bytes.withUnsafeBytes { count += HTML.copy($0, to: .init(rebasing: target[count...]), language) }
        }
    }

    /// The page in `language`, as a string; for tests and notices.
    package func string(_ language: Language) -> String {
        String(decoding: render(language), as: UTF8.self)
    }

    /// Copies what `language` reads and returns how much it was; `target` is as large as `source`.
    private static func copy(
        _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer, _ language: Language
    ) -> Int {
        guard let from = source.baseAddress, let to = target.baseAddress else { return 0 }
        var (read, written) = (0, 0)
        func take(_ start: Int, _ count: Int) {
            memcpy(to + written, from + start, count)
            written += count
        }
        while read < source.count {
            guard let hit = memchr(from + read, Int32(mark), source.count - read) else {
                take(read, source.count - read)
                break
            }
            let place = UnsafeRawPointer(hit) - from
            take(read, place - read)
            let zh = Int(source.loadUnaligned(fromByteOffset: place + 1, as: UInt32.self))
            let en = Int(source.loadUnaligned(fromByteOffset: place + 5, as: UInt32.self))
            let start = place + emptyPair.count
            if language == .zh { take(start, zh) } else { take(start + zh, en) }
            read = start + zh + en
        }
        return written
    }

    /// Collects the parts of a literal; see the overloads for what may stand in `\( … )`.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var html = HTML()

        package init(literalCapacity: Int, interpolationCount: Int) {
            html.bytes.reserveCapacity(literalCapacity + interpolationCount * 32)
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
            html.append(value)
        }

        /// A whole number.
        package mutating func appendInterpolation(_ value: some FixedWidthInteger & SignedInteger) {
            // Not `String(value)`: unspecialized that is a hundred times the work.
            html.bytes.append(contentsOf: String(Int64(value)).utf8)
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
            var left = rows.underestimatedCount
            for row in rows {
                append(piece(row), left)
                left = 0
            }
        }

        /// Adds the first of `count` pieces, or one more with 0: the others will be about as long, so that the buffer grows
        /// once and not with each of them, unless they are so long that they are kept as they are.
        private mutating func append(_ piece: HTML, _ count: Int) {
            if count > 1 && piece.bytes.count < HTML.longPiece && piece.chunks.isEmpty {
                html.bytes.reserveCapacity(html.bytes.count + piece.bytes.count * (count + count / 8 + 1))
            }
            html.append(piece)
        }

        /// JSON for a script element of type application/json.
        package mutating func appendInterpolation(json: JSONWriter) {
            html.bytes.append(contentsOf: json.bytes)
        }
    }
}

/// Appends `text` with the five characters that matter in HTML replaced, and the mark of pairs.
private func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { utf8 in
        var start = 0
        var index = firstReplaced(in: utf8, from: 0)
        while index < utf8.count {
            let replacement: StaticString
            switch utf8[index] {
            case 0x26: replacement = "&amp;"
            case 0x3C: replacement = "&lt;"
            case 0x3E: replacement = "&gt;"
            case 0x22: replacement = "&quot;"
            case 0x27: replacement = "&#39;"
            default: replacement = "\u{FFFD}"
            }
            bytes.append(contentsOf: utf8[start..<index])
            replacement.withUTF8Buffer { bytes.append(contentsOf: $0) }
            start = index + 1
            index = firstReplaced(in: utf8, from: start)
        }
        bytes.append(contentsOf: utf8[start...])
    }
}

/// A bit for each byte that is replaced; all of them are below 64.
private let replaced: UInt64 =
    1 << 0x26 | 1 << 0x3C | 1 << 0x3E | 1 << 0x22 | 1 << 0x27 | 1 << UInt64(HTML.mark)

/// Where the next byte stands that is replaced, or the end. Eight bytes of Chinese or of letters are passed at once: none
/// of them is below 64.
private func firstReplaced(in utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let raw = UnsafeRawBufferPointer(utf8)
    var index = start
    while index < raw.count {
        if index + 8 <= raw.count {
            let eight = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // The highest bit of a byte is set where that byte is below 64.
            if (eight &- 0x4040_4040_4040_4040) & ~eight & 0x8080_8080_8080_8080 == 0 {
                index += 8
                continue
            }
        }
        let end = min(index + 8, raw.count)
        while index < end {
            let byte = raw[index]
            if byte < 64, replaced >> UInt64(byte) & 1 == 1 { return index }
            index += 1
        }
    }
    return index
}
