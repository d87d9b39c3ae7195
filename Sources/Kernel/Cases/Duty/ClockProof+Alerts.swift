import LinliCore
import LinliStandards

/// Where a case stood and who had it, line by line.
struct ClockStands {
    struct Stand {
        /// Which line of the history it begins with.
        let line: Int
        let at: Instant
        let owner: CaseType.Performer?
        let unit: ID<Unit>?
        /// Whether a unit got it that had it not.
        let isNew: Bool
    }

    private(set) var all: [Stand] = []
    private let centre: ID<Unit>?
    private let district: ID<Unit>?
    private let city: ID<Unit>?
    private let ofDistricts: Set<ID<Unit>>

    init(_ sheet: ClockBook.Sheet, _ type: CaseType, _ book: ClockBook) {
        centre = book.centre
        district = book.district
        city = book.city
        ofDistricts = book.ofDistricts
        // The first line does not say to whom it went; the next that names a unit does.
        var unit = sheet.lines.first { $0.unit != nil }?.unit ?? sheet.unit
        for (place, line) in sheet.lines.enumerated() where !line.isNote {
            let owner = type.states.first { $0.id == line.to }?.owner
            let effects = type.transitions.first { $0.id == line.name }?.effects ?? []
            let before = all.isEmpty ? nil : unit
            if effects.contains(.assignUnit) { unit = line.unit }
            if effects.contains(.releaseUnit) || (all.isEmpty && owner != .handler) { unit = nil }
            all.append(
                Stand(line: place, at: line.at, owner: owner, unit: unit, isNew: unit != nil && unit != before))
        }
    }

    /// Who hears of an action at a moment: one unit, or one of two when the case moved within `slack` of it.
    func addressees(_ action: CaseType.Rung.Action, at moment: Instant, slack: Int64) -> Set<ID<Unit>?> {
        var stands = all.filter { abs($0.at.milliseconds - moment.milliseconds) <= slack }
        if let before = all.last(where: { $0.at < moment }) { stands.append(before) }
        return Set(stands.flatMap { stand -> [ID<Unit>?] in late(stand).map { hears(action, $0) } })
    }

    /// Who is late where it stands: of a dispute either who decides it in the street or who does in the district.
    private func late(_ stand: Stand) -> [ID<Unit>?] {
        switch stand.owner {
        case .handler, .colleague: [stand.unit]
        case .arbiter: [centre, district]
        default: [centre]
        }
    }

    /// Nobody is supervised by themselves, and a unit of the district by the district.
    private func hears(_ action: CaseType.Rung.Action, _ late: ID<Unit>?) -> ID<Unit>? {
        let isStreets = late == centre
        let isHigh = late.map { $0 == district || $0 == city } ?? false
        let isDistricts = late.map(ofDistricts.contains) ?? false
        switch action {
        case .remind: return late ?? centre
        case .supervise:
            if isHigh { return city ?? district ?? centre }
            return isStreets || isDistricts ? district ?? city ?? centre : centre ?? district
        case .raise:
            let isHigher = isHigh || isDistricts || isStreets
            return isHigher ? city ?? district ?? centre : district ?? city ?? centre
        }
    }

    /// Who is rung at once for a case that cannot wait.
    func rung(_ stand: Stand) -> ID<Unit>? { stand.unit ?? centre ?? district }

    /// Where it rings for a case that cannot wait since a line of its history: where it is then, unless its work is over,
    /// and for each unit that gets it later.
    func loud(since line: Int) -> [Stand] {
        let later = all.filter { $0.line >= line && ($0.line == 0 || $0.isNew) }
        guard let then = all.last(where: { $0.line < line }), then.owner != nil else { return later }
        return [then] + later
    }
}

extension ClockProof {
    /// A rung that was reached.
    private struct Rung {
        let index: Int
        let action: CaseType.Rung.Action
        /// Milliseconds on the clock when it was.
        let time: Int64
        /// Whether its alert may not be missing.
        let isSure: Bool
    }

    private struct Place: Hashable {
        let clock: String
        let round: Int
        let rung: Int
    }

    // MARK: Rungs

    /// Each rung that was reached has its alert, and no alert is without one: none early, none besides, none twice.
    func rungs(
        _ id: String, _ sheet: ClockBook.Sheet, _ lives: [ClockLife], _ stands: ClockStands, _ found: inout Found
    ) {
        let climbed = sheet.alerts.filter { $0.clock != "urgent" }
        let alerts = Dictionary(grouping: climbed) { Place(clock: $0.clock, round: $0.round, rung: $0.rung) }
        var known: Set<Place> = []
        for life in lives {
            for rung in reached(life) {
                let place = Place(clock: life.clock, round: life.round, rung: rung.index)
                known.insert(place)
                let words = "\(id) \(life.clock) round \(life.round) rung \(rung.index)"
                guard let alert = alerts[place]?.first else {
                    // Who moves a case climbs what is due before; only what still runs waits for the job.
                    guard rung.isSure else { continue }
                    found.rungs.count += 1
                    found.rungs.wrong.append("\(words): missed")
                    continue
                }
                found.rungs.count += 1
                found.rungs.wrong += faults(alert, rung, life, stands).map { "\(words): \($0)" }
            }
        }
        found.alerts.count += climbed.count
        for (place, several) in alerts.sorted(by: { ($0.key.clock, $0.key.rung) < ($1.key.clock, $1.key.rung) }) {
            let words = "\(id) \(place.clock) round \(place.round) rung \(place.rung)"
            if several.count > 1 { found.alerts.wrong.append("\(words): \(several.count) times") }
            let life = lives.first { $0.clock == place.clock && $0.round == place.round }
            let isTolerated = life.map { life in several.allSatisfy { isNear($0.meantFor, life) } } ?? false
            if !known.contains(place), !isTolerated {
                found.alerts.wrong.append("\(words): an alert for a rung nobody reached")
            }
        }
    }

    /// Whether a clock was stopped, held or lengthened shortly before a moment: who climbs and who moves may have begun in
    /// the other order than their changes were committed.
    private func isNear(_ moment: Instant, _ life: ClockLife) -> Bool {
        let edges = [life.stop, life.pausedSince] + life.pauses.map(\.lowerBound) + life.given.map(\.at)
        return edges.compactMap { $0 }.contains { edge in
            edge < moment && moment.milliseconds - edge.milliseconds <= slack
        }
    }

    private func faults(
        _ alert: ClockBook.Alert, _ rung: Rung, _ life: ClockLife, _ stands: ClockStands
    ) -> [String] {
        var faults: [String] = []
        let passed = used(life, to: alert.meantFor)
        let before = Instant(milliseconds: alert.meantFor.milliseconds - 1)
        if isNear(alert.meantFor, life) {
            // Its moment was right by what the clock was then.
        } else if passed != rung.time {
            faults.append("meant for \(passed) ms, not \(rung.time)")
        } else if used(life, to: before) == rung.time {
            faults.append("meant for a later moment")
        }
        if alert.at < alert.meantFor { faults.append("came before its time") }
        if let stop = life.stop, alert.at.milliseconds - stop.milliseconds > slack {
            faults.append("came after its clock had stopped")
        }
        if alert.action != rung.action.rawValue { faults.append("\(alert.action), not \(rung.action.rawValue)") }
        if !stands.addressees(rung.action, at: alert.at, slack: slack).contains(alert.unit) {
            faults.append("told \(alert.unit.map { "unit \($0)" } ?? "nobody"), whose it is not to hear")
        }
        return faults
    }

    /// The rungs of a clock that were reached before it stopped, or by the end.
    private func reached(_ life: ClockLife) -> [Rung] {
        let ladder = life.length.ladder
        let whole = used(life, to: life.stop ?? end)
        let isRunning = life.stop == nil && life.pausedSince == nil
        var found: [Rung] = []
        for index in 0..<10_000 {
            let (step, repeats): (CaseType.Rung, Int)
            if index < ladder.count {
                (step, repeats) = (ladder[index], 0)
            } else {
                guard let last = ladder.last, last.everyMinutes != nil else { break }
                (step, repeats) = (last, index - ladder.count + 1)
            }
            let time = time(of: step, repeats, life)
            guard time <= whole else { break }
            let isSure = !isRunning || time + slack <= whole
            found.append(Rung(index: index, action: step.action, time: time, isSure: isSure))
        }
        return found
    }

    /// When a rung is reached, on its clock: by the time the clock had then. What was given moves only what comes later.
    private func time(of step: CaseType.Rung, _ repeats: Int, _ life: ClockLife) -> Int64 {
        func time(_ minutes: Int) -> Int64 {
            let budget = Int64(minutes) * 60_000
            let overdue = step.overdueMinutes + repeats * (step.everyMinutes ?? 0)
            return step.percent.map { budget * Int64($0) / 100 } ?? budget + Int64(overdue) * 60_000
        }
        var minutes = life.length.minutes
        for given in life.given {
            if time(minutes) <= used(life, to: given.at) { return time(minutes) }
            minutes += given.minutes
        }
        return time(minutes)
    }

    // MARK: What rings at once, and marks

    /// What is urgent or of a kind with two hours rings once for each unit that gets it, any other never; what was only
    /// guessed to be of such a kind does from when somebody says that it is.
    func urgent(_ id: String, _ sheet: ClockBook.Sheet, _ stands: ClockStands, _ found: inout Found) {
        let alerts = sheet.alerts.filter { $0.clock == "urgent" }
        let since = sheet.isUrgent ? 0 : ClockKind(sheet, catalogue).isDangerSince
        let right = since.map { stands.loud(since: $0) } ?? []
        found.urgent.count += max(alerts.count, right.count)
        let told = right.map { stands.rung($0) }
        if alerts.map(\.unit) != told {
            found.urgent.wrong.append("\(id): rang \(alerts.count) times, not \(told.count)")
        } else if let since {
            let known = sheet.lines.indices.contains(since) ? sheet.lines[since].at : nil
            for (alert, stand) in zip(alerts, right) {
                let moment = known.map { max($0, stand.at) } ?? stand.at
                guard abs(alert.at.milliseconds - moment.milliseconds) > slack else { continue }
                found.urgent.wrong.append("\(id): rang at \(alert.at), not at \(moment)")
            }
        }
    }

    /// Each alert stands once in the history, and nothing stands there that was no alert.
    func marks(_ id: String, _ sheet: ClockBook.Sheet, _ found: inout Found) {
        let names = [CaseMark.remind, .supervise, .raise].map(\.rawValue)
        var marks: [String: Int] = [:]
        for line in sheet.lines where line.isNote && names.contains(line.name) {
            marks["\(line.name) at \(line.at)", default: 0] += 1
            found.marks.count += 1
        }
        var alerts: [String: Int] = [:]
        for alert in sheet.alerts where alert.clock != "urgent" {
            alerts["\(alert.action) at \(alert.at)", default: 0] += 1
        }
        for key in Set(marks.keys).union(alerts.keys).sorted() where marks[key] != alerts[key] {
            found.marks.wrong.append("\(id) \(key): \(marks[key] ?? 0) marks for \(alerts[key] ?? 0) alerts")
        }
    }
}
