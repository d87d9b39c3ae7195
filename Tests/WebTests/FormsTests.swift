import Foundation
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

@testable import LinliWeb

@Suite("请求怎么读")
struct FormsTests {
    private static let type = "multipart/form-data; boundary=XYZ"
    private static let body = Array(
        """
        preamble\r
        --XYZ\r
        Content-Disposition: form-data; name="text"\r
        \r
        第一行\r
        --XY 不是边界\r
        --XYZ\r
        Content-Disposition: form-data; name="photos"; filename="楼道.jpg"\r
        Content-Type: image/jpeg\r
        \r
        \u{1}\r\n\r\n--XY\u{2}\r
        --XYZ\r
        Content-Disposition: form-data; name="empty"\r
        \r
        \r
        --XYZ--\r

        """.utf8
    )

    /// Feeds `parts` and gives back what was read, the uploads with their content.
    private func read(_ parts: [ArraySlice<UInt8>], in folder: String) throws -> (Form, [(Upload, Data)]) {
        var reader = try #require(MultipartReader(contentType: Self.type, folder: folder))
        for part in parts { try reader.feed(part) }
        let (form, uploads) = try reader.finish()
        return (form, try uploads.map { ($0, try Data(contentsOf: URL(fileURLWithPath: $0.path))) })
    }

    @Test("表单在哪个字节断开都读得一样") func splitAtEveryByte() async throws {
        try await withTemporaryDirectory { folder in
            for cut in Self.body.indices {
                let (form, uploads) = try read([Self.body[..<cut], Self.body[cut...]], in: folder)
                #expect(form.all("text") == ["第一行\r\n--XY 不是边界"], "cut at \(cut)")
                #expect(form.all("empty") == [""], "cut at \(cut)")
                #expect(uploads.count == 1)
                #expect(uploads.first?.0.filename == "楼道.jpg" && uploads.first?.0.field == "photos")
                #expect(uploads.first?.1 == Data("\u{1}\r\n\r\n--XY\u{2}".utf8), "cut at \(cut)")
            }
        }
    }

    @Test("没传完就断了，说得清楚，不当成传完") func brokenOff() async throws {
        try await withTemporaryDirectory { folder in
            for end in stride(from: 0, to: Self.body.count - 8, by: 7) {
                #expect(throws: LinliError.self) { _ = try read([Self.body[..<end]], in: folder) }
            }
        }
    }

    @Test("没有边界、边界太长、没有名字的都不收") func refuses() async throws {
        try await withTemporaryDirectory { folder in
            #expect(MultipartReader(contentType: "multipart/form-data", folder: folder) == nil)
            let long = "multipart/form-data; boundary=" + String(repeating: "x", count: 71)
            #expect(MultipartReader(contentType: long, folder: folder) == nil)
            let nameless = Array("--XYZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XYZ--\r\n".utf8)
            #expect(throws: LinliError.self) { _ = try read([nameless[...]], in: folder) }
        }
    }

    @Test("照片太大，照片不留，别的字段都在") func oversizeKeepsTheFields() async throws {
        try await withTemporaryDirectory { folder in
            var reader = try #require(MultipartReader(contentType: Self.type, folder: folder))
            try reader.feed(
                Array("--XYZ\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a\"\r\n\r\n".utf8))
            let chunk = [UInt8](repeating: 7, count: 1 << 20)
            for _ in 0..<21 { try reader.feed(chunk) }
            try reader.feed(
                Array("\r\n--XYZ\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n写了很久的话\r\n--XYZ--\r\n".utf8)
            )
            let (form, uploads) = try reader.finish()
            #expect(form["text"] == "写了很久的话")
            #expect(uploads.map(\.size) == [21 << 20])
            let kept = try Data(contentsOf: URL(fileURLWithPath: try #require(uploads.first).path)).count
            #expect(kept <= FileStore.limit)
        }
    }

    @Test("几张加起来太大，放得下的留着，放不下的不留，别的字段都在") func tooMuchTogetherKeepsTheFields() async throws {
        try await withTemporaryDirectory { folder in
            let photo = "--XYZ\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a\"\r\n\r\n12345678\r\n"
            let text = "--XYZ\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n写了很久的话\r\n--XYZ--\r\n"
            var reader = try #require(MultipartReader(contentType: Self.type, folder: folder, filesLimit: 20))
            try reader.feed(Array((photo + photo + photo + text).utf8))
            let (form, uploads) = try reader.finish()
            #expect(form["text"] == "写了很久的话")
            #expect(uploads.map(\.size) == [8, 8, FileStore.limit + 1])
            let kept = try uploads.map { try Data(contentsOf: URL(fileURLWithPath: $0.path)).count }
            #expect(kept == [8, 8, 0])
        }
    }

    @Test(
        "Range 怎么写就给哪一段",
        arguments: [
            (nil, 10, ByteRange.whole), ("bytes=0-4", 10, .part(0...4)), ("bytes=5-", 10, .part(5...9)),
            ("bytes=-3", 10, .part(7...9)), ("bytes=-30", 10, .part(0...9)), ("bytes=0-99", 10, .part(0...9)),
            ("bytes=9-9", 10, .part(9...9)), ("bytes=10-", 10, .unsatisfiable), ("bytes=-0", 10, .unsatisfiable),
            ("bytes=-1", 0, .unsatisfiable), ("bytes=0-1,3-4", 10, .whole), ("lines=0-1", 10, .whole),
            ("bytes=4-2", 10, .whole), ("bytes=a-b", 10, .whole), ("bytes=", 10, .whole), ("bytes=-", 10, .whole),
        ] as [(String?, Int, ByteRange)]
    ) func ranges(_ header: String?, _ size: Int, _ expected: ByteRange) {
        #expect(ByteRange(header: header, size: size) == expected)
    }

    @Test(
        "百分号怎么解",
        arguments: [
            ("a%20b", "a b"), ("%E5%B9%B8%e7%a6%8f", "幸福"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("a+b", "a+b"),
            ("%FF", "\u{FFFD}"), ("%2541", "%41"), ("%41", "A"), ("", ""),
        ]
    ) func percent(_ text: String, _ expected: String) {
        #expect(percentDecoded(text) == expected)
    }

    @Test("表单字段：加号是空格，同名的都在，没有等号的是空") func fields() {
        let form = Form(urlEncodedFields("a=1+2&b=%26&a=3&c&&d=="))
        #expect(form.all("a") == ["1 2", "3"])
        #expect(form.all("b") == ["&"] && form.all("c") == [""] && form.all("d") == ["="])
        #expect(urlEncodedFields(String(repeating: "x=1&", count: 1000)).count == 400)
    }

    @Test("Cookie 按名字取，认不错前缀") func cookies() {
        #expect(cookieValue("b", in: "ab=1; b=2; c=3") == "2")
        #expect(cookieValue("d", in: "ab=1; b=2") == nil)
        #expect(cookieValue("a", in: nil) == nil)
    }
}
