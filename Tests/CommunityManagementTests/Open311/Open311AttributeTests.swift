import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Fields that administrators add to the form of needs reach other systems as attributes.
@Suite("Open311 自定义字段")
struct Open311AttributeTests {
    private static let fields = """
        fields:
          floor: { name: { zh: 楼层, en: Floor }, kind: number, required: true, limit: 40 }
          since: { name: { zh: 从哪天起, en: Since }, kind: date }
          harm: { name: { zh: 有没有人受伤, en: Anybody hurt }, kind: flag }
          when:
            name: { zh: 什么时候, en: When }
            kind: choices
            choices: { day: { zh: 白天, en: By day }, night: { zh: 夜里, en: At night } }
          noise:
            name: { zh: 什么声音, en: What noise }
            kind: text
            limit: 20
            required: true
            when: { field: when, is: [night] }
        """

    private func publish(_ house: House) throws {
        let text = CaseTypeLoader.renumbered(CaseTypeFiles.text("need"), version: 99)
            .replacing("fields:", with: Self.fields)
        house.services.queries.types.add(try CaseTypes(yaml: [text]).current("need"))
    }

    @Test("定义里写得出来，报上来存得下", arguments: TestEngine.enabled)
    func kept(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try publish(house)
            let answer = try await house.ask(.get, "/open311/v2/services/C0118.xml")
            let attributes = try #require(XMLTree.read(answer.text)?["attributes"]).children
            func column(_ name: String) -> [String] { attributes.dropFirst(4).compactMap { $0[name]?.text } }
            #expect(column("code") == ["floor", "since", "harm", "when", "noise"])
            #expect(column("datatype") == ["number", "string", "singlevaluelist", "multivaluelist", "text"])
            #expect(column("required") == ["true", "false", "false", "false", "false"])
            #expect(column("order") == ["5", "6", "7", "8", "9"])
            let keys = attributes.map { $0["values"]?.children.compactMap { $0["key"]?.text } ?? [] }
            #expect(keys.dropFirst(6) == [["yes"], ["day", "night"], []])

            let form = Open311RequestTests.form(
                try await house.key(),
                [
                    "attribute[floor]": "12", "attribute[since]": "2026-11-20", "attribute[when][]": "day",
                    "attribute[harm]": "yes",
                ]
            )
            let told = try await house.ask(
                .post, "/open311/v2/requests.json", form: form + [("attribute[when][]", "night")])
            // Whoever says "at night" is asked what it sounds like.
            try Open311DocumentTests.isError(told, 400, isJSON: true, says: "attribute[noise]")
            let more = form + [("attribute[when][]", "night"), ("attribute[noise]", "嗡嗡响")]
            let taken = try await house.ask(.post, "/open311/v2/requests.json", form: more)
            let number = try #require(
                try Open311RequestTests.first(taken)["service_request_id"] as? String, "\(taken.text)")
            let stored: String? = try await house.value("SELECT answers FROM case_item WHERE number = \(number)")
            for part in ["12", "2026-11-20", "day,night", "嗡嗡响"] { #expect(stored?.contains(part) == true) }
        }
    }

    @Test("答错了点名是哪一项", arguments: TestEngine.enabled)
    func refused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try publish(house)
            let key = try await house.key()
            let wrong: [(String, String?)] = [
                ("attribute[floor]", nil), ("attribute[floor]", "twelve"), ("attribute[floor]", "41"),
                ("attribute[since]", "yesterday"), ("attribute[harm]", "no"), ("attribute[when]", "noon"),
            ]
            for (name, value) in wrong {
                var changes = ["attribute[floor]": "3"]
                changes[name] = value
                let form = Open311RequestTests.form(key, changes)
                let answer = try await house.ask(.post, "/open311/v2/requests.json", form: form)
                try Open311DocumentTests.isError(answer, 400, isJSON: true, says: name)
            }
        }
    }
}
