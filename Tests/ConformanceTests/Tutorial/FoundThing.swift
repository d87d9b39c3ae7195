import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// A thing somebody handed in, and which the committee keeps until its owner comes.
enum FoundThing {}

/// What a found thing is.
enum FoundKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case keys, card, phone, bag, clothing, other

    /// What people call it.
    var name: Text {
        switch self {
        case .keys: Text("钥匙", "Keys")
        case .card: Text("证件、卡", "Card or document")
        case .phone: Text("手机", "Phone")
        case .bag: Text("包", "Bag")
        case .clothing: Text("衣物", "Clothing")
        case .other: Text("其他", "Something else")
        }
    }
}

/// A found thing as pages show it.
struct FoundRow: Sendable {
    let id: ID<FoundThing>
    let community: DivisionCode
    let kind: FoundKind
    /// What it looks like; phone and citizen numbers are masked.
    let looks: String
    /// Where it was found.
    let place: String
    let publishedAt: Instant
    /// When its owner took it; nil while it waits.
    let returnedAt: Instant?

    static let columns: SQL = "f.id, f.community, f.kind, f.looks, f.place, f.published_at, f.returned_at"

    init(_ row: Row) throws {
        id = try row[0]
        community = try row[1]
        kind = try row[2]
        looks = try row[3]
        place = try row[4]
        publishedAt = try row[5]
        returnedAt = try row[6]
    }

    /// What it is about, for audit and events.
    var subject: Subject { Subject("foundThing", id, division: community) }

    /// The last moment its owner may claim it; afterwards it goes to the state.
    ///
    /// - Source: 民法典 (2021), Art. 318: one year from the notice; here 365 days
    var claimableUntil: Instant { publishedAt.adding(days: 365) }
}

/// What staff type when somebody hands a thing in.
struct FoundDraft: Sendable {
    var kind: FoundKind?
    var looks = ""
    var place = ""

    /// An empty form.
    init() {}

    /// What came with a request.
    init(_ form: Form) {
        kind = form["kind"].flatMap { FoundKind(rawValue: $0) }
        looks = form["looks"] ?? ""
        place = form["place"] ?? ""
    }

    /// What is missing or too long; empty when it can be kept.
    func problems() -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        if kind == nil { problems.append(.init("kind", Text("请选是什么东西", "Please choose what it is"))) }
        if looks.isEmpty { problems.append(.init("looks", Text("请写写它的样子", "Please say what it looks like"))) }
        if looks.count > 200 { problems.append(.init("looks", Text("最多 200 个字", "At most 200 characters"))) }
        if place.count > 80 { problems.append(.init("place", Text("最多 80 个字", "At most 80 characters"))) }
        return problems
    }

    /// The same without anybody's number: the board hangs where everybody reads it.
    var masked: FoundDraft {
        var draft = self
        draft.looks = PersonalNumbers.replacing(in: looks) { $0.masked }
        draft.place = PersonalNumbers.replacing(in: place) { $0.masked }
        return draft
    }
}
