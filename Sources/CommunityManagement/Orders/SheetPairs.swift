import LinliKernel
import LinliSpreadsheets

/// The sheet of one order as people copy it: labels and what they say beside each other, not names of columns over rows.
enum SheetPairs {
    /// Labels we know, the longest first, with the field each is.
    private static func labels(_ kind: SheetKind) -> [(name: [Character], field: String)] {
        kind.fields.flatMap { field in field.synonyms.map { (name: Array($0), field: field.id) } }
            .sorted { $0.name.count > $1.name.count }
    }

    // MARK: Texts

    /// A pasted text with every label we know at the beginning of a line and a colon behind it: several on one line are
    /// taken apart, and `【标签】` is a label like `标签：`.
    static func unfolded(_ text: String, _ kind: SheetKind) -> String {
        guard !text.contains("\t") else { return text }
        let labels = labels(kind)
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        // A word in brackets is a label where others are.
        let isBracketed = lines.count { bracket(Array($0), labels) != nil } > 1
        var field = ""
        return lines.map { line in
            let pieces = pieces(Array(line), labels, isBracketed: isBracketed, &field)
            return pieces.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private static func bracket(
        _ line: [Character], _ labels: [(name: [Character], field: String)]
    ) -> (field: String, end: Int)? {
        line.first == "【" ? label(in: line, at: 0, labels, least: 1) : nil
    }

    private static let parting: Set<Character> = ["；", ";", "，", ",", "|", "｜"]

    private static func pieces(
        _ line: [Character], _ labels: [(name: [Character], field: String)], isBracketed: Bool, _ field: inout String
    ) -> [String] {
        var pieces: [String] = []
        var piece: [Character] = []
        var index = 0
        while index < line.count {
            let isBeginning = piece.allSatisfy(\.isWhitespace) && pieces.isEmpty
            let mayBegin =
                isBeginning || line[index] == "【" || parting.contains(line[index - 1])
                || line[index - 1].isWhitespace
            // Short labels stand in what people say too: in its text only long ones end it.
            let least = isBeginning || field != "content" ? 1 : 4
            guard mayBegin, let found = label(in: line, at: index, labels, least: least) else {
                piece.append(line[index])
                index += 1
                continue
            }
            if !isBeginning { pieces.append(trimmed(piece)) }
            let name = line[index..<found.end].filter { !$0.isWhitespace && !"【】：:".contains($0) }
            piece = name + ["："]
            (field, index) = (found.field, found.end)
        }
        if isBracketed, pieces.isEmpty, piece.first == "【", let end = piece.firstIndex(of: "】"), end <= 20 {
            piece = Array(piece[1..<end]) + ["："] + piece[(end + 1)...].drop { "：: ".contains($0) }
            field = ""
        }
        return pieces + [String(piece)]
    }

    private static func trimmed(_ piece: [Character]) -> String {
        var piece = piece
        while let last = piece.last, last.isWhitespace || parting.contains(last) { piece.removeLast() }
        return String(piece)
    }

    /// The label we know that begins at a place, and where what it says begins; nil for none, and for one shorter than
    /// `least`.
    private static func label(
        in line: [Character], at start: Int, _ labels: [(name: [Character], field: String)], least: Int
    ) -> (field: String, end: Int)? {
        let isBracketed = line[start] == "【"
        let from = isBracketed ? start + 1 : start
        for (name, field) in labels where name.count >= least && line[from...].starts(with: name) {
            var end = from + name.count
            func skipBlanks() { while end < line.count, line[end].isWhitespace { end += 1 } }
            skipBlanks()
            if isBracketed {
                guard end < line.count, line[end] == "】" else { continue }
                end += 1
                skipBlanks()
            }
            let isColon = end < line.count && (line[end] == "：" || line[end] == ":")
            guard isColon || isBracketed else { continue }
            return (field, isColon ? end + 1 : end)
        }
        return nil
    }

    // MARK: Tables

    /// A table whose cells are pairs, as copied from a sheet of one order: labels below each other, what they say in the
    /// column beside, in one pair of columns or in several. Any other table as it is.
    static func upright(_ rows: [SheetRow], _ kind: SheetKind) -> [SheetRow] {
        func isKnown(_ cell: String) -> Bool {
            cell.count <= 20 && SheetColumns.suggest([cell], kind, remembered: [:]) != [""]
        }
        let across = rows.map { row in row.cells.count { isKnown($0) } }.max() ?? 0
        let pairs = rows.flatMap { row in
            stride(from: 0, to: row.cells.count, by: 2).map { (label: row[$0], text: row[$0 + 1]) }
        }.filter { !$0.label.isEmpty || !$0.text.isEmpty }
        let down = pairs.count { isKnown($0.label) }
        // 紧急 is what 紧急程度 says, and the name of a column elsewhere.
        let beside = pairs.count { isKnown($0.text) }
        guard down >= 2, beside * 2 < down, down > across || rows.count == 1 else { return rows }
        var labels: [String] = []
        var records: [[String: String]] = [[:]]
        for (label, text) in pairs where !label.isEmpty {
            let name = SheetColumns.plain(label)
            if !labels.contains(name) { labels.append(name) }
            // A label that was there already begins the next one.
            if records[records.count - 1][name] != nil { records.append([:]) }
            records[records.count - 1][name] = text
        }
        let filled = records.enumerated().map { index, record in
            SheetRow(number: index + 1, cells: labels.map { record[$0] ?? "" })
        }
        return [SheetRow(number: 1, cells: labels)] + filled
    }
}
