import Foundation
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

@testable import CommunityManagement
@testable import LinliSpreadsheets

/// Who took a table out, when and what for: where everybody who reads or prints it sees it, and in nobody's way when the
/// table comes back.
@Suite("导出的标记")
struct ExportMarkTests {
    private static let context = Context(
        actor: Actor(.system("test"), name: "马秀英"), now: Instant(milliseconds: 1_795_000_000_000))

    private func part(_ name: String, of path: String) throws -> String {
        var bytes: [UInt8] = []
        try ZipArchive(path, allowance: 1_000_000).read(name) { piece in
            bytes += Array(piece)
            return true
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("报表：第一行和每页的页眉页脚都有，读回来的版式和原来一样") func form() async throws {
        try await withTemporaryDirectory { folder in
            let layout = FormLayout(
                above: [["老年人摸底表", "", ""]], heading: [["序号", "姓名", "联系电话"]], below: [["填表人：", "", "审核人："]],
                names: ["序号", "姓名", "联系电话"])
            let row = FilledForm.Row(id: ID(rawValue: 1), name: "赵一", address: "", cells: ["1", "赵一", "13800138000"])
            let mark = ExportMark.text(purpose: "填报区民政局《老年人摸底表》", Self.context)
            let bytes = try FormSheet.workbook(layout, FilledForm(rows: [row], columns: []), mark)
            let path = folder + "/form.xlsx"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let sheet = try part("xl/worksheets/sheet1.xml", of: path)
            for place in ["oddHeader", "oddFooter"] {
                let printed = try #require(sheet.components(separatedBy: "<\(place)>").dropFirst().first)
                #expect(printed.hasPrefix("&amp;L马秀英 于 ") && printed.contains("用途：填报区民政局"))
            }
            let rows = try Sheet.rows(file: path)
            #expect(rows.first?.cells.first == mark)
            #expect(rows.dropFirst().first?.cells.first == "老年人摸底表")
            let back = try FormLayout.find(rows)
            #expect(back.heading == layout.heading && back.names == layout.names)
            #expect(back.above.map { $0.first } == ["老年人摸底表"])
            #expect(back.below.map { $0.first } == ["填表人："])
        }
    }

    @Test("只有整行就是标记的才算标记；中英文都认") func marks() {
        let english = Context(
            actor: Actor(.system("test"), name: "Ma"), now: Self.context.now, language: .en)
        for context in [Self.context, english] {
            let mark = ExportMark.text(Text("走访台账", "Visits"), purpose: "检查", context)
            #expect(ExportMark.isMark([mark]) && ExportMark.isMark([mark, "", mark]))
            #expect(!ExportMark.isMark([mark, "赵一"]) && !ExportMark.isMark([mark + "x"]))
        }
        #expect(!ExportMark.isMark([]) && !ExportMark.isMark(["姓名"]))
    }

    /// The table of orders names nobody and is asked for without a purpose.
    @Test("凡是写 Excel 的都带两处标记") func everyWorkbook() throws {
        let root =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/Sources/CommunityManagement"
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        var found = 0
        for name in names where name.hasSuffix(".swift") && !name.hasSuffix("OrdersRoutes.swift") {
            let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
            for call in text.components(separatedBy: "SheetWriter(").dropFirst() {
                let arguments = call.prefix(400).components(separatedBy: "\n        for ").first ?? ""
                #expect(arguments.contains("watermark:"), "\(name): no first line")
                #expect(arguments.replacing("watermark:", with: "").contains("mark:"), "\(name): no header")
                found += 1
            }
        }
        #expect(found >= 4)
    }
}
