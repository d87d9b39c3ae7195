import LinliCore
import LinliStandards

/// What administrators read of a definition.
extension CaseType.Performer {
    /// Who it is.
    package var name: Text {
        switch self {
        case .reporter: Text("诉求人", "Reporter")
        case .dispatcher: Text("调度员", "Dispatcher")
        case .handler: Text("承办单位", "Handler")
        case .checker: Text("核查人员", "Checker")
        case .colleague: Text("承办单位的同事", "Colleague of the handler")
        case .collector: Text("网格员", "Grid worker")
        case .arbiter: Text("裁定人", "Arbiter")
        case .reviewer: Text("复核人员", "Reviewer")
        case .lead: Text("主办单位", "Leading unit")
        case .clock: Text("到时自动", "The clock")
        }
    }
}

extension CaseType.Requirement {
    /// What is asked for.
    package var name: Text {
        switch self {
        case .text: Text("文字", "words")
        case .photo: Text("照片", "a photo")
        case .unit: Text("单位", "a unit")
        case .reasonClass: Text("退单理由", "a reason for returning")
        case .stars: Text("评分", "stars")
        }
    }
}

extension CaseType.Field.Kind {
    /// What it takes.
    package var name: Text {
        switch self {
        case .text: Text("文字", "text")
        case .number: Text("整数", "number")
        case .date: Text("日期", "date")
        case .choice: Text("单选", "one choice")
        case .choices: Text("多选", "several choices")
        case .flag: Text("是否", "yes or no")
        }
    }
}

extension CaseType.Rung {
    /// When it is climbed and what is done.
    package var words: Text {
        let deed: Text =
            switch action {
            case .remind: Text("提醒", "remind")
            case .supervise: Text("督办", "supervise")
            case .raise: Text("上报一级", "raise a level")
            }
        let every = everyMinutes.map { CaseType.span($0) }
        let again = every.map { Text("，每 \($0.zh)一次", ", every \($0.en)") } ?? Text(same: "")
        if let percent { return Text("用到 \(percent)% 时\(deed.zh)", "\(deed.en) at \(percent)%") + again }
        if overdueMinutes == 0 { return Text("到时\(deed.zh)", "\(deed.en) when due") + again }
        let late = CaseType.span(overdueMinutes)
        return Text("超 \(late.zh)\(deed.zh)", "\(deed.en) \(late.en) after") + again
    }
}

extension CaseType {
    /// Minutes in the two largest parts.
    package static func span(_ minutes: Int) -> Text {
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60)
        let parts = [(days, "天", "d"), (hours, "小时", "h"), (rest, "分钟", "min")].filter { $0.0 > 0 }.prefix(2)
        guard !parts.isEmpty else { return Text("0 分钟", "0 min") }
        return Text(
            parts.map { "\($0.0) \($0.1)" }.joined(separator: " "),
            parts.map { "\($0.0) \($0.2)" }.joined(separator: " ")
        )
    }

    /// What counts, in words.
    package static func counting(_ counting: RunningClock.Counting) -> Text {
        counting == .working ? Text("工作时间", "working time") : Text("自然时间", "around the clock")
    }

    static func joined(_ texts: [Text]) -> Text {
        texts.isEmpty
            ? Text("无", "none") : Text(texts.map(\.zh).joined(separator: "、"), texts.map(\.en).joined(separator: ", "))
    }
}

extension CaseType.Clock {
    /// How long, of what, and when it is urgent.
    package var words: Text {
        let usual = CaseType.span(minutes)
        let urgent = CaseType.span(urgentMinutes)
        let kind = CaseType.counting(self.kind)
        let still = isElastic ? Text("，可挂账、延期", ", may pause and grow") : Text(same: "")
        return Text("\(usual.zh)（\(kind.zh)），紧急 \(urgent.zh)", "\(usual.en) (\(kind.en)), urgent \(urgent.en)") + still
    }
}

extension CaseClockRule {
    /// How long, of what, and when it is urgent.
    package var words: Text {
        let share = Text("类别时限的 \(percent)%", "\(percent)% of the category's limit")
        let usual = minutes.map { CaseType.span($0) } ?? share
        let urgent = CaseType.span(urgentMinutes)
        let kind = CaseType.counting(counting)
        var text = Text("\(usual.zh)（\(kind.zh)），紧急 \(urgent.zh)", "\(usual.en) (\(kind.en)), urgent \(urgent.en)")
        for (nature, minutes) in natureMinutes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let span = CaseType.span(minutes)
            text = text + Text("，\(nature.name.zh) \(span.zh)", ", \(nature.name.en) \(span.en)")
        }
        return isElastic ? text + Text("，可挂账、延期", ", may pause and grow") : text
    }
}
