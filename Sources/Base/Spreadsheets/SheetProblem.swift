import LinliCore

/// Why a table cannot be read; said in words for who chose the file.
package enum SheetProblem: Error, Sendable, Equatable {
    /// Neither XLSX nor a text.
    case unknownKind
    /// The format before 2007, or a workbook with a password: both look the same from outside.
    case oldOrLocked
    /// It ends early, contradicts itself or names parts that are not there.
    case damaged
    /// More bytes, packed or unpacked, than are taken.
    case tooLarge
    case tooManyRows(Int)
    case tooManyColumns(Int)
    /// A quotation mark of this line is never closed.
    case openQuote(line: Int)
    /// No row has anything in it.
    case empty

    /// What is wrong and what to do about it.
    package var text: Text {
        switch self {
        case .unknownKind:
            Text(
                "认不出这个文件，请用 Excel（.xlsx）或 CSV", "The file was not recognised; please use Excel (.xlsx) or CSV"
            )
        case .oldOrLocked:
            Text(
                "这是旧版 .xls 或加了密码的文件，请另存为不带密码的 .xlsx",
                "This is an old .xls or has a password; please save it as .xlsx without one"
            )
        case .damaged: Text("文件不完整或已损坏，请重新导出", "The file is damaged; please export it again")
        case .tooLarge: Text("文件太大，请分几次导入", "The file is too large; please import it in parts")
        case .tooManyRows(let limit): Text("最多 \(limit) 行，请分几次导入", "At most \(limit) rows; please import it in parts")
        case .tooManyColumns(let limit): Text("最多 \(limit) 列", "At most \(limit) columns")
        case .openQuote(let line):
            Text("第 \(line) 行的引号没有配对", "A quotation mark in line \(line) is not closed")
        case .empty: Text("表里没有内容", "There is nothing in the table")
        }
    }
}

/// How much of a table is taken; what is beyond is refused, not cut.
package struct SheetLimits: Sendable {
    /// Bytes of the file.
    package var fileBytes: Int
    /// Bytes that come out of a workbook, all parts together.
    package var unpackedBytes: Int
    /// Rows with something in them.
    package var rows: Int
    package var columns: Int

    /// Limits; by default those of an import by hand.
    package init(
        fileBytes: Int = 10_000_000, unpackedBytes: Int = 100_000_000, rows: Int = 5000, columns: Int = 200
    ) {
        self.fileBytes = fileBytes
        self.unpackedBytes = unpackedBytes
        self.rows = rows
        self.columns = columns
    }
}

/// A row with something in it.
package struct SheetRow: Sendable, Equatable {
    /// Its number as the sheet shows it, from 1; of a text, that of its first line.
    package let number: Int
    /// What people read in the cells, without blanks around it; dates as `2026-11-22 10:30`.
    package let cells: [String]

    /// A row; cells without their surrounding blanks and without what no store keeps.
    package init(number: Int, cells: [String]) {
        self.number = number
        self.cells = cells.map(SheetRow.clean)
    }

    /// The cell of a column; empty where the row is shorter.
    package subscript(column: Int) -> String {
        cells.indices.contains(column) ? cells[column] : ""
    }

    private static func clean(_ text: String) -> String {
        let isOdd: (Unicode.Scalar) -> Bool = { $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0x7F }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !isOdd(scalar) { scalars.append(scalar) }
        let isBlank: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace || $0 == "\u{FEFF}" }
        guard let first = scalars.firstIndex(where: { !isBlank($0) }),
            let last = scalars.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(scalars[first...last])
    }
}
