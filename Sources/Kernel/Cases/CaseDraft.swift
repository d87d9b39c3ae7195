import LinliCore
import LinliStandards

/// A need as somebody tells it, before it is a case.
package struct CaseDraft: Sendable {
    /// The identifier of its case type.
    package var type: String
    package var nature: NeedNature
    package var category: String
    package var text: String
    package var location: String
    package var spot: Spot
    package var division: DivisionCode
    package var place: ID<Place>?
    package var latitude: Double?
    package var longitude: Double?
    package var disclosure: Disclosure
    package var source: CaseSource
    /// Name and phone of who tells it, when no account says it.
    package var reporterName: String
    package var reporterPhone: String
    package var reporterEmail: String
    package var isOnBehalf: Bool
    package var isUrgent: Bool
    /// The units it is against, as who tells it said; without any the words decide.
    package var accused: [ID<Unit>] = []
    /// The one unit it is against, for who names no more than one.
    package var against: ID<Unit>? {
        get { accused.first }
        set { accused = [newValue].compactMap { $0 } }
    }
    /// Whom it is against, once that is settled.
    var accusation = Accusation.none
    /// The complaint is against no unit, whatever its words seem to say.
    package var isAgainstNobody: Bool
    package var photos: [ID<StoredFile>]
    /// Answers to the extra fields of its type.
    package var answers: [String: String]
    /// The unit that is to act, for types whose maker names it; of what was settled on the spot, the unit that did.
    package var unit: ID<Unit>?
    /// The case it is a part of, and whether that one cannot end before it.
    package var parent: ID<Case>?
    package var isRequired: Bool
    /// By when it is to be done, where the case it is a part of says so.
    package var dueBy: Instant?
    /// Words that came with it for staff only: an internal note.
    package var staffNote: String?
    /// Whether the reporter wants neighbours to see it, also where it is not public by itself.
    package var isWilling = false
    /// The door of who tells it, where that is not where it is: asked for only to count homes, and kept as a hash.
    package var home = ""
    /// The order of another system that it is.
    package var foreign: ForeignOrderDraft?
    /// A grid worker settles it on the spot: it begins as done, with these words.
    package var settledWith: String?
    /// What of nature and category only its words say, and not surely enough.
    package var doubt: CaseDoubt = []
    /// How it looks after that.
    package var photosAfter: [ID<StoredFile>] = []

    /// A need in `division`; everything else has a plain beginning.
    package init(text: String, division: DivisionCode) {
        type = "need"
        nature = .assistance
        category = ""
        self.text = text
        location = ""
        spot = .estate
        self.division = division
        disclosure = .named
        source = .web
        reporterName = ""
        reporterPhone = ""
        reporterEmail = ""
        isOnBehalf = false
        isUrgent = false
        isAgainstNobody = false
        photos = []
        answers = [:]
        isRequired = true
    }

    /// Whether it is urgent: somebody said so, or its words speak of danger, by whatever door it comes. What was settled
    /// on the spot is in no danger any more.
    package var isDanger: Bool {
        isUrgent || (settledWith == nil && DangerWords.speak(in: text + " " + location))
    }

    /// What must be filled in before it can be taken; empty when it is complete.
    func problems(_ type: CaseType, _ catalogue: EventCatalogue) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        if text.trimmed.isEmpty {
            problems.append(.init("text", Text("请说说是什么事", "Please say what it is about")))
        }
        for field in type.fields where ["text", "location"].contains(field.id) {
            let value = field.id == "text" ? text : location
            // Protocols and systems of others give their people more room than our form gives.
            let limit =
                field.id == "text" && [.open311, .hotline].contains(source) ? max(field.limit, 4000) : field.limit
            if value.count > limit {
                problems.append(
                    .init(
                        field.id,
                        Text("最多 \(limit) 个字，现在有 \(value.count) 个", "At most \(limit) characters, now \(value.count)")
                    )
                )
            }
        }
        let needsLocation = type.fields.contains { $0.id == "location" && $0.isRequired }
        if needsLocation, location.trimmed.isEmpty, place == nil {
            problems.append(.init("location", Text("请写清楚在哪里", "Please say where it is")))
        }
        if catalogue[code: category] == nil {
            problems.append(.init("category", Text("请选是哪类事情", "Please choose what kind it is")))
        }
        if !reporterPhone.isEmpty, PhoneNumber(reporterPhone) == nil {
            problems.append(.init("phone", Text("手机号不对，请核对 11 位数字", "Please check the phone number")))
        }
        if reporterName.count > 30 {
            problems.append(.init("name", Text("称呼最多 30 个字", "The name has at most 30 characters")))
        }
        if photos.count > 9 {
            problems.append(.init("photos", Text("最多 9 张照片", "At most 9 photos")))
        }
        return problems
    }
}

/// A text with its phone and citizen numbers masked in place, as the names and doors of who tells a tip-off, and the
/// original when there were any.
struct LiftedText: Sendable {
    let masked: String
    /// The original, to be sealed; nil when nothing had to be masked.
    let original: String?

    init(_ text: String, hiding names: TellerNames = .nobody) {
        let hasNumbers = !names.isSealed && !PersonalNumbers.find(in: text).isEmpty
        let shown = hasNumbers ? PersonalNumbers.replacing(in: text) { $0.masked } : text
        masked = names.hidden(in: shown)
        original = masked == text ? nil : text
    }
}
