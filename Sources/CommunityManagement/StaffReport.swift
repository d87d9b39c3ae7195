import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What the desk and the grid worker's page share: a need that staff tell, taken once with its photos.
enum StaffReport {
    /// Takes the form once, however often a phone or a browser sends it: as a case, or as a voice of the one whose button was
    /// pressed. What is wrong goes to `refused`, with the photos that did arrive, as the page that shows it.
    ///
    /// - Throws: what no form can put right.
    static func take(
        _ request: Request, _ services: Services, once: String,
        draft: ([ID<StoredFile>]) async throws -> CaseDraft,
        done: (CaseCommands.Taken) async throws -> Reply,
        refused: (_ error: LinliError, _ kept: [String]) async throws -> Page
    ) async throws -> Reply {
        if let taken = try await services.commands.taken(once: once, request.context) {
            return try await done(taken)
        }
        let photos = try await FormPhotos(request, services)
        do {
            if let problem = photos.problem { throw problem }
            let draft = try await draft(photos.files)
            if let lead: ID<Case> = request.form.id("join") {
                return try await done(try await StaffJoining.join(draft, to: lead, once: once, request, services))
            }
            guard try await !isAsked(draft, request, services) else { throw mayBeSame }
            return try await done(try await services.commands.report(draft, once: once, request.context))
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            let kept = photos.files.map { FormPhotos.value($0, services.database.keys) }
            return .page(try await refused(error, kept), status: status)
        }
    }

    /// The question whether it is one of the open cases of its kind near its place; sending the form again answers it.
    static let mayBeSame = LinliError.invalid(
        "staff.similar",
        [
            .init(
                "similar",
                Text(
                    "附近有没办完的同类事情，先看看是不是同一件；不是就再点一次",
                    "There are open cases of this kind nearby: look, and send again if it is another")
            )
        ]
    )

    /// Whether that is asked: once, never of what is urgent, done on the spot, or protects who tells it; and of a script
    /// only while its person is there to answer.
    private static func isAsked(_ draft: CaseDraft, _ request: Request, _ services: Services) async throws -> Bool {
        guard request.form["similar"] == nil, mayBeAsked(draft),
            request.idempotencyKey == nil || request.form["here"] == "yes"
        else { return false }
        return try await !similar(services.catalogue[code: draft.category], request, services).isEmpty
    }

    /// Whether it is asked of a draft at all: never of what is urgent, done on the spot, or protects who tells it.
    static func mayBeAsked(_ draft: CaseDraft) -> Bool {
        !draft.isUrgent && draft.settledWith == nil && !draft.nature.isProtected && !DangerWords.speak(in: draft.text)
    }

    /// Whether the page that is shown again has the similar cases: it asked about them, or one of them was chosen.
    static func showsSimilar(_ error: LinliError, _ form: Form) -> Bool {
        error.id == mayBeSame.id || form["join"] != nil
    }

    /// Open cases of a category at or around the place the form names, or around where its person stands.
    static func similar(
        _ category: EventCategory?, _ request: Request, _ services: Services
    ) async throws -> [CaseRow] {
        if let place = try await place(request.form, services) {
            return try await SimilarCases.forStaff(category, at: place, in: nil, request.context, services)
        }
        guard let point = point(request.form) else { return [] }
        let grid = try await services.database.read { tx in
            try GridLocator.grid(
                latitude: point.latitude, longitude: point.longitude, at: request.context.now, tx)
        }
        return try await SimilarCases.forStaff(category, at: nil, in: grid, around: point, request.context, services)
    }

    /// Where who fills the form in stands; nil where that is not known.
    static func point(_ form: Form) -> GeoPoint? {
        form.double("lat").flatMap { latitude in
            form.double("lon").flatMap { GeoPoint(longitude: $0, latitude: latitude) }
        }
    }

    /// The place the form names; nil where none is.
    static func place(_ form: Form, _ services: Services) async throws -> PlaceSummary? {
        guard let id: ID<Place> = form.id("place") else { return nil }
        return try await services.database.read { try PlacesStore.find(id, $0) }
    }

    /// What the form says of a need of `type`; nature and category follow from the words where nobody chose.
    static func draft(
        _ form: Form, _ type: CaseType, in division: DivisionCode, at place: PlaceSummary?,
        category: Decided<EventCategory>?,
        photos: [ID<StoredFile>], _ services: Services
    ) throws -> CaseDraft {
        let text = form["text"] ?? ""
        let chosen = form["nature"].flatMap { NeedNature(rawValue: $0) }
        let nature =
            try chosen.map { Decided($0, isDoubtful: false) } ?? StaffReport.nature(of: text, type, category, services)
        var draft = CaseDraft(text: text, division: division)
        draft.category = category?.value.code ?? ""
        if category?.isDoubtful == true { draft.doubt.insert(.category) }
        if nature.isDoubtful { draft.doubt.insert(.nature) }
        draft.type = type.id
        draft.answers = CaseFields.answers(in: form)
        draft.nature = nature.value
        draft.spot = form["spot"].flatMap { Spot(rawValue: $0) } ?? type.opening?.spots.first ?? .estate
        draft.location = form["location"] ?? ""
        draft.place = place?.id
        draft.isUrgent = form["urgent"] == "yes"
        draft.photos = photos
        return draft
    }

    /// What the words are about, among the categories a type takes; nil where the type takes any and they say nothing.
    static func category(
        of text: String, _ type: CaseType, _ services: Services
    ) throws -> Decided<EventCategory>? {
        guard let opening = type.opening, !opening.categories.isEmpty else {
            return try services.suggestions.decide(text)
        }
        return try services.suggestions.decide(text, among: { !$0.isMajor && opening.takes($0) })
            ?? services.catalogue[code: opening.otherwise].map { Decided($0, isDoubtful: true) }
    }

    /// What is wanted, as the words say, among what a type takes.
    static func nature(
        of text: String, _ type: CaseType, _ category: Decided<EventCategory>?, _ services: Services
    ) throws -> Decided<NeedNature> {
        try services.suggestions.decideNature(
            text, category: category?.value, wishes: type.opening?.wishes ?? NeedNature.allCases)
    }
}
