import LinliSpreadsheets
import Testing

/// Tables as texts: files of other programs, and what people paste.
@Suite("读 CSV 和粘贴的内容")
struct TextTableTests {
    @Test("UTF-8 带不带标记、UTF-16、GBK 都读得出") func codings() async throws {
        let plain = Array("编号,内容\n1,电梯坏了\n".utf8)
        // 编号,内容⏎1,电梯坏了 in GBK.
        let gbk: [UInt8] = [
            0xB1, 0xE0, 0xBA, 0xC5, 0x2C, 0xC4, 0xDA, 0xC8, 0xDD, 0x0A, 0x31, 0x2C, 0xB5, 0xE7, 0xCC, 0xDD, 0xBB, 0xB5,
            0xC1, 0xCB,
        ]
        var wide: [UInt8] = [0xFF, 0xFE]
        for unit in "编号,内容\r\n1,电梯坏了".utf16 { wide += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        for bytes in [plain, [0xEF, 0xBB, 0xBF] + plain, gbk, wide] {
            let rows = try await ZipFile.rows(bytes)
            #expect(rows.map(\.cells) == [["编号", "内容"], ["1", "电梯坏了"]])
        }
        await #expect(throws: SheetProblem.unknownKind) { try await ZipFile.rows([0x41, 0xFF, 0xFF, 0xFF]) }
    }

    @Test("分隔符从第一行看出，引号里的换行和分隔符不算") func cells() async throws {
        let semicolon = try await ZipFile.rows(Array("a;b,c;d\n1;\"x;\"\"y\"\"\n第二行\";3\n\n;;\n4;5\n".utf8))
        #expect(semicolon.map(\.cells) == [["a", "b,c", "d"], ["1", "x;\"y\"\n第二行", "3"], ["4", "5"]])
        #expect(semicolon.map(\.number) == [1, 2, 6])
        let tab = try Sheet.rows(pasted: "编号\t内容\r\n1\t\"a\tb\"\r\n")
        #expect(tab.map(\.cells) == [["编号", "内容"], ["1", "a\tb"]])
        await #expect(throws: SheetProblem.openQuote(line: 2)) { try await ZipFile.rows(Array("a,b\n1,\"x\n2,3".utf8)) }
    }

    @Test("一张单子按“标签：内容”贴进来，多张用空行或重复的标签分开") func labels() throws {
        let text = """
            【工单编号】：12345-1
            来电时间: 2026-11-22 10:30
            内容：3号楼电梯坏了，
            老人下不了楼：已经两天。
            网址 http://x.cn

            工单编号：12345-2
            内容：路灯不亮
            工单编号：12345-3
            联系电话：138 0000 1111
            """
        let rows = try Sheet.rows(pasted: text)
        #expect(rows[0].cells == ["工单编号", "来电时间", "内容", "老人下不了楼", "联系电话"])
        #expect(rows[1].cells.prefix(3) == ["12345-1", "2026-11-22 10:30", "3号楼电梯坏了，"])
        #expect(rows[1][3] == "已经两天。\n网址 http://x.cn")
        #expect(rows[2].cells == ["12345-2", "", "路灯不亮", "", ""])
        #expect(rows[3].cells == ["12345-3", "", "", "", "138 0000 1111"])
        #expect(rows.map(\.number) == [1, 1, 7, 9])
    }

    @Test("写 CSV：看着像公式的加撇号，Excel 认得编码") func written() throws {
        var csv = CSVText()
        csv.add([.text("=cmd|' /C calc'!A0"), .text("+86 1"), .text(" @x"), .text("-1"), .number(-1), .text("平常")])
        csv.add([.text("a,\"b\"\n"), .text("＝全角"), .text("\t=1"), .text("")])
        #expect(
            csv.text
                == "\u{FEFF}'=cmd|' /C calc'!A0,'+86 1,' @x,'-1,-1,平常\r\n\"a,\"\"b\"\"\n\",'＝全角,\"'\t=1\",\r\n"
        )
    }

    @Test("没有内容、太长") func limits() throws {
        #expect(throws: SheetProblem.empty) { try Sheet.rows(pasted: " \n\t\n") }
        var limits = SheetLimits()
        limits.rows = 2
        #expect(throws: SheetProblem.tooManyRows(2)) { try Sheet.rows(pasted: "a,b\n1,2\n3,4\n", limits) }
        limits.fileBytes = 5
        #expect(throws: SheetProblem.tooLarge) { try Sheet.rows(pasted: "a,b\n1,2", limits) }
    }
}
