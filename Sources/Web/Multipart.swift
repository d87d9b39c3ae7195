import Foundation
import LinliCore
import LinliKernel

/// Reads a `multipart/form-data` body as it arrives: fields into memory, files to disk, everything within limits.
///
/// A file beyond its limit, or beyond what all files of a form may take of the disk, is counted but not kept, so that the
/// form's fields survive and the person can try again.
/// - Source: RFC 7578, RFC 2046 §5.1
struct MultipartReader {
    /// The largest body that is read to its end: nine photos of the largest size, and the fields.
    static let bodyLimit = 192 << 20
    /// The largest field and the most parts.
    static let fieldLimit = 64 << 10
    static let partLimit = 120

    private enum State {
        case preamble, headers, body, end
    }

    private struct Part {
        var name = ""
        var filename: String?
        var value: [UInt8] = []
        var path: String?
        var file: FileHandle?
        var size = 0
    }

    private let delimiter: [UInt8]
    private let folder: String
    private let filesLimit: Int
    private var state = State.preamble
    private var buffer: [UInt8]
    private var part = Part()
    private var parts = 0
    private var keptBytes = 0
    private(set) var fields: [(name: String, value: String)] = []
    private(set) var uploads: [Upload] = []

    /// A reader for a body with `boundary` that keeps `filesLimit` bytes of files; nil when the boundary is missing or
    /// longer than the standard allows.
    init?(contentType: String, folder: String, filesLimit: Int = FileStore.formLimit) {
        guard let boundary = MultipartReader.parameter("boundary", in: contentType),
            (1...70).contains(boundary.utf8.count)
        else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.folder = folder
        self.filesLimit = filesLimit
        // The first boundary has no line end before it: this one makes it like the others.
        buffer = [0x0D, 0x0A]
    }

    /// Takes the next bytes.
    ///
    /// - Throws: `.invalid` when the body is not what it says.
    mutating func feed(_ bytes: some Collection<UInt8>) throws {
        // The contiguous way copies at once; element by element a photo would take seconds in a debug build.
        if bytes.withContiguousStorageIfAvailable({ buffer.append(contentsOf: $0) }) == nil {
            buffer.append(contentsOf: bytes)
        }
        while try step() {}
    }

    /// The form, after the last byte.
    ///
    /// - Throws: `.invalid` when the body broke off.
    mutating func finish() throws -> (Form, [Upload]) {
        guard state == .end else { throw MultipartReader.broken("the body ended inside a part") }
        return (Form(fields), uploads)
    }

    /// Gives up a body that broke off: its temporary files go, the one it broke off in, too.
    mutating func abandon() {
        close()
        for path in uploads.map(\.path) + [part.path].compactMap({ $0 }) {
            // A part that ended stands in both.
            try? FileManager.default.removeItem(atPath: path)
        }
        uploads = []
    }

    private mutating func close() {
        // Closing twice or a full disk: nothing is left to save here.
        try? part.file?.close()
        part.file = nil
    }

    /// Does one thing with the buffer; false when more bytes are needed.
    private mutating func step() throws -> Bool {
        switch state {
        case .preamble:
            guard let range = find(delimiter) else {
                keepTail()
                return false
            }
            buffer.removeSubrange(..<range.upperBound)
            state = .headers
            return true
        case .headers: return try readHeaders()
        case .body: return try readBody()
        case .end:
            buffer.removeAll()
            return false
        }
    }

    private mutating func readHeaders() throws -> Bool {
        guard buffer.count >= 2 else { return false }
        if buffer[0] == 0x2D, buffer[1] == 0x2D {
            state = .end
            return true
        }
        guard let end = find([0x0D, 0x0A, 0x0D, 0x0A]) else {
            guard buffer.count < 8192 else { throw MultipartReader.broken("a part's head is too long") }
            return false
        }
        let head = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
        buffer.removeSubrange(..<end.upperBound)
        parts += 1
        guard parts <= MultipartReader.partLimit else { throw MultipartReader.broken("too many parts") }
        try begin(head)
        state = .body
        return true
    }

    private mutating func begin(_ head: String) throws {
        part = Part()
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-disposition:") {
            part.name = MultipartReader.parameter("name", in: String(line)) ?? ""
            part.filename = MultipartReader.parameter("filename", in: String(line))
        }
        guard !part.name.isEmpty else { throw MultipartReader.broken("a part has no name") }
        if let filename = part.filename, !filename.isEmpty {
            let path = folder + "/" + randomToken()
            guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            else {
                throw LinliError(
                    .unavailable,
                    "uploads.disk",
                    Text("服务器存不下了，请稍后再试", "The server cannot store this right now"),
                    detail: "cannot create a file in \(folder)"
                )
            }
            part.path = path
            part.file = FileHandle(forWritingAtPath: path)
        }
    }

    private mutating func readBody() throws -> Bool {
        if let range = find(delimiter) {
            try take(buffer[..<range.lowerBound])
            buffer.removeSubrange(..<range.upperBound)
            endPart()
            state = .headers
            return true
        }
        // All but what may be the beginning of a boundary belongs to the part.
        let safe = buffer.count - delimiter.count
        if safe > 0 {
            try take(buffer[..<safe])
            buffer.removeSubrange(..<safe)
        }
        return false
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) throws {
        part.size += bytes.count
        if part.path != nil {
            guard part.size <= FileStore.limit, keptBytes + bytes.count <= filesLimit else {
                // What is not kept whole is too large, whatever it weighs.
                part.size = max(part.size, FileStore.limit + 1)
                return
            }
            keptBytes += bytes.count
            try part.file?.write(contentsOf: Data(bytes))
        } else if part.filename == nil {
            guard part.size <= MultipartReader.fieldLimit else { throw MultipartReader.broken("a field is too long") }
            part.value.append(contentsOf: bytes)
        }
    }

    private mutating func endPart() {
        close()
        if let path = part.path {
            uploads.append(Upload(field: part.name, filename: part.filename ?? "", path: path, size: part.size))
        } else if part.filename == nil {
            // Bytes that are not UTF-8 become U+FFFD: shown, never executed, and never a reason to lose the rest.
            fields.append((part.name, String(decoding: part.value, as: UTF8.self)))
        }
    }

    private mutating func keepTail() {
        let extra = buffer.count - delimiter.count
        if extra > 0 { buffer.removeSubrange(..<extra) }
    }

    private func find(_ needle: [UInt8]) -> Range<Int>? {
        guard buffer.count >= needle.count, let first = needle.first else { return nil }
        return buffer.withUnsafeBufferPointer { bytes -> Range<Int>? in
            guard let base = bytes.baseAddress else { return nil }
            var start = 0
            let last = bytes.count - needle.count
            while start <= last, let hit = memchr(base + start, Int32(first), last - start + 1) {
                let index = UnsafeRawPointer(base).distance(to: UnsafeRawPointer(hit))
                if memcmp(hit, needle, needle.count) == 0 { return index..<(index + needle.count) }
                start = index + 1
            }
            return nil
        }
    }

    /// A parameter of a header, quoted or not.
    static func parameter(_ name: String, in header: String) -> String? {
        for piece in header.split(separator: ";").dropFirst() {
            let pair = piece.split(separator: "=", maxSplits: 1).map { $0.trimmingPrefix(while: \.isWhitespace) }
            guard pair.count == 2, pair[0].lowercased() == name else { continue }
            let value = pair[1]
            return value.hasPrefix("\"") ? String(value.dropFirst().prefix { $0 != "\"" }) : String(value)
        }
        return nil
    }

    static func broken(_ detail: String) -> LinliError {
        LinliError(
            .invalid,
            "request.multipart",
            Text("表单没有传完整，请返回上一页再提交一次", "The form did not arrive whole; please go back and send it again"),
            detail: detail
        )
    }
}
