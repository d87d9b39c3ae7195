import Foundation
import LinliPDF
import LinliTestSupport
import Testing

/// Documents as PDF.
@Suite("PDF 文档")
struct PDFDocumentTests {
    private static func lines(_ text: String, _ width: Float) -> [String] {
        PDFText.lines(text, width: width) { $0.value >= 0x2E80 ? 2 : 1 }
    }

    @Test("换行：中文逐字，英文按词，行首不放收尾的标点，行尾不放起头的") func breaking() {
        #expect(Self.lines("一二三四五", 6) == ["一二三", "四五"])
        #expect(Self.lines("the lift is broken", 9) == ["the lift", "is broken"])
        #expect(Self.lines("一二三，四", 6) == ["一二", "三，四"])
        #expect(Self.lines("一二（三四", 6) == ["一二", "（三四"])
        #expect(Self.lines("0123456789", 4) == ["0123", "4567", "89"])
        #expect(Self.lines("甲\n\n乙", 6) == ["甲", "", "乙"])
        #expect(Self.lines("", 6) == [""])
    }

    @Test("看不见的字、改变方向的字写成编码") func visible() {
        #expect(PDFText.visible("甲\u{202E}乙\u{0}丙\u{1F600}") == "甲[U+202E]乙[U+0000]丙[U+1F600]")
        #expect(PDFText.visible("好\u{FE0F}\r\n\t。") == "好\n 。")
    }

    @Test("中文进了文件，翻页，每页有页脚和页码") func pages() throws {
        let document = try PDFDocument(title: "办件证据", foot: "张三 下载")
        document.heading("办件证据", .title)
        document.facts([("编号", "SJ20261122-0001"), ("内容", String(repeating: "电梯坏了三天，", count: 40))])
        document.table(
            [("时间", 1), ("做了什么", 3)],
            (1...120).map { ["\($0)", "第 \($0) 步：派给城市管理办公室，限三个工作日办结"] }
                + [["长", String(repeating: "一行装不下的话。", count: 800)]])
        let bytes = try document.close()
        #expect(bytes.starts(with: Array("%PDF-1.".utf8)))
        #expect(bytes.suffix(8).contains(Array("%%EOF".utf8)))
        let text = try #require(try PDFWords.read(bytes))
        #expect(text.contains("电梯坏了三天") && text.contains("第 120 步"))
        let pages = text.filter { $0 == "\u{C}" }.count
        // Blanks are the reader's guess.
        let flat = text.filter { $0 != " " }
        #expect(pages > 4 && flat.contains("1/\(pages)") && flat.contains("\(pages)/\(pages)"))
        #expect(text.split(separator: "\u{C}").allSatisfy { $0.contains("张三 下载") })
        #expect(text.components(separatedBy: "做了什么").count > 4)
    }

    @Test("印出来每个字都有墨，不只是能复制") func inkOfEveryCharacter() throws {
        // Characters of parts of parts are those that a font can lose.
        let characters = "时间做了审计记录谢停车晚没办过程性质龘囍镕"
        let count = characters.count
        let rows = try Self.printedRows(characters)
        // Beside a simple one, so that it does not matter how much of the foot is seen.
        let plain = try Self.printedRows(String(repeating: "田", count: count))
        let single = try Self.printedRows("田")
        let blank = try Self.printedRows("")
        #expect(single == blank + 1)
        #expect(plain == blank + count)
        #expect(rows == plain)
    }

    /// How many rows are seen of a page with one character in a row.
    private static func printedRows(_ characters: String) throws -> Int {
        let document = try PDFDocument(title: "字", foot: "")
        for character in characters { document.paragraph(String(character)) }
        let bytes = try document.close()
        return try #require(try PDFWords.printedRows(bytes))
    }

    @Test("没有字体、坏掉的照片都说得清") func problems() throws {
        #expect(throws: PDFProblem.noFont) { try PDFDocument(title: "", foot: "", fonts: ["/nowhere.ttc"]) }
        let document = try PDFDocument(title: "照片", foot: "")
        document.pictures([(jpeg: [1, 2, 3], caption: "不是照片"), (jpeg: [0xFF, 0xD8, 0xFF, 0xE0, 0], caption: "坏的")])
        let text = try #require(try PDFWords.read(try document.close()))
        #expect(text.contains("不是照片") && text.contains("坏的"))
    }
}
