import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliTestSupport
import Logging
import Synchronization

@testable import LinliWeb

/// Goes every way by which something comes out of the program as the people a case is against: each declared route, and
/// listens as they would. Nothing of the case may stand in an answer, and every answer must be what it was before the case
/// was told: its very existence is nobody's of them to know.
struct ShieldWalk: Sendable {
    /// Somebody of whom the case is about.
    struct Watcher: Sendable {
        let name: String
        let visitor: SiteVisitor
    }

    let site: Site
    let watchers: [Watcher]
    let routes: [Route]
    /// Whether every watcher asks every route that can show cases; else one of them asks it.
    let isWhole: Bool
    private let asks: ShieldAsks
    /// What is wrong so far, each once.
    private(set) var complaints: [String] = []
    /// Routes that answered somebody with success.
    private(set) var answered: Set<String> = []
    /// How many questions were asked.
    private(set) var count = 0
    /// What everybody was answered before the case was told.
    private var before: [String: Data] = [:]
    /// Who asks what, in order: made in `begin`.
    private var plan: [Visit] = []
    /// Names that a page reads, by address: looked for once, by whichever walk comes first; the others wait for it.
    private static let read = Mutex<[String: Task<[String], any Error>]>([:])

    /// What one watcher asks of one route.
    private struct Visit: Sendable {
        let route: Route
        let watcher: Watcher
        var questions: [ShieldQuestion]
    }

    /// A walk over `routes`: every declared one, unless it says which.
    init(_ site: Site, _ watchers: [Watcher], unit: String, _ routes: [Route]? = nil, isWhole: Bool = true) {
        (self.site, self.watchers, self.isWhole) = (site, watchers, isWhole)
        self.routes = (routes ?? ReadingWalk.routes(site.house.services)).filter { !$0.path.contains("/sign-out") }
        asks = ShieldAsks(unit: unit)
    }

    // MARK: Who goes where

    /// Words in paths of what lists, finds, counts, shows or tells cases.
    private static let shows = [
        "case", "search", "find", "live", "feed", "count", "mine", "order", "rate", "map", "neighbourhood", "public",
        "supervis", "follow", "alert", "warning", "report", "handover", "whistle", "export", "copies", "bundle",
        "request", "similar", "colleague", "leaky",
    ]

    private static func showsCases(_ route: Route) -> Bool {
        ["/", "/desk", "/grid"].contains(route.path) || shows.contains { route.path.contains($0) }
    }

    /// Those whom the door of a route lets in, whoever's turn it is first: the others are told the same whatever is
    /// behind it. Somebody tries each door.
    private func inside(_ route: Route, turn: Int) -> [Watcher] {
        let rotated = watchers.indices.map { watchers[($0 + turn) % watchers.count] }
        guard case .permission(let permission) = route.access else { return rotated }
        let inside = rotated.filter { $0.visitor.actor.may(permission) }
        return inside.isEmpty ? Array(rotated.prefix(1)) : inside
    }

    // MARK: Reading

    /// Asks everything before there is a case. Every route is asked by somebody whom it answers, what can show cases by
    /// everybody, and each of their queries by one.
    mutating func begin() async throws {
        for (turn, route) in routes.filter({ $0.method == .get }).enumerated() {
            let (addresses, all) = (asks.addresses(route), inside(route, turn: turn))
            guard let address = addresses.first, var first = all.first else { continue }
            for watcher in all.prefix(4) {
                let answer = try await ask(ShieldQuestion(.get, address), watcher, ShieldedCase.absent)
                count += 1
                guard answer.status < 300 else { continue }
                first = watcher
                break
            }
            let isCases = ShieldWalk.showsCases(route)
            let others = isCases && isWhole ? all.filter { $0.name != first.name } : []
            for watcher in [first] + others {
                var visit = Visit(route: route, watcher: watcher, questions: [])
                for address in addresses {
                    let plain = ShieldQuestion(.get, address)
                    let status = try await remember(plain, route, watcher)
                    visit.questions.append(plain)
                    // Who is refused is refused whatever they choose; if not any more, the address without a query tells.
                    let isIn = status < 300 || status == 400
                    guard watcher.name == first.name, isCases || isWhole, isIn else { continue }
                    for question in try await queries(address, route, watcher) {
                        _ = try await remember(question, route, watcher)
                        visit.questions.append(question)
                    }
                }
                plan.append(visit)
            }
        }
    }

    /// Asks, and keeps the answer as that before there was a case; returns its status.
    private mutating func remember(_ question: ShieldQuestion, _ route: Route, _ watcher: Watcher) async throws -> Int {
        let answer = try await ask(question, watcher, ShieldedCase.absent)
        count += 1
        if answer.status < 300 { answered.insert(ReadingWalk.name(route)) }
        before[watcher.name + question.key] = try told(answer, ShieldedCase.absent)
        return answer.status
    }

    /// Asks everything once more as some of the watchers, when something has happened to the case; or only what can show
    /// cases.
    mutating func look(
        _ item: ShieldedCase, after event: String, as watchers: [Watcher], onlyCases: Bool = false
    ) async throws {
        let names = Set(watchers.map(\.name))
        for visit in plan where names.contains(visit.watcher.name) {
            guard !onlyCases || ShieldWalk.showsCases(visit.route) else { continue }
            for question in visit.questions {
                let answer = try await ask(question, visit.watcher, item.values)
                count += 1
                try check(answer, question, visit.watcher, item, after: event)
                guard let known = before[visit.watcher.name + question.key],
                    !ShieldAsks.moving.keys.contains(visit.route.path)
                else { continue }
                let now = try told(answer, item.values)
                if now != known, ShieldText.steady(now) != ShieldText.steady(known) {
                    let what = difference(known, now)
                    complain("\(question.key) for \(visit.watcher.name) changes after \(event): \(what)")
                }
            }
        }
    }

    /// Sends everything that may be sent, with what somebody would try; what it does is no matter here. About the case it
    /// fares like about one that is not there. Each route is asked by one whom it lets in, or by everybody whom what
    /// can show cases lets in, when it is a whole walk of few.
    mutating func send(_ item: ShieldedCase, as watchers: [Watcher]) async throws {
        let names = Set(watchers.map(\.name))
        for (turn, route) in routes.filter({ $0.method != .get }).enumerated() {
            guard isWhole || ShieldWalk.showsCases(route) else { continue }
            let some = inside(route, turn: turn).filter { names.contains($0.name) }
            let isEverybodys = isWhole && ShieldWalk.showsCases(route) && watchers.count <= 3
            for watcher in isEverybodys ? some : Array(some.prefix(1)) {
                for question in asks.sent(route) {
                    let answer = try await ask(question, watcher, item.values)
                    count += 1
                    // The walk itself has written the words and the phone into cases, units and notes by now: what tells
                    // is the case's number, its identifier, its photo and who told it.
                    let telling = item.marks.filter { $0 != ShieldedCase.words && $0 != ShieldedCase.phone }
                    try check(answer, question, watcher, item, telling, after: "the end")
                    // What is not there for them is what there is nothing of.
                    guard question.path.contains("<"), answer.status != 404 else { continue }
                    let absent = try await ask(question, watcher, ShieldedCase.absent)
                    count += 1
                    if answer.status != absent.status {
                        let difference = "answers \(answer.status), and \(absent.status) where nothing is there"
                        complain("\(question.key) for \(watcher.name) \(difference)")
                    }
                }
            }
        }
    }

    /// Nothing of the case stands in an answer but what was asked with.
    private mutating func check(
        _ answer: Site.Answer, _ question: ShieldQuestion, _ watcher: Watcher, _ item: ShieldedCase,
        _ marks: [String]? = nil, after event: String
    ) throws {
        var text = try content(answer)
        text.append(Data(answer.headers.map { "\n" + ($0.value.removingPercentEncoding ?? $0.value) }.joined().utf8))
        for mark in marks ?? item.marks where text.range(of: Data(mark.utf8)) != nil {
            let plain = ShieldText.filled(question.path + question.text, item.values)
            guard !(plain + (plain.removingPercentEncoding ?? "")).contains(mark) else { continue }
            complain("\(question.key) for \(watcher.name) shows \(mark) after \(event)")
        }
        if answer.status >= 500 { complain("\(question.key) for \(watcher.name): \(answer.status)") }
    }

    private mutating func complain(_ text: String) {
        if complaints.count < 200, !complaints.contains(text) { complaints.append(text) }
    }

    // MARK: Asking

    /// The queries that change what an address shows: those a call declares, those a page reads.
    private func queries(
        _ address: String, _ route: Route, _ watcher: Watcher
    ) async throws -> [ShieldQuestion] {
        let start = address + (address.contains("?") ? "&" : "?")
        if route.operation != nil { return asks.declared(route).map { ShieldQuestion(.get, start + $0) } }
        let looking = ShieldWalk.read.withLock { read in
            if let known = read[address] { return known }
            let looking = Task { try await names(address, start, watcher) }
            read[address] = looking
            return looking
        }
        let found = try await looking.value
        return found.flatMap(asks.queries).map { ShieldQuestion(.get, start + $0) }
    }

    /// The names that the page of an address reads.
    private func names(_ address: String, _ start: String, _ watcher: Watcher) async throws -> [String] {
        let plain = try shown(await ask(ShieldQuestion(.get, address), watcher, ShieldedCase.absent), "")
        return try await reads(ShieldAsks.named.keys.sorted(), start, plain, watcher)
    }

    /// Those of some names that a page reads: asked by all at once, and by halves of them while it answers otherwise.
    private func reads(
        _ names: [String], _ start: String, _ plain: [UInt8], _ watcher: Watcher
    ) async throws -> [String] {
        let query = names.compactMap { asks.queries($0).last }.joined(separator: "&")
        let answer = try await ask(ShieldQuestion(.get, start + query), watcher, ShieldedCase.absent)
        if try shown(answer, query) == plain { return [] }
        guard names.count > 1 else { return names }
        let half = names.count / 2
        let first = try await reads(Array(names[..<half]), start, plain, watcher)
        return first + (try await reads(Array(names[half...]), start, plain, watcher))
    }

    /// What a page shows but the query it was asked with.
    private func shown(_ answer: Site.Answer, _ query: String) throws -> [UInt8] {
        var text = try told(answer, ShieldedCase.absent)
        for form in [query, query.replacing("&", with: "&amp;")] { ShieldText.replace(form, with: "", in: &text) }
        return ShieldText.steady(text)
    }

    private func ask(
        _ question: ShieldQuestion, _ watcher: Watcher, _ values: [String: String]
    ) async throws -> Site.Answer {
        let (path, visitor) = (ShieldText.filled(question.path, values), watcher.visitor)
        switch question.body {
        case nil: return try await site.open(path, as: visitor)
        case .form(let fields):
            return try await site.send(path, fields.map { ($0.0, ShieldText.filled($0.1, values)) }, as: visitor)
        case .json(let text):
            return try await site.call(path, ShieldText.filled(text, values), as: visitor, by: question.method.rawValue)
        }
    }

    /// What an answer says, the same for every address of the same kind, without how many things ever changed in the whole
    /// house.
    private func told(_ answer: Site.Answer, _ values: [String: String]) throws -> Data {
        var text = Data("\(answer.status) \(answer["location"] ?? "")\n".utf8)
        text.append(try content(answer))
        for (name, value) in values { ShieldText.replace(value, with: name, in: &text) }
        // The request's own name, which every failure says.
        for mark in ["data-live-seq=\"", "\(answer.status) · ", "\"requestId\":\""] {
            guard let found = text.range(of: Data(mark.utf8)) else { continue }
            let end = text[found.upperBound...].firstIndex { !ShieldText.isWord($0) } ?? text.endIndex
            text.removeSubrange(found.upperBound..<end)
        }
        return text
    }

    /// The words of an answer; nothing of a picture.
    private func content(_ answer: Site.Answer) throws -> Data {
        let type = answer["content-type"] ?? ""
        let isPacked = ["image/", "font/", "application/pdf"].contains { type.hasPrefix($0) }
        return isPacked || type.contains("spreadsheetml") ? Data(try answer.content().utf8) : Data(answer.body)
    }

    private func difference(_ known: Data, _ now: Data) -> String {
        let (old, new) = ([UInt8](known), [UInt8](now))
        let same = zip(old, new).prefix { $0 == $1 }.count
        let start = max(0, same - 60)
        func part(_ bytes: [UInt8]) -> String {
            String(decoding: bytes.dropFirst(start).prefix(200), as: UTF8.self).replacing("\n", with: " ")
        }
        return "[\(part(old))] became [\(part(new))]"
    }

    // MARK: Listening

    /// What of the case somebody hears who listens since a moment, to everything they may wish for.
    mutating func listen(_ item: ShieldedCase, after sequence: Int64, event: String) async throws {
        let topic = CasePath.topic(item.id)
        for watcher in watchers {
            for topics in ["desk", "desk,\(topic)", topic, topic + ",r/0123456789abcdefghjkmnpqrs"] {
                let answer = try await site.open("/live?topics=\(topics)&after=\(sequence)", as: watcher.visitor)
                if answer.status == 200, topics != "desk" {
                    complain("GET /live for \(watcher.name): listens to the case after \(event)")
                }
            }
            let scope = watcher.visitor.actor.scope(for: .casesRead)
            let heard = try await site.house.heard(
                LiveHub.Wish(topics: [:], scope: scope), after: sequence)
            if heard.contains(topic) { complain("\(watcher.name) hears of it after \(event)") }
        }
    }
}
