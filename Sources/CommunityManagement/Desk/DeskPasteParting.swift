import LinliCore
import LinliKernel
import LinliStandards

/// A line at which the words of a draft can be parted into two: from there on somebody else speaks.
struct PasteSeam: Sendable, Equatable {
    /// Which of the lines that are not empty it is, the first of all being 0.
    let number: Int
    let line: String

    /// How many are offered.
    private static let most = 20

    /// Those of some words: every line but the first.
    static func all(in words: String) -> [PasteSeam] {
        let seams = lines(of: words).enumerated().map { PasteSeam(number: $0.offset, line: $0.element) }
        return Array(seams.dropFirst().prefix(most))
    }

    static func lines(of words: String) -> [String] {
        words.split(whereSeparator: \.isNewline).map { String($0).trimmed }.filter { !$0.isEmpty }
    }

    /// Where it is in words that may have been edited since it was offered; nil where it is not any more.
    func position(in lines: [String]) -> Int? {
        if lines.indices.contains(number), lines[number] == line { return number }
        return lines.indices.dropFirst().first { lines[$0] == line }
    }
}

/// Nicknames have no shape: where who speaks is not sure, words stay together, and staff part them.
extension DeskPasteRoutes {
    /// The form again with one draft parted at a line; what was guessed of its words is guessed anew of both halves.
    ///
    /// `seam` is the number of the draft, that of the line, and the line: 0:2:平安是福.
    static func parted(
        at seam: String, _ drafts: [PasteDraft], _ photos: FormPhotos, _ page: DeskPastePage, _ request: Request,
        _ services: Services
    ) async throws -> Reply {
        let parts = seam.split(separator: ":", maxSplits: 2)
        guard parts.count == 3, let index = Int(parts[0]), let number = Int(parts[1]),
            let position = drafts.firstIndex(where: { $0.index == index })
        else { throw LinliError.notFound("desk.pasteSeam") }
        var page = page
        var drafts = drafts
        page.error = photos.problem
        do {
            let chosen = PasteSeam(number: number, line: String(parts[2]))
            let halves = try await halves(of: drafts[position], at: chosen, drafts.count, request.context, services)
            // The numbers are new, so this is another filling. The others keep their keys: they may be registered already,
            // and only the reply was lost.
            for place in drafts.indices where place != position {
                drafts[place].once = drafts[place].key(in: page.once)
            }
            drafts.replaceSubrange(position...position, with: halves)
            for place in drafts.indices { drafts[place].index = place }
            page.once = randomToken()
        } catch let error as LinliError where error.formStatus != nil {
            drafts[position].error = error
            page.error = page.error ?? error
        }
        for place in drafts.indices {
            drafts[place].similar = try await similar(to: drafts[place], request.context, services)
        }
        page.drafts = drafts
        page.keep(photos.files, services)
        page.form = Form()
        return .page(page.page, status: page.error == nil ? 200 : 422)
    }

    private static func halves(
        of told: PasteDraft, at seam: PasteSeam, _ count: Int, _ context: Context, _ services: Services
    ) async throws -> [PasteDraft] {
        let lines = PasteSeam.lines(of: told.message.words)
        guard count < GroupChat.limit else {
            throw LinliError.invalid(
                "desk.pasteMany",
                [.init("text", Text("已经有 \(count) 条，先登记几条再分", "There are \(count): register some first"))]
            )
        }
        guard let cut = seam.position(in: lines), cut > 0 else {
            throw LinliError.invalid(
                "desk.pasteSeam", [.init("text", Text("这一行刚改过，请再选一次从哪一行分开", "The line was changed: choose again"))])
        }
        var above = told.message
        above.words = lines[..<cut].joined(separator: "\n")
        let messages = [told.message, above, GroupChat.message(from: Array(lines[cut...]))]
        let found = try await guessed(messages, context, services)
        guard found.count == 3 else { return [told] }
        let (whole, first) = (found[0], found[1])
        var kept = told
        kept.message = above
        kept.once = nil
        // What somebody chose stays; what the words together said is said anew by these alone.
        if told.place?.id == whole.place?.id {
            (kept.place, kept.isPlaceOfSpeaker) = (first.place, first.isPlaceOfSpeaker)
        }
        if told.category?.code == whole.category?.code {
            (kept.category, kept.percent) = (first.category, first.percent)
        }
        if told.isUrgent == whole.isUrgent { kept.isUrgent = first.isUrgent }
        return [kept, found[2]]
    }
}
