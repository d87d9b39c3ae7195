import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Entering something, or correcting it.
struct RegisterFormPage {
    let frame: RegisterFrame
    let kind: RegisterKind
    let fields: [RegisterField]
    /// What is there; nil for a new one.
    var item: RegisterItem?
    /// Basic facts that are there.
    var facts: [RegisterField: String] = [:]
    /// Fields that have a sealed value.
    var sealed: [RegisterField] = []
    /// Where a new one goes, as hidden fields say it, and in words.
    var hidden: [(name: String, value: String)] = []
    var place: String = ""
    /// Where somebody points at where it stands.
    var map: RegisterMap?
    /// Who heads the household somebody comes into: a name, empty where it may not be told; nil where nobody does.
    var head: String?
    /// Grids to choose from where no place is given.
    var divisions: [DivisionCode] = []
    let form: Form
    /// Whether the form came back.
    var isAgain = false
    var error: LinliError?
    let catalogue: EventCatalogue
    let names: DivisionNames
    let formToken: String

    private var path: String {
        item.map { RegisterWords.path($0.subject) + "/change" } ?? "/registers/\(kind.rawValue)/new"
    }
    private var title: Text {
        item == nil
            ? Text("登记\(kind.name.zh)", "Enter: \(kind.name.en)")
            : Text("更正：\(item?.name ?? "")", "Correct: \(item?.name ?? "")")
    }

    private var back: (path: String, name: Text) {
        item.map { (RegisterWords.path($0.subject), Text("不改了", "Cancel")) } ?? ("/registers", Text("不登记了", "Cancel"))
    }

    var page: Page {
        frame.page(
            title, back: back, top: problem(error),
            main: """
                <section class="card pad" aria-label="\(title)">
                \(when: !place.isEmpty, "<p class=\"note\">\(icon("pin", small: true))\(place)</p>")
                <form class="stack" id="register" method="post" action="\(path)" novalidate data-draft="register-\(kind.rawValue)"\(when: hasPoint, " data-spot")>
                \(LinliUI.formToken(formToken))\(each: hidden, { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })
                \(item.map { "<input type=\"hidden\" name=\"version\" value=\"\($0.entry.version)\">" as HTML })
                \(when: kind == .person && item == nil, residence)
                \(when: !divisions.isEmpty, grid)
                \(each: fields.filter { $0.fieldClass == .basic }, control)
                \(when: fields.contains { $0.fieldClass != .basic }, closely)\(checked)
                <button class="btn wide">\(item == nil ? Text("登记", "Enter") : Text("保存", "Save"))</button>
                </form></section>
                """)
    }

    private var hasPoint: Bool { fields.contains { $0.value == .point } }

    private var closely: HTML {
        """
        <fieldset><legend class="h">\(Text("敏感信息（加密保存）", "Closely kept (encrypted)"))</legend>
        \(when: item != nil, "<p class=\"hint\">\(Text("已登记的不显示。留空就不改；要删掉的勾上“清掉”。", "What is there is not shown. Left empty it stays; tick to take it away."))</p>")
        \(each: fields.filter { $0.fieldClass == .sensitive }, control)
        \(each: fields.filter { $0.fieldClass == .special }, control)
        </fieldset>
        """
    }

    private var grid: HTML {
        field(
            Text("哪个网格", "Which grid"), for: "division",
            select(
                "division", divisions.map { (value: $0.short, text: Text(same: names.place($0))) },
                selected: form["division"]))
    }

    private var residence: HTML {
        """
        \(field(Text("怎么住", "As what"), for: "tie", select(
            "tie", ResidenceTie.allCases.map { (value: $0.rawValue, text: $0.name) }, selected: form["tie"] ?? "family")))
        \(field(
            Text("与户主关系", "To the head"), for: "relation", hint: headed, error: error?.text(for: "relation"), select(
                "relation", HouseholdRelation.allCases.map { (value: $0.rawValue, text: $0.name) },
                selected: form["relation"] ?? (head == nil ? "head" : ""),
                empty: head == nil ? nil : Text("请选", "Choose"),
                attributes: described("relation", hint: headed != nil, error: error?.text(for: "relation")))))
        \(field(
            Text("从哪天起住", "Since"), for: "day", hint: Text("空着就是今天。", "Left empty it is today."), optional: true,
            error: error?.text(for: "day"),
            """
            <input id="day" name="day" type="date" value="\(form["day"] ?? "")"\
            \(described("day", hint: true, error: error?.text(for: "day")))>
            """))
        \(when: error?.id == "registers.head" || form["replace"] == "yes", """
            <label class="check"><input type="checkbox" name="replace" value="yes"\(when: form["replace"] == "yes", " checked")>\
            <span>\(Text("换户主：原来的户主改为“其他”", "Change the head: the one before becomes another member"))</span></label>
            """)
        """
    }

    private var headed: Text? {
        head.map { $0.isEmpty ? Text("这一户已有户主", "The household has a head") : Text("户主是\($0)", "The head is \($0)") }
    }

    /// That somebody looked at the entry which has the number already.
    private var checked: HTML {
        guard error?.id == "registers.twin" || form["checked"] == "yes" else { return .empty }
        return """
            <label class="check"><input type="checkbox" name="checked" value="yes"\(when: form["checked"] == "yes", " checked")>\
            <span>\(Text("核对过了，照样登记", "Checked: enter it all the same"))</span></label>
            """
    }

    private func value(_ field: RegisterField) -> String {
        if isAgain { return form.all(field.id).first ?? "" }
        guard field.fieldClass == .basic else { return "" }
        if item == nil { return form.all(field.id).first ?? "" }
        return item?.values[field] ?? facts[field] ?? ""
    }

    private func control(_ entry: RegisterField) -> HTML {
        let isKnown = sealed.contains(entry)
        let error = error?.text(for: entry.id)
        let hint: Text? = isKnown ? Text("已登记", "Known") : nil
        let about = described(entry.id, hint: hint != nil, error: error)
        return """
            \(field(
                entry.name, for: entry.id, hint: hint, optional: !isRequired(entry), error: error, input(entry, about)))
            \(when: isKnown, """
                <label class="check"><input type="checkbox" name="clear" value="\(entry.id)"\
                \(when: form.all("clear").contains(entry.id), " checked")><span>\(Text("清掉\(entry.name.zh)", "Take away: \(entry.name.en)"))</span></label>
                """)
            """
    }

    private func isRequired(_ field: RegisterField) -> Bool {
        ["person.name", "dwelling.number", "organization.name", "thing.name"].contains(field.id)
    }

    private func input(_ entry: RegisterField, _ about: HTML) -> HTML {
        let value = value(entry)
        let empty = sealed.contains(entry) ? Text("不改", "As it is") : Text("没填", "None")
        switch entry.value {
        case .flag:
            return select(
                entry.id, [("1", Text("是", "Yes")), ("0", Text("否", "No"))], selected: value, empty: empty,
                attributes: about)
        case .choice(let choices):
            return select(
                entry.id, choices.map { (value: $0.id, text: $0.name) }, selected: value, empty: empty,
                attributes: about)
        case .text(let limit) where limit >= 200:
            return """
                <textarea id="\(entry.id)" name="\(entry.id)" rows="2" maxlength="\(limit)"\(about)>\(value)</textarea>
                """
        case .point: return point(entry, value, about)
        default:
            if entry.id == "thing.category" { return categories(entry, value, about) }
            return """
                <input id="\(entry.id)" name="\(entry.id)" autocomplete="off" maxlength="\(limit(entry))" \
                value="\(value)"\(mode(entry))\(about)>
                """
        }
    }

    /// Typed, taken from the device, or pointed at: all three are one field.
    private func point(_ entry: RegisterField, _ value: String, _ about: HTML) -> HTML {
        """
        <input id="\(entry.id)" name="\(entry.id)" autocomplete="off" maxlength="40" inputmode="decimal" \
        placeholder="39.914,116.402" value="\(value)" data-spot-field\(about)>
        <input type="hidden" name="lat"><input type="hidden" name="lon">
        <div class="row"><button class="btn weak" type="button" data-locate hidden>\(icon("locate"))\
        \(Text("用我现在的位置", "Use where I am"))</button><span class="hint" role="status" data-locate-status></span></div>
        \(map.map { $0.picker("register") })
        """
    }

    private func categories(_ entry: RegisterField, _ value: String, _ about: HTML) -> HTML {
        let components = catalogue.majors().filter { $0.code.hasPrefix("C") }
            .flatMap { catalogue.children(of: $0.code) }.map { (value: $0.code, text: $0.name) }
        return select(
            entry.id, components, selected: value, empty: Text("按标识码判断", "From the code"), attributes: about)
    }

    private func limit(_ entry: RegisterField) -> Int {
        if case .text(let limit) = entry.value { limit } else { 40 }
    }

    private func mode(_ entry: RegisterField) -> HTML {
        switch entry.value {
        case .day: " placeholder=\"1950-06-15\" inputmode=\"numeric\""
        case .whole, .componentCode: " inputmode=\"numeric\""
        case .decimal: " inputmode=\"decimal\""
        case .phone: " inputmode=\"tel\""
        default: .empty
        }
    }
}
