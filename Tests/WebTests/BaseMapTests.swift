import HTTPTypes
import LinliCore
import LinliKernel
import Testing

@testable import LinliWeb

/// Which addresses a base map may have, and what a page may then load.
@Suite("底图设置")
struct BaseMapTests {
    @Test(
        "网址里的服务器进页面的规则，别的都不收",
        arguments: [
            ("https://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org"),
            ("http://10.0.0.8:8080/map/{z}/{x}/{y}?style=1", "http://10.0.0.8:8080"),
            ("https://tiles.example.org/{z}/{x}.png", nil),
            ("https://*/{z}/{x}/{y}.png", nil),
            ("https://a.example.org;script-src/{z}/{x}/{y}", nil),
            ("https://{s}.example.org/{z}/{x}/{y}.png", nil),
            ("ftp://tiles.example.org/{z}/{x}/{y}.png", nil),
            ("https:///{z}/{x}/{y}.png", nil),
            ("https://tiles.example.org/{z}/{x}/{y} .png", nil),
        ] as [(String, String?)])
    func addresses(_ template: String, _ server: String?) {
        #expect(BaseMap(template: template, attribution: "")?.server == server)
    }

    @Test("只放开图片，只放开这一台") func policy() throws {
        var headers = HTTPFields()
        addSecurityHeaders(&headers)
        let before = try #require(headers[.contentSecurityPolicy])
        #expect(before.contains("img-src 'self' data: blob:;"))
        Tiles.allow("https://tiles.example.org", in: &headers)
        let after = try #require(headers[.contentSecurityPolicy])
        #expect(after.contains("img-src 'self' data: blob: https://tiles.example.org; media-src"))
        #expect(after.split(separator: "tiles.example.org").count == 2)
    }
}
