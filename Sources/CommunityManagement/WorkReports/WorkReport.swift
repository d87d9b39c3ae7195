import LinliCore
import LinliKernel

/// What a report counts, column by column; places only, nobody who works.
enum WorkColumn: String, Sendable, CaseIterable {
    case met, called, replied, missed, households
    case rounds, points, skipped
    case hazards, dangers, settled
    case warnings, turned, waiting
    case deliveries, people, refused
    case forms, minutes, cells

    enum Group: Sendable, CaseIterable {
        case visits, patrols, hazards, warnings, services, forms

        var name: Text {
            switch self {
            case .visits: Text("走访", "Visits")
            case .patrols: Text("巡查", "Patrols")
            case .hazards: Text("隐患", "Hazards")
            case .warnings: Text("预警", "Warnings")
            case .services: Text("服务", "Services")
            case .forms: Text("上级报表", "Demanded forms")
            }
        }
    }

    var group: Group {
        switch self {
        case .met, .called, .replied, .missed, .households: .visits
        case .rounds, .points, .skipped: .patrols
        case .hazards, .dangers, .settled: .hazards
        case .warnings, .turned, .waiting: .warnings
        case .deliveries, .people, .refused: .services
        case .forms, .minutes, .cells: .forms
        }
    }

    var name: Text {
        switch self {
        case .met: Text("上门见到", "Met at the door")
        case .called: Text("电话联系到", "Reached by phone")
        case .replied: Text("住户回复平安", "Said all is well")
        case .missed: Text("没见到", "Not met")
        case .households: Text("涉及户数", "Households")
        case .rounds: Text("巡查（趟）", "Rounds")
        case .points: Text("到点签到", "Points signed")
        case .skipped: Text("该巡没巡（趟）", "Rounds left out")
        case .hazards: Text("发现隐患", "Found")
        case .dangers: Text("其中危险", "Dangerous")
        case .settled: Text("当场办结", "Settled on the spot")
        case .warnings: Text("产生预警", "Made")
        case .turned: Text("转成走访、工单", "Turned into work")
        case .waiting: Text("还没处理", "Not handled yet")
        case .deliveries: Text("送达（次）", "Deliveries")
        case .people: Text("服务到的人", "People reached")
        case .refused: Text("单位说做不了（次）", "Units could not")
        case .forms: Text("填完（期）", "Rounds filled")
        case .minutes: Text("用时（分钟）", "Minutes")
        case .cells: Text("手填（格）", "Cells typed")
        }
    }
}

/// Counts of a place.
struct WorkFigures: Sendable, Equatable {
    private var counts: [WorkColumn: Int] = [:]

    subscript(column: WorkColumn) -> Int {
        get { counts[column] ?? 0 }
        set { counts[column] = newValue }
    }

    mutating func add(_ other: WorkFigures) {
        counts.merge(other.counts) { $0 + $1 }
    }
}

/// The work of a period in an area, counted out of the rows of the work itself: nobody types it, nothing is kept of it.
struct WorkReport: Sendable {
    let area: DivisionCode
    let period: WorkPeriod
    /// Each part, and the area itself for what belongs to no part.
    let rows: [(division: DivisionCode, figures: WorkFigures)]
    /// What the numbers do not say.
    let notes: [Text]
    /// Until when it counts.
    let until: Instant

    var total: WorkFigures {
        rows.reduce(into: WorkFigures()) { $0.add($1.figures) }
    }

    /// Counts a period; the caller has seen to the reader's scope. Months of assessment have the days of `calendar`.
    init(
        _ area: DivisionCode, _ period: WorkPeriod, _ calendar: AssessmentCalendar, hidden: [ID<Unit>],
        at now: Instant, _ tx: ReadTx
    ) throws {
        (self.area, self.period) = (area, period)
        until = min(now, period.end)
        let inside =
            area.level >= .grid ? [] : try DivisionsStore.children(of: area, at: min(now, period.end), tx).map(\.code)
        var all: [DivisionCode: WorkFigures] = [:]
        let store = WorkReportStore(area: area, from: period.start, to: period.end, hidden: hidden, tx: tx)
        let routes = try store.routes(period, at: now)
        let forms = try store.forms()
        for (code, figures) in try store.counts() + routes.skipped + forms.counts {
            all[inside.first { $0.contains(code) } ?? area, default: WorkFigures()].add(figures)
        }
        let isAreaNamed = inside.isEmpty || all[area] != nil
        rows = (inside + (isAreaNamed ? [area] : [])).map { ($0, all[$0] ?? WorkFigures()) }
        notes = try WorkReport.notes(
            period, calendar, store, routes: routes.count, forms.unmeasured, forms.open, at: now)
    }

    /// What is to be known about the figures.
    private static func notes(
        _ period: WorkPeriod, _ calendar: AssessmentCalendar, _ store: WorkReportStore, routes: Int, _ unmeasured: Int,
        _ open: Int, at now: Instant
    ) throws -> [Text] {
        var notes = [WorkReport.days(period, calendar)]
        if now < period.end {
            notes.append(
                Text(
                    "本期还没过完，数到 \(now.dayAndTime.zh)。",
                    "The period is not over: counted until \(now.dayAndTime.en)."))
        }
        if period.start > now { notes.append(Text("本期还没开始。", "The period has not begun.")) }
        if routes == 0 {
            notes.append(
                Text(
                    "这里现在没有巡查路线，巡查是 0 不等于没人去看。",
                    "There is no route here now: no rounds does not mean that nobody looked."))
        } else {
            notes.append(
                Text(
                    "“该巡没巡”只算现在还在用的 \(routes) 条路线，停用的路线查不出。",
                    "Rounds left out are those of the \(routes) routes that hold now; those of ended routes cannot be told."
                ))
        }
        let unfinished = try store.unfinishedRounds()
        if unfinished > 0 {
            notes.append(
                Text(
                    "有 \(unfinished) 趟没巡完或不在时段里，不算巡查的趟数，签到的点位照数。",
                    "Rounds not finished, or not begun in their window: \(unfinished). They are not counted, points signed are."
                ))
        }
        if unmeasured > 0 {
            notes.append(
                Text(
                    "有 \(unmeasured) 期报表填完时没有记用时，分钟数偏少。",
                    "\(WorkReport.rounds(unmeasured, "was", "were")) ended without minutes: there are more than shown."
                ))
        }
        if open > 0 {
            notes.append(
                Text(
                    "有 \(open) 期报表本期在填、还没填完，用时没有算进来。",
                    "\(WorkReport.rounds(open, "is", "are")) being filled and not done: these minutes are not counted."
                ))
        }
        notes.append(
            Text(
                "隐患只算巡查时发现的；居民诉求和网格上报在“三率”里。",
                "Hazards are those found on rounds; needs and reports of the grid stand under “Three rates”."))
        return notes
    }

    /// `1 round of forms was`, `2 rounds of forms were`.
    private static func rounds(_ count: Int, _ one: String, _ several: String) -> String {
        count == 1 ? "1 round of forms \(one)" : "\(count) rounds of forms \(several)"
    }

    /// Which days it counts, and whether the rates of a month are of the same days.
    private static func days(_ period: WorkPeriod, _ calendar: AssessmentCalendar) -> Text {
        let span = Text("本期是\(period.span.zh)。", "This is a \(period.span.en). ")
        let own = Text("三率、万人诉求比、吹哨得分按考核月算", "Rates, needs per 10,000 and scores of whistles go by assessment months")
        // The assessment month that bears the same name.
        let month = AssessmentMonth(at: period.start, cutoff: 31)
        guard period.kind == .month else { return span + own + Text("，不在这里。", " and do not stand here.") }
        guard calendar.lastDay(of: month) != period.last || calendar.firstDay(of: month) != period.first else {
            return span + own + Text("，\(month.name.zh)是同样的几天。", ": \(month.name.en) has the same days.")
        }
        let days = calendar.days(of: month)
        return span + own
            + Text("，\(month.name.zh)是\(days.zh)，不是同样的几天。", ": \(month.name.en) is \(days.en), not the same days.")
    }
}
