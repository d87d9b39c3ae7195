import LinliCore
import LinliKernel
import LinliSpreadsheets

/// What stands on every table that is taken out for a purpose: who, when, what for. A line of its own before the names of
/// the columns, and above and below every printed page of a workbook.
enum ExportMark {
    private static let end = Text("内部资料，请勿外传，用完删除。", "Internal: do not pass on, delete it afterwards.")

    /// The line of a table about something, for a purpose in words.
    static func text(_ what: Text = Text(same: ""), purpose: Text, _ context: Context) -> String {
        let when = "\(context.now.date) \(context.now.time)"
        let (zh, en) = (what.zh.isEmpty ? "" : what.zh + "。", what.en.isEmpty ? "" : what.en + ". ")
        return Text(
            "\(zh)\(context.actor.name) 于 \(when) 导出，用途：\(purpose.zh)。\(end.zh)",
            "\(en)Taken by \(context.actor.name) on \(when) for: \(purpose.en). \(end.en)"
        )[context.language]
    }

    /// The same for a purpose that somebody typed.
    static func text(_ what: Text = Text(same: ""), purpose: String, _ context: Context) -> String {
        text(what, purpose: Text(same: purpose), context)
    }

    /// Whether a row of a sheet is such a line and nothing else: a table of ours that comes back is read without it.
    static func isMark(_ cells: [String]) -> Bool {
        let filled = Set(cells.filter { !$0.isEmpty })
        guard filled.count == 1, let only = filled.first else { return false }
        return [end.zh, end.en].contains { only.hasSuffix($0) }
    }
}
