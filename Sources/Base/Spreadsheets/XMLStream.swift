import CExpat

/// What is told of an XML document, part by part; names come without their prefix.
protocol XMLSink: AnyObject {
    func start(_ name: String, _ attributes: XMLAttributes) throws
    func end(_ name: String) throws
    func text(_ text: UnsafeBufferPointer<UInt8>)
}

/// The attributes of an element, valid while it is being told.
struct XMLAttributes {
    fileprivate let pairs: UnsafeMutablePointer<UnsafePointer<CChar>?>?

    /// The value of an attribute, by its name without a prefix.
    subscript(name: String) -> String? {
        guard var pair = pairs else { return nil }
        while let key = pair[0], let value = pair[1] {
            if XMLStream.localName(key) == name { return String(cString: value) }
            pair += 2
        }
        return nil
    }
}

/// Reads XML as it arrives.
///
/// A document type is refused: nothing can be defined, multiplied or fetched from elsewhere.
final class XMLStream {
    private let parser: XML_Parser
    private let sink: any XMLSink
    private var failure: (any Error)?

    /// Tells `sink` of the document whose bytes `feed` gets.
    init(_ sink: any XMLSink) throws {
        guard let parser = XML_ParserCreate(nil) else { throw SheetProblem.tooLarge }
        self.parser = parser
        self.sink = sink
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser,
            { user, name, attributes in
                guard let name else { return }
                XMLStream.of(user)?.tell { try $0.start(XMLStream.localName(name), XMLAttributes(pairs: attributes)) }
            },
            { user, name in
                guard let name else { return }
                XMLStream.of(user)?.tell { try $0.end(XMLStream.localName(name)) }
            }
        )
        XML_SetCharacterDataHandler(parser) { user, text, length in
            guard let text else { return }
            text.withMemoryRebound(to: UInt8.self, capacity: Int(length)) { bytes in
                let piece = UnsafeBufferPointer(start: bytes, count: Int(length))
                XMLStream.of(user)?.tell { $0.text(piece) }
            }
        }
        XML_SetStartDoctypeDeclHandler(parser) { user, _, _, _, _ in
            XMLStream.of(user)?.tell { _ in throw SheetProblem.damaged }
        }
    }

    deinit { XML_ParserFree(parser) }

    /// Parses a piece of the document; nothing ends it.
    ///
    /// - Throws: what the sink throws, `SheetProblem.damaged` for what is not well formed.
    func feed(_ piece: UnsafeRawBufferPointer, isLast: Bool = false) throws {
        let bytes = piece.bindMemory(to: CChar.self)
        let status = XML_Parse(parser, bytes.baseAddress, Int32(piece.count), isLast ? 1 : 0)
        if let failure { throw failure }
        guard status.rawValue == XML_STATUS_OK.rawValue else { throw SheetProblem.damaged }
    }

    /// Reads one part of an archive from its beginning to its end.
    static func read(_ part: String, of archive: ZipArchive, into sink: any XMLSink) throws {
        let stream = try XMLStream(sink)
        try archive.read(part) { piece in
            try stream.feed(piece)
            return true
        }
        try stream.feed(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
    }

    private func tell(_ what: (any XMLSink) throws -> Void) {
        guard failure == nil else { return }
        do {
            try what(sink)
        } catch {
            failure = error
            XML_StopParser(parser, 0)
        }
    }

    private static func of(_ user: UnsafeMutableRawPointer?) -> XMLStream? {
        user.map { Unmanaged<XMLStream>.fromOpaque($0).takeUnretainedValue() }
    }

    /// `row` of `x:row`.
    fileprivate static func localName(_ name: UnsafePointer<CChar>) -> String {
        var start = name
        var cursor = name
        while cursor.pointee != 0 {
            if cursor.pointee == 0x3A { start = cursor + 1 }
            cursor += 1
        }
        return String(cString: start)
    }
}
