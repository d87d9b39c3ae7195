import LinliKernel
import Synchronization

/// What kind of answer a route gives: each has its own speed.
enum RouteClass: String, Sendable {
    case page, form, api, open311, file, live, system

    init(_ route: Route) {
        let path = route.path
        self =
            switch true {
            case path == "/health", path == "/metrics": .system
            case path == "/live": .live
            case path.hasPrefix("/api/"): .api
            case path.hasPrefix("/open311/"): .open311
            case RouteClass.files.contains(where: { path.hasPrefix($0) }), path.contains("/photos/"): .file
            case route.method != .get: .form
            default: .page
            }
    }

    private static let files = ["/assets/", "/vendor/", "/tiles/", "/sw.js", "/manifest.", "/worker."]
}

/// What this node has answered, for `/metrics`.
package final class WebMetrics: Sendable {
    /// Upper bounds of the histogram, in seconds.
    private static let bounds: [Double] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Spent {
        /// How many took up to each bound, and more than the last; not yet summed.
        var buckets = [Int](repeating: 0, count: WebMetrics.bounds.count + 1)
        var seconds: Double = 0
    }

    private struct State {
        var requests: [String: Int] = [:]
        var spent: [String: Spent] = [:]
    }

    private let state = Mutex(State())

    /// Nothing yet.
    package init() {}

    func count(_ kind: RouteClass, status: Int, _ spent: Duration) {
        let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
        let bucket = WebMetrics.bounds.firstIndex { seconds <= $0 } ?? WebMetrics.bounds.count
        state.withLock { state in
            state.requests["\(status / 100)xx", default: 0] += 1
            state.spent[kind.rawValue, default: Spent()].buckets[bucket] += 1
            state.spent[kind.rawValue, default: Spent()].seconds += seconds
        }
    }

    /// Prometheus' text form; `commands` are those that ran again, `failures` what jobs failed at.
    func text(
        _ extra: [(String, String, Int)], commands: [(command: String, count: Int)] = [],
        failures: [(job: String, count: Int)] = []
    ) -> String {
        var text = state.withLock { state in
            var text = "# TYPE linli_requests_total counter\n"
            for (status, count) in state.requests.sorted(by: { $0.key < $1.key }) {
                text += "linli_requests_total{status=\"\(status)\"} \(count)\n"
            }
            text += "# TYPE linli_request_seconds histogram\n"
            for (kind, spent) in state.spent.sorted(by: { $0.key < $1.key }) {
                text += WebMetrics.histogram("linli_request_seconds", "class=\"\(kind)\"", spent)
            }
            return text
        }
        if !commands.isEmpty { text += "# TYPE linli_command_retries_total counter\n" }
        for (command, count) in commands {
            text += "linli_command_retries_total{command=\"\(command)\"} \(count)\n"
        }
        if !failures.isEmpty { text += "# TYPE linli_job_subject_failures_total counter\n" }
        for (job, count) in failures {
            text += "linli_job_subject_failures_total{job=\"\(job)\"} \(count)\n"
        }
        for (name, kind, value) in extra {
            text += "# TYPE \(name) \(kind)\n\(name) \(value)\n"
        }
        return text
    }

    /// Each bound with all that took no longer, as Prometheus wants it.
    private static func histogram(_ name: String, _ label: String, _ spent: Spent) -> String {
        var (text, total) = ("", 0)
        for (bound, count) in zip(bounds, spent.buckets) {
            total += count
            text += "\(name)_bucket{\(label),le=\"\(bound)\"} \(total)\n"
        }
        total += spent.buckets.last ?? 0
        text += "\(name)_bucket{\(label),le=\"+Inf\"} \(total)\n"
        return text + "\(name)_sum{\(label)} \(spent.seconds)\n\(name)_count{\(label)} \(total)\n"
    }
}
