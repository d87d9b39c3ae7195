import Administration
import Foundation
import Glibc
import LinliCore
import LinliKernel
import LinliWeb

/// `linli serve`.
enum ServeCommand {
    static func run(_ invocation: Invocation, clock: WallClock = .system) async throws {
        let plan = try await Plan(invocation, for: .serve)
        let node = try await Node.open(plan, clock: clock)
        do {
            try await node.serve { port in
                let address = plan.web.origin.hasSuffix(":0") ? "http://\(plan.web.host):\(port)" : plan.web.origin
                print("listening on \(address)")
                if plan.isDemo { print(logins()) }
                // Whoever waits for this line must not wait for a full buffer.
                try? FileHandle.standardOutput.synchronize()
                fflush(nil)
            }
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }

    /// The ways into the demo, a line each.
    private static func logins() -> String {
        let lines = Demo.logins.map { login in
            "  \(login.phone)  \(login.name)  \(login.title.zh) · \(login.title.en)"
        }
        let head = "demo logins, password \(Demo.password); staff need a code: linli user code --phone PHONE"
        return ([head] + lines).joined(separator: "\n")
    }
}
