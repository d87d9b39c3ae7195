import LinliCore
import LinliKernel
import LinliStandards

/// What a program sends to tell a need, each field checked by itself; where it is comes later, from the store.
struct Open311Form: Sendable {
    private let form: Form
    private let services: Open311Services
    private(set) var problems: [LinliError.Field] = []
    private let category: EventCategory
    private let attributes: [Open311Services.Attribute]
    /// What was answered, by the code of the attribute; several values parted by commas.
    private var answers: [String: String] = [:]

    /// A posted form.
    ///
    /// - Throws: `.notFound` for an unknown service, `.invalid` when the service is missing.
    init(_ form: Form, _ services: Open311Services) throws {
        self.form = form
        self.services = services
        guard let code = form["service_code"] else {
            let text =
                form.fields.isEmpty
                ? Text(
                    "请用 application/x-www-form-urlencoded 提交表单",
                    "Send the form as application/x-www-form-urlencoded"
                ) : Text("缺少 service_code", "This is missing")
            throw LinliError.invalid("open311.form", [.init("service_code", text)])
        }
        let category = try services.find(code)
        self.category = category
        attributes = services.attributes(category)
        for field in form.fields { check(field.name, field.value) }
    }

    private mutating func refuse(_ name: String, _ zh: String, _ en: String) {
        problems.append(.init(name, Text(zh, en)))
    }

    // MARK: Checks

    /// Longest values in characters. `device_id` and `account_id` are taken and not kept: they would tell persons apart.
    private static let limits = [
        "api_key": 100, "jurisdiction_id": 100, "service_code": 40, "lat": 24, "long": 24, "address_string": 200,
        "address_id": 40, "email": 254, "device_id": 200, "account_id": 200, "first_name": 40, "last_name": 40,
        "phone": 40, "description": 4000, "media_url": 2000,
    ]

    private mutating func check(_ name: String, _ value: String) {
        let isAttribute = name.hasPrefix("attribute[")
        guard isAttribute || Open311Form.limits[name] != nil else { return }
        if form.all(name).count > 1, !name.hasSuffix("[]") {
            let isSaid = problems.contains { $0.name == name }
            if !isSaid { refuse(name, "只能给出一次", "May be given only once") }
            return
        }
        if value.unicodeScalars.contains(where: { Open311Form.isForbidden($0, isLong: name == "description") }) {
            return refuse(name, "含有不能保存的字符，请用 UTF-8 编码", "Has characters that cannot be kept; send UTF-8")
        }
        if isAttribute { return checkAttribute(name, value.trimmed) }
        if let limit = Open311Form.limits[name], value.trimmed.unicodeScalars.count > limit {
            return refuse(name, "最多 \(limit) 个字", "At most \(limit) characters")
        }
        let value = value.trimmed
        guard !value.isEmpty else { return }
        switch name {
        case "email" where !Open311Form.isEmail(value): refuse(name, "邮箱地址不对", "Not an email address")
        case "phone" where PhoneNumber(value) == nil: problems.append(.init(name, PhoneNumber.hint))
        case "media_url" where !Open311Form.isSecureAddress(value):
            refuse(name, "应为 https:// 开头的网址", "Must be an address that begins with https://")
        default: return
        }
    }

    /// Control characters, and what stands for bytes that are no UTF-8; a description may have lines.
    private static func isForbidden(_ scalar: Unicode.Scalar, isLong: Bool) -> Bool {
        switch scalar {
        case "\n", "\r", "\t": !isLong
        case "\u{FFFD}", "\u{FFFE}", "\u{FFFF}": true
        default: scalar.properties.generalCategory == .control
        }
    }

    private mutating func checkAttribute(_ name: String, _ value: String) {
        guard let attribute = attribute(name) else {
            return refuse(String(name.prefix(80)), "这个事项没有这一项", "This service has no such attribute")
        }
        guard !value.isEmpty else { return }
        let isSeveral = attribute.datatype == "multivaluelist"
        if answers[attribute.code] != nil, !isSeveral {
            return refuse(name, "只能给出一次", "May be given only once")
        }
        if !attribute.values.isEmpty, !attribute.values.contains(where: { $0.key == value }) {
            return refuse(name, "请从服务定义里列出的值中选", "Must be among the values of the service definition")
        }
        answers[attribute.code] = answers[attribute.code].map { "\($0),\(value)" } ?? value
    }

    /// `attribute[spot]`, also written `attribute[spot][]`.
    private func attribute(_ name: String) -> Open311Services.Attribute? {
        var code = name.dropFirst("attribute[".count)
        if code.hasSuffix("[]") { code = code.dropLast(2) }
        guard code.hasSuffix("]") else { return nil }
        return attributes.first { $0.code == code.dropLast() }
    }

    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].contains(".") else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { !$0.isEmpty } && !text.contains { $0.isWhitespace || "<>()[],;:\\\"".contains($0) }
    }

    /// An https address of a host with a dot in its name, without a login; only what an address may hold.
    ///
    /// - Source: RFC 3986 §2
    private static func isSecureAddress(_ text: String) -> Bool {
        guard text.hasPrefix("https://"), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.contains(where: { "\"<>\\^`{|}".contains($0) })
        else { return false }
        let authority = text.dropFirst("https://".count).prefix { !"/?#".contains($0) }
        let host = authority.prefix { $0 != ":" }
        let port = authority.dropFirst(host.count)
        return host.contains(".") && !host.hasPrefix(".") && !host.hasSuffix(".") && !host.contains("..")
            && host.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" }
            && (port.isEmpty || (port.count > 1 && port.dropFirst().allSatisfy(\.isNumber)))
    }

    // MARK: Values

    private var spot: Spot { answers["spot"].flatMap { Spot(rawValue: $0) } ?? category.usualSpot }

    /// What is said about the place, in words.
    private var whereabouts: String {
        [form["address_string"], answers["location"]].compactMap { $0 }.joined(separator: " ")
    }

    /// Family name first in Chinese, last elsewhere.
    private var name: String {
        let (first, last) = (form["first_name"] ?? "", form["last_name"] ?? "")
        let isLatin = (first + last).utf8.allSatisfy { $0 < 0x80 }
        return (isLatin ? first + " " + last : last + first).trimmed
    }

    /// Whether a picture's address came along.
    var hasMedia: Bool { form["media_url"] != nil }

    /// What is the same when the same need is sent again; neither the key nor the device says what it is about.
    var fingerprint: String {
        form.fields.filter { !["api_key", "device_id", "account_id", "jurisdiction_id"].contains($0.name) }
            .map { "\($0.name)\u{1E}\($0.value.trimmed)" }.sorted().joined(separator: "\u{1F}")
    }

    // MARK: The need

    /// Where it is, from coordinates, else from a place of the register, else from words that name one.
    struct Location: Sendable {
        var point: GeoPoint?
        var place: ID<Place>?
        var words: String?
    }

    /// The location to look up.
    ///
    /// - Throws: `.invalid` naming everything that is wrong with this form.
    func checked() throws -> Location {
        var problems = problems
        var location = Location()
        switch (form["lat"], form["long"]) {
        case (nil, nil): break
        case (let latitude?, let longitude?):
            location.point = Open311Form.point(latitude, longitude)
            if location.point == nil {
                let text = Text("lat 和 long 应为 WGS-84 的经纬度", "lat and long must be degrees in WGS-84")
                problems.append(.init("lat", text))
            }
        default:
            problems.append(.init("lat", Text("lat 和 long 要一起给出", "lat and long come together")))
        }
        if let given = form["address_id"] {
            location.place = ID(given)
            if location.place == nil { problems.append(.init("address_id", Open311Form.noPlace)) }
        }
        location.words = form["address_string"]
        if form["lat"] == nil, form["long"] == nil, form["address_id"] == nil, location.words == nil {
            let text = Text(
                "请给出位置：lat 和 long、address_id 或 address_string",
                "Say where it is: lat and long, address_id or address_string"
            )
            problems.append(.init("lat", text))
        }
        if whereabouts.count > services.locationLimit {
            let limit = services.locationLimit
            let text = Text("位置说明最多 \(limit) 个字", "The words about the place have at most \(limit) characters")
            problems.append(.init(location.words == nil ? "attribute[location]" : "address_string", text))
        }
        if name.count > 30 {
            problems.append(.init("first_name", Text("姓名最多 30 个字", "A name has at most 30 characters")))
        }
        problems += services.problems(of: answers)
        guard problems.isEmpty else { throw LinliError.invalid("open311.form", problems) }
        return location
    }

    static let noPlace = Text("地址库里没有这个 address_id", "The register has no place with this address_id")

    private static func point(_ latitude: String, _ longitude: String) -> GeoPoint? {
        guard let latitude = decimal(latitude), let longitude = decimal(longitude) else { return nil }
        return GeoPoint(longitude: longitude, latitude: latitude)
    }

    /// A decimal number; what else Swift reads as one (hexadecimal, exponents, infinity) is none here.
    private static func decimal(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D }) else { return nil }
        return Double(text)
    }

    /// The need as the kernel takes it.
    func draft(in division: DivisionCode, _ location: Location, _ suggestions: Suggestions) throws -> CaseDraft {
        let text = form["description"] ?? category.name.zh
        var draft = CaseDraft(text: text, division: division)
        draft.category = category.code
        let nature = try suggestions.nature(of: text, category: category)
        // Who reports a pothole through another system wants it mended: without clear words of complaint it is none, and
        // may be public.
        let isSure = nature.percent >= suggestions.confirmBelowPercent
        draft.nature = category.mayBePublic && nature.value.isProtected && !isSure ? .assistance : nature.value
        if !isSure { draft.doubt.insert(.nature) }
        draft.spot = spot
        draft.location = whereabouts
        draft.place = location.place
        draft.latitude = location.point?.latitude
        draft.longitude = location.point?.longitude
        draft.disclosure =
            answers["disclosure"].flatMap { Disclosure(rawValue: $0) } ?? (draft.nature.isProtected ? .office : .named)
        draft.source = .open311
        draft.isWilling = answers[Open311Services.publish] == "yes"
        draft.answers = answers
        draft.reporterName = name
        draft.reporterPhone = form["phone"].flatMap { PhoneNumber($0)?.number } ?? ""
        draft.reporterEmail = form["email"] ?? ""
        draft.isUrgent = DangerWords.speak(in: text + " " + draft.location)
        // Words, not a link: this server fetches nothing from outside, and nobody should open it unawares.
        draft.staffNote = form["media_url"].map { "外部系统附了图片网址（没有下载，没有核实）：\($0)" }
        return draft
    }
}
