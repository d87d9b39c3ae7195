import LinliCore
import LinliKernel
import LinliPDF

/// As what the evidence of a case is taken away.
enum BundleKind: String, CaseIterable, Sendable {
    case pdf, json

    var type: String { "application/\(rawValue)" }
}

/// Taking the evidence of a case away.
enum BundleRoutes {
    static let all: [Route] = [
        .post("/desk/cases/:id/evidence.pdf", access: .permission(.casesEvidence), document),
        .post("/desk/cases/:id/evidence.json", access: .permission(.casesEvidence), data),
    ]

    private static func document(_ request: Request, _ services: Services) async throws -> Reply {
        try await take(.pdf, request, services)
    }

    private static func data(_ request: Request, _ services: Services) async throws -> Reply {
        try await take(.json, request, services)
    }

    private static func take(_ kind: BundleKind, _ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let form = request.form
        do {
            return try await file(
                id, kind, purpose: form["purpose"] ?? "", isRevealed: form["reporter"] == "yes", request.context,
                services)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await DeskCaseRoutes.load(id, request, services)
            page.attempt = DeskAttempt(step: BundleCard.step, form: form, kept: [], error: error)
            return .page(page.page, status: status)
        }
    }

    /// The evidence of a case as a file, for people and for programs.
    ///
    /// - Throws: as `BundleMaker.make`; `.unavailable` where the server has no font for Chinese.
    static func file(
        _ id: ID<Case>, _ kind: BundleKind, purpose: String, isRevealed: Bool, _ context: Context, _ services: Services
    ) async throws -> Reply {
        let bundle = try await BundleMaker.make(
            id, as: kind.rawValue, purpose: purpose, isRevealed: isRevealed, context, services)
        let bytes: [UInt8]
        switch kind {
        case .pdf:
            do {
                bytes = try BundlePDF(bundle, context.language, files: services.files).bytes()
            } catch PDFProblem.noFont {
                throw noFont
            }
        case .json: bytes = try SignedFile.make(bundle.json, services.database.keys)
        }
        let name = "\(bundle.view.item.number).\(kind.rawValue)"
        return Reply(.bytes(bytes, type: kind.type))
            .adding("content-disposition", "attachment; filename=\"\(name)\"")
    }

    private static let noFont = LinliError(
        .unavailable, "bundles.font",
        Text(
            "服务器上缺少中文字体，请管理员安装 fonts-wqy-zenhei；数据文件照样能下载",
            "The server lacks a Chinese font; an administrator must install fonts-wqy-zenhei. The data file can be taken all the same"
        ),
        detail: "no Chinese font for PDF: install fonts-wqy-zenhei"
    )
}

/// The same for programs.
enum BundleAPI {
    static let all: [Route] = BundleKind.allCases.map { kind in
        Route.document(
            "/api/v1/cases/:id/evidence.\(kind.rawValue)", id: "getCaseEvidenceAs\(kind.rawValue.uppercased())",
            kind == .pdf
                ? "Everything about a case that proves it, for people to read; the purpose is audited before anything is read"
                : "The same as a signed file, which `linli verify` checks without this server",
            access: .permission(.casesEvidence),
            query: [
                APIPages.purpose,
                SchemaProperty("reporter", .flag, "Also who told it, in clear, if you may know; no by default"),
            ], type: kind.type
        ) { request, services in
            try await APIPages.file {
                try await BundleRoutes.file(
                    try request.id(), kind, purpose: request.query["purpose"] ?? "",
                    isRevealed: request.query["reporter"] == "true", request.context, services)
            }
        }
    }
}
