import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Several who told the same: who they are, what they say of the work, and the forms that join and part cases.
struct DeskVoices {
    let page: DeskCase

    private var item: CaseRecord { page.view.item }
    private var voices: CaseVoices { page.view.voices }
    private var forms: DeskForms { DeskForms(page: page) }

    /// The voices, or the case this one speaks in, for the content of a case.
    var status: HTML {
        if let lead = voices.lead { return spokenFor(lead) }
        guard !voices.list.isEmpty else { return .empty }
        return """
            <h3 class="sec">\(Text("一起反映的人", "Who else told it")) \(voices.count.map { tag(SimilarParts.homes($0), .info) })</h3>
            <ul class="plain">\(each: voices.list, voice)</ul>
            """
    }

    private func spokenFor(_ lead: CaseRow) -> HTML {
        """
        <p class="pad">\(Text("并在这件工单里一起办：", "Handled as a part of: "))\
        <a href="\(CasePath.desk(lead.id))"><span class="num">\(lead.number)</span> \(lead.title)</a> \
        \(tag(DeskWords.state(lead, page.types), DeskWords.tone(page.types.state(lead.state, of: lead.type))))</p>
        """
    }

    private func voice(_ voice: CaseVoice) -> HTML {
        let told = voice.item
        return """
            <li class="pad"><a href="\(CasePath.desk(told.id))" class="num">\(told.number)</a> \
            \(when: voice.showsReporter && !told.reporterMask.isEmpty, "<span class=\"num\">\(told.reporterMask)</span> ")\
            \(when: told.disclosure == .anonymous, "\(tag(Text("匿名", "Anonymous"), .mute)) ")\(said(voice))\
            <br><span class="note">\(time(told.createdAt, told.createdAt.relative(to: page.now))) · \(told.source.name)</span>
            <p>\(DeskCase.lines(told.text))</p></li>
            """
    }

    private func said(_ voice: CaseVoice) -> HTML {
        if voice.hasLeft { return tag(Text("已撤回", "Took it back"), .mute) }
        switch voice.isSolved {
        case true: return tag(Text("说解决了", "Says solved"), .ok)
        case false: return tag(Text("说没解决", "Says not solved"), .bad)
        case nil: return .empty
        }
    }

    // MARK: Forms

    /// Joining and parting, for who dispatches here.
    var cards: HTML {
        guard page.view.standing.isDispatcher else { return .empty }
        if item.speaksIn != nil { return splitCard }
        let isAlone = item.isSealed || item.parent != nil || (!item.accusation.isEmpty && item.nature != .complaint)
        return item.isOpen && !isAlone ? mergeCard : .empty
    }

    private var mergeCard: HTML {
        let attempt = forms.attempt("merge")
        let error = attempt?.error?.text(for: "into")
        return """
            <section class="card"><details class="more pad"\(when: attempt != nil, " open")>\
            <summary>\(icon("people", small: true))\(Text("并到另一件一起办", "Make it part of another case"))</summary>
            \(forms.begin("merge"))
            \(when: item.nature == .complaint, DeskVoices.complaints)
            \(when: !page.similar.isEmpty, field(
                Text("附近相近的", "Alike and near"), for: "near",
                select(
                    "near", page.similar.map { row in
                        (value: row.number, text: Text(same: "\(row.number) \(row.title)"))
                    }, selected: attempt?.form["near"], empty: Text("写编号", "By number")
                )
            ))
            \(field(
                Text("那一件的编号", "Its number"), for: "into",
                hint: Text(
                    "并过去以后，每位反映人照样收到进展、各自评价；以后可以再拆出来。",
                    "Everybody who told it is told and answers as before; it can be taken out again."
                ),
                optional: !page.similar.isEmpty, error: error,
                """
                <input id="into" name="into" maxlength="30" autocomplete="off" value="\(attempt?.form["into"] ?? "")"\
                \(described("into", hint: true, error: error))>
                """
            ))
            \(forms.textArea("merge", Text("为什么是同一件事", "Why it is the same")))
            <button class="btn weak">\(Text("并案", "Merge"))</button>
            </form></details></section>
            """
    }

    private static let complaints: HTML = """
        <p class="hint">\(Text(
            "投诉只能和针对同样单位的投诉并（都不针对单位的也可以）：被投诉的单位照样看不到，反映人互相看不到说了什么。并了以后，办理结果、挂账和延期的理由几个反映人都看得到，别写是谁、住哪儿；留言和办理后的照片都不给反映人看。",
            "Complaints go with complaints against the same units, or both against none: those units still see nothing, and nobody who complained reads another's words. From then on all of them read the results and why it was paused or delayed: do not write who or where they live; notes and photos of the work are shown to none of them."
        ))</p>
        """

    /// Whether it is several complaints in one.
    var isOfSeveral: Bool { item.nature.isProtected && item.speaksIn == nil && !voices.list.isEmpty }

    /// Said where something is written that all who complained read.
    static let readers: HTML = """
        <p class="hint">\(Text(
            "这件有几个人投诉，写的话他们都看得到，别写是谁、住哪儿。",
            "Several people complained, and all of them read what you write: do not write who they are or where they live."
        ))</p>
        """

    /// Said where a note is written that none of them reads.
    static let nobody: HTML = """
        <p class="hint">\(Text(
            "这件有几个人投诉，留言和照片他们都看不到；要告诉谁，请打电话。",
            "Several people complained, and none of them reads notes or sees photos: please call whom you want to tell."
        ))</p>
        """

    private var splitCard: HTML {
        let attempt = forms.attempt("split")
        return """
            <section class="card"><details class="more pad"\(when: attempt != nil, " open")>\
            <summary>\(icon("people", small: true))\(Text("拆出来单独办", "Take it out again"))</summary>
            \(forms.begin("split"))
            <p class="hint">\(Text(
                "回到并案以前的状态，中间的时间照算。", "It goes back to where it stood; the time meanwhile counts."
            ))</p>
            \(forms.textArea("split", Text("为什么不是同一件事", "Why it is not the same")))
            <button class="btn weak">\(Text("拆出来", "Take out"))</button>
            </form></details></section>
            """
    }
}

/// Joining and parting cases.
enum DeskVoicesRoutes {
    static let all: [Route] = [
        .post("/desk/cases/:id/merge", access: .permission(.casesDispatch), merge),
        .post("/desk/cases/:id/split", access: .permission(.casesDispatch), split),
    ]

    private static func merge(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let form = request.form
        return try await DeskCaseRoutes.perform("merge", id, request, services) { _ in
            let typed = form["into"]?.trimmed ?? ""
            let number = (typed.isEmpty ? form["near"] ?? "" : typed).uppercased()
            try await merge(id, into: number, reason: form["text"] ?? "", request.context, services)
        }
    }

    /// Makes a case a voice of the one with a number.
    ///
    /// - Throws: as `CaseCommands.merge`, `.invalid` for a number that is not in sight.
    static func merge(
        _ id: ID<Case>, into number: String, reason: String, _ context: Context, _ services: Services
    ) async throws {
        let scope = context.actor.scope(for: .casesRead)
        let lead = try await services.database.read { try CaseSearch.numbered(number, scope, $0) }
        guard let lead else {
            throw LinliError.invalid(
                "desk.into", [.init("into", Text("没有这个编号的工单，请核对", "There is no case with this number"))]
            )
        }
        try await services.commands.merge(id, into: lead.id, reason: reason, context)
    }

    private static func split(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        return try await DeskCaseRoutes.perform("split", id, request, services) { _ in
            try await services.commands.split(id, reason: request.form["text"] ?? "", request.context)
        }
    }
}
