import LinliCore

/// Checks JSON and addresses against properties.
enum SchemaCheck {
    /// What is wrong with a JSON object; empty when nothing is.
    static func problems(
        _ object: [String: JSONValue], _ properties: [SchemaProperty], path: String
    ) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        let known = Set(properties.map(\.name))
        for name in object.keys.sorted() where !known.contains(name) {
            problems.append(.init(path + name, Text("不认识的属性", "Unknown property")))
        }
        for property in properties {
            let name = path + property.name
            guard let value = object[property.name] else {
                if property.isRequired { problems.append(.init(name, Text("缺少这一项", "This is missing"))) }
                continue
            }
            problems += check(value, property.kind, name)
        }
        return problems
    }

    /// What is wrong with the fields of a query; empty when nothing is.
    static func problems(_ query: Form, _ properties: [SchemaProperty]) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        var seen: Set<String> = []
        for field in query.fields {
            guard let property = properties.first(where: { $0.name == field.name }) else {
                let known = properties.map(\.name).joined(separator: ", ")
                let text =
                    known.isEmpty
                    ? Text("这里没有参数", "There are no parameters here")
                    : Text("不认识的参数，可以用：\(known)", "Unknown parameter; there are: \(known)")
                problems.append(.init(String(field.name.prefix(100)), text))
                continue
            }
            guard seen.insert(field.name).inserted else {
                problems.append(.init(field.name, Text("只能给一次", "Give it once only")))
                continue
            }
            problems += check(value(of: field.value, property.kind), property.kind, field.name)
        }
        for property in properties where property.isRequired && !seen.contains(property.name) {
            problems.append(.init(property.name, Text("缺少这一项", "This is missing")))
        }
        return problems
    }

    /// What is wrong with the files of a form; empty when nothing is.
    static func problems(_ uploads: [Upload], _ properties: [SchemaProperty]) -> [LinliError.Field] {
        let known = Set(properties.map(\.name))
        var problems = uploads.filter { !known.contains($0.field) }.map { upload in
            LinliError.Field(String(upload.field.prefix(100)), Text("这里不收这个文件", "This file is not taken here"))
        }
        for property in properties {
            switch uploads.count(where: { $0.field == property.name && $0.size > 0 }) {
            case 0 where property.isRequired:
                problems.append(.init(property.name, Text("缺少这一项", "This is missing")))
            case 0, 1: continue
            default: problems.append(.init(property.name, Text("只能给一次", "Give it once only")))
            }
        }
        return problems
    }

    /// The fields of a form as the properties of an object.
    static func object(_ form: Form, _ properties: [SchemaProperty]) -> [String: JSONValue] {
        var object: [String: JSONValue] = [:]
        for field in form.fields {
            guard let property = properties.first(where: { $0.name == field.name }) else { continue }
            object[field.name] = value(of: field.value, property.kind)
        }
        return object
    }

    /// What is wrong with the parts of a path; empty when nothing is.
    static func problems(_ parameters: [String: String], _ properties: [SchemaProperty]) -> [LinliError.Field] {
        properties.flatMap { check(value(of: parameters[$0.name] ?? "", $0.kind), $0.kind, $0.name) }
    }

    /// A text of an address as what it is to be.
    private static func value(of text: String, _ kind: SchemaKind) -> JSONValue {
        switch kind {
        case .integer: text.contains("+") ? .text(text) : Int64(text).map { .int($0) } ?? .text(text)
        case .number:
            text.allSatisfy { "0123456789.-eE".contains($0) }
                ? Double(text).map { .real($0) } ?? .text(text) : .text(text)
        case .flag: text == "true" ? .flag(true) : text == "false" ? .flag(false) : .text(text)
        default: .text(text)
        }
    }

    private static func check(_ value: JSONValue, _ kind: SchemaKind, _ name: String) -> [LinliError.Field] {
        func wrong(_ zh: String, _ en: String) -> [LinliError.Field] { [.init(name, Text(zh, en))] }
        switch (kind, value) {
        case (.text(let limit), .text(let text)):
            guard text.unicodeScalars.count <= limit else {
                return wrong("最多 \(limit) 个字", "At most \(limit) characters")
            }
            return isPlain(text) ? [] : wrong("不能有控制字符", "Control characters are not allowed")
        case (.choice(let words), .text(let text)):
            let list = words.joined(separator: ", ")
            return words.contains(text) ? [] : wrong("应为其中之一：\(list)", "Must be one of: \(list)")
        case (.integer(let range), .int(let number)):
            let (low, high) = (range.lowerBound, range.upperBound)
            return range.contains(number) ? [] : wrong("应在 \(low) 到 \(high) 之间", "Must be from \(low) to \(high)")
        case (.integer, _): return wrong("应为整数", "Must be a whole number")
        case (.number(let range), .int(let number)): return check(.real(Double(number)), .number(range), name)
        case (.number(let range), .real(let number)):
            let (low, high) = (range.lowerBound, range.upperBound)
            return range.contains(number) ? [] : wrong("应在 \(low) 到 \(high) 之间", "Must be from \(low) to \(high)")
        case (.number, _): return wrong("应为数字", "Must be a number")
        case (.flag, .flag): return []
        case (.flag, _): return wrong("应为 true 或 false", "Must be true or false")
        case (.id, .text(let text)):
            return ID<Event>(text)?.description == text ? [] : wrong("不是有效的标识", "Not a valid identifier")
        case (.moment, .text(let text)):
            return Instant(w3c: text) == nil
                ? wrong(
                    "应为带时区的时间，例如 2026-11-22T10:30:00Z", "Must be a time with its zone, such as 2026-11-22T10:30:00Z")
                : []
        case (.shaped(let shape), .text(let text)): return shape.fits(text) ? [] : [.init(name, shape.text)]
        case (.list(let element, let limit), .array(let values)):
            guard values.count <= limit else { return wrong("最多 \(limit) 项", "At most \(limit) entries") }
            return values.enumerated().flatMap { check($1, element, "\(name)[\($0)]") }
        case (.map(let element, let limit), .object(let object)):
            guard object.count <= limit else { return wrong("最多 \(limit) 项", "At most \(limit) entries") }
            return object.sorted { $0.key < $1.key }.flatMap { key, value in
                check(.text(key), .text(limit: 40), "\(name).\(key.prefix(40))")
                    + check(value, element, "\(name).\(key.prefix(40))")
            }
        case (.object(let properties), .object(let object)):
            return problems(object, properties, path: name + ".")
        default: return wrong("类型不对", "Wrong type")
        }
    }

    /// Whether a text holds nothing that a page, a document or the store could not carry.
    private static func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" || $0 == "\r" || $0 == "\t" }
    }
}
