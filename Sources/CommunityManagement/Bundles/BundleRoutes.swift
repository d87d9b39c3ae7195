import LinliCore
import LinliKernel
import LinliPDF

/// Taking the evidence of a case away.
enum BundleRoutes {
    static let all: [Route] = [
        .post("/desk/cases/:id/evidence.pdf", access: .permission(.casesEvidence), document),
        .post("/desk/cases/:id/evidence.json", access: .permission(.casesEvidence), data),
    ]

    private static func document(_ request: Request, _ services: Services) async throws -> Reply {
        try await take("pdf", request, services) { bundle in
            do {
                let pdf = BundlePDF(bundle, request.context.language, files: services.files)
                return Reply(.bytes(try pdf.bytes(), type: "application/pdf"))
            } catch PDFProblem.noFont {
                throw noFont
            }
        }
    }

    private static func data(_ request: Request, _ services: Services) async throws -> Reply {
        try await take("json", request, services) { bundle in
            Reply(.bytes(try SignedFile.make(bundle.json, services.database.keys), type: "application/json"))
        }
    }

    private static func take(
        _ kind: String, _ request: Request, _ services: Services, _ reply: (CaseBundle) throws -> Reply
    ) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let form = request.form
        do {
            let bundle = try await BundleMaker.make(
                id, as: kind, purpose: form["purpose"] ?? "", isRevealed: form["reporter"] == "yes", request.context,
                services)
            let name = "\(bundle.view.item.number).\(kind)"
            return try reply(bundle).adding("content-disposition", "attachment; filename=\"\(name)\"")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await DeskCaseRoutes.load(id, request, services)
            page.attempt = DeskAttempt(step: BundleCard.step, form: form, kept: [], error: error)
            return .page(page.page, status: status)
        }
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
