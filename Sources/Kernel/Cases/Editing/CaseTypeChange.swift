import LinliCore
import LinliStandards

/// What tells one version of a case type from another, in words.
package struct CaseTypeChange: Sendable, Equatable {
    /// What happened to it.
    package enum Kind: String, Sendable {
        case added, removed, changed
    }

    package let kind: Kind
    /// The whole sentence: `状态“待派单”的时限：2 小时 → 4 小时`.
    package let text: Text

    /// Something with an id, and what is said about it.
    private struct Part {
        let id: String
        let title: Text
        let facts: [(name: Text, value: Text)]
    }

    /// Everything that differs, part by part in the order of the definition.
    package static func all(from old: CaseType, to new: CaseType) -> [CaseTypeChange] {
        let groups: [([Part], [Part])] = [
            ([whole(old)], [whole(new)]), (old.fields.map(field), new.fields.map(field)),
            (old.states.map { state($0, old) }, new.states.map { state($0, new) }),
            (old.clocks.map(clock), new.clocks.map(clock)),
            (old.requests.map(request), new.requests.map(request)),
            (old.returnReasons.map(reason), new.returnReasons.map(reason)),
            (old.transitions.map(transition), new.transitions.map(transition)),
        ]
        return groups.flatMap { compare($0, $1) }
    }

    private static func compare(_ old: [Part], _ new: [Part]) -> [CaseTypeChange] {
        var changes: [CaseTypeChange] = []
        for part in new {
            guard let before = old.first(where: { $0.id == part.id }) else {
                changes.append(.init(kind: .added, text: Text("新增", "Added: ") + part.title))
                continue
            }
            for (was, now) in zip(before.facts, part.facts) where was.value != now.value {
                let name = part.title + Text("的", ": ") + now.name
                let (old, new) = (was.value, now.value)
                let text = Text("\(name.zh)：\(old.zh) → \(new.zh)", "\(name.en): \(old.en) → \(new.en)")
                changes.append(.init(kind: .changed, text: text))
            }
        }
        for part in old where !new.contains(where: { $0.id == part.id }) {
            changes.append(.init(kind: .removed, text: Text("去掉", "Removed: ") + part.title))
        }
        return changes
    }

    // MARK: Parts

    private static func title(_ kind: Text, _ name: Text) -> Text {
        Text("\(kind.zh)“\(name.zh)”", "\(kind.en) “\(name.en)”")
    }

    private static func ids(_ ids: [String]) -> Text { Text(same: ids.isEmpty ? "–" : ids.joined(separator: ", ")) }

    private static func flag(_ isOn: Bool) -> Text { isOn ? Text("是", "yes") : Text("否", "no") }

    private static func whole(_ type: CaseType) -> Part {
        let opening = type.opening
        let first = [type.initial, type.assigned] + [type.settled, type.found].map { $0 ?? "–" }
        return Part(
            id: "",
            title: Text("工单类型", "The type"),
            facts: [
                (Text("名称", "name"), type.name), (Text("编号前缀", "number prefix"), Text(same: type.numberPrefix)),
                (Text("派单方式", "routing"), Text(same: type.routing.rawValue)),
                (Text("开始的状态", "first states"), ids(first)),
                (Text("保存天数", "days kept"), Text(same: type.retentionDays.map { "\($0)" } ?? "∞")),
                (Text("公开", "visibility"), Text(same: type.visibility.rawValue)),
                (Text("办结后几天内可以重办", "days to ask again"), Text(same: "\(type.reopenDays)")),
                (Text("最多复核几次", "reviews"), Text(same: "\(type.reviews)")),
                (Text("回访评价", "rating"), type.ratingWords),
                (Text("谁能登记", "who may tell it"), CaseType.joined((opening?.by ?? []).map(\.name))),
                (Text("收哪些类别", "categories"), ids((opening?.categories ?? []) + [opening?.otherwise ?? ""])),
                (Text("收哪些性质", "natures"), CaseType.joined((opening?.wishes ?? []).map(\.name))),
                (Text("收哪些地点", "places"), CaseType.joined((opening?.places ?? []).map(\.name))),
                (Text("图标", "icon"), Text(same: opening?.icon ?? "–")),
                (Text("说明", "hint"), opening?.hint ?? Text("无", "none")),
            ]
        )
    }

    private static func field(_ field: CaseType.Field) -> Part {
        let condition = field.condition.map { "\($0.field) = \($0.values.joined(separator: " / "))" }
        return Part(
            id: field.id,
            title: title(Text("字段", "Field"), field.name),
            facts: [
                (Text("名称", "name"), field.name), (Text("提示", "hint"), field.hint ?? Text("无", "none")),
                (Text("只在办理时填", "at steps only"), flag(field.isOfSteps)),
                (Text("类型", "kind"), field.kind.name), (Text("必填", "required"), flag(field.isRequired)),
                (Text("上限", "limit"), Text(same: "\(field.limit)")),
                (Text("选项", "choices"), CaseType.joined(field.choices.map(\.name))),
                (Text("选项代号", "codes of choices"), ids(field.choices.map(\.id))),
                (Text("什么时候问", "when it is asked"), condition.map { Text(same: $0) } ?? Text("总是", "always")),
            ]
        )
    }

    private static func state(_ state: CaseType.State, _ type: CaseType) -> Part {
        Part(
            id: state.id,
            title: title(Text("状态", "State"), state.name),
            facts: [
                (Text("名称", "name"), state.name), (Text("居民看到的", "words for residents"), state.residentName),
                (Text("谁来办", "owner"), state.owner?.name ?? Text("没有人", "nobody")),
                (Text("时限", "clock"), state.clock?.words ?? Text("没有", "none")),
                (Text("催办", "ladder"), CaseType.joined(state.ladder.map { $0.words(state.clock?.kind ?? .natural) })),
                (Text("工作台分栏", "tab"), Text(same: state.tab)), (Text("第几步", "step"), Text(same: "\(state.step)")),
                (Text("到时该做的", "verb"), state.verb ?? Text("无", "none")),
                (Text("办结", "final"), flag(state.isFinal)),
            ]
        )
    }

    private static func clock(_ clock: CaseClockRule) -> Part {
        Part(
            id: clock.id,
            title: title(Text("时限", "Clock"), clock.name),
            facts: [
                (Text("名称", "name"), clock.name), (Text("依据", "basis"), Text(same: clock.basis.rawValue)),
                (Text("长短", "length"), clock.words), (Text("从哪开始", "starts"), ids(clock.starts)),
                (Text("到哪为止", "stops"), ids(clock.stops)),
                (Text("联系上就停", "stops at contact"), flag(clock.stopsAtContact)),
                (Text("催办", "ladder"), CaseType.joined(clock.ladder.map { $0.words(clock.counting) })),
            ]
        )
    }

    private static func request(_ rule: CaseType.RequestRule) -> Part {
        Part(
            id: rule.kind.rawValue,
            title: title(Text("申请", "Request"), Text(same: rule.kind.rawValue)),
            facts: [
                (Text("什么时候能提", "states"), ids(rule.from)),
                (Text("谁能提", "who"), CaseType.joined(rule.by.map(\.name))),
                (Text("理由", "reasons"), CaseType.joined(rule.reasons.map(\.name))),
                (Text("最长", "most"), CaseType.span(rule.capMinutes)),
                (Text("最多几次", "times"), Text(same: "\(rule.limit)")),
            ]
        )
    }

    private static func reason(_ reason: CaseType.ReturnReason) -> Part {
        Part(
            id: reason.id,
            title: title(Text("退单理由", "Reason to return"), reason.name),
            facts: [
                (Text("名称", "name"), reason.name), (Text("要写依据", "needs its basis"), flag(reason.needsBasis)),
            ]
        )
    }

    private static func transition(_ way: CaseType.Transition) -> Part {
        Part(
            id: way.id,
            title: title(Text("动作", "Transition"), way.name),
            facts: [
                (Text("名称", "name"), way.name), (Text("过程里写", "words in the history"), way.done),
                (Text("从哪些状态", "from"), ids(way.from)), (Text("到", "to"), Text(same: way.to)),
                (Text("谁能做", "who"), CaseType.joined(way.by.map(\.name))),
                (Text("必须有", "requires"), CaseType.joined(way.requires.map(\.name))),
                (Text("可以有", "allows"), CaseType.joined(way.allows.map(\.name))),
                (Text("必须填的字段", "required fields"), ids(way.requiredFields)),
                (Text("可以填的字段", "allowed fields"), ids(way.allowedFields)),
                (Text("条件", "guards"), ids(way.guards.map(\.rawValue))),
                (Text("效果", "effects"), ids(way.effects.map(\.rawValue))),
                (Text("居民看得到", "residents see it"), flag(way.isVisible)),
            ]
        )
    }
}
