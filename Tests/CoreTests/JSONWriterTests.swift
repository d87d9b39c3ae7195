import FoundationEssentials
import LinliCore
import Testing

@Suite("JSON 写出")
struct JSONWriterTests {
    private func written(_ content: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        content(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("对象、数组和逗号")
    func structure() {
        let text = written { json in
            json.object { json in
                json.field("id", 7)
                json.field("name", "张桂兰")
                json.field("missing", nil as String?)
                json.field("done", true)
                json.key("list")
                json.array { json in
                    json.value(1)
                    json.object { _ in }
                    json.array { _ in }
                    json.value(false)
                    json.value(json: Array("{\"a\":1}".utf8))
                }
                json.key(dynamic: "a\"b")
                json.value(1.5)
            }
        }
        #expect(
            text == #"{"id":7,"name":"张桂兰","missing":null,"done":true,"list":[1,{},[],false,{"a":1}],"a\"b":1.5}"#
        )
    }

    @Test("每个控制字符、引号、反斜杠和小于号都转义，读回来是原文")
    func escaping() throws {
        for value in UInt32(0)...0x2FF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let original = "甲" + String(Character(scalar)) + "<乙"
            let text = written { $0.array { $0.value(original) } }
            #expect(!text.utf8.contains { $0 < 0x20 || $0 == 0x3C })
            let read = try JSONDecoder().decode([String].self, from: Data(text.utf8))
            #expect(read.first?.unicodeScalars.elementsEqual(original.unicodeScalars) == true)
        }
        #expect(written { $0.value("\"\\\n\r\t\u{1}\u{1F}<") } == #""\"\\\n\r\t\u0001\u001f\u003c""#)
    }

    @Test("JSON 说不出的数写成 null", arguments: [Double.nan, .infinity, -.infinity])
    func notANumber(value: Double) {
        #expect(written { $0.value(value) } == "null")
    }

    @Test("数读回来不变", arguments: [0, -0.5, 1e20, 1e-7, 116.397_428, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
    func numbers(value: Double) throws {
        let text = written { $0.array { $0.value(value) } }
        #expect(try JSONDecoder().decode([Double].self, from: Data(text.utf8)) == [value])
    }

    @Test("整数的两端")
    func integers() {
        #expect(written { $0.value(Int64.min) } == "-9223372036854775808")
        #expect(written { $0.value(nil as Int64?) } == "null")
    }
}
