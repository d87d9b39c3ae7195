import LinliKernel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The photos of the demo: drawn by the program, so that none shows a real place or person.
enum DemoPhotos {
    /// A photo of a case, as it was reported or when it was finished.
    struct Key: Sendable, Hashable {
        var number: Int
        var isAfter: Bool
    }

    /// Draws the photos of these cases and puts them through the same gate as an upload.
    ///
    /// - Throws: `.unavailable` when the picture tool is missing.
    static func prepare(
        _ cases: [(number: Int, item: DemoCase)], _ files: FileStore
    ) async throws -> [Key: FileStore.Prepared] {
        var wanted: [(Key, DemoScene)] = []
        for (number, item) in cases {
            guard let scene = item.scene else { continue }
            wanted.append((Key(number: number, isAfter: false), scene))
            let isShown = item.moves.contains { move in if case .show = move.step { true } else { false } }
            if isShown { wanted.append((Key(number: number, isAfter: true), scene)) }
        }
        return try await withFolder { try await prepare(wanted, in: $0, files) }
    }

    private static func prepare(
        _ wanted: [(Key, DemoScene)], in folder: String, _ files: FileStore
    ) async throws -> [Key: FileStore.Prepared] {
        var prepared: [Key: FileStore.Prepared] = [:]
        // Two at a time: the picture tool runs in a process of its own.
        for start in stride(from: 0, to: wanted.count, by: 2) {
            let pair = wanted[start..<min(start + 2, wanted.count)]
            try await withThrowingTaskGroup(of: (Key, FileStore.Prepared).self) { group in
                for (key, scene) in pair {
                    group.addTask { (key, try await take(scene, key, folder, files)) }
                }
                for try await (key, photo) in group { prepared[key] = photo }
            }
        }
        return prepared
    }

    /// One photo that belongs to no case of the list.
    static func prepare(
        _ scene: DemoScene, isAfter: Bool, seed: Int, _ files: FileStore
    ) async throws -> FileStore.Prepared {
        try await withFolder { try await take(scene, Key(number: seed, isAfter: isAfter), $0, files) }
    }

    private static func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "linli-demo-\(randomToken())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Only a temporary folder would stay behind.
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.path)
    }

    private static func take(
        _ scene: DemoScene, _ key: Key, _ folder: String, _ files: FileStore
    ) async throws -> FileStore.Prepared {
        let picture = png(scene, isAfter: key.isAfter, seed: key.number)
        let path = "\(folder)/\(key.number)\(key.isAfter ? "-after" : "").png"
        try Data(picture).write(to: URL(filePath: path))
        let name = "\(scene.rawValue)\(key.isAfter ? "-after" : "").png"
        return try await files.prepare(Upload(field: "photos", filename: name, path: path, size: picture.count))
    }

    /// A scene as a PNG file; the same for the same seed.
    static func png(_ scene: DemoScene, isAfter: Bool, seed: Int) -> [UInt8] {
        var random = DemoRandom(seed * 2 + (isAfter ? 1 : 0))
        let isDark = scene == .streetLamp || scene == .stairLight
        let pixels = scene.draw(isAfter: isAfter, seed: seed).developed(grain: isDark ? 3 : 4, &random)
        return DemoPNG.encode(pixels, width: DemoCanvas.width, height: DemoCanvas.height)
    }
}

/// Writes PNG files without compressing them: a few lines in place of a library.
///
/// - Source: PNG third edition (W3C 2025), RFC 1950 and RFC 1951 (stored blocks)
enum DemoPNG {
    /// A picture of rows of red, green and blue.
    static func encode(_ pixels: [UInt8], width: Int, height: Int) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity((width * 3 + 1) * height)
        for row in 0..<height {
            lines.append(0)
            lines += pixels[(row * width * 3)..<((row + 1) * width * 3)]
        }
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        // Eight bits for each of red, green, blue; no interlacing.
        chunk("IHDR", bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0], to: &file)
        chunk("IDAT", stored(lines), to: &file)
        chunk("IEND", [], to: &file)
        return file
    }

    private static func chunk(_ name: String, _ content: [UInt8], to file: inout [UInt8]) {
        let body = Array(name.utf8) + content
        file += bigEndian(content.count)
        file += body
        file += bigEndian(Int(checksum(body)))
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(value >> $0 & 255) }
    }

    /// A zlib stream of blocks that are not compressed.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, to: bytes.count, by: 65_535) {
            let end = min(start + 65_535, bytes.count)
            let length = end - start
            let (low, high) = (UInt8(length & 255), UInt8(length >> 8))
            stream += [end == bytes.count ? 1 : 0, low, high, ~low, ~high]
            stream += bytes[start..<end]
        }
        return stream + bigEndian(adler(bytes))
    }

    private static func adler(_ bytes: [UInt8]) -> Int {
        var (low, high) = (1, 0)
        // 5,552 steps stay below 2³² without a remainder in between.
        for start in stride(from: 0, to: bytes.count, by: 5552) {
            for byte in bytes[start..<min(start + 5552, bytes.count)] {
                low += Int(byte)
                high += low
            }
            low %= 65_521
            high %= 65_521
        }
        return high << 16 | low
    }

    /// The CRC-32 of a chunk.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8
        }
        return ~value
    }

    private static let table: [UInt32] = (UInt32(0)..<256).map { index in
        (0..<8).reduce(index) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }
}
