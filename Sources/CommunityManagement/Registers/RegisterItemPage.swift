import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Everything a page of something in the registers shows, read at once.
struct RegisterView: Sendable {
    let item: RegisterItem
    var person: PersonRecord?
    var household: HouseholdRecord?
    var dwelling: DwellingRecord?
    var organization: OrganizationRecord?
    var thing: ThingRecord?
    /// The place it is part of, and who manages that.
    var place: PlaceSummary?
    /// Of a dwelling or household: its address in the standard form.
    var address: PlaceAddress?
    var manager: UnitSummary?
    var facts: [RegisterFact] = []
    var homes: [Home] = []
    var residents: [Resident] = []
    var households: [HouseholdRecord] = []
    var organizations: [OrganizationRecord] = []
    var links: [RegisterLink] = []
    var photos: [ID<StoredFile>] = []
    var twins: [RegisterTwin] = []
    /// What was merged into it.
    var merged: [MergedEntry] = []
    var history: [RegisterHistory.Line] = []
    /// Of a household or dwelling: who is and was of it.
    var stays: [RegisterStay] = []
    /// Of a person: since which day they have their homes, where somebody said so.
    var began: [ID<Residence>: CivilDate] = [:]
    /// Of a person: the homes they had and have no more.
    var lived: [FormerHome] = []
    /// The day it ended, where somebody said so.
    var endedOn: CivilDate?
    /// The unit that keeps a thing up.
    var upkeep: UnitSummary?
    /// Fields that have a sealed value.
    var sealed: [RegisterField] = []
    /// The services one of which they may be read for.
    var offered: [CareService] = []
}

/// The page of a person, household, dwelling, organization or thing.
struct RegisterItemPage {
    let frame: RegisterFrame
    let view: RegisterView
    let fields: [RegisterField]
    let panels: [HTML]
    /// Where it stands, where it has a point.
    let map: HTML
    let mayEdit: Bool
    let mayReveal: Bool
    /// Imports the history tells of that the reader may look at.
    let imports: Set<ID<RegisterImport>>
    var done: String?
    /// What was read, shown once.
    var revealed: RegisterReading.Values?
    var error: LinliError?
    var form = Form()
    /// Which form came back with the error; its problems are said there alone.
    var failed = ""
    var keptPhotos: [String] = []
    let today: CivilDate
    let now: Instant
    let names: DivisionNames
    let catalogue: EventCatalogue
    let formToken: String

    var item: RegisterItem { view.item }
    var subject: RegisterSubject { item.subject }
    var base: String { RegisterWords.path(subject) }
    var isOpen: Bool { item.isHere && item.restrictedAt == nil }
    /// Whether the person wants it kept and not used.
    var isHidden: Bool { item.restrictedAt != nil }

    var page: Page {
        // What a person keeps from use is not shown to who serves them either; in an emergency numbers may be read.
        frame.page(
            isHidden ? Text("限制使用的登记", "A restricted entry") : Text(same: item.name), back: back,
            top: "\(problem(error))\(notices)",
            main: isHidden ? shown : "\(shown)\(known)\(around)\(each: panels, { $0 })\(history)",
            side: isHidden
                ? reveal
                : "\(when: mayEdit, actions)\(reveal)\(ties)\(pictures)\(when: mayEdit, twins)\(mergedHere)")
    }

    private var back: (path: String, name: Text) {
        if let place = view.place { return ("/registers/places/\(place.id)", Text(same: place.address)) }
        if subject.kind == .household, let dwelling = view.dwelling {
            return (RegisterWords.path(RegisterSubject(.dwelling, dwelling.id)), Text(same: dwelling.number))
        }
        return ("/registers?under=\(item.division.short)", Text(same: names.place(item.division)))
    }

    private var notices: HTML {
        let text: Text? =
            switch done {
            case "entered": Text("已登记。", "Entered.")
            case "doubtful" where subject.kind == .person:
                Text(
                    "已保存。有的车牌看着不对，写对了才搜得到，请再看一遍。",
                    "Saved. A plate does not read like one: only what is right is found.")
            case "doubtful":
                Text(
                    "已登记。信用代码的校验位对不上，请对照营业执照再看一遍。",
                    "Entered. The credit code's check does not fit: compare it with the licence.")
            case "change": Text("已保存。", "Saved.")
            case "same": Text("没有改动。", "Nothing was different.")
            case "move": Text("已搬家。", "Moved.")
            case "add-home", "correct-home", "end-home": Text("住处已保存，历史里能看到。", "Saved; the history tells it.")
            case "end": Text("已注销，历史都还在。", "Ended; its history stays.")
            case "reopen": Text("已恢复。", "It is here again.")
            case "merge": Text("已合并，可以撤销。", "Merged; it can be undone.")
            case "split" where subject.kind == .person && view.homes.isEmpty:
                Text(
                    "已撤销合并。原来的住处已经没有了，请用“搬家”登记现在住哪里。",
                    "The merge was undone. Their home has ended since: enter where they live now.")
            case "split" where [.person, .household].contains(subject.kind):
                Text(
                    "已撤销合并。合并以后搬过家、注销过住处的，请核对两条登记的住处。",
                    "The merge was undone. Where somebody moved or a home ended since, check the homes of both.")
            case "split": Text("已撤销合并。", "The merge was undone.")
            case "link", "unlink", "photo": Text("已保存。", "Saved.")
            default: nil
            }
        return """
            \(text.map { notice($0, .ok, icon: "done") })
            \(when: item.restrictedAt != nil, notice(
                Text("本人要求只保存、不使用这条登记。取消限制要由本人提出。", "The person wants this entry kept and not used."), .warn, icon: "lock"))
            \(when: !item.isHere && item.mergedInto == nil, notice(ended, .warn))
            \(item.mergedInto.map { merged($0) })
            """
    }

    private var ended: Text {
        let reason = item.endReason.flatMap { EndReason(rawValue: $0)?.name } ?? Text("已不在这里", "Not here any more")
        let at = (view.endedOn ?? item.entry.validTo?.date)?.full ?? Text("", "")
        return Text("已注销：", "Ended: ") + reason + Text("，", ", ") + at
    }

    private func merged(_ into: Int64) -> HTML {
        let path = RegisterWords.path(RegisterSubject(subject.kind, into))
        return """
            <div class="alert warn"><div class="bd">\(Text("已并入另一条登记：", "Merged into another entry:")) \
            <a href="\(path)">\(Text("去看", "open it"))</a>\(when: mayEdit, """
                <form method="post" action="\(base)/split">\(LinliUI.formToken(formToken))\
                <button class="btn ghost sm">\(Text("撤销合并", "Undo the merge"))</button></form>
                """)</div></div>
            """
    }

    // MARK: What is read once

    private var shown: HTML {
        guard let revealed else { return .empty }
        return card(
            Text("只显示这一次", "Shown this once"),
            """
            <dl class="kv">\(each: revealed.sorted { $0.key.id < $1.key.id }, { field, value in
                "<dt>\(field.name)</dt><dd class=\"num\">\(RegisterValue.shown(value, of: field))</dd>"
            })</dl>
            <p class="pad hint">\(Text("已记下您为什么看；本人能在“谁看过我的信息”里看到。", "Why you read it is noted; the person can see it."))</p>
            """)
    }

    private var known: HTML {
        let basic = fields.filter { $0.fieldClass == .basic }
        return card(
            Text("登记信息", "What is entered"),
            """
            <dl class="kv">\(each: basic, basicRow)\(each: fields.filter { $0.fieldClass != .basic }, sealedRow)\(place)</dl>
            \(when: view.organization?.isCodeDoubtful == true, """
                <p class="pad hint">\(Text("信用代码的校验位对不上：早期试点代码也会这样，请对照营业执照。", "The credit code's check does not fit, as with early pilot codes."))</p>
                """)
            \(map)
            """,
            more: isOpen && mayEdit ? "<a href=\"\(base)/change\">\(Text("更正", "Correct"))</a>" : .empty)
    }

    private func basicRow(_ field: RegisterField) -> HTML {
        let value = item.values[field] ?? view.facts.first { $0.field == field }?.value ?? ""
        guard !value.isEmpty else { return .empty }
        return "<dt>\(field.name)</dt><dd>\(text(value, field))</dd>"
    }

    private func text(_ value: String, _ field: RegisterField) -> Text {
        switch field.id {
        case "thing.category": catalogue[code: value]?.name ?? Text(same: value)
        case "person.born":
            CivilDate(value).map { born in
                let age = view.person?.age(on: today).map { Text("（\($0) 岁）", " (\($0))") } ?? Text("", "")
                return born.full + age
            } ?? Text(same: value)
        default: RegisterValue.shown(value, of: field)
        }
    }

    private func sealedRow(_ field: RegisterField) -> HTML {
        guard view.sealed.contains(field) else { return .empty }
        let mask =
            switch field.id {
            case "person.number": view.person?.numberMask ?? ""
            case "person.phone": view.person?.phoneMask ?? ""
            case "organization.phone": view.organization?.phoneMask ?? ""
            default: ""
            }
        let value: HTML = mask.isEmpty ? tag(Text("已登记", "Known"), .mute) : "<span class=\"num\">\(mask)</span>"
        return "<dt>\(field.name)</dt><dd>\(value)</dd>"
    }

    private var place: HTML {
        """
        \(view.place.map { place -> HTML in
            "<dt>\(Text("所在", "Place"))</dt><dd><a href=\"/registers/places/\(place.id)\">\(place.address)</a></dd>"
        })
        \(view.address.map { address -> HTML in
            "<dt>\(Text("标准地址", "Standard address"))</dt><dd>\(address.text)</dd>"
        })
        \(when: subject.kind == .dwelling, """
            <dt>\(Text("产权", "Property right"))</dt>\
            <dd>\((view.dwelling?.propertyRight ?? view.place?.propertyRight)?.name ?? Text("没填", "None"))</dd>
            <dt>\(Text("谁来管", "Manager"))</dt><dd>\(manager)</dd>
            """)
        \(view.upkeep.map { unit -> HTML in
            "<dt>\(Text("谁来养护", "Kept up by"))</dt><dd>\(call(unit))</dd>"
        })
        <dt>\(Text("网格", "Grid"))</dt><dd>\(names.place(item.division))</dd>
        <dt>\(Text("来源", "Source"))</dt><dd>\(RegisterWords.source(item.entry.source))</dd>
        <dt>\(Text("登记时间", "Since"))</dt><dd>\(item.entry.validFrom.date.full)</dd>
        """
    }

    private var manager: HTML {
        view.manager.map(call) ?? "\(Text("没有物业", "Nobody"))"
    }

    private func call(_ unit: UnitSummary) -> HTML {
        unit.phone.isEmpty
            ? "\(unit.name)" : "\(unit.name) <a class=\"num\" href=\"tel:\(unit.phone)\">\(unit.phone)</a>"
    }

    // MARK: Around

    private var around: HTML {
        switch subject.kind {
        case .person: "\(homes)\(livedBefore)"
        case .household: "\(members(view.residents, isOwn: true))\(former)"
        case .dwelling: "\(households)\(former)\(firms)"
        case .organization, .thing: .empty
        }
    }

    /// That there is nothing, with what to do about it for who may do it: of what has ended or was erased nothing is.
    func nothing(_ title: Text, _ advice: Text, _ icon: String) -> HTML {
        let before = Text("以前的看历史。", "The history tells what was before.")
        return emptyState(title, isOpen && mayEdit ? advice : before, icon: icon)
    }

    private func members(_ residents: [Resident], isOwn: Bool) -> HTML {
        let add: HTML =
            isOpen && mayEdit && isOwn
            ? "<a href=\"/registers/person/new?household=\(RegisterWords.id(subject))\">\(Text("加人", "Add a person"))</a>"
            : .empty
        return card(
            Text("这一户的人", "Members"),
            residents.isEmpty
                ? nothing(
                    Text("这一户还没有登记人", "Nobody is entered here"), Text("点“加人”登记。", "Use “Add a person”."), "family")
                : "<ul>\(each: residents, member)</ul>", more: add)
    }

    private func member(_ resident: Resident) -> HTML {
        let person = resident.person
        let age = person.age(on: today).map { Text("\($0) 岁", "\($0)") } ?? Text("年龄未知", "age unknown")
        return cell(
            RegisterWords.path(RegisterSubject(.person, person.id)), "\(person.name)",
            "\(resident.relation.name) · \(RegisterWords.sex(person.sex)) · \(age)\(when: resident.tie != .family, " · \(resident.tie.name)")",
            icon: "user")
    }

    private var households: HTML {
        let loose = view.residents.filter { $0.household == nil }
        let add: HTML =
            isOpen && mayEdit
            ? "<a href=\"/registers/person/new?dwelling=\(RegisterWords.id(subject))\">\(Text("加一户", "Add a household"))</a>"
            : .empty
        guard !view.households.isEmpty || !loose.isEmpty else {
            return card(
                Text("住在这里的人", "Who lives here"),
                nothing(
                    Text("这里没有登记人", "Nobody is entered here"),
                    Text("空置的请在“使用情况”里写明。", "Say so under occupancy where it is empty."), "family"),
                more: add)
        }
        return card(
            Text("住在这里的人", "Who lives here"),
            """
            \(each: view.households.enumerated(), { index, household in
                """
                <div class="pad"><h3><a href="\(RegisterWords.path(RegisterSubject(.household, household.id)))">\
                \(view.households.count > 1 ? Text("第 \(index + 1) 户", "Household \(index + 1)") : Text("这一户", "The household"))\
                （\(household.kind.name)）</a></h3></div>
                <ul>\(each: view.residents.filter { $0.household == household.id }, member)</ul>
                """
            })
            \(when: !loose.isEmpty, "<ul>\(each: loose, member)</ul>")
            """, more: add)
    }

    private var firms: HTML {
        let mayAdd = isOpen && mayEdit
        guard mayAdd || !view.organizations.isEmpty else { return .empty }
        return card(
            Text("在这里的组织", "Organizations here"),
            """
            <ul>\(each: view.organizations, { firm in
                cell(
                    RegisterWords.path(RegisterSubject(.organization, firm.id)), "\(firm.name)", "\(firm.kind.name)",
                    icon: "building")
            })</ul>
            """,
            more: mayAdd
                ? "<a href=\"/registers/organization/new?dwelling=\(RegisterWords.id(subject))\">\(Text("加组织", "Add one"))</a>"
                : .empty)
    }

    private var history: HTML {
        // Sorted once, not for each question.
        let told = self.told
        return card(
            Text("历史", "History"),
            told.isEmpty
                ? emptyState(
                    Text("还没有改动", "Nothing has changed yet"), Text("每次更正都会记在这里。", "Each correction is noted here."),
                    icon: "clock")
                : "<ol class=\"tl\">\(each: told, { $0 })</ol>")
    }

    func line(_ line: RegisterHistory.Line) -> HTML {
        let fields = line.fields.map { RegisterWords.field($0) }.filter { !$0.zh.isEmpty }
        let joined = Text(fields.map(\.zh).joined(separator: "、"), fields.map(\.en).joined(separator: ", "))
        let values = line.values.sorted { $0.key < $1.key }.filter { !$0.value.old.isEmpty || !$0.value.new.isEmpty }
        return """
            <li><b>\(line.what.name)\(whose(line))</b> \
            \(time(line.at, line.at.relative(to: now)))
            <p class="who">\(line.actor.isEmpty ? RegisterWords.source(line.source) : Text(same: line.actor))\
            \(when: !joined.zh.isEmpty, "：\(joined)")\(line.sheet.map(sheet))</p>
            \(each: values, { name, value in
                value.old == value.new || ["since", "until", "because"].contains(name)
                    ? "<p>\(RegisterWords.field(name))：\(old(value.new, name))</p>"
                    : "<p>\(RegisterWords.field(name))：\(old(value.old, name)) → \(old(value.new, name))</p>"
            })</li>
            """
    }

    /// Which entry a line is of where it is not this one's.
    private func whose(_ line: RegisterHistory.Line) -> HTML {
        guard line.subject != subject else { return .empty }
        guard line.subject.kind == subject.kind else { return "\(Text("（整户）", " (the whole household)"))" }
        return " \(Text("（并入的那一条）", "(the merged entry)"))"
    }

    /// The sheet that brought it, or was taken back with it.
    private func sheet(_ sheet: RegisterHistory.Sheet) -> HTML {
        let words = Text("导入的表", "the sheet of") + Text(same: " ") + sheet.at.date.full
        let rows = Text("，共 \(sheet.rows) 行", ", \(sheet.rows) rows")
        return imports.contains(sheet.id)
            ? " · <a href=\"/desk/sheets/imports/\(sheet.id)\">\(words)\(rows)</a>" : " · \(words)\(rows)"
    }

    private func old(_ value: String, _ name: String) -> Text {
        guard !value.isEmpty else { return Text("没填", "nothing") }
        return RegisterField.named(name).map { text(value, $0) } ?? RegisterWords.home(name, value)
    }
}
