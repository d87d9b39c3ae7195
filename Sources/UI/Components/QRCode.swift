import CQRCode
import LinliCore

/// A QR code as one SVG path, level M, with the quiet zone the standard asks for.
///
/// - Source: ISO/IEC 18004 (four modules of quiet zone)
package func qrCode(_ text: String, label: Text) -> HTML {
    guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return .empty }
    defer { QRcode_free(code) }
    let width = Int(code.pointee.width)
    let size = width + 8
    var path = ""
    for row in 0..<width {
        var column = 0
        while column < width {
            // A run of dark modules is one rectangle.
            var end = column
            while end < width, code.pointee.data[row * width + end] & 1 == 1 { end += 1 }
            if end > column {
                path += "M\(column + 4) \(row + 4)h\(end - column)v1h-\(end - column)z"
                column = end
            } else {
                column += 1
            }
        }
    }
    return """
        <svg class="qrcode" viewBox="0 0 \(size) \(size)" role="img" aria-label="\(label)">\
        <rect width="\(size)" height="\(size)" fill="#fff"/>\(HTML.trusted("<path d=\"\(path)\" fill=\"#000\"/>"))</svg>
        """
}
