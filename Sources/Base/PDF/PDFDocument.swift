import CLibHaru

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A document for reading and printing: headings, paragraphs, tables and pictures, one below the other; pages break by
/// themselves, and each says at its foot what was given for it.
///
/// Every text is embedded with its characters, so it can be searched and copied; nothing in it is a form or a script.
package final class PDFDocument {
    /// Where the font lies on Debian, and where Fedora and its relatives put it. WenQuanYi Zen Hei draws every character by
    /// itself; of fonts that put characters together from parts of parts the library would lose half of them.
    package static let fonts = [
        "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
        "/usr/share/fonts/wqy-zenhei/wqy-zenhei.ttc",
        "/usr/share/fonts/wqy-zenhei-fonts/wqy-zenhei.ttc",
    ]

    /// How large a text is, in points.
    package enum Size: Float, Sendable {
        case title = 17
        case heading = 12.5
        case body = 10
        case small = 8
        case code = 7
    }

    // A4 in points, and its margins.
    private static let width: Float = 595.28
    private static let height: Float = 841.89
    private static let side: Float = 50
    private static let top: Float = 56
    private static let bottom: Float = 60
    /// How wide a text can be.
    static let textWidth = width - 2 * side

    private let document: HPDF_Doc
    private let font: HPDF_Font?
    private let foot: String
    private var pages: [HPDF_Page?] = []
    private var widths: [UInt32: Float] = [:]
    private var y: Float = 0

    private var page: HPDF_Page? { pages.last ?? nil }

    /// An empty document; `foot` stands on each of its pages beside their number.
    ///
    /// - Throws: `PDFProblem.noFont`, or what the library says.
    package init(title: String, foot: String, fonts: [String] = PDFDocument.fonts) throws {
        guard let path = fonts.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw PDFProblem.noFont
        }
        guard let document = HPDF_New(nil, nil) else { throw PDFProblem.failed(0) }
        self.document = document
        self.foot = foot
        HPDF_UseUTFEncodings(document)
        HPDF_SetCurrentEncoder(document, "UTF-8")
        HPDF_SetCompressionMode(document, HPDF_UINT(HPDF_COMP_ALL))
        HPDF_SetInfoAttr(document, HPDF_INFO_TITLE, PDFText.visible(title))
        HPDF_SetInfoAttr(document, HPDF_INFO_CREATOR, "Linli")
        // The family holds two faces; the first is the proportional one.
        let name = HPDF_LoadTTFontFromFile2(document, path, 0, HPDF_BOOL(HPDF_TRUE))
        font = name.flatMap { HPDF_GetFont(document, $0, "UTF-8") }
        let code = HPDF_GetError(document)
        guard code == 0 else {
            HPDF_Free(document)
            throw PDFProblem.failed(UInt(code))
        }
    }

    deinit { HPDF_Free(document) }

    // MARK: What stands in it

    /// A heading; what follows it stays on its page.
    package func heading(_ text: String, _ size: Size = .heading) {
        space(size == .title ? 0 : 10)
        keep(size.rawValue * 1.5 + 40)
        write(text, size, grey: 0.05)
        space(4)
    }

    /// A paragraph.
    package func paragraph(_ text: String, _ size: Size = .body, grey: Float = 0.1) {
        write(text, size, grey: grey)
        space(3)
    }

    /// A list of what is called what, without lines.
    package func facts(_ rows: [(name: String, value: String)]) {
        for row in rows {
            var left = lines(row.name, .body, 86)[...]
            var right = lines(row.value, .body, PDFDocument.textWidth - 96)[...]
            while !left.isEmpty || !right.isEmpty {
                keep(leading(.body))
                y -= leading(.body)
                if let line = left.popFirst() { put(line, x: PDFDocument.side, .body, grey: 0.4) }
                if let line = right.popFirst() { put(line, x: PDFDocument.side + 96, .body, grey: 0.1) }
            }
            space(2)
        }
        space(4)
    }

    /// A table with a line under each row and its head again on each page; shares are those of the width.
    package func table(_ columns: [(name: String, share: Float)], _ rows: [[String]], _ size: Size = .small) {
        let whole = columns.reduce(0) { $0 + $1.share }
        let widths = columns.map { $0.share / max(whole, 0.01) * PDFDocument.textWidth }
        let head = columns.map(\.name)
        keep(leading(size) * 3 + 16)
        row(head, widths, size, head: nil)
        for cells in rows { row(cells, widths, size, head: head) }
        space(8)
    }

    /// Pictures side by side with what is said under them. What is no picture that can be set is left out, its words stay.
    package func pictures(_ list: [(jpeg: [UInt8], caption: String)]) {
        let gap: Float = 12
        let width = (PDFDocument.textWidth - 2 * gap) / 3
        for start in stride(from: 0, to: list.count, by: 3) {
            let shown = list[start..<min(start + 3, list.count)].map { entry in
                (image: image(entry.jpeg), lines: lines(entry.caption, .small, width))
            }
            let pictured = shown.map { height(of: $0.image, width) }.max() ?? 0
            let said = Float(shown.map(\.lines.count).max() ?? 0) * leading(.small)
            keep(pictured + said + 10)
            for (index, entry) in shown.enumerated() {
                let x = PDFDocument.side + Float(index) * (width + gap)
                if let image = entry.image {
                    let high = height(of: image, width)
                    HPDF_Page_DrawImage(page, image, x, y - high, width, high)
                }
                for (number, line) in entry.lines.enumerated() {
                    put(line, x: x, y: y - pictured - 2 - Float(number + 1) * leading(.small), .small, grey: 0.3)
                }
            }
            y -= pictured + said + 12
        }
    }

    /// The finished document.
    ///
    /// - Throws: what the library says, also of anything before.
    package func close() throws -> [UInt8] {
        if pages.isEmpty { turn() }
        for (index, page) in pages.enumerated() {
            let number = "\(index + 1) / \(pages.count)"
            let place = PDFDocument.width - PDFDocument.side - wide(number, .code)
            put(number, x: place, y: PDFDocument.bottom - 26, .code, grey: 0.4, on: page)
            for (row, line) in lines(foot, .code, PDFDocument.textWidth - 60).prefix(2).enumerated() {
                put(
                    line, x: PDFDocument.side, y: PDFDocument.bottom - 26 - Float(row) * leading(.code), .code,
                    grey: 0.4, on: page)
            }
        }
        HPDF_SaveToStream(document)
        try check()
        var bytes = [UInt8](repeating: 0, count: Int(HPDF_GetStreamSize(document)))
        var size = HPDF_UINT32(bytes.count)
        HPDF_ResetStream(document)
        // At the end it says that there is no more; what counts is how much it gave.
        HPDF_ReadFromStream(document, &bytes, &size)
        guard Int(size) == bytes.count, !bytes.isEmpty else { throw PDFProblem.failed(UInt(HPDF_GetError(document))) }
        return bytes
    }

    private func check() throws {
        let code = HPDF_GetError(document)
        guard code == 0 else { throw PDFProblem.failed(UInt(code)) }
    }

    // MARK: Setting

    private func leading(_ size: Size) -> Float { size.rawValue * 1.5 }

    private func wide(_ text: String, _ size: Size) -> Float {
        text.unicodeScalars.reduce(0) { $0 + measure($1) } * size.rawValue / 1000
    }

    private func measure(_ scalar: Unicode.Scalar) -> Float {
        if let known = widths[scalar.value] { return known }
        let width = Float(HPDF_Font_GetUnicodeWidth(font, HPDF_UNICODE(truncatingIfNeeded: scalar.value)))
        widths[scalar.value] = width
        return width
    }

    private func lines(_ text: String, _ size: Size, _ width: Float) -> [String] {
        PDFText.lines(text, width: width * 1000 / size.rawValue, measure: measure)
    }

    private func write(_ text: String, _ size: Size, grey: Float) {
        for line in lines(text, size, PDFDocument.textWidth) {
            keep(leading(size))
            y -= leading(size)
            put(line, x: PDFDocument.side, size, grey: grey)
        }
    }

    private func put(_ line: String, x: Float, _ size: Size, grey: Float) {
        put(line, x: x, y: y, size, grey: grey)
    }

    private func put(_ line: String, x: Float, y: Float, _ size: Size, grey: Float, on given: HPDF_Page? = nil) {
        guard !line.isEmpty, let page = given ?? page else { return }
        HPDF_Page_SetGrayFill(page, grey)
        HPDF_Page_BeginText(page)
        HPDF_Page_SetFontAndSize(page, font, size.rawValue)
        HPDF_Page_TextOut(page, x, y, line)
        HPDF_Page_EndText(page)
    }

    private func space(_ points: Float) {
        if !pages.isEmpty { y -= points }
    }

    /// Begins a page when this one has less than `points` left.
    private func keep(_ points: Float) {
        if pages.isEmpty || y - points < PDFDocument.bottom { turn() }
    }

    private func turn() {
        let page = HPDF_AddPage(document)
        HPDF_Page_SetSize(page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT)
        pages.append(page)
        y = PDFDocument.height - PDFDocument.top
    }

    /// One row, over as many pages as it needs.
    private func row(_ cells: [String], _ widths: [Float], _ size: Size, head: [String]?) {
        var rest = zip(cells, widths).map { lines($0, size, $1 - 8)[...] }
        while let most = rest.map(\.count).max(), most > 0 {
            if y - leading(size) * Float(min(most, 2)) - 6 < PDFDocument.bottom {
                turn()
                if let head { row(head, widths, size, head: nil) }
            }
            let fits = Int((y - 6 - PDFDocument.bottom) / leading(size))
            let taken = max(1, min(most, fits))
            for number in 0..<taken {
                y -= leading(size)
                var x = PDFDocument.side
                for column in rest.indices {
                    if number < rest[column].count {
                        let line = rest[column][rest[column].startIndex + number]
                        put(line, x: x, size, grey: head == nil ? 0.35 : 0.1)
                    }
                    x += widths[column]
                }
            }
            rest = rest.map { $0.dropFirst(taken) }
            rule(head == nil ? 0.5 : 0.85)
        }
    }

    private func rule(_ grey: Float) {
        y -= 4
        HPDF_Page_SetGrayStroke(page, grey)
        HPDF_Page_SetLineWidth(page, 0.5)
        HPDF_Page_MoveTo(page, PDFDocument.side, y)
        HPDF_Page_LineTo(page, PDFDocument.width - PDFDocument.side, y)
        HPDF_Page_Stroke(page)
        y -= 2
    }

    private func image(_ jpeg: [UInt8]) -> HPDF_Image? {
        // What begins like no JPEG would leave the whole document in an error.
        guard jpeg.starts(with: [0xFF, 0xD8, 0xFF]) else { return nil }
        let image = HPDF_LoadJpegImageFromMem(document, jpeg, HPDF_UINT(jpeg.count))
        if image == nil { HPDF_ResetError(document) }
        return image
    }

    private func height(of image: HPDF_Image?, _ width: Float) -> Float {
        guard let image else { return 0 }
        let (wide, high) = (Float(HPDF_Image_GetWidth(image)), Float(HPDF_Image_GetHeight(image)))
        return wide > 0 ? min(width * high / wide, width * 1.4) : 0
    }
}
