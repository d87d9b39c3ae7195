import Administration
import CommunityManagement
import Foundation
import LinliChannels
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import Logging

/// The need that every creation of a bench tells: a resident, a stairwell light, an entrance of the demo estate.
struct BenchNeed: Sendable {
    let place: PlaceSummary

    private static let text = "门厅的灯坏了三天，晚上回来看不清台阶，老人容易摔倒，麻烦派人看看。家里有老人，每天都要走这里。"
    private static let location = "一层门厅"
    /// The same with words of danger, by which what a resident tells is urgent.
    private static let dangerousLocation = "一层门厅，灯座冒烟"
    /// Stairwell light out.
    private static let category = "R0104"

    /// As commands take it.
    var draft: CaseDraft {
        var draft = CaseDraft(text: BenchNeed.text, division: place.division)
        draft.category = BenchNeed.category
        draft.place = place.id
        draft.spot = .shared
        draft.location = BenchNeed.location
        draft.source = .api
        return draft
    }

    /// As a program sends it.
    var json: [UInt8] {
        var json = JSONWriter()
        json.object { write(into: &$0, isUrgent: false) }
        return json.bytes
    }

    /// The fields of the draft.
    func write(into json: inout JSONWriter, isUrgent: Bool) {
        json.field("text", BenchNeed.text)
        json.field("category", BenchNeed.category)
        json.field("nature", NeedNature.assistance.rawValue)
        json.field("division", "\(place.division)")
        json.field("place", "\(place.id)")
        json.field("spot", Spot.shared.rawValue)
        json.field("location", isUrgent ? BenchNeed.dangerousLocation : BenchNeed.location)
    }
}

/// A store of a bench, opened by the bench itself: to look something up, and to record what a creation executes.
struct BenchStore: Sendable {
    let services: Services
    private let recorder: RecordingEngine
    private let lease: NodeLease

    /// Opens the store of a plan, gives it to `body` and closes it.
    static func with<Value>(_ plan: Plan, _ body: (BenchStore) async throws -> Value) async throws -> Value {
        let store = try await BenchStore(plan)
        do {
            let value = try await body(store)
            await store.close()
            return value
        } catch {
            await store.close()
            throw error
        }
    }

    private init(_ plan: Plan) async throws {
        var logger = Logger(label: "linli")
        logger.logLevel = .error
        recorder = RecordingEngine(try await Node.openEngine(plan))
        let ids = IDGenerator(node: nil, clock: .system)
        lease = NodeLease(recorder, ids: ids, clock: .system)
        services = try Services.assemble(
            try Catalogue(Feature.communityManagement + Feature.administration),
            engine: recorder,
            keys: try MasterKey.load(plan.keyFile, mayCreate: false),
            ids: ids,
            clock: .system,
            filesFolder: plan.data + "/files",
            messenger: LogMessenger(logger, showsText: false),
            processor: VipsProcessor(),
            logger: logger
        )
        try await lease.take()
        try await services.divisions.load(services.database)
    }

    private func close() async {
        await lease.release()
        await services.database.engine.close()
    }

    /// What creations tell, at an entrance that the store knows.
    func need() async throws -> BenchNeed {
        let places = try await services.database.read { try PlacesStore.tree(in: DemoDivision.happiness, $0) }
        guard let place = places.first(where: { $0.kind == .entrance }) else {
            throw Refusal("the demo has no entrance to tell a need about")
        }
        return BenchNeed(place: place)
    }

    /// The unit with a Chinese name.
    func unit(_ name: String) async throws -> ID<LinliKernel.Unit> {
        guard let unit = try await services.database.read({ try UnitsStore.named(name, $0) }).first else {
            throw Refusal("the demo has no unit \(name)")
        }
        return unit.id
    }

    /// How many cases hold `words`.
    func hits(_ words: String) async throws -> Int {
        let phrases = SearchText.phrases(words)
        return try await services.database.read { tx in
            try tx.value("SELECT count(*) FROM case_search WHERE \(SQL.matches("case_search", phrases))") ?? 0
        }
    }

    /// Lets go of what was recorded: who writes much and wants no template keeps none of it.
    func forgetWrites() { _ = recorder.takeWrites() }

    /// The transaction of a creation, as two real ones had it.
    func recordCreation() async throws -> TransactionTemplate {
        let database = services.database
        let resident = try await database.read { tx -> AccountSummary? in
            guard let id = try AccessStore.find(phone: DemoResident.youngMother.phone, keys: database.keys, tx) else {
                return nil
            }
            return try AccessStore.account(id, at: database.clock.now, tx)
        }
        guard let resident else { throw Refusal("the demo has no resident to tell a need") }
        // One moment for both: what differs between them is then fresh each time, and nothing else is.
        let context = Context(actor: resident.actor, now: database.clock.now)
        let draft = try await need().draft
        var recordings: [[RecordedStatement]] = []
        // The first one is told for the first time, every other one again: the two compared must both be the latter.
        _ = try await services.commands.report(draft, context)
        for _ in 0..<2 {
            _ = recorder.takeWrites()
            _ = try await services.commands.report(draft, context)
            // A block of numbers may have been taken before it: the creation itself is the last write.
            guard let statements = recorder.takeWrites().last else { throw Refusal("a creation wrote nothing") }
            recordings.append(statements)
        }
        return try TransactionTemplate(recordings[0], recordings[1], recorder.dialect)
    }
}
