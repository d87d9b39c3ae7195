import LinliCore
import LinliKernel
import LinliUI

/// A label in its tree, with how many people of a place have it.
struct CareLabelCount: Sendable {
    let label: Label
    let count: Int
    /// Whether something below it is too small to be told: then its own number is not exact either, or who knows the rest
    /// would know that.
    let hidesBelow: Bool

    /// The number as its reader may see it; nil: some, but not told how many.
    func shown(_ size: GroupSize) -> Int? { hidesBelow ? nil : size.shown(count) }

    func text(_ size: GroupSize) -> Text {
        guard hidesBelow, size.shown(count) != nil else { return size.text(count) }
        return Text("\(size.least) 或更多", "\(size.least) or more")
    }
}

/// The tree of labels with counts, for who may see counts; names stand behind it for who looks after people.
enum CareLabelsRoutes {
    static let all: [Route] = [.get("/desk/care/labels", access: .permission(.labelsCounts), show)]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let context = request.context
        let divisions = context.actor.scope(for: .labelsCounts).divisions
        let named = request.query["division"].flatMap { DivisionCode($0) }
        guard let area = named ?? divisions.first, context.actor.may(.labelsCounts, in: area) else {
            throw LinliError.notFound("care.division")
        }
        let rows = try await counts(in: area, context, services)
        let parts = try await services.database.read { tx in
            area.level >= .grid ? [] : try DivisionsStore.children(of: area, at: context.now, tx).map(\.code)
        }
        let page = CareLabelsPage(
            area: area, choices: divisions.filter { $0 != area } + parts, rows: rows,
            size: GroupSize(services.registers, for: context.actor, in: area),
            mayList: context.actor.may(.peopleRead, in: area), names: services.divisions)
        return .page(page.page)
    }

    /// The labels a reader may see counts of, each followed by those below it. Special groups only where a deployment has
    /// them and the reader may read them: what stands above one is as special.
    static func counts(
        in area: DivisionCode, _ context: Context, _ services: Services
    ) async throws -> [CareLabelCount] {
        let names = LabelKeys(services.database.keys)
        let hasSpecial = services.registers.hasSpecialGroups && context.actor.may(.peopleSpecial, in: area)
        let size = GroupSize(services.registers, for: context.actor, in: area)
        let (book, totals) = try await services.database.read { tx in
            let book = try LabelBook.current(tx)
            let keys = book.labels.map { names.key(label: $0.id) }
            return (book, try LabelCounts.totals(of: keys, in: [area], tx)[area] ?? [:])
        }
        let shown = book.tree { $0.fieldClass < .special || hasSpecial }
        func count(_ label: Label) -> Int { totals[names.key(label: label.id)] ?? 0 }
        let small = Set(shown.filter { size.shown(count($0)) == nil }.flatMap(\.above))
        return shown.map { CareLabelCount(label: $0, count: count($0), hidesBelow: small.contains($0.id)) }
    }
}

/// The tree of labels as a page.
struct CareLabelsPage {
    let area: DivisionCode
    let choices: [DivisionCode]
    let rows: [CareLabelCount]
    let size: GroupSize
    let mayList: Bool
    let names: DivisionNames

    var page: Page { Page(Text("标签树", "The tree of labels"), frame: .desk("/desk/care"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap solo">
        <div class="ttlbar"><h1>\(Text("标签树", "The tree of labels"))</h1>\
        <a class="btn ghost" href="\(address("/desk/care/services", [("division", "\(area)")]))">\(icon("check", small: true))\
        \(Text("服务送到没有", "Who is reached"))</a>
        <p class="note">\(names[area])\(Text(
            "：下级有的，上级也算，一个人只算一次", ": who has a label below counts above, each person once"))\
        \(when: size.isBlurred, "\(Text("；不到 \(size.least) 人的不说几个", "; fewer than \(size.least) are not told apart"))")</p></div>
        \(when: !choices.isEmpty, places)
        \(each: groups, group)
        </main>
        """
    }

    private var places: HTML {
        """
        <nav class="card flt" aria-label="\(Text("范围", "Areas"))">\(each: choices, { other in
            """
            <a class="btn ghost sm" href="\(address("/desk/care/labels", [("division", "\(other)")]))">\(names[other])</a>
            """
        })</nav>
        """
    }

    private var groups: [(name: Text, rows: [CareLabelCount])] {
        rows.reduce(into: []) { groups, row in
            if groups.last?.name == row.label.group {
                groups[groups.count - 1].rows.append(row)
            } else {
                groups.append((row.label.group, [row]))
            }
        }
    }

    private func group(_ group: (name: Text, rows: [CareLabelCount])) -> HTML {
        let id = "g-\(group.rows.first?.label.id ?? "")"
        let known = Set(group.rows.map(\.label.id))
        let top = group.rows.filter { row in row.label.parent.map { !known.contains($0) } ?? true }
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(group.name)</h2></div>
            <div class="pad tree"><ul>\(each: top, { branch($0, group.rows) })</ul></div></section>
            """
    }

    private func branch(_ row: CareLabelCount, _ all: [CareLabelCount]) -> HTML {
        let below = all.filter { $0.label.parent == row.label.id }
        let name: HTML =
            mayList
            ? """
            <a href="\(address("/desk/care", [("division", "\(area)"), ("label", row.label.id)]))">\(row.label.name)</a>
            """ : "\(row.label.name)"
        return """
            <li><p class="row">\(name)\(LabelWords.tone(row.label)) <b class="num">\(row.text(size))</b></p>\
            \(when: !below.isEmpty, "<ul>\(each: below, { branch($0, all) })</ul>")</li>
            """
    }
}

/// What pages say of labels themselves.
enum LabelWords {
    /// How closely a label is kept; nothing for one that everybody sees.
    static func tone(_ label: Label) -> HTML {
        switch label.fieldClass {
        case .basic: .empty
        case .sensitive: tag(Text("敏感", "Sensitive"), .warn)
        case .special: tag(Text("特殊", "Special"), .bad)
        }
    }
}
