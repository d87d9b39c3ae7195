import LinliSpreadsheets
import LinliTestSupport
import Testing

/// What cells of a workbook mean.
@Suite("读 Excel 工作簿")
struct WorkbookTests {
    private static let styles = """
        <styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot; hh:mm"/>\
        <numFmt numFmtId="165" formatCode="0.00&quot;days&quot;"/></numFmts>\
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>\
        <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/></cellXfs></styleSheet>
        """

    @Test("共享文字、内联文字、富文本和注音、布尔、错误、公式的缓存值") func kinds() async throws {
        let texts = """
            <sst><si><t>编号</t></si><si><r><t>富</t></r><r><t>文本</t></r><rPh><t>注音</t></rPh></si><si><t xml:space="preserve"> 甲_x000D_\n乙 </t></si></sst>
            """
        let rows = """
            <row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c><c t="s"><v>2</v></c></row>\
            <row r="3"><c r="A3" t="inlineStr"><is><t>内联</t></is></c><c r="B3" t="b"><v>1</v></c>\
            <c r="C3" t="e"><v>#N/A</v></c><c r="D3" t="str"><f>A1&amp;"x"</f><v>算好的</v></c>\
            <c r="E3"><f>1+1</f><v>2</v></c><c r="F3"><f>HYPERLINK("http://x")</f></c></row>
            """
        let found = try await ZipFile.rows(ZipFile.workbook(rows: rows, texts: texts))
        #expect(
            found == [
                SheetRow(number: 2, cells: ["编号", "", "富文本", "甲\n乙"]),
                SheetRow(number: 3, cells: ["内联", "TRUE", "#N/A", "算好的", "2"]),
            ]
        )
    }

    @Test("日期按 1900 和 1904 两种起点，二月二十九那个不存在的日子不算") func dates() async throws {
        let rows = """
            <row><c r="A1" s="1"><v>46348</v></c><c r="B1" s="2"><v>46348.4375</v></c><c r="C1" s="3"><v>46348</v></c>\
            <c r="D1" s="4"><v>0.75</v></c><c r="E1" s="1"><v>60</v></c><c r="F1" s="1"><v>59</v></c>\
            <c r="G1" s="2"><v>46348.99999999</v></c><c r="H1" s="1"><v>-5</v></c></row>
            """
        let first = try await ZipFile.rows(ZipFile.workbook(rows: rows, styles: Self.styles))
        #expect(
            first.first?.cells == [
                "2026-11-22", "2026-11-22 10:30", "46348", "18:00", "60", "1900-02-28", "2026-11-23", "-5",
            ]
        )
        let old = ZipFile.workbook(rows: rows, styles: Self.styles, properties: "<workbookPr date1904=\"1\"/>")
        #expect(try await ZipFile.rows(old).first?[0] == "2030-11-23")
    }

    @Test("数字照人读的样子：电话、编号不成科学记数") func numbers() async throws {
        let rows = """
            <row><c><v>1.3800001111E10</v></c><c><v>202611220000123</v></c><c><v>0.5</v></c><c><v>-3</v></c>\
            <c><v>1E400</v></c></row>
            """
        let found = try await ZipFile.rows(ZipFile.workbook(rows: rows))
        #expect(found.first?.cells == ["13800001111", "202611220000123", "0.5", "-3"])
    }

    @Test("合并的格子每格都有内容，空行不因此出现") func merged() async throws {
        let rows = """
            <row r="1"><c r="A1" t="inlineStr"><is><t>幸福里</t></is></c><c r="B1"><v>1</v></c></row>\
            <row r="2"><c r="B2"><v>2</v></c></row><row r="3"/><row r="4"><c r="A4"><v>9</v></c></row>
            """
        let merged =
            "<mergeCells><mergeCell ref=\"A1:A3\"/><mergeCell ref=\"Z9\"/><mergeCell ref=\"B2:A1\"/></mergeCells>"
        let found = try await ZipFile.rows(ZipFile.workbook(rows: rows, merged: merged))
        #expect(found.map(\.cells) == [["幸福里", "1"], ["幸福里", "2"], ["9"]])
        #expect(found.map(\.number) == [1, 2, 4])
    }

    @Test("名字空间有前缀、部件名大小写不同也读得出") func prefixes() async throws {
        let kind = "http://purl.oclc.org/ooxml/officeDocument/relationships"
        let parts: [(String, String)] = [
            (
                "_rels/.rels",
                "<p:Relationships xmlns:p=\"p\"><p:Relationship Id=\"a\" Type=\"\(kind)/officeDocument\" Target=\"/XL/book.xml\"/></p:Relationships>"
            ),
            (
                "xl/book.xml",
                "<x:workbook xmlns:x=\"x\" xmlns:r=\"r\"><x:sheets><x:sheet r:id=\"s\"/></x:sheets></x:workbook>"
            ),
            (
                "xl/_rels/book.xml.rels",
                "<Relationships><Relationship Id=\"s\" Type=\"\(kind)/worksheet\" Target=\"../xl/s.xml\"/></Relationships>"
            ),
            (
                "xl/s.xml",
                "<x:worksheet xmlns:x=\"x\"><x:sheetData><x:row><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>"
            ),
        ]
        let found = try await ZipFile.rows(parts.map { ($0.0, Array($0.1.utf8)) })
        #expect(found == [SheetRow(number: 1, cells: ["7"])])
    }

    @Test("写出来的自己读得回：文字、数字、长文、看着像公式的") func roundTrip() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder + "/b.xlsx"
            let writer = try SheetWriter(path, sheet: "工单", columns: [("编号", 20), ("内容", 60)])
            try writer.add([.text("=1+1"), .number(13_800_001_111)])
            try writer.add([.text("多行\n内容 & <标签>"), .text(String(repeating: "长", count: 40_000))])
            try writer.close()
            let rows = try Sheet.rows(file: path)
            #expect(rows[0].cells == ["编号", "内容"])
            #expect(rows[1].cells == ["=1+1", "13800001111"])
            #expect(rows[2][0] == "多行\n内容 & <标签>" && rows[2][1].count == 8000)
        }
    }
}
