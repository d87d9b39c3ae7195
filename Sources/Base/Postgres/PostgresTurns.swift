import Foundation

/// Lets a write that lost several times run alone among the writes of this engine.
///
/// Waiting alone starves: who has just won begins again without delay and meets those who wake up, each time with an
/// even chance. 16 clients that add to one number ran out of tries until this was here.
final class PostgresTurns: @unchecked Sendable {
    // @unchecked: everything mutable is guarded by `condition`.
    private let condition = NSCondition()
    private var running = 0
    private var waitingForQuiet = 0
    private var isQuiet = false

    /// Runs `body` beside others, or alone: then those who come later wait.
    func take<T>(alone: Bool, _ body: () throws -> T) rethrows -> T {
        enter(alone: alone)
        defer { leave(alone: alone) }
        return try body()
    }

    private func enter(alone: Bool) {
        condition.lock()
        defer { condition.unlock() }
        if alone {
            waitingForQuiet += 1
            while isQuiet || running > 0 { condition.wait() }
            waitingForQuiet -= 1
            isQuiet = true
        } else {
            while isQuiet || waitingForQuiet > 0 { condition.wait() }
            running += 1
        }
    }

    private func leave(alone: Bool) {
        condition.lock()
        defer { condition.unlock() }
        if alone { isQuiet = false } else { running -= 1 }
        condition.broadcast()
    }
}
