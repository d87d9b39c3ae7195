import LinliKernel
import Synchronization

/// What this node has answered, for `/metrics`.
package final class WebMetrics: Sendable {
    private struct State {
        var requests: [String: Int] = [:]
        var seconds: Double = 0
        var total = 0
    }

    private let state = Mutex(State())

    /// Nothing yet.
    package init() {}

    func count(_ route: Route, status: Int, _ spent: Duration) {
        let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
        state.withLock { state in
            state.requests["\(status / 100)xx", default: 0] += 1
            state.seconds += seconds
            state.total += 1
        }
    }

    /// Prometheus' text form.
    func text(_ extra: [(String, String, Int)]) -> String {
        state.withLock { state in
            var text = "# TYPE linli_requests_total counter\n"
            for (status, count) in state.requests.sorted(by: { $0.key < $1.key }) {
                text += "linli_requests_total{status=\"\(status)\"} \(count)\n"
            }
            text += "# TYPE linli_request_seconds summary\n"
            text += "linli_request_seconds_sum \(state.seconds)\nlinli_request_seconds_count \(state.total)\n"
            for (name, kind, value) in extra {
                text += "# TYPE \(name) \(kind)\n\(name) \(value)\n"
            }
            return text
        }
    }
}
