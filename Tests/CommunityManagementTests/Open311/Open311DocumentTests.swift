import Foundation
import LinliCore
import LinliKernel
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// The documents of GeoReport v2 element by element, as the standard's tables have them.
@Suite("Open311 文档")
struct Open311DocumentTests {
    /// A document in both forms must say the same.
    private func both(
        _ house: House, _ path: String, query: [(String, String)] = [], status: Int = 200
    ) async throws -> (xml: XMLTree, json: Any) {
        let xml = try await house.ask(.get, path + ".xml", query: query)
        let json = try await house.ask(.get, path + ".json", query: query)
        #expect(xml.status == status && json.status == status, "\(path): \(xml.text) \(json.text)")
        #expect(xml.type == "text/xml; charset=utf-8")
        #expect(json.type == "application/json; charset=utf-8")
        #expect(xml.text.hasPrefix("<?xml version=\"1.0\" encoding=\"utf-8\"?>"))
        let tree = try #require(XMLTree.read(xml.text), "\(path): the parser refuses it")
        return (tree, try #require(readJSON(json.text), "\(path): not JSON"))
    }

    /// Whether XML says what JSON says: objects are elements by name, arrays elements of one name.
    private func agree(_ xml: XMLTree, _ json: Any, _ path: String) {
        switch json {
        case let object as [String: Any]:
            #expect(Set(xml.names) == Set(object.keys), "\(path)")
            for child in xml.children { object[child.name].map { agree(child, $0, path + "/" + child.name) } }
        case let array as [Any]:
            #expect(xml.children.count == array.count, "\(path)")
            for (child, value) in zip(xml.children, array) { agree(child, value, path + "[]") }
        case is NSNull: #expect(xml.text.isEmpty && xml.children.isEmpty, "\(path)")
        case let flag as Bool where xml.text == "true" || xml.text == "false":
            #expect(xml.text == String(flag), "\(path)")
        case let number as NSNumber: #expect(Double(xml.text) == number.doubleValue, "\(path)")
        case let text as String: #expect(xml.text == text, "\(path)")
        default: Issue.record("\(path): \(json)")
        }
    }

    @Test("discovery 说明地址、格式和怎么要密钥", arguments: TestEngine.enabled)
    func discovery(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (xml, json) = try await both(house, "/open311/v2/discovery")
            #expect(xml.name == "discovery")
            #expect(xml.names == ["changeset", "contact", "key_service", "endpoints"])
            let endpoint = try #require(xml["endpoints"]?["endpoint"])
            #expect(endpoint.names == ["specification", "url", "changeset", "type", "formats"])
            #expect(endpoint["specification"]?.text == "http://wiki.open311.org/GeoReport_v2")
            #expect(endpoint["url"]?.text == "https://linli.example/open311/v2")
            #expect(endpoint["type"]?.text == "production")
            #expect(endpoint["formats"]?.children.map(\.text) == ["text/xml", "application/json"])
            #expect(Instant(w3c: xml["changeset"]?.text ?? "") != nil)
            #expect(xml["contact"]?.text.isEmpty == false && xml["key_service"]?.text.isEmpty == false)
            agree(xml, json, "discovery")
        }
    }

    @Test("services 列出可报的类别，举报类不在其中", arguments: TestEngine.enabled)
    func services(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (xml, json) = try await both(house, "/open311/v2/services")
            #expect(xml.name == "services" && xml.names == ["service"])
            let fields = [
                "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
            ]
            for service in xml.children {
                #expect(service.names == fields)
                #expect(["realtime", "batch", "blackbox"].contains(service["type"]?.text ?? ""))
                for name in fields {
                    #expect(service[name]?.text.isEmpty == false, "\(service["service_code"]?.text ?? "")")
                }
            }
            let codes = xml.children.compactMap { $0["service_code"]?.text }
            let catalogue = house.services.catalogue
            #expect(Set(codes).count == codes.count && codes.count > 200)
            #expect(codes.allSatisfy { catalogue[code: $0].map { !$0.isMajor && $0.nature != .tipOff } ?? false })
            let left = catalogue.all.filter { !$0.isMajor && !codes.contains($0.code) }
            #expect(!left.isEmpty && left.allSatisfy { $0.nature == .tipOff })
            let list = try #require(json as? [[String: Any]])
            #expect(list.allSatisfy { $0["metadata"] is Bool && $0["keywords"] is String })
            agree(xml, json, "services")
        }
    }

    @Test("每个标了 metadata 的类别都有定义", arguments: TestEngine.enabled)
    func definitions(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let list = try #require(XMLTree.read(try await house.ask(.get, "/open311/v2/services.xml").text))
            for service in list.children where service["metadata"]?.text == "true" {
                let code = try #require(service["service_code"]?.text)
                let (xml, json) = try await both(house, "/open311/v2/services/\(code)")
                #expect(xml.name == "service_definition" && xml.names == ["service_code", "attributes"])
                #expect(xml["service_code"]?.text == code)
                let attributes = try #require(xml["attributes"]).children
                #expect(attributes.allSatisfy { $0.name == "attribute" })
                #expect(attributes.map { $0["code"]?.text } == ["spot", "location", "disclosure", "publish"])
                #expect(attributes.map { $0["order"]?.text } == ["1", "2", "3", "4"])
                for attribute in attributes { check(attribute) }
                #expect(json is [String: Any], "one object, not an array")
                agree(xml, json, code)
            }
        }
    }

    private func check(_ attribute: XMLTree) {
        #expect(
            attribute.names == [
                "variable", "code", "datatype", "required", "datatype_description", "order", "description", "values",
            ])
        let types = ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
        let type = attribute["datatype"]?.text ?? ""
        #expect(types.contains(type))
        let values = attribute["values"]?.children ?? []
        #expect(values.isEmpty == (type == "text"))
        #expect(values.allSatisfy { $0.name == "value" && $0.names == ["key", "name"] })
    }

    // MARK: Errors

    struct Refused: Sendable, CustomTestStringConvertible {
        var method = Request.Method.get
        var path: String
        var query: [(String, String)] = []
        var form: [(String, String)] = []
        var status: Int
        /// A word of the sentence.
        var says: String

        var testDescription: String { "\(method.rawValue) \(path) \(query) \(form.map(\.0)) → \(status)" }
    }

    static let refused: [Refused] = [
        Refused(path: "/open311/v2/services", status: 404, says: ".xml"),
        Refused(path: "/open311/v2/services.html", status: 404, says: ".xml"),
        Refused(path: "/open311/v2/.xml", status: 404, says: ".xml"),
        Refused(path: "/open311/v2/nothing.xml", status: 404, says: "没有这个地址"),
        Refused(path: "/open311/v2/nothing/R0101.json", status: 404, says: "没有这个地址"),
        Refused(path: "/open311/v2/services/R9999.xml", status: 404, says: "R9999"),
        Refused(path: "/open311/v2/services/R01.xml", status: 404, says: "R01"),
        Refused(path: "/open311/v2/services/R0901.xml", status: 404, says: "R0901"),
        Refused(
            path: "/open311/v2/services.xml", query: [("jurisdiction_id", "sfgov.org")], status: 404,
            says: "jurisdiction_id"),
        Refused(
            path: "/open311/v2/requests.json", query: [("jurisdiction_id", "x")], status: 404, says: "jurisdiction_id"),
        Refused(path: "/open311/v2/requests/SJ20200101-0001.xml", status: 404, says: "没有这个编号"),
        Refused(path: "/open311/v2/requests/..%2f.json", status: 404, says: "没有这个编号"),
        Refused(path: "/open311/v2/tokens/0000000000000.xml", status: 404, says: "没有这个编号"),
        Refused(path: "/open311/v2/tokens/x.json", status: 404, says: "没有这个编号"),
        Refused(path: "/open311/v2/requests.xml", query: [("service_code", "R0101,R9999")], status: 404, says: "R9999"),
        Refused(path: "/open311/v2/requests.xml", query: [("status", "open,done")], status: 400, says: "status"),
        Refused(path: "/open311/v2/requests.xml", query: [("status", ",")], status: 400, says: "status"),
        Refused(
            path: "/open311/v2/requests.json", query: [("start_date", "2026-11-01")], status: 400, says: "start_date"),
        Refused(
            path: "/open311/v2/requests.json", query: [("end_date", "2026-11-01T00:00:00")], status: 400,
            says: "end_date"),
        Refused(
            path: "/open311/v2/requests.xml",
            query: [("start_date", "2026-11-02T00:00:00Z"), ("end_date", "2026-11-01T00:00:00Z")], status: 400,
            says: "start_date"),
        Refused(
            path: "/open311/v2/requests.xml",
            query: [("start_date", "2026-08-01T00:00:00Z"), ("end_date", "2026-10-30T00:00:01Z")], status: 400,
            says: "90"),
        Refused(
            path: "/open311/v2/requests.xml",
            query: [("service_request_id", (0...1000).map { "SJ20261122-\($0)" }.joined(separator: ","))], status: 400,
            says: "1000"),
        Refused(path: "/open311/v2/requests.xml", query: [("api_key", "wrong")], status: 403, says: "api_key"),
        Refused(method: .post, path: "/open311/v2/requests.xml", status: 403, says: "api_key"),
        Refused(
            method: .post, path: "/open311/v2/requests.json", form: [("api_key", "")], status: 403, says: "api_key"),
        Refused(
            method: .post, path: "/open311/v2/requests.json", form: [("api_key", "x")], status: 403, says: "api_key"),
        Refused(method: .post, path: "/open311/v2/services.json", status: 405, says: "GET, HEAD"),
    ]

    @Test("每种错误都用所问的格式回答", arguments: TestEngine.enabled)
    func errors(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            for refused in Self.refused {
                let answer = try await house.ask(
                    refused.method, refused.path, query: refused.query, form: refused.form)
                #expect(answer.status == refused.status, "\(refused.testDescription): \(answer.text)")
                try Self.isError(answer, refused.status, isJSON: refused.path.hasSuffix(".json"), says: refused.says)
            }
        }
    }

    /// Whether an answer is the standard's error document.
    static func isError(_ answer: ProgramAnswer, _ status: Int, isJSON: Bool, says: String) throws {
        try isError(answer.type, answer.text, status, isJSON: isJSON, says: says)
    }

    static func isError(_ type: String, _ text: String, _ status: Int, isJSON: Bool, says: String) throws {
        var sentences: [String] = []
        if isJSON {
            #expect(type == "application/json; charset=utf-8")
            let errors = try #require(readJSON(text) as? [[String: Any]])
            #expect(errors.allSatisfy { $0["code"] as? Int == status && $0.count == 2 })
            sentences = errors.compactMap { $0["description"] as? String }
        } else {
            #expect(type == "text/xml; charset=utf-8")
            let errors = try #require(XMLTree.read(text))
            #expect(errors.name == "errors" && errors.names == ["error"])
            #expect(
                errors.children.allSatisfy {
                    $0.names == ["code", "description"] && $0["code"]?.text == String(status)
                })
            sentences = errors.children.compactMap { $0["description"]?.text }
        }
        #expect(!sentences.isEmpty && sentences.contains { $0.contains(says) }, "\(sentences) without \(says)")
    }

    @Test("特殊字符在两种格式里都原样读回")
    func escaping() throws {
        let nasty = "<a href=\"x\">&amp; ' ]]> \t 换行\n回车\r 🏮 \u{85}"
        let document = Open311Document(root: "root", value: .object([("text", .text(nasty)), ("empty", .nothing)]))
        let xml = try #require(XMLTree.read(String(decoding: document.bytes(.xml), as: UTF8.self)))
        #expect(xml["text"]?.text == nasty)
        #expect(xml["empty"]?.text == "")
        let json = try #require(readJSON(String(decoding: document.bytes(.json), as: UTF8.self)) as? [String: Any])
        #expect(json["text"] as? String == nasty && json["empty"] is NSNull)
        // What XML cannot say must not make the document unreadable.
        let control = Open311Document(root: "root", value: .text("a\u{0}b\u{1B}c\u{FFFE}d"))
        let read = XMLTree.read(String(decoding: control.bytes(.xml), as: UTF8.self))
        #expect(read?.text == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d")
    }
}
