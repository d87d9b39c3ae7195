import Foundation
import LinliCore
import LinliKernel
import LinliStandards

/// The page of borders, and bringing new ones: the file, then how it would look, then storing it.
enum GridBordersRoutes {
    static let all: [Route] = [
        .get("/admin/grids", access: .permission(.registersRead), show),
        .post("/admin/grids/look", access: .permission(.registersManage), look),
        .post("/admin/grids", access: .permission(.registersManage), put),
        .post("/admin/grids/:code/remove", access: .permission(.registersManage), remove),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let code = request.query["under"].flatMap { DivisionCode($0) }
        return .page(try await page(code, request, services, nil, error: nil).page)
    }

    private static func page(
        _ code: DivisionCode?, _ request: Request, _ services: Services,
        _ preview: (file: GridBorderFile, check: GridBorderCheck)?, error: LinliError?
    ) async throws -> GridBordersPage {
        let actor = request.context.actor
        let now = request.context.now
        return try await services.database.read { tx in
            let choice = try CommunityChoice(code, actor, at: now, tx)
            let community = choice.community
            return GridBordersPage(
                choice: choice,
                grids: try community.map { try DivisionsStore.children(of: $0, at: now, tx) } ?? [],
                outlines: try community.map { try GridAreasStore.outlines(in: $0, at: now, tx) } ?? [],
                mayChange: community.map { actor.may(.registersManage, in: $0) } ?? false,
                preview: preview,
                done: request.query["done"],
                error: error,
                formToken: request.formToken,
                names: services.divisions
            )
        }
    }

    private static func community(_ request: Request) throws -> DivisionCode {
        guard let code = request.form["under"].flatMap({ DivisionCode($0) })?.ancestor(at: .community),
            code.level == .community
        else { throw LinliError.notFound("grids.community") }
        return code
    }

    private static func look(_ request: Request, _ services: Services) async throws -> Reply {
        let community = try community(request)
        do {
            guard let upload = request.uploads.first(where: { $0.field == "file" && $0.size > 0 }) else {
                throw LinliError.invalid("grids.none", [.init("file", Text("请选一个文件", "Please choose a file"))])
            }
            // One byte more than the limit: the reader says that it is too large.
            let data =
                upload.size > 1 << 20 ? Data(count: 1 << 20 + 1) : try Data(contentsOf: URL(filePath: upload.path))
            let text = String(decoding: data, as: UTF8.self)
            let datum = request.form["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84
            let preview = try await GridBordersCommands(services).look(text, datum, at: community, request.context)
            return .page(try await page(community, request, services, preview, error: nil).page)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(community, request, services, nil, error: error).page, status: status)
        }
    }

    private static func put(_ request: Request, _ services: Services) async throws -> Reply {
        let community = try community(request)
        do {
            let text = request.form["borders"] ?? ""
            _ = try await GridBordersCommands(services).put(text, at: community, request.context)
            return .redirect("/admin/grids?under=\(community)&done=put")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(community, request, services, nil, error: error).page, status: status)
        }
    }

    private static func remove(_ request: Request, _ services: Services) async throws -> Reply {
        guard let code = request.parameters["code"].flatMap({ DivisionCode($0) }) else {
            throw LinliError.notFound("grids.code")
        }
        try await GridBordersCommands(services).remove(code, request.context)
        return .redirect("/admin/grids?under=\(code.ancestor(at: .community))&done=remove")
    }
}
