import LinliCore
import LinliKernel
import LinliStandards

/// The rules of dispatch.
enum DispatchRoutes {
    static let all: [Route] = [
        .get("/admin/dispatch", access: .permission(.dispatchManage), show),
        .post("/admin/dispatch", access: .permission(.dispatchManage), save),
        .post("/admin/dispatch/:id/remove", access: .permission(.dispatchManage), remove),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        if let id: ID<DispatchRule> = request.query.id("rule") {
            guard let rule = page.rules.first(where: { $0.id == id }) else {
                throw LinliError.notFound("dispatch.rule")
            }
            page.editing = rule
        }
        page.done = request.query["done"]
        return .page(page.page)
    }

    /// The rules of the reader's divisions; those of others also decide, but are not theirs to see.
    private static func page(_ request: Request, _ services: Services) async throws -> DispatchPage {
        let scope = request.context.actor.scope(for: .dispatchManage)
        let now = request.context.now
        return try await services.database.read { tx in
            DispatchPage(
                rules: try DispatchStore.rules(tx).filter { scope.contains($0.division) },
                units: try DispatchAdminStore.units(scope.divisions, tx),
                divisions: try DivisionChoices.within(scope.divisions, at: now, tx),
                names: services.divisions,
                catalogue: services.catalogue,
                formToken: request.formToken
            )
        }
    }

    private static func save(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let rule = try await rule(request, services)
            guard request.form["do"] == "save" else {
                let scope = request.context.actor.scope(for: .casesRead)
                let now = request.context.now
                var page = try await page(request, services)
                page.editing = rule
                page.typed = request.form
                page.trial = try await services.database.read {
                    try DispatchAdminStore.trial(rule, scope, at: now, $0)
                }
                return .page(page.page)
            }
            try await services.database.write(request.context, "dispatch.saveRule") { tx in
                var rule = rule
                if rule.id.rawValue == 0 {
                    rule.id = try tx.newID()
                } else {
                    guard let known = try DispatchStore.rule(rule.id, tx),
                        request.context.actor.may(.dispatchManage, in: known.division)
                    else { throw LinliError.notFound("dispatch.rule") }
                }
                try DispatchStore.save(rule, tx)
            }
            try await services.book.load(services.database)
            return .redirect("/admin/dispatch?done=save")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.typed = request.form
            page.error = error
            return .page(page.page, status: status)
        }
    }

    private static func remove(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<DispatchRule> = try request.id()
        try await services.database.write(request.context, "dispatch.removeRule") { tx in
            guard let rule = try DispatchStore.rule(id, tx),
                request.context.actor.may(.dispatchManage, in: rule.division)
            else { throw LinliError.notFound("dispatch.rule") }
            try DispatchStore.remove(rule, tx)
        }
        try await services.book.load(services.database)
        return .redirect("/admin/dispatch?done=remove")
    }

    /// The rule a form describes.
    private static func rule(_ request: Request, _ services: Services) async throws -> DispatchRule {
        let form = request.form
        let actor = request.context.actor
        let scope = actor.scope(for: .dispatchManage)
        let units = try await services.database.read { try DispatchAdminStore.units(scope.divisions, $0) }
        var problems: [LinliError.Field] = []
        let name = form["name"] ?? ""
        if name.isEmpty || name.count > 60 {
            problems.append(.init("name", Text("请给规则起个名，最多 60 个字", "Please name it, at most 60 characters")))
        }
        let division = form["division"].flatMap { DivisionCode($0) }
        if division.map({ actor.may(.dispatchManage, in: $0) && $0.level >= .district }) != true {
            problems.append(.init("division", Text("请选您管的范围", "Please choose an area of yours")))
        }
        let unit = form.id("unit").flatMap { id in units.first { $0.id == id } }
        if unit == nil { problems.append(.init("unit", Text("请选派给谁", "Please choose a unit"))) }
        let categories = words(form["categories"])
        let majors = Set(services.catalogue.majors().map(\.code))
        if let odd = categories.first(where: { services.catalogue[code: $0] == nil && !majors.contains($0) }) {
            problems.append(.init("categories", Text("没有类别 \(odd)", "There is no category \(odd)")))
        }
        let terms = words(form["words"])
        if terms.contains(where: { $0.count > 20 }) || terms.count > 30 {
            problems.append(.init("words", Text("最多 30 个词，每个不超过 20 个字", "At most 30 words of 20 characters")))
        }
        let (from, until) = (minute(form["from"]), minute(form["until"]))
        if (form["from"] ?? form["until"]) != nil, from == nil || until == nil || from == until {
            problems.append(.init("until", Text("时段请写成 22:00 和 06:00", "Write a time of day as 22:00 and 06:00")))
        }
        let answer = form["answer"] ?? ""
        if !answer.isEmpty, answer.split(separator: "=").count != 2 || answer.count > 100 {
            problems.append(.init("answer", Text("请写成 字段=答案", "Write field=answer")))
        }
        guard problems.isEmpty, let division, let unit else { throw LinliError.invalid("dispatch.rule", problems) }
        let known: ID<DispatchRule>? = form.id("id")
        var rule = DispatchRule(
            id: known ?? ID(rawValue: 0), position: min(max(form.int("position") ?? 100, 1), 9999),
            name: name, division: division, unit: unit.id
        )
        rule.categories = categories
        rule.natures = form.all("nature").compactMap { NeedNature(rawValue: $0) }
        rule.spots = form.all("spot").compactMap { Spot(rawValue: $0) }
        rule.words = terms
        if let from, let until { rule.hours = (from, until) }
        rule.answer = answer
        rule.isActive = form["active"] == "yes"
        return rule
    }

    private static func words(_ text: String?) -> [String] {
        (text ?? "").split(whereSeparator: { $0.isWhitespace || "，,、|".contains($0) }).map(String.init)
    }

    /// `22:00` in minutes after midnight.
    private static func minute(_ text: String?) -> Int? {
        let parts = (text ?? "").split(whereSeparator: { ":：".contains($0) }).compactMap { Int($0) }
        guard parts.count == 2, (0...24).contains(parts[0]), (0...59).contains(parts[1]) else { return nil }
        let minute = parts[0] * 60 + parts[1]
        return minute <= 1440 ? minute : nil
    }
}
