import Foundation

/// Reading back what a document says.
package enum PDFWords {
    /// The words of a document as poppler reads them, pages ended by a form feed; nil when it cannot be read.
    package static func read(_ bytes: [UInt8]) throws -> String? {
        try run("/usr/bin/pdftotext", bytes) { ["-layout", $0, "-"] }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// How many rows of text the first page shows when it is printed: runs of lines with ink in them, at least four blank
    /// lines apart; strokes of one character stand closer.
    package static func printedRows(_ bytes: [UInt8]) throws -> Int? {
        let options = ["-gray", "-r", "100", "-f", "1", "-l", "1"]
        guard let picture = try run("/usr/bin/pdftoppm", bytes, { options + [$0] }) else { return nil }
        // `P5`, width, height and the largest value, each in a line or behind a blank; then a byte a pixel.
        let head = picture.prefix(60).split(whereSeparator: { $0 == 0x0A || $0 == 0x20 }).prefix(4)
        guard head.count == 4, let start = head.last?.endIndex,
            let width = Int(String(decoding: head[1], as: UTF8.self))
        else { return nil }
        let pixels = picture[(start + 1)...]
        var rows = 0
        var blank = 4
        for place in stride(from: pixels.startIndex, to: pixels.endIndex - width + 1, by: width) {
            let dark = pixels[place..<(place + width)].contains { $0 < 0xC0 }
            if dark, blank >= 4 { rows += 1 }
            blank = dark ? 0 : blank + 1
        }
        return rows
    }

    private static func run(
        _ program: String, _ bytes: [UInt8], _ arguments: (String) -> [String]
    ) throws -> Data? {
        let path = NSTemporaryDirectory() + "linli-pdf-\(UUID().uuidString).pdf"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        // Only a temporary file would stay behind.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = Process()
        let output = Pipe()
        reader.executableURL = URL(fileURLWithPath: program)
        reader.arguments = arguments(path)
        reader.standardOutput = output
        reader.standardError = FileHandle.nullDevice
        try reader.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        reader.waitUntilExit()
        return reader.terminationStatus == 0 ? data : nil
    }
}
