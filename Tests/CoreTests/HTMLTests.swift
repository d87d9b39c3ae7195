import LinliCore
import Testing

@Suite("页面片段")
struct HTMLTests {
    private static let evil = "<script>alert('x')</script> & \"引号\""
    private static let safe = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;引号&quot;"

    @Test("插入的文字一律转义")
    func escaping() {
        let page: HTML = "<p title=\"\(HTMLTests.evil)\">\(HTMLTests.evil)</p>"
        let expected = "<p title=\"\(HTMLTests.safe)\">\(HTMLTests.safe)</p>"
        #expect(page.string(.zh) == expected)
        #expect(page.string(.en) == expected)
    }

    @Test("不论多长、落在哪一位，要转义的一个也不漏")
    func everyPlace() {
        let filler = ["", "a", "abcdefg", "编号 2026-11", "北门外的路灯不亮，夜里太黑", "0123456789"]
        let signs = ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;", "\u{1}": "\u{FFFD}"]
        for before in filler {
            for after in filler {
                for (sign, replaced) in signs {
                    for shift in 0..<9 {
                        let lead = String(repeating: "x", count: shift) + before
                        let page: HTML = "\(lead + sign + after + sign)"
                        #expect(page.string(.zh) == lead + replaced + after + replaced)
                    }
                }
            }
        }
    }

    @Test("双语文字按读者的语言转义")
    func texts() {
        let text = Text("张<三>&'\"", "Zhang <San> & '\"")
        let page: HTML = "<b>\(text)</b>"
        #expect(page.string(.zh) == "<b>张&lt;三&gt;&amp;&#39;&quot;</b>")
        #expect(page.string(.en) == "<b>Zhang &lt;San&gt; &amp; &#39;&quot;</b>")
        #expect(HTML.text(text).string(.en) == "Zhang &lt;San&gt; &amp; &#39;&quot;")
    }

    @Test("片段不会转义两次，成对的片段可以嵌套")
    func nestedPairs() {
        let name = Text("东<区>", "East <District>")
        let inner = HTML.pair(zh: "<i>\(name)</i>（内）", en: "<i>\(name)</i> (inner)")
        let outer = HTML.pair(zh: "请看\(inner)和\(name)。", en: "See \(inner) and \(name).")
        let page: HTML = "<p>\(name)：\(outer)</p>\("a<b")"
        #expect(page.string(.zh) == "<p>东&lt;区&gt;：请看<i>东&lt;区&gt;</i>（内）和东&lt;区&gt;。</p>a&lt;b")
        #expect(
            page.string(.en)
                == "<p>East &lt;District&gt;：See <i>East &lt;District&gt;</i> (inner) and East &lt;District&gt;.</p>a&lt;b"
        )
    }

    @Test("长的片段原样留着：不论多长、放进几层，顺序和语言都不乱")
    func longPieces() {
        /// A piece of about so many bytes, with a pair in it, and what it reads as.
        func piece(_ number: Int, _ size: Int) -> (html: HTML, read: (Language) -> String) {
            let filler = String(repeating: "格", count: size / 3)
            let name = Text("第\(number)", "no. \(number)")
            return ("<i>\(filler)\(name)</i>", { "<i>\(filler)\(name[$0])</i>" })
        }
        // Around the length from which a piece is kept as it is, and far beyond.
        let sizes = [0, 900, 990, 1000, 1010, 1020, 1030, 1100, 5000, 3, 40_000]
        for first in sizes {
            for second in sizes {
                let (one, two) = (piece(1, first), piece(2, second))
                let row: HTML = "<td>\(one.html)</td>\(two.html)"
                let table: HTML = "<table>\(each: 0..<3, { _ in row })</table>\(Text("完", "end"))"
                let page: HTML = "\(table)<hr>" + one.html + "." + row
                for language in [Language.zh, .en] {
                    let (a, b) = (one.read(language), two.read(language))
                    let cells = "<td>\(a)</td>\(b)"
                    let rows = "<table>\(cells)\(cells)\(cells)</table>\(Text("完", "end")[language])"
                    #expect(page.string(language) == "\(rows)<hr>\(a).\(cells)", "\(first), \(second)")
                }
                #expect(!page.isEmpty && !row.isEmpty)
            }
        }
    }

    @Test("条件、循环和可有可无的片段")
    func conditions() {
        let missing: HTML? = nil
        let names = [Text("一", "one"), Text("二<", "two<")]
        let list: HTML = "\(each: names, { "<li>\($0)</li>" })"
        let page: HTML = "<ul>\(list)</ul>\(when: true, "<b>是</b>")\(when: false, "<b>否</b>")\(missing)"
        #expect(page.string(.zh) == "<ul><li>一</li><li>二&lt;</li></ul><b>是</b>")
        #expect(page.string(.en) == "<ul><li>one</li><li>two&lt;</li></ul><b>是</b>")
    }

    @Test("接起来的片段各自的语言位置不错位")
    func appending() {
        let left: HTML = "甲\(Text("一", "one"))乙"
        let right: HTML = "\(Text("二", "two"))丙"
        var page = left + right
        page.append(left)
        #expect(page.string(.zh) == "甲一乙二丙甲一乙")
        #expect(page.string(.en) == "甲one乙two丙甲one乙")
        #expect(HTML.empty.isEmpty && !right.isEmpty)
        #expect((HTML.empty + HTML.empty).string(.zh).isEmpty)
    }

    @Test("数、标识和区划")
    func values() throws {
        let code = try #require(DivisionCode("110101"))
        let page: HTML = "\(42)/\(Int64(-7))/\(ID<Int>(rawValue: 31))/\(code)/\(HTML.trusted("<svg/>"))"
        #expect(page.string(.zh) == "42/-7/000000000000z/110101000000000/<svg/>")
    }

    @Test("脚本里的 JSON 不能结束脚本")
    func json() {
        var json = JSONWriter()
        json.value("</script><!--")
        let page: HTML = "<script type=\"application/json\">\(json: json)</script>"
        #expect(page.string(.zh) == "<script type=\"application/json\">\"\\u003c/script>\\u003c!--\"</script>")
    }
}
