import LinliCore
import LinliSQL
import LinliStandards

/// What a draft would have done with the cases of the last month: each is walked through the version it has and through
/// the draft.
package struct CaseTypeTrial: Sendable {
    /// A case that would have gone otherwise.
    package struct Example: Sendable {
        package let id: ID<Case>
        package let number: String
        package let what: [Text]
    }

    /// One clock, under the version in force and under the draft.
    package struct ClockCount: Sendable {
        package let name: Text
        /// Cases in which it ran out.
        package var were = 0
        package var wouldBe = 0
    }

    /// How many were looked at.
    package private(set) var looked = 0
    /// Whether there were more.
    package private(set) var isCut = false
    /// Cases with a step the draft has no room for.
    package private(set) var blocked = 0
    /// Cases whose answers the draft would not take.
    package private(set) var refused = 0
    /// Cases with a clock that ran out, under their own version and under the draft.
    package private(set) var wereLate = 0
    package private(set) var wouldBeLate = 0
    /// The clocks for which that differs.
    package private(set) var clocks: [ClockCount] = []
    /// The newest cases that would have gone otherwise.
    package private(set) var examples: [Example] = []

    /// How many cases are looked at.
    /// - Source: configured, no source
    package static let limit = 1000
    /// How many examples are shown.
    package static let shown = 20
    /// How many days back.
    package static let days = 30

    /// A case with what the trial needs of it.
    private struct Past {
        let id: ID<Case>
        let number: String
        let version: Int
        let facts: CaseClockwork.Facts
        let answers: [String: String]
        let division: DivisionCode
    }

    /// Tries `draft` on the newest cases of its type inside the divisions of `scope`.
    package static func run(
        _ draft: CaseType, _ types: CaseTypes, _ calendar: WorkingCalendar, _ catalogue: EventCatalogue,
        _ scope: Scope, at now: Instant, _ tx: ReadTx
    ) throws -> CaseTypeTrial {
        var trial = CaseTypeTrial()
        var counts: [String: ClockCount] = [:]
        for past in try cases(draft.id, catalogue, scope, since: now.adding(days: -days), tx) {
            guard scope.contains(past.division) else { continue }
            if trial.looked == limit {
                trial.isCut = true
                break
            }
            trial.looked += 1
            try trial.look(past, draft, types, calendar, now, &counts, tx)
        }
        trial.clocks = counts.sorted { $0.key < $1.key }.map(\.value).filter { $0.were != $0.wouldBe }
        return trial
    }

    private mutating func look(
        _ past: Past, _ draft: CaseType, _ types: CaseTypes, _ calendar: WorkingCalendar, _ now: Instant,
        _ counts: inout [String: ClockCount], _ tx: ReadTx
    ) throws {
        let own = try types.type(draft.id, version: past.version)
        guard let (start, at, events) = try CaseTypeTrial.events(past.id, own, tx) else { return }
        let before = CaseTypeReplay(own, past.facts, calendar, begins: start, at: at, events, until: now)
        let after = CaseTypeReplay(draft, past.facts, calendar, begins: start, at: at, events, until: now)
        var what: [Text] = []
        if let obstacle = after.obstacles.first {
            blocked += 1
            let name = own.transitions.first { $0.id == obstacle.transition }?.name ?? Text("登记", "Telling it")
            let why = obstacle.why
            what.append(Text("“\(name.zh)”做不了：\(why.zh)", "“\(name.en)” could not be taken: \(why.en)"))
        }
        let problems = draft.problems(of: past.answers)
        if !problems.isEmpty {
            refused += 1
            what += problems.map(\.text)
        }
        if !before.late.isEmpty { wereLate += 1 }
        if !after.late.isEmpty { wouldBeLate += 1 }
        for key in before.late.union(after.late) {
            var count = counts[key] ?? ClockCount(name: CaseTypeTrial.name(key, draft, own))
            if before.late.contains(key) { count.were += 1 }
            if after.late.contains(key) { count.wouldBe += 1 }
            counts[key] = count
        }
        let (more, fewer) = (after.late.subtracting(before.late), before.late.subtracting(after.late))
        what += more.sorted().map { CaseTypeTrial.name($0, draft, own) + Text("会超时", " would be late") }
        what += fewer.sorted().map { CaseTypeTrial.name($0, draft, own) + Text("不再超时", " would be in time") }
        if !what.isEmpty, examples.count < CaseTypeTrial.shown {
            examples.append(Example(id: past.id, number: past.number, what: what))
        }
    }

    private static func name(_ key: String, _ draft: CaseType, _ own: CaseType) -> Text {
        guard key.hasPrefix(CaseClock.step + ":") else {
            return (draft.clocks + own.clocks).first { $0.id == key }?.name ?? Text(same: key)
        }
        let id = String(key.dropFirst(CaseClock.step.count + 1))
        let name = (draft.states + own.states).first { $0.id == id }?.name ?? Text(same: id)
        return Text("状态“\(name.zh)”", "State “\(name.en)”")
    }

    // MARK: Reading

    /// Cases of a type told since a moment, the newest first, none against a unit of who tries it; identifiers tell the
    /// moment.
    private static func cases(
        _ type: String, _ catalogue: EventCatalogue, _ scope: Scope, since: Instant, _ tx: ReadTx
    ) throws -> [Past] {
        let epoch = ID<Case>(rawValue: 0).issuedAt.milliseconds
        let first = ID<Case>(rawValue: max(0, since.milliseconds - epoch) << 22)
        return try tx.all(
            """
            SELECT c.id, c.number, c.type_version, c.nature, c.category, c.is_urgent, c.answers, c.division,
                c.doubt
            FROM case_item c
            WHERE c.id >= \(first) AND c.type = \(type) AND c.speaks_in IS NULL AND c.created_at >= \(since)\(CaseQueries.hide(scope))
            ORDER BY c.id DESC LIMIT \(limit + 1)
            """
        ) { row in
            Past(
                id: try row[0], number: try row[1], version: try row[2],
                facts: .init(
                    nature: try row[3], limit: catalogue.limit(of: try row[4], CaseDoubt(rawValue: try row[8])),
                    isUrgent: try row[5]),
                answers: Facts.decode(try row[6]), division: try row[7]
            )
        }
    }

    /// How a case began and what happened to it, in the order of time.
    private static func events(
        _ id: ID<Case>, _ type: CaseType, _ tx: ReadTx
    ) throws -> (start: String, at: Instant, events: [CaseTypeReplay.Event])? {
        var start: (state: String, at: Instant)?
        var events: [CaseTypeReplay.Event] = []
        let ways = Set(type.transitions.map(\.id))
        try tx.each(
            """
            SELECT e.at, e.transition, e.from_state, e.to_state, (e.text <> '' OR coalesce(s.text, '') <> ''), e.reason_class <> '',
                e.unit_id, CASE WHEN s.id IS NULL THEN e.answers ELSE s.answers END
            FROM case_entry e LEFT JOIN case_entry s ON s.id = e.said_in WHERE e.case_id = \(id) ORDER BY e.id
            """
        ) { row in
            let (at, transition): (Instant, String) = (try row[0], try row[1])
            let (from, to): (String, String) = (try row[2], try row[3])
            if transition == "report" { start = (to, at) }
            if transition == CaseMark.resume.rawValue { events.append(.init(at: at, deed: .resumed)) }
            guard ways.contains(transition) else { return }
            let unit: ID<Unit>? = try row[6]
            events.append(
                .init(
                    at: at,
                    deed: .moved(
                        transition, from: from, to: to,
                        .init(
                            hasText: try row[4], hasReason: try row[5], hasUnit: unit != nil,
                            fields: Set(Facts.decode(try row[7]).keys)
                        )
                    )
                )
            )
        }
        // What was joined to another one when it was told, or is now, goes the way of that one.
        guard let start, start.state != CaseType.State.merged.id else { return nil }
        try tx.each("SELECT at FROM case_contact WHERE case_id = \(id) AND outcome = 'reached' ORDER BY id") {
            events.append(.init(at: try $0[0], deed: .contacted))
        }
        try tx.each(
            """
            SELECT kind, decided_at, ends_at, minutes, is_over FROM case_request
            WHERE case_id = \(id) AND state = 'granted' AND decided_at IS NOT NULL ORDER BY id
            """
        ) { row in
            let (kind, at): (String, Instant) = (try row[0], try row[1])
            let ends: Instant? = try row[2]
            switch kind {
            case CaseRequestKind.pause.rawValue:
                events.append(.init(at: at, deed: .paused))
                if let ends { events.append(.init(at: ends, deed: .resumed)) }
            case CaseRequestKind.extend.rawValue:
                events.append(.init(at: at, deed: .extended(minutes: try row[3])))
            default: break
            }
        }
        // Stable: what was written at one moment stays in the order it was read.
        let ordered = events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        return (start.state, start.at, ordered.map(\.element))
    }
}
