import LinliCore
import LinliKernel
import LinliStandards

/// One message of a chat group, as it was pasted.
struct GroupMessage: Sendable, Equatable {
    /// Who said it, as the group shows them.
    var speaker: String
    /// When, as it stood there; empty when it did not.
    var time: String
    var words: String
}

/// Reads what somebody copied out of a chat group: lines with who and when, then the words.
enum GroupChat {
    /// How many messages are read.
    static let limit = 30

    /// The messages, the first first. Text without any speaker is one message of nobody.
    static func messages(in text: String) -> [GroupMessage] {
        var found: [GroupMessage] = []
        for line in text.split(whereSeparator: \.isNewline).map({ String($0).trimmed }) where !line.isEmpty {
            if let head = head(line) {
                found.append(head)
            } else if found.isEmpty {
                found.append(GroupMessage(speaker: "", time: "", words: line))
            } else {
                let last = found.count - 1
                found[last].words += (found[last].words.isEmpty ? "" : "\n") + line
            }
        }
        return Array(found.filter { !$0.words.isEmpty && !isOnlyMedia($0.words) }.prefix(limit))
    }

    /// `[图片]` and the like say nothing by themselves.
    private static func isOnlyMedia(_ words: String) -> Bool {
        ["[图片]", "[表情]", "[语音]", "[视频]", "[动画表情]"].contains(words)
    }

    /// A line that begins a message: `张三 11/25 10:20`, `张三 2026年11月25日 10:20`, `10:20 张三`, `张三：灯不亮`,
    /// `[张三] 10:20:11`. Nil for a line of words.
    private static func head(_ line: String) -> GroupMessage? {
        let parts = line.split(whereSeparator: { $0 == " " || $0 == "\u{3000}" || $0 == "\t" }).map(String.init)
        if let clock = parts.firstIndex(where: isClock), parts.count <= 5 {
            let others = parts.enumerated().filter { $0.offset != clock && !isDate($0.element) }.map(\.element)
            let dates = parts.filter(isDate)
            guard parts.count == others.count + dates.count + 1, !others.isEmpty, others.count <= 2 else { return nil }
            let speaker = bare(others.joined(separator: " "))
            guard (1...24).contains(speaker.count), !speaker.contains(where: { "，。！？,!?".contains($0) }) else {
                return nil
            }
            return GroupMessage(speaker: speaker, time: (dates + [parts[clock]]).joined(separator: " "), words: "")
        }
        guard let colon = line.firstIndex(where: { $0 == "：" || $0 == ":" }) else { return nil }
        let name = bare(String(line[..<colon]).trimmed)
        let words = String(line[line.index(after: colon)...]).trimmed
        // A clock or an address has a colon too, and a sentence before one is no name.
        let isTime = name.last.map(isDigit) == true && words.first.map(isDigit) == true
        guard (1...12).contains(name.count), !name.contains(where: { "，。！？,!?；;".contains($0) }), !isTime,
            !name.allSatisfy(isDigit), !words.hasPrefix("//")
        else { return nil }
        return GroupMessage(speaker: name, time: "", words: words)
    }

    private static func bare(_ name: String) -> String {
        String(name.drop { "[【<@".contains($0) }.reversed().drop { "]】>:：".contains($0) }.reversed()).trimmed
    }

    /// `10:20`, `10:20:11`, `上午10:20`.
    private static func isClock(_ word: String) -> Bool {
        let digits = word.drop { "上下中晚凌早午晨".contains($0) }
        let parts = digits.split(separator: ":", omittingEmptySubsequences: false)
        return (2...3).contains(parts.count)
            && parts.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy(isDigit) }
    }

    /// `11/25`, `2026-11-25`, `2026年11月25日`, `昨天`, `星期三`.
    private static func isDate(_ word: String) -> Bool {
        if ["昨天", "前天", "今天"].contains(word) || word.hasPrefix("星期") || word.hasPrefix("周") && word.count == 2 {
            return true
        }
        let marks = word.filter { "/-年月日.".contains($0) }
        return marks.count >= 1 && word.contains(where: isDigit)
            && word.allSatisfy { isDigit($0) || "/-年月日.".contains($0) }
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}

/// A draft made of one message: what is guessed, and whether staff take it.
struct PasteDraft: Sendable {
    var message: GroupMessage
    var place: PlaceSummary?
    var category: EventCategory?
    /// How sure the category is, in percent.
    var percent: Int
    var isUrgent: Bool
    var isTicked = true
}

/// Pasting from a chat group: read, looked over by staff, registered, answered in the group.
enum DeskPasteRoutes {
    static let all: [Route] = [
        .get("/desk/paste", access: .permission(.casesReport)) { request, services in
            .page(try await page(request, services).page)
        },
        .post("/desk/paste", access: .permission(.casesReport), read),
        .post("/desk/paste/register", access: .permission(.casesReport), register),
    ]

    private static func page(_ request: Request, _ services: Services) async throws -> DeskPastePage {
        let scope = request.context.actor.scope(for: .casesReport)
        let now = request.context.now
        let choices = try await services.database.read { try DeskStore.intakeChoices(scope, at: now, $0) }
        return DeskPastePage(
            choices: choices, form: request.form, formToken: request.formToken, names: services.divisions,
            catalogue: services.catalogue
        )
    }

    private static func read(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        let text = String((request.form["text"] ?? "").prefix(8000))
        do {
            let photos = try await FormPhotos(request, services)
            page.kept = photos.files.map { FormPhotos.value($0, services.database.keys) }
            if let problem = photos.problem { throw problem }
            let messages = GroupChat.messages(in: text)
            guard !messages.isEmpty else {
                throw LinliError.invalid(
                    "desk.paste",
                    [.init("text", Text("没有认出说了什么，请把群里的话粘进来", "No message was found: please paste what was said"))]
                )
            }
            page.drafts = try await drafts(messages, request.context, services)
            return .page(page.page)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            page.error = error
            return .page(page.page, status: status)
        }
    }

    /// What each message seems to be about: a place whose address stands in it, a category its words suggest.
    static func drafts(
        _ messages: [GroupMessage], _ context: Context, _ services: Services
    ) async throws -> [PasteDraft] {
        let scope = context.actor.scope(for: .casesReport)
        var drafts: [PasteDraft] = []
        for message in messages {
            let words = message.words
            let found = try await services.suggestions.suggest(words)
            let place = try await services.database.read { try PlacesStore.named(in: words, $0) }
            drafts.append(
                PasteDraft(
                    message: message, place: place.flatMap { scope.contains($0.division) ? $0 : nil },
                    category: found.category, percent: found.categories.first?.percent ?? 0,
                    isUrgent: DangerWords.speak(in: words),
                    isTicked: found.category != nil && message.words.count > 3
                )
            )
        }
        return drafts
    }

    private static func register(_ request: Request, _ services: Services) async throws -> Reply {
        let form = request.form
        let ticked = (0..<GroupChat.limit).filter { form["take-\($0)"] == "yes" }
        var replies: [PasteReply] = []
        var failed: LinliError?
        let photos = try await FormPhotos(request, services)
        for (order, index) in ticked.enumerated() {
            do {
                let draft = try await draft(index, form, order == 0 ? photos.files : [], request, services)
                let once = "\(form["once"] ?? randomToken()):\(index)"
                let taken = try await services.commands.report(draft, once: once, request.context)
                replies.append(try await reply(taken, request, services))
            } catch let error as LinliError where error.formStatus != nil {
                failed = error
            }
        }
        var page = try await page(request, services)
        guard failed == nil, !replies.isEmpty else {
            page.error =
                failed
                ?? LinliError.invalid("desk.pasteNone", [.init("text", Text("一条也没有选", "None is ticked"))])
            page.replies = replies
            page.form = Form()
            return .page(page.page, status: 422)
        }
        page.replies = replies
        return .page(page.page)
    }

    private static func draft(
        _ index: Int, _ form: Form, _ photos: [ID<StoredFile>], _ request: Request, _ services: Services
    ) async throws -> CaseDraft {
        let scope = request.context.actor.scope(for: .casesReport)
        let chosen: ID<Place>? = form.id("place-\(index)")
        let place = try await services.database.read { tx in try chosen.flatMap { try PlacesStore.find($0, tx) } }
        guard let division = place?.division ?? scope.divisions.first, scope.contains(division) else {
            throw LinliError.invalid(
                "desk.division", [.init("text", Text("请选是哪里的事", "Please choose where it is"))]
            )
        }
        guard let category = form["category-\(index)"].flatMap({ services.catalogue[code: $0] }) else {
            throw LinliError.invalid(
                "desk.pasteCategory",
                [.init("text", Text("第 \(index + 1) 条还没选类别", "Message \(index + 1) has no kind yet"))]
            )
        }
        var draft = CaseDraft(text: form["words-\(index)"] ?? "", division: division)
        draft.category = category.code
        draft.nature = try services.suggestions.nature(of: draft.text, category: category).value
        draft.spot = category.usualSpot
        draft.place = place?.id
        // A name in a group is no way to reach somebody; who it was stays with the office.
        draft.reporterName = String((form["speaker-\(index)"] ?? "").prefix(12))
        draft.disclosure = draft.nature.isProtected ? .office : .named
        draft.source = .staff
        draft.isUrgent = form["urgent-\(index)"] == "yes"
        draft.photos = photos
        return draft
    }

    /// What is said in the group: number, who has it, until when, and a link for those who have the same; never the
    /// receipt, which is for one person.
    private static func reply(
        _ taken: CaseCommands.Taken, _ request: Request, _ services: Services
    ) async throws -> PasteReply {
        let view = try await services.queries.view(taken.id, request.context)
        let isJoinable = try await services.queries.openness(of: taken.id).isJoinable
        return PasteReply(
            id: taken.id, number: taken.number, title: view.item.title, unit: view.unit?.name, dueAt: view.item.dueAt,
            link: isJoinable ? request.origin + CasePath.join(taken.number) : nil,
            receipt: request.origin + CasePath.receipt(taken.receipt), now: request.context.now
        )
    }
}
