import LinliCore
import LinliKernel
import LinliStandards

/// Requests of programs → commands and queries → documents.
enum Open311Routes {
    /// `GET discovery`, `GET services`, `GET requests`.
    static func document(_ request: Request, _ services: Services) async throws -> Reply {
        let asked = try Open311Name(request.parameters["resource"] ?? "")
        let language = request.context.language
        switch asked.name {
        case "discovery": return Open311Services.discovery(request.origin, language).reply(asked.format)
        case "services":
            try checkJurisdiction(request)
            return try Open311Services(services).list(language).reply(asked.format)
        case "requests":
            try checkJurisdiction(request)
            return try await list(request, services).reply(asked.format)
        default: throw Open311Refusal.unknown
        }
    }

    /// `GET services/CODE`, `GET requests/NUMBER`, `GET tokens/TOKEN`.
    static func entry(_ request: Request, _ services: Services) async throws -> Reply {
        let asked = try Open311Name(request.parameters["entry"] ?? "")
        try checkJurisdiction(request)
        switch request.parameters["resource"] {
        case "services":
            let offered = try Open311Services(services)
            return offered.definition(try offered.find(asked.name), request.context.language).reply(asked.format)
        case "requests":
            let key = key(of: request)
            guard let number = Open311Query.number(asked.name) else { throw noRequest }
            let found = try await services.database.read { try Open311Store.find([number], key, $0) }
            guard !found.isEmpty else { throw noRequest }
            return try write(found, request, services).reply(asked.format)
        case "tokens": return try await token(asked, request, services)
        default: throw Open311Refusal.unknown
        }
    }

    /// `POST requests`.
    static func create(_ request: Request, _ services: Services) async throws -> Reply {
        let asked = try Open311Name(request.parameters["resource"] ?? "")
        if ["discovery", "services"].contains(asked.name) { return Open311Refusal.isRead(request) }
        guard asked.name == "requests" else { throw Open311Refusal.unknown }
        try checkJurisdiction(request)
        guard let key = key(of: request) else { throw noKey }
        let form = try Open311Form(request.form, try Open311Services(services))
        guard request.uploads.isEmpty else { throw noFiles }
        let receipt = randomToken()
        let (number, isNew) = try await take(form, key, receipt, request, services)
        let link = request.origin + CasePath.receipt(receipt)
        let notice =
            isNew
            ? Text(
                "已收到，编号 \(number)。请把这个链接交给反映人，凭它看进度、评价：\(link)",
                "Received as \(number). Give this link to who reported it, to follow and rate it: \(link)"
            )
            : Text(
                "同样的内容一天内已经收到过，编号 \(number)，没有重复登记",
                "The same was received within a day as \(number) and is not registered twice"
            )
        // Nobody should think that a picture arrived.
        let media =
            form.hasMedia && isNew
            ? Text(
                "media_url 没有下载，也不给居民看，只作为文字记给工作人员。",
                "media_url was not fetched and is not shown to residents: staff read it as words. ") : Text("", "")
        let entry: Open311Value = .object([
            ("service_request_id", .text(number)),
            ("service_notice", .text((media + notice)[request.context.language])),
            ("account_id", .nothing),
        ])
        return Open311Document(root: "service_requests", value: .list(item: "request", [entry])).reply(asked.format)
    }

    /// The same words from the same program count once a day: a program that got no answer sends them again.
    private static func take(
        _ form: Open311Form, _ key: ID<ProgramKey>, _ receipt: String, _ request: Request, _ services: Services
    ) async throws -> (number: String, isNew: Bool) {
        var location = try form.checked()
        let database = services.database
        let digest = database.keys.tokenHash("open311:\(key):\(form.fingerprint)")
        let start = request.context.now.adding(days: -1)
        let twin = { () async throws -> String? in
            try await database.read { try Open311Store.twin(digest, of: key, since: start, $0) }
        }
        if let number = try await twin() { return (number, false) }
        let (division, place) = try await database.read { [location] in
            try Open311Store.locate(location, at: request.context.now, $0)
        }
        location.place = place
        do {
            let draft = try form.draft(in: division, location, services.suggestions)
            let taken = try await services.commands.report(draft, request.context, receipt: receipt) { id, tx in
                guard try Open311Store.twin(digest, of: key, since: start, tx) == nil else { throw twice }
                try Open311Store.keep(id, key, digest, tx)
            }
            return (taken.number, true)
        } catch let error as LinliError where error.id == twice.id {
            // The same came twice in one moment: the first one has made the case.
            guard let number = try await twin() else { throw error }
            return (number, false)
        }
    }

    // MARK: Reading

    private static func list(_ request: Request, _ services: Services) async throws -> Open311Document {
        let query = try Open311Query(request.query, try Open311Services(services), at: request.context.now)
        let key = key(of: request)
        let found = try await services.database.read { tx in
            if let numbers = query.numbers { return try Open311Store.find(numbers, key, tx) }
            return try Open311Store.list(query, key, tx)
        }
        return try write(found, request, services)
    }

    private static func write(
        _ found: [Open311Request], _ request: Request, _ services: Services
    ) throws -> Open311Document {
        let offered = try Open311Services(services)
        let language = request.context.language
        let entries = try found.map { item -> Open311Value in
            let type = try services.queries.types.type(item.type, version: item.typeVersion)
            let photo = item.photo.map { request.origin + CasePath.neighbourPhoto(item.number, $0) }
            return Open311Routes.entry(item, offered, try type.state(item.state).residentName, photo, language)
        }
        return Open311Document(root: "service_requests", value: .list(item: "request", entries))
    }

    /// A case as the protocol says it; one that was joined to another names that one in its notes, because the protocol
    /// has no field for it, and is open and closed with it. Everybody gets what staff cleared, as on our own pages; the program that told it
    /// gets the text as it was told, the words about the place and what was answered. Who told it leaves in no case,
    /// and of photos the address of one that staff cleared.
    private static func entry(
        _ item: Open311Request, _ offered: Open311Services, _ state: Text, _ photo: String?, _ language: Language
    ) -> Open311Value {
        let joined = item.joined.map { Text("并入 \($0) 一起办", "handled together with \($0)")[language] }
        let notes = [joined ?? "", state[language], item.said ?? ""]
        // The words may name the place itself.
        let isNamed = item.location.hasPrefix(item.address)
        let address = [isNamed ? "" : item.address, item.location]
        let updated = item.isOwn ? max(item.stateSince, item.saidAt ?? item.stateSince) : item.stateSince
        func words(_ parts: [String], _ separator: String) -> Open311Value {
            Open311Value(parts.filter { !$0.isEmpty }.joined(separator: separator))
        }
        return .object([
            ("service_request_id", .text(item.number)),
            ("status", .text(item.isOpen ? "open" : "closed")),
            ("status_notes", words(notes, language == .zh ? "：" : ": ")),
            ("service_name", .text(offered.name(item.category)[language])),
            ("service_code", .text(item.category)),
            ("description", Open311Value(item.text)),
            ("agency_responsible", Open311Value(item.unit?[language])),
            ("service_notice", .nothing),
            ("requested_datetime", Open311Value(item.createdAt)),
            ("updated_datetime", Open311Value(updated)),
            ("expected_datetime", Open311Value(item.isOpen ? item.dueAt : nil)),
            ("address", words(address, " ")),
            ("address_id", Open311Value(item.place.map { "\($0)" })),
            ("zipcode", .nothing),
            ("lat", item.latitude.map { .number($0) } ?? .nothing),
            ("long", item.longitude.map { .number($0) } ?? .nothing),
            ("media_url", Open311Value(photo)),
        ])
    }

    /// A need has its number at once, so no reply of ours carries a token; the identifier in the addresses of its pages
    /// is one all the same.
    private static func token(_ asked: Open311Name, _ request: Request, _ services: Services) async throws -> Reply {
        let key = key(of: request)
        guard let id = ID<Case>(asked.name) else { throw noRequest }
        guard let number = try await services.database.read({ try Open311Store.number(id, key, $0) }) else {
            throw noRequest
        }
        let entry: Open311Value = .object([("service_request_id", .text(number)), ("token", .text("\(id)"))])
        return Open311Document(root: "service_requests", value: .list(item: "request", [entry])).reply(asked.format)
    }

    // MARK: Who and where

    private static func key(of request: Request) -> ID<ProgramKey>? {
        if case .key(let id, _) = request.context.actor.kind { id } else { nil }
    }

    /// We are one jurisdiction, named by our own host.
    private static func checkJurisdiction(_ request: Request) throws {
        guard let given = request.form["jurisdiction_id"] ?? request.query["jurisdiction_id"] else { return }
        guard given.lowercased() == host(of: request.origin).lowercased() else {
            throw LinliError(
                .notFound,
                "open311.jurisdiction",
                Text("没有这个 jurisdiction_id，可以不填", "There is no such jurisdiction_id; it may be left out")
            )
        }
    }

    /// The host in `https://linli.example:8443`.
    static func host(of origin: String) -> String {
        let start = origin.firstRange(of: "://")?.upperBound ?? origin.startIndex
        let authority = origin[start...].prefix { $0 != "/" }
        guard !authority.hasPrefix("[") else { return String(authority.prefix { $0 != "]" }) + "]" }
        return String(authority.prefix { $0 != ":" })
    }

    // MARK: Failures

    private static let noRequest = LinliError(
        .notFound,
        "open311.request",
        Text("没有这个编号，或者不公开", "There is no such request, or it is not public")
    )

    private static let noKey = LinliError(
        .forbidden, "open311.key", Text("请在 api_key 里给出密钥", "Give your key as api_key")
    )

    private static let noFiles = LinliError.invalid(
        "open311.files",
        [.init("media", Text("不接收文件，请在 media_url 里给出网址", "Files are not taken; give an address as media_url"))]
    )

    private static let twice = LinliError(
        .conflict, "open311.twice", Text("同样的内容正在登记", "The same is being registered")
    )
}
