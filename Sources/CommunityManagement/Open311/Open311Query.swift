import LinliCore
import LinliKernel
import LinliStandards

/// Which requests a program asks for.
struct Open311Query: Sendable {
    /// Numbers of cases; they override everything else. Nil when the program names none.
    var numbers: [String]?
    /// Codes of services; empty for all.
    var services: [String] = []
    /// Only open or only closed ones; nil for both.
    var isOpen: Bool?
    var from: Instant
    var until: Instant

    /// As many as one reply holds.
    ///
    /// - Source: GeoReport v2, “GET Service Requests”
    static let limit = 1000
    private static let days = 90

    /// What the query of a request says at `now`.
    ///
    /// - Throws: `.invalid` naming what is wrong, `.notFound` for a service that does not exist.
    init(_ query: Form, _ offered: Open311Services, at now: Instant) throws {
        (from, until) = (now.adding(days: -Open311Query.days), now)
        if let list = Open311Query.list("service_request_id", query) {
            let numbers = Open311Query.parts(list).compactMap(Open311Query.number)
            guard numbers.count <= Open311Query.limit else {
                throw Open311Query.wrong("service_request_id", "最多 1000 个", "At most 1,000")
            }
            self.numbers = numbers
            return
        }
        if let list = Open311Query.list("service_code", query) {
            services = try Set(Open311Query.parts(list)).map { try offered.find($0).code }.sorted()
        }
        if let list = Open311Query.list("status", query) {
            let words = Set(Open311Query.parts(list))
            guard !words.isEmpty, words.isSubset(of: ["open", "closed"]) else {
                throw Open311Query.wrong("status", "应为 open 或 closed", "Must be open or closed")
            }
            isOpen = words.count == 1 ? words.contains("open") : nil
        }
        try read(query)
    }

    private mutating func read(_ query: Form) throws {
        let start = try Open311Query.moment("start_date", query)
        let end = try Open311Query.moment("end_date", query)
        switch (start, end) {
        case (nil, nil): return
        case (let start?, nil): (from, until) = (start, start.adding(days: Open311Query.days))
        case (nil, let end?): (from, until) = (end.adding(days: -Open311Query.days), end)
        case (let start?, let end?):
            guard start <= end else {
                throw Open311Query.wrong("end_date", "不能早于 start_date", "Must not be before start_date")
            }
            guard end <= start.adding(days: Open311Query.days) else {
                throw Open311Query.wrong(
                    "end_date", "和 start_date 最多相隔 90 天", "At most 90 days after start_date"
                )
            }
            (from, until) = (start, end)
        }
    }

    /// A number as cases have it, `SJ20261122-0412`; nil for what cannot be one.
    static func number(_ text: String) -> String? {
        let isNumber =
            text.utf8.count <= 30
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "-")
            }
        return isNumber ? text.uppercased() : nil
    }

    /// A list as it was declared: once with commas, several times, or both; nil when it is not there.
    private static func list(_ name: String, _ query: Form) -> String? {
        let lists = query.all(name).filter { !$0.trimmed.isEmpty }
        return lists.isEmpty ? nil : lists.joined(separator: ",")
    }

    private static func parts(_ list: String) -> [String] {
        list.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
    }

    private static func moment(_ name: String, _ query: Form) throws -> Instant? {
        guard let text = query[name] else { return nil }
        // An unescaped plus reads as a blank in a query: +08:00 comes as " 08:00".
        guard let moment = Instant(w3c: text.replacing(" ", with: "+")) else {
            throw wrong(
                name, "应为带时区的时间，例如 2026-11-22T10:30:00Z",
                "Must be a time with its zone, such as 2026-11-22T10:30:00Z"
            )
        }
        return moment
    }

    private static func wrong(_ name: String, _ zh: String, _ en: String) -> LinliError {
        LinliError.invalid("open311.query", [.init(name, Text(zh, en))])
    }
}
