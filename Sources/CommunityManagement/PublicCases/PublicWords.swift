import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// How a case is told to neighbours: like to who told it, but nobody is spoken to as the one who did.
enum PublicWords {
    /// Where it is now and with whom.
    static func headline(_ row: PublicCaseRow) -> Text {
        guard !row.state.isFinal, row.state.owner == .reporter else {
            return NeedWords.headline(row.state, unit: unit(row))
        }
        guard row.wasAsked else { return Text("办完了，到时办结", "Done, to be closed when its time is over") }
        return Text("办完了，等反映的人确认", "Done, waiting for the word of who reported it")
    }

    /// Who has it; nil when nobody has.
    static func unit(_ row: PublicCaseRow) -> Text? { row.unit.zh.isEmpty ? nil : row.unit }

    /// The steps with this case's names.
    static func steps(_ row: PublicCaseRow) -> HTML {
        let type = row.type
        let last = type.states.map(\.step).max() ?? 1
        let names = (1...max(last, 1)).map { step -> Text in
            if step == 2, row.state.step >= 2, let unit = unit(row) {
                return Text("派给\(unit.zh)", "With \(unit.en)")
            }
            let state = step == row.state.step ? row.state : type.states.first { $0.step == step && !$0.isFinal }
            guard let state else { return row.state.residentName }
            guard state.owner == .reporter else { return state.residentName }
            return row.wasAsked ? Text("办完，等确认", "Done, to be confirmed") : Text("办完，待办结", "Done, to be closed")
        }
        return LinliUI.steps(names, current: row.state.step, isOver: row.state.isFinal)
    }

    /// What a pin on the map looks like.
    static func pin(_ row: PublicCaseRow, now: Instant) -> Pin {
        let last = row.type.states.map(\.step).max() ?? row.state.step
        // While somebody reviews an objection it is not done, whatever step that is.
        if row.state.isFinal || (row.state.step == last && row.state.owner != .reviewer) { return .done }
        if row.dueAt < now, !row.isPaused { return .late }
        return row.state.step < 3 ? .wait : .doing
    }

    /// The states of pins, with the letter that says the same as the colour.
    enum Pin: String, CaseIterable {
        case wait, doing, late, done

        var mark: String {
            switch self {
            case .wait: "待"
            case .doing: "办"
            case .late: "超"
            case .done: "✓"
            }
        }

        var name: Text {
            switch self {
            case .wait: Text("等着办", "Waiting")
            case .doing: Text("正在办", "In progress")
            case .late: Text("已超时", "Overdue")
            case .done: Text("办完了", "Done")
            }
        }

        var tone: Tone {
            switch self {
            case .wait: .warn
            case .doing: .plain
            case .late: .bad
            case .done: .ok
            }
        }
    }

    /// A day as neighbours read it: no clock, from which one could tell who was at home.
    static func day(_ at: Instant, now: Instant) -> HTML {
        let (day, today) = (at.date, now.date)
        let words: Text =
            switch today.daysSinceEpoch - day.daysSinceEpoch {
            case 0: Text("今天", "today")
            case 1: Text("昨天", "yesterday")
            default: day.year == today.year ? day.dayAndMonth : day.full
            }
        return "<time datetime=\"\(day.description)\">\(words)</time>"
    }

    /// What a class of categories is called.
    static func category(_ code: String, _ catalogue: EventCatalogue) -> Text {
        catalogue[code: code]?.name ?? Text("其他", "Other")
    }
}
