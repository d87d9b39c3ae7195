import Administration
import LinliCore
import LinliKernel
import LinliSQL
import Logging

/// Cases that are told, worked on and answered through the program, so that events change the sums of the rates: what a
/// made-up store was given at once, these add the way a neighbourhood does.
struct LivedCases: Sendable {
    let store: BenchStore
    let count: Int

    /// How many go on at a time.
    private static let lanes = 16

    private struct People: Sendable {
        let resident: Actor
        let handler: Actor
        /// Who does it again: not the same hands.
        let colleague: Actor
        let dispatcher: Actor
        let draft: CaseDraft
        /// Who has it after it was contested.
        let unit: ID<LinliKernel.Unit>
    }

    /// Lives them all; returns how many events of the rates they made, each of which is in the sums by then.
    func run() async throws -> Int {
        let database = store.services.database
        let before = try await LivedCases.events(database)
        let people = try await people()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<LivedCases.lanes {
                group.addTask {
                    for number in stride(from: lane, to: count, by: LivedCases.lanes) {
                        try await live(number, people)
                        store.forgetWrites()
                    }
                }
            }
            try await group.waitForAll()
        }
        var logger = Logger(label: "linli")
        logger.logLevel = .error
        let dispatcher = Dispatcher(database, wake: Wake(), logger: logger)
        while await dispatcher.round() > 0 {}
        let waiting = try await database.read { try RateMonths.waiting($0) }
        guard waiting == 0 else { throw Refusal("\(waiting) events of the rates were not delivered") }
        let made = try await LivedCases.events(database) - before
        guard made >= 3 * count else { throw Refusal("\(count) cases made only \(made) events of the rates") }
        return made
    }

    private static func events(_ database: Database) async throws -> Int {
        try await database.read { try $0.value("SELECT count(*) FROM event WHERE kind = 'case.outcome'") ?? 0 }
    }

    private func people() async throws -> People {
        People(
            resident: try await actor(DemoResident.youngMother.phone),
            handler: try await actor(DemoStaff.propertyHandler.phone),
            colleague: try await actor(DemoStaff.propertyManager.phone),
            dispatcher: try await actor(DemoStaff.dispatcher.phone),
            draft: try await store.need().draft, unit: try await store.unit("安居物业")
        )
    }

    private func actor(_ phone: String) async throws -> Actor {
        let database = store.services.database
        let account = try await database.read { tx in
            try AccessStore.find(phone: phone, keys: database.keys, tx).flatMap {
                try AccessStore.account($0, at: database.clock.now, tx)
            }
        }
        guard let account else { throw Refusal("the demo has nobody with the phone \(phone)") }
        return account.actor
    }

    /// One case: of five one is contested and done again, one answered by nobody, one taken back.
    private func live(_ number: Int, _ people: People) async throws {
        let commands = store.services.commands
        func now(_ actor: Actor) -> Context { Context(actor: actor, now: store.services.database.clock.now) }
        func take(_ step: CaseStep, _ id: ID<Case>, _ actor: Actor) async throws {
            try await commands.take(step, of: id, now(actor))
        }
        /// Whoever lives them has more than a hand may take without being asked.
        func accept(_ id: ID<Case>, _ actor: Actor) async throws {
            var step = CaseStep("accept")
            step.isSure = true
            try await take(step, id, actor)
        }
        let id = try await commands.report(people.draft, now(people.resident)).id
        if number % 5 == 4 {
            try await take(CaseStep("withdraw"), id, people.resident)
            return
        }
        try await commands.contacted(.phone, .reached, text: "约了下午", on: id, now(people.handler))
        try await accept(id, people.handler)
        try await take(CaseStep("finish", text: "灯换好了"), id, people.handler)
        if number % 5 == 3 { return }
        if number % 5 == 2 {
            try await take(CaseStep("contest", text: "又灭了"), id, people.resident)
            let again = CaseStep("dispatch", text: "灯归它管，请换人", unit: people.unit)
            try await take(again, id, people.dispatcher)
            try await accept(id, people.colleague)
            try await take(CaseStep("finish", text: "线路查过"), id, people.colleague)
        }
        var answer = CaseStep("confirm")
        answer.stars = 1 + number % 5
        try await take(answer, id, people.resident)
    }
}
