import LinliStandards
import Testing

/// Letters by which names are found.
@Suite("拼音首字母")
struct PinyinInitialsTests {
    @Test(
        "名字怎么打得出来",
        arguments: [
            ("王芳", ["wf"]), ("欧阳修", ["oyx"]), ("Anna李", ["annal"]), ("3号楼", ["3hl"]), ("ＡＢ", []), ("·", []), ("", []),
        ]
    )
    func variants(name: String, letters: [String]) throws {
        #expect(try PinyinInitials.shared().variants(of: name) == letters)
    }

    @Test(
        "姓氏有自己的读音",
        arguments: [
            ("单", "s"), ("解", "x"), ("仇", "q"), ("查", "z"), ("覃", "q"), ("区", "o"), ("朴", "p"), ("尉", "y"), ("乐", "y"),
            ("曾", "z"), ("缪", "m"), ("种", "c"), ("翟", "z"), ("谌", "s"), ("任", "r"), ("华", "h"), ("黄", "h"), ("曲", "q"),
        ]
    )
    func surnames(surname: String, letter: String) throws {
        #expect(try PinyinInitials.shared().variants(of: surname).contains(letter))
    }

    @Test("多音字有几个写法，不会越来越多")
    func several() throws {
        let table = try PinyinInitials.shared()
        #expect(table.variants(of: "单雄飞") == ["cxf", "dxf", "sxf"])
        #expect(table.variants(of: "重重重重重重").count == 4)
    }

    @Test("姓名常用字都在表里")
    func complete() throws {
        let table = try PinyinInitials.shared()
        let common = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
        #expect(common.unicodeScalars.allSatisfy { table.letters(of: $0).isEmpty == false })
    }
}
