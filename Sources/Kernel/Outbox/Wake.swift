import Synchronization

/// Lets a loop sleep until somebody has work for it, or some seconds have passed.
///
/// Not an `AsyncStream`: a stream ends for good when one wait on it is cancelled, and the loop would spin.
package final class Wake: Sendable {
    private struct State {
        var isPending = false
        var next = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Nobody waits yet.
    package init() {}

    /// There is work: whoever waits goes on; when nobody does, the next wait ends at once.
    package func signal() {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.isPending = state.waiters.isEmpty
            defer { state.waiters.removeAll() }
            return Array(state.waiters.values)
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Waits for a signal, at most `seconds`; returns early when the task is cancelled.
    package func wait(seconds: Double) async {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let timer = Task {
            // Cancelled when a signal came first: then there is nothing to end.
            try? await Task.sleep(for: .seconds(seconds))
            self.release(id)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    if state.isPending || Task.isCancelled {
                        state.isPending = false
                        return true
                    }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            release(id)
        }
        timer.cancel()
    }

    private func release(_ id: Int) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.resume()
    }
}
