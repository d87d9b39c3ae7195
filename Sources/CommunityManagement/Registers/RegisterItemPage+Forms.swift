import LinliCore
import LinliKernel
import LinliUI

extension RegisterItemPage {
    /// The forms that do something with it, folded.
    var actions: HTML {
        let content: HTML
        if !item.isHere {
            content = item.mergedInto == nil && !item.isErased ? reopen : .empty
        } else {
            content = """
                <a class="btn wide" href="\(base)/change">\(icon("edit", small: true))\(Text("更正信息", "Correct it"))</a>
                \(when: [.person, .household, .organization].contains(subject.kind), move)
                \(end)
                """
        }
        return content.isEmpty ? .empty : card(Text("办理", "Do"), "<div class=\"pad stack\">\(content)</div>")
    }

    var version: HTML {
        "\(LinliUI.formToken(formToken))<input type=\"hidden\" name=\"version\" value=\"\(item.entry.version)\">"
    }

    private var reopen: HTML {
        """
        <form method="post" action="\(base)/reopen">\(version)\
        <button class="btn wide">\(Text("恢复这条登记", "Bring it back"))</button></form>
        """
    }

    private var move: HTML {
        let error = failed == "add-home" ? nil : error?.text(for: "home")
        let isThis = failed == "move"
        let isLate = isThis && self.error?.text(for: "day") != nil
        return """
            <details class="more"\(when: error != nil || isLate, " open")><summary>\(subject.kind == .organization ? Text("迁址", "Move") : Text("搬家", "Move"))</summary>
            <form class="stack" method="post" action="\(base)/move">\(version)
            \(field(
                Text("搬到哪里", "To where"), for: "home",
                hint: Text("写完整门牌，如 幸福里小区3号楼2单元301。", "The whole address, such as 幸福里小区3号楼2单元301."),
                error: error,
                """
                <input id="home" name="home" maxlength="200" autocomplete="off" value="\(form["home"] ?? "")"\
                \(described("home", hint: true, error: error)) required>
                """))
            \(when: subject.kind == .person, person)
            \(day(Text("哪天搬的", "Moved on"), for: "move-day", isThis: isThis))
            <button class="btn ghost">\(Text("登记搬迁", "Enter the move"))</button></form></details>
            """
    }

    private var person: HTML {
        """
        \(field(Text("怎么住", "As what"), for: "tie", select(
            "tie", ResidenceTie.allCases.filter(\.livesHere).map { (value: $0.rawValue, text: $0.name) },
            selected: form["tie"] ?? "family")))
        \(field(Text("与户主关系", "To the head"), for: "relation", select(
            "relation", HouseholdRelation.allCases.map { (value: $0.rawValue, text: $0.name) },
            selected: form["relation"] ?? "other")))
        \(field(Text("搬进", "Into"), for: "join", select(
            "join", [
                ("own", Text("自己单独一户", "A household of their own")),
                ("first", Text("那里的第一户", "The first household there")),
            ], selected: form["join"] ?? "own")))
        """
    }

    private var end: HTML {
        let reasons = EndReason.of(subject.kind)
        let isThis = failed == "end"
        let isLate = isThis && self.error?.text(for: "day") != nil
        let error = error?.text(for: "reason")
        return """
            <details class="more"\(when: error != nil || isLate, " open")><summary>\(Text("注销", "End"))</summary>
            <form class="stack" method="post" action="\(base)/end" \
            data-confirm="\(Text("注销后不再计入人数，历史保留，可以恢复。确定吗？", "It no longer counts; its history stays. Go on?"))">\(version)
            \(field(Text("原因", "Why"), for: "reason", error: error, select(
                "reason", reasons.map { (value: $0.rawValue, text: $0.name) }, selected: form["reason"],
                empty: Text("请选", "Choose"), attributes: described("reason", error: error))))
            \(day(Text("是哪天的事", "On which day"), for: "end-day", isThis: isThis))
            <button class="btn danger">\(subject.kind == .household ? Text("整户注销", "End the household") : Text("注销", "End it"))\
            </button></form></details>
            """
    }

    // MARK: Reading

    /// Of an entry that is only kept no more is offered, or said to be there, than helps in an emergency.
    private var revealable: [RegisterField] {
        let helpful = ["person.number", "person.phone", "person.contactPhone"]
        return isHidden ? view.sealed.filter { helpful.contains($0.id) } : view.sealed
    }

    private var purposes: [ReadingPurpose] {
        ReadingPurpose.allCases.filter { !isHidden || RegisterReading.opensKept.contains($0) }
    }

    /// What must be said before closely kept fields are shown.
    var reveal: HTML {
        guard mayReveal, item.mergedInto == nil, !revealable.isEmpty, revealed == nil else { return .empty }
        let (purpose, note) = (error?.text(for: "purpose"), error?.text(for: "note"))
        return card(
            Text("看敏感信息", "Read closely kept fields"),
            """
            <form class="pad stack" method="post" action="\(base)/reveal">\(LinliUI.formToken(formToken))
            <fieldset><legend>\(Text("看哪几项", "Which"))</legend>\(each: revealable, { field in
                """
                <label class="check"><input type="checkbox" name="field" value="\(field.id)"\
                \(when: form.all("field").contains(field.id), " checked")><span>\(field.name)</span></label>
                """
            })</fieldset>
            \(field(Text("用途", "What for"), for: "purpose", error: purpose, select(
                "purpose", purposes.map { (value: $0.rawValue, text: $0.name) },
                selected: form["purpose"], empty: Text("请选", "Choose"),
                attributes: described("purpose", error: purpose))))
            \(when: purposes.contains(.service) && !view.offered.isEmpty, ofService)
            \(field(Text("说明", "Note"), for: "note", hint: Text("写具体的事，本人会看到。", "Say what it is about; the person will read it."), error: note, """
                <input id="note" name="note" maxlength="200" autocomplete="off" value="\(form["note"] ?? "")"\
                \(described("note", hint: true, error: note))>
                """))
            <button class="btn ghost">\(Text("查看一次", "Show once"))</button></form>
            """)
    }

    /// Which service it is for; the person reads that, too. The whole catalogue: those the rules give them would tell
    /// whoever opens the page what is kept closely.
    private var ofService: HTML {
        let wrong = error?.text(for: "service")
        return field(
            Text("为哪项服务（用途是“提供服务”时）", "For which service, where it is for one"), for: "reveal-service",
            hint: Text("登记的情况不符合条件的，要在说明里写明为什么。", "Where the rules do not give it to them, the note says why."),
            optional: true, error: wrong,
            select(
                "service", id: "reveal-service", view.offered.map { (value: $0.id, text: $0.name) },
                selected: form["service"], empty: Text("不指明", "Not said"),
                attributes: described("reveal-service", hint: true, error: wrong)))
    }

    // MARK: Ties, photos, twins

    /// What it is tied to.
    var ties: HTML {
        let relations = RegisterRelation.allCases.filter { $0.ends.from.contains(subject.kind) }
        guard !view.links.isEmpty || mayEdit && isOpen && !relations.isEmpty else { return .empty }
        return card(
            Text("关联", "Ties"),
            """
            <ul>\(each: view.links, tie)</ul>
            \(when: mayEdit && isOpen && !relations.isEmpty, newTie(relations))
            """)
    }

    private func tie(_ link: RegisterLink) -> HTML {
        let word = link.isOutgoing ? link.relation.name : Text("被登记为", "As ") + link.relation.name
        return """
            <li><div class="cell"><span class="bd"><span class="ttl">\
            <a href="\(RegisterWords.path(link.other))">\(link.name)</a></span><span class="sub">\(word)</span></span>\
            \(when: mayEdit && isOpen, """
                <form method="post" action="\(base)/unlink">\(LinliUI.formToken(formToken))\
                <input type="hidden" name="link" value="\(link.id)"><button class="btn ghost sm">\(Text("解除", "End"))\
                <span class="sr"> \(link.name)</span></button></form>
                """)</div></li>
            """
    }

    private func newTie(_ relations: [RegisterRelation]) -> HTML {
        let (wrong, other) = (error?.text(for: "relation"), error?.text(for: "other"))
        return """
            <details class="more"\(when: wrong != nil || other != nil, " open")>\
            <summary>\(Text("加关联", "Add a tie"))</summary>
            <form class="stack" method="post" action="\(base)/link">\(LinliUI.formToken(formToken))
            \(field(Text("是什么", "As what"), for: "link-relation", error: wrong, select(
                "relation", id: "link-relation", relations.map { (value: $0.rawValue, text: $0.name) },
                selected: form["relation"], empty: Text("请选", "Choose"),
                attributes: described("link-relation", error: wrong))))
            \(field(
                Text("谁", "Who"), for: "other",
                hint: Text("粘贴对方登记页的网址；同一户的人可以直接写姓名。", "Paste the address of their page; a name is enough for somebody of the household."),
                error: other, """
                <input id="other" name="other" maxlength="200" autocomplete="off" value="\(form["other"] ?? "")"\
                \(described("other", hint: true, error: other))>
                """))
            <button class="btn ghost">\(Text("加上", "Add"))</button></form></details>
            """
    }

    /// Its photos.
    var pictures: HTML {
        guard !view.photos.isEmpty || mayEdit && isOpen else { return .empty }
        return card(
            Text("照片", "Photos"),
            """
            \(when: !view.photos.isEmpty, """
                <div class="shots">\(each: view.photos, { file in
                    """
                    <figure><a href="\(base)/photos/\(file)"><img src="\(base)/photos/\(file)?size=small" \
                    alt="\(Text("\(item.name)的照片", "Photo of \(item.name)"))" loading="lazy"></a>\(when: mayEdit && isOpen, """
                        <figcaption><form method="post" action="\(base)/remove-photo">\(LinliUI.formToken(formToken))\
                        <input type="hidden" name="file" value="\(file)"><button class="btn ghost sm">\
                        \(Text("去掉", "Remove"))</button></form></figcaption>
                        """)</figure>
                    """
                })</div>
                """)
            \(when: mayEdit && isOpen, """
                <form class="pad stack" method="post" action="\(base)/photos" enctype="multipart/form-data">\
                \(LinliUI.formToken(formToken))
                \(PhotoPicker(id: "photos", kept: keptPhotos, error: error, isOptional: false).html)
                <button class="btn ghost">\(Text("加照片", "Add photos"))</button></form>
                """)
            """)
    }

    /// Entries that may be the same.
    var twins: HTML {
        guard isOpen else { return .empty }
        return card(
            Text("可能是同一个", "May be the same"),
            """
            \(sureness)
            \(when: !view.twins.isEmpty, "<ul>\(each: view.twins, twin)</ul>")
            \(when: subject.kind == .dwelling, spelling)
            \(when: subject.kind == .household, family)
            \(when: [.person, .organization, .thing].contains(subject.kind), other)
            """)
    }

    /// Another entry of the same that no sign tells, by the address of its page.
    private var other: HTML {
        let wrong = failed == "merge" ? error?.text(for: "twin") : nil
        return """
            <div class="pad"><details class="more"\(when: wrong != nil, " open")>\
            <summary>\(Text("同一个登记了两次", "It was entered twice"))</summary>
            <form class="stack" method="post" action="\(base)/merge" data-confirm="\(Text(
                "把那一条并进来？住处、信息、关联都并过来，可以撤销。", "Merge it into this one? It can be undone."))">\(version)
            \(field(
                Text("另一条登记", "The other entry"), for: "twin",
                hint: Text("打开另一条，把网址粘贴到这里。并进来以后用这一条。", "Open the other one and paste its address; this one stays."), error: wrong, """
                <input id="twin" name="twin" maxlength="200" autocomplete="off" \
                value="\(failed == "merge" ? form["twin"] ?? "" : "")"\(described("twin", hint: true, error: wrong)) required>
                """))
            <button class="btn ghost">\(Text("并进来", "Merge it"))</button></form></details></div>
            """
    }

    /// When two households are one.
    private var family: HTML {
        """
        <div class="pad"><details class="more"><summary>\(Text("同一家登记了两次", "One family entered twice"))</summary>
        <p>\(Text(
            "在同一处房屋的两户，直接并。在两处房屋的，先到人的页面把重复登记的人合并；有同一个人住在两户里，另一户就会列在上面。并进来的人都算住在这一户，所有的走访、预警也过来；撤销时各归各的。",
            "Two households of one dwelling are merged at once. For two dwellings, first merge the people who were entered twice, on their pages; once somebody lives in both, the other one is listed above. Whoever comes over lives here then, with visits and warnings; undone, everything goes back."
        ))</p>
        <p>\(Text(
            "没有同一个人的两户不能并：两家人只是认识，并了以后谁住哪里就说不清了。搬了家的，用“搬家”。",
            "Two without anybody in common cannot be merged: they are two families, and afterwards nobody could say who lives where. Whoever moved is moved."
        ))</p></details></div>
        """
    }

    private func twin(_ twin: RegisterTwin) -> HTML {
        """
        <li><div class="cell"><span class="bd"><span class="ttl">\
        <a href="\(RegisterWords.path(twin.item.subject))">\(twin.item.name)</a></span>\
        <span class="sub">\(twin.sign.name) · \(names.place(twin.item.division))</span></span>\
        <form method="post" action="\(base)/merge" data-confirm="\(Text(
            "把那一条并进来？住处、信息、关联都并过来，可以撤销。", "Merge it into this one? It can be undone."))">\(version)\
        <input type="hidden" name="other" value="\(RegisterWords.id(twin.item.subject))">\
        <button class="btn ghost sm">\(Text("并进来", "Merge"))<span class="sr"> \(twin.item.name)</span></button></form></div></li>
        """
    }

    /// Another entry of the same dwelling, by how its address is written there.
    private var spelling: HTML {
        let wrong = failed == "merge" ? error?.text(for: "address") : nil
        return """
            <div class="pad"><details class="more"\(when: wrong != nil, " open")>\
            <summary>\(Text("同一处登记了两次", "It was entered twice"))</summary>
            <form class="stack" method="post" action="\(base)/merge" data-confirm="\(Text(
                "把那一处并进来？住的人、户、组织、走访都并过来，可以撤销。", "Merge it into this one? It can be undone."))">\(version)
            \(field(
                Text("另一处的门牌", "The other address"), for: "twin-address",
                hint: Text("照那一处登记的写法写。并过来以后用这一处的写法。", "As it is written there; this one's spelling stays."), error: wrong, """
                <input id="twin-address" name="address" maxlength="200" autocomplete="off" \
                value="\(failed == "merge" ? form["address"] ?? "" : "")"\(described("twin-address", hint: true, error: wrong)) required>
                """))
            <button class="btn ghost">\(Text("并进来", "Merge it"))</button></form></details></div>
            """
    }
}
