import LinliCore
import LinliKernel
import LinliSpreadsheets

/// Forms demanded from above, for programs: the register of demands, what the columns are, rounds, what is open, the file.
enum FormsAPI {
    static let all: [Route] =
        [
            .api(
                .get, "/api/v1/forms", id: "listForms",
                "The forms your communities must fill in, the one due first on top",
                access: .permission(.peopleEdit), query: [APIPages.afterMoment, APIPages.limit], body: .nothing,
                reply: FormSchemas.list
            ) { _, request, services in
                try await page(.peopleEdit, request, services) { _, _ in [] }
            },
            .api(
                .get, "/api/v1/form-demands", id: "listFormDemands",
                "Who demands what of the communities below, and which other forms ask for the same; nothing of people",
                access: .permission(.labelsCounts), query: [APIPages.afterMoment, APIPages.limit], body: .nothing,
                reply: FormSchemas.list
            ) { _, request, services in
                try await page(.labelsCounts, request, services) { try FormsStore.overlaps(of: $0, $1) }
            },
            .api(
                .post, "/api/v1/forms", id: "registerForm",
                "Register a form by the rows of its sheet: who demands it, on what ground, how often",
                access: .permission(.peopleEdit), body: FormSchemas.draft, reply: FormSchemas.form, status: 201
            ) { draft, request, services in
                var form = draft.form
                form.layout = try FormLayout.find(try FormsRoutes.rows(pasted: draft.table), about: form.about)
                let id = try await FormsCommands(services).register(form, request.context)
                return try await shown(id, request, services)
            },
            .api(
                .post, "/api/v1/form-sheets", id: "registerFormSheet",
                "Register a form by its file, XLSX or CSV; of several sheets the one that is named, else the one with most headings",
                access: .permission(.peopleEdit), body: FormSchemas.sheet, reply: FormSchemas.form, status: 201
            ) { sheet, request, services in
                var form = sheet
                form.layout = try FormsRoutes.layout(request, sheet: sheet.layout.sheet, about: form.about)
                let id = try await FormsCommands(services).register(form, request.context)
                return try await shown(id, request, services)
            },
            .api(
                .get, "/api/v1/forms/:id", id: "getForm",
                "A form with its columns, rounds and who else asks for the same",
                access: .permission(.peopleEdit), body: .nothing, reply: FormSchemas.form
            ) { _, request, services in
                try await shown(try request.id(), request, services)
            },
            .api(
                .put, "/api/v1/forms/:id", id: "describeForm",
                "Correct what is said of a form: its name, who demands it, on what ground, how often, by when",
                access: .permission(.peopleEdit), body: FormSchemas.description, reply: FormSchemas.form
            ) { said, request, services in
                let id: ID<DemandedForm> = try request.id()
                try await FormsCommands(services).describe(id, said, request.context)
                return try await shown(id, request, services)
            },
            .api(
                .put, "/api/v1/forms/:id/columns", id: "matchForm",
                "Say what the columns are, in their order; the next form with the same headings knows it",
                access: .permission(.peopleEdit), body: FormSchemas.match, reply: FormSchemas.form
            ) { match, request, services in
                let id: ID<DemandedForm> = try request.id()
                let commands = FormsCommands(services)
                let form = try await commands.find(id, request.context)
                try await commands.match(id, try match.columns(of: form), version: match.version, request.context)
                return try await shown(id, request, services)
            },
            .api(
                .put, "/api/v1/forms/:id/layout", id: "renewForm",
                "Give the sheet of a form again: columns keep what was said of them by their headings, what was handed in stays. "
                    + "Refused where columns would go of which something was said, unless `confirm` says so",
                access: .permission(.peopleEdit), body: FormSchemas.renewal, reply: FormSchemas.form
            ) { renewal, request, services in
                let id: ID<DemandedForm> = try request.id()
                let commands = FormsCommands(services)
                let about = try await commands.find(id, request.context).about
                let layout = try FormLayout.find(try FormsRoutes.rows(pasted: renewal.table), about: about)
                try await commands.renew(
                    id, layout, version: renewal.version, isSure: renewal.isSure, request.context)
                return try await shown(id, request, services)
            },
            .api(
                .delete, "/api/v1/forms/:id", id: "retireForm", "Take a form off the list: it is not demanded any more",
                access: .permission(.peopleEdit), body: .nothing, reply: .nothing
            ) { _, request, services in
                try await FormsCommands(services).retire(try request.id(), request.context)
                return Nothing()
            },
            .api(
                .post, "/api/v1/forms/:id/rounds", id: "openFormRound",
                "Begin to fill a form for a period; asked again, however it is spelled, it gives the same round",
                access: .permission(.peopleEdit), body: FormSchemas.period, reply: FormSchemas.round, status: 201
            ) { period, request, services in
                let id = try await FormsCommands(services).open(try request.id(), period: period, request.context)
                return try await services.database.read { try FormsStore.round(id, $0) }
            },
        ] + FormRoundsAPI.all

    /// A page of the forms of the divisions somebody has a permission in.
    private static func page(
        _ permission: Permission, _ request: Request, _ services: Services,
        _ overlaps: @escaping @Sendable (DemandedForm, ReadTx) throws -> [FormOverlap]
    ) async throws -> APIPage<FormSchemas.Listed> {
        let divisions = request.context.actor.scope(for: permission).divisions
        let (after, limit) = (request.query["after"].flatMap { FormCursor($0) }, APIPages.limit(request))
        let keys = services.database.keys
        return try await services.database.read { tx in
            let forms = try FormsStore.list(in: divisions, after: after, limit: limit + 1, keys, tx)
            let page = APIPage(forms, limit) { FormCursor($0).description }
            return APIPage(
                rows: try page.rows.map { FormSchemas.Listed(form: $0, overlaps: try overlaps($0, tx)) },
                next: page.next)
        }
    }

    private static func shown(
        _ id: ID<DemandedForm>, _ request: Request, _ services: Services
    ) async throws -> FormSchemas.Shown? {
        let form = try await FormsCommands(services).find(id, request.context)
        return try await services.database.read { tx in
            FormSchemas.Shown(
                form: form, rounds: try FormsStore.rounds(of: [id], tx), overlaps: try FormsStore.overlaps(of: form, tx)
            )
        }
    }
}

/// A form filled for a period, for programs.
enum FormRoundsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/form-rounds/:round", id: "getFormRound", "How far a round is",
            access: .permission(.peopleEdit), body: .nothing, reply: FormSchemas.round
        ) { _, request, services in
            try await FormRoundRoutes.find(request, services).round
        },
        .api(
            .get, "/api/v1/form-rounds/:round/open", id: "listOpenCells",
            "Rows of which cells are not known, and which; values that are known stay inside. An earlier answer is told to "
                + "who may read it, noted in the audit first",
            access: .permission(.peopleEdit), query: APIPages.query, body: .nothing, reply: FormSchemas.open
        ) { _, request, services in
            let (round, form) = try await FormRoundRoutes.find(request, services)
            let filled = try await FormRoundRoutes.fill(form, round, request, services)
            let (after, limit): (ID<FormRow>?, Int) = (request.query.id("after"), APIPages.limit(request))
            let rows = filled.rows.lazy.filter { row in !row.open.isEmpty && after.map { row.id > $0 } ?? true }
            let page = APIPage(Array(rows.prefix(limit + 1)), limit) { "\($0.id)" }
            let shown = try await FormsCommands(services).shown(page.rows, of: form, request.context)
            return FormSchemas.Open(page: APIPage(rows: shown, next: page.next), headings: form.stamp)
        },
        .api(
            .put, "/api/v1/form-rounds/:round/answers", id: "answerCells",
            "Say what stands in cells that are not known; kept sealed for every form that asks the same. Refused when the "
                + "columns were changed since `headings` was read",
            access: .permission(.peopleEdit), body: FormSchemas.answers, reply: .nothing
        ) { said, request, services in
            let answers = said.answers
            let (round, form) = try await FormRoundRoutes.find(request, services)
            var before: [FormCells.Place: String] = [:]
            if answers.contains(where: \.isAgain) {
                // What stood last time in the columns of now is no answer of theirs.
                guard said.headings == form.stamp else { throw FormsCommands.renewedMeanwhile }
                for row in try await FormRoundRoutes.fill(form, round, request, services).rows {
                    for (column, answer) in row.offered { before[.init(row: row.id, column: column)] = answer.value }
                }
            }
            let typed = try answers.map { answer -> FormsCommands.Typed in
                guard answer.isAgain else { return answer.typed }
                guard let value = before[.init(row: answer.typed.row, column: answer.typed.column)] else {
                    throw LinliError.invalid(
                        "forms.again", [.init("answers", Text("没有上次的答案", "There is no answer of last time"))])
                }
                return FormsCommands.Typed(row: answer.typed.row, column: answer.typed.column, value: value)
            }
            try await FormsCommands(services).answer(
                round, under: said.headings, typed, byHand: answers.count { !$0.isAgain }, request.context)
            return Nothing()
        },
        .api(
            .post, "/api/v1/form-rounds/:round/end", id: "endFormRound",
            "Hand a round in: it stands as it is filled then, whatever the registers say later; without minutes it counts as not "
                + "measured. Or open it again: it keeps what it was handed in with, but for what is answered or filled anew",
            access: .permission(.peopleEdit), body: FormSchemas.end, reply: FormSchemas.round
        ) { end, request, services in
            let round = try await FormRoundRoutes.find(request, services).round
            if end.isAgain {
                try await FormsCommands(services).reopen(round, request.context)
            } else if !end.refilled.isEmpty {
                try await FormsCommands(services).refill(round, end.refilled, request.context)
            } else {
                try await FormsCommands(services).finish(round, minutes: end.minutes, request.context)
            }
            return try await services.database.read { try FormsStore.round(round.id, $0) }
        },
        .document(
            "/api/v1/form-rounds/:round/file.xlsx", id: "getFormFile",
            "The filled form in the layout it came in, watermarked; each person of it is noted in the audit first",
            access: .permission(.peopleExport),
            query: [SchemaProperty("earlier", .flag, "As it was handed in before it was opened again the last time")],
            type: FormSheet.excel
        ) { request, services in
            let (round, form) = try await FormRoundRoutes.find(request, services)
            let isEarlier = request.query["earlier"] == "true"
            let filled = try await FormsCommands(services).export(form, round, earlier: isEarlier, request.context)
            let mark = FormRoundRoutes.watermark(form, round, request.context)
            return FormRoundRoutes.reply(
                try FormSheet.workbook(form.layout, filled, mark), FormSheet.excel, "form.xlsx")
        },
    ]
}
