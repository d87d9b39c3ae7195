import LinliCore
import LinliKernel

/// Shifts to add: one day, or the same hours on some weekdays until a day.
struct ShiftPlan: Sendable {
    var account: ID<Account>?
    var first: CivilDate?
    /// Minutes after midnight.
    var start: Int?
    var end: Int?
    /// 1 Monday to 7 Sunday; none for the first day alone.
    var weekdays: Set<Int>
    var last: CivilDate?

    /// How far ahead a pattern may reach.
    /// - Source: configured, no source
    static let mostWeeks = 26

    init(account: ID<Account>?, first: CivilDate?, start: Int?, end: Int?, weekdays: Set<Int>, last: CivilDate?) {
        self.account = account
        self.first = first
        self.start = start
        self.end = end
        self.weekdays = weekdays
        self.last = last
    }

    init(_ form: Form) {
        account = form.id("account")
        first = form["first"].flatMap { CivilDate($0) }
        start = form["start"].flatMap { ShiftPlan.minutes($0) }
        end = form["end"].flatMap { ShiftPlan.minutes($0) }
        weekdays = Set(form.all("weekday").compactMap { Int($0) }.filter { (1...7).contains($0) })
        last = form["last"].flatMap { CivilDate($0) }
    }

    /// `09:30` in minutes; nil for anything else.
    static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, let hour = Int(parts[0]), let minute = Int(parts[1]), (0...23).contains(hour),
            (0...59).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }

    /// When each shift begins and ends; hours that end before they begin run into the next morning.
    ///
    /// - Throws: `.invalid` naming each field.
    func spans(at now: Instant) throws -> [(from: Instant, until: Instant)] {
        var problems: [LinliError.Field] = []
        func say(_ name: String, _ zh: String, _ en: String) { problems.append(.init(name, Text(zh, en))) }
        if account == nil { say("account", "请选值班的人", "Please choose who it is") }
        if first == nil { say("first", "请选哪天", "Please choose the day") }
        if let first, first < now.date { say("first", "这一天已经过了", "That day is over") }
        if start == nil { say("start", "请填几点开始，如 09:00", "Please enter when it begins, such as 09:00") }
        if end == nil { say("end", "请填几点结束，如 18:00", "Please enter when it ends, such as 18:00") }
        if !weekdays.isEmpty, let first {
            let latest = first.adding(days: ShiftPlan.mostWeeks * 7)
            if last.map({ $0 < first || $0 > latest }) ?? true {
                say("last", "请选重复到哪天，最多 26 周", "Please choose the last day, at most 26 weeks on")
            }
        }
        guard problems.isEmpty, let first, let start, let end else {
            throw LinliError.invalid("rosters.plan", problems)
        }
        let days =
            weekdays.isEmpty
            ? [first]
            : (0...max(0, (last ?? first).daysSinceEpoch - first.daysSinceEpoch)).map { first.adding(days: $0) }
                .filter { weekdays.contains($0.weekday) }
        guard !days.isEmpty else {
            throw LinliError.invalid(
                "rosters.none", [.init("last", Text("这段时间里没有选中的日子", "None of these weekdays lies in between"))]
            )
        }
        return days.map { day in
            let from = Instant(day).adding(minutes: start)
            return (from, Instant(end <= start ? day.adding(days: 1) : day).adding(minutes: end))
        }
    }
}

/// What an administrator may do with rosters, each within the divisions of their own duty.
struct RostersCommands: Sendable {
    let database: Database

    init(_ services: Services) {
        database = services.database
    }

    /// Puts somebody on the roster of a unit.
    ///
    /// - Throws: `.invalid` naming each field, also when they are on it already at one of the times.
    func add(_ plan: ShiftPlan, to id: ID<Unit>, _ context: Context) async throws {
        let spans = try plan.spans(at: context.now)
        guard let account = plan.account, let first = spans.first, let last = spans.last else { return }
        try await database.write(context, "rosters.add") { tx in
            let unit = try RostersCommands.own(id, context, tx)
            guard try RostersStore.people(of: id, at: tx.now, tx).contains(where: { $0.id == account }) else {
                throw LinliError.invalid(
                    "rosters.person", [.init("account", Text("请选这个单位的人", "Please choose somebody of this unit"))]
                )
            }
            let own = try RostersStore.shifts(of: id, from: first.from, until: last.until, tx)
                .filter { $0.account == account }
            for span in spans {
                guard let clash = own.first(where: { $0.start < span.until && $0.end > span.from }) else { continue }
                let day = clash.start.dayAndTime
                throw LinliError.invalid(
                    "rosters.clash",
                    [.init("first", Text("\(day.zh) 起已经排了这个人", "They are on duty from \(day.en) already"))]
                )
            }
            for span in spans { try UnitsStore.roster(account, id, from: span.from, until: span.until, tx) }
            try tx.emit("roster.changed", Subject("unit", id, division: unit.division))
        }
    }

    /// Takes a shift away, with `all` also every later one of the same person at the same time of the same weekday.
    func remove(_ shift: ID<Shift>, all: Bool, of id: ID<Unit>, _ context: Context) async throws {
        try await database.write(context, "rosters.remove") { tx in
            let unit = try RostersCommands.own(id, context, tx)
            let later = try RostersStore.shifts(
                of: id, from: tx.now, until: tx.now.adding(days: (ShiftPlan.mostWeeks + 60) * 7), tx
            )
            guard let found = later.first(where: { $0.id == shift }) else {
                throw LinliError.invalid(
                    "rosters.over", [.init("shift", Text("这一班已经过去了", "This shift is over"))]
                )
            }
            let same = later.filter { other in
                other.account == found.account && other.start >= found.start
                    && other.start.date.weekday == found.start.date.weekday
                    && other.start.secondOfDay == found.start.secondOfDay
            }
            try RostersStore.remove(all ? same.map(\.id) : [shift], of: unit, tx)
            try tx.emit("roster.changed", Subject("unit", id, division: unit.division))
        }
    }

    private static func own(_ id: ID<Unit>, _ context: Context, _ tx: ReadTx) throws -> UnitSummary {
        guard let unit = try UnitsStore.find(id, tx), context.actor.may(.registersManage, in: unit.division),
            try UnitsAdminStore.ties(of: id, at: context.now, tx).closedAt == nil
        else { throw LinliError.notFound("rosters.unit") }
        return unit
    }
}
