import LinliCore
import LinliKernel
import LinliUI

/// The card of a case's page on which staff decide what neighbours see.
struct ClearingCard {
    let view: CaseView
    let mayPublish: Bool
    let attempt: ClearingAttempt?
    let formToken: String

    private var item: CaseRecord { view.item }

    var html: HTML {
        guard let publication = view.publication else { return .empty }
        return """
            <section class="card" id="publication" aria-labelledby="h-pub">
            <div class="hd"><h2 id="h-pub">\(Text("公开", "Public"))</h2>\(ClearingCard.state(publication))</div>
            <div class="pad stack">
            <p class="note">\(ClearingCard.explanation(publication))</p>
            \(when: publication.state == .cleared, """
                <p><a href="\(CasePath.neighbour(item.number))">\(Text("看邻居看到的样子", "See what neighbours see"))</a></p>
                """)
            \(when: mayPublish && isOpen(publication), problem(attempt?.error) + form(publication))
            </div></section>
            """
    }

    /// Whether staff may decide: what its reporter or its nature keeps private is not theirs.
    private func isOpen(_ publication: CasePublication) -> Bool {
        publication.withheldBy == .nobody || publication.withheldBy == .staff
    }

    private static func state(_ publication: CasePublication) -> HTML {
        switch publication.state {
        case .waiting: tag(Text("待公开审核", "To be cleared"), .warn)
        case .cleared:
            publication.isDue ? tag(Text("结果待公开", "Result to be told"), .warn) : tag(Text("已公开", "Public"), .ok)
        case .withheld: tag(Text("不公开", "Private"), .mute)
        }
    }

    private static func explanation(_ publication: CasePublication) -> Text {
        switch (publication.state, publication.withheldBy) {
        case (.waiting, _) where publication.consent == .given:
            Text(
                "反映人愿意公开。请去掉姓名、门牌、电话和认得出人的话，选好照片再公开；原文不变。",
                "Its reporter wants it to be seen. Take out names, doors, phones and what tells who it is, choose the photos; the original stays."
            )
        case (.waiting, _):
            Text(
                "公共空间的设施、环境，可以公开。请去掉认得出人的话，选好照片再公开；原文不变。",
                "About public space, so it may be public. Take out what tells who it is, choose the photos; the original stays."
            )
        case (.cleared, _) where publication.isDue:
            Text("已经办完，请把怎么办的也写给邻居看。", "It is done: tell neighbours what was done, too.")
        case (.cleared, _): Text("邻居看到的是下面的文字和勾选的照片。", "Neighbours see these words and the photos that are ticked.")
        case (.withheld, .reporter): Text("反映人不愿意公开，或者已经撤回。", "Its reporter does not want it, or took the case back.")
        case (.withheld, .nature):
            Text("投诉、举报不公开，除非反映人自己提出公开投诉。", "Complaints and tip-offs stay private, unless who complained asks for it.")
        case (.withheld, .kind): Text("这一类事情不公开，除非反映人愿意。", "This kind stays private unless its reporter wants it.")
        case (.withheld, _): Text("工作人员决定不公开，可以改主意。", "Staff decided to keep it private; that can be changed.")
        }
    }

    // MARK: The form

    /// What the form begins with: what was typed, else what neighbours see, else what was told.
    private func proposal(_ publication: CasePublication) -> Clearing {
        if let attempt { return attempt.clearing }
        // What a grid worker settled on the spot stands in the first line.
        let words = view.entries.last { $0.transition == "finish" } ?? view.entries.first { $0.transition == "report" }
        let done = words?.text ?? ""
        guard publication.publishedAt == nil else {
            return Clearing(
                title: publication.title, text: publication.text,
                result: publication.result.isEmpty && publication.isDue ? done : publication.result,
                address: publication.address, photos: publication.photos
            )
        }
        // Where it is stays empty, which means the register's public place: what was told may name a door.
        return Clearing(
            title: String(item.title.prefix(40)), text: String(item.text.prefix(1000)),
            result: view.state.isFinal || view.state.owner == .reporter ? String(done.prefix(1000)) : "", address: ""
        )
    }

    private func form(_ publication: CasePublication) -> HTML {
        let clearing = proposal(publication)
        let isPublic = publication.state == .cleared
        return """
            <form class="stack" method="post" action="\(CasePath.desk(item.id))/publication" \
            data-draft="case-\(item.id)-publish">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="version" value="\(publication.version)">
            \(line("title", Text("标题", "Title"), clearing.title, limit: 40))
            \(area("words", Text("内容", "Text"), clearing.text, rows: 4))
            \(line("address", Text("地点", "Where"), clearing.address, limit: 60, hint: ClearingCard.whereHint))
            \(area("result", Text("怎么办的", "What was done"), clearing.result, rows: 3, isOptional: true))
            \(when: !view.photos.isEmpty, photos(clearing))
            \(when: attempt != nil && attempt?.error == nil, preview(clearing))
            <div class="btns">
            <button class="btn" name="do" value="publish">\(isPublic ? Text("保存改动", "Save") : Text("公开", "Publish"))</button>
            <button class="btn ghost" name="do" value="preview" formnovalidate>\(Text("预览", "Preview"))</button>
            \(when: publication.state != .withheld, """
                <button class="btn ghost" name="do" value="withhold" formnovalidate>\
                \(isPublic ? Text("撤下，不再公开", "Take it down") : Text("不公开", "Keep private"))</button>
                """)
            </div></form>
            """
    }

    private static let whereHint = Text(
        "写到路段、小区为止，不写楼号门牌；不写就用地点登记里的公共地点。",
        "A street or an estate, never a building or door; left empty, the public place of the register."
    )

    private func line(
        _ name: String, _ label: Text, _ value: String, limit: Int, hint: Text? = nil
    ) -> HTML {
        let error = attempt?.error?.text(for: name)
        return field(
            label, for: "pub-\(name)", hint: hint, optional: name != "title", error: error,
            """
            <input id="pub-\(name)" name="\(name)" value="\(value)" maxlength="\(limit)"\(when: name == "title", " required")\
            \(described("pub-\(name)", hint: hint != nil, error: error))>
            """
        )
    }

    private func area(_ name: String, _ label: Text, _ value: String, rows: Int, isOptional: Bool = false) -> HTML {
        let error = attempt?.error?.text(for: name)
        return field(
            label, for: "pub-\(name)", optional: isOptional, error: error,
            """
            <textarea id="pub-\(name)" name="\(name)" rows="\(rows)" maxlength="1000"\(when: !isOptional, " required")\
            \(described("pub-\(name)", error: error))>\(value)</textarea>
            """
        )
    }

    private func photos(_ clearing: Clearing) -> HTML {
        """
        <fieldset><legend>\(Text("公开哪些照片", "Which photos"))</legend>
        <p class="hint">\(Text("有人脸、车牌、门牌的不要选。", "None with faces, number plates or door numbers."))</p>
        <div class="picks">\(each: view.photos.enumerated(), { index, photo in
            let name = photo.kind == "after" ? Text("办理后 \(index + 1)", "After \(index + 1)") : Text("办理前 \(index + 1)", "Before \(index + 1)")
            return """
                <label class="pick"><img src="\(CasePath.photo(item.id, photo.file, isThumbnail: true))" alt="" loading="lazy" \
                width="320" height="240"><span><input type="checkbox" name="photo" value="\(photo.file)"\
                \(when: clearing.photos.contains(photo.file), " checked")>\(name)</span></label>
                """
        })</div>
        </fieldset>
        """
    }

    private func preview(_ clearing: Clearing) -> HTML {
        """
        <section class="alert info" role="status" aria-label="\(Text("预览", "Preview"))">\(icon("globe"))<div class="bd">
        <p class="note">\(Text("邻居会看到：", "Neighbours will see:"))</p>
        <h3>\(clearing.title)</h3>
        \(PublicCasePage.paragraphs(clearing.text))
        \(when: !clearing.address.isEmpty, "<p class=\"note\">\(clearing.address)</p>")
        \(when: !clearing.result.isEmpty, "<p><b>\(Text("怎么办的：", "What was done: "))</b></p>\(PublicCasePage.paragraphs(clearing.result))")
        <p class="note">\(Text("照片 \(clearing.photos.count) 张", "\(clearing.photos.count) photos"))</p>
        </div></section>
        """
    }
}
