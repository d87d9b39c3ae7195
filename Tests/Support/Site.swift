import Administration
import Foundation
import Glibc
import LinliCore
import LinliKernel
import LinliSQL
import LinliWeb
import Logging
import ServiceLifecycle

/// A house with its doors open: the real web server on a port of its own, asked over a socket.
package struct Site: Sendable {
    /// What it serves.
    package let house: House
    /// Where it listens.
    package let port: Int

    /// What came back.
    package struct Answer: Sendable {
        package let status: Int
        /// Names in lower case.
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        /// The body as text.
        package var text: String { String(decoding: body, as: UTF8.self) }

        /// The first header of a name.
        package subscript(name: String) -> String? { headers.first { $0.name == name }?.value }
    }

    /// Asks and reads until the server closes; of a live stream only the head.
    package func ask(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> Answer {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        lines += headers.map { "\($0.0): \($0.1)" }
        if method != "GET" { lines.append("Content-Length: \(body.count)") }
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
        let port = port
        let raw = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try exchange(bytes, port) }) }
        }
        return try Answer(raw)
    }
}

/// Gives `body` the site of a house, and stops the server afterwards; `change` sets it up otherwise. Nothing is limited
/// per minute unless it says so.
package func withSite<T>(
    _ house: House, _ change: (inout WebSettings) -> Void = { _ in }, _ body: (Site) async throws -> T
) async throws -> T {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let temporary = house.folder + "/uploads"
    try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
    let (ports, started) = AsyncStream.makeStream(of: Int.self)
    var settings = WebSettings(port: 0, origin: "http://127.0.0.1", temporaryFolder: temporary)
    settings.anonymousFormsPerMinute = 0
    settings.accountFormsPerMinute = 0
    settings.secondFactorsPerMinute = 0
    settings.requestsPerMinute = 0
    settings.accountRequestsPerMinute = 0
    change(&settings)
    let server = Server(house.services, settings: settings, logger: logger) { port in
        started.yield(port)
        started.finish()
    }
    let live = house.services.live
    var configuration = ServiceGroupConfiguration(
        services: [.init(service: LiveLoop(live: live)), .init(service: server.application())], logger: logger
    )
    configuration.maximumGracefulShutdownDuration = .seconds(5)
    let group = ServiceGroup(configuration: configuration)
    let running = Task { try await group.run() }
    var port = 0
    for await value in ports { port = value }
    do {
        let value = try await body(Site(house: house, port: port))
        await group.triggerGracefulShutdown()
        try await running.value
        return value
    } catch {
        await group.triggerGracefulShutdown()
        // What the test found is what matters.
        _ = try? await running.value
        throw error
    }
}

private struct LiveLoop: Service {
    let live: LiveHub

    func run() async throws {
        await cancelWhenGracefulShutdown { await live.run() }
    }
}

extension Site.Answer {
    /// Reads a whole reply, chunks put together.
    init(_ raw: [UInt8]) throws {
        let end = raw.firstRange(of: Array("\r\n\r\n".utf8))?.lowerBound ?? raw.endIndex
        let lines = String(decoding: raw[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw LinliError.fault("test.reply", "no status: \(lines.first ?? "")")
        }
        self.status = status
        headers = lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), String(line[line.index(after: colon)...]).trimmed)
        }
        var rest = raw[min(end + 4, raw.endIndex)...]
        guard headers.contains(where: { $0.name == "transfer-encoding" && $0.value == "chunked" }) else {
            body = Array(rest)
            return
        }
        var whole: [UInt8] = []
        while let line = rest.firstRange(of: Array("\r\n".utf8)),
            let count = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16), count > 0,
            rest.endIndex - line.upperBound >= count
        {
            whole += rest[line.upperBound..<(line.upperBound + count)]
            rest = rest[min(line.upperBound + count + 2, rest.endIndex)...]
        }
        body = whole
    }
}

/// Sends `bytes` to a port of this machine and reads what comes back until the other side closes.
private func exchange(_ bytes: [UInt8], _ port: Int) throws -> [UInt8] {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw LinliError.fault("test.socket", String(cString: strerror(errno))) }
    defer { Glibc.close(socket) }
    // Only against a server that hangs: hundreds of tests share two cores, and an answer may take a minute.
    var patience = timeval(tv_sec: 180, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
    guard isConnected else { throw LinliError.fault("test.connect", String(cString: strerror(errno))) }
    var sent = 0
    while sent < bytes.count {
        let flags = Int32(MSG_NOSIGNAL)
        let count = bytes[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, flags) }
        // The server may answer and close before it has read everything.
        guard count > 0 else { break }
        sent += count
    }
    var reply: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { return reply }
        reply += buffer[..<count]
        if isStream(reply) { return reply }
    }
}

/// Whether these are the beginnings of a stream that would not end.
private func isStream(_ reply: [UInt8]) -> Bool {
    guard reply.firstRange(of: Array("\r\n\r\n".utf8)) != nil else { return false }
    return reply.prefix(2000).firstRange(of: Array("text/event-stream".utf8)) != nil
}
