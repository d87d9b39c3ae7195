import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// The check of clocks and alerts: silent about what the engine did, and not to be fooled about anything else.
@Suite("时限和提醒的核对")
struct ClockProofTests {
    /// Monday morning at nine.
    private static let start = Instant(CivilDate(daysSinceEpoch: 20_780), hour: 9)

    /// What was done with some cases in four hours, and the cases by what was done.
    private struct Scene {
        var book: ClockBook
        let proof: ClockProof
        let left: ID<Case>
        let paused: ID<Case>
        let extended: ID<Case>
        let refused: ID<Case>
        let handled: ID<Case>

        func rows() -> [ClockProof.Row] { proof.run(book) }
        func wrong(_ name: String) -> [String] { rows().first { $0.name == name }?.wrong ?? ["no row \(name)"] }
    }

    private func tell(_ house: House, isUrgent: Bool) async throws -> ID<Case> {
        var draft = try await house.draft("楼道灯不亮", category: "R0104")
        draft.source = .api
        draft.isUrgent = isUrgent
        return try await house.report(draft, try await house.context(.tenant))
    }

    /// Lets time pass, with the job that climbs coming by every five minutes.
    private func pass(_ minutes: Int, _ house: House) async throws {
        for _ in 0..<minutes / 5 {
            house.clock.advance(minutes: 5)
            try await house.run(job: "cases.escalate")
        }
    }

    private func decided(_ kind: CaseRequestKind, _ reason: String, _ id: ID<Case>, _ house: House) async throws {
        let commands = house.services.commands
        let request = try await commands.ask(
            kind, reason: reason, minutes: 1440, text: "灯具厂家缺货", for: id, try await house.context(.propertyHandler))
        _ = try await commands.decide(request, isGranted: true, text: "属实", try await house.context(.dispatcher))
    }

    private func scene(_ house: House) async throws -> Scene {
        house.clock.set(Self.start)
        let left = try await tell(house, isUrgent: true)
        let paused = try await tell(house, isUrgent: true)
        let extended = try await tell(house, isUrgent: true)
        let refused = try await tell(house, isUrgent: false)
        let handled = try await tell(house, isUrgent: false)
        try await pass(10, house)
        for id in [paused, extended, handled] {
            try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
        }
        try await decided(.pause, "material", paused, house)
        try await pass(30, house)
        try await house.services.commands.contacted(
            .phone, .reached, text: "", on: handled, try await house.context(.propertyHandler))
        try await house.services.commands.resume(paused, try await house.context(.propertyHandler))
        try await pass(20, house)
        try await decided(.extend, "complex", extended, house)
        // Two working hours after they were sent, half of the time to accept is over.
        try await pass(90, house)
        try await house.take(
            CaseStep("finish", text: "换了灯头"), handled, try await house.context(.propertyHandler))
        var refuse = CaseStep("refuse", text: "不是我们管的")
        refuse.reasonClass = "notOurs"
        try await house.take(refuse, refused, try await house.context(.propertyHandler))
        try await pass(30, house)
        let office = try await house.unit("城市管理办公室")
        try await house.take(CaseStep("dispatch", unit: office), refused, try await house.context(.dispatcher))
        try await house.take(CaseStep("accept"), refused, try await house.context(.cityHandler))
        try await pass(60, house)
        let book = try await house.services.database.read {
            try ClockBook(of: "need", by: .api, in: DemoDivision.street, since: Self.start, $0)
        }
        let proof = try ClockProof(
            try house.services.queries.types.current("need"), house.services.catalogue,
            hours: [(9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)], until: house.clock.clock.now, slackMinutes: 1
        )
        return Scene(
            book: book, proof: proof, left: left, paused: paused, extended: extended, refused: refused, handled: handled
        )
    }

    @Test("系统算的和按过程重算的一样：离开过的状态、挂账、延期、退单都算进去", arguments: TestEngine.enabled)
    func holds(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let scene = try await scene(house)
            #expect(scene.book.sheets.count == 5)
            let rows = scene.rows()
            for row in rows { #expect(row.wrong == [] && row.count > 0, "\(row.name)") }
            // Every alert is one of the rungs, and every rung is an alert.
            let (rungs, alerts) = (
                rows.first { $0.name == "rungs that were reached" }, rows.first { $0.name == "alerts, each for a rung" }
            )
            #expect(rungs?.count == alerts?.count)
            func climbed(_ id: ID<Case>, _ clock: String) -> [Int] {
                scene.book.sheets[id]?.alerts.filter { $0.clock == clock }.map(\.rung) ?? []
            }
            #expect(climbed(scene.left, "step") == [0, 1] && climbed(scene.left, "limit") == [0])
            // Half of its time to accept was over before it was refused: that clock is stored no more.
            #expect(climbed(scene.refused, "step").first == 0)
            #expect(climbed(scene.extended, "promise") == [0], "the time that was given moves the rungs to come")
            #expect(climbed(scene.paused, "promise") == [0, 1, 2])
        }
    }

    @Test("没人派的超时由区里督办；两小时时限的一来就响，不急的也算", arguments: TestEngine.enabled)
    func waits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            house.clock.set(Self.start)
            let id = try await tell(house, isUrgent: false)
            var refuse = CaseStep("refuse", text: "不是我们管的")
            refuse.reasonClass = "notOurs"
            try await house.take(refuse, id, try await house.context(.propertyHandler))
            var falling = try await house.draft("外墙瓷砖松动，要掉下来", category: "R0102")
            falling.source = .api
            let loud = try await house.report(falling, try await house.context(.tenant))
            // Two working hours to dispatch are over.
            try await pass(130, house)
            let book = try await house.services.database.read {
                try ClockBook(of: "need", by: .api, in: DemoDivision.street, since: Self.start, $0)
            }
            let proof = try ClockProof(
                try house.services.queries.types.current("need"), house.services.catalogue,
                hours: [(9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)], until: house.clock.clock.now, slackMinutes: 1
            )
            for row in proof.run(book) { #expect(row.wrong == [], "\(row.name)") }
            let district = try #require(book.district)
            let supervised = book.sheets[id]?.alerts.filter { $0.clock == "step" && $0.action == "supervise" }
            #expect(supervised?.map(\.unit) == [district])
            #expect(book.sheets[loud]?.alerts.filter { $0.clock == "urgent" }.count == 1)
        }
    }

    /// What only words say to be of two hours. Somebody says so while it waits to be dispatched, while a unit has not signed
    /// for it, while it is worked on, and never.
    private func guessed(_ house: House) async throws -> (book: ClockBook, proof: ClockProof, ids: [ID<Case>]) {
        house.clock.set(Self.start)
        let (commands, office) = (house.services.commands, try await house.unit("城市管理办公室"))
        var ids: [ID<Case>] = []
        for person in [DemoResident.tenant, .youngMother, .topFloor, .retiredTeacher] {
            var draft = try await house.draft("那面墙看着不太对", category: "R0102")
            (draft.source, draft.doubt) = (.api, [.category])
            ids.append(try await house.report(draft, try await house.context(person)))
        }
        var refuse = CaseStep("refuse", text: "不是我们管的")
        refuse.reasonClass = "notOurs"
        for id in ids.prefix(2) { try await house.take(refuse, id, try await house.context(.propertyHandler)) }
        try await house.take(CaseStep("dispatch", unit: office), ids[1], try await house.context(.dispatcher))
        try await house.take(CaseStep("accept"), ids[2], try await house.context(.propertyHandler))
        try await pass(70, house)
        for id in ids.prefix(3) { try await commands.confirmKind(of: id, try await house.context(.dispatcher)) }
        // In the same moment: which came first is in the order of the lines.
        try await house.take(CaseStep("dispatch", unit: office), ids[0], try await house.context(.dispatcher))
        try await pass(80, house)
        let book = try await house.services.database.read {
            try ClockBook(of: "need", by: .api, in: DemoDivision.street, since: Self.start, $0)
        }
        let proof = try ClockProof(
            try house.services.queries.types.current("need"), house.services.catalogue,
            hours: [(9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)], until: house.clock.clock.now, slackMinutes: 1
        )
        return (book, proof, ids)
    }

    @Test("没把握的推断：人确认以前按一般的算、不响，确认那一刻起才按两小时算、响一次", arguments: TestEngine.enabled)
    func guesses(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (book, proof, ids) = try await guessed(house)
            for row in proof.run(book) { #expect(row.wrong == [] && row.count > 0, "\(row.name)") }
            let rings = ids.map { id in book.sheets[id]?.alerts.filter { $0.clock == "urgent" }.count ?? -1 }
            #expect(rings == [2, 1, 1, 0], "where it waits, and for the unit that gets it")
            let lengths = ids.map { id in book.sheets[id]?.timers.first { $0.clock == "limit" }?.minutes ?? -1 }
            #expect(lengths == [120, 120, 120, 7 * 1440])
            let signing = try #require(book.sheets[ids[1]]?.timers.first { $0.clock == "step" })
            #expect(signing.minutes == 120 && !signing.isWorking && signing.started == Self.start)
            // Had the engine taken each guess for sure from the beginning, or never, the proof would say so.
            for place in 0..<3 {
                for doubt in [CaseDoubt(), CaseDoubt.category] {
                    var changed = book
                    var sheet = try #require(changed.sheets[ids[place]])
                    sheet.lines.removeAll { $0.name == CaseMark.confirmedCategory.rawValue }
                    sheet.doubt = doubt
                    changed.sheets[ids[place]] = sheet
                    let wrong = proof.run(changed).flatMap(\.wrong)
                    #expect(!wrong.isEmpty && wrong.allSatisfy { $0.contains("\(ids[place])") }, "\(place) \(wrong)")
                }
            }
            var sure = book
            sure.sheets[ids[3]]?.doubt = []
            #expect(!proof.run(sure).flatMap(\.wrong).isEmpty)
        }
    }

    @Test("超期以后才挂账的，恢复了还是原来那一刻到期，只是少算停着的时间", arguments: TestEngine.enabled)
    func overdueAndPaused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            house.clock.set(Self.start)
            let id = try await tell(house, isUrgent: true)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, handler)
            func view() async throws -> CaseView { try await house.services.queries.view(id, handler) }
            try await pass(300, house)
            let before = try await view()
            let ranOut = Dictionary(
                uniqueKeysWithValues: before.clocks.compactMap { clock in clock.dueAt.map { (clock.clock, $0) } })
            #expect(ranOut.count >= 3 && ranOut.values.contains { $0 < house.clock.clock.now })
            for _ in 0..<2 {
                try await decided(.pause, "material", id, house)
                try await pass(40, house)
                try await house.services.commands.resume(id, handler)
                try await pass(15, house)
            }
            let after = try await view()
            for clock in after.clocks where ranOut[clock.clock].map({ $0 < Self.start.adding(minutes: 300) }) == true {
                #expect(clock.dueAt == ranOut[clock.clock], "\(clock.clock)")
            }
            #expect(after.item.dueAt == before.item.dueAt)
            let book = try await house.services.database.read {
                try ClockBook(of: "need", by: .api, in: DemoDivision.street, since: Self.start, $0)
            }
            let proof = try ClockProof(
                try house.services.queries.types.current("need"), house.services.catalogue,
                hours: [(9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)], until: house.clock.clock.now, slackMinutes: 1
            )
            for row in proof.run(book) { #expect(row.wrong == [] && row.count > 0, "\(row.name)") }
        }
    }

    @Test("一处不对就说得出来：提醒、级别、时限、时长、痕迹", arguments: TestEngine.enabled)
    func namesWhatIsWrong(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let scene = try await scene(house)
            try alerts(scene)
            try clocks(scene)
        }
    }

    /// What is found in a row when one case is not as it was.
    private func changed(
        _ scene: Scene, _ id: ID<Case>, _ row: String, _ change: (inout ClockBook.Sheet) throws -> Void
    ) throws -> [String] {
        var scene = scene
        var sheet = try #require(scene.book.sheets[id])
        try change(&sheet)
        scene.book.sheets[id] = sheet
        let wrong = scene.wrong(row)
        for sentence in wrong { #expect(sentence.contains("\(id)"), "\(sentence)") }
        return wrong
    }

    private func alerts(_ scene: Scene) throws {
        let (rungs, alerts) = ("rungs that were reached", "alerts, each for a rung")
        let missing = try changed(scene, scene.refused, rungs) { sheet in
            sheet.alerts.removeAll { $0.clock == "step" && $0.round == 1 }
        }
        #expect(missing.count == 1 && missing.first?.contains("step round 1 rung 0: missed") == true, "\(missing)")
        let extra = try changed(scene, scene.refused, alerts) { sheet in
            var alert = try #require(sheet.alerts.first)
            (alert.clock, alert.round, alert.rung, alert.action) = ("limit", 1, 0, "raise")
            (alert.at, alert.meantFor) = (Self.start.adding(minutes: 100), Self.start.adding(minutes: 100))
            alert.unit = scene.book.district
            sheet.alerts.append(alert)
        }
        #expect(extra.count == 1 && extra.first?.contains("limit round 1 rung 0: an alert for a rung") == true)
        let early = try changed(scene, scene.left, rungs) { sheet in
            let place = try #require(sheet.alerts.firstIndex { $0.clock == "promise" && $0.rung == 1 })
            sheet.alerts[place].meantFor = sheet.alerts[place].meantFor.adding(minutes: -10)
        }
        #expect(early.count == 1 && early.first?.contains("promise round 1 rung 1: meant for") == true, "\(early)")
        let level = try changed(scene, scene.left, rungs) { sheet in
            let place = try #require(sheet.alerts.firstIndex { $0.clock == "limit" })
            sheet.alerts[place].unit = scene.book.centre
        }
        #expect(level.count == 1 && level.first?.contains("whose it is not to hear") == true, "\(level)")
        let action = try changed(scene, scene.left, rungs) { sheet in
            let place = try #require(sheet.alerts.firstIndex { $0.clock == "limit" })
            sheet.alerts[place].action = "remind"
        }
        #expect(action.count == 1 && action.first?.contains("remind, not raise") == true, "\(action)")
        let twice = try changed(scene, scene.left, alerts) { sheet in
            sheet.alerts.append(try #require(sheet.alerts.first { $0.clock == "limit" }))
        }
        #expect(twice.count == 1 && twice.first?.contains("2 times") == true, "\(twice)")
        let marks = try changed(scene, scene.left, "marks in histories") { sheet in
            sheet.lines.append(try #require(sheet.lines.last { $0.name == "raise" }))
        }
        #expect(marks.count == 1 && marks.first?.contains("2 marks for 1 alerts") == true, "\(marks)")
        let quiet = try changed(scene, scene.left, "alerts of urgent cases") { sheet in
            sheet.alerts.removeAll { $0.clock == "urgent" }
        }
        #expect(quiet.count == 1)
    }

    private func clocks(_ scene: Scene) throws {
        func timer(_ sheet: ClockBook.Sheet, _ clock: String) throws -> Int {
            try #require(sheet.timers.firstIndex { $0.clock == clock })
        }
        for id in [scene.paused, scene.extended, scene.refused] {
            let deadline = try changed(scene, id, "deadlines") { sheet in
                let place = try timer(sheet, "limit")
                sheet.timers[place].due = sheet.timers[place].due?.adding(minutes: 1)
            }
            #expect(deadline.count == 1 && deadline.first?.contains("limit") == true, "\(deadline)")
            let length = try changed(scene, id, "lengths of clocks") { sheet in
                sheet.timers[try timer(sheet, "promise")].minutes += 10
            }
            #expect(length.count == 1 && length.first?.contains("promise") == true, "\(length)")
        }
        let late = try changed(scene, scene.handled, "deadlines") { sheet in
            sheet.timers[try timer(sheet, "limit")].isLate = true
        }
        #expect(late.count == 1 && late.first?.contains("late true, not false") == true, "\(late)")
        let start = try changed(scene, scene.left, "starts and stops of clocks") { sheet in
            let place = try timer(sheet, "response")
            sheet.timers[place].started = sheet.timers[place].started.adding(minutes: 1)
        }
        #expect(start.count == 1 && start.first?.contains("response") == true, "\(start)")
        let gone = try changed(scene, scene.left, "starts and stops of clocks") { sheet in
            sheet.timers.removeAll { $0.clock == "limit" }
        }
        #expect(gone.count == 1 && gone.first?.contains("limit: is not there") == true, "\(gone)")
        // More time that nobody granted: the history says otherwise.
        let ungranted = try changed(scene, scene.extended, "lengths of clocks") { $0.given = [] }
        #expect(ungranted.count == 3, "step, promise and limit: \(ungranted)")
        let unpaused = try changed(scene, scene.paused, "deadlines") { sheet in
            sheet.lines.removeAll { $0.name == "grantPause" }
        }
        #expect(!unpaused.isEmpty)
    }
}
