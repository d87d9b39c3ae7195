import LinliCore
import LinliKernel

/// The two forms of every document, named by the end of the path.
enum Open311Format: String, Sendable, CaseIterable {
    case xml, json

    /// The media type as the standard writes it.
    var type: String {
        switch self {
        case .xml: "text/xml; charset=utf-8"
        case .json: "application/json; charset=utf-8"
        }
    }
}

/// A value of a document. XML drops nothing; JSON drops the names of the root and of list items.
indirect enum Open311Value: Sendable {
    /// An empty element; null.
    case nothing
    case text(String)
    case int(Int)
    case number(Double)
    case flag(Bool)
    case object([(name: String, value: Open311Value)])
    /// Elements of one name; an array.
    case list(item: String, [Open311Value])

    /// Text, or nothing where there is none.
    init(_ text: String?) {
        self = text.flatMap { $0.isEmpty ? nil : .text($0) } ?? .nothing
    }

    /// A moment, or nothing.
    init(_ moment: Instant?) {
        self = moment.map { .text($0.iso8601) } ?? .nothing
    }
}

/// A document: the root's name, which only XML shows, and what is in it.
struct Open311Document: Sendable {
    let root: String
    let value: Open311Value

    /// The document as a reply.
    func reply(_ format: Open311Format, status: Int = 200) -> Reply {
        Reply(.bytes(bytes(format), type: format.type), status: status)
    }

    func bytes(_ format: Open311Format) -> [UInt8] {
        switch format {
        case .xml:
            var xml = XMLWriter()
            xml.element(root, value)
            return xml.bytes
        case .json:
            var json = JSONWriter(capacity: 4096)
            value.write(into: &json)
            return json.bytes
        }
    }
}

extension Open311Value {
    fileprivate func write(into json: inout JSONWriter) {
        switch self {
        case .nothing: json.value(nil as String?)
        case .text(let text): json.value(text)
        case .int(let number): json.value(number)
        case .number(let number): json.value(number)
        case .flag(let flag): json.value(flag)
        case .object(let members):
            json.object { json in
                for member in members {
                    json.key(dynamic: member.name)
                    member.value.write(into: &json)
                }
            }
        case .list(_, let values):
            json.array { json in
                for value in values { value.write(into: &json) }
            }
        }
    }
}

/// Writes XML 1.0 into one UTF-8 buffer. Names are ours and need no escaping.
private struct XMLWriter {
    private(set) var bytes = Array("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".utf8)

    mutating func element(_ name: String, _ value: Open311Value) {
        if case .nothing = value {
            bytes.append(contentsOf: "<\(name)/>".utf8)
            return
        }
        bytes.append(contentsOf: "<\(name)>".utf8)
        switch value {
        case .nothing: break
        case .text(let text): escape(text)
        case .int(let number): bytes.append(contentsOf: String(number).utf8)
        case .number(let number): bytes.append(contentsOf: String(number).utf8)
        case .flag(let flag): bytes.append(contentsOf: String(flag).utf8)
        case .object(let members): for member in members { element(member.name, member.value) }
        case .list(let item, let values): for value in values { element(item, value) }
        }
        bytes.append(contentsOf: "</\(name)>".utf8)
    }

    private mutating func escape(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": bytes.append(contentsOf: "&amp;".utf8)
            case "<": bytes.append(contentsOf: "&lt;".utf8)
            case ">": bytes.append(contentsOf: "&gt;".utf8)
            // A bare one would be read as a line end.
            case "\r": bytes.append(contentsOf: "&#13;".utf8)
            case "\t", "\n": bytes.append(UInt8(scalar.value))
            // XML has no way to say these, escaped or not.
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": bytes.append(contentsOf: "\u{FFFD}".utf8)
            default: bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
        }
    }
}

/// What of a path names a document, `services.xml`: its name and form.
struct Open311Name: Sendable {
    let name: String
    let format: Open311Format

    /// The last part of a path.
    ///
    /// - Throws: `.notFound` when it does not end in one of the forms.
    init(_ part: String) throws {
        guard let dot = part.lastIndex(of: "."), dot > part.startIndex,
            let format = Open311Format(rawValue: String(part[part.index(after: dot)...]))
        else { throw Open311Refusal.noFormat }
        name = String(part[..<dot])
        self.format = format
    }
}

/// How the protocol says that something is wrong.
enum Open311Refusal {
    static let noFormat = LinliError(
        .notFound, "open311.format", Text("地址应以 .xml 或 .json 结尾", "The address must end in .xml or .json")
    )

    static let unknown = LinliError(
        .notFound, "open311.unknown", Text("这个接口没有这个地址", "There is nothing at this address")
    )

    /// What is read cannot be posted to.
    static func isRead(_ request: Request) -> Reply {
        let error = LinliError(
            .wrongMethod, "request.method", Text("这个网址只接受 GET, HEAD", "This address answers to GET, HEAD"))
        return reply(error, request.path, request.context.language).adding("allow", "GET, HEAD")
    }

    /// The document of a failure, in the form that was asked for; XML when the path names none.
    static func reply(_ error: LinliError, _ path: String, _ language: Language) -> Reply {
        let format = path.split(separator: "/").last.flatMap { try? Open311Name(String($0)).format }
        let status = status(of: error.kind)
        let sentences =
            error.fields.isEmpty
            ? [error.publicText[language]] : error.fields.map { "\($0.name): \($0.text[language])" }
        let entries = sentences.map { sentence -> Open311Value in
            .object([("code", .int(status)), ("description", .text(sentence))])
        }
        return Open311Document(root: "errors", value: .list(item: "error", entries))
            .reply(format ?? .xml, status: status)
    }

    /// 404 for what is not there, 405 for a method that nothing there takes, 403 for keys, 400 for everything else the program can mend; what it cannot mend keeps
    /// the status it has everywhere.
    ///
    /// - Source: GeoReport v2, “Errors”
    private static func status(of kind: LinliError.Kind) -> Int {
        switch kind {
        case .notFound: 404
        case .wrongMethod: 405
        case .forbidden, .unauthenticated: 403
        case .invalid, .malformed, .conflict, .mismatch, .tooLarge, .unsupported: 400
        case .tooMany: 429
        case .unavailable: 503
        case .internal: 500
        }
    }
}
