import LinliCore
import LinliStandards

/// The lines of a table.
enum DivisionTable {
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

    /// Every row of a table.
    ///
    /// - Throws: `.invalid` with every line that cannot be read, at most 50.
    static func entries(_ text: String) throws -> [Entry] {
        var entries: [Entry] = []
        var problems: [LinliError.Field] = []
        var columns: Columns?
        for (number, line) in CSV.lines(text) {
            do {
                guard let cells = CSV.cells(line)?.map(\.trimmed) else {
                    throw Problem(text: Text("引号没有配对", "A quotation mark is not closed"))
                }
                if let columns {
                    entries.append(try entry(number, cells, columns))
                } else {
                    columns = try Self.columns(cells)
                }
            } catch let problem as Problem {
                problems.append(.init("file", Text("第 \(number) 行：", "Line \(number): ") + problem.text))
                // Without its columns no other line can be read.
                if columns == nil || problems.count == 50 { break }
            }
        }
        if columns == nil, problems.isEmpty {
            problems.append(.init("file", Text("文件是空的", "The file is empty")))
        }
        guard problems.isEmpty else { throw LinliError.invalid("divisions.file", problems) }
        return entries
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

    private static func entry(_ line: Int, _ cells: [String], _ columns: Columns) throws -> Entry {
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
        guard PersonalNumbers.find(in: name).isEmpty else {
            throw Problem(text: Text("名称里不要写手机号或证件号", "No phone or citizen number in a name"))
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
