/// The texts that cells share, in their order.
final class SharedTexts: XMLSink {
    private(set) var all: [String] = []
    private var current: [UInt8] = []
    private var isInside = false
    private var phonetic = 0

    func start(_ name: String, _: XMLAttributes) throws {
        switch name {
        case "si": current.removeAll(keepingCapacity: true)
        case "t": isInside = phonetic == 0
        // How a text is pronounced is no part of it.
        case "rPh": phonetic += 1
        default: break
        }
    }

    func end(_ name: String) throws {
        switch name {
        case "t": isInside = false
        case "rPh": phonetic -= 1
        case "si": all.append(SheetText.plain(current))
        default: break
        }
    }

    func text(_ text: UnsafeBufferPointer<UInt8>) {
        if isInside { current.append(contentsOf: text) }
    }
}

/// Texts of cells as workbooks write them.
enum SheetText {
    /// Without the `_x000D_` that stands for a character XML cannot hold.
    ///
    /// - Source: ECMA-376 part 1 §22.9.2.19
    static func plain(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.contains(0x5F), text.contains("_x") else { return text }
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "_") {
            result += rest[..<start]
            rest = rest[start...]
            let mark = rest.prefix(7)
            guard mark.count == 7, mark.hasPrefix("_x"), mark.hasSuffix("_"),
                let code = UInt32(mark.dropFirst(2).dropLast(), radix: 16), let scalar = Unicode.Scalar(code)
            else {
                result += rest.prefix(1)
                rest = rest.dropFirst()
                continue
            }
            result.unicodeScalars.append(scalar)
            rest = rest.dropFirst(7)
        }
        return result + rest
    }
}

/// Which styles of cells show a number as a day or a time.
final class DateStyles: XMLSink {
    /// Whether the style with this index does.
    private(set) var isDate: [Bool] = []
    private var formats: [Int: String] = [:]
    private var isInside = false

    func start(_ name: String, _ attributes: XMLAttributes) throws {
        switch name {
        case "numFmt":
            guard let id = attributes["numFmtId"].flatMap({ Int($0) }), formats.count < 10_000 else { return }
            formats[id] = attributes["formatCode"] ?? ""
        case "cellXfs": isInside = true
        case "xf" where isInside:
            let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
            isDate.append(formats[id].map(DateStyles.isDate) ?? DateStyles.builtIn.contains { $0.contains(id) })
        default: break
        }
    }

    func end(_ name: String) throws {
        if name == "cellXfs" { isInside = false }
    }

    func text(_: UnsafeBufferPointer<UInt8>) {}

    /// - Source: ECMA-376 part 1 §18.8.30; 27–36 and 50–58 are days in Chinese versions
    private static let builtIn = [14...22, 27...36, 45...47, 50...58]

    /// Whether a format like `yyyy"年"m"月"d"日"` shows a day or a time.
    static func isDate(_ format: String) -> Bool {
        var rest = format.split(separator: ";", omittingEmptySubsequences: false).first.map(Array.init) ?? []
        rest.reverse()
        while let character = rest.popLast() {
            switch character {
            case "\"": while let next = rest.popLast(), next != "\"" {}
            case "[": while let next = rest.popLast(), next != "]" {}
            case "\\", "_", "*": _ = rest.popLast()
            case "y", "Y", "m", "M", "d", "D", "h", "H", "s", "S", "年", "月", "日", "时", "分": return true
            default: continue
            }
        }
        return false
    }
}
