import LinliCore
import LinliKernel

/// Fields of a query or an urlencoded body; bad escapes stay as they are, bytes that are not UTF-8 become U+FFFD.
func urlEncodedFields(_ text: some StringProtocol) -> [(name: String, value: String)] {
    text.split(separator: "&", omittingEmptySubsequences: true).prefix(400).map { pair in
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? percentDecoded(parts[1], plusIsBlank: true) : ""
        return (percentDecoded(parts[0], plusIsBlank: true), value)
    }
}

/// Text with `%XX` decoded.
func percentDecoded(_ text: some StringProtocol, plusIsBlank: Bool = false) -> String {
    guard text.utf8.contains(where: { $0 == 0x25 || $0 == 0x2B }) else { return String(text) }
    var bytes: [UInt8] = []
    let source = Array(text.utf8)
    var index = 0
    while index < source.count {
        if source[index] == 0x25, index + 2 < source.count, let high = hexDigit(source[index + 1]),
            let low = hexDigit(source[index + 2])
        {
            bytes.append(high << 4 | low)
            index += 3
        } else {
            bytes.append(plusIsBlank && source[index] == 0x2B ? 0x20 : source[index])
            index += 1
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}

/// The value of a cookie, found byte by byte: this runs several times for every request.
func cookieValue(_ name: String, in header: String?) -> String? {
    guard var header else { return nil }
    return header.withUTF8 { bytes in
        var start = 0
        while start < bytes.count {
            while start < bytes.count, bytes[start] == 0x20 || bytes[start] == 0x3B { start += 1 }
            let end = bytes[start...].firstIndex(of: 0x3B) ?? bytes.count
            if let equals = bytes[start..<end].firstIndex(of: 0x3D), bytes[start..<equals].elementsEqual(name.utf8) {
                return String(decoding: bytes[(equals + 1)..<end], as: UTF8.self)
            }
            start = end
        }
        return nil
    }
}

/// One range of a file a client asks for; several at once are answered with the whole file.
///
/// - Source: RFC 9110 §14
enum ByteRange: Equatable {
    case whole
    case part(ClosedRange<Int>)
    case unsatisfiable

    init(header: String?, size: Int) {
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else {
            self = .whole
            return
        }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            self = .whole
            return
        }
        switch (Int(parts[0]), Int(parts[1])) {
        case (let first?, let last) where parts[1].isEmpty || last != nil:
            if first >= size || (last ?? first) < first {
                self = (last ?? first) < first ? .whole : .unsatisfiable
            } else {
                self = .part(first...min(last ?? size - 1, size - 1))
            }
        case (nil, let count?) where parts[0].isEmpty:
            self = count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count)...(size - 1))
        default: self = .whole
        }
    }
}
