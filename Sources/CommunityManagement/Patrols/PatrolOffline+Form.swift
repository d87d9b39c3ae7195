import LinliCore
import LinliKernel
import LinliSQL

extension PatrolOffline {
    /// What is asked to complete what was noted at a point: whether it was as it should be, what was found, the code.
    static func form(
        _ entry: OfflineStore.Undecided, _ context: Context, _ services: Services
    ) async throws -> OfflineForm? {
        let body = entry.body
        // A sign, a finding, or what nobody has said yet of the two; the end of a round has nothing to complete.
        guard ["sign", "finding", ""].contains(body.text("kind")), let id: ID<PatrolRoute> = body.id("route"),
            let spot: ID<PatrolPoint> = body.id("point")
        else { return nil }
        let found = try await services.database.read { tx -> (PatrolRoute, PatrolPoint, isSigned: Bool)? in
            guard let route = try PatrolStore.anyRoute(id, tx), context.actor.may(.casesReport, in: route.division),
                let point = try PatrolStore.anyPoint(spot, tx), point.route == route.id
            else { return nil }
            let isSigned = try hasSign(entry, at: point, context, tx)
            return (route, point, isSigned: isSigned)
        }
        guard let (route, point, isSigned) = found else { return nil }
        let chosen = body.text("hazard")
        let hazards = try hazards(of: route, at: entry.issuedAt, chosen, services)
        var form = OfflineForm()
        form.about = Text(same: "\(route.name) · \(point.name)")
        form.controls = [kind(body), hazard(hazards, chosen)] + words(body)
        form.photos = OfflineForm.Photos(
            isOptional: isSigned || !point.askedPhoto(at: entry.issuedAt), takesAfter: true)
        if !isSigned, body.text("code").isEmpty, body.number("lat") == nil || body.number("lon") == nil {
            form.missing = Text(
                "当时没有定位，也没有点位码。抄下点位码的可以填在下面；没有的，这一条在这里补不了，请回到点位，在“巡查”里重新签到，下面是您写的。",
                "There was neither a position nor a code. Who copied the code enters it below; without one this cannot be completed here: go to the point and sign in again on the page of rounds. Below is what you wrote."
            )
            form.path = "/grid/patrols"
        }
        return form
    }

    /// Whether the round of the work has a sign at the point: then nothing has to prove again that they were there.
    private static func hasSign(
        _ entry: OfflineStore.Undecided, at point: PatrolPoint, _ context: Context, _ tx: ReadTx
    ) throws -> Bool {
        guard let account = context.actor.account else { return false }
        let body = entry.body
        let round: Patrol?
        if let id: ID<Patrol> = body.id("patrol") {
            round = try PatrolStore.patrol(id, tx)
        } else {
            let begun = PatrolWork.begun(body, at: entry.at, since: entry.issuedAt).date
            round =
                try PatrolStore.patrol(named: body.text("round"), of: account, tx)
                ?? PatrolStore.joinable(point.route, of: account, on: begun, tx)
        }
        guard let round, round.worker == account, round.route == point.route else { return false }
        return try PatrolStore.signs(of: round.id, tx)[point.id] != nil
    }

    /// What may have been found: by the list that holds, and by the one before where that was the one that went along: the
    /// one of `moment`, when the phone got it.
    private static func hazards(
        of route: PatrolRoute, at moment: Instant, _ chosen: String, _ services: Services
    ) throws -> [Hazards.Hazard] {
        var all = try Hazards(route.checklist, services.catalogue).all
        guard let text = route.checklistBefore, let since = route.checklistSince else { return all }
        let before = try Hazards(text, services.catalogue)
        guard moment < since || before[chosen] != nil else { return all }
        all += before.all.filter { old in !all.contains { $0.id == old.id } }
        return all
    }

    /// Normal or not: a photo alone does not say which.
    private static func kind(_ body: [String: JSONValue]) -> OfflineForm.Control {
        let isOpen = body.flag("unfinished") && body.text("hazard").isEmpty
        return OfflineForm.Control(
            "kind", Text("这个点位", "This point"),
            .choice(
                [
                    (value: "sign", text: Text("正常", "As it should be")),
                    (value: "finding", text: Text("有隐患，要上报", "A hazard, to report")),
                ], empty: Text("请选", "Please choose")),
            value: isOpen ? "" : body.text("kind"))
    }

    private static func hazard(_ hazards: [Hazards.Hazard], _ chosen: String) -> OfflineForm.Control {
        OfflineForm.Control(
            "hazard", Text("是什么隐患", "Which hazard"),
            .choice(hazards.map { (value: $0.id, text: $0.name) }, empty: Text("没有，或还没选", "None, or not chosen yet")),
            value: chosen, hint: Text("有隐患才选。", "Only for a hazard."), isOptional: true)
    }

    private static func words(_ body: [String: JSONValue]) -> [OfflineForm.Control] {
        // Written on the phone without the tick that it is settled: shown, and not taken for settled.
        let unticked = body.text("did").trimmed
        let settles = Text("当场解决的才填，要有处理后的照片。", "Only when it is settled, with a photo of it now.")
        let written = Text(
            "手机里没有勾“已当场解决”，写的是“\(unticked)”。", "Without the tick that it is settled the phone has “\(unticked)”. ")
        return [
            OfflineForm.Control(
                "text", Text("具体情况", "More"), .words(limit: 500), value: body.text("text"), isOptional: true),
            OfflineForm.Control(
                "settled", Text("当场做了什么", "What was done"), .words(limit: 200), value: body.text("settled"),
                hint: unticked.isEmpty ? settles : written + settles, isOptional: true),
            OfflineForm.Control(
                "code", Text("点位码", "Code of the point"), .line(limit: 200), value: body.text("code"),
                hint: Text("定位签到的不用填；离得远、没定到位的，照点位上的码抄。", "Not needed where you were located at the point."),
                isOptional: true),
        ]
    }

    /// What cannot be both, and what nobody has said.
    ///
    /// - Throws: `.invalid` naming what to choose.
    static func check(_ body: [String: JSONValue]) throws {
        switch body.text("kind") {
        case "":
            throw LinliError.invalid(
                "patrols.kind", [.init("kind", Text("请选正常，还是有隐患", "Please choose: as it should be, or a hazard"))])
        case "sign" where !body.text("hazard").isEmpty || !body.text("text").trimmed.isEmpty:
            throw LinliError.invalid(
                "patrols.kind",
                [
                    .init(
                        "kind",
                        Text("选了“正常”，又写了隐患：请改一处", "It says that all is well and tells of a hazard: change one"))
                ])
        default: return
        }
    }
}
