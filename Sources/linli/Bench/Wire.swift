import Foundation
import LinliCore
import NIOCore
import NIOHTTP1
import NIOPosix

/// A request as it goes over the wire, made once and sent many times.
struct WireRequest: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer?

    /// A request to this machine.
    init(_ method: HTTPMethod, _ path: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil) {
        var fields = HTTPHeaders([("host", "127.0.0.1")] + headers)
        if let body { fields.add(name: "content-length", value: "\(body.count)") }
        head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: fields)
        self.body = body.map { ByteBuffer(bytes: $0) }
    }
}

/// What came back.
struct WireAnswer: Sendable {
    var status = 0
    var headers = HTTPHeaders()
    var body = ""

    /// The value of a cookie that is set.
    func cookie(_ name: String) -> String? {
        headers["set-cookie"]
            .compactMap { $0.split(separator: ";").first }
            .first { $0.hasPrefix(name + "=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    /// The JSON of the body.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body.utf8))
    }
}

/// Requests to servers on this machine, all from one thread of the bench.
enum Wire {
    /// Lives as long as the program.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// How a request went.
    enum Outcome: Sendable {
        case answer(WireAnswer, Duration)
        case failure(String)
    }

    /// Opens a connection that sends what `next` gives until it gives nil; `report` hears of each on the same thread.
    static func open(
        _ port: Int,
        keepsBody: Bool = false,
        next: @escaping @Sendable () -> WireRequest?,
        report: @escaping @Sendable (Outcome) -> Void
    ) async throws -> any Channel {
        try await ClientBootstrap(group: group)
            .connectTimeout(.seconds(5))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        Conversation(keepsBody: keepsBody, next: next, report: report)
                    )
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .get()
    }

    /// Sends one request.
    ///
    /// - Throws: one sentence when there is no answer within 60 s.
    static func fetch(_ request: WireRequest, _ port: Int) async throws -> WireAnswer {
        let answers = AsyncStream.makeStream(of: Outcome.self)
        let requests = Handful([request])
        let channel = try await open(
            port, keepsBody: true, next: { requests.next() }, report: { answers.continuation.yield($0) }
        )
        let limit = channel.eventLoop.scheduleTask(in: .seconds(60)) { channel.close(promise: nil) }
        defer {
            limit.cancel()
            channel.close(promise: nil)
        }
        for await outcome in answers.stream {
            switch outcome {
            case .answer(let answer, _): return answer
            case .failure(let words): throw Refusal("\(request.head.uri): \(words)")
            }
        }
        throw CancellationError()
    }
}

/// One keep-alive connection that sends its next request when the answer came.
private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let keepsBody: Bool
    private let next: @Sendable () -> WireRequest?
    private let report: @Sendable (Wire.Outcome) -> Void
    private var answer = WireAnswer()
    private var sentAt = ContinuousClock.now
    private var isWaiting = false

    init(
        keepsBody: Bool, next: @escaping @Sendable () -> WireRequest?,
        report: @escaping @Sendable (Wire.Outcome) -> Void
    ) {
        self.keepsBody = keepsBody
        self.next = next
        self.report = report
    }

    func channelActive(context: ChannelHandlerContext) {
        sendNext(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            answer.status = Int(head.status.code)
            if keepsBody { answer.headers = head.headers }
        case .body(let buffer):
            if keepsBody { answer.body += String(buffer: buffer) }
        case .end:
            isWaiting = false
            report(.answer(answer, ContinuousClock.now - sentAt))
            sendNext(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail("\(error)")
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("the connection was closed before the answer came")
    }

    private func fail(_ words: String) {
        guard isWaiting else { return }
        isWaiting = false
        report(.failure(words))
    }

    private func sendNext(_ context: ChannelHandlerContext) {
        guard let request = next() else {
            context.close(promise: nil)
            return
        }
        answer = WireAnswer()
        isWaiting = true
        sentAt = .now
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        if let body = request.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
