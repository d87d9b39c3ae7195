import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// What to look for on a round, as data: one hazard a line, `id | 中文 | English | category`, and `danger` where somebody
/// may come to harm.
struct Hazards: Sendable, Equatable {
    /// One thing to look for.
    struct Hazard: Sendable, Equatable {
        let id: String
        let name: Text
        /// The category of the case it becomes.
        let category: String
        let isDanger: Bool
    }

    let all: [Hazard]

    subscript(id: String) -> Hazard? { all.first { $0.id == id } }

    /// Reads a list; categories must be in the catalogue.
    ///
    /// - Throws: `.invalid` with the line that cannot be read.
    init(_ text: String, _ catalogue: EventCatalogue) throws {
        var all: [Hazard] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0).trimmed }
            if words.allSatisfy(\.isEmpty) || words[0].hasPrefix("#") { continue }
            guard words.count >= 4, !words[0].isEmpty, words[0].count <= 40, !words[1].isEmpty,
                catalogue[code: words[3]] != nil, !all.contains(where: { $0.id == words[0] })
            else {
                throw LinliError.invalid(
                    "patrols.checklist",
                    [
                        .init(
                            "checklist",
                            Text(
                                "这一行看不懂：\(line.prefix(40))。写成：代号 | 隐患 | Hazard | 类别代码 | danger（危险才写）",
                                "This line cannot be read: \(line.prefix(40))"))
                    ])
            }
            let name = Text(words[1], words[2].isEmpty ? words[1] : words[2])
            all.append(
                Hazard(id: words[0], name: name, category: words[3], isDanger: words.dropFirst(4).first == "danger"))
        }
        guard (1...30).contains(all.count) else {
            throw LinliError.invalid(
                "patrols.checklist", [.init("checklist", Text("要有 1 到 30 项隐患", "1 to 30 hazards"))])
        }
        self.all = all
    }

    /// What is looked for where nobody says otherwise.
    /// - Source: configured, no source; categories of categories.txt
    static let standardText = """
        fireLane | 消防通道停车、堵塞 | Blocked fire lane | R0803 | danger
        cable | 飞线充电、私拉电线 | Charging over hanging cables | R0902 | danger
        escape | 安全出口、疏散通道堵塞 | Blocked escape route | R1302 | danger
        stairwell | 楼道堆物 | Things stored in the stairwell | R1301
        equipment | 灭火器、消火栓损坏 | Broken fire equipment | R1303
        facade | 外墙脱落 | Falling facade | R0102 | danger
        light | 楼道灯不亮 | Stairwell light out | R0104
        materials | 乱堆物料 | Materials piled in the street | E0407
        """
}

/// A route somebody walks in a window of the day.
struct PatrolRoute: Sendable {
    let id: ID<PatrolRoute>
    let name: String
    let division: DivisionCode
    /// Minutes since midnight.
    let from: Int
    let until: Int
    /// `12345`: Monday is 1.
    let weekdays: String
    let checklist: String
    /// The checklist it had before, and until when; nil while it is the first one.
    let checklistBefore: String?
    let checklistSince: Instant?
    /// Since when its window and its days are what they are.
    let since: Instant
    /// Grows with each change; a form that names an older one is refused.
    let version: Int

    static let columns: SQL = """
        r.id, r.name, r.division, r.from_minute, r.until_minute, r.weekdays, r.checklist,
        COALESCE(r.window_since, r.created_at), r.version, r.checklist_before, r.checklist_since
        """

    init(_ row: Row) throws {
        id = try row[0]
        name = try row[1]
        division = try row[2]
        from = try row[3]
        until = try row[4]
        weekdays = try row[5]
        checklist = try row[6]
        since = try row[7]
        version = try row[8]
        checklistBefore = try row[9]
        checklistSince = try row[10]
    }

    var window: String { "\(PatrolRoute.clock(from))–\(PatrolRoute.clock(until))" }

    static func clock(_ minutes: Int) -> String {
        let (hour, minute) = (minutes / 60, minutes % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    /// Whether it is walked on a day.
    func isDue(on day: CivilDate) -> Bool { weekdays.contains("\(day.weekday)") }

    /// Days before today, and today when its window is over, on which it should have been walked and was not.
    func missed(walked: Set<CivilDate>, days: Int, at now: Instant) -> [CivilDate] {
        (0..<days).map { now.date.adding(days: -$0) }.filter { day in
            let isOver = day < now.date || now.secondOfDay / 60 >= until
            return isOver && isDue(on: day) && day >= since.date && !walked.contains(day)
        }
    }
}

/// A point of a route.
struct PatrolPoint: Sendable {
    let id: ID<PatrolPoint>
    let route: ID<PatrolRoute>
    let name: String
    let place: ID<Place>?
    var point: GeoPoint?
    let needsPhoto: Bool
    /// Since when it asks for a photo; nil: since it is there.
    let photoSince: Instant?
    /// Whether its place is there no more, and why.
    let isGone: Bool
    let goneReason: PlaceEndReason?
    /// Where its place lies now; nil for a point at no place of the register.
    let division: DivisionCode?

    static let columns: SQL = """
        p.id, p.route_id, p.name, p.place_id, p.latitude, p.longitude, p.needs_photo,
        CASE WHEN l.valid_to IS NULL THEN 0 ELSE 1 END, l.end_reason, l.division, p.photo_since
        """
    static let tables: SQL = "patrol_point p LEFT JOIN place l ON l.id = p.place_id"

    init(_ row: Row) throws {
        id = try row[0]
        route = try row[1]
        name = try row[2]
        place = try row[3]
        let (latitude, longitude): (Double?, Double?) = (try row[4], try row[5])
        point = latitude.flatMap { latitude in
            longitude.flatMap { GeoPoint(longitude: $0, latitude: latitude) }
        }
        needsPhoto = try row[6]
        isGone = try row[7]
        goneReason = try row[8]
        division = try row[9]
        photoSince = try row[10]
    }

    /// Whether who learned of it at a moment knew that it asks for a photo.
    func askedPhoto(at moment: Instant) -> Bool { needsPhoto && photoSince.map { $0 <= moment } ?? true }

    /// What became of its place, in words.
    var gone: Text {
        let reason = goneReason?.name ?? Text("已注销", "Ended")
        return Text("地点已注销：\(reason.zh)", "The place is gone: \(reason.en)")
    }

    /// Whether its place lies outside the grid its route is for.
    func isOutside(_ route: PatrolRoute) -> Bool { division.map { !route.division.contains($0) } ?? false }

    /// As somebody writes it: `*` for a photo, and where it is when it is at no known place.
    var line: String {
        let position = place == nil ? point.map { " @\($0.latitude),\($0.longitude)" } ?? "" : ""
        return name + position + (needsPhoto ? " *" : "")
    }

    /// The code that hangs at the point: worked out with a key, so that nobody can make one from a number.
    func code(_ keys: KeyRing) -> String { PatrolPoint.code(of: id, keys) }

    static func code(of id: ID<PatrolPoint>, _ keys: KeyRing) -> String {
        "\(id)-" + Base32.encode(keys.tokenHash("patrol:\(id)").prefix(5))
    }

    /// A small part of what a code is made of: a phone without a network tells a slip of the pen by it, and nobody makes a
    /// code from it.
    static func check(_ code: String) -> Int {
        Int(code.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 } & 0xFF)
    }

    /// The point a code names; nil for one that was made up.
    static func id(of code: String, _ keys: KeyRing) -> ID<PatrolPoint>? {
        let typed = code.trimmed.lowercased()
        guard let id = typed.split(separator: "-").first.flatMap({ ID<PatrolPoint>($0) }),
            constantTimeEqual(Array(typed.utf8), Array(PatrolPoint.code(of: id, keys).utf8))
        else { return nil }
        return id
    }
}

/// A round that is walked, or was.
struct Patrol: Sendable {
    let id: ID<Patrol>
    let route: ID<PatrolRoute>
    let division: DivisionCode
    let worker: ID<Account>
    let startedAt: Instant
    let endedAt: Instant?

    static let columns: SQL = "x.id, x.route_id, x.division, x.worker_id, x.started_at, x.ended_at"

    init(_ row: Row) throws {
        id = try row[0]
        route = try row[1]
        division = try row[2]
        worker = try row[3]
        startedAt = try row[4]
        endedAt = try row[5]
    }

    var subject: Subject { Subject("patrol", id, division: division) }
}

/// Having been at a point.
struct PatrolSign: Sendable {
    let point: ID<PatrolPoint>
    let at: Instant
    /// How far the phone was from it; nil for a code.
    let metres: Int?
    let isNormal: Bool
    let photos: [ID<StoredFile>]
}

/// Something found on a round.
struct PatrolFinding: Sendable {
    let id: ID<PatrolFinding>
    let point: String
    let hazard: String
    let isSettled: Bool
    let isDanger: Bool
    let item: ID<Case>
    let number: String
    let title: String
    let at: Instant

    static let columns: SQL = "f.id, p.name, f.hazard, f.is_settled, f.is_danger, f.case_id, c.number, c.title, f.at"

    init(_ row: Row) throws {
        id = try row[0]
        point = try row[1]
        hazard = try row[2]
        isSettled = try row[3]
        isDanger = try row[4]
        item = try row[5]
        number = try row[6]
        title = try row[7]
        at = try row[8]
    }
}
