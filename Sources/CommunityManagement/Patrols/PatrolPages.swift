import LinliCore
import LinliKernel
import LinliUI

/// The routes of one's grids: which are to be walked now, which were missed.
struct PatrolsTodayPage {
    let routes: [(route: PatrolRoute, walked: Set<CivilDate>, part: PatrolPart?)]
    let running: [Patrol]
    let isOnDuty: Bool
    let error: LinliError?
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames

    var page: Page { Page(Text("巡查", "Patrols"), frame: .grid("/grid/patrols"), body) }

    private var body: HTML {
        """
        <main id="main">
        <h1 class="sr">\(Text("巡查", "Patrols"))</h1>
        \(problem(error))
        \(when: done == "finish", notice(Text("这趟巡完了，辛苦了。", "The round is over. Thank you."), .ok, icon: "done"))
        \(when: done == "part", notice(Text(
            "这趟结束了，不算巡过：点位没签完，或者不在时段里（前后 \(PatrolWalked.tolerance) 分钟内都算）。时段里再巡一趟就补上了。",
            "The round is over and does not count as walked: points were left, or it was not begun within \(PatrolWalked.tolerance) minutes of its window. Another round in the window makes up for it."),
            .warn))
        \(when: done == "begin", notice(Text("先点“开始巡查”，再扫点位码。", "Begin the round first, then scan."), .info))
        \(when: done == "gone", notice(Text("这个点位的地点已经注销，不用巡了；请告诉社区改路线。", "The place of this point is gone: no need to go there; please tell the community to change the route."), .info))
        \(when: !isOnDuty, notice(Text("您现在不在班上：不用巡查，也不记轨迹。", "You are off duty: no rounds, and nothing is recorded."), .info))
        <div class="col"><section class="card" aria-labelledby="h-routes">
        <div class="hd"><h2 id="h-routes">\(Text("巡查路线", "Routes"))</h2></div>
        \(routes.isEmpty
            ? emptyState(
                Text("还没有巡查路线", "No routes yet"),
                Text("社区在工作台“巡查”里排好路线，这里就有。", "The community plans routes at the desk."), icon: "walk")
            : "<ul class=\"lines\">\(each: routes, { "<li class=\"cell\">\(row($0.route, $0.walked, $0.part))</li>" })</ul>")
        </section></div>
        </main>
        """
    }

    private func row(_ route: PatrolRoute, _ walked: Set<CivilDate>, _ part: PatrolPart?) -> HTML {
        """
        <span class="bd"><span class="ttl">\(route.name)</span><span class="sub">\(names[route.division]) · \
        <span class="num">\(route.window)</span></span><span class="sub">\(state(route, walked, part))</span></span>
        \(action(route))
        """
    }

    private func state(_ route: PatrolRoute, _ walked: Set<CivilDate>, _ part: PatrolPart?) -> HTML {
        if walked.contains(now.date) { return tag(Text("今天巡过", "Walked today"), .ok) }
        let tried: HTML = part.map { "\(tag($0.text, .warn)) " as HTML } ?? .empty
        guard route.isDue(on: now.date) else { return tried + tag(Text("今天不用巡", "Not today"), .mute) }
        let isOver = now.secondOfDay / 60 >= route.until
        return tried + (isOver ? tag(Text("今天没巡", "Missed today"), .warn) : tag(Text("今天要巡", "To walk today"), .info))
    }

    private func action(_ route: PatrolRoute) -> HTML {
        if let patrol = running.first(where: { $0.route == route.id }) {
            return "<a class=\"btn\" href=\"/grid/patrols/\(patrol.id)\">\(Text("接着巡", "Go on"))</a>"
        }
        guard isOnDuty, running.isEmpty else { return .empty }
        return """
            <form method="post" action="/grid/patrols">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="route" value="\(route.id)"><button class="btn">\(Text("开始巡查", "Begin"))</button></form>
            """
    }
}

/// A round while it is walked.
struct PatrolWalkPage {
    let patrol: Patrol
    let route: PatrolRoute?
    let points: [PatrolPoint]
    let signs: [ID<PatrolPoint>: (at: Instant, isNormal: Bool)]
    let done: String?
    let days: Int
    let formToken: String
    let now: Instant

    var page: Page { Page(Text("巡查", "Patrol"), frame: .grid("/grid/patrols"), body) }

    private var body: HTML {
        """
        <main id="main" class="one">
        \(said)
        <section class="card"><div class="state"><h1>\(route?.name ?? "")</h1>\
        <p>\(Text("签到 \(signs.count) / \(toWalk)", "\(signs.count) of \(toWalk) points"))</p></div>
        <ul class="lines">\(each: points, { "<li>\(row($0))</li>" })</ul></section>
        \(when: patrol.endedAt == nil, actions)
        </main>
        """
    }

    /// A place that is there no more need not be walked to.
    private var toWalk: Int { points.count { !$0.isGone || signs[$0.id] != nil } }

    /// Points nobody has been at yet.
    private var left: Int { points.count { !$0.isGone && signs[$0.id] == nil } }

    private var said: HTML {
        guard let done else { return .empty }
        if done == "normal" { return notice(Text("记下了：正常。", "Noted: as it should be."), .ok, icon: "done") }
        // Only what looks like a number is shown back.
        guard done.utf8.count <= 30, done.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else {
            return .empty
        }
        return notice(Text("隐患记下了，工单 \(done)。", "The hazard is case \(done)."), .ok, icon: "done")
    }

    private func row(_ point: PatrolPoint) -> HTML {
        let sign = signs[point.id]
        let state: HTML =
            switch sign?.isNormal {
            case true?: tag(Text("正常", "Normal"), .ok)
            case false?: tag(Text("有隐患", "Hazard"), .warn)
            case nil: point.isGone ? tag(Text("不用巡", "Gone"), .mute) : tag(Text("还没到", "To do"), .mute)
            }
        let note = sign.map { "<span class=\"sub num\">\($0.at.time)</span>" as HTML }
        let content: HTML = """
            <span class="bd"><span class="ttl">\(point.name)</span>\(note)\
            \(when: point.isGone, "<span class=\"sub\">\(point.gone)</span>")\
            \(when: point.needsPhoto && sign == nil && !point.isGone, "<span class=\"sub\">\(Text("要拍照", "A photo is asked for"))</span>")</span>\(state)
            """
        guard patrol.endedAt == nil, !point.isGone else { return "<div class=\"cell\">\(content)</div>" }
        return
            "<a class=\"cell\" href=\"/grid/patrols/\(patrol.id)/points/\(point.id)\">\(content)\(icon("chevron"))</a>"
    }

    private var actions: HTML {
        """
        <form method="post" action="/grid/patrols/\(patrol.id)/finish" \
        data-confirm="\(left > 0
            ? Text("还有 \(left) 个点位没签到，现在结束就记作没巡完。结束？", "Points left: \(left). It is noted as not finished. End it?")
            : Text("这趟巡完了？", "End this round?"))">\(LinliUI.formToken(formToken))\
        <button class="btn wide">\(Text("巡完了", "End the round"))</button></form>
        <form method="post" action="/grid/patrols/\(patrol.id)/track" data-track hidden>\(LinliUI.formToken(formToken))\
        <input type="hidden" name="lat"><input type="hidden" name="lon"></form>
        <p class="hint">\(Text("巡查时开着本页，每分钟记一次位置，只为您的安全，只有您和社区负责人能看，\(days) 天后删除；巡完就停。", "While this page is open your position is kept once a minute, for your safety; only you and the community head can see it, for \(days) days. It ends with the round."))</p>
        """
    }
}

/// One point: proof of being there, then one tap, or what was found.
struct PatrolPointPage {
    let patrol: Patrol
    let point: PatrolPoint
    let isSigned: Bool
    let hazards: [Hazards.Hazard]
    let form: Form
    let error: LinliError?
    let once: String
    let formToken: String
    var kept: [String] = []

    var page: Page { Page(Text("巡查 \(point.name)", "Patrol \(point.name)"), frame: .grid("/grid/patrols"), body) }

    private var base: String { "/grid/patrols/\(patrol.id)/points/\(point.id)" }
    private func text(_ name: String) -> Text? { error?.text(for: name) }

    private var body: HTML {
        """
        <main id="main" class="one">
        <div class="card pad"><h1>\(point.name)</h1></div>
        \(problem(error))
        <form class="stack" method="post" action="\(base)/normal" enctype="multipart/form-data" novalidate data-report>
        \(LinliUI.formToken(formToken))<input type="hidden" name="once" value="\(once)">\
        <input type="hidden" name="lat" value="\(form["lat"] ?? "")"><input type="hidden" name="lon" value="\(form["lon"] ?? "")">\
        <input type="hidden" name="accuracy" value="">
        \(isSigned ? tag(Text("已签到", "Signed in"), .ok) : here)
        <section class="card pad">\(PhotoPicker(id: "photos", kept: kept, error: error, isOptional: !point.needsPhoto).html)</section>
        \(when: !isSigned, "<button class=\"btn wide\">\(icon("done"))\(Text("正常", "As it should be"))</button>")
        <section class="card pad stack" aria-labelledby="h-hazard"><h2 id="h-hazard">\(Text("有隐患", "A hazard"))</h2>
        \(hazard)
        </section>
        </form>
        <p><a class="btn plain" href="/grid/patrols/\(patrol.id)">\(icon("back", small: true))\(Text("回路线", "Back to the route"))</a></p>
        </main>
        """
    }

    private var here: HTML {
        """
        <section class="card pad stack"><div class="row"><button class="btn weak" type="button" data-locate hidden>\(icon("locate"))\
        \(Text("定位签到", "Sign in by where I am"))</button><span class="hint" role="status" data-locate-status></span></div>
        \(field(
            Text("点位码", "Code of the point"), for: "code",
            hint: Text("用手机扫点位上的二维码会自动填好；没有网、没有定位时照着抄。", "Scanning the code fills it in; else copy it."),
            optional: true, error: text("code"),
            """
            <input id="code" name="code" maxlength="200" autocomplete="off" autocapitalize="off" spellcheck="false" \
            value="\(form["code"] ?? "")"\(described("code", hint: true, error: text("code")))>
            """))
        </section>
        """
    }

    private var hazard: HTML {
        """
        <fieldset class="field"><legend>\(Text("是什么", "What is it"))</legend><div class="choices two">\(each: hazards, { one in
            choice(
                "hazard", value: one.id, checked: form["hazard"] == one.id, one.name,
                note: one.isDanger ? Text("危险，马上派", "Danger: at once") : nil)
        })</div>\(text("hazard").map { "<p class=\"err\">\($0)</p>" as HTML })</fieldset>
        \(field(Text("具体情况", "More"), for: "text", optional: true, error: text("text"),
            "<textarea id=\"text\" name=\"text\" rows=\"2\" maxlength=\"500\"\(described("text", error: text("text")))>\(form["text"] ?? "")</textarea>"))
        <label class="check"><input type="checkbox" name="settled" value="yes"\(when: form["settled"] == "yes", " checked")>\
        <span>\(Text("已当场解决", "Settled on the spot"))</span></label>
        \(field(Text("做了什么", "What was done"), for: "settledWith", hint: Text("当场解决的才填。", "Only when it is settled."), error: text("settledWith"),
            "<input id=\"settledWith\" name=\"settledWith\" maxlength=\"200\" autocomplete=\"off\" value=\"\(form["settledWith"] ?? "")\"\(described("settledWith", hint: true, error: text("settledWith")))>"))
        \(field(Text("处理后的照片", "A photo of it now"), for: "after", hint: Text("当场解决的要有。", "Needed when it is settled."), error: text("after"),
            "<input id=\"after\" type=\"file\" name=\"after\" accept=\"image/*\"\(described("after", hint: true, error: text("after")))>"))
        <button class="btn danger wide" formaction="\(base)/finding">\(Text("上报隐患", "Report the hazard"))</button>
        """
    }
}
