import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// The proofs of the rates can fail: whatever is changed behind the program's back is found and named.
@Suite("三率的证明")
struct RateProofTests {
    private static let month = 202_611

    /// The columns of the sums.
    private static let sums: [SQL] = [
        "requests", "rounds", "exclusions", "withdrawals", "due", "responded", "asked", "answered", "solved",
        "unreached", "very", "satisfied", "basic", "unsatisfied", "very_unsatisfied",
    ]

    private func differences(_ house: House) async throws -> [String] {
        let month = try #require(AssessmentMonth(Self.month))
        return try await house.services.database.read { try RateMonths.recount(month, $0).differences }
    }

    @Test("汇总的每一栏、每一层被改动都查得出；重建出来的和逐行数的一样", arguments: TestEngine.enabled)
    func tamperedSums(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.proveRates()
            let database = house.services.database
            // One statement of the store makes the sums anew; adding the rows up one by one must give the same.
            try await database.system { try RateMonths.rebuild($0) }
            try await house.proveRates()
            let places: [(division: DivisionCode, isOfUnits: Bool)] = [
                (DemoDivision.district, false), (DemoDivision.street, true), (DemoDivision.happiness, false),
            ]
            for place in places {
                let which: SQL = """
                    division = \(place.division) AND month = \(Self.month) AND rounds > 0
                    AND \(place.isOfUnits ? "unit_id > 0" : "unit_id = 0" as SQL)
                    """
                for column in Self.sums {
                    func add(_ change: SQL) async throws {
                        try await database.system {
                            _ = try $0.execute("UPDATE rate_month SET \(column) = \(column) \(change) WHERE \(which)")
                        }
                    }
                    try await add("+ 1")
                    #expect(try await !differences(house).isEmpty, "\(column) of \(place.division) may be changed")
                    try await add("- 1")
                }
            }
            #expect(try await differences(house) == [])
            try await database.system {
                _ = try $0.execute("DELETE FROM rate_month WHERE division = \(DemoDivision.district) AND unit_id = 0")
            }
            #expect(try await !differences(house).isEmpty, "sums may be missing")
        }
    }

    @Test("评价记录和办理过程一致：演示社区的每一件，和各种曲折的", arguments: TestEngine.enabled)
    func histories(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let demo = try await house.services.queries.proveEvidence()
            #expect(demo.differences == [])
            #expect(demo.cases >= 60 && demo.rounds >= 60 && demo.cut == 0)
            try await contested(house)
            try await silent(house)
            try await missed(house)
            try await excluded(house)
            try await repaired(house)
            try await accused(house)
            try await passedOn(house)
            let proof = try await house.services.queries.proveEvidence()
            #expect(proof.differences == [])
            #expect(proof.cases == demo.cases + 7 && proof.rounds == demo.rounds + 10)
            #expect(try await house.services.queries.proveEvidence(newest: 5).cases <= 5)
            try await house.proveRates()
        }
    }

    /// Not solved, dispatched to another unit, refused there, done again, solved.
    private func contested(_ house: House) async throws {
        let resident = try await house.context(.tenant)
        let id = try await house.finished(resident)
        try await house.take(CaseStep("contest", text: "没好"), id, resident)
        let office = try await house.unit("城市管理办公室")
        try await house.take(CaseStep("dispatch", unit: office), id, house.context(.dispatcher))
        var refuse = CaseStep("refuse", text: "不是我们管的")
        refuse.reasonClass = "notOurs"
        try await house.take(refuse, id, house.context(.cityHandler))
        let property = try await house.unit("安居物业")
        let again = CaseStep("dispatch", text: "维保合同在它，请换人", unit: property)
        try await house.take(again, id, house.context(.dispatcher))
        try await house.finish(id, by: .propertyManager)
        var answer = CaseStep("confirm")
        answer.stars = 4
        try await house.take(answer, id, resident)
        let rows = try await house.outcomes(id)
        #expect(rows.map(\.unit) == [property, property] && rows.map(\.isSolved) == [false, true])
    }

    /// Nobody answers, and the street checks it, because the same person told the same a moment before; after the end
    /// somebody says that it is not solved.
    private func silent(_ house: House) async throws {
        let id = try await house.finished(try await house.context(.tenant))
        house.clock.advance(minutes: 4 * 1440)
        try await house.run(job: "cases.lapse")
        #expect(try await house.state(id) == "checking")
        try await house.take(CaseStep("pass"), id, house.context(.dispatcher))
        let resident = try await house.context(.tenant)
        try await house.take(CaseStep("reopen", text: "其实没修"), id, resident)
        let property = try await house.unit("安居物业")
        let again = CaseStep("dispatch", text: "维保合同在它，请换人", unit: property)
        try await house.take(again, id, house.context(.dispatcher))
        #expect(try await house.outcomes(id).map(\.isSolved) == [false, nil])
    }

    /// Called three times, never reached.
    private func missed(_ house: House) async throws {
        let id = try await house.finished(try await house.context(.tenant))
        for _ in 0..<3 {
            house.clock.advance(minutes: 60)
            try await house.services.commands.followUp(
                .missed(.noAnswer, callAgainAt: nil), of: id, try await house.context(.dispatcher))
        }
        #expect(try await house.outcomes(id).map(\.isUnreached) == [true])
    }

    /// Left out of the rates.
    private func excluded(_ house: House) async throws {
        let id = try await house.finished(try await house.context(.tenant))
        let commands = house.services.commands
        let request = try await commands.ask(
            .exclude, reason: "lawsuit", minutes: 0, text: "已经起诉", for: id, try await house.context(.propertyHandler))
        _ = try await commands.decide(request, isGranted: true, text: "属实", try await house.context(.dispatcher))
        #expect(try await house.outcomes(id).map(\.exclusion) == ["lawsuit"])
    }

    /// A repair that was not good goes straight back to who did it: that is an answer, and a round of its own.
    private func repaired(_ house: House) async throws {
        let resident = try await house.context(.tenant)
        let handler = try await house.context(.propertyHandler)
        var draft = try await house.draft("水龙头关不上")
        draft.type = "repair"
        draft.answers = ["entry": "shared"]
        let id = try await house.report(draft, resident)
        func repair() async throws {
            var finish = CaseStep("finish", text: "换了阀芯")
            finish.photos = [try await house.photo(handler)]
            try await house.take(finish, id, handler)
        }
        let unit = try await house.unit("安居物业")
        let first: ID<LinliKernel.Unit>? = try await house.value("SELECT handler_unit FROM case_item WHERE id = \(id)")
        if first != unit {
            try await house.take(CaseStep("dispatch", unit: unit), id, house.context(.dispatcher))
        }
        try await house.take(CaseStep("accept"), id, handler)
        try await repair()
        try await house.take(CaseStep("contest", text: "还在滴"), id, resident)
        #expect(try await house.state(id) == "handling")
        try await repair()
        try await house.take(CaseStep("confirm"), id, resident)
        let rows = try await house.outcomes(id)
        #expect(rows.map(\.round) == [1, 2] && rows.map(\.isSolved) == [false, true])
        #expect(rows.map(\.unit) == [unit, unit])
    }

    /// Who it is against is told later: its evidence says so, and so its sums do.
    private func accused(_ house: House) async throws {
        let id = try await house.report(try await house.draft("楼道灯不亮", category: "R0104"), house.context(.tenant))
        let property = try await house.unit("安居物业")
        #expect(try await house.outcomes(id).map(\.against) == [0])
        try await house.services.commands.setAgainst(
            [property], of: id, reason: "核实过", try await house.context(.dispatcher))
        let rows = try await house.outcomes(id)
        #expect(rows.map(\.against) == [property.rawValue])
        #expect(rows.allSatisfy { $0.unit != property }, "it counts for who has it now")
    }

    /// Its kind is corrected to one the community may not lead, before anybody there accepted it.
    private func passedOn(_ house: House) async throws {
        var draft = try await house.draft("门口乱糟糟的，没人管", category: "R0104")
        draft.spot = .street
        let id = try await house.report(draft, house.context(.tenant))
        let dispatcher = try await house.context(.dispatcher)
        let committee = try await house.unit("幸福里社区居委会")
        try await house.take(CaseStep("dispatch", unit: committee), id, dispatcher)
        #expect(try await house.outcomes(id).map(\.unit) == [committee])
        try await house.services.commands.classify(.assistance, "E0404", of: id, dispatcher)
        let enforcement = try await house.unit("东华门街道综合行政执法队")
        #expect(try await house.outcomes(id).map(\.unit) == [enforcement], "it counts for who has it now")
    }

    @Test("评价记录被改动查得出，哪一件、哪一项都说得出", arguments: TestEngine.enabled)
    func tamperedEvidence(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            try await house.services.commands.contacted(.phone, .reached, text: "", on: id, handler)
            try await house.finish(id)
            var answer = CaseStep("confirm")
            answer.stars = 4
            try await house.take(answer, id, house.holder(of: id))
            let number: String = try await house.value("SELECT number FROM case_item WHERE id = \(id)") ?? "?"
            let water = try await house.unit("城东自来水服务站")
            let unit = try await house.unit("安居物业")
            let ways: [(what: String, change: SQL, back: SQL)] = [
                ("solved", "is_solved = 0", "is_solved = 1"), ("grade", "grade = 2", "grade = 4"),
                ("in time", "is_in_time = 0", "is_in_time = 1"),
                ("contacted", "contacted_at = contacted_at + 1", "contacted_at = contacted_at - 1"),
                ("dispatched", "dispatched_at = dispatched_at - 1", "dispatched_at = dispatched_at + 1"),
                ("finished", "finished_at = finished_at - 1", "finished_at = finished_at + 1"),
                ("asked", "asked_at = asked_at - 1", "asked_at = asked_at + 1"),
                ("answered", "answered_at = answered_at + 1", "answered_at = answered_at - 1"),
                ("unit", "unit_id = \(water)", "unit_id = \(unit)"),
                ("category", "category = 'R0104'", "category = 'R0202'"),
                ("month", "month = 202610", "month = 202611"),
                ("against", "against_unit = \(unit)", "against_unit = 0"),
                ("excluded", "exclusion = 'lawsuit'", "exclusion = ''"),
                ("withdrawn", "is_withdrawn = 1", "is_withdrawn = 0"),
                ("unreached", "is_unreached = 1", "is_unreached = 0"), ("rounds", "round = 2", "round = 1"),
            ]
            for way in ways {
                let found = try await tampered(id, way.change, house)
                #expect(found.count == 1 && found.first?.contains(number) == true, "\(way.what): \(found)")
                #expect(found.first?.contains(way.what) == true, "\(way.what): \(found)")
                #expect(try await tampered(id, way.back, house) == [], "\(way.what) is as it was")
            }
            let gone = try await tampered(id, nil, house)
            #expect(gone.count == 1 && gone.first?.contains(number) == true, "a row may be missing: \(gone)")
        }
    }

    /// What the proof finds after a row was changed, or taken away, past the program; the sums are made anew, so that they
    /// at least agree with what was made up.
    private func tampered(_ id: ID<Case>, _ change: SQL?, _ house: House) async throws -> [String] {
        let database = house.services.database
        try await database.system { tx in
            if let change {
                try tx.execute("UPDATE case_outcome SET \(change) WHERE case_id = \(id)")
            } else {
                try tx.execute("DELETE FROM case_outcome WHERE case_id = \(id)")
            }
            try RateMonths.rebuild(tx)
        }
        try await house.proveRates()
        return try await house.services.queries.proveEvidence().differences
    }
}
