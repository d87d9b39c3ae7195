import Foundation
import LinliCore
import LinliSQL

/// Reads tables of divisions into the store: the one this program ships and any file of the same form.
///
/// A table is CSV in UTF-8. Lines that begin with `#` are comments; the first other line names the columns: `level`
/// (1 province to 6 grid), `code` (6, 9, 12 or 15 digits) and `name`, in any order. With a column `street`, which says
/// in words where a community belongs, rows of a street whose code another name holds are told apart and left out.
package enum DivisionImport {
    /// What an import did.
    package struct Outcome: Sendable {
        /// Divisions that are new, or whose name or level changed.
        package var added = 0
        /// Divisions that were there already.
        package var unchanged = 0
        /// Lines that were left out, each with its reason.
        package var skipped: [Skipped] = []
    }

    /// A line that was left out.
    package struct Skipped: Sendable {
        /// Its number, from 1.
        package let line: Int
        /// Why.
        package let text: Text
    }

    /// Rows per transaction: large enough to share its cost, small enough that nobody waits for it.
    private static let chunk = 250

    /// The table this version came with: Beijing, its districts and its streets.
    ///
    /// - Throws: `.internal` when the installation lacks it.
    package static func builtIn() throws -> String {
        guard let url = Bundle.module.url(forResource: "beijing", withExtension: "csv", subdirectory: "Data") else {
            throw LinliError.fault("divisions.dataMissing", "Data/beijing.csv is not in the resource bundle")
        }
        return try String(contentsOf: url, encoding: .utf8)
    }

    /// Imports a table; doing it again changes nothing.
    ///
    /// Codes from the level `synthetic` down are marked as made up. By default these are communities and grids, because
    /// tables of communities with made-up codes are common and nothing in a code tells; nil says all are official.
    /// - Throws: `.invalid` naming every line that cannot be read; then nothing is imported.
    package static func run(
        text: String,
        source: String,
        database: Database,
        context: Context,
        synthetic: DivisionCode.Level? = .community
    ) async throws -> Outcome {
        let present = try await database.read { try DivisionsStore.all(at: context.now, $0) }
        let survey = try DivisionTable.Survey(
            text,
            present: Dictionary(present.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
        )
        let source = String(source.prefix(120))
        var outcome = Outcome()
        var waiting: [NewDivision] = []
        func write() async throws {
            guard !waiting.isEmpty else { return }
            let rows = waiting
            let written = try await database.write(context, "divisions.import") { tx in
                try DivisionsStore.put(rows, source: source, tx)
            }
            outcome.added += written
            outcome.unchanged += rows.count - written
            waiting.removeAll(keepingCapacity: true)
        }
        var reader = DivisionTable(text)
        while let entry = try reader.next() {
            if let reason = survey.reasonToSkip(entry) {
                outcome.skipped.append(Skipped(line: entry.line, text: reason))
                continue
            }
            guard let code = entry.code else { continue }
            let isSynthetic = synthetic.map { entry.level >= $0 } ?? false
            waiting.append(NewDivision(code: code, level: entry.level, name: entry.name, isSynthetic: isSynthetic))
            if waiting.count == chunk { try await write() }
        }
        try await write()
        return outcome
    }
}

/// The lines of a table, one after the other.
private struct DivisionTable {
    struct Entry {
        var line: Int
        var level: DivisionCode.Level
        /// Nil where the table leaves it blank.
        var code: DivisionCode?
        var name: String
        /// The name of the street it belongs to, where the table says so.
        var street: String
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
        var count: Int
    }

    private var rest: Substring.UTF8View
    private var line = 0
    private var columns: Columns?

    init(_ text: String) {
        rest = Substring(text).utf8
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    }

    /// The next row; nil at the end.
    ///
    /// - Throws: `Problem` with the line named; the next call goes on with the line after it.
    mutating func next() throws -> Entry? {
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
            level: level, code: code, name: name, street: cells.firstIndex(of: "street"), count: cells.count
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
        return Entry(line: line, level: level, code: code, name: name, street: columns.street.map { cells[$0] } ?? "")
    }
}

extension DivisionTable {
    /// A look at the whole table before the import: whether every line can be read, and which name holds a code that
    /// occurs twice.
    struct Survey {
        /// The name that holds each code: what the store says already, else the first in the table.
        private var holders: [DivisionCode: String]

        /// - Throws: `.invalid` with every problem, at most 50.
        init(_ text: String, present: [DivisionCode: String]) throws {
            var problems: [LinliError.Field] = []
            var reader = DivisionTable(text)
            var wide: [DivisionCode: String] = [:]
            while problems.count < 50 {
                do {
                    guard let entry = try reader.next() else { break }
                    if entry.level <= .street { Survey.note(entry, &wide, present) }
                } catch let problem as Problem {
                    problems.append(.init("file", problem.text))
                    guard reader.hasMore else { break }
                }
            }
            guard problems.isEmpty else { throw LinliError.invalid("divisions.file", problems) }
            holders = present.merging(wide) { _, new in new }
            // Only when every street has its name is it known which communities count.
            reader = DivisionTable(text)
            var narrow: [DivisionCode: String] = [:]
            while let entry = try reader.next() {
                if entry.level > .street, isPlaced(entry) { Survey.note(entry, &narrow, present) }
            }
            holders.merge(narrow) { _, new in new }
        }

        private static func note(
            _ entry: Entry, _ holders: inout [DivisionCode: String], _ present: [DivisionCode: String]
        ) {
            guard let code = entry.code else { return }
            if holders[code] == nil || present[code] == entry.name { holders[code] = entry.name }
        }

        /// Whether the street a row names is the one its code says.
        private func isPlaced(_ entry: Entry) -> Bool {
            guard entry.level > .street, !entry.street.isEmpty, let code = entry.code,
                let holder = holders[code.ancestor(at: .street)]
            else { return true }
            return holder == entry.street
        }

        /// Why a row is not imported; nil when it is.
        func reasonToSkip(_ entry: Entry) -> Text? {
            guard let code = entry.code else {
                return Text("“\(entry.name)”没有代码", "“\(entry.name)” has no code")
            }
            guard isPlaced(entry) else {
                let street = code.ancestor(at: .street)
                let holder = holders[street] ?? ""
                return Text(
                    "“\(entry.street)”的代码 \(street.short) 属于“\(holder)”，“\(entry.name)”归属不明",
                    "The code \(street.short) of “\(entry.street)” belongs to “\(holder)”: where “\(entry.name)” lies is unknown"
                )
            }
            if let holder = holders[code], holder != entry.name {
                return Text(
                    "“\(entry.name)”与“\(holder)”同码 \(code.short)",
                    "“\(entry.name)” has the code \(code.short) of “\(holder)”"
                )
            }
            if let parent = code.parent, holders[parent] == nil {
                return Text(
                    "“\(entry.name)”的上级 \(parent.short) 不在区划表中",
                    "The wider division \(parent.short) of “\(entry.name)” is unknown"
                )
            }
            return nil
        }
    }

    /// Whether lines are left and the columns are known.
    private var hasMore: Bool { columns != nil && !rest.isEmpty }
}
