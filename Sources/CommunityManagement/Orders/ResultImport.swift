import LinliCore
import LinliKernel
import LinliSQL

/// What importing a sheet of official results would do.
struct ResultImport: Sendable {
    struct Row: Sendable {
        let line: Int
        let number: String
        var result: ForeignResult?
        var problems: [Text] = []
        /// Whether an order with this number is a case here.
        var isOurs = false
        /// The month it counts in so far; nil for none, or the same.
        var before: AssessmentMonth?
    }

    private(set) var rows: [Row]

    var wrong: Int { rows.count { $0.result == nil } }
    var results: [ForeignResult] { rows.compactMap(\.result) }

    /// Reads a sheet; rows that name no month count in `month`, and none after `current`, which has begun.
    init(
        _ draft: SheetDraft, month: AssessmentMonth, current: AssessmentMonth, _ services: Services
    ) async throws {
        var seen: Set<String> = []
        let read = draft.lines.map { line -> Row in
            var row = ResultImport.row(line, draft, month)
            if let named = row.result?.month, named > current {
                row.problems.append(Text("考核月 \(named) 还没到", "The month \(named) has not begun"))
                row.result = nil
            }
            if row.result != nil, !seen.insert(row.number).inserted {
                row.problems.append(Text("编号和上面的行重复", "The number stands in a row above"))
                row.result = nil
            }
            return row
        }
        rows = try await services.database.read { tx in
            try read.map { row in
                var row = row
                if let result = row.result {
                    row.isOurs = try ForeignOrdersStore.find(result.system, result.number, tx) != nil
                    row.before = try ForeignResultsStore.held(result.system, result.number, tx)
                        .map { $0.result.month }.last { $0 != result.month }
                }
                return row
            }
        }
    }

    private static func row(_ line: SheetDraft.Line, _ draft: SheetDraft, _ month: AssessmentMonth) -> Row {
        var values: [String: String] = [:]
        for (index, field) in draft.fields.enumerated() where !field.isEmpty && index < line.cells.count {
            if values[field]?.isEmpty ?? true { values[field] = line.cells[index] }
        }
        let number = (values["number"] ?? "").filter { !$0.isWhitespace }
        var row = Row(line: line.number, number: number)
        var result = ForeignResult(number: number, month: month)
        if number.isEmpty || number.count > 60 {
            row.problems.append(Text("缺少工单编号", "The number is missing"))
        }
        if let text = values["month"], !text.isEmpty {
            if let named = ResultImport.month(text) {
                result.month = named
            } else {
                row.problems.append(Text("看不懂考核月“\(text)”", "“\(text)” is no month"))
            }
        }
        func flag(_ field: String, _ name: Text) -> Bool? {
            let text = values[field] ?? ""
            switch SheetAnswer(text) {
            case .yes: return true
            case .no: return false
            case .open: return nil
            case .odd:
                row.problems.append(Text("看不懂\(name.zh)“\(text)”", "“\(text)” says nothing about \(name.en)"))
                return nil
            }
        }
        result.isContacted = flag("contacted", Text("是否响应", "contact"))
        result.isSolved = flag("solved", Text("是否解决", "solution"))
        let grade = values["grade"] ?? ""
        switch ResultImport.grade(grade) {
        case .some(let found): result.grade = found
        case .none: row.problems.append(Text("看不懂是否满意“\(grade)”", "“\(grade)” says nothing about satisfaction"))
        }
        if row.problems.isEmpty { row.result = result }
        return row
    }

    /// `202611`, `2026-11`, `2026年11月`.
    static func month(_ text: String) -> AssessmentMonth? {
        let numbers = text.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
        if numbers.count == 1 { return AssessmentMonth(numbers[0]) }
        guard numbers.count > 1, (1970...9999).contains(numbers[0]), numbers[1] <= 12 else { return nil }
        return AssessmentMonth(numbers[0] * 100 + numbers[1])
    }

    /// The grade a word says; nil inside for nobody asked, nil for a word that is none.
    static func grade(_ text: String) -> Satisfaction?? {
        switch text.trimmed {
        case "非常满意", "很满意": .some(.very)
        case "基本满意", "较满意", "比较满意": .some(.basic)
        case "非常不满意", "很不满意": .some(.veryUnsatisfied)
        default:
            switch SheetAnswer(text) {
            case .yes: .some(.satisfied)
            case .no: .some(.unsatisfied)
            case .open: .some(nil)
            case .odd: nil
            }
        }
    }
}
