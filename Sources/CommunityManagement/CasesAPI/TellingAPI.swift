import LinliCore
import LinliKernel
import LinliStandards

/// Telling a need by a program, with an account or without: what the report page takes, and for staff what the desk and
/// the grid worker's page take, by the same rules.
enum TellingAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/case-types", id: "listCaseTypes", "What can be told, and what each kind asks for",
            access: .public, body: .nothing, reply: CaseTypeSchemas.list
        ) { _, request, services in
            services.queries.types.offered(at: request.context.actor.isStaff ? .staff : .program)
        },
        .api(
            .get, "/api/v1/report-options", id: "getReportOptions",
            "What a report form offers: places of a community, and units somebody may complain about there",
            access: .public,
            query: [
                SchemaProperty("division", .shaped(.division), "A community or grid; by default where you are at home")
            ],
            body: .nothing, reply: TellingSchemas.options, options
        ),
        .api(
            .post, "/api/v1/cases", id: "createCase",
            "Tell a need, with an account or without; staff tell it for somebody, or what they found",
            access: .public, body: TellingSchemas.telling, reply: APISchemas.taken, status: 201, recover: created,
            create
        ),
        .api(
            .post, "/api/v1/files", id: "uploadFile",
            "Keep a photo: the body is the picture itself, Content-Type image/*", access: .public, body: .picture,
            reply: TellingSchemas.file, status: 201, recover: upload, upload
        ),
    ]

    /// The shortest `Idempotency-Key` without an account, in characters: those keys are all of one owner, and one that
    /// somebody guesses would lead to another's receipt.
    private static let shortestKey = 16

    /// Whether a request may tell something at all.
    ///
    /// - Throws: `.unauthenticated` for who owes a second factor, `.malformed` for a key that could be guessed.
    static func admit(_ request: Request) throws {
        guard request.session?.isVerified != false else {
            throw LinliError(
                .unauthenticated, "cases.secondFactor",
                Text("这台设备还要验证一次动态码", "This device needs your second factor once")
            )
        }
        guard request.context.actor.account == nil, let key = request.idempotencyKey, key.utf8.count < shortestKey
        else { return }
        let text = Text("没有账号时至少 \(shortestKey) 个字符", "At least \(shortestKey) characters without an account")
        throw LinliError(
            .malformed, "cases.shortKey", Text("Idempotency-Key：", "Idempotency-Key: ") + text,
            fields: [.init("Idempotency-Key", text)])
    }

    /// In whose name it is told. Who stays anonymous is so in the audit too, with a token or without, unless the photos are
    /// an account's.
    static func writer(_ disclosure: Disclosure?, photos: [String], _ context: Context) -> Context {
        let isProven = photos.allSatisfy { $0.contains(".") }
        return disclosure == .anonymous && !context.actor.isStaff && isProven ? context.anonymous() : context
    }

    // MARK: Telling

    static func create(
        _ told: Telling, _ request: Request, _ services: Services
    ) async throws -> CaseCommands.Taken? {
        try admit(request)
        let context = writer(told.form.disclosure, photos: told.photos, request.context)
        let draft = try await draft(told, context, services)
        guard let once = request.once else { return try await services.commands.report(draft, context) }
        return try await services.commands.report(draft, once: once, context)
    }

    /// The case that a request has made whose reply was lost.
    static func created(
        _ told: Telling, _ request: Request, _ services: Services
    ) async throws -> CaseCommands.Taken?? {
        let context = writer(told.form.disclosure, photos: told.photos, request.context)
        guard let once = request.once, let taken = try await services.commands.taken(once: once, context)
        else { return .none }
        return .some(taken)
    }

    private static func draft(
        _ told: Telling, _ context: Context, _ services: Services
    ) async throws -> CaseDraft {
        let actor = context.actor
        let told = try await atWallCode(told, services)
        guard let type = services.queries.types.newest(told.form.type) else {
            throw LinliError.invalid("cases.type", [.init("type", Text("没有这种工单", "There is no such case type"))])
        }
        try check(told.form, type, services.catalogue)
        var form = told.form
        form.opening = type.opening
        // A class of categories is chosen as on the page: the words decide within it.
        if services.catalogue[code: form.category]?.isMajor == true { (form.kind, form.category) = (form.category, "") }
        // Staff say where it is; when they do not, it stands in the open, as on their pages.
        if actor.isStaff {
            form.spot = form.spot ?? type.opening?.spots.first ?? .estate
        } else {
            try checkStranger(told)
        }
        let (place, division) = try await whereabouts(told, context, services)
        let photos = try await FormPhotos.named(told.photos, services.database, context)
        var draft = try form.draft(
            in: division, place: place?.id, photos: photos,
            teller: actor.isStaff ? nil : actor.account.map { _ in actor.name },
            services.catalogue, services.suggestions
        )
        draft.source = actor.isStaff ? told.isFound ? .grid : .staff : .api
        draft.settledWith = told.settledWith
        // What the words say of danger is added where the case is taken in.
        draft.isUrgent = told.isUrgent
        return draft
    }

    /// - Throws: `.invalid` for fields the type does not have, and for codes the catalogue does not.
    private static func check(_ form: NeedForm, _ type: CaseType, _ catalogue: EventCatalogue) throws {
        let known = Set(type.extraFields.map(\.id))
        let noField = Text("“\(type.name.zh)”没有这个字段", "“\(type.name.en)” has no such field")
        var problems = form.answers.keys.filter { !known.contains($0) }.sorted().map { name in
            LinliError.Field("answers.\(name)", noField)
        }
        let noCategory = Text("没有这个类别", "There is no such category")
        if !form.category.isEmpty, catalogue[code: form.category] == nil {
            problems.append(.init("category", noCategory))
        }
        let isKind =
            form.kind.isEmpty || form.kind == NeedForm.streetKind || catalogue[code: form.kind]?.isMajor == true
        if !isKind { problems.append(.init("kind", noCategory)) }
        guard problems.isEmpty else { throw LinliError.invalid("cases.telling", problems) }
    }

    /// What only staff may say, by whoever is none. What is urgent wakes people at night: as on the report page the words
    /// of who tells it decide, and staff who know better make it urgent.
    private static func checkStranger(_ told: Telling) throws {
        var problems: [LinliError.Field] = []
        let isStaffs = Text("只有工作人员能填", "For staff only")
        if told.settledWith != nil { problems.append(.init("settledWith", isStaffs)) }
        if told.isFound { problems.append(.init("found", isStaffs)) }
        if told.isUrgent {
            let text = Text(
                "是否紧急由内容判断，请写清有什么危险；有人有危险，请先打 110、119 或 120",
                "Your words decide: say what the danger is; where somebody is in danger call 110, 119 or 120 first")
            problems.append(.init("urgent", text))
        }
        guard problems.isEmpty else { throw LinliError.invalid("cases.staff", problems) }
    }

    /// The same at the place where the code on a wall hangs that it names, as the report page opens there.
    ///
    /// - Throws: `.invalid` for a code that is none or does not hold any more, and for another place beside it.
    private static func atWallCode(_ told: Telling, _ services: Services) async throws -> Telling {
        guard let wallCode = told.wallCode else { return told }
        func refused(_ text: Text) -> LinliError { .invalid("cases.wallCode", [.init("wallCode", text)]) }
        let typed = String(wallCode.prefix(20))
        guard let code = try await services.database.read({ try WallCodesStore.scanned(typed, $0) }) else {
            throw refused(Text("没有这张楼道码，请核对", "There is no such code on a wall"))
        }
        guard code.revokedAt == nil else {
            throw refused(Text("这张楼道码已经作废", "This code on a wall was revoked"))
        }
        guard code.gone == nil else {
            throw refused(Text("这张楼道码挂的地方已经没有了", "The place of this code is there no more"))
        }
        guard told.form.place == nil || told.form.place == code.place else {
            throw refused(
                Text("楼道码和 place 不是同一个地方，只给一个", "The code hangs at another place than `place`: give one of them"))
        }
        var told = told
        told.form.listed = code.place
        if told.form.location.isEmpty { told.form.location = code.note }
        return told
    }

    /// Where it is: at the place, else in the division named, else in the grid of the point, else where the teller is at
    /// home; staff who serve one division only need not name it.
    private static func whereabouts(
        _ told: Telling, _ context: Context, _ services: Services
    ) async throws -> (PlaceSummary?, DivisionCode) {
        let form = told.form
        let actor = context.actor
        let now = context.now
        return try await services.database.read { tx in
            let place = try NeedsStore.place(form, tx)
            var problems: [LinliError.Field] = []
            if form.place != nil, place == nil {
                problems.append(.init("place", Text("地址库里没有这个地方", "The register has no such place")))
            }
            let noUnit = Text("没有这个单位", "There is no such unit")
            if let unit = form.against, try !NeedsStore.isUnit(unit, tx) { problems.append(.init("against", noUnit)) }
            if try !form.others.allSatisfy({ try NeedsStore.isUnit($0, tx) }) {
                problems.append(.init("accused", noUnit))
            }
            guard problems.isEmpty else { throw LinliError.invalid("cases.whereabouts", problems) }
            if let division = place?.division ?? told.division { return (place, division) }
            guard actor.isStaff else {
                let account = try actor.account.flatMap { try AccessStore.account($0, at: now, tx) }
                return (nil, try NeedsStore.division(for: form, place: nil, account, at: now, tx))
            }
            let divisions = actor.scope(for: .casesReport).divisions
            let located = try form.point.flatMap {
                try GridLocator.grid(latitude: $0.latitude, longitude: $0.longitude, at: now, tx)
            }
            guard let division = located ?? (divisions.count == 1 ? divisions.first : nil) else {
                throw LinliError.invalid(
                    "cases.division", [.init("division", Text("请说是哪里的事", "Please say where it is"))])
            }
            return (nil, division)
        }
    }

    // MARK: Around it

    private static func upload(_: Nothing, _ request: Request, _ services: Services) async throws -> KeptPhoto? {
        try admit(request)
        guard let upload = request.uploads.first else { throw LinliError.fault("files.body", "no upload") }
        let kept = try await services.files.keep([upload], services.database, request.context).first
        return kept.map { KeptPhoto(id: $0, proof: FormPhotos.value($0, services.database.keys)) }
    }

    private static func options(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> NeedOptions {
        let context = request.context
        let division = request.query["division"].flatMap { DivisionCode($0) }
        return try await services.database.read { tx in
            let account = try context.actor.account.flatMap { try AccessStore.account($0, at: context.now, tx) }
            return try NeedsStore.options(account, in: division, at: context.now, tx)
        }
    }
}
