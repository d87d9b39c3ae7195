import Foundation
import LinliCore
import LinliKernel
import Subprocess

/// Makes pictures upright and small with libvips, in a child process with limits on time, memory and number.
///
/// Decoding and encoding again removes EXIF and whatever else hid in the file.
package struct VipsProcessor: ImageProcessor {
    private let child = LimitedChild()

    /// More pixels than any phone takes; a small file may claim billions and keep the decoder busy.
    private static let pixels = 120_000_000

    /// A processor that works on two pictures at once.
    package init() {}

    package func process(_ input: String, output: String, thumbnail: String) async throws -> ImageSize {
        try await child.alone {
            if let size = VipsProcessor.size(ofPNG: input) ?? VipsProcessor.size(ofJPEG: input),
                size.width * size.height > VipsProcessor.pixels
            {
                throw VipsProcessor.unreadable("\(size.width) by \(size.height) pixels")
            }
            try await run(input, size: "2560x2560>", output: output, quality: 85)
            try await run(output, size: "480x480>", output: thumbnail, quality: 78)
            guard let size = VipsProcessor.size(ofJPEG: output) else {
                throw VipsProcessor.unreadable("no frame header")
            }
            return size
        }
    }

    private func run(_ input: String, size: String, output: String, quality: Int) async throws {
        // vipsthumbnail reads a relative output from the folder of its input, not from ours.
        let output = output.hasPrefix("/") ? output : FileManager.default.currentDirectoryPath + "/" + output
        let ended: LimitedChild.Ended
        do {
            ended = try await LimitedChild.run(
                ["vipsthumbnail", input, "--size", size, "--output", "\(output)[Q=\(quality),strip]"],
                // A cut-off picture is worth a warning for every line it lacks; nobody reads them.
                environment: ["VIPS_CONCURRENCY": "1", "VIPS_WARNING": "0"]
            )
        } catch {
            throw LinliError(
                .unavailable,
                "images.tool",
                Text("现在处理不了照片，请先不带照片提交", "Photos cannot be processed right now; please send without them"),
                detail: "\(error)"
            )
        }
        guard ended.isDone, FileManager.default.fileExists(atPath: output) else {
            throw VipsProcessor.unreadable(ended.complaint)
        }
    }

    private static func unreadable(_ detail: String) -> LinliError {
        LinliError(
            .unsupported,
            "images.unreadable",
            Text("有一张照片打不开，请换一张或重新拍", "One of the photos cannot be opened; please choose another"),
            detail: String(detail.prefix(300)),
            fields: [.init("photos", Text("照片打不开", "The photo cannot be opened"))]
        )
    }

    /// Width and height from the header of a PNG.
    ///
    /// - Source: ISO/IEC 15948 §11.2.2
    static func size(ofPNG path: String) -> ImageSize? {
        // A file that cannot be read has no size.
        guard let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped), data.count >= 24,
            data.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        else { return nil }
        func number(_ offset: Int) -> Int { data[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        return ImageSize(width: number(16), height: number(20))
    }

    /// Width and height from the first frame header.
    ///
    /// - Source: ITU-T T.81 §B.2.2
    static func size(ofJPEG path: String) -> ImageSize? {
        // A file that cannot be read has no size.
        guard let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped) else { return nil }
        var index = data.startIndex + 2
        while index + 9 < data.endIndex, data[index] == 0xFF {
            let marker = data[index + 1]
            let length = Int(data[index + 2]) << 8 | Int(data[index + 3])
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                let height = Int(data[index + 5]) << 8 | Int(data[index + 6])
                let width = Int(data[index + 7]) << 8 | Int(data[index + 8])
                return ImageSize(width: width, height: height)
            }
            index += 2 + length
        }
        return nil
    }
}
