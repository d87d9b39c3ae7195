import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

/// A draft made of one message: what is guessed or was chosen, and whether staff take it.
struct PasteDraft: Sendable {
    /// Its number in the form, from 0; it keeps it while others are registered.
    var index: Int
    var message: GroupMessage
    var place: PlaceSummary?
    var category: EventCategory?
    /// How sure the category is, in percent; nil when a person has looked at it.
    var percent: Int?
    var isUrgent: Bool
    var isTicked = true
    /// Open cases about the same thing there.
    var similar: [CaseRow] = []
    /// The pictures that go with it.
    var photos: [ID<StoredFile>] = []
    /// The door of who said it, where staff know it: only for adding them to another case.
    var home = ""
    /// Those of `similar` that stood beside it when the form was sent.
    var shown: Set<ID<Case>> = []
    /// Whether the place is that of the door in the speaker's nick: no words say it.
    var isPlaceOfSpeaker = false
    /// The key under which it is registered once, where it had another number in an earlier filling of the form.
    var once: String?
    var error: LinliError?

    /// The key under which it is registered once, in a filling of the form.
    func key(in filling: String) -> String { once ?? "\(filling):\(index)" }
}

/// Pasting from a chat group, its words or its screenshots: read, looked over by staff, registered, answered in the group.
enum DeskPasteRoutes {
    static let all: [Route] = [
        .get("/desk/paste", access: .permission(.casesReport)) { request, services in
            .page(try await page(request, services).page)
        },
        .post("/desk/paste", access: .permission(.casesReport), read),
        .post("/desk/paste/register", access: .permission(.casesReport), register),
        .get("/desk/paste/photos/:proof", access: .permission(.casesReport), photo),
    ]

    private static func page(_ request: Request, _ services: Services) async throws -> DeskPastePage {
        let scope = request.context.actor.scope(for: .casesReport)
        let now = request.context.now
        let choices = try await services.database.read { try DeskStore.intakeChoices(scope, at: now, $0) }
        return DeskPastePage(
            choices: choices, form: request.form, once: request.form["once"] ?? randomToken(),
            formToken: request.formToken, names: services.divisions, catalogue: services.catalogue
        )
    }

    /// A picture on its way into a case, for the form that keeps it: nobody else can name it.
    private static func photo(_ request: Request, _ services: Services) async throws -> Reply {
        let proof = request.parameters["proof"] ?? ""
        let keys = services.database.keys
        let found = try await services.database.read { try FileStore.content(provenBy: proof, keys, $0) }
        guard let found else { throw LinliError.notFound("desk.pastePhoto") }
        return try CasePhotoReply.make(found, isSmall: request.query["size"] == "small", services)
    }

    // MARK: Reading

    private static func read(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        let text = String((request.form["text"] ?? "").prefix(8000))
        do {
            let photos = try await FormPhotos(request, services)
            page.keep(photos.files, services)
            if let problem = photos.problem { throw problem }
            let drafts = try await drafts(
                text, pictures: photos.files, reads: request.form["read"] == "yes", request.context, services
            )
            guard !drafts.isEmpty else {
                throw LinliError.invalid(
                    "desk.paste",
                    [
                        .init(
                            "text",
                            Text(
                                "没有认出说了什么，请把群里的话粘进来，或选截图",
                                "Nothing was found: paste what was said, or choose a screenshot")
                        )
                    ]
                )
            }
            page.drafts = drafts
            return .page(page.page)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            page.error = error
            return .page(page.page, status: status)
        }
    }

    /// The drafts of what was pasted: of its messages, and of what is read in its screenshots. A picture nothing is read
    /// in goes to the first draft; where it is alone it makes one by itself, whose words a person writes.
    static func drafts(
        _ text: String, pictures: [ID<StoredFile>], reads: Bool, _ context: Context, _ services: Services
    ) async throws -> [PasteDraft] {
        var messages = GroupChat.messages(in: text)
        var unread: [ID<StoredFile>] = []
        let (keys, actor) = (services.database.keys, context.actor)
        let hashes = try await services.database.read { try FileStore.hashes(of: pictures, by: actor, keys, $0) }
        for picture in pictures {
            guard let hash = hashes[picture] else { continue }
            let lines = reads ? await services.reader.lines(of: services.files.path(hash)) : nil
            let found = ChatScreenshot.messages(in: lines ?? [])
            if found.isEmpty { unread.append(picture) }
            messages += found
        }
        if messages.isEmpty, !unread.isEmpty { messages = [GroupMessage(speaker: "", time: "", words: "")] }
        var drafts = try await guessed(Array(messages.prefix(GroupChat.limit)), context, services)
        let first = drafts.firstIndex(where: \.isTicked) ?? drafts.indices.first
        if let first { drafts[first].photos = unread }
        return drafts
    }

    /// What each message seems to be about: the one place its words name, or else the building in the nick of who said it,
    /// a category they suggest, and who may have told it before.
    static func guessed(
        _ messages: [GroupMessage], _ context: Context, _ services: Services
    ) async throws -> [PasteDraft] {
        let scope = context.actor.scope(for: .casesReport)
        let guess = try await services.database.read { try PlaceGuess(around: scope.divisions, $0) }
        var drafts: [PasteDraft] = []
        for (index, message) in messages.enumerated() {
            let words = message.words
            let found = try await services.suggestions.suggest(words)
            let named = try await services.database.read { try DeskPasteRoutes.place(of: message, guess, $0) }
            let place = named.place.flatMap { scope.contains($0.division) ? $0 : nil }
            let saysPlace = place != nil && !named.isOfSpeaker
            let isUrgent = DangerWords.speak(in: words)
            drafts.append(
                PasteDraft(
                    index: index, message: message, place: place, category: found.category,
                    percent: found.categories.first?.percent ?? 0,
                    isUrgent: isUrgent,
                    isTicked: isNeed(words, found, hasPlace: saysPlace, isUrgent: isUrgent),
                    similar: try await SimilarCases.forStaff(
                        found.category, at: place, in: place?.division, context, services),
                    home: String(ChatDoor.home(of: message.speaker).prefix(40)),
                    isPlaceOfSpeaker: place != nil && named.isOfSpeaker
                )
            )
        }
        return drafts
    }

    /// Whether staff most likely take it: it is surely of a kind, names a place, or danger speaks in it; never what only
    /// answers somebody. Without any words a person writes them.
    private static func isNeed(_ words: String, _ found: Suggestion, hasPlace: Bool, isUrgent: Bool) -> Bool {
        guard !words.isEmpty else { return true }
        guard found.category != nil, words.count > 3, !PasteReply.isOnlyAnswer(words) else { return false }
        return found.isSure || hasPlace || isUrgent
    }

    /// A draft whose speaker is no name but the first line of what was said: put before the words, and what nobody chose
    /// is guessed anew.
    private static func putBack(
        _ draft: PasteDraft, _ context: Context, _ services: Services
    ) async throws -> PasteDraft {
        let message = GroupMessage(
            speaker: "", time: draft.message.time, words: draft.message.speaker + draft.message.words)
        guard let again = try await guessed([message], context, services).first else { return draft }
        return PasteDraft(
            index: draft.index, message: message, place: draft.place ?? again.place,
            category: draft.category ?? again.category, percent: draft.category == nil ? again.percent : nil,
            isUrgent: draft.isUrgent || again.isUrgent, isTicked: draft.isTicked || again.isTicked,
            photos: draft.photos, home: draft.home, once: draft.once
        )
    }

    /// The form again with one speaker put back into the words.
    private static func withWords(
        of index: Int, _ drafts: [PasteDraft], _ photos: FormPhotos, _ page: DeskPastePage, _ request: Request,
        _ services: Services
    ) async throws -> Reply {
        var page = page
        var drafts = drafts
        for position in drafts.indices {
            if drafts[position].index == index {
                drafts[position] = try await putBack(drafts[position], request.context, services)
            }
            drafts[position].similar = try await similar(to: drafts[position], request.context, services)
        }
        page.drafts = drafts
        page.keep(photos.files, services)
        page.form = Form()
        page.error = photos.problem
        return .page(page.page)
    }

    /// Open cases about the same thing there.
    static func similar(
        to draft: PasteDraft, _ context: Context, _ services: Services
    ) async throws -> [CaseRow] {
        try await SimilarCases.forStaff(draft.category, at: draft.place, in: draft.place?.division, context, services)
    }

    /// The place that a message is about, and whether only the door in its speaker's nick says so.
    private static func place(
        of message: GroupMessage, _ guess: PlaceGuess, _ tx: ReadTx
    ) throws -> (place: PlaceSummary?, isOfSpeaker: Bool) {
        if let meant = try meant(by: message.words, guess, tx) { return (meant, false) }
        let own = try ChatDoor.place(of: message.speaker, saying: message.words, guess, tx)
        return (own, own != nil)
    }

    /// The place whose whole address stands in words, or what lies in it and is meant; else the one place they mean by a
    /// short form.
    private static func meant(by words: String, _ guess: PlaceGuess, _ tx: ReadTx) throws -> PlaceSummary? {
        let whole = try PlacesStore.named(in: words, tx)
        let meant = try guess.place(in: words, tx)
        guard let whole, let meant else { return whole ?? meant }
        return try PlacesStore.chain(of: meant.id, tx).contains { $0.id == whole.id } ? meant : whole
    }

    // MARK: Registering

    private static func register(_ request: Request, _ services: Services) async throws -> Reply {
        let form = request.form
        let photos = try await FormPhotos(request, services)
        var page = try await page(request, services)
        var drafts = try await filled(form, photos.files, request.context, services)
        if let index = form.int("back") {
            return try await withWords(of: index, drafts, photos, page, request, services)
        }
        if let seam = form["part"] {
            return try await parted(at: seam, drafts, photos, page, request, services)
        }
        // Whose button was pressed is added alone; what is ticked besides waits in the form.
        let joining = lead(form)
        let ticked = drafts.indices.filter { position in
            joining.map { $0.draft == drafts[position].index } ?? drafts[position].isTicked
        }
        var (isDone, failed): ([Int], LinliError?) = ([], photos.problem)
        for position in ticked {
            do {
                let once = drafts[position].key(in: page.once)
                let taken = try await take(drafts[position], in: joining?.id, once: once, request, services)
                isDone.append(position)
                var reply = try await PasteReply(
                    taken.id, taken.number, receipt: request.origin + CasePath.receipt(taken.receipt),
                    origin: request.origin, request.context, services)
                reply.isJoined = taken.state == CaseType.State.merged.id
                page.replies.append(reply)
            } catch let error as LinliError where error.formStatus != nil {
                drafts[position].error = error
                failed = failed ?? error
            }
        }
        if ticked.isEmpty {
            failed = failed ?? .invalid("desk.pasteNone", [.init("text", Text("一条也没有选", "None is ticked"))])
        }
        guard failed != nil || joining != nil else { return .page(page.page) }
        // What is registered is gone from the form; everything else stays as it was typed.
        let used = Set(isDone.flatMap { drafts[$0].photos })
        for position in drafts.indices where !isDone.contains(position) {
            drafts[position].similar = try await similar(to: drafts[position], request.context, services)
            page.drafts.append(drafts[position])
        }
        page.keep(photos.files.filter { !used.contains($0) }, services)
        page.form = Form()
        page.error = failed
        return .page(page.page, status: failed == nil ? 200 : 422)
    }

    /// The draft whose person is to be added to a case, by its number in the form, and that case; nil where drafts are
    /// registered.
    private static func lead(_ form: Form) -> (draft: Int, id: ID<Case>)? {
        let parts = (form["join"] ?? "").split(separator: ":")
        guard parts.count == 2, let draft = Int(parts[0]), let id = ID<Case>(parts[1]) else { return nil }
        return (draft, id)
    }

    /// Registers one, or adds who said it to the case `lead`; sent again it is the same. As by the form of the counter staff
    /// are asked first whether it is an open case that they did not see beside it.
    private static func take(
        _ told: PasteDraft, in lead: ID<Case>?, once: String, _ request: Request, _ services: Services
    ) async throws -> CaseCommands.Taken {
        let context = request.context
        if let taken = try await services.commands.taken(once: once, context) { return taken }
        var draft = try await draft(told, request.form, context, services)
        if let lead {
            draft.home = told.home
            return try await StaffJoining.add(draft, to: lead, once: once, context, services)
        }
        if StaffReport.mayBeAsked(draft) {
            let found = try await similar(to: told, context, services)
            guard found.allSatisfy({ told.shown.contains($0.id) }) else { throw StaffReport.mayBeSame }
        }
        return try await services.commands.report(draft, once: once, context)
    }

    /// The drafts as the form has them.
    private static func filled(
        _ form: Form, _ files: [ID<StoredFile>], _ context: Context, _ services: Services
    ) async throws -> [PasteDraft] {
        let scope = context.actor.scope(for: .casesReport)
        let names = Set(form.fields.map(\.name))
        var drafts: [PasteDraft] = []
        for index in 0..<GroupChat.limit where names.contains("words-\(index)") || names.contains("take-\(index)") {
            let chosen: ID<Place>? = form.id("place-\(index)")
            let place = try await services.database.read { tx in try chosen.flatMap { try PlacesStore.find($0, tx) } }
            drafts.append(
                PasteDraft(
                    index: index,
                    message: GroupMessage(
                        speaker: form["speaker-\(index)"] ?? "", time: form["time-\(index)"] ?? "",
                        words: form["words-\(index)"] ?? ""),
                    place: place.flatMap { scope.contains($0.division) ? $0 : nil },
                    category: form["category-\(index)"].flatMap { services.catalogue[code: $0] },
                    isUrgent: form["urgent-\(index)"] == "yes", isTicked: form["take-\(index)"] == "yes",
                    photos: files.filter { form["goes-\($0)"] == "\(index)" },
                    home: String((form["home-\(index)"] ?? "").prefix(40)),
                    shown: Set((form["similar-\(index)"] ?? "").split(separator: ",").compactMap { ID<Case>($0) }),
                    once: form["once-\(index)"]
                )
            )
        }
        return drafts
    }

    private static func draft(
        _ draft: PasteDraft, _ form: Form, _ context: Context, _ services: Services
    ) async throws -> CaseDraft {
        let scope = context.actor.scope(for: .casesReport)
        guard let division = draft.place?.division ?? scope.divisions.first, scope.contains(division) else {
            throw LinliError.invalid("desk.division", [.init("place", Text("请选是哪里的事", "Please choose where it is"))])
        }
        guard let category = draft.category else {
            throw LinliError.invalid("desk.pasteCategory", [.init("category", Text("还没选类别", "Please choose the kind"))])
        }
        var made = CaseDraft(text: draft.message.words, division: division)
        made.category = category.code
        let nature = try services.suggestions.decideNature(made.text, category: category)
        made.nature = nature.value
        if nature.isDoubtful { made.doubt.insert(.nature) }
        made.spot = category.usualSpot
        made.place = draft.place?.id
        // A name in a group is no way to reach somebody; who it was stays with the office.
        made.reporterName = String(draft.message.speaker.prefix(12))
        made.disclosure = made.nature.isProtected ? .office : .named
        made.source = .staff
        made.isUrgent = draft.isUrgent
        made.photos = draft.photos
        return made
    }
}
