import CLibPQ
import Foundation
import LinliSQL

/// Wakes the other nodes and is woken by them: LISTEN and NOTIFY on a connection and a thread of its own.
///
/// NOTIFY inside a write halves the commits per second (measured), so a write never notifies: the node that committed
/// calls `notify` afterwards, and at most one NOTIFY goes out per 50 ms. A lost one costs a second.
package final class ListenChannel: @unchecked Sendable {
    // @unchecked: everything mutable is guarded by `lock`; the connection stays on the thread.
    private let address: PostgresAddress
    private let channel: String
    private let onNotify: @Sendable (String?) -> Void
    private let lock = NSLock()
    private var pending: [String] = []
    private var isClosed = false
    private var hasEnded = false
    private var closers: [CheckedContinuation<Void, Never>] = []
    private let wakeUp = Pipe()
    private var isInterrupted = false

    /// Between two NOTIFY.
    private static let pause = Duration.milliseconds(50)
    /// Between two wake-ups without a NOTIFY.
    private static let wake = Duration.seconds(1)
    /// PostgreSQL takes less than 8,000 bytes.
    private static let payloadLimit = 7900

    /// Listens on `channel` of the database at `url` until `close`.
    ///
    /// `onNotify` is called on the channel's thread and returns soon. It gets each payload of another node; nil means
    /// "look yourself": a second has passed, or something may have been missed.
    ///
    /// - Throws: `SQLError.unreachable` when `url` is not one; a server that is away is waited for.
    package init(url: String, channel: String, onNotify: @escaping @Sendable (String?) -> Void) throws {
        address = try PostgresAddress(url)
        self.channel = channel
        self.onNotify = onNotify
        let thread = Thread { [self] in loop() }
        thread.name = "linli-listen"
        thread.start()
    }

    /// Tells the other nodes; several calls within 50 ms travel together, each payload once.
    ///
    /// A payload is ids without a line break; too much at once arrives as nil, "look yourself".
    package func notify(_ payload: String) {
        lock.withLock {
            if pending.contains(payload) { return }
            if payload.utf8.count > ListenChannel.payloadLimit || pending.count == 1000 {
                pending = [""]
            } else {
                pending.append(payload)
            }
        }
        interrupt()
    }

    /// Ends the thread and its connection.
    package func close() async {
        await withCheckedContinuation { continuation in
            lock.withLock {
                isClosed = true
                if hasEnded { continuation.resume() } else { closers.append(continuation) }
            }
            interrupt()
        }
    }

    // MARK: The thread

    private func loop() {
        while !isFinished {
            if let connection = connect() {
                pump(connection)
                PQfinish(connection)
            } else {
                wait(for: ListenChannel.wake, nil)
            }
            onNotify(nil)
        }
        let waiters = lock.withLock {
            hasEnded = true
            return closers
        }
        for waiter in waiters { waiter.resume() }
    }

    private var isFinished: Bool { lock.withLock { isClosed } }

    private func connect() -> OpaquePointer? {
        guard let connection = address.connect() else { return nil }
        if let name = PQescapeIdentifier(connection, channel, channel.utf8.count) {
            defer { PQfreemem(name) }
            let result = PQexec(connection, "LISTEN " + String(cString: name))
            defer { PQclear(result) }
            if PQresultStatus(result) == PGRES_COMMAND_OK { return connection }
        }
        PQfinish(connection)
        return nil
    }

    /// Sends and receives until the connection breaks or the channel is closed.
    private func pump(_ connection: OpaquePointer) {
        onNotify(nil)
        var lastSent = ContinuousClock.now - ListenChannel.pause
        var lastWake = ContinuousClock.now
        while !isFinished {
            let now = ContinuousClock.now
            let hasPending = lock.withLock { !pending.isEmpty }
            if hasPending, now - lastSent >= ListenChannel.pause {
                guard send(connection) else { return }
                lastSent = now
            } else {
                wait(for: hasPending ? ListenChannel.pause - (now - lastSent) : ListenChannel.wake, connection)
            }
            guard PQconsumeInput(connection) == 1 else { return }
            if receive(connection) { lastWake = .now }
            if ContinuousClock.now - lastWake >= ListenChannel.wake {
                onNotify(nil)
                lastWake = .now
            }
        }
    }

    /// Sends what waits, as much as one NOTIFY takes; false when the connection is broken.
    private func send(_ connection: OpaquePointer) -> Bool {
        let payloads = lock.withLock {
            var size = 0
            let count = pending.prefix { payload in
                size += payload.utf8.count + 1
                return size <= ListenChannel.payloadLimit + 1
            }.count
            defer { pending.removeFirst(count) }
            return pending.prefix(count)
        }
        var parameters = ParameterBuffer()
        do {
            try parameters.fill([.text(channel), .text(payloads.joined(separator: "\n"))])
        } catch {
            // A payload with NUL: the others are told to look.
            lock.withLock { pending.insert("", at: 0) }
            return true
        }
        let result = parameters.withPointers {
            PQexecParams(connection, "SELECT pg_notify($1, $2)", $0, nil, $1, nil, nil, 0)
        }
        defer { PQclear(result) }
        if PQresultStatus(result) == PGRES_TUPLES_OK { return true }
        lock.withLock { pending.insert(contentsOf: payloads, at: 0) }
        return false
    }

    /// Passes on what arrived; this node's own words are not news to it.
    private func receive(_ connection: OpaquePointer) -> Bool {
        var hasNews = false
        while let notification = PQnotifies(connection) {
            defer { PQfreemem(notification) }
            guard notification.pointee.be_pid != PQbackendPID(connection) else { continue }
            hasNews = true
            let payloads = String(cString: notification.pointee.extra).split(separator: "\n")
            if payloads.isEmpty { onNotify(nil) }
            for payload in payloads { onNotify(String(payload)) }
        }
        return hasNews
    }

    // MARK: Waiting

    /// Waits until the connection or `interrupt` has something, or the time is over.
    private func wait(for duration: Duration, _ connection: OpaquePointer?) {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        var descriptors = [pollfd(fd: wakeUp.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)]
        if let connection { descriptors.append(pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)) }
        poll(&descriptors, nfds_t(descriptors.count), Int32(milliseconds) + 1)
        guard descriptors[0].revents != 0 else { return }
        lock.withLock { isInterrupted = false }
        var byte: UInt8 = 0
        _ = read(descriptors[0].fd, &byte, 1)
    }

    /// Ends `wait`; one byte lies in the pipe at most.
    private func interrupt() {
        let isNeeded = lock.withLock { () -> Bool in
            defer { isInterrupted = true }
            return !isInterrupted
        }
        var byte: UInt8 = 1
        if isNeeded { _ = write(wakeUp.fileHandleForWriting.fileDescriptor, &byte, 1) }
    }
}
