import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The pages of pasting from a chat group: the text, the drafts to look over, the replies.
struct DeskPastePage {
    let choices: DeskStore.IntakeChoices
    var form: Form
    /// One filling of the form: sent again its messages are the same cases.
    var once: String
    let formToken: String
    let names: DivisionNames
    let catalogue: EventCatalogue
    var drafts: [PasteDraft] = []
    var replies: [PasteReply] = []
    /// Pictures the form keeps, each with the proof that it does.
    var kept: [(file: ID<StoredFile>, proof: String)] = []
    var error: LinliError?

    init(
        choices: DeskStore.IntakeChoices, form: Form, once: String, formToken: String, names: DivisionNames,
        catalogue: EventCatalogue
    ) {
        self.choices = choices
        self.form = form
        self.once = once
        self.formToken = formToken
        self.names = names
        self.catalogue = catalogue
    }

    /// Keeps these pictures in the form.
    mutating func keep(_ files: [ID<StoredFile>], _ services: Services) {
        kept = files.map { ($0, FormPhotos.value($0, services.database.keys)) }
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
            hint: Text("从群里复制，连名字和时间一起粘。一次可以粘几条，下一步再挑。有截图就不用粘。",
                "Copy it with names and times, several at once if you like. With a screenshot nothing need be pasted."),
            optional: true, error: error?.text(for: "text"),
            """
            <textarea id="text" name="text" rows="8" maxlength="8000"\
            \(described("text", hint: true, error: error?.text(for: "text")))>\(form["text"] ?? "")</textarea>
            """
        ))</div>
        \(PhotoPicker(id: "photos", kept: kept.map(\.proof), error: error, isOptional: true).html)
        <label class="check full"><input type="checkbox" name="read" value="yes"\
        \(when: form.fields.isEmpty || form["read"] == "yes", " checked")><span>\
        \(Text("认出群聊截图里的话；认不出的当照片收下", "Read the words in screenshots; others are kept as photos"))</span></label>
        <div class="full btns"><button class="btn">\(Text("看看是哪些事", "Read it"))</button></div>
        </form></section>
        """
    }

    // MARK: Drafts

    private var look: HTML {
        """
        <form class="stack" method="post" action="/desk/paste/register">\(LinliUI.formToken(formToken))\
        \(enter)<input type="hidden" name="once" value="\(once)">\(each: kept, { "<input type=\"hidden\" name=\"kept\" value=\"\($0.proof)\">" })
        \(each: drafts, draft)
        \(when: !kept.isEmpty, pictures)
        <div class="btns"><button class="btn">\(Text("登记选中的", "Register what is ticked"))</button>\
        <a class="btn ghost" href="/desk/paste">\(Text("重新粘", "Paste again"))</a></div>
        </form>
        """
    }

    /// What Enter in a field presses: a form takes its first button, and that would put a speaker back.
    private var enter: HTML {
        """
        <button class="sr" tabindex="-1" aria-hidden="true">\(Text("登记选中的", "Register what is ticked"))</button>
        """
    }

    private func who(_ draft: PasteDraft) -> Text {
        let number = draft.index + 1
        return draft.message.speaker.isEmpty
            ? Text("第 \(number) 条", "Message \(number)") : Text(same: draft.message.speaker)
    }

    private func draft(_ draft: PasteDraft) -> HTML {
        let (message, index, who) = (draft.message, draft.index, who(draft))
        return """
            <section class="card pad stack" aria-label="\(who)">
            <label class="check"><input type="checkbox" name="take-\(index)" value="yes"\(when: draft.isTicked, " checked")>\
            <span><b>\(who)</b> \(when: !message.time.isEmpty, "<span class=\"note num\">\(message.time)</span>")</span></label>
            <input type="hidden" name="time-\(index)" value="\(message.time)">\
            \(draft.once.map { "<input type=\"hidden\" name=\"once-\(index)\" value=\"\($0)\">" as HTML })
            \(speaker(draft))
            \(words(draft))
            \(seams(draft))
            \(choices(draft))
            <label class="check"><input type="checkbox" name="urgent-\(index)" value="yes"\(when: draft.isUrgent, " checked")>\
            <span>\(Text("紧急：危及人身、财产", "Urgent: danger to people or property"))</span></label>
            \(SimilarParts.forStaff(draft.similar, joining(draft)))
            </section>
            """
    }

    /// Who said it is known by what the group calls them; nobody's phone is.
    private func joining(_ draft: PasteDraft) -> StaffJoining {
        let typed = Form([(name: "home-\(draft.index)", value: draft.home)])
        return StaffJoining(form: typed, asksWho: false, error: draft.error, draft: draft.index)
    }

    private func speaker(_ draft: PasteDraft) -> HTML {
        let (id, name) = ("speaker-\(draft.index)", draft.message.speaker)
        let input = field(
            Text("谁说的", "Who said it"), for: id, optional: true,
            """
            <input id="\(id)" name="\(id)" maxlength="24" autocomplete="off" value="\(name)">
            """)
        guard !name.isEmpty else { return input }
        return """
            \(input)
            <div class="btns"><button class="btn ghost sm" name="back" value="\(draft.index)">\
            \(Text("不是名字，是话：放回下面", "No name but words: put it back below"))<span class="sr"> \(name)</span></button></div>
            """
    }

    private func words(_ draft: PasteDraft) -> HTML {
        let (id, error) = ("words-\(draft.index)", draft.error?.text(for: "text"))
        return field(
            Text("怎么说的", "The words"), for: id, error: error,
            """
            <textarea id="\(id)" name="\(id)" rows="3" maxlength="2000"\(described(id, error: error))>\
            \(draft.message.words)</textarea>
            """)
    }

    /// Where the words of two people may have been taken for one message: the lines at which they can be parted.
    private func seams(_ draft: PasteDraft) -> HTML {
        let seams = PasteSeam.all(in: draft.message.words)
        guard !seams.isEmpty else { return .empty }
        return """
            <details class="more"><summary>\(Text("里面是两个人的话？分成两条", "Words of two people? Part them"))</summary>
            <ul class="plain">\(each: seams, { seam($0, of: draft) })</ul></details>
            """
    }

    private func seam(_ seam: PasteSeam, of draft: PasteDraft) -> HTML {
        """
        <li class="row"><span>\(seam.line)</span> <button class="btn ghost sm" name="part" value="\(draft.index):\(seam.number):\(seam.line)">\
        \(Text("从这一行分开", "Part at this line"))<span class="sr"> \(seam.line)</span></button></li>
        """
    }

    private func choices(_ draft: PasteDraft) -> HTML {
        let (place, category) = ("place-\(draft.index)", "category-\(draft.index)")
        let (placeError, categoryError) = (draft.error?.text(for: "place"), draft.error?.text(for: "category"))
        let hint = sure(draft)
        let ofDoor = draft.isPlaceOfSpeaker ? DeskPastePage.ofDoor : nil
        let known = Set(["text", "place", "category"])
        let others = (draft.error?.fields ?? []).filter { !known.contains($0.name) }
        return """
            \(field(Text("在哪里", "Where"), for: place, hint: ofDoor, optional: true, error: placeError, """
                <select id="\(place)" name="\(place)"\(described(place, hint: ofDoor != nil, error: placeError))>\
                <option value="">\(Text("不在名册上", "Not listed"))</option>\
                \(PlaceOptions(places: choices.places, selected: draft.place.map { "\($0.id)" }).html)</select>
                """))
            \(field(Text("类别", "Kind"), for: category, hint: hint, error: categoryError, """
                <select id="\(category)" name="\(category)"\
                \(described(category, hint: hint != nil, error: categoryError))>\
                <option value="">\(Text("请选", "Choose"))</option>\
                \(CategoryOptions(catalogue: catalogue, selected: draft.category?.code).html)</select>
                """))
            \(each: others, { "<p class=\"err\">\($0.text)</p>" })
            \(when: draft.error?.fields.isEmpty == true, "<p class=\"err\">\(draft.error?.publicText ?? Text(same: ""))</p>")
            """
    }

    private static let ofDoor = Text(
        "话里没说在哪里，按昵称里的门牌猜的，只到楼和单元，请核对",
        "The words do not say where: guessed from the door in the nick, building and entrance only; please check")

    private func sure(_ draft: PasteDraft) -> Text? {
        guard let percent = draft.percent else { return nil }
        return draft.category == nil
            ? Text("从内容看不出是哪一类", "The words do not say which kind it is")
            : Text("按内容猜的，把握 \(percent)%，请核对", "Guessed from the words, \(percent)% sure: please check")
    }

    /// Each picture, and which message it goes with.
    private var pictures: HTML {
        """
        <section class="card pad stack" aria-labelledby="h-pictures">
        <h2 id="h-pictures">\(Text("照片配给哪一条", "Which message each photo belongs to"))</h2>
        \(each: kept.enumerated(), picture)
        </section>
        """
    }

    private func picture(_ number: Int, _ kept: (file: ID<StoredFile>, proof: String)) -> HTML {
        let name = Text("照片 \(number + 1)", "Photo \(number + 1)")
        let path = "/desk/paste/photos/\(kept.proof)"
        let goes = drafts.first { $0.photos.contains(kept.file) }
        return """
            <div class="row"><a href="\(path)"><img class="thumb" src="\(path)?size=small" alt="\(name)" width="80" height="60"></a>\
            \(field(name, for: "goes-\(kept.file)", select(
                "goes-\(kept.file)", drafts.map { (value: "\($0.index)", text: self.who($0)) },
                selected: goes.map { "\($0.index)" }, empty: Text("不附在工单里", "Not kept in a case")
            )))</div>
            """
    }

    // MARK: Replies

    private func reply(_ index: Int, _ reply: PasteReply) -> HTML {
        """
        <section class="card pad stack" aria-labelledby="h-reply-\(index)">
        <h2 id="h-reply-\(index)">\(icon("done", small: true))\
        \(reply.isJoined ? Text("已加进去，一起办", "Added: handled together") : Text("已登记", "Registered")) \
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
