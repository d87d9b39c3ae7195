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
    /// When it is climbed and what is done; `kind` is what its clock counts.
    package func words(_ kind: RunningClock.Counting) -> Text {
        let deed: Text =
            switch action {
            case .remind: Text("提醒", "remind")
            case .supervise: Text("督办", "supervise")
            case .raise: Text("上报一级", "raise a level")
            }
        let every = everyMinutes.map { CaseType.length($0, kind) }
        let again = every.map { Text("，每 \($0.zh)一次", ", every \($0.en)") } ?? Text(same: "")
        if let percent { return Text("用到 \(percent)% 时\(deed.zh)", "\(deed.en) at \(percent)%") + again }
        if overdueMinutes == 0 { return Text("到时\(deed.zh)", "\(deed.en) when due") + again }
        let late = CaseType.length(overdueMinutes, kind)
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

    /// So many minutes of what counts: working time in hours, because how long a working day is, the deployment says.
    package static func length(_ minutes: Int, _ counting: RunningClock.Counting) -> Text {
        guard counting == .working, minutes > 0 else { return span(minutes) }
        let (hours, rest) = (minutes / 60, minutes % 60)
        if hours == 0 { return Text("\(rest) 分钟工作时间", "\(rest) working min") }
        let whole = Text("\(hours) 个工作小时", "\(hours) working h")
        return rest == 0 ? whole : whole + Text(" \(rest) 分钟", " \(rest) min")
    }

    /// How long a case may stay in a state, in the few words a graph has room for: what is to be done by the category is
    /// not told as the longest time that any category has.
    package func length(of state: State) -> Text? {
        guard let clock = state.clock else { return nil }
        let own = CaseType.length(clock.minutes, clock.kind)
        let isLimited = clock.isElastic && clock.kind == .natural && state.owner == .handler
        guard isLimited, let work = clocks.first(where: { $0.id == workClock }), !work.stops.contains(state.id) else {
            return own
        }
        guard let fixed = work.minutes else { return Text("按类别，最长 \(own.zh)", "by category, \(own.en) at most") }
        return work.counting == .natural ? CaseType.span(min(fixed, clock.minutes)) : own
    }

    /// The clocks of the whole case that run while its unit has it in a state.
    package func running(in state: State) -> [CaseClockRule] {
        state.owner == .handler ? clocks.filter { !$0.stops.contains(state.id) } : []
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

extension CaseType.Guard {
    /// What must hold, for a type.
    package func words(_ type: CaseType) -> Text {
        switch self {
        case .sampled: Text("这件要抽查", "it is to be checked by sampling")
        case .notSampled: Text("这件不抽查", "it is not to be checked by sampling")
        case .closedRecently: Text("办结不超过 \(type.reopenDays) 天", "closed for \(type.reopenDays) days at most")
        case .neverRefused: Text("还没退过单，也没有裁定", "never returned and nothing ruled")
        case .refusedBefore: Text("退过单，还没有裁定", "returned before and nothing ruled")
        case .neverContested: Text("还没要求过重办", "not contested yet")
        case .contestedBefore:
            Text("要求过重办，复核还不到 \(type.reviews) 次", "contested before, and reviewed fewer than \(type.reviews) times")
        case .partsDone: Text("协办都办完了", "every part is done")
        case .returned: Text("派来的系统（如 12345）同意退回", "the system it came from, such as 12345, took it back")
        case .asked: Text("有人反映过", "somebody asked for it")
        case .notAsked: Text("巡查发现的，没有人反映", "found on patrol, nobody asked for it")
        }
    }
}

extension CaseType.Clock {
    /// How long, of what, and when it is urgent.
    package var words: Text {
        let still = isElastic ? Text("，可挂账、延期", ", may pause and grow") : Text(same: "")
        return CaseType.told(CaseType.length(minutes, kind), kind) + CaseType.urgent(urgentMinutes) + still
    }
}

extension CaseType {
    /// A length with what counts, where its words do not say so.
    fileprivate static func told(_ length: Text, _ counting: RunningClock.Counting) -> Text {
        guard counting == .natural else { return length }
        let kind = CaseType.counting(counting)
        return Text("\(length.zh)（\(kind.zh)）", "\(length.en) (\(kind.en))")
    }

    fileprivate static func urgent(_ minutes: Int) -> Text {
        let span = CaseType.span(minutes)
        return Text("，紧急 \(span.zh)", ", urgent \(span.en)")
    }
}

extension CaseClockRule.Basis {
    /// Where a length comes from, for a table of clocks.
    package var name: Text {
        switch self {
        case .statutory: Text("规定", "rule")
        case .promised: Text("承诺", "promise")
        }
    }
}

extension CaseClockRule {
    /// How long, of what, and when it is urgent.
    package var words: Text {
        let kind = CaseType.counting(counting)
        let share = Text(
            "类别时限的 \(percent)%（\(kind.zh)）", "\(percent)% of the category's limit (\(kind.en))")
        let usual = minutes.map { CaseType.told(CaseType.length($0, counting), counting) } ?? share
        var text = usual + CaseType.urgent(urgentMinutes)
        for (nature, minutes) in natureMinutes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let length = CaseType.length(minutes, counting)
            text = text + Text("，\(nature.name.zh) \(length.zh)", ", \(nature.name.en) \(length.en)")
        }
        return isElastic ? text + Text("，可挂账、延期", ", may pause and grow") : text
    }

    /// How long it is for which cases: by class of categories where that decides, by nature where that does, and urgent.
    package var lengths: [(cases: Text, length: Text)] {
        let usual = NeedNature.allCases.first { natureMinutes[$0] == nil } ?? .assistance
        let classes = EventCategory.LimitClass.allCases.map { limit -> (cases: Text, length: Text) in
            let whole = self.minutes(nature: usual, limit: limit, isUrgent: false)
            let name = Text("\(limit.name.zh)的类别", "categories of \(limit.name.en)")
            return (cases: name, length: CaseType.length(whole, self.counting(limit: limit, isUrgent: false)))
        }
        var rows = classes
        if let first = classes.first, classes.allSatisfy({ $0.length.zh == first.length.zh }) {
            rows = [(cases: Text("各类", "every category"), length: first.length)]
        }
        for (nature, own) in natureMinutes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            rows.append((cases: nature.name, length: CaseType.length(own, counting)))
        }
        rows.append((cases: Text("紧急", "urgent"), length: CaseType.span(urgentMinutes)))
        return rows
    }
}
