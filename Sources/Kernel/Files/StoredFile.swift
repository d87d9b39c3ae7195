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
        } else if ["heic", "heix", "mif1"].contains(where: { has(Array("ftyp\($0)".utf8), at: 4) }) {
            // One picture, of 8 or of 10 bits; what some phones write in general.
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
    let folder: String
    private let processor: any ImageProcessor

    /// The largest file taken, 20 MiB.
    package static let limit = 20 << 20
    /// The most bytes that all files of one form may have together, 96 MiB.
    package static let formLimit = 96 << 20

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
        let hash = Hex.encode(SHA256.hash(data: data))
        try place(output, at: path(hash))
        try place(thumbnail, at: path(hash, isThumbnail: true))
        return Prepared(hash: hash, size: data.count, type: FileKind.jpeg.rawValue, image: size)
    }

    /// Where a content is on disk.
    package func path(_ hash: String, isThumbnail: Bool = false) -> String {
        "\(folder)/\(hash.prefix(2))/\(hash)\(isThumbnail ? ".thumb" : "").jpg"
    }

    private func place(_ source: String, at target: String) throws {
        guard !FileManager.default.fileExists(atPath: target) else {
            // It came again: the sweep leaves it until who sent it has recorded it. A disk that keeps no times loses nothing.
            try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: target)
            // Unless the sweep set it aside in this moment: then it is written anew.
            if FileManager.default.fileExists(atPath: target) { return }
            try move(source, to: target)
            return
        }
        try move(source, to: target)
    }

    private func move(_ source: String, to target: String) throws {
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
        Text(
            "照片太大了：每张最多 20 MB，一次一共最多 96 MB。请换小一点的，或者分几次交",
            "The photos are too large: at most 20 MB each and 96 MB together; choose smaller ones or send them in turns"
        ),
        fields: [.init("photos", Text("每张最多 20 MB，一共最多 96 MB", "At most 20 MB each, 96 MB together"))]
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
    /// Records a prepared content in the transaction that uses it. Whose it is stays with it until it is used; the name
    /// it had at the sender's is not kept, because people put numbers into names.
    package static func insert(_ file: Prepared, _ tx: WriteTx) throws -> ID<StoredFile> {
        let id = try tx.newID(StoredFile.self)
        try insert(file, as: id, tx)
        return id
    }

    /// The same under an identifier that was made before.
    static func insert(_ file: Prepared, as id: ID<StoredFile>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO stored_file (id, hash, size, type, width, height, name, created_at, keeper, is_used)
            VALUES (\(id), \(file.hash), \(file.size), \(file.type), \(file.image.width), \(file.image.height),
                '', \(tx.now), \(keeper(tx.context.actor, tx)), 0)
            """
        )
        try tx.audit(Subject("file", id), fields: ["content"])
    }

    /// Uses a file once, for who kept it. Identifiers are easy to guess: nobody gets to see somebody else's photo by
    /// attaching it to something of their own.
    ///
    /// - Throws: `.invalid` when somebody else kept it, or it was used already.
    package static func use(_ file: ID<StoredFile>, by actor: Actor, _ tx: WriteTx) throws {
        let isTheirs: SQL = keeper(actor, tx).map { "keeper = \($0)" } ?? "keeper IS NULL"
        let used = try tx.execute(
            "UPDATE stored_file SET is_used = 1, keeper = NULL WHERE id = \(file) AND is_used = 0 AND \(isTheirs)"
        )
        guard used == 1 else { throw FileStore.notTheirs }
    }

    /// Takes over files whose form proved that they belong to it, in the name of who sends the form now.
    static func adopt(_ files: [ID<StoredFile>], _ tx: WriteTx) throws {
        guard !files.isEmpty else { return }
        try tx.execute(
            """
            UPDATE stored_file SET keeper = \(keeper(tx.context.actor, tx))
            WHERE id IN \(SQL.list(files)) AND is_used = 0
            """
        )
        for file in files { try tx.audit(Subject("file", file), fields: ["keeper"]) }
    }

    /// Who keeps a file, as a keyed hash: nothing for visitors, whose forms carry a proof.
    private static func keeper(_ actor: Actor, _ tx: WriteTx) -> [UInt8]? {
        actor.account.map { tx.hash(of: "file:\($0)") }
    }

    static let notTheirs = LinliError.invalid(
        "files.keeper",
        [.init("photos", Text("这张照片不能用，请重新选一张", "This photo cannot be used; please choose it again"))]
    )

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

extension FileStore {
    /// Checks and moves a picture into the store that did not come as a file of a form.
    ///
    /// - Throws: as for a file of a form.
    func prepare(_ picture: [UInt8]) async throws -> Prepared {
        try FileManager.default.createDirectory(atPath: folder + "/tmp", withIntermediateDirectories: true)
        let path = "\(folder)/tmp/\(randomToken())"
        // What was prepared is a file of its own; this one was only on its way.
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(picture).write(to: URL(filePath: path))
        return try await prepare(Upload(field: "photos", filename: "photo", path: path, size: picture.count))
    }
}

extension Upload {
    /// Everything in it.
    ///
    /// - Throws: `.tooLarge` beyond the limit.
    package func contents(limit: Int) throws -> [UInt8] {
        guard size <= limit else { throw FileStore.tooLarge }
        return Array(try Data(contentsOf: URL(filePath: path)))
    }
}

extension Migration {
    /// Who kept a file until it is used; names of files are forgotten.
    static let keepers = Migration(
        "2026-11-25.42-keepers",
        """
        ALTER TABLE stored_file ADD COLUMN keeper BLOB;
        ALTER TABLE stored_file ADD COLUMN is_used INTEGER NOT NULL DEFAULT 0 CHECK (is_used IN (0, 1));
        UPDATE stored_file SET name = '', is_used = CASE WHEN id IN (SELECT file_id FROM case_photo) THEN 1 ELSE 0 END;
        """
    )
}
