import LinliCore
import LinliKernel
import LinliUI

/// What pages share on which a text of rules is drafted, tried, and published with a reason: case types, rules of warnings.
struct Drafting {
    /// The page's address, where its forms go and below which the texts lie.
    let path: String
    /// How often the draft was stored; nil where there is none.
    let revision: Int?
    let mayChange: Bool
    let now: Instant
    /// In which language a program is told what is wrong.
    let language: Language
    let formToken: String
    /// What was typed and is not stored.
    var typed: String?
    /// Why it is to be published, as it was typed.
    var reason: String?
    /// Whether somebody asked what is wrong with it.
    var isChecked = false
    var error: LinliError?
    /// Which button was pressed before.
    var done: String?

    init(_ path: String, revision: Int?, mayChange: Bool, _ request: Request) {
        self.path = path
        self.revision = revision
        self.mayChange = mayChange
        now = request.context.now
        language = request.context.language
        formToken = request.formToken
    }

    /// Only what is stored can be published.
    var mayPublish: Bool { mayChange && revision != nil && typed == nil }

    /// What the button has done; `published` says what publishing means.
    func told(published: Text) -> Text? {
        switch done {
        case "start": Text("草稿建好了，改完先试算，再发布。", "The draft is there: change it, try it, then publish.")
        case "save": Text("草稿已存好，还没有生效。", "The draft is stored; it is not in force yet.")
        case "discard": Text("草稿已丢掉。", "The draft is gone.")
        case "publish": published
        default: nil
        }
    }

    // MARK: The draft

    /// Who stored the `text` of the draft and when.
    func saved(_ text: String, _ by: String, _ at: Instant) -> HTML {
        """
        <p class="pad note">\(by) · \(time(at, at.relative(to: now)))\
        \(when: typed != nil && typed != text, " · \(Text("下面的改动还没有存", "what stands below is not stored yet"))")</p>
        """
    }

    /// To be ticked by who compared a draft with another version that came into force.
    static func compared(_ version: Int) -> HTML {
        """
        <label class="check"><input type="checkbox" name="compared" value="\(version)">\
        <span>\(Text("已和第 \(version) 版对照过", "Compared with version \(version)"))</span></label>
        """
    }

    /// What the loader says of a text, each with the line where it stands; that it says nothing, where somebody asked.
    func complaints(_ problems: [(line: Int, words: Text)], in text: String?) -> HTML {
        guard !problems.isEmpty else {
            return isChecked ? notice(Text("没有发现错误。", "Nothing is wrong with it."), .ok, icon: "done") : .empty
        }
        let lines = (text ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        return """
            <div class="alert bad" role="alert">\(icon("alert"))<div class="bd"><b>\(Text(
                "有 \(problems.count) 处要改，改好才能发布", "\(problems.count) things to mend before it can be published"
            ))</b><ul>\(each: problems.prefix(30), { complaint($0.line, $0.words, lines) })</ul></div></div>
            """
    }

    private func complaint(_ line: Int, _ words: Text, _ lines: [Substring]) -> HTML {
        let quoted = lines.indices.contains(line - 1) ? String(lines[line - 1]).trimmed : ""
        return """
            <li>\(words)\(when: !quoted.isEmpty, "<br><code>\(String(quoted.prefix(80)))</code>")</li>
            """
    }

    /// The form of the draft; `key` is what the browser keeps unsent words by.
    func form(_ key: String, attributes: HTML = .empty, _ fields: HTML) -> HTML {
        """
        <form class="pad stack" method="post" action="\(path)"\(attributes) data-draft="\(key)">\(hidden)
        \(fields)
        </form>
        """
    }

    private var hidden: HTML {
        "\(LinliUI.formToken(formToken))<input type=\"hidden\" name=\"revision\" value=\"\(revision ?? 0)\">"
    }

    /// The text itself.
    func area(_ name: String, _ label: Text, hint: Text, _ text: String?, limit: Int) -> HTML {
        let error = error?.text(for: name)
        return field(
            label, for: name, hint: hint, error: error,
            """
            <textarea id="\(name)" name="\(name)" rows="24" class="code" spellcheck="false" autocapitalize="off" \
            maxlength="\(limit)"\(described(name, hint: true, error: error))>
            \(text ?? "")</textarea>
            """
        )
    }

    /// What may be done with the text; `trial` says on what it is tried.
    func buttons(_ trial: Text) -> HTML {
        """
        <div class="btns"><button class="btn" name="do" value="save">\(Text("存草稿", "Store the draft"))</button>\
        <button class="btn weak" name="do" value="try">\(trial)</button>\
        <button class="btn weak" name="do" value="check">\(Text("检查", "Check"))</button>\
        \(when: revision != nil, discard)</div>
        """
    }

    private var discard: HTML {
        """
        <button class="btn ghost" name="do" value="discard" data-confirm="\(Text("丢掉这份草稿？", "Throw this draft away?"))">\
        \(Text("丢掉", "Throw away"))</button>
        """
    }

    /// Publishes the stored draft; `question` says what that means.
    func publish(_ question: Text) -> HTML {
        let error = error?.text(for: "reason")
        return """
            <form class="pad stack" method="post" action="\(path)" data-confirm="\(question)">\(hidden)
            <input type="hidden" name="do" value="publish">
            \(field(
                Text("为什么改", "Why"), for: "reason", error: error,
                "<input id=\"reason\" name=\"reason\" maxlength=\"200\" required value=\"\(reason ?? "")\"\(described("reason", error: error))>"
            ))
            <div class="btns"><button class="btn">\(Text("发布存好的草稿", "Publish the stored draft"))</button></div>
            </form>
            """
    }

    // MARK: Versions

    /// A version with its reason; `more` stands behind when it was published.
    func version(_ entry: PublishedVersion, more: HTML = .empty) -> HTML {
        """
        <li><div class="cell"><span class="bd"><span class="ttl">\(Text("第 \(entry.version) 版", "Version \(entry.version)"))</span>\
        <span class="sub">\(entry.reason)</span>\
        <span class="sub">\(entry.by) · \(time(entry.at, entry.at.relative(to: now)))\(more)</span></span>\
        \(download("\(entry.version)"))</div></li>
        """
    }

    /// A version or the draft as a file.
    func download(_ word: String) -> HTML {
        """
        <a class="btn ghost sm" href="\(path)/\(word)">\(icon("download", small: true))YAML</a>
        """
    }
}
