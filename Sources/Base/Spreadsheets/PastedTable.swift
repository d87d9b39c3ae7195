/// What somebody copied from elsewhere: cells of a spreadsheet, lines with commas, or the sheet of one order as
/// `标签：内容` line by line.
enum PastedTable {
    /// Gives the rows; labels become the first of them.
    ///
    /// - Throws: `SheetProblem`, or what `give` throws.
    static func rows(_ text: String, _ limits: SheetLimits, _ give: (SheetRow) throws -> Void) throws {
        let text = text.contains("\r") ? lines(text).joined(separator: "\n") : text
        guard !text.utf8.contains(0x09), let records = labelled(text) else {
            return try TextTable.rows(text, limits, give)
        }
        var labels: [String] = []
        for record in records {
            for (label, _) in record.fields where !labels.contains(label) { labels.append(label) }
        }
        guard labels.count <= limits.columns else { throw SheetProblem.tooManyColumns(limits.columns) }
        guard records.count < limits.rows else { throw SheetProblem.tooManyRows(limits.rows) }
        try give(SheetRow(number: 1, cells: labels))
        for record in records {
            let cells = labels.map { label in record.fields.first { $0.label == label }?.text ?? "" }
            try give(SheetRow(number: record.line, cells: cells))
        }
    }

    private struct Record {
        var line: Int
        var fields: [(label: String, text: String)] = []
    }

    /// The records of a text of labels; nil when most of its lines have none.
    ///
    /// An empty line or a label that was there already begins the next one; a line without a label goes on with the one
    /// before.
    private static func labelled(_ text: String) -> [Record]? {
        var records: [Record] = []
        var current: Record?
        var labelled = 0
        var others = 0
        for (index, line) in lines(text).enumerated() {
            if line.allSatisfy(\.isWhitespace) {
                if let record = current { records.append(record) }
                current = nil
                continue
            }
            guard let (label, value) = split(line) else {
                others += 1
                if let last = current?.fields.indices.last { current?.fields[last].text += "\n" + line }
                continue
            }
            labelled += 1
            if let record = current, record.fields.contains(where: { $0.label == label }) {
                records.append(record)
                current = nil
            }
            var record = current ?? Record(line: index + 1)
            record.fields.append((label, value))
            current = record
        }
        if let record = current { records.append(record) }
        return labelled >= 2 && labelled > others ? records : nil
    }

    /// A label of at most 20 characters and what stands behind its colon; a time of day and an address are none.
    private static func split(_ line: Substring) -> (label: String, text: String)? {
        guard let colon = line.firstIndex(where: { $0 == "：" || $0 == ":" }), !line[colon...].hasPrefix("://") else {
            return nil
        }
        let label = line[..<colon].filter { !$0.isWhitespace && $0 != "【" && $0 != "】" }
        let isWord =
            label.contains { $0.isLetter } && !label.hasPrefix("http") && !label.contains { "，。,;；".contains($0) }
        guard isWord, label.count <= 20 else { return nil }
        return (label, String(line[line.index(after: colon)...]))
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { $0.isNewline }
    }
}
