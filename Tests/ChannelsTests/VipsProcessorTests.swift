import Foundation
import LinliChannels
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// Photos through the real processor: upright, small, without what hid in them; hostile files end as a plain refusal.
@Suite("照片处理", .serialized)
struct VipsProcessorTests {
    /// A picture of ours, 512 by 512.
    private static let picture =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/Sources/UI/Assets/icon-512.png"

    /// What a phone writes into a photo: a description with a phone number, where it was taken, and that it lies on
    /// its side.
    private static let exif: [UInt8] = {
        let words = Array("GPS 39.9163N 116.3972E phone 13912345678\0".utf8)
        var tiff: [UInt8] = Array("II".utf8) + [42, 0, 8, 0, 0, 0, 2, 0]
        tiff += [0x0E, 0x01, 2, 0] + [UInt8(words.count), 0, 0, 0] + [38, 0, 0, 0]
        tiff += [0x12, 0x01, 3, 0] + [1, 0, 0, 0] + [6, 0, 0, 0]
        tiff += [0, 0, 0, 0] + words
        let content = Array("Exif\0\0".utf8) + tiff
        return [0xFF, 0xE1, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 255)] + content
    }()

    private func jpeg(_ folder: String, width: Int = 512) async throws -> [UInt8] {
        let path = "\(folder)/plain.jpg"
        _ = try await VipsProcessor().process(Self.picture, output: path, thumbnail: "\(folder)/plain-small.jpg")
        return try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func upload(_ bytes: [UInt8], _ folder: String, name: String = "照片.jpg") throws -> Upload {
        let path = folder + "/" + randomToken()
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return Upload(field: "photos", filename: name, path: path, size: bytes.count)
    }

    private func store(_ folder: String) -> FileStore {
        FileStore(folder: folder + "/files", processor: VipsProcessor())
    }

    /// The error a file is refused with.
    private func refusal(_ bytes: [UInt8], _ folder: String, name: String = "照片.jpg") async throws -> LinliError? {
        do {
            _ = try await store(folder).prepare(try upload(bytes, folder, name: name))
            return nil
        } catch let error as LinliError {
            return error
        }
    }

    @Test("位置、说明和别的附带内容都去掉，照片转正") func removesWhatHides() async throws {
        try await withTemporaryDirectory { folder in
            let plain = try await jpeg(folder)
            // Not square, so that turning it shows.
            let tall = try #require(Self.cropped)
            let photo = Array(plain[..<2]) + Self.exif + Array(plain[2...])
            #expect(Data(photo).range(of: Data("13912345678".utf8)) != nil)
            let kept = try await store(folder).prepare(try upload(photo, folder))
            for isThumbnail in [false, true] {
                let path = store(folder).path(kept.hash, isThumbnail: isThumbnail)
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                for word in ["Exif", "13912345678", "GPS"] {
                    #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)")
                }
                #expect(FileKind(firstBytes: Array(bytes.prefix(16))) == .jpeg)
            }
            let turned = Array(tall[..<2]) + Self.exif + Array(tall[2...])
            let upright = try await store(folder).prepare(try upload(turned, folder))
            #expect(upright.image == ImageSize(width: 40, height: 20))
        }
    }

    /// A JPEG of 20 by 40 pixels, made with the tool that ships with the processor's.
    private static let cropped: [UInt8]? = {
        let path = NSTemporaryDirectory() + randomToken() + ".jpg"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/vips")
        process.arguments = ["black", path, "20", "40"]
        do {
            try process.run()
            process.waitUntilExit()
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
            try FileManager.default.removeItem(atPath: path)
            return bytes
        } catch {
            return nil
        }
    }()

    @Test("同一张照片存一份，大的缩小，临时文件不留") func keepsByContent() async throws {
        try await withTemporaryDirectory { folder in
            let photo = try await jpeg(folder)
            let store = store(folder)
            let first = try await store.prepare(try upload(photo, folder))
            let second = try await store.prepare(try upload(photo, folder, name: "另一个名字.png"))
            #expect(first.hash == second.hash)
            let names = FileManager.default.enumerator(atPath: folder + "/files")?.compactMap { $0 as? String } ?? []
            #expect(names.filter { $0.hasSuffix(".jpg") }.count == 2, "\(names)")
            let large = folder + "/large.png"
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/vips")
            process.arguments = ["black", large, "4000", "3000"]
            try process.run()
            process.waitUntilExit()
            let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: large)))
            let kept = try await store.prepare(try upload(bytes, folder))
            #expect(kept.image == ImageSize(width: 2560, height: 1920))
        }
    }

    @Test("不是照片的文件，叫什么名字都不收") func refusesWhatIsNoPicture() async throws {
        try await withTemporaryDirectory { folder in
            let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><script>alert(1)</script></svg>"
            let files: [(String, [UInt8])] = [
                ("svg", Array(svg.utf8)),
                ("html", Array("<!doctype html><script>alert(1)</script>".utf8)),
                ("pdf", Array("%PDF-1.7\n%âãÏÓ".utf8)), ("empty", []),
                ("gif", Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0, 0x3B]),
                ("program", [0x7F] + Array("ELF".utf8) + [UInt8](repeating: 0, count: 64)),
                ("jpeg in name only", [0xFF, 0xD8, 0xFF, 0xE0] + Array("<script>alert(1)</script>".utf8)),
                ("png in name only", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Array("nothing".utf8)),
            ]
            for (name, bytes) in files {
                let error = try await refusal(bytes, folder)
                #expect(error?.kind == .unsupported, "\(name)")
                #expect(error?.fields.first?.name == "photos", "\(name)")
            }
            let cut = Array(try await jpeg(folder).prefix(200))
            #expect(try await refusal(cut, folder)?.kind == .unsupported, "a photo that ends in its header")
            let left = FileManager.default.enumerator(atPath: folder + "/files")?.compactMap { $0 as? String } ?? []
            #expect(left == ["tmp"], "\(left)")
        }
    }

    @Test("号称十亿像素的小文件挡在门外，不占内存") func refusesGiants() async throws {
        try await withTemporaryDirectory { folder in
            var png = try Array(Data(contentsOf: URL(fileURLWithPath: Self.picture)))
            // Width and height of the header, and its checksum, which the decoder compares.
            png.replaceSubrange(16..<24, with: [0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA0])
            let checksum = Self.crc(png[12..<29])
            png.replaceSubrange(29..<33, with: withUnsafeBytes(of: checksum.bigEndian) { Array($0) })
            let began = ContinuousClock.now
            let error = try await refusal(png, folder)
            #expect([.unsupported, .invalid].contains(error?.kind))
            #expect(ContinuousClock.now - began < .seconds(45))
        }
    }

    @Test("超过 20 MB 的不收") func refusesLarge() async throws {
        try await withTemporaryDirectory { folder in
            let upload = Upload(field: "photos", filename: "a.jpg", path: folder + "/none", size: FileStore.limit + 1)
            let error = await #expect(throws: LinliError.self) { try await store(folder).prepare(upload) }
            #expect(error?.kind == .tooLarge)
        }
    }

    @Test("看内容认类型，不看名字") func kinds() {
        let rows: [(FileKind?, [UInt8])] = [
            (.jpeg, [0xFF, 0xD8, 0xFF, 0xE1, 0, 0]),
            (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            (.webp, Array("RIFF".utf8) + [1, 2, 3, 4] + Array("WEBPVP8 ".utf8)),
            (.heic, [0, 0, 0, 24] + Array("ftypheic".utf8)), (.heic, [0, 0, 0, 24] + Array("ftypmif1".utf8)),
            (.heic, [0, 0, 0, 24] + Array("ftypheix".utf8)), (nil, [0, 0, 0, 24] + Array("ftypmp42".utf8)),
            (.pdf, Array("%PDF-1.4".utf8)), (nil, Array("RIFF".utf8) + [1, 2, 3, 4] + Array("WAVE".utf8)),
            (nil, Array("<svg>".utf8)), (nil, [0xFF, 0xD8]), (nil, []), (nil, Array(" %PDF-1.4".utf8)),
        ]
        for (kind, bytes) in rows { #expect(FileKind(firstBytes: bytes) == kind, "\(bytes)") }
        #expect(FileKind.pdf.isImage == false && FileKind.heic.isImage)
    }

    /// - Source: PNG (ISO/IEC 15948) annex D
    private static func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
        }
        return ~crc
    }
}
