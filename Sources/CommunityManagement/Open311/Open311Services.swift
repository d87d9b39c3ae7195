import LinliCore
import LinliKernel
import LinliStandards

/// What can be told: the categories of the catalogue as services, and what each asks for.
struct Open311Services: Sendable {
    private let catalogue: EventCatalogue
    private let type: CaseType

    /// The services of this deployment.
    ///
    /// - Throws: a fault when there is no case type of needs.
    init(_ services: Services) throws {
        catalogue = services.catalogue
        type = try services.queries.types.current("need")
    }

    /// The minor classes, but not those that are tip-offs by nature: a system in between would know who gave them.
    var all: [EventCategory] { catalogue.all.filter(Open311Services.isOffered) }

    /// A service by its code.
    ///
    /// - Throws: `.notFound` when there is no such service.
    func find(_ code: String) throws -> EventCategory {
        guard let category = catalogue[code: code], Open311Services.isOffered(category) else {
            throw LinliError(
                .notFound,
                "open311.service",
                Text("没有这个 service_code：\(code.prefix(40))", "There is no service_code \(code.prefix(40))")
            )
        }
        return category
    }

    /// A category as readers know it; cases may have one that is not offered.
    func name(_ code: String) -> Text { catalogue[code: code]?.name ?? Text(same: code) }

    private static func isOffered(_ category: EventCategory) -> Bool {
        !category.isMajor && category.nature != .tipOff
    }

    // MARK: Attributes

    /// What a service asks for besides text and place, as the protocol describes it.
    struct Attribute: Sendable {
        let code: String
        let datatype: String
        let isRequired: Bool
        let description: Text
        let hint: Text
        var values: [(key: String, name: Text)] = []
    }

    /// The code of the attribute that says whether neighbours may see it.
    static let publish = "publish"

    /// Longest words about the place in characters, as the form of needs has it.
    var locationLimit: Int { type.fields.first { $0.id == "location" }?.limit ?? 0 }

    /// What every service asks for, then the extra fields of the form of needs.
    func attributes(_ category: EventCategory) -> [Attribute] {
        let usual = category.usualSpot.name
        return [
            Attribute(
                code: "spot", datatype: "singlevaluelist", isRequired: false,
                description: Text("事发位置，决定归谁管", "Where the trouble is; decides whose it is"),
                hint: Text("不填按“\(usual.zh)”处理", "Left out, it counts as: \(usual.en)"),
                values: Spot.allCases.map { ($0.rawValue, $0.name) }
            ),
            Attribute(
                code: "location", datatype: "text", isRequired: false,
                description: Text("具体位置，例如“3号楼2单元门口”", "Where exactly, such as “at the door of entrance 2”"),
                hint: Text(
                    "和 address_string 合计最多 \(locationLimit) 个字",
                    "With address_string at most \(locationLimit) characters"
                )
            ),
            Attribute(
                code: "disclosure", datatype: "singlevaluelist", isRequired: false,
                description: Text("谁可以知道反映人", "Who may know the reporter"),
                hint: Text("不填时，投诉类只让受理中心知道", "Left out, complaints are known to the receiving office only"),
                values: Disclosure.allCases.map { ($0.rawValue, $0.name) }
            ),
            Attribute(
                code: Open311Services.publish, datatype: "singlevaluelist", isRequired: false,
                description: Text(
                    "反映人是否愿意公开给邻居看（不含个人信息）", "Whether its reporter lets neighbours see it, without who it is"),
                hint: Text(
                    "不填不公开请来处理的事和投诉；举报和点了单位名的投诉，填了也不公开",
                    "Left out, what asks for help and complaints stay private; tip-offs and complaints that name a unit always do"
                ),
                values: [("yes", Text("愿意", "Yes"))]
            ),
        ] + type.extraFields.map(Open311Services.attribute)
    }

    private static func attribute(_ field: CaseType.Field) -> Attribute {
        var (datatype, hint) = ("string", field.hint ?? Text("", ""))
        var values = field.choices.map { (key: $0.id, name: $0.name) }
        switch field.kind {
        case .text:
            datatype = "text"
            hint = hint + Text("最多 \(field.limit) 个字", "At most \(field.limit) characters")
        case .number:
            datatype = "number"
            hint = hint + Text("0 到 \(field.limit) 的整数", "A whole number from 0 to \(field.limit)")
        case .date: hint = hint + Text("日期，写成 2026-11-25", "A date, written 2026-11-25")
        case .choice: datatype = "singlevaluelist"
        case .choices: datatype = "multivaluelist"
        case .flag:
            datatype = "singlevaluelist"
            values = [(key: "yes", name: Text("是", "Yes"))]
        }
        return Attribute(
            code: field.id, datatype: datatype, isRequired: field.isRequired && field.condition == nil,
            description: field.name, hint: hint, values: values
        )
    }

    /// What is wrong with answers to the extra fields, named as the protocol names them.
    func problems(of answers: [String: String]) -> [LinliError.Field] {
        type.problems(of: answers).map { .init("attribute[\($0.name)]", $0.text) }
    }

    // MARK: Documents

    func list(_ language: Language) -> Open311Document {
        let services = all.map { category -> Open311Value in
            let group = category.parent.flatMap { catalogue[code: $0]?.name } ?? category.name
            let description =
                group + Text("：", ": ") + category.name
                + Text("。一般由\(category.owner.name.zh)办理", "; usually handled by: \(category.owner.name.en)")
            return .object([
                ("service_code", .text(category.code)),
                ("service_name", .text(category.name[language])),
                ("description", .text(description[language])),
                ("metadata", .flag(true)),
                ("type", .text("realtime")),
                ("keywords", Open311Value(category.keywords.joined(separator: ","))),
                ("group", .text(group[language])),
            ])
        }
        return Open311Document(root: "services", value: .list(item: "service", services))
    }

    func definition(_ category: EventCategory, _ language: Language) -> Open311Document {
        let attributes = attributes(category).enumerated().map { index, attribute -> Open311Value in
            let options = attribute.values.map { value -> Open311Value in
                .object([("key", .text(value.key)), ("name", .text(value.name[language]))])
            }
            return .object([
                ("variable", .flag(true)),
                ("code", .text(attribute.code)),
                ("datatype", .text(attribute.datatype)),
                ("required", .flag(attribute.isRequired)),
                ("datatype_description", Open311Value(attribute.hint[language])),
                ("order", .int(index + 1)),
                ("description", .text(attribute.description[language])),
                ("values", .list(item: "value", options)),
            ])
        }
        return Open311Document(
            root: "service_definition",
            value: .object([
                ("service_code", .text(category.code)), ("attributes", .list(item: "attribute", attributes)),
            ])
        )
    }

    /// Where programs find us and what we speak.
    static func discovery(_ origin: String, _ language: Language) -> Open311Document {
        let endpoint: Open311Value = .object([
            ("specification", .text("http://wiki.open311.org/GeoReport_v2")),
            ("url", .text(origin + "/open311/v2")),
            ("changeset", .text(changeset)),
            ("type", .text(isLocal(origin) ? "test" : "production")),
            ("formats", .list(item: "format", [.text("text/xml"), .text("application/json")])),
        ])
        let ask = Text(
            "请联系运行 \(origin) 的单位", "Ask whoever runs \(origin)"
        )
        let key = Text(
            "密钥由运行单位生成（linli user key --name 程序名）：请联系运行 \(origin) 的单位",
            "Keys are made by whoever runs \(origin) (linli user key --name PROGRAM): ask there"
        )
        return Open311Document(
            root: "discovery",
            value: .object([
                ("changeset", .text(changeset)), ("contact", .text(ask[language])),
                ("key_service", .text(key[language])), ("endpoints", .list(item: "endpoint", [endpoint])),
            ])
        )
    }

    /// When what the interface says about itself changed last.
    private static let changeset = "2026-11-28T08:00:00+08:00"

    /// An address that only this machine reaches is nobody's service.
    private static func isLocal(_ origin: String) -> Bool {
        let host = Open311Routes.host(of: origin)
        return host == "localhost" || host == "[::1]" || host.hasPrefix("127.")
    }
}
