import LinliCore
import LinliKernel

/// An icon of the sprite; it says nothing by itself, so words stand beside it.
package func icon(_ name: String, small: Bool = false) -> HTML {
    "\(small ? smallIconStart : iconStart)\(name)\"/></svg>"
}

private let iconStart: HTML = """
    <svg class="ic" aria-hidden="true"><use href="\(Assets.path("icons.svg"))#i-
    """
private let smallIconStart: HTML = """
    <svg class="ic sm" aria-hidden="true"><use href="\(Assets.path("icons.svg"))#i-
    """

/// How a tag or alert is coloured; the words say the same.
package enum Tone: String, Sendable {
    case plain = ""
    case bad, warn, ok, mute, info
}

/// A short word in a coloured box.
package func tag(_ text: Text, _ tone: Tone = .plain) -> HTML {
    "<span class=\"tag \(tone.rawValue)\">\(text)</span>"
}

/// The hidden field every form carries.
package func formToken(_ token: String) -> HTML {
    "<input type=\"hidden\" name=\"csrf\" value=\"\(token)\">"
}

/// A labelled control with its hint and what is wrong with it.
package func field(
    _ label: Text,
    for id: String,
    hint: Text? = nil,
    optional: Bool = false,
    error: Text? = nil,
    _ control: HTML
) -> HTML {
    """
    <div class="field"><label for="\(id)">\(label)\(when: optional, optionalMark)</label>
    \(hint.map { "<p class=\"hint\" id=\"\(id)-hint\">\($0)</p>" as HTML })
    \(control)
    \(error.map { "<p class=\"err\" id=\"\(id)-error\">\($0)</p>" as HTML })</div>
    """
}

private let optionalMark: HTML = "<span class=\"opt\">\(Text("可不填", "optional"))</span>"

/// What connects a control to its hint and error, for `aria-describedby` and `aria-invalid`.
package func described(_ id: String, hint: Bool = false, error: Text?) -> HTML {
    let names = [hint ? "\(id)-hint" : nil, error == nil ? nil : "\(id)-error"].compactMap { $0 }
    if names.isEmpty { return .empty }
    return " aria-describedby=\"\(names.joined(separator: " "))\"\(when: error != nil, " aria-invalid=\"true\"")"
}

/// A drop-down; `options` are values and what people read.
package func select(
    _ name: String,
    id: String? = nil,
    _ options: [(value: String, text: Text)],
    selected: String?,
    empty: Text? = nil,
    attributes: HTML = .empty
) -> HTML {
    """
    <select id="\(id ?? name)" name="\(name)"\(attributes)>
    \(empty.map { "<option value=\"\">\($0)</option>" as HTML })
    \(each: options, { option in
        "<option value=\"\(option.value)\"\(when: option.value == selected, " selected")>\(option.text)</option>"
    })</select>
    """
}

/// One of several answers, large enough for a thumb.
package func choice(
    _ name: String,
    value: String,
    checked: Bool,
    _ title: Text,
    note: Text? = nil,
    icon name2: String? = nil
) -> HTML {
    """
    <label class="choice"><input type="radio" name="\(name)" value="\(value)"\(when: checked, " checked")>\
    \(name2.map { icon($0) })<span class="bd"><b>\(title)</b>\(note.map { "<small>\($0)</small>" as HTML })</span></label>
    """
}

/// What went wrong with a form, on top of it; what was typed stays below.
package func problem(_ error: LinliError?) -> HTML {
    guard let error else { return .empty }
    return """
        <div class="alert bad" role="alert">\(icon("alert"))<div class="bd"><b>\(error.publicText)</b>
        \(when: error.fields.count > 1, "<ul>\(each: error.fields, { "<li>\($0.text)</li>" })</ul>")</div></div>
        """
}

/// A remark that is not an error.
package func notice(_ text: Text, _ tone: Tone = .info, icon name: String = "alert") -> HTML {
    "<div class=\"alert \(tone.rawValue)\" role=\"status\">\(icon(name))<div class=\"bd\">\(text)</div></div>"
}

/// What a list says when it is empty: what it would hold and what to do.
package func emptyState(_ title: Text, _ text: Text, icon name: String = "report", action: HTML = .empty) -> HTML {
    "<div class=\"empty\">\(icon(name))<b>\(title)</b><p>\(text)</p>\(action)</div>"
}

/// The resident's steps; `current` counts from 1.
package func steps(_ names: [Text], current: Int, isOver: Bool = false) -> HTML {
    var items = HTML.empty
    for (index, name) in names.enumerated() {
        let step = index + 1
        items.append(
            step < current || isOver
                ? "<li class=\"d\">\(name)</li>"
                : step == current ? "<li class=\"c\" aria-current=\"step\">\(name)</li>" : "<li>\(name)</li>"
        )
    }
    return "<ol class=\"steps\" aria-label=\"\(Text("办到哪一步", "How far it is"))\">\n\(items)</ol>"
}

/// A moment for people and programs.
package func time(_ instant: Instant, _ text: Text) -> HTML {
    "<time datetime=\"\(instant.iso8601)\">\(text)</time>"
}

/// How long until or since, in the two largest parts: `1 小时 25 分`.
package func span(seconds: Int64) -> Text {
    let minutes = abs(seconds) / 60
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60)
    if days > 0 {
        return hours > 0
            ? Text("\(days) 天 \(hours) 小时", "\(days) d \(hours) h") : Text("\(days) 天", "\(days) d")
    }
    if hours > 0 {
        return rest > 0
            ? Text("\(hours) 小时 \(rest) 分", "\(hours) h \(rest) min") : Text("\(hours) 小时", "\(hours) h")
    }
    return Text("\(rest) 分钟", "\(rest) min")
}

/// A deadline as a chip: time and sentence, coloured by how close it is. `verb` says what must happen by then. In tables
/// the moment stands below what is left, on a line of its own.
package func dueChip(_ due: Instant, now: Instant, verb: Text? = nil) -> HTML {
    let left = due.seconds(since: now)
    let length = span(seconds: left)
    let at = due.relative(to: now)
    let frame = left < 0 ? DueFrame.late : left < 4 * 3600 ? DueFrame.soon : DueFrame.later
    guard let verb else {
        return "\(frame.start)<time datetime=\"\(due.iso8601)\(frame.moment)\(at)\(frame.rest)\(length)\(frame.end)"
    }
    let rest =
        left < 0 ? Text("已超 \(length.zh)", "\(length.en) overdue") : Text("剩 \(length.zh)", "\(length.en) left")
    let sentence = Text("应于\(at.zh) 前\(verb.zh)，\(rest.zh)", "\(verb.en) by \(at.en), \(rest.en)")
    return "\(frame.start)\(time(due, sentence))</span>"
}

/// What stands around the moment and the length of a chip: the same in every row of a table, so drawn once.
private struct DueFrame: Sendable {
    let start: HTML
    let moment: HTML
    let rest: HTML
    let end: HTML

    static let late = DueFrame("late", moment: (Text("", "due "), Text(" 到期", "")), rest: lateRest)
    static let soon = DueFrame("soon", moment: ahead, rest: left)
    static let later = DueFrame("", moment: ahead, rest: left)

    private static let ahead = (Text("", "by "), Text(" 前", ""))
    private static let left = (Text("剩 ", ""), Text("", " left"))
    private static let lateRest = (Text("已超 ", ""), Text("", " overdue"))

    /// What is said before and after the moment, and before and after the length.
    private init(_ tone: String, moment: (Text, Text), rest: (Text, Text)) {
        start = "<span class=\"due \(tone)\">\(icon("clock"))"
        self.moment = "\"><span class=\"at\">\(moment.0)"
        self.rest = """
            \(moment.1)</span><span class="sep">\(Text("，", ", "))</span><span class="rest">\(rest.0)
            """
        end = "\(rest.1)</span></time></span>"
    }
}

/// An address made of a path and query fields, escaped for URLs.
package func address(_ path: String, _ query: [(String, String?)]) -> String {
    let parts = query.compactMap { name, value in value.map { "\(name)=\(percentEncoded($0))" } }
    return parts.isEmpty ? path : path + "?" + parts.joined(separator: "&")
}

/// Text for one part of an address: everything but letters, digits and `-._~` as `%XX`.
package func percentEncoded(_ text: String) -> String {
    var output = ""
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
            output.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let hex = Array("0123456789ABCDEF")
            output += "%" + String(hex[Int(byte >> 4)]) + String(hex[Int(byte & 15)])
        }
    }
    return output
}
