import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What is pasted back into the group about one case.
struct PasteReply: Sendable {
    let id: ID<Case>
    let number: String
    let title: String
    let unit: Text?
    let dueAt: Instant
    /// Where others join; nil for what is not public.
    let link: String?
    /// For the person who said it alone.
    let receipt: String
    let now: Instant

    /// The words, ready to paste: groups are in Chinese.
    var words: String {
        let about = NeedWords.short(title)
        let who = unit.map { "由\($0.zh)办理" } ?? "正在安排谁来办"
        let same = link.map { "您也遇到了，点这里一起反映：\($0)" } ?? ""
        return "【已受理】\(about)，编号 \(number)，\(who)，下一步最迟 \(dueAt.relative(to: now).zh)。\(same)"
    }
}

/// The pages of pasting from a chat group: the text, the drafts to look over, the replies.
struct DeskPastePage {
    let choices: DeskStore.IntakeChoices
    var form: Form
    let formToken: String
    let names: DivisionNames
    let catalogue: EventCatalogue
    var drafts: [PasteDraft] = []
    var replies: [PasteReply] = []
    var kept: [String] = []
    var error: LinliError?
    private let once = randomToken()

    init(
        choices: DeskStore.IntakeChoices, form: Form, formToken: String, names: DivisionNames, catalogue: EventCatalogue
    ) {
        self.choices = choices
        self.form = form
        self.formToken = formToken
        self.names = names
        self.catalogue = catalogue
    }

    var page: Page {
        Page(Text("群里粘贴", "From a chat group"), frame: .desk("/desk/paste"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("群里粘贴", "From a chat group"))</h1></div>
        \(problem(error))
        <div class="stack">
        \(each: replies.enumerated(), reply)
        \(drafts.isEmpty ? paste : look)
        </div>
        </main>
        """
    }

    private var paste: HTML {
        """
        <section class="card narrow" aria-label="\(Text("粘贴", "Paste"))">
        <form class="form" method="post" action="/desk/paste" enctype="multipart/form-data">\(LinliUI.formToken(formToken))
        <div class="full">\(field(
            Text("群里怎么说的", "What was said"), for: "text",
            hint: Text("从群里复制，连名字和时间一起粘。一次可以粘几条，下一步再挑。", "Copy it with names and times. Several at once are fine: you choose on the next page."),
            error: error?.text(for: "text"),
            """
            <textarea id="text" name="text" rows="10" maxlength="8000" required\
            \(described("text", hint: true, error: error?.text(for: "text")))>\(form["text"] ?? "")</textarea>
            """
        ))</div>
        \(PhotoPicker(id: "photos", kept: kept, error: error, isOptional: true).html)
        <div class="full btns"><button class="btn">\(Text("看看是哪些事", "Read it"))</button></div>
        </form></section>
        """
    }

    // MARK: Drafts

    private var look: HTML {
        """
        <form class="stack" method="post" action="/desk/paste/register">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="once" value="\(once)">\(each: kept, { "<input type=\"hidden\" name=\"kept\" value=\"\($0)\">" })
        \(each: drafts.enumerated(), draft)
        <div class="btns"><button class="btn">\(Text("登记选中的", "Register what is ticked"))</button>\
        <a class="btn ghost" href="/desk/paste">\(Text("重新粘", "Paste again"))</a></div>
        </form>
        """
    }

    private func draft(_ index: Int, _ draft: PasteDraft) -> HTML {
        let message = draft.message
        let who =
            message.speaker.isEmpty ? Text("第 \(index + 1) 条", "Message \(index + 1)") : Text(same: message.speaker)
        return """
            <section class="card pad stack" aria-label="\(who)">
            <label class="check"><input type="checkbox" name="take-\(index)" value="yes"\(when: draft.isTicked, " checked")>\
            <span><b>\(who)</b> \(when: !message.time.isEmpty, "<span class=\"note num\">\(message.time)</span>")</span></label>
            <input type="hidden" name="speaker-\(index)" value="\(message.speaker)">
            \(field(Text("怎么说的", "The words"), for: "words-\(index)", """
                <textarea id="words-\(index)" name="words-\(index)" rows="3" maxlength="2000">\(message.words)</textarea>
                """))
            \(field(Text("在哪里", "Where"), for: "place-\(index)", optional: true, """
                <select id="place-\(index)" name="place-\(index)"><option value="">\(Text("不在名册上", "Not listed"))</option>\
                \(PlaceOptions(places: choices.places, selected: draft.place.map { "\($0.id)" }).html)</select>
                """))
            \(field(Text("类别", "Kind"), for: "category-\(index)", hint: sure(draft), """
                <select id="category-\(index)" name="category-\(index)" aria-describedby="category-\(index)-hint">\
                <option value="">\(Text("请选", "Choose"))</option>\
                \(CategoryOptions(catalogue: catalogue, selected: draft.category?.code).html)</select>
                """))
            <label class="check"><input type="checkbox" name="urgent-\(index)" value="yes"\(when: draft.isUrgent, " checked")>\
            <span>\(Text("紧急：危及人身、财产", "Urgent: danger to people or property"))</span></label>
            </section>
            """
    }

    private func sure(_ draft: PasteDraft) -> Text {
        draft.category == nil
            ? Text("从内容看不出是哪一类", "The words do not say which kind it is")
            : Text("按内容猜的，把握 \(draft.percent)%，请核对", "Guessed from the words, \(draft.percent)% sure: please check")
    }

    // MARK: Replies

    private func reply(_ index: Int, _ reply: PasteReply) -> HTML {
        """
        <section class="card pad stack" aria-labelledby="h-reply-\(index)">
        <h2 id="h-reply-\(index)">\(icon("done", small: true))\(Text("已登记", "Registered")) \
        <a class="num" href="\(CasePath.desk(reply.id))">\(reply.number)</a></h2>
        <p class="secret" id="reply-\(index)">\(reply.words)</p>
        <div class="btns"><button class="btn weak" type="button" data-copy="#reply-\(index)" data-js hidden>\(icon("copy"))\
        \(Text("复制，粘回群里", "Copy for the group"))</button></div>
        <details class="more"><summary>\(Text("只发给本人的查询链接", "The receipt, for the person alone"))</summary>\
        <p class="secret" id="receipt-\(index)">\(reply.receipt)</p></details>
        </section>
        """
    }
}
