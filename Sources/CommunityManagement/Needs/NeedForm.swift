import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What somebody typed and chose on the report form; the page shows it again as it was when something is missing.
struct NeedForm: Sendable {
    /// The identifier of the case type.
    var type = "need"
    /// What that type lets people choose; nil before it is known.
    var opening: CaseType.Opening?
    /// Answers to the extra fields of the type.
    var answers: [String: String] = [:]
    var text = ""
    var location = ""
    var estate: ID<Place>?
    var building: ID<Place>?
    var entrance: ID<Place>?
    /// The one list for browsers without JavaScript.
    var listed: ID<Place>?
    var latitude: Double?
    var longitude: Double?
    var accuracy: Int?
    var spot: Spot?
    /// A major class, or `street` for what stands in public space; empty lets the words decide.
    var kind = ""
    /// A minor class, chosen from the whole list.
    var category = ""
    /// Nil lets the words decide.
    var nature: NeedNature?
    var against: ID<Unit>?
    /// More units it is against.
    var others: [ID<Unit>] = []
    /// It is against no unit, whatever the words seem to say.
    var isAgainstNobody = false
    /// Nil follows from the nature.
    var disclosure: Disclosure?
    var name = ""
    var phone = ""
    /// Whom somebody speaks for; empty for oneself.
    var elder = ""
    var isForFamily = false
    /// The door of who joins others, only to count homes.
    var home = ""
    /// Whether neighbours may see it.
    var isWilling = false
    /// One filling of the form: sent again it is the same case.
    var once = randomToken()
    /// Photos the server already has, with their proofs.
    var kept: [String] = []

    /// An empty form.
    init() {}

    /// What came with a request.
    init(_ form: Form) {
        type = form["type"] ?? "need"
        answers = CaseFields.answers(in: form)
        text = form["text"] ?? ""
        location = form["location"] ?? ""
        estate = form.id("estate")
        building = form.id("building")
        entrance = form.id("entrance")
        listed = form.id("place")
        latitude = form.double("lat")
        longitude = form.double("lon")
        accuracy = form.int("accuracy")
        spot = form["spot"].flatMap { Spot(rawValue: $0) }
        kind = form["category"] ?? ""
        category = form["minor"] ?? ""
        nature = form["nature"].flatMap { NeedNature(rawValue: $0) }
        against = form.id("against")
        others = AgainstChoice.others(form)
        isAgainstNobody = form["against"] == AgainstChoice.nobody
        disclosure = form["disclosure"].flatMap { Disclosure(rawValue: $0) }
        name = form["name"] ?? ""
        phone = form["phone"] ?? ""
        elder = form["elder"] ?? ""
        isForFamily = !elder.isEmpty
        home = String((form["home"] ?? "").prefix(40))
        isWilling = form["publish"] == "yes"
        once = form["once"] ?? randomToken()
    }

    /// The narrowest place chosen.
    var place: ID<Place>? { entrance ?? building ?? listed ?? estate }

    /// Where it is on the map; nil when nothing was measured, or so badly that it would point at another street.
    var point: GeoPoint? {
        guard let latitude, let longitude, (accuracy ?? 0) <= 1000 else { return nil }
        return GeoPoint(longitude: longitude, latitude: latitude)
    }

    /// The units it is against, each once.
    var accused: [ID<Unit>] { AgainstChoice.all(against, others) }

    // MARK: What follows from it

    /// The tile for what stands in public space, whose classes are the city's own.
    static let streetKind = "street"

    /// The tile of a category.
    static func kind(_ category: EventCategory) -> String {
        category.scheme == .resident ? category.parent ?? category.code : streetKind
    }

    /// The category: the one chosen, else the best guess from the words inside the kind chosen, else that kind itself;
    /// "other" when there is neither.
    func category(_ catalogue: EventCatalogue, _ suggestions: Suggestions) throws -> EventCategory? {
        try decidedCategory(catalogue, suggestions)?.value
    }

    /// The same, and whether a person must still confirm it.
    func decidedCategory(
        _ catalogue: EventCatalogue, _ suggestions: Suggestions
    ) throws -> Decided<EventCategory>? {
        if let chosen = catalogue[code: category] { return Decided(chosen, isDoubtful: false) }
        func guessed(else code: String, _ isWanted: (EventCategory) -> Bool) throws -> Decided<EventCategory>? {
            try suggestions.decide(text, among: isWanted)
                ?? catalogue[code: code].map { Decided($0, isDoubtful: true) }
        }
        if let opening, !opening.categories.isEmpty {
            return try guessed(else: opening.otherwise) { !$0.isMajor && opening.takes($0) }
        }
        if kind == NeedForm.streetKind { return try guessed(else: "E06") { $0.scheme != .resident } }
        if catalogue[code: kind] != nil { return try guessed(else: kind) { $0.parent == kind } }
        return try suggestions.decide(text) ?? catalogue[code: "R2901"].map { Decided($0, isDoubtful: true) }
    }

    /// What the person wants: as chosen, else as the words say. Whoever names a unit complained about complains.
    func nature(_ category: EventCategory, _ suggestions: Suggestions) throws -> NeedNature {
        try decidedNature(category, suggestions).value
    }

    /// The same, and whether a person must still confirm it.
    func decidedNature(
        _ category: EventCategory, _ suggestions: Suggestions
    ) throws -> Decided<NeedNature> {
        if let nature { return Decided(nature, isDoubtful: false) }
        let wishes = opening?.wishes ?? NeedNature.allCases
        let decided = try suggestions.decideNature(text, category: category, wishes: wishes)
        guard !accused.isEmpty, !decided.value.isProtected, wishes.contains(.complaint) else { return decided }
        return Decided(.complaint, isDoubtful: false)
    }

    /// Who may know: as chosen; a complaint or tip-off is known to the receiving office only.
    func disclosure(_ nature: NeedNature) -> Disclosure {
        disclosure ?? (nature.isProtected ? .office : .named)
    }

    /// Where it is, when the person did not say: as the category usually has it.
    func spot(_ category: EventCategory) -> Spot {
        if let spot { return spot }
        let places = opening?.places ?? Spot.allCases
        return places.contains(category.usualSpot) ? category.usualSpot : places.first ?? category.usualSpot
    }

    /// Whether it speaks of danger to life.
    var isUrgent: Bool { DangerWords.speak(in: text + " " + location) }

    /// The need as the kernel takes it; `teller` is the name of the account that tells it.
    func draft(
        in division: DivisionCode,
        place: ID<Place>?,
        photos: [ID<StoredFile>],
        teller: String?,
        _ catalogue: EventCatalogue,
        _ suggestions: Suggestions
    ) throws -> CaseDraft {
        var draft = CaseDraft(text: text, division: division)
        draft.type = type
        draft.answers = answers
        draft.location = location
        draft.place = place
        draft.photos = photos
        draft.latitude = point?.latitude
        draft.longitude = point?.longitude
        draft.accused = accused
        draft.isAgainstNobody = isAgainstNobody
        draft.isUrgent = isUrgent
        if let found = try decidedCategory(catalogue, suggestions) {
            draft.category = found.value.code
            if found.isDoubtful { draft.doubt.insert(.category) }
            let nature = try decidedNature(found.value, suggestions)
            draft.nature = nature.value
            if nature.isDoubtful { draft.doubt.insert(.nature) }
            draft.spot = spot(found.value)
        }
        draft.isWilling = isWilling
        draft.disclosure = disclosure(draft.nature)
        draft.source = teller == nil || draft.disclosure == .anonymous ? .web : .account
        let own = name.isEmpty ? teller ?? "" : name
        draft.isOnBehalf = !elder.isEmpty
        let both = "\(elder)（\(own)代说）"
        draft.reporterName = elder.isEmpty ? own : own.isEmpty || both.count > 30 ? elder : both
        draft.reporterPhone = PhoneNumber(phone)?.number ?? phone
        return draft
    }

    /// What is the same when the same form is sent again, and different when it was changed meanwhile.
    var fingerprint: String {
        [
            text, location, place.map { "\($0)" } ?? "", kind, category, nature?.rawValue ?? "",
            "\(against?.rawValue ?? (isAgainstNobody ? -1 : 0))",
            others.map { "\($0)" }.joined(separator: ","), disclosure?.rawValue ?? "", name, phone, elder,
            isWilling ? "publish" : "", type,
            answers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\u{1E}"),
        ].joined(separator: "\u{1F}")
    }
}
