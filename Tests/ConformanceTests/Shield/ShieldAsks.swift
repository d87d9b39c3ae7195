import Foundation
import LinliCore
import LinliKernel
import LinliTestSupport

/// One question, with names in place of the values of a case.
struct ShieldQuestion: Sendable {
    enum Body: Sendable {
        case form([(String, String)])
        case json(String)
    }

    let method: Request.Method
    let path: String
    let body: Body?

    init(_ method: Request.Method, _ path: String, _ body: Body? = nil) {
        (self.method, self.path, self.body) = (method, path, body)
    }

    /// What it is called among others.
    var key: String { "\(method.rawValue) \(path) \(text)" }

    /// What is sent.
    var text: String {
        switch body {
        case .form(let fields): fields.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        case .json(let text): text
        case nil: ""
        }
    }
}

/// How everything is asked by somebody who wants to know whether there is a case: made of what routes declare, so that
/// a new one is asked at once.
struct ShieldAsks: Sendable {
    /// The unit it is against.
    let unit: String

    /// What may change while a case lives, by path, and why that tells nobody of it.
    static let moving: [String: String] = [
        "/health": "how long events wait in the whole house",
        "/metrics": "counts everything this server did",
        "/live": "what is heard is looked at by listening",
        "/outbox/token": "made anew each time",
        "/grid/pass/code": "made anew each time",
        "/admin/audit": "what everybody did: of the case and its parts no line",
        "/api/v1/admin/audit": "the same",
        "/admin/operations": "how large the store is and what waits in it, whatever it is about",
        "/api/v1/admin/operations": "the same",
    ]

    // MARK: Addresses

    /// Every address of a route: as the doors are tried, and around the case.
    func addresses(_ route: Route) -> [String] {
        let sample = RouteSample.all[ReadingWalk.name(route)]?.path
        guard route.path.contains(":") else { return [sample ?? route.path] }
        let parts = route.path.split(separator: "/").map(String.init)
        var found = [ShieldAsks.filled(sample ?? route.path, unit)]
        for item in ["<case>", "<part>"] {
            let real = parts.map { part -> String in
                guard part.hasPrefix(":") else { return part }
                if part == ":id", route.path.contains("/units/") { return unit }
                return [":id", ":case", ":order"].contains(part) ? item : ShieldAsks.words[part] ?? part
            }
            found.append("/" + real.joined(separator: "/"))
        }
        var seen: Set<String> = []
        return found.filter { !$0.contains(":") && seen.insert($0).inserted }
    }

    private static func filled(_ path: String, _ unit: String) -> String {
        var path = path
        // Longer names first: one may begin like another.
        let all = words.merging([":case": "<case>", ":unit": unit]) { $1 }.sorted { $0.key.count > $1.key.count }
        for (name, value) in all { path = path.replacing(name, with: value) }
        return path
    }

    private static let words: [String: String] = [
        ":number": "<number>", ":file": "<file>", ":entry": "<number>.json", ":resource": "requests.json",
        ":token": "0123456789abcdefghjkmnpqrs", ":code": "110101001901", ":kind": "person", ":type": "need",
        ":version": "1", ":year": "2026", ":step": "note", ":transition": "accept", ":dwelling": "0000000000000",
        ":place": "0000000000000", ":account": "0000000000000", ":grant": "0000000000000", ":whistle": "<case>",
        ":asset": "linli.css", ":leaflet": "leaflet.css", ":plan": "0000000000000", ":order": "<case>",
        ":service": "meals", ":round": "<case>", ":request": "<case>", ":draft": "<case>", ":point": "<case>",
        ":offer": "<case>", ":patrol": "<case>", ":proof": "<file>", ":name": "linli.css", ":division": "110101001901",
        ":z": "15", ":x": "26977", ":y": "12417", ":label": "pregnant", ":link": "<case>", ":shift": "<case>",
        ":home": "<case>",
    ]

    // MARK: Queries of pages

    /// Names a page may read, and what somebody would write there; a name that is not here is in `quiet`.
    static let named: [String: [String]] = [
        "q": [ShieldedCase.words, "<number>", ShieldedCase.phone], "tab": tabs,
        "division": [ShieldedCase.community, "110101001"], "under": ["110101001"], "area": [ShieldedCase.community],
        "grid": ["110101001901001"], "kind": ["R0804", "R1701", "need"], "month": ["2026-11"],
        "category": ["R0804", "R1701"], "code": [ShieldedCase.community], "week": ["2026-11-22"],
        "unit": ["<unit>"], "case": ["<case>"], "id": ["<case>"], "view": ["map", "list"], "all": ["yes", "1"],
        "layer": ["cases", "needs"], "topics": ["desk,case/<case>"], "text": [ShieldedCase.words], "type": ["need"],
        "in": [ShieldedCase.community], "from": ["2026-11-01"], "until": ["2026-11-30"], "detail": ["yes", "1"],
        "status": ["open", "all"], "open": ["yes", "1"], "minor": ["R0804", "R1701"], "for": ["<case>"],
        "what": ["cases"], "entry": ["<case>"], "storey": ["street", "community"], "by": ["unit", "category"],
        "place": ["0000000000000"], "purpose": ["核对办理情况"], "format": ["csv", "xlsx"], "reporter": ["yes", "true"],
        "mine": ["open", "all"], "label": ["pregnant"], "list": ["free", "due", "brought", "returned"],
        "period": ["2026-W47", "2026-11"], "kinds": ["all"],
    ]

    private static let tabs = CaseFilter.Tab.allCases.map(\.rawValue) + ["due", "waiting", "later"]

    /// Names that choose no cases: how something is shown, where a list goes on, what was done before.
    static let quiet: Set<String> = [
        "done", "after", "before", "size", "command", "order", "next", "datum", "year", "second", "scheme", "reported",
        "r", "problem", "note", "new", "fields", "edition", "blank", "as", "rule", "lease", "handler",
        "limit", "back", "service", "earlier",
    ]

    /// What a page may be asked by one name, a query for each value.
    func queries(_ name: String) -> [String] {
        (ShieldAsks.named[name] ?? []).map { "\(name)=\(ShieldText.escaped($0 == "<unit>" ? unit : $0))" }
    }

    // MARK: Queries of programs

    /// What a call declares: the least it wants, and that with each other value.
    func declared(_ route: Route) -> [String] {
        guard let properties = route.operation?.query, !properties.isEmpty else { return [] }
        func pair(_ property: SchemaProperty, _ value: String) -> String {
            "\(property.name)=\(ShieldText.escaped(value))"
        }
        let needed = properties.filter(\.isRequired).compactMap { property in
            values(property).first.map { pair(property, $0) }
        }
        var found = needed.isEmpty ? [] : [needed.joined(separator: "&")]
        for property in properties where property.isRequired || !ShieldAsks.quiet.contains(property.name) {
            for value in values(property).dropFirst(property.isRequired ? 1 : 0) {
                let others = needed.filter { !$0.hasPrefix(property.name + "=") }
                found.append((others + [pair(property, value)]).joined(separator: "&"))
            }
        }
        return found
    }

    /// What somebody would write for a property.
    private func values(_ property: SchemaProperty) -> [String] {
        switch property.kind {
        case .choice(let choices): return choices
        case .flag: return ["true"]
        case .id: return property.name.lowercased().contains("unit") ? [unit] : ["<case>"]
        case .integer(let range): return ["\(min(range.upperBound, 100))"]
        case .number: return [property.name.hasPrefix("lat") ? "39.915" : "116.402"]
        case .shaped where property.name.lowercased().contains("day") || property.name == "from": return ["2026-11-22"]
        case .shaped: return [ShieldedCase.community]
        case .moment: return ["2026-11-01T00:00:00Z"]
        case .text:
            let known = ShieldAsks.named[property.name] ?? [ShieldedCase.words, "<number>", ShieldedCase.phone]
            return known.map { $0 == "<unit>" ? unit : $0 }
        case .list(let kind, _): return values(SchemaProperty(property.name, kind, property.meaning))
        case .object, .map, .file: return []
        }
    }

    // MARK: What is sent

    /// What is sent to a route: nothing, what somebody would try who knows words and a phone, and who knows the number.
    func sent(_ route: Route) -> [ShieldQuestion] {
        let name = ReadingWalk.name(route)
        let tried = route.operation == nil ? forms : [whole(route)].compactMap { $0 }
        let bodies = (ShieldAsks.bodies[name] ?? []) + [own(route)] + tried
        return addresses(route).flatMap { address in
            bodies.map { ShieldQuestion(route.method, address, $0) }
        }
    }

    private func own(_ route: Route) -> ShieldQuestion.Body {
        if route.operation != nil { return .json("{}") }
        return .form(RouteSample.all[ReadingWalk.name(route)]?.form ?? [])
    }

    /// Everything a form could ask, in one.
    private var forms: [ShieldQuestion.Body] {
        var known: [(String, String)] = [("phone", ShieldedCase.phone), ("reason", "看看")]
        for (name, values) in ShieldAsks.named {
            if let value = values.first(where: { !$0.contains("<") }) { known.append((name, value)) }
        }
        let numbered: [(String, String)] = [
            ("q", "<number>"), ("number", "<number>"), ("into", "<number>"), ("case", "<case>"), ("cases", "<case>"),
            ("id", "<case>"), ("item", "<case>"), ("text", "看看"), ("reason", "看看"), ("purpose", "核对办理情况"),
            ("unit", unit), ("outcome", "reached"), ("way", "phone"),
        ]
        return [.form(known), .form(numbered)]
    }

    /// Everything a call declares.
    private func whole(_ route: Route) -> ShieldQuestion.Body? {
        guard case .json(_, let properties)? = route.operation?.body else { return nil }
        let pairs = properties.compactMap { property -> String? in
            guard let value = values(property).first else { return nil }
            switch property.kind {
            case .flag, .integer, .number: return "\"\(property.name)\":\(value)"
            case .list: return "\"\(property.name)\":[\"\(value)\"]"
            default: return "\"\(property.name)\":\"\(value)\""
            }
        }
        return .json("{\(pairs.joined(separator: ","))}")
    }

    /// What shows something when it is asked rightly.
    private static let bodies: [String: [ShieldQuestion.Body]] = {
        let why = ("purpose", "核对办理情况")
        let asked = #""purpose":"核对办理情况""#
        let chat = "某某：\n\(ShieldedCase.words)，保安总是不在岗"
        var found: [String: [ShieldQuestion.Body]] = [:]
        found["POST /desk/caller"] = [.form([("phone", ShieldedCase.phone), why])]
        found["POST /api/v1/callers"] = [.json("{\"phone\":\"\(ShieldedCase.phone)\",\(asked)}")]
        found["POST /desk/find"] = [.form([("q", ShieldedCase.phone), ("purpose", "visit")])]
        found["POST /api/v1/find"] = [.json("{\"number\":\"\(ShieldedCase.phone)\",\"purpose\":\"visit\"}")]
        found["POST /desk/export"] = ["csv", "xlsx"].flatMap { format -> [ShieldQuestion.Body] in
            tabs.map { .form([why, ("format", format), ("tab", $0)]) }
        }
        found["POST /desk/paste"] = [.form([("text", chat)])]
        found["POST /api/v1/chats/read"] = [.json("{\"text\":\"某某：\\n\(ShieldedCase.words)\"}")]
        for path in ["POST /desk/cases/:id/reveal", "POST /desk/orders/:id/received"] { found[path] = [.form([why])] }
        for end in ["json", "pdf"] {
            found["POST /desk/cases/:id/evidence.\(end)"] = [.form([why, ("reporter", "yes")])]
        }
        for path in ["POST /api/v1/cases/:id/reporter", "POST /api/v1/orders/:number/received"] {
            found[path] = [.json("{\(asked)}")]
        }
        return found
    }()
}

/// Texts of questions and answers.
enum ShieldText {
    /// A value as it stands in a query; names of values stay.
    static func escaped(_ value: String) -> String {
        guard !value.hasPrefix("<") else { return value }
        return value.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain || byte == 0x2D || byte == 0x2C || byte == 0x2F || byte == 0x3C || byte == 0x3E
                ? String(UnicodeScalar(byte)) : "%" + (digits.count == 1 ? "0" + digits : digits)
        }.joined()
    }

    /// With the values of a case in place of their names.
    static func filled(_ text: String, _ values: [String: String]) -> String {
        guard text.contains("<") else { return text }
        return values.reduce(text) { $0.replacing($1.key, with: $1.value) }
    }

    /// With one text in place of another, wherever it stands.
    static func replace(_ old: String, with new: String, in text: inout Data) {
        let (old, new) = (Data(old.utf8), Data(new.utf8))
        var from = text.startIndex
        while !old.isEmpty, from < text.endIndex, let found = text.range(of: old, in: from..<text.endIndex) {
            text.replaceSubrange(found, with: new)
            from = found.lowerBound + new.count
        }
    }

    /// Without long random words: names of drafts and tokens are other ones each time.
    static func steady(_ text: Data) -> [UInt8] {
        let bytes = [UInt8](text)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var start = 0
        func close(_ end: Int) {
            let isLong = end - start >= 20
            if isLong, bytes[start..<end].contains(where: { (0x30...0x39).contains($0) }) {
                result.append(0x23)
            } else {
                result += bytes[start..<end]
            }
        }
        for index in bytes.indices where !isWord(bytes[index]) {
            close(index)
            result.append(bytes[index])
            start = index + 1
        }
        close(bytes.count)
        return result
    }

    /// Whether a byte is a letter or a digit.
    static func isWord(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F
    }
}
