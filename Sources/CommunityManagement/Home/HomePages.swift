import LinliCore
import LinliKernel
import LinliUI

/// The home page's wording, for everybody and for elders.
enum HomePages {
    static func page(_ model: HomeModel, _ names: DivisionNames, isElder: Bool) -> Page {
        let name = model.community.map { Text(same: names[$0]) } ?? Text("邻里", "Linli")
        let body: HTML = isElder ? elder(model, name) : standard(model, name, names)
        return Page(Text("首页", "Home"), frame: .resident(.home), body)
    }

    // MARK: For everybody

    private static func standard(_ model: HomeModel, _ name: Text, _ names: DivisionNames) -> HTML {
        """
        <main id="main">
        <h1 class="sr">\(name)</h1>
        <div class="col">
        \(lead)
        \(calls(model))
        </section>
        \(staff(model))
        \(cases(model, isElder: false))
        \(model.account == nil ? visitorServices : residentServices)
        </div>
        <div class="col side">
        \(worker(model, names))
        \(committee(model))
        </div>
        </main>
        """
    }

    private static let lead: HTML = """
        <section class="card" aria-label="\(Text("反映问题和电话", "Report and call"))">
        <a class="lead-act" href="/report">\(icon("camera"))<span class="bd"><b>\(Text("反映问题", "Report a problem"))</b>\
        <small>\(Text("拍照、说话、写字都行", "A photo, your voice or a few words"))</small></span>\(icon("chevron"))</a>
        """

    private static func calls(_ model: HomeModel) -> HTML {
        let committee = call(model.committee, "phone", committeeName(model.committee))
        let manager = call(model.manager, "tools", managerName(model.manager))
        return committee.isEmpty && manager.isEmpty ? .empty : "<div class=\"calls\">\(committee)\(manager)</div>"
    }

    private static func call(_ unit: UnitSummary?, _ symbol: String, _ words: Text) -> HTML {
        guard let unit, let link = NeedWords.telephone(unit.phone) else { return .empty }
        return "<a href=\"\(link)\">\(icon(symbol))\(words)<small class=\"num\">\(unit.phone)</small></a>"
    }

    static func committeeName(_ unit: UnitSummary?) -> Text {
        unit?.kind == .village ? Text("村委会", "Village Committee") : Text("居委会", "Residents' Committee")
    }

    private static func managerName(_ unit: UnitSummary?) -> Text {
        unit?.kind == .property ? Text("物业值班", "Property desk") : Text("房屋管理", "House manager")
    }

    /// What staff open from here: their own place of work.
    static func staff(_ model: HomeModel) -> HTML {
        guard model.hasDesk || model.hasGrid || model.hasAccounts || model.hasAudit else { return .empty }
        return """
            <section class="card" aria-label="\(Text("我的工作", "My work"))">
            \(when: model.hasGrid, entry("/grid", "walk", Text("网格工作", "Grid work"), Text("今天的走访、上报和工单", "Today's rounds, reports and cases")))
            \(when: model.hasDesk, entry("/desk", "desk", Text("工作台", "Desk"), Text("待签收、待派单、办理中的工单", "Cases to accept, dispatch and handle")))
            \(when: model.hasAccounts, entry("/admin/accounts", "people", Text("账号和职责", "Accounts and duties"), Text("谁能进来，能做什么", "Who comes in, and what they may do")))
            \(when: model.hasAudit, entry("/admin/audit", "shield", Text("审计", "Audit"), Text("谁在什么时候看过、改过什么", "Who read and changed what, and when")))
            </section>
            """
    }

    private static func entry(_ path: String, _ symbol: String, _ title: Text, _ note: Text) -> HTML {
        """
        <a class="cell" href="\(path)">\(icon(symbol))<span class="bd"><span class="ttl">\(title)</span>\
        <span class="sub">\(note)</span></span>\(icon("chevron"))</a>
        """
    }

    private static let visitorServices = services(isKnown: false)
    private static let residentServices = services(isKnown: true)

    private static func services(isKnown: Bool) -> HTML {
        """
        <section class="card" aria-label="\(Text("常用服务", "Services"))">
        <div class="grid">
        \(service("/report?for=family", "family", Text("替家人反映", "For my family")))
        \(service("/neighbourhood", "people", Text("大家反映的事", "By neighbours")))
        \(service("/find", "search", Text("凭回执查进度", "Look up by receipt")))
        \(service("/visit", "door", Text("走访", "Visits")))
        \(when: isKnown, service("/mine", "list", Text("我反映的事", "My needs")))
        \(service("/me", "user", isKnown ? Text("我的账号", "My account") : Text("登录", "Sign in")))
        </div>
        </section>
        """
    }

    private static func service(_ path: String, _ symbol: String, _ words: Text) -> HTML {
        "<a href=\"\(path)\"><span>\(icon(symbol))</span><span>\(words)</span></a>"
    }

    private static func worker(_ model: HomeModel, _ names: DivisionNames) -> HTML {
        guard let worker = model.worker else { return .empty }
        return """
            <section class="card" aria-labelledby="gw">
            <div class="hd"><h2 id="gw">\(Text("我的网格员", "My grid worker"))</h2>\(when: worker.isOnDuty, onDutyTag)</div>
            <div class="cell"><span class="av" aria-hidden="true">\(String(worker.name.prefix(1)))</span>
            <span class="bd"><span class="ttl">\(worker.name)</span><span class="sub">\(sub(model, worker, names))</span></span>
            \(NeedWords.callButton(model.committee?.phone ?? "", Text("打电话", "Call")))</div>
            </section>
            """
    }

    static let onDutyTag: HTML = tag(Text("今天在岗", "On duty today"), .ok)

    private static func sub(_ model: HomeModel, _ worker: HomeModel.Worker, _ names: DivisionNames) -> Text {
        let place = Text(same: names[worker.grid])
        guard !worker.isOnDuty, let name = model.onDuty else {
            return place + Text(" · 电话打到居委会", " · the committee answers the phone")
        }
        return place + Text(" · 今天值班：\(name)", " · on duty today: \(name)")
    }

    /// The committee by name, for who has no grid worker to call.
    private static func committee(_ model: HomeModel) -> HTML {
        guard let unit = model.committee, model.worker == nil else { return .empty }
        return """
            <section class="card" aria-labelledby="cm">
            <div class="hd"><h2 id="cm">\(committeeName(unit))</h2>\(when: model.onDuty != nil, onDutyTag)</div>
            <div class="cell"><span class="bd"><span class="ttl">\(unit.name)</span>
            \(model.onDuty.map { "<span class=\"sub\">\(Text("今天值班：\($0)", "On duty today: \($0)"))</span>" as HTML })</span>
            \(NeedWords.callButton(unit.phone, Text("打电话", "Call")))</div>
            </section>
            """
    }

    // MARK: My cases

    static func cases(_ model: HomeModel, isElder: Bool) -> HTML {
        guard model.account != nil else { return .empty }
        let topics = model.cases.map { CasePath.topic($0.row.id) }.joined(separator: " ")
        return """
            <section class="card"\(when: !topics.isEmpty, " data-live=\"\(topics)\" data-live-src=\"/home/cases\"")>
            \(myCases(model, isElder: isElder))
            </section>
            """
    }

    static func myCases(_ model: HomeModel, isElder: Bool) -> HTML {
        let title = isElder ? Text("我的事", "Mine") : Text("我反映的事", "My needs")
        guard !model.cases.isEmpty else {
            return """
                <div class="hd"><h2>\(title)</h2></div>
                \(emptyState(
                    Text("还没有反映过事情", "Nothing yet"),
                    Text("看到灯不亮、水管漏，拍一张就行。办到哪一步，这里随时能看。", "Seen a dark lamp or a leaking pipe? One photo is enough, and you can follow it here.")
                ))
                """
        }
        return """
            <div class="hd"><h2>\(title)</h2><a href="/mine">\(Text("全部", "All"))</a></div>
            \(each: model.cases, { NeedWords.card($0, now: model.now, withSteps: true) })
            """
    }
}
