import Administration
import Foundation
import LinliCore
import LinliKernel

/// `linli demo [--photos] [--scale N] [--logins]`.
enum DemoCommand {
    static func run(_ invocation: Invocation) async throws {
        if invocation.isOn("logins") {
            print(Demo.loginsJSON)
            return
        }
        guard let scale = invocation.number("scale"), (0...10_000_000).contains(scale) else {
            throw Refusal("--scale must be a number up to 10000000")
        }
        let node = try await Node.open(try Plan(invocation))
        let now = node.services.database.clock.now
        let report = try await Demo.install(node.services, withPhotos: invocation.isOn("photos"), now: now)
        print(report.summary)
        if scale > 0 {
            let made = try await Demo.scale(cases: scale, node.services, now: now)
            print("\(made) more cases")
        }
        // What the writes told their subscribers is counted before the program ends.
        while await node.dispatcher.round() > 0 {}
        try await sealAll(node)
        await node.close()
    }

    private static func sealAll(_ node: Node) async throws {
        while try await node.sealer.seal() > 0 {}
    }
}
