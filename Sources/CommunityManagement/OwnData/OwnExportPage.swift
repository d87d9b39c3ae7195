import LinliCore
import LinliKernel
import LinliUI

/// Everything that is kept of oneself, in clear, for its owner.
struct OwnExportPage {
    let copy: OwnDataCopy
    let now: Instant

    var page: Page {
        Page(
            Text("我的全部信息", "All my data"), frame: .resident(.me),
            """
            <main id="main" class="one">\(head)\(each: copy.sections, section)</main>
            """)
    }

    private var head: HTML {
        let query = copy.entry.map { "?entry=\($0.person.id)" } ?? ""
        return """
            <section class="card"><div class="hd"><h2>\(copy.entry.map { Text(same: $0.person.name) } ?? Text("账号", "Account"))</h2>\
            <a href="/me/data/export.json\(query)">\(Text("下载 JSON", "Download JSON"))</a></div>
            \(copy.entry.map(fields))
            <p class="note pad">\(Text(
                "这里只有您自己的信息，别人的名字只留第一个字。您看这一页，也记下了一笔。",
                "Nothing but what is yours: of others' names only the first character. That you looked is noted, too."))</p></section>
            """
    }

    private func fields(_ entry: (person: PersonRecord, values: [RegisterField: String])) -> HTML {
        """
        <dl class="kv"><dt>\(Text("姓名", "Name"))</dt><dd>\(entry.person.name)</dd>
        <dt>\(Text("出生日期", "Date of birth"))</dt><dd>\(entry.person.born?.full ?? Text("没有登记", "None"))</dd>
        \(each: entry.values.sorted { $0.key.id < $1.key.id }, { field, value in
            "<dt>\(field.name)</dt><dd>\(RegisterValue.shown(value, of: field))</dd>"
        })
        \(each: copy.homes, { home in
            "<dt>\(home.tie.name)</dt><dd>\(home.address)\(when: home.until != nil, " · \(Text("以前", "before"))")</dd>"
        })</dl>
        """
    }

    private func section(_ section: OwnDataSection) -> HTML {
        let none: HTML = "<p class=\"pad\">\(Text("没有", "Nothing"))</p>"
        return """
            <section class="card" aria-labelledby="part-\(section.part.id)"><div class="hd">\
            <h2 id="part-\(section.part.id)">\(section.part.name)</h2>\
            <span class="sub">\(Text("\(section.records.count) 条", "\(section.records.count)"))</span></div>
            \(section.records.isEmpty ? none : "<ol class=\"tl\">\(each: section.records, record)</ol>")
            </section>
            """
    }

    private func record(_ record: OwnDataRecord) -> HTML {
        """
        <li>\(time(record.at, record.at.dayAndTime))
        <dl class="kv">\(each: record.lines, { line in
            "<dt>\(line.name)</dt><dd>\(value(line.value))</dd>"
        })</dl></li>
        """
    }

    private func value(_ value: OwnDataRecord.Value) -> HTML {
        switch value {
        case .text(let text): "\(text)"
        case .word(_, let shown): "\(shown)"
        case .moment(let at): time(at, at.dayAndTime)
        }
    }
}
