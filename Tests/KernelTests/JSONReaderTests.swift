import Foundation
import LinliCore
import LinliKernel
import Testing

/// Our reader of JSON takes and refuses what Foundation's does, and reads the same.
@Suite("读 JSON")
struct JSONReaderTests {
    /// The same by Foundation; nil for what it refuses.
    private static func known(_ text: [UInt8]) -> [String: JSONValue]? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(text)) as? [String: Any] else { return nil }
        return object.mapValues(value)
    }

    private static func value(_ any: Any) -> JSONValue {
        switch any {
        case let text as String: .text(text)
        case let list as [Any]: .array(list.map(value))
        case let object as [String: Any]: .object(object.mapValues(value))
        case let number as NSNumber where CFBooleanCheck.isFlag(number): .flag(number.boolValue)
        case let number as NSNumber:
            Int64(exactly: number.doubleValue).map { _ in .int(number.int64Value) } ?? .real(number.doubleValue)
        default: .null
        }
    }

    /// Foundation has flags as numbers.
    private enum CFBooleanCheck {
        static func isFlag(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
    }

    @Test(
        "对的都读得出，和系统自带的一样",
        arguments: [
            "{}", " {\t\"a\" :\r\n 1 } ", #"{"a":"北门外的路灯不亮","b":["x",{}],"c":{"d":null}}"#, #"{"a":true,"b":false}"#,
            #"{"a":0,"b":-0,"c":-12,"d":9007199254740991,"e":12.5,"f":1e3,"g":-2.5E-2,"h":1.0}"#,
            #"{"a":"\"\\\/\b\f\n\r\t","b":"\u4e2d\u6587","c":"\ud83d\ude00","d":"\u00e9"}"#,
            #"{"":"","a b":"😀é","长":"名"}"#, #"{"a":[[[[[]]]]],"b":[1,2,3]}"#,
        ])
    func reads(_ text: String) throws {
        let bytes = Array(text.utf8)
        let expected = try #require(Self.known(bytes))
        #expect(try JSONValue.object(in: bytes) == expected)
    }

    @Test(
        "不对的一律不收",
        arguments: [
            "", " ", "[]", "1", "\"a\"", "null", "{", "}", "{}x", "{} {}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
            #"{,"a":1}"#,
            #"{a:1}"#, #"{'a':1}"#, #"{"a":1 "b":2}"#, #"{"a":01}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":+1}"#,
            #"{"a":1e}"#,
            #"{"a":-}"#, #"{"a":0x10}"#, #"{"a":NaN}"#, #"{"a":Infinity}"#, #"{"a":1e999}"#, #"{"a":tru}"#,
            #"{"a":True}"#,
            #"{"a":[1,]}"#, #"{"a":[}"#, #"{"a":"b}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":"\u12G4"}"#,
            #"{"a":"\ud83d"}"#,
            #"{"a":"\ude00"}"#, #"{"a":"\ud83dx"}"#, "{\"a\":\"\n\"}", "{\"a\":\"\u{1}\"}", "\u{FEFF}{}",
            "{\"a\":1}\u{0}",
        ])
    func refuses(_ text: String) {
        #expect(throws: LinliError.self) { try JSONValue.object(in: Array(text.utf8)) }
    }

    @Test("不是 UTF-8 的、套得太深的不收，也不会出事")
    func hostile() throws {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE4, 0xB8]] {
            let body = Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8)
            #expect(throws: LinliError.self, "\(bytes)") { try JSONValue.object(in: body) }
        }
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)).utf8)
        }
        #expect(try JSONValue.object(in: nested(100)).count == 1)
        #expect(throws: LinliError.self) { try JSONValue.object(in: nested(100_000)) }
        #expect(throws: LinliError.self) {
            try JSONValue.object(in: Array(#"{"a":"#.utf8) + [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20))
        }
    }

    @Test("每一处截断、每一个改动的字节都不会出事")
    func mangled() {
        let whole = Array(#"{"text":"灯\u4e2d\n不亮","list":[1,-2.5e3,true,null,{"a":"b"}],"n":12}"#.utf8)
        for end in 0..<whole.count {
            #expect(throws: LinliError.self) { try JSONValue.object(in: Array(whole[..<end])) }
        }
        for index in whole.indices {
            for byte in UInt8.min...UInt8.max {
                var other = whole
                other[index] = byte
                // What is refused throws, and that is looked at below.
                let read = try? JSONValue.object(in: other)
                let known = Self.known(other)
                // Foundation also takes a comma behind the last member.
                let isLoose = String(decoding: other, as: UTF8.self).contains(",}")
                guard read != nil || (byte < 0x80 && !isLoose) else { continue }
                #expect(read == known, "byte \(index) as \(byte)")
            }
        }
    }
}
