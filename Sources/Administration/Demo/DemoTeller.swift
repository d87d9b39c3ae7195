import LinliCore
import LinliKernel
import LinliStandards

/// Tells the demo's cases and plays what happens with them, through the same commands as everybody.
struct DemoTeller: Sendable {
    let services: Services
    let cast: DemoCast
    let now: Instant
    let hasPhotos: Bool

    /// Tells every case that is not there yet, the oldest first, so that the order of the identifiers is that of time,
    /// and plays what happens with them. Returns how many were told and how many photos they have.
    func tellAll(_ cases: [DemoCase]) async throws -> (cases: Int, photos: Int) {
        var missing: [Int] = []
        for index in cases.indices where try await !isTold(index) { missing.append(index) }
        missing.sort { (cases[$0].told.moment(now), $0) < (cases[$1].told.moment(now), $1) }
        let photos = hasPhotos ? try await DemoPhotos.prepare(missing.map { ($0, cases[$0]) }, services.files) : [:]
        var told: [Told] = []
        for index in missing {
            try await naming(index, cases[index]) {
                told.append(try await tell(cases[index], number: index, photos))
            }
        }
        try await playAll(told)
        return (missing.count, photos.count)
    }

    /// A case that was told, and the photo of how it looks when it is finished.
    private struct Told: Sendable {
        var number: Int
        var id: ID<Case>
        var item: DemoCase
        var after: FileStore.Prepared?
    }

    /// What happens with one case has nothing to do with another, so several are played at once.
    private func playAll(_ told: [Told]) async throws {
        let width = DemoStore.writesAtOnce(services.database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (position, one) in told.enumerated() {
                if position >= width { try await group.next() }
                group.addTask { try await naming(one.number, one.item) { try await play(one) } }
            }
            try await group.waitForAll()
        }
    }

    /// Says which case a failure belongs to.
    private func naming(_ number: Int, _ item: DemoCase, _ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch {
            throw LinliError.fault("demo.case", "demo case \(number) “\(item.text.prefix(20))”: \(error)")
        }
    }

    private func isTold(_ number: Int) async throws -> Bool {
        do {
            _ = try await services.queries.caseID(receipt: Demo.receipt(number))
            return true
        } catch let error as LinliError where error.kind == .notFound {
            return false
        }
    }

    private func tell(
        _ item: DemoCase, number: Int, _ photos: [DemoPhotos.Key: FileStore.Prepared]
    ) async throws -> Told {
        var draft = try draft(item)
        let context = try context(item.teller, draft.disclosure, at: item.told.moment(now))
        draft.photos = try await keep(photos[.init(number: number, isAfter: false)], context)
        let taken = try await services.commands.report(draft, context, receipt: Demo.receipt(number))
        return Told(number: number, id: taken.id, item: item, after: photos[.init(number: number, isAfter: true)])
    }

    private func play(_ told: Told) async throws {
        var moment = told.item.told.moment(now)
        for move in told.item.moves {
            let next =
                switch move.when {
                case .minutesLater(let minutes): moment.adding(minutes: minutes)
                case .minutesAgo(let minutes): now.adding(minutes: -minutes)
                }
            // Whatever hour it is now, nothing happens in the future, and nothing before what it follows.
            moment = max(moment, min(next, now))
            try await play(move.step, of: told.id, told.item, photo: told.after, at: moment)
        }
    }

    private func draft(_ item: DemoCase) throws -> CaseDraft {
        let place = try cast.place(item.place)
        var draft = CaseDraft(text: item.text, division: place.division)
        (draft.type, draft.answers) = (item.type, item.answers)
        draft.nature = item.nature
        draft.category = item.category
        draft.location = item.location
        draft.spot = item.spot
        draft.place = place.id
        // As the form proposes: who complains is known to the receiving office only.
        draft.disclosure = item.disclosure ?? (item.nature == .complaint || item.nature == .tipOff ? .office : .named)
        draft.isUrgent = item.isUrgent
        draft.against = try item.against.map { try cast.unit($0) }
        // Each story says itself whom it is about.
        draft.isAgainstNobody = item.against == nil
        draft.settledWith = item.settledWith
        draft.isWilling = item.isWilling
        switch item.teller {
        case .resident(let person):
            draft.source = draft.disclosure == .anonymous ? .web : .account
            (draft.reporterName, draft.reporterPhone) = (person.facts.name, person.phone)
        case .family(let person, let elder):
            draft.source = .account
            draft.isOnBehalf = true
            (draft.reporterName, draft.reporterPhone) = ("\(elder)（\(person.facts.name)代说）", person.phone)
        case .visitor(let name, let phone):
            draft.source = .web
            (draft.reporterName, draft.reporterPhone) = (name, phone)
        case .nobody:
            draft.source = .web
            draft.disclosure = .anonymous
        case .counter(_, let name, let phone):
            draft.source = .staff
            (draft.reporterName, draft.reporterPhone) = (name, phone)
        case .round:
            draft.source = .grid
        }
        return draft
    }

    private func context(_ teller: DemoCase.Teller, _ disclosure: Disclosure, at moment: Instant) throws -> Context {
        switch teller {
        case .resident(let person) where disclosure != .anonymous: context(try cast.actor(person), moment)
        case .family(let person, _): context(try cast.actor(person), moment)
        case .counter(let person, _, _), .round(let person): context(try cast.actor(person), moment)
        case .resident, .visitor, .nobody: context(Actor(.anonymous), moment)
        }
    }

    private func context(_ actor: Actor, _ moment: Instant) -> Context {
        Context(actor: actor, now: moment, requestID: "demo")
    }

    /// The reporter again: by account, or by the receipt where the case does not know the account.
    private func reporter(_ item: DemoCase, _ id: ID<Case>, at moment: Instant) throws -> Context {
        switch item.teller {
        case .resident(let person) where item.disclosure != .anonymous: context(try cast.actor(person), moment)
        default: context(Actor(.receipt(caseID: id.rawValue)), moment)
        }
    }

    private func keep(_ photo: FileStore.Prepared?, _ context: Context) async throws -> [ID<StoredFile>] {
        guard let photo else { return [] }
        let id = try await services.database.write(context, "files.keep") { try FileStore.insert(photo, $0) }
        return [id]
    }
}

extension DemoTeller {
    private func play(
        _ step: DemoStep, of id: ID<Case>, _ item: DemoCase, photo: FileStore.Prepared?, at moment: Instant
    ) async throws {
        func by(_ person: DemoStaff) throws -> Context { context(try cast.actor(person), moment) }
        func take(_ step: CaseStep, _ context: Context) async throws {
            try await services.commands.take(step, of: id, context)
        }
        switch step {
        case .dispatch(let person, let unit, let text):
            try await take(CaseStep("dispatch", text: text, unit: try cast.unit(unit)), by(person))
        case .accept(let person):
            try await take(CaseStep("accept"), by(person))
            try await call(item, id, by(person))
        case .refuse(let person, let reason, let text):
            var step = CaseStep("refuse", text: text)
            step.reasonClass = reason
            try await take(step, by(person))
        case .take(let person, let name): try await take(CaseStep(name), by(person))
        case .finish(let person, let text): try await take(CaseStep("finish", text: text), by(person))
        case .show(let person, let text):
            var step = CaseStep("finish", text: text)
            step.photos = try await keep(photo, by(person))
            try await take(step, by(person))
        case .pass(let person, let text): try await take(CaseStep("pass", text: text), by(person))
        case .fail(let person, let text): try await take(CaseStep("fail", text: text), by(person))
        case .tell(let person, let text):
            try await services.commands.remark(text, isVisible: true, photos: [], on: id, by(person))
        case .note(let person, let text):
            try await services.commands.remark(text, isVisible: false, photos: [], on: id, by(person))
        case .lapse:
            try await take(CaseStep("lapse"), .system("cases.lapse", now: moment))
            try await passCheck(of: id, item, at: moment)
        case .publish(let person, let title, let address, let text, let result):
            let view = try await services.queries.view(id, by(person))
            let clearing = Clearing(
                title: title, text: text ?? view.item.text, result: result, address: address,
                photos: view.photos.map(\.file)
            )
            try await services.commands.publish(clearing, of: id, by(person))
        case .whistle(let step): try await play(step, of: id, at: moment)
        case .join(let person, let words, let home):
            let view = try await services.queries.view(id, context(try cast.actor(.head), moment))
            var draft = CaseDraft(text: words, division: view.item.division)
            draft.source = .account
            draft.spot = view.item.spot
            draft.home = home
            (draft.reporterName, draft.reporterPhone) = (person.facts.name, person.phone)
            _ = try await services.commands.join(view.item.number, draft, context(try cast.actor(person), moment))
        case .confirm, .confirmBeforeCheck, .contest, .reopen, .withdraw, .add:
            try await answer(step, of: id, item, reporter(item, id, at: moment))
        }
    }

    /// Most handlers call the reporter when they take a case.
    private func call(_ item: DemoCase, _ id: ID<Case>, _ context: Context) async throws {
        let isReachable =
            switch item.teller {
            case .nobody, .round: false
            case .resident, .family, .visitor, .counter: item.disclosure != .anonymous
            }
        guard isReachable, item.text.count % 7 != 0 else { return }
        try await services.commands.contacted(.phone, .reached, text: "", on: id, context)
    }

    /// What the reporter does.
    private func answer(_ step: DemoStep, of id: ID<Case>, _ item: DemoCase, _ context: Context) async throws {
        let commands = services.commands
        switch step {
        case .confirm(let stars, let text), .confirmBeforeCheck(let stars, let text):
            var answer = CaseStep("confirm", text: text)
            answer.stars = stars
            try await commands.take(answer, of: id, context)
            if case .confirm = step { try await passCheck(of: id, item, at: context.now) }
        case .contest(let text): try await commands.take(CaseStep("contest", text: text), of: id, context)
        case .reopen(let text): try await commands.take(CaseStep("reopen", text: text), of: id, context)
        case .withdraw(let text): try await commands.take(CaseStep("withdraw", text: text), of: id, context)
        case .add(let text): try await commands.remark(text, isVisible: true, photos: [], on: id, context)
        default: break
        }
    }

    /// One case in ten is drawn for a check, by its identifier: for the demo to end the same way each time, who checks
    /// passes it some hours later.
    private func passCheck(of id: ID<Case>, _ item: DemoCase, at moment: Instant) async throws {
        let later = min(moment.adding(hours: 3), now)
        let view = try await services.queries.view(id, context(Actor(.receipt(caseID: id.rawValue)), later))
        guard view.state.id == "checking" else { return }
        let isVillage = DemoDivision.town.contains(view.item.division)
        // A town's dispatcher checks in the town, the street's everywhere else.
        let checker = try cast.actor(isVillage ? .townDispatcher : .lateDispatcher)
        try await services.commands.take(CaseStep("pass", text: "已电话核实"), of: id, context(checker, later))
    }
}

extension Demo {
    /// The secret of the receipt of a demo case, by its place in the list: known, so that tests can follow it.
    static func receipt(_ number: Int) -> String {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return Base32.encode("linli-demo-case-\(padded)".utf8)
    }
}
