import Crypto
import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One use of a stored content: a photo of a case, a document.
package enum StoredFile {}

/// Turns a picture into what is kept: upright, without EXIF, at most 2,560 pixels, and its thumbnail.
///
/// The driver works in a child process with limits, because picture decoders are where hostile files aim.
package protocol ImageProcessor: Sendable {
    /// Writes the picture at `input` as JPEG to `output` and its thumbnail to `thumbnail`.
    ///
    /// - Throws: `.unsupported` when it is not a picture that can be read, `.unavailable` when the tool is missing.
    func process(_ input: String, output: String, thumbnail: String) async throws -> ImageSize
}

/// Width and height in pixels.
package struct ImageSize: Sendable, Equatable {
    package let width: Int
    package let height: Int

    /// A size.
    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// What a file is, by its first bytes and never by its name.
package enum FileKind: String, Sendable {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case webp = "image/webp"
    case heic = "image/heic"
    case pdf = "application/pdf"

    /// The kind of content that begins with `bytes`; nil for anything not taken.
    package init?(firstBytes bytes: [UInt8]) {
        func has(_ prefix: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + prefix.count && Array(bytes[offset..<(offset + prefix.count)]) == prefix
        }
        if has([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if has(Array("RIFF".utf8)), has(Array("WEBP".utf8), at: 8) {
            self = .webp
        } else if has(Array("ftypheic".utf8), at: 4) || has(Array("ftypmif1".utf8), at: 4) {
            self = .heic
        } else if has(Array("%PDF-".utf8)) {
            self = .pdf
        } else {
            return nil
        }
    }

    /// Whether it is a picture.
    package var isImage: Bool { self != .pdf }
}

/// Keeps files by their content: the same photo twice is one blob.
package struct FileStore: Sendable {
    private let folder: String
    private let processor: any ImageProcessor

    /// The largest file taken, 20 MiB.
    package static let limit = 20 << 20

    /// A store below `folder`.
    package init(folder: String, processor: any ImageProcessor) {
        self.folder = folder
        self.processor = processor
    }

    /// A content on disk, ready to be written to the store.
    package struct Prepared: Sendable {
        package let hash: String
        package let size: Int
        package let type: String
        package let image: ImageSize
        package let name: String
    }

    /// Checks and moves an upload into the store; call before the transaction that uses it.
    ///
    /// - Throws: `.tooLarge`, `.unsupported`, or what the processor says.
    package func prepare(_ upload: Upload) async throws -> Prepared {
        guard upload.size <= FileStore.limit else { throw FileStore.tooLarge }
        guard let first = FileStore.firstBytes(of: upload.path), let kind = FileKind(firstBytes: first), kind.isImage
        else { throw FileStore.notPicture(upload.filename) }
        let work = folder + "/tmp"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        let output = "\(work)/\(randomToken()).jpg"
        let thumbnail = "\(work)/\(randomToken()).jpg"
        defer {
            // Gone already when everything went well: they were moved.
            try? FileManager.default.removeItem(atPath: output)
            try? FileManager.default.removeItem(atPath: thumbnail)
        }
        let size = try await processor.process(upload.path, output: output, thumbnail: thumbnail)
        let data = try Data(contentsOf: URL(filePath: output))
        let hash = SHA256.hash(data: data).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        try place(output, at: path(hash))
        try place(thumbnail, at: path(hash, isThumbnail: true))
        return Prepared(
            hash: hash, size: data.count, type: FileKind.jpeg.rawValue, image: size,
            name: String(upload.filename.prefix(200))
        )
    }

    /// Where a content is on disk.
    package func path(_ hash: String, isThumbnail: Bool = false) -> String {
        "\(folder)/\(hash.prefix(2))/\(hash)\(isThumbnail ? ".thumb" : "").jpg"
    }

    private func place(_ source: String, at target: String) throws {
        guard !FileManager.default.fileExists(atPath: target) else { return }
        let parent = String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: source, toPath: target)
    }

    private static func firstBytes(of path: String) -> [UInt8]? {
        // A file that cannot be read is treated like one that is no picture.
        guard let handle = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped) else { return nil }
        return Array(handle.prefix(16))
    }

    /// A file beyond the limit.
    package static let tooLarge = LinliError(
        .tooLarge,
        "files.tooLarge",
        Text("照片太大了，每张最多 20 MB，请压缩后再选", "The photo is too large; at most 20 MB each"),
        fields: [.init("photos", Text("每张照片最多 20 MB", "At most 20 MB per photo"))]
    )

    private static func notPicture(_ name: String) -> LinliError {
        LinliError(
            .unsupported,
            "files.notPicture",
            Text(
                "“\(name.prefix(40))”不是照片，请选 JPG、PNG、WebP 或 HEIC 图片",
                "“\(name.prefix(40))” is not a photo; choose a JPG, PNG, WebP or HEIC picture"
            ),
            fields: [.init("photos", Text("请选照片", "Please choose photos"))]
        )
    }
}

extension FileStore {
    /// Records a prepared content in the transaction that uses it.
    package static func insert(_ file: Prepared, _ tx: WriteTx) throws -> ID<StoredFile> {
        let id = try tx.newID(StoredFile.self)
        try tx.execute(
            """
            INSERT INTO stored_file (id, hash, size, type, width, height, name, created_at)
            VALUES (\(id), \(file.hash), \(file.size), \(file.type), \(file.image.width), \(file.image.height),
                \(file.name), \(tx.now))
            """
        )
        try tx.audit(Subject("file", id), fields: ["content"])
        return id
    }

    /// Prepares and records uploads in one go, for forms whose next step is a command of its own.
    package func keep(_ uploads: [Upload], _ database: Database, _ context: Context) async throws -> [ID<StoredFile>] {
        guard !uploads.isEmpty else { return [] }
        guard uploads.count <= 9 else {
            throw LinliError.invalid(
                "files.tooMany", [.init("photos", Text("最多 9 张照片", "At most 9 photos"))]
            )
        }
        var prepared: [Prepared] = []
        for upload in uploads { prepared.append(try await prepare(upload)) }
        let files = prepared
        return try await database.write(context, "files.keep") { tx in
            try files.map { try FileStore.insert($0, tx) }
        }
    }
}
