import LinliCore

/// The lines of a table, one after the other.
struct DivisionTable {
    struct Entry {
        var line: Int
        var level: DivisionCode.Level
        /// Nil where the table leaves it blank.
        var code: DivisionCode?
        var name: String
        /// The name of the street it belongs to, where the table says so.
        var street: String
        /// The district it lies in, where the table says so.
        var district: DivisionCode?
    }

    /// What is wrong with a line.
    struct Problem: Error {
        var text: Text
    }

    private struct Columns {
        var level: Int
        var code: Int
        var name: Int
        var street: Int?
        var district: Int?
        var count: Int
    }

    private var rest: Substring.UTF8View
    private var line = 0
    private var columns: Columns?

    init(_ text: String) {
        rest = Substring(text).utf8
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    }

    /// Every row of a table.
    ///
    /// - Throws: `.invalid` with every line that cannot be read, at most 50.
    static func entries(_ text: String) throws -> [Entry] {
        var reader = DivisionTable(text)
        var entries: [Entry] = []
        var problems: [LinliError.Field] = []
        while problems.count < 50 {
            do {
                guard let entry = try reader.next() else { break }
                entries.append(entry)
            } catch let problem as Problem {
                problems.append(.init("file", problem.text))
                guard reader.columns != nil, !reader.rest.isEmpty else { break }
            }
        }
        guard problems.isEmpty else { throw LinliError.invalid("divisions.file", problems) }
        return entries
    }

    /// The next row; nil at the end.
    ///
    /// - Throws: `Problem` with the line named; the next call goes on with the line after it.
    private mutating func next() throws -> Entry? {
        while let text = nextLine() {
            if text.isEmpty || text.first == UInt8(ascii: "#") { continue }
            do {
                let cells = try DivisionTable.cells(text)
                if let columns { return try entry(cells, columns) }
                columns = try DivisionTable.columns(cells)
            } catch let problem as Problem {
                throw Problem(text: Text("第 \(line) 行：", "Line \(line): ") + problem.text)
            }
        }
        guard columns != nil else {
            throw Problem(text: Text("文件是空的", "The file is empty"))
        }
        return nil
    }

    private mutating func nextLine() -> Substring.UTF8View? {
        guard !rest.isEmpty else { return nil }
        line += 1
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        var text = rest[..<end]
        rest = rest[end...].dropFirst()
        if text.last == UInt8(ascii: "\r") { text = text.dropLast() }
        return text
    }

    /// The cells of a line; a cell may stand in double quotes, but not run over the end of the line.
    private static func cells(_ line: Substring.UTF8View) throws -> [String] {
        var cells: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var wasQuote = false
        for byte in line {
            if isQuoted {
                if byte == UInt8(ascii: "\"") { (isQuoted, wasQuote) = (false, true) } else { cell.append(byte) }
            } else if byte == UInt8(ascii: ",") {
                cells.append(String(decoding: cell, as: UTF8.self).trimmed)
                cell.removeAll(keepingCapacity: true)
                wasQuote = false
            } else if byte == UInt8(ascii: "\""), cell.isEmpty || wasQuote {
                if wasQuote { cell.append(byte) }
                (isQuoted, wasQuote) = (true, false)
            } else {
                cell.append(byte)
                wasQuote = false
            }
        }
        guard !isQuoted else { throw Problem(text: Text("引号没有配对", "A quotation mark is not closed")) }
        cells.append(String(decoding: cell, as: UTF8.self).trimmed)
        return cells
    }

    private static func columns(_ cells: [String]) throws -> Columns {
        guard let level = cells.firstIndex(of: "level"), let code = cells.firstIndex(of: "code"),
            let name = cells.firstIndex(of: "name")
        else {
            throw Problem(
                text: Text("表头应有 level、code、name 三列", "The first line must name the columns level, code and name")
            )
        }
        return Columns(
            level: level, code: code, name: name, street: cells.firstIndex(of: "street"),
            district: cells.firstIndex(of: "district_code"), count: cells.count
        )
    }

    private func entry(_ cells: [String], _ columns: Columns) throws -> Entry {
        guard cells.count == columns.count else {
            throw Problem(
                text: Text(
                    "应有 \(columns.count) 列，现在有 \(cells.count) 列",
                    "\(columns.count) columns are needed, not \(cells.count)")
            )
        }
        guard let level = Int(cells[columns.level]).flatMap({ DivisionCode.Level(rawValue: $0) }) else {
            throw Problem(text: Text("level 应是 1 到 6", "level must be 1 to 6"))
        }
        let name = cells[columns.name]
        guard (1...60).contains(name.unicodeScalars.count) else {
            throw Problem(text: Text("名称应有 1 到 60 个字", "The name must have 1 to 60 characters"))
        }
        let digits = cells[columns.code]
        let code = DivisionCode(digits)
        if !digits.isEmpty, code == nil {
            throw Problem(text: Text("代码应是 6、9、12 或 15 位数字", "The code must have 6, 9, 12 or 15 digits"))
        }
        if let code, code.level != level {
            throw Problem(
                text: Text(
                    "代码 \(digits) 不是第 \(level.rawValue) 级的代码",
                    "The code \(digits) is not one of level \(level.rawValue)")
            )
        }
        return Entry(
            line: line, level: level, code: code, name: name, street: columns.street.map { cells[$0] } ?? "",
            district: columns.district.flatMap { DivisionCode(cells[$0]) }
        )
    }
}
