import LinliCore
import LinliSQL

/// The store as the rest of the program sees it: reads of one view, and writes that leave a trace.
///
/// There is no other way to a `WriteTx`: a write is the change, its audit entry and its events in one transaction.
package struct Database: Sendable {
    /// The engine below; only operations (backup, counters, migrations) reach for it.
    package let engine: any Engine
    /// The keys for secrets and signatures.
    package let keys: KeyRing
    /// Where the time comes from when a job begins.
    package let clock: WallClock
    let ids: IDGenerator
    let subscriptions: Subscriptions
    /// Which commands ran again.
    package let retries = CommandRetries()
    /// Which jobs failed at one of their many subjects.
    package let failures = RoundFailures()
    private let afterEvents: @Sendable () -> Void

    /// The store over `engine`; `afterEvents` wakes the dispatcher after a commit with events.
    package init(
        engine: any Engine,
        keys: KeyRing,
        ids: IDGenerator,
        clock: WallClock,
        subscriptions: Subscriptions,
        afterEvents: @escaping @Sendable () -> Void = {}
    ) {
        self.engine = engine
        self.keys = keys
        self.ids = ids
        self.clock = clock
        self.subscriptions = subscriptions
        self.afterEvents = afterEvents
    }

    /// Reads on one unchanging view.
    package func read<T: Sendable>(_ body: @escaping @Sendable (ReadTx) throws -> T) async throws -> T {
        try await plain { try await engine.read { try body(ReadTx($0)) } }
    }

    /// Runs a write use case. `body` may run again and touches nothing but the transaction.
    ///
    /// - Throws: what `body` throws; `.conflict` when a UNIQUE rule holds a row back; `.unavailable` when the store
    ///   cannot write now or the outcome is unknown.
    package func write<T: Sendable>(
        _ context: Context,
        _ command: CommandID,
        reason: String? = nil,
        _ body: @escaping @Sendable (WriteTx) throws -> T
    ) async throws -> T {
        let runs = Runs()
        let (value, hasEvents) = try await plain {
            try await engine.write(.serializable) { connection in
                if runs.isAgain() { retries.count(command) }
                let tx = WriteTx(
                    connection,
                    context: context,
                    command: command,
                    reason: reason,
                    ids: ids,
                    keys: keys,
                    subscriptions: subscriptions
                )
                let value = try body(tx)
                return (value, try tx.finish())
            }
        }
        if hasEvents { afterEvents() }
        return value
    }

    /// The program's own write, for sessions, outbox, sealer and jobs.
    package func system<T: Sendable>(
        _ mode: WriteMode = .serializable,
        _ body: @escaping @Sendable (SystemTx) throws -> T
    ) async throws -> T {
        let now = clock.now
        return try await plain {
            try await engine.write(mode) { try body(SystemTx($0, now: now, ids: ids, keys: keys)) }
        }
    }

    /// Reads secrets in clear for a stated purpose: the audit entry is committed first, and when that fails nothing is
    /// shown.
    ///
    /// - Throws: `.notFound` when a cell is empty, a fault when it was tampered with.
    package func reveal(
        _ context: Context,
        purpose: String,
        _ subject: Subject,
        _ cells: [(cell: Cell, sealed: [UInt8])]
    ) async throws -> [String] {
        try await write(context, "secrets.reveal", reason: purpose) { tx in
            try tx.audit(subject, fields: cells.map { $0.cell.column })
        }
        return try cells.map { try keys.open($0.sealed, cell: $0.cell) }
    }

    /// Says a store's failure in the program's words.
    private func plain<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as SQLError {
            throw LinliError(error)
        }
    }
}

extension LinliError {
    /// A store's failure as people meet it; the engine's words go to the log only.
    init(_ error: SQLError) {
        let again = Text("现在有点忙，请过一会儿再试", "The server is busy; please try again in a moment")
        switch error {
        case .unique(let detail):
            self.init(
                .conflict,
                "store.unique",
                Text("已经有一条同样的记录", "The same record already exists"),
                detail: detail
            )
        case .constraint(let detail):
            self.init(
                .invalid,
                "store.constraint",
                Text("填写的内容超出了允许的范围，请检查后再提交", "Something is outside the allowed range; please check and send again"),
                detail: detail
            )
        case .full(let detail):
            self.init(
                .unavailable,
                "store.full",
                Text("服务器存不下了，您填写的内容没有丢，请稍后再提交", "The server cannot store more right now; please send again later"),
                detail: detail,
                retryAfterSeconds: 300
            )
        case .busy(let detail), .unreachable(let detail):
            self.init(.unavailable, "store.busy", again, detail: detail, retryAfterSeconds: 5)
        case .outcomeUnknown(let detail):
            self.init(
                .unavailable,
                "store.outcomeUnknown",
                Text(
                    "不确定刚才有没有提交成功，请先查看列表再决定是否重交",
                    "We cannot tell whether it went through; please check the list before sending again"
                ),
                detail: detail
            )
        case .null, .unknownWord, .failed:
            self = .fault("store.failed", "\(error)")
        }
    }
}
