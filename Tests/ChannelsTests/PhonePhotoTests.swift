import Foundation
import LinliChannels
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// What a phone sends that keeps its photos as HEIC: most browsers cannot draw it, so it comes to the server as it is.
@Suite("手机的 HEIC 照片", .serialized)
struct PhonePhotoTests {
    /// 20 by 40 pixels in a grid of tiles, as phones write it, lying on its side by the container's own `irot`; behind it
    /// EXIF that says once more to turn it, where it was taken, and a phone number.
    private static let heic = """
        AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAe5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA\
        AA5waXRtAAAAAAACAAAAEGlkYXQAAAAAABQAKAAAAExpbG9jAQAAAERAAAMAAQAAAAAAAAISAAEAAAAAAAAAKwACAAEAAAAAAAAA\
        AQAAAAAAAAAIAAMAAAAAAAACPQABAAAAAAAAANwAAABNaWluZgAAAAAAAwAAABVpbmZlAgAAAQABAABodmMxAAAAABVpbmZlAgAA\
        AAACAABncmlkAAAAABVpbmZlAgAAAQADAABFeGlmAAAAAOJpcHJwAAAAv2lwY28AAAB2aHZjQwEDcAAAAAAAAAAAAB7wAPz9+PgA\
        AA8DIAABABhAAQwB//8DcAAAAwCQAAADAAADAB66AkAhAAEAKkIBAQNwAAADAJAAAAMAAAMAHqAggQWW6q6a5uBAQMCAAAADAIAA\
        AAMAhCIAAQAGRAHBc8GJAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAUaXNwZQAAAAAAAAAUAAAAKAAAABBwaXhpAAAAAAMICAgAAAAJ\
        aXJvdAMAAAAbaXBtYQAAAAAAAAACAAECgQIAAgMDhIUAAAAoaXJlZgAAAAAAAAAOZGltZwACAAEAAQAAAA5jZHNjAAMAAQACAAAB\
        D21kYXQAAAAnKAGvEyExlvhOUKf//WeFzQyVTFq5T6Vz3QpQk3J+uP7yh5PFYoLgAAAABkV4aWYAAElJKgAIAAAABgAOAQIAKQAA\
        AFYAAAASAQMAAQAAAAYAAAAaAQUAAQAAAIAAAAAbAQUAAQAAAIgAAAAoAQMAAQAAAAIAAABphwQAAQAAAJAAAAAAAAAAR1BTIDM5\
        LjkxNjNOIDExNi4zOTcyRSBwaG9uZSAxMzkxMjM0NTY3OAAASAAAAAEAAABIAAAAAQAAAAUAAJAHAAQAAAAwMjEwAKAHAAQAAAAw\
        MTAwAaADAAEAAAD//wAAAqAEAAEAAAAUAAAAA6AEAAEAAAAoAAAAAAAAAA==
        """

    private func photo() throws -> [UInt8] { Array(try #require(Data(base64Encoded: Self.heic))) }

    private func prepare(_ bytes: [UInt8], _ folder: String) async throws -> FileStore.Prepared {
        let path = folder + "/" + randomToken()
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let upload = Upload(field: "photos", filename: "IMG_0001.HEIC", path: path, size: bytes.count)
        return try await FileStore(folder: folder + "/files", processor: VipsProcessor()).prepare(upload)
    }

    @Test("收下后是 JPEG，转正一次，位置和说明都去掉")
    func taken() async throws {
        try await withTemporaryDirectory { folder in
            let bytes = try photo()
            #expect(FileKind(firstBytes: bytes) == .heic)
            #expect(Data(bytes).range(of: Data("13912345678".utf8)) != nil)
            let kept = try await prepare(bytes, folder)
            #expect(kept.type == "image/jpeg")
            #expect(kept.image == ImageSize(width: 40, height: 20), "turned once, and not by both")
            let store = FileStore(folder: folder + "/files", processor: VipsProcessor())
            for isThumbnail in [false, true] {
                let path = store.path(kept.hash, isThumbnail: isThumbnail)
                let content = try Data(contentsOf: URL(fileURLWithPath: path))
                #expect(FileKind(firstBytes: Array(content.prefix(16))) == .jpeg)
                for word in ["Exif", "13912345678", "GPS"] {
                    #expect(content.range(of: Data(word.utf8)) == nil, "\(word)")
                }
            }
        }
    }

    @Test("断了的说打不开，请换一张；不认识的种类说收哪些")
    func refused() async throws {
        try await withTemporaryDirectory { folder in
            let bytes = try photo()
            for cut in [40, 400, bytes.count - 260] {
                let part = Array(bytes.prefix(cut))
                let error = await #expect(throws: LinliError.self) { try await prepare(part, folder) }
                #expect(error?.kind == .unsupported && error?.publicText.zh.contains("打不开") == true, "\(cut)")
                #expect(error?.fields.first?.name == "photos")
            }
            // A film in the same container.
            let film = Array(bytes[..<8]) + Array("mp42".utf8) + Array(bytes[12...])
            let error = await #expect(throws: LinliError.self) { try await prepare(film, folder) }
            #expect(error?.kind == .unsupported && error?.publicText.zh.contains("JPG、PNG、WebP 或 HEIC") == true)
        }
    }
}
