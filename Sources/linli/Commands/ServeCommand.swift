import Administration
import Foundation
import Glibc
import LinliCore
import LinliKernel
import LinliWeb

/// `linli serve`.
enum ServeCommand {
    static func run(_ invocation: Invocation) async throws {
        let plan = try Plan(invocation)
        try checkPort(plan)
        let node = try await Node.open(plan)
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

    /// Says in one sentence that a port is taken, before anything is opened.
    private static func checkPort(_ plan: Plan) throws {
        guard plan.web.port > 0 else { return }
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return }
        defer { Glibc.close(socket) }
        var on: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(plan.web.port).bigEndian
        guard inet_pton(AF_INET, plan.web.host, &address.sin_addr) == 1 else { return }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let reason =
                errno == EADDRINUSE
                ? "is in use by another program" : "cannot be used: \(String(cString: strerror(errno)))"
            throw Refusal("port \(plan.web.port) on \(plan.web.host) \(reason); choose another with --port")
        }
    }
}
