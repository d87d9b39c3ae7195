import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// A year's holidays: as they hold, and as lines to edit, with a look at what the lines say before they are stored.
struct HolidaysPage {
    let year: Int
    let thisYear: Int
    /// What holds now.
    let calendar: WorkingCalendar
    let stored: HolidayYear?
    let isBundled: Bool
    let table: String
    /// What the lines in the form say; nil before somebody asked to see.
    let looked: WorkingCalendar?
    let mayChange: Bool
    let done: String?
    let error: LinliError?
    let formToken: String

    var page: Page {
        Page(Text("节假日", "Holidays"), frame: .desk("/admin/holidays"), body)
    }

    /// What somebody sees who enters a new year.
    static func template(_ year: Int) -> String {
        """
        \(year) | source | 国务院办公厅关于\(year)年部分节假日安排的通知（文号，日期）
        \(year) | off    | \(year)-01-01 | \(year)-01-01 | 元旦 | New Year's Day
        """
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("\(year) 年节假日", "Holidays of \(year)"))</h1></div>
        \(problem(error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        \(when: !isKnown(thisYear + 1), notice(Text(
            "\(thisYear + 1) 年的安排还没有录入，办理时限先按周一到周五算。国务院办公厅一般 11 月公布。",
            """
            The holidays of \(thisYear + 1) are not entered: until then clocks count Monday to Friday. They are usually \
            announced in November.
            """
        ), .warn))
        <div class="stack">
        \(looked.map { days($0, Text("录入的内容是这样", "What the lines say"), id: "looked") })
        \(when: looked != nil, save)
        \(days(calendar, Text("现在按这个算", "What holds now"), id: "now"))
        </div>
        <aside class="stack">\(years)\(when: mayChange, edit)\(when: mayChange && stored != nil && isBundled, reset)</aside>
        </main>
        """
    }

    private func isKnown(_ year: Int) -> Bool { calendar.sources.contains { $0.year == year } }

    private var doneText: Text? {
        switch done {
        case "save": Text("已存好。新算的时限马上按它来。", "Stored: deadlines that are worked out from now on go by it.")
        case "reset": Text("已改回随程序附带的安排。", "Back to what this version came with.")
        default: nil
        }
    }

    private var years: HTML {
        let shown = Set(calendar.sources.map(\.year) + [thisYear, thisYear + 1]).sorted()
        return """
            <nav class="card" aria-label="\(Text("年份", "Years"))"><ul>\(each: shown, { other in
                """
                <li><a class="cell" href="/admin/holidays?year=\(other)"\(when: other == year, " aria-current=\"page\"")>\
                <span class="bd"><span class="ttl num">\("\(other)")</span></span>\
                \(isKnown(other) ? tag(Text("已录入", "Known"), .ok) : tag(Text("没有录入", "Missing"), .warn))</a></li>
                """
            })</ul></nav>
            """
    }

    // MARK: Days

    private func days(_ calendar: WorkingCalendar, _ title: Text, id: String) -> HTML {
        let source = calendar.sources.first { $0.year == year }?.source
        let special = calendar.specialDays(of: year)
        let total = calendar.workingDays(in: year)
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(title)</h2></div>
            <p class="pad note">\(source.map { Text(same: $0) }
                ?? Text("没有录入，周一到周五上班。", "Not entered: Monday to Friday are worked."))</p>
            <p class="pad">\(Text("全年 \(total) 个工作日", "\(total) working days"))</p>
            \(when: !special.isEmpty, "<ul>\(each: HolidaysPage.runs(special), run)</ul>")
            </section>
            """
    }

    /// Days of one holiday that follow each other.
    private struct Run {
        var first: CivilDate
        var last: CivilDate
        let isWorked: Bool
        let holiday: Text
    }

    private static func runs(_ days: [WorkingCalendar.SpecialDay]) -> [Run] {
        var runs: [Run] = []
        for day in days {
            if let last = runs.indices.last, runs[last].isWorked == day.isWorked, runs[last].holiday == day.holiday,
                runs[last].last.adding(days: 1) == day.date
            {
                runs[last].last = day.date
            } else {
                runs.append(Run(first: day.date, last: day.date, isWorked: day.isWorked, holiday: day.holiday))
            }
        }
        return runs
    }

    private func run(_ run: Run) -> HTML {
        let count = run.last.daysSinceEpoch - run.first.daysSinceEpoch + 1
        let span =
            count == 1
            ? day(run.first)
            : Text("\(day(run.first).zh)—\(day(run.last).zh)", "\(day(run.first).en) – \(day(run.last).en)")
        return """
            <li><div class="cell"><span class="bd"><span class="ttl">\(run.holiday)</span><span class="sub">\(span)</span></span>\
            \(run.isWorked
                ? tag(Text("调休上班", "Worked"), .warn) : tag(Text("放假 \(count) 天", "\(count) days off"), .ok))</div></li>
            """
    }

    private func day(_ date: CivilDate) -> Text {
        let weekday = AdminWords.weekdays[date.weekday - 1]
        return Text("\(date.dayAndMonth.zh)（\(weekday.zh)）", "\(weekday.en) \(date.dayAndMonth.en)")
    }

    // MARK: Forms

    private var edit: HTML {
        let form = AdminForm(error: error)
        return """
            <section class="card"><div class="hd"><h2>\(Text("录入、修改", "Enter or correct"))</h2></div>
            <form class="form" method="post" action="/admin/holidays">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="year" value="\(year)">
            <div class="full">\(form.lines(
                "table", Text("\(year) 年的安排，照通知一行一条", "The lines of \(year), one for each"), table, rows: 14,
                hint: Text(
                    "放假：年份 | off | 第一天 | 最后一天 | 节日 | English；调休上班：年份 | work | 日期 | 节日 | English；依据：年份 | source | 通知。",
                    """
                    Off: year | off | first day | last day | 节日 | English. Worked weekend: year | work | day | 节日 | English. \
                    Notice: year | source | notice.
                    """
                )
            ))</div>
            <div class="full btns"><button class="btn ghost">\(Text("先看看", "Have a look first"))</button></div>
            </form></section>
            """
    }

    private var save: HTML {
        """
        <form class="card pad btns" method="post" action="/admin/holidays">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="year" value="\(year)"><textarea name="table" hidden>\("\n" + table)</textarea>\
        <button class="btn" name="do" value="save">\(Text("存下来", "Store it"))</button></form>
        """
    }

    private var reset: HTML {
        let question = Text("改回随程序附带的 \(year) 年安排？", "Go back to what this version came with for \(year)?")
        return """
            <section class="card"><div class="act">
            <form method="post" action="/admin/holidays/\(year)/reset" data-confirm="\(question)">\
            \(LinliUI.formToken(formToken))<button class="btn ghost">\(Text("改回附带的", "Back to the one shipped"))</button></form>
            </div></section>
            """
    }
}
