import LinliCore
import LinliKernel
import LinliStandards
import LinliUI
import Synchronization

/// The types that may be told here, as a row to choose from; nothing where there is only one.
struct TypeChooser {
    let types: [CaseType]
    let chosen: String
    /// The page, `/report`.
    let path: String
    /// Whether residents read it, who have their own word for a need.
    var isForResidents = false

    var html: HTML {
        guard types.count > 1 else { return .empty }
        return """
            <nav class="choices types" aria-label="\(Text("选哪一种", "Which kind of case"))">\(each: types, link)</nav>
            """
    }

    private func link(_ type: CaseType) -> HTML {
        """
        <a class="choice" href="\(address(path, [("type", type.id)]))"\(when: type.id == chosen, " aria-current=\"page\"")>\
        \(icon(type.opening?.icon ?? "report"))<span class="bd"><b>\(isForResidents ? type.residentName : type.name)</b>\
        \(type.opening?.hint.map { "<small>\($0)</small>" as HTML })</span></a>
        """
    }
}

extension CaseType {
    /// What residents read: for a need what they do, not what staff call it.
    var residentName: Text { id == "need" ? Text("反映问题", "Report a problem") : name }
}

/// The categories of the catalogue by major class, for a drop-down.
struct CategoryOptions {
    let catalogue: EventCatalogue
    let selected: String?
    /// Which of them may be chosen; nil for all.
    var opening: CaseType.Opening?

    var html: HTML {
        guard opening == nil else { return "\(each: catalogue.majors(), group)" }
        let selectedMajor = selected.flatMap { catalogue[code: $0]?.parent }
        let groups = CategoryOptions.groups(of: catalogue).map { known in
            known.major.code == selectedMajor ? group(known.major) : known.html
        }
        return "\(each: groups, { $0 })"
    }

    /// A major class with its options, none of them chosen.
    private struct Group: Sendable {
        let major: EventCategory
        let html: HTML
    }

    private struct Drawn: Sendable {
        let all: [EventCategory]
        let groups: [Group]
    }

    /// What was drawn last: there is one catalogue in a process, and its two hundred options stand on most pages of the desk.
    private static let drawn = Mutex<Drawn?>(nil)

    private static func groups(of catalogue: EventCatalogue) -> [Group] {
        drawn.withLock { drawn in
            // The same storage is the same list: as long as it is kept here nobody else can have its place.
            if let drawn, isSame(drawn.all, catalogue.all) { return drawn.groups }
            let options = CategoryOptions(catalogue: catalogue, selected: nil)
            let groups = catalogue.majors().map { Group(major: $0, html: options.group($0)) }
            drawn = Drawn(all: catalogue.all, groups: groups)
            return groups
        }
    }

    private static func isSame(_ one: [EventCategory], _ other: [EventCategory]) -> Bool {
        one.withUnsafeBufferPointer { one in
            other.withUnsafeBufferPointer { one.baseAddress == $0.baseAddress && one.count == $0.count }
        }
    }

    private func group(_ major: EventCategory) -> HTML {
        let minors = catalogue.children(of: major.code).filter { opening?.takes($0) ?? true }
        guard !minors.isEmpty else { return .empty }
        return "<optgroup label=\"\(major.name)\">\(each: minors, option)</optgroup>"
    }

    private func option(_ category: EventCategory) -> HTML {
        """
        <option value="\(category.code)"\(when: category.code == selected, " selected")>\(category.name)</option>
        """
    }
}

/// Places by the estate, yard or village they are part of, for a drop-down.
struct PlaceOptions {
    let places: [PlaceSummary]
    let selected: String?

    var html: HTML {
        let known = Set(places.map(\.id))
        let tops = places.filter { place in place.parent.map { !known.contains($0) } ?? true }
        let children = Dictionary(grouping: places.filter { $0.parent != nil }) { $0.parent }
        return "\(each: tops, { group($0, children) })"
    }

    private func group(_ top: PlaceSummary, _ children: [ID<Place>?: [PlaceSummary]]) -> HTML {
        let inside = (children[top.id] ?? []).flatMap { [$0] + (children[$0.id] ?? []) }
        guard !inside.isEmpty else { return option(top) }
        return "<optgroup label=\"\(top.name)\">\(option(top))\(each: inside, option)</optgroup>"
    }

    private func option(_ place: PlaceSummary) -> HTML {
        "<option value=\"\(place.id)\"\(when: "\(place.id)" == selected, " selected")>\(place.address)</option>"
    }
}

/// What the lists of units say in place of a unit: whatever the words of a complaint seem to name, it is against none.
enum AgainstChoice {
    static let nobody = "nobody"

    static var option: (value: String, text: Text) { (nobody, Text("不针对哪个单位", "No unit")) }

    /// Units ticked besides the one of the list. What is no identifier stands for no unit, so that it is refused and not
    /// lost.
    static func others(_ form: Form) -> [ID<Unit>] {
        let ticked = form.all("accused").map(\.trimmed).filter { !$0.isEmpty }
        return Array(all(nil, ticked.map { ID<Unit>($0) ?? ID(rawValue: 0) }).prefix(Accusation.limit + 1))
    }

    /// The one of the list and the others, each once.
    static func all(_ first: ID<Unit>?, _ others: [ID<Unit>]) -> [ID<Unit>] {
        var known: Set<ID<Unit>> = []
        return ([first].compactMap { $0 } + others).filter { known.insert($0).inserted }
    }

    /// Against no unit, and against those that are ticked.
    static let contradiction = LinliError.invalid(
        "needs.againstBoth",
        [
            .init(
                "against",
                Text("选了“不针对哪个单位”，下面就不要再勾单位", "Either against no unit, or against those that are ticked"))
        ]
    )

    /// The others, folded away: most complaints are about one.
    static func boxes(_ units: [UnitSummary], ticked: [ID<Unit>]) -> HTML {
        let most = Accusation.limit
        return """
            <details class="more"\(when: !ticked.isEmpty, " open")><summary>\(icon("plus", small: true))\
            \(Text("不止这一个单位", "More than this one"))</summary>
            <fieldset class="field"><legend>\(Text("还有哪些单位，一共最多 \(most) 个", "Which others, \(most) in all at most"))\
            </legend><div class="checks">\(each: units, { unit in
                """
                <label class="check"><input type="checkbox" name="accused" value="\(unit.id)"\
                \(when: ticked.contains(unit.id), " checked")><span>\(unit.name)</span></label>
                """
            })</div></fieldset>
            </details>
            """
    }
}

/// Words of a form that is not there any more, because somebody was faster: to be copied, not lost.
func lostWords(_ text: String?) -> HTML {
    guard let text, !text.isEmpty else { return .empty }
    return """
        <div class="alert warn"><div class="bd"><b>\(Text("您刚才写的还在这里，可以复制：", "What you wrote, to copy:"))</b>
        <p>\(DeskCase.lines(text))</p></div></div>
        """
}
