import LinliTestSupport
import Testing

@testable import LinliSpreadsheets

/// Who took a table out stands where cutting a line does not take it away.
@Suite("表格的标记：页眉、页脚、文档属性")
struct SheetMarkTests {
    private func part(_ name: String, of path: String) throws -> String {
        var bytes: [UInt8] = []
        try ZipArchive(path, allowance: 1_000_000).read(name) { piece in
            bytes += Array(piece)
            return true
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("每页上下和属性里都有；与号不变成格式代码；没有标记就没有") func marked() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder + "/m.xlsx"
            let mark = "马秀英 2026年11月22日 导出，用途：A&B填报"
            let writer = try SheetWriter(path, sheet: "台账", columns: [("姓名", 20)], mark: mark)
            try writer.add([.text("赵一")])
            try writer.close()
            let sheet = try part("xl/worksheets/sheet1.xml", of: path)
            let printed = "&amp;L" + "马秀英 2026年11月22日 导出，用途：A&amp;&amp;B填报"
            #expect(sheet.contains("<oddHeader>\(printed)</oddHeader>"))
            #expect(sheet.contains("<oddFooter>\(printed)&amp;R&amp;P / &amp;N</oddFooter>"))
            let properties = try part("docProps/core.xml", of: path)
            #expect(properties.contains("马秀英 2026年11月22日 导出，用途：A&amp;B填报"))
            #expect(try Sheet.rows(file: path).map(\.cells) == [["姓名"], ["赵一"]])
            let bare = folder + "/b.xlsx"
            let plain = try SheetWriter(bare, sheet: "台账", columns: [("姓名", 20)])
            try plain.close()
            #expect(try !part("xl/worksheets/sheet1.xml", of: bare).contains("oddHeader"))
            // A mark that is too long is cut, not left out.
            let long = folder + "/l.xlsx"
            let other = try SheetWriter(
                long, sheet: "台账", columns: [("姓名", 20)], mark: String(repeating: "&", count: 400))
            try other.close()
            #expect(try part("xl/worksheets/sheet1.xml", of: long).contains("<oddHeader>&amp;L&amp;&amp;"))
        }
    }
}
