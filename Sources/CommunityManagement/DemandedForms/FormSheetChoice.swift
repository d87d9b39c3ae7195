import LinliCore
import LinliKernel
import LinliSpreadsheets
import LinliStandards

/// Which sheet of a workbook is the form: the one somebody names, else the one whose heading says most; what else is in it
/// goes back with the form.
struct FormSheetChoice {
    /// How many sheets are looked at, and how many bytes of the others are kept.
    static let most = 12
    private static let room = 24_000

    private let names: [String]
    private var read: [Int: [SheetRow]] = [:]
    private var problem: SheetProblem?

    /// Reads the sheets of a workbook that can be read.
    private init(_ path: String, _ names: [String], _ limits: SheetLimits) throws {
        self.names = names
        for index in names.indices.prefix(FormSheetChoice.most) {
            do {
                read[index] = try Sheet.rows(file: path, limits, sheet: index)
            } catch let wrong as SheetProblem {
                // Another sheet may be the form; an empty one is nothing to speak of.
                if problem == nil || problem == .empty { problem = wrong }
            }
        }
    }

    /// The layout of the form in a file.
    ///
    /// - Throws: `SheetProblem` for what cannot be read, `.invalid` for a sheet there is not, or without a heading.
    static func layout(
        file path: String, sheet wanted: String?, about: FormAbout, _ limits: SheetLimits
    ) throws -> FormLayout {
        let names = try Sheet.names(file: path, limits)
        let wanted = wanted?.trimmed ?? ""
        let named = try number(of: wanted, among: names)
        guard names.count > 1 else { return try FormLayout.find(try Sheet.rows(file: path, limits), about: about) }
        let choice = try FormSheetChoice(path, names, limits)
        guard let index = named ?? choice.best(about), let rows = choice.read[index] else {
            throw choice.problem ?? .empty
        }
        var layout = try FormLayout.find(rows, about: about)
        layout.sheet = names[index]
        layout.others = choice.others(than: index)
        return layout
    }

    private static func number(of wanted: String, among names: [String]) throws -> Int? {
        guard !wanted.isEmpty, !names.isEmpty else { return nil }
        if let index = names.prefix(most).firstIndex(of: wanted) { return index }
        if let number = Int(wanted), names.prefix(most).indices.contains(number - 1) { return number - 1 }
        let (zh, en) = (names.joined(separator: "、"), names.joined(separator: ", "))
        throw LinliError.invalid(
            "forms.sheet", [.init("sheet", Text("没有这张工作表，文件里有：\(zh)", "No such sheet; there are: \(en)"))])
    }

    /// The first of those whose heading names most of what we know, and most of all.
    private func best(_ about: FormAbout) -> Int? {
        let scores = read.mapValues { rows in
            let head = rows.prefix(15).map { Set($0.cells.filter { !$0.isEmpty }) }
            let known = head.map { cells in cells.count { FormMatch.isKnown($0, about) } }.max() ?? 0
            return (known, head.map(\.count).max() ?? 0)
        }
        return scores.max { one, other in
            (one.value.0, one.value.1, other.key) < (other.value.0, other.value.1, one.key)
        }?.key
    }

    /// Headings of who and where.
    private static let people = ["姓名", "证件", "身份证", "电话", "手机", "住址", "地址"]

    /// Whether a row heads a list of people or of things.
    private static func namesPeople(_ row: SheetRow) -> Bool {
        let cells = Set(row.cells)
        return cells.contains { cell in people.contains { cell.contains($0) } }
            && FormAbout.allCases.contains { about in cells.count { FormMatch.isKnown($0, about) } >= 2 }
    }

    /// The other sheets: what explains the form, without numbers of people. What looks like a list of people or of things is
    /// named and not kept, nor what is too long.
    private func others(than chosen: Int) -> [FormLayout.Other] {
        var room = FormSheetChoice.room
        return names.indices.filter { $0 != chosen }.prefix(40).map { index in
            let rows = read[index] ?? []
            let isList = rows.contains { FormSheetChoice.namesPeople($0) }
            let words = rows.map { row in row.cells.map { PersonalNumbers.replacing(in: $0) { $0.masked } } }
            let size = words.reduce(0) { sum, row in sum + row.reduce(0) { $0 + $1.utf8.count + 3 } }
            guard read[index] != nil, !isList, size <= room else { return FormLayout.Other(name: names[index]) }
            room -= size
            return FormLayout.Other(name: names[index], rows: words)
        }
    }
}
