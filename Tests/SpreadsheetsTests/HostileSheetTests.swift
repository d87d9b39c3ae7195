import Foundation
import LinliSpreadsheets
import LinliTestSupport
import Testing

/// Files that were made to hurt.
@Suite("不怀好意的表格")
struct HostileSheetTests {
    private func problem(
        _ parts: [(name: String, bytes: [UInt8])], _ limits: SheetLimits = SheetLimits()
    ) async throws -> SheetProblem? {
        do {
            _ = try await ZipFile.rows(parts, limits)
            return nil
        } catch let problem as SheetProblem {
            return problem
        }
    }

    @Test("压缩炸弹：解出来的字节数到限就停") func bomb() async throws {
        let blanks = String(repeating: " ", count: 30_000_000)
        let parts = ZipFile.workbook(rows: "<row><c t=\"inlineStr\"><is><t>\(blanks)</t></is></c></row>")
        var limits = SheetLimits()
        limits.unpackedBytes = 20_000_000
        #expect(try await problem(parts, limits) == .tooLarge)
    }

    @Test("一百万个空行：几秒内读完，有内容的行还在") func emptyRows() async throws {
        var rows = ""
        rows.reserveCapacity(30_000_000)
        for number in 1...1_000_000 { rows += "<row r=\"\(number)\" spans=\"1:9\"/>" }
        rows += "<row r=\"1000001\"><c r=\"A1000001\"><v>5</v></c></row>"
        let clock = ContinuousClock()
        let began = clock.now
        let found = try await ZipFile.rows(ZipFile.workbook(rows: rows))
        #expect(found == [SheetRow(number: 1_000_001, cells: ["5"])])
        #expect(clock.now - began < .seconds(60))
    }

    @Test("文档类型、实体膨胀一概不要") func entities() async throws {
        let lol = """
            <!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>\
            <worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>
            """
        var parts = ZipFile.workbook(rows: "")
        let index = try #require(parts.firstIndex { $0.name == "xl/worksheets/sheet1.xml" })
        parts[index].bytes = Array(lol.utf8)
        #expect(try await problem(parts) == .damaged)
        parts[index].bytes = Array("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><worksheet/>".utf8)
        #expect(try await problem(parts) == .damaged)
    }

    @Test(
        "残缺、矛盾、指向不存在的部件",
        arguments: [
            "<row r=\"5\"/><row r=\"4\"/>", "<row r=\"99999999\"/>", "<row><c><v>1</c></row>", "<row r=\"0\"/>",
        ])
    func broken(rows: String) async throws {
        #expect(try await problem(ZipFile.workbook(rows: rows)) == .damaged)
    }

    @Test("太多行、太多列") func limits() async throws {
        var limits = SheetLimits()
        limits.rows = 3
        limits.columns = 3
        let four = String(repeating: "<row><c><v>1</v></c></row>", count: 4)
        #expect(try await problem(ZipFile.workbook(rows: four), limits) == .tooManyRows(3))
        let wide = "<row><c r=\"D1\"><v>1</v></c></row>"
        #expect(try await problem(ZipFile.workbook(rows: wide), limits) == .tooManyColumns(3))
        // Cells that only have a colour do not count.
        let plain = "<row><c r=\"A1\"><v>1</v></c><c r=\"XFD1\" s=\"3\"/></row>"
        #expect(try await problem(ZipFile.workbook(rows: plain), limits) == nil)
        #expect(try await problem(ZipFile.workbook(rows: "")) == .empty)
    }

    @Test("旧格式、带密码、不是压缩包、缺部件、截断") func kinds() async throws {
        func read(_ bytes: [UInt8]) async throws -> SheetProblem? {
            do {
                _ = try await ZipFile.rows(bytes)
                return nil
            } catch let problem as SheetProblem { return problem }
        }
        #expect(try await read([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) == .oldOrLocked)
        #expect(try await read([0x50, 0x4B, 0x03, 0x04, 1, 2, 3]) == .damaged)
        #expect(try await read([0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10]) == .unknownKind)
        #expect(try await problem([("a.txt", [65])]) == .unknownKind)
        var parts = ZipFile.workbook(rows: "<row><c><v>1</v></c></row>")
        parts.removeAll { $0.name == "xl/worksheets/sheet1.xml" }
        #expect(try await problem(parts) == .damaged)
        try await withTemporaryDirectory { folder in
            let path = folder + "/a.xlsx"
            try ZipFile.write(ZipFile.workbook(rows: "<row><c><v>1</v></c></row>"), to: path)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for cut in stride(from: 5, to: whole.count, by: 97) {
                try whole.prefix(cut).write(to: URL(fileURLWithPath: path))
                #expect(throws: SheetProblem.damaged) { try Sheet.rows(file: path) }
            }
        }
    }

    @Test("随机改坏的文件只会被拒绝，不会让程序崩掉") func fuzz() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder + "/a.xlsx"
            let texts = "<sst><si><t>编号</t></si></sst>"
            let parts = ZipFile.workbook(rows: "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>", texts: texts)
            try ZipFile.write(parts, to: path)
            let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            var state: UInt64 = 7
            var refused = 0
            for _ in 0..<400 {
                var bytes = whole
                for _ in 0..<4 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
                }
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                do { _ = try Sheet.rows(file: path) } catch is SheetProblem { refused += 1 }
            }
            #expect(refused > 100)
        }
    }
}
