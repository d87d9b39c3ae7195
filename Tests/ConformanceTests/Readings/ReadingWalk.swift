import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliTestSupport
import Logging

@testable import LinliWeb

/// Goes every way by which something comes out of the program: each declared route, asked about the people of the scene.
/// A value that is seen must be in the audit from that very request, with its field, whose it is, who read it and why.
struct ReadingWalk: Sendable {
    /// Who goes it.
    enum Reader: String, CaseIterable, Sendable {
        case stranger, owner, reporter, gridWorker, head, dispatcher, handler, provider, administrator, auditor
        /// Heads another community, with every right the head has in theirs: nothing of the scene is theirs to see.
        case elsewhere
    }

    let scene: ReadingScene
    let site: Site
    private let readers: [Reader: SiteVisitor]
    private let asks: [String: [ReadingAsk]]
    /// What is wrong so far.
    private(set) var complaints: [String] = []
    /// Marks that were seen at all.
    private(set) var seen: Set<String> = []
    /// Those that others saw than who they are about.
    private(set) var seenByOthers: Set<String> = []
    /// Schemas of answers that came with success.
    private var answered: Set<String> = []
    /// Routes that answered somebody with success.
    private(set) var walked: Set<String> = []

    init(_ scene: ReadingScene, _ site: Site) async throws {
        (self.scene, self.site) = (scene, site)
        asks = ReadingAsk.table(scene)
        var readers: [Reader: SiteVisitor] = [:]
        for reader in Reader.allCases { readers[reader] = try await ReadingWalk.visitor(reader, site) }
        self.readers = readers
    }

    private static func visitor(_ reader: Reader, _ site: Site) async throws -> SiteVisitor {
        switch reader {
        case .stranger: site.stranger
        case .owner: try await site.resident(.nurse)
        case .reporter: try await site.resident(.tenant)
        case .gridWorker: try await site.staff(.gridWorker1)
        case .head: try await site.staff(.head)
        case .dispatcher: try await site.staff(.dispatcher)
        case .handler: try await site.staff(.propertyHandler)
        case .provider: try await site.staff(.mealManager)
        case .administrator: try await site.staff(.administrator)
        case .auditor: try await site.staff(.auditor)
        case .elsewhere: try await site.staff(.villageHead)
        }
    }

    private static func phone(_ reader: Reader) -> String? {
        switch reader {
        case .stranger: nil
        case .owner: DemoResident.nurse.phone
        case .reporter: DemoResident.tenant.phone
        case .gridWorker: DemoStaff.gridWorker1.phone
        case .head: DemoStaff.head.phone
        case .dispatcher: DemoStaff.dispatcher.phone
        case .handler: DemoStaff.propertyHandler.phone
        case .provider: DemoStaff.mealManager.phone
        case .administrator: DemoStaff.administrator.phone
        case .auditor: DemoStaff.auditor.phone
        case .elsewhere: DemoStaff.villageHead.phone
        }
    }

    static func name(_ route: Route) -> String { "\(route.method.rawValue) \(route.path)" }

    // MARK: Walking

    /// Walks routes: what only reads first, what may take things away last.
    mutating func walk(_ routes: [Route]) async throws {
        let order: [Request.Method] = [.get, .post, .put, .delete]
        for method in order {
            for route in routes where route.method == method && !ReadingWalk.ends(route) { try await walk(route) }
        }
        for route in routes where route.method != .get { checkIsWalked(route) }
    }

    /// What ends the sessions the others need, or would never end itself.
    private static func ends(_ route: Route) -> Bool { route.path.contains("/sign-out") }

    private mutating func walk(_ route: Route) async throws {
        let name = ReadingWalk.name(route)
        let paths = scene.addresses(of: route)
        if let asks = asks[name] {
            for ask in asks {
                guard let path = ask.path ?? paths.first else {
                    complaints.append("\(name): not walked: add how to ask it")
                    continue
                }
                // First who has no business there: what they are refused changes nothing.
                if ask.reader != .owner { try await look(route, path, ask.asked(by: .elsewhere)) }
                try await look(route, path, ask)
            }
        }
        guard !paths.isEmpty else {
            if asks[name] == nil, !scene.isNobodys(route.path) {
                complaints.append("\(name): not walked: add how to ask it")
            }
            return
        }
        if route.method == .get {
            for path in paths {
                for reader in Reader.allCases { try await look(route, path, ReadingAsk(reader: reader)) }
            }
            if !walked.contains(name), !ReadingScene.quiet.contains(name) {
                complaints.append("\(name): answers nobody: add how to ask it")
            }
        } else if asks[name] == nil {
            // Nothing that is sent here is enough to change anything, but each shows what its page shows.
            for path in paths {
                try await look(route, path, ReadingAsk(body: route.operation == nil ? .form([]) : .json("{}")))
            }
        }
    }

    /// Whether a route that is sent something shows nothing that was not walked.
    private mutating func checkIsWalked(_ route: Route) {
        let name = ReadingWalk.name(route)
        guard !walked.contains(name), asks[name] == nil, !scene.isNobodys(route.path) else { return }
        if case .json(let schema, _)? = route.operation?.answer, answered.contains(schema) { return }
        if case .nothing? = route.operation?.answer { return }
        let last = route.path.split(separator: "/").last.map(String.init) ?? ""
        guard !ReadingScene.steps.contains(last) else { return }
        complaints.append("\(name): not walked: add how to ask it")
    }

    /// Asks once and looks at the answer.
    private mutating func look(_ route: Route, _ path: String, _ ask: ReadingAsk) async throws {
        guard let reader = readers[ask.reader] else { return }
        let name = ReadingWalk.name(route)
        let last = try await site.house.lastLine()
        let answer = try await send(route, path, ask, reader)
        let text = try answer.words()
        if ask.reader == .elsewhere { return checkIsKept(name, text, ask) }
        let lines = try await site.house.lines(after: last)
        // To be led elsewhere is an answer to what was sent, and none to what was asked for.
        if answer.status < (route.method == .get ? 300 : 400) {
            walked.insert(name)
            if case .json(let schema, _)? = route.operation?.answer { answered.insert(schema) }
        }
        let place = "\(name) for \(ask.reader.rawValue)"
        let found = scene.marks.filter { $0.stands(in: text) }
        seen.formUnion(found.map(\.name))
        if ask.reader != .owner { seenByOthers.formUnion(found.map(\.name)) }
        for mark in found where mark.name != ask.typed && !isOwn(mark, ask.reader) {
            if !mark.isNoted(by: lines, of: reader.actor) {
                complaints.append("\(place): \(mark.name) is shown and not noted")
            }
        }
        if let typed = scene.marks.first(where: { $0.name == ask.typed }), text.contains(ReadingScene.name),
            !typed.isNoted(by: lines, of: reader.actor)
        {
            complaints.append("\(place): says whose \(typed.name) it is and does not note it")
        }
        let missing = ask.shows.subtracting(found.map(\.name)).sorted()
        if !missing.isEmpty {
            complaints.append("\(place): shows no \(missing.joined(separator: ", ")): \(answer.status)")
        }
    }

    /// Nothing of the scene is shown outside its divisions, noted or not.
    private mutating func checkIsKept(_ name: String, _ text: String, _ ask: ReadingAsk) {
        let found = scene.marks.filter { $0.name != ask.typed && $0.stands(in: text) && !isOwn($0, .elsewhere) }
        var shown = found.map(\.name)
        if text.contains(ReadingScene.name), !ask.says(ReadingScene.name) { shown.append("the person's name") }
        if !shown.isEmpty { complaints.append("\(name) for elsewhere: shows \(shown.joined(separator: ", "))") }
    }

    /// What somebody typed themselves, and the number they sign in with.
    private func isOwn(_ mark: ReadingMark, _ reader: Reader) -> Bool {
        guard let phone = ReadingWalk.phone(reader) else { return false }
        return mark.owner == phone || mark.forms == [phone]
    }

    private func send(
        _ route: Route, _ path: String, _ ask: ReadingAsk, _ reader: SiteVisitor
    ) async throws -> Site.Answer {
        if route.method == .get { return try await site.open(path, as: reader) }
        switch ask.body {
        case .form(let fields): return try await site.send(path, fields, as: reader)
        case .json(let text):
            let isPicture = if case .picture? = route.operation?.body { true } else { false }
            return try await site.call(
                path, text, as: reader, by: route.method.rawValue, type: isPicture ? "image/png" : "application/json")
        }
    }

    /// Every declared route and every one of the server itself.
    static func routes(_ services: Services) -> [Route] {
        let parts = ServerParts(services, settings: WebSettings(temporaryFolder: ""), logger: Logger(label: "test"))
        return services.features.routes + Platform.routes(parts)
    }
}
