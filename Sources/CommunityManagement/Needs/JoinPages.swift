import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What the page of joining a case is made of.
struct JoinModel: Sendable {
    var lead: JoinableCase
    var form: NeedForm
    var category: Text
    var account: AccountSummary?
    var error: LinliError?
    var formToken: String
    var now: Instant
    /// Whether it sounds like a complaint of their own, so that they are asked before it is taken.
    var isOwnComplaint = false

    /// What is wrong with a field.
    func problem(_ name: String) -> Text? { error?.text(for: name) }
}

/// "I have the same": what is known already, and the little that one more voice has to say.
enum JoinPages {
    static func page(_ model: JoinModel) -> Page {
        Page(
            Text("我也遇到了", "I have the same"),
            frame: .resident(.report),
            """
            <main id="main" class="one">
            \(problem(model.error))
            \(known(model))
            <form class="stack" method="post" action="\(CasePath.join(model.lead.number))" enctype="multipart/form-data" novalidate \
            data-draft="join-\(model.lead.number)">\(formToken(model.formToken))\
            <input type="hidden" name="once" value="\(model.form.once)">\(carried(model.form))
            \(when: model.isOwnComplaint, question)
            \(words(model))
            \(home(model))
            \(who(model))
            \(when: !model.isOwnComplaint, submit)
            </form>
            </main>
            """
        )
    }

    /// For who told it already: where their own case is, in place of a form that would be refused. What they typed all the
    /// same can be added there.
    static func told(_ lead: JoinableCase, _ own: ID<Case>, _ typed: NeedForm?, _ token: String) -> Page {
        Page(
            Text("您已经反映过", "You have told this already"),
            frame: .resident(.mine),
            """
            <main id="main" class="one">
            \(emptyState(
                Text("这件事您已经反映过了", "You have told this already"),
                Text(
                    "编号 \(lead.number)，不用再加一次。办到哪一步、要补充情况，都在您反映的那件里。",
                    "\(lead.number): no need to join it. Your own case shows how far it is; add there what is new."),
                icon: "people",
                action: """
                    <a class="btn" href="\(CasePath.resident(own))">\(Text("去看我反映的这件", "Go to my case"))</a> \
                    <a class="btn weak" href="/report">\(Text("是另一件事，单独反映", "It is another matter: report it"))</a>
                    """
            ))
            \(typed.map { more($0, own, token) })
            </main>
            """
        )
    }

    private static func more(_ form: NeedForm, _ own: ID<Case>, _ token: String) -> HTML {
        """
        <form class="card pad stack" method="post" action="\(CasePath.resident(own))/note" enctype="multipart/form-data" \
        novalidate>\(formToken(token))
        \(field(
            Text("补充说明", "What to add"), for: "text",
            "<textarea id=\"text\" name=\"text\" rows=\"4\" maxlength=\"2000\">\(form.text)</textarea>"
        ))
        \(NeedPhotos.picker(form.kept, error: nil, Text("加照片", "Add photos")))
        <div class="submit"><button class="btn">\(Text("发给经办人", "Send to the handler"))</button></div>
        </form>
        """
    }

    private static let submit: HTML = """
        <div class="submit"><button class="btn">\(Text("一起反映", "Join"))</button>\
        <p class="note">\(Text("办到哪一步会一样告诉您，解决没解决由您自己说。", "You are told every step, and you say for yourself whether it is solved."))</p></div>
        """

    /// The way that protects them comes first: it is what the Enter key chooses, and nothing is sent by it yet.
    private static let question: HTML = """
        <section class="card pad stack" aria-labelledby="h-own">
        <h2 id="h-own">\(Text("还没提交：是您自己要投诉、举报吗", "Not sent yet: is it a complaint of your own?"))</h2>
        <p class="note">\(Text("投诉、举报要保护您，不和别人并在一起；只是说说您那边的情况，就和他们一起反映。写的内容都还在。", "A complaint or tip-off protects who makes it and is never joined. If you only say what it is like for you, join them. What you wrote is kept."))</p>
        <div class="btns"><button class="btn weak" name="wish" value="own">\(Text("是我自己的投诉，单独反映", "It is my own: report it by itself"))</button>
        <button class="btn" name="wish" value="add">\(Text("只是补充情况，一起反映", "I only add to it: join"))</button></div>
        </section>
        """

    /// What was filled in before somebody came here: it goes along, also into a report by itself.
    private static func carried(_ form: NeedForm) -> HTML {
        let against = form.isAgainstNobody ? AgainstChoice.nobody : form.against.map { "\($0)" } ?? ""
        var fields: [(String, String)] = [
            ("place", form.place.map { "\($0)" } ?? ""), ("location", form.location), ("against", against),
            ("spot", form.spot?.rawValue ?? ""), ("nature", form.nature?.rawValue ?? ""), ("elder", form.elder),
            ("publish", form.isWilling ? "yes" : ""),
        ]
        fields += [
            ("lat", form.latitude.map { "\($0)" } ?? ""), ("lon", form.longitude.map { "\($0)" } ?? ""),
            ("accuracy", form.accuracy.map { "\($0)" } ?? ""),
        ]
        fields += form.others.map { ("accused", "\($0)") }
        return """
            \(each: fields.filter { !$0.1.isEmpty }, { name, value in
                "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
            })
            """
    }

    private static func known(_ model: JoinModel) -> HTML {
        let lead = model.lead
        let at = lead.createdAt.relative(to: model.now)
        return """
            <section class="card pad stack" aria-labelledby="h-known">
            <h2 id="h-known">\(lead.title.isEmpty ? model.category : Text(same: lead.title))</h2>
            <p class="note">\(when: !lead.title.isEmpty, "\(model.category) · ")\(when: !lead.address.isEmpty, "\(lead.address) · ")\
            \(Text("\(at.zh) 有人反映", "reported \(at.en)"))\(lead.count.map { " · \(SimilarParts.homes($0))" as HTML })</p>
            <p class="hint">\(Text(
                "不是同一件事？请单独反映，不会并在一起。",
                "Not the same? Please report it by itself; it will not be joined."
            )) <a href="/report">\(Text("单独反映", "Report by itself"))</a></p>
            </section>
            """
    }

    private static func words(_ model: JoinModel) -> HTML {
        let error = model.problem("text")
        return """
            <section class="card pad stack">
            \(field(
                Text("您那边是什么情况", "How is it where you are"), for: "text",
                hint: Text("什么时候开始的、影响到什么。别的反映人看不到您写的。", "Since when, and what it does to you. The others do not see your words."),
                error: error,
                """
                <textarea id="text" name="text" rows="4" maxlength="2000" required\
                \(described("text", hint: true, error: error))>\(model.form.text)</textarea>
                """
            ))
            \(NeedPhotos.picker(model.form.kept, error: model.problem("photos"), Text("拍照或选图", "Take or choose")))
            </section>
            """
    }

    private static func home(_ model: JoinModel) -> HTML {
        guard !model.lead.knowsDoor else {
            return """
                <section class="card pad"><p class="note">\(Text(
                    "您账号关联的住址会用来数有几户反映，门牌不用填；选匿名的不用。",
                    "The home of your account counts among the homes that told it, so no door is asked; anonymously it does not."
                ))</p></section>
                """
        }
        return "<section class=\"card pad\">\(door(model.form.home))</section>"
    }

    /// The door of who joins, asked for only to count homes.
    static func door(_ typed: String) -> HTML {
        field(
            Text("您家门牌", "Your door"), for: "home",
            hint: Text(
                "只用来数有几户反映，不记门牌本身。如：3号楼2单元1203。",
                "Only to count homes; the door itself is not kept. Such as: building 3, entrance 2, 1203."
            ),
            optional: true,
            """
            <input id="home" name="home" maxlength="40" autocomplete="off" value="\(typed)" aria-describedby="home-hint">
            """
        )
    }

    private static func who(_ model: JoinModel) -> HTML {
        let chosen = model.form.disclosure ?? .named
        let phoneError = model.problem("phone")
        let nameError = model.problem("name")
        let isKnown = model.account != nil
        return """
            <section class="card pad">
            <fieldset><legend class="h">\(Text("谁能看到您是谁", "Who may know who you are"))</legend>
            <div class="choices">\(each: Disclosure.allCases, { disclosure in
                choice("disclosure", value: disclosure.rawValue, checked: disclosure == chosen, disclosure.name)
            })</div></fieldset>
            \(when: !isKnown, field(
                Text("怎么称呼您", "Your name"), for: "name", optional: true, error: nameError,
                "<input id=\"name\" name=\"name\" maxlength=\"12\" value=\"\(model.form.name)\" autocomplete=\"name\"\(described("name", error: nameError))>"
            ))
            \(field(
                isKnown ? Text("换个电话联系", "Another number to call") : Text("联系电话", "Phone"),
                for: "phone", optional: true, error: phoneError,
                """
                <input id="phone" name="phone" type="tel" inputmode="tel" autocomplete="tel" maxlength="20" \
                value="\(model.form.phone)"\(described("phone", error: phoneError))>
                """
            ))
            </section>
            """
    }
}
