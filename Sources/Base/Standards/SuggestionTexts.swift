import LinliCore

/// A sentence somebody may say, with the category and nature a person gave it.
package struct SuggestionText: Sendable, Hashable {
    /// The code of a minor class.
    package let category: String
    /// What the speaker wants.
    package let nature: NeedNature
    /// The sentence.
    package let text: String

    /// The sentences a fresh installation learns from.
    ///
    /// - Throws: when the installation lacks the file or it does not fit.
    package static func seed(_ catalogue: EventCatalogue) throws -> [SuggestionText] {
        try read(standardData("suggestion-seed"), catalogue)
    }

    /// The sentences suggestions are measured with; nothing may learn from them.
    ///
    /// - Throws: when the installation lacks the file or it does not fit.
    package static func evaluation(_ catalogue: EventCatalogue) throws -> [SuggestionText] {
        try read(standardData("suggestion-texts"), catalogue)
    }

    /// Reads a table `code | nature | text`.
    ///
    /// - Throws: everything that is wrong, each with its line.
    package static func read(_ table: String, _ catalogue: EventCatalogue) throws(TableInvalid) -> [SuggestionText] {
        var texts: [SuggestionText] = []
        var problems: [TableInvalid.Problem] = []
        for row in TableRow.rows(of: table) {
            guard row.cells.count == 3, !row.cells[2].isEmpty else {
                problems.append(
                    .init(row.line, Text("应有三格：代码 | 诉求类型 | 原话", "must have three cells: code | nature | text")))
                continue
            }
            guard let category = catalogue[code: row.cells[0]], !category.isMajor else {
                problems.append(
                    .init(row.line, Text("没有小类 \(row.cells[0])", "there is no minor class \(row.cells[0])")))
                continue
            }
            guard let nature = NeedNature(rawValue: row.cells[1]) else {
                problems.append(.init(row.line, Text("没有诉求类型 \(row.cells[1])", "there is no nature \(row.cells[1])")))
                continue
            }
            texts.append(SuggestionText(category: category.code, nature: nature, text: row.cells[2]))
        }
        guard problems.isEmpty else { throw TableInvalid(problems: problems) }
        return texts
    }
}
