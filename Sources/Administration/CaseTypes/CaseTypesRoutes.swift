import Foundation
import LinliCore
import LinliKernel

/// Case types: the list, one type with its draft, its texts.
enum CaseTypesRoutes {
    static let all: [Route] = [
        .get("/admin/case-types", access: .permission(.caseTypesManage), list),
        .post("/admin/case-types", access: .permission(.caseTypesManage), begin),
        .get("/admin/case-types/:type", access: .permission(.caseTypesManage), show),
        .post("/admin/case-types/:type", access: .permission(.caseTypesManage), change),
        .get("/admin/case-types/:type/:version", access: .permission(.caseTypesManage), download),
    ]

    private static func commands(_ services: Services) -> CaseTypeCommands {
        CaseTypeCommands(services.database, types: services.queries.types)
    }

    // MARK: List

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await listPage(request, services).page)
    }

    /// Every type, and how it stands.
    static func listPage(_ request: Request, _ services: Services) async throws -> CaseTypesPage {
        let types = services.queries.types.all
        let hidden = request.context.actor.scope.interests
        let (running, drafts) = try await services.database.read { tx in
            var running: [String: [Int: Int]] = [:]
            for type in types { running[type.id] = try CaseTypeDrafts.running(type.id, apartFrom: hidden, tx) }
            return (running, try CaseTypeDrafts.types(tx))
        }
        return CaseTypesPage(
            types: types,
            running: running,
            drafts: drafts,
            newer: types.filter { newerShipped($0.id, services) != nil }.map(\.id),
            mayChange: CaseTypeCommands.mayChange(request.context.actor),
            formToken: request.formToken
        )
    }

    /// Begins a type of one's own as a copy of another.
    private static func begin(_ request: Request, _ services: Services) async throws -> Reply {
        let types = services.queries.types
        let id = request.form["id"] ?? ""
        do {
            guard let copied = request.form["from"].flatMap({ types.newest($0) }) else {
                throw LinliError.invalid(
                    "caseTypes.from", [.init("from", Text("请选照着哪一种写", "Please choose what to copy"))]
                )
            }
            guard types.newest(id) == nil else {
                throw LinliError.invalid("caseTypes.id", [.init("id", Text("这个代号已经有了", "This id is taken"))])
            }
            let yaml = CaseTypeLoader.renumbered(
                try await text(of: copied, services), version: 1, id: id, prefix: types.freePrefix(for: id))
            try await commands(services).save(yaml, of: id, revision: 0, request.context)
            return .redirect("/admin/case-types/\(id)?done=save")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await listPage(request, services)
            page.typed = request.form
            page.error = error
            return .page(page.page, status: status)
        }
    }

    // MARK: One type

    /// The type of the address: known, or begun as a draft.
    static func id(_ request: Request) -> String { request.parameters["type"] ?? "" }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        page.drafting.done = request.query["done"]
        return .page(page.page)
    }

    /// The type of the address with its draft.
    ///
    /// - Throws: `.notFound` when it is neither known nor begun.
    static func page(_ request: Request, _ services: Services) async throws -> CaseTypePage {
        let id = id(request)
        let types = services.queries.types
        let current = types.newest(id)
        let hidden = request.context.actor.scope.interests
        let (draft, versions, running) = try await services.database.read { tx in
            (
                try CaseTypeDrafts.find(id, tx), try CaseTypeDrafts.versions(id, tx),
                try CaseTypeDrafts.running(id, apartFrom: hidden, tx)
            )
        }
        guard current != nil || draft != nil else { throw LinliError.notFound("caseTypes.unknown") }
        return CaseTypePage(
            id: id,
            current: current,
            largest: types.largestVersion(id),
            draft: draft,
            versions: versions,
            running: running,
            shipped: newerShipped(id, services),
            shippedVersions: types.shippedVersions(id),
            drafting: Drafting(
                "/admin/case-types/\(id)", revision: draft?.revision,
                mayChange: CaseTypeCommands.mayChange(request.context.actor), request)
        )
    }

    /// The version the program ships, when the deployment has its own and has not taken that one up.
    private static func newerShipped(_ id: String, _ services: Services) -> CaseType? {
        let types = services.queries.types
        guard let shipped = types.shipped(id)?.type, let current = types.newest(id), shipped.version > current.version
        else { return nil }
        return shipped
    }

    private static func text(of type: CaseType, _ services: Services) async throws -> String {
        let stored = try await services.database.read { try CaseTypeDrafts.text(type.id, version: type.version, $0) }
        guard let text = stored ?? services.queries.types.shippedText(type.id, version: type.version) else {
            throw LinliError.notFound("caseTypes.text")
        }
        return text
    }

    /// What the buttons of the page do with the draft.
    private static func change(_ request: Request, _ services: Services) async throws -> Reply {
        let id = id(request)
        let form = request.form
        let revision = form.int("revision") ?? 0
        let commands = commands(services)
        do {
            switch form["do"] {
            case "start", "startShipped":
                // A fresh copy of what is in force, or of what the program ships, takes nothing back unseen.
                try await commands.save(
                    try await start(request, services), of: id, revision: revision,
                    compared: services.queries.types.newest(id)?.version, request.context)
                return .redirect("/admin/case-types/\(id)?done=start")
            case "save":
                try await commands.save(
                    try typed(request), of: id, revision: revision, compared: form.int("compared"), request.context)
                return .redirect("/admin/case-types/\(id)?done=save")
            case "discard":
                try await commands.discard(id, revision: revision, request.context)
                let isKnown = services.queries.types.newest(id) != nil
                return .redirect(isKnown ? "/admin/case-types/\(id)?done=discard" : "/admin/case-types")
            case "publish":
                _ = try await commands.publish(id, revision: revision, reason: form["reason"] ?? "", request.context)
                return .redirect("/admin/case-types/\(id)?done=publish")
            default: return .page(try await tried(typed(request), request, services).page)
            }
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.drafting.typed = form["do"] == "save" ? try typed(request) : nil
            page.drafting.reason = form["reason"]
            page.drafting.error = error
            return .page(page.page, status: status)
        }
    }

    /// The text a draft begins with: the version in force, or the one the program ships, with the next number.
    private static func start(_ request: Request, _ services: Services) async throws -> String {
        let types = services.queries.types
        let id = id(request)
        let version = types.largestVersion(id) + 1
        if request.form["do"] == "startShipped", let shipped = types.shipped(id) {
            return CaseTypeLoader.renumbered(shipped.yaml, version: version)
        }
        guard let current = types.newest(id) else { throw LinliError.notFound("caseTypes.unknown") }
        return CaseTypeLoader.renumbered(try await text(of: current, services), version: version)
    }

    /// What was typed, or the file that was chosen.
    private static func typed(_ request: Request) throws -> String {
        let typed = (request.form.all("yaml").first ?? "").replacing("\r\n", with: "\n")
        guard let upload = request.uploads.first(where: { $0.field == "file" && $0.size > 0 }) else { return typed }
        guard upload.size <= 4 * CaseTypeDrafts.limit else {
            throw LinliError.invalid("caseTypes.long", [.init("file", Text("文件太大了", "That file is too large"))])
        }
        let data = try Data(contentsOf: URL(filePath: upload.path))
        return String(decoding: data, as: UTF8.self).replacing("\r\n", with: "\n").replacing("\u{FEFF}", with: "")
    }

    /// Walks last month's cases through what was typed, without storing it.
    static func tried(_ yaml: String, _ request: Request, _ services: Services) async throws -> CaseTypePage {
        var page = try await page(request, services)
        page.drafting.typed = yaml
        page.drafting.isChecked = true
        let looked = page.looked
        guard request.form["do"] != "check", let type = looked.type, looked.problems.isEmpty else { return page }
        let scope = request.context.actor.scope(for: .caseTypesManage)
        let now = request.context.now
        let (types, calendar, catalogue) = (services.queries.types, services.days.current, services.catalogue)
        page.trial = try await services.database.read { tx in
            try CaseTypeTrial.run(type, types, calendar, catalogue, scope, at: now, tx)
        }
        return page
    }

    // MARK: Texts

    /// A version, or the draft, as a file.
    static func download(_ request: Request, _ services: Services) async throws -> Reply {
        let id = id(request)
        let word = request.parameters["version"] ?? ""
        let yaml: String
        if word == "draft" {
            guard let draft = try await services.database.read({ try CaseTypeDrafts.find(id, $0) }) else {
                throw LinliError.notFound("caseTypes.draft")
            }
            yaml = draft.yaml
        } else {
            guard let version = Int(word), services.queries.types.knows(id, version: version) else {
                throw LinliError.notFound("caseTypes.version")
            }
            yaml = try await text(of: try services.queries.types.type(id, version: version), services)
        }
        let name = "\(id)-\(word).casetype.yaml"
        return Reply(.bytes(Array(yaml.utf8), type: "application/yaml; charset=utf-8"))
            .adding("content-disposition", "attachment; filename=\"\(name)\"")
    }
}
