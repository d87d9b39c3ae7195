import HTTPTypes
import Hummingbird
import LinliCore
import LinliKernel
import LinliUI
import NIOCore
import ServiceLifecycle

/// Writes a feature's reply as HTTP.
struct ReplyWriter: Sendable {
    let exchange: Exchange
    let path: String

    func write(_ reply: Reply, _ request: Hummingbird.Request, _ context: LinliContext) async throws -> Response {
        var response: Response
        switch reply.content {
        case .page(let page):
            let reader = exchange.reader(path, alerts: await exchange.alerts(on: page))
            let bytes = Layout.render(page, for: reader)
            response = self.bytes(bytes, "text/html; charset=utf-8", reply.status)
        case .fragment(let html):
            response = bytes(html.render(exchange.language), "text/html; charset=utf-8", reply.status)
        case .json(let json):
            response = bytes(json, "application/json", reply.status)
        case .bytes(let content, let type):
            response = bytes(content, type, reply.status)
        case .redirect(let target):
            response = Response(status: .init(code: reply.status), headers: [.location: target])
        case .file(let file):
            response = try await self.file(file, request, context)
        case .live(let wish, let after):
            response = try await live(wish, after: after, request)
        case .empty:
            response = Response(status: .init(code: reply.status))
        }
        if response.headers.first(.cacheControl) == nil {
            response.headers.append(HTTPField(name: .cacheControl, value: "no-store"))
        }
        for cookie in reply.cookies { response.headers.append(setCookie(cookie, exchange.server.settings)) }
        for header in reply.headers {
            response.headers.set(HTTPField.Name(header.name), header.value)
        }
        addSecurityHeaders(&response.headers)
        if case .page = reply.content, let server = exchange.server.services.baseMap.server {
            Tiles.allow(server, in: &response.headers)
        }
        return isUnchanged(response, request) ? Response(status: .notModified, headers: response.headers) : response
    }

    /// Whether the client has exactly this already: a document that names its version is not sent twice.
    private func isUnchanged(_ response: Response, _ request: Hummingbird.Request) -> Bool {
        guard request.method == .get, response.status == .ok, let etag = response.headers.first(.eTag) else {
            return false
        }
        guard let known = request.headers[.ifNoneMatch] else {
            // Without the tag, the date that was given with it says the same.
            let since = request.headers[.ifModifiedSince]
            return since != nil && since == response.headers[.lastModified]
        }
        return known.split(separator: ",").contains { tag in
            let tag = tag.trimmingPrefix { $0 == " " }
            return tag == "*" || tag == etag || tag == "W/" + etag
        }
    }

    private func bytes(_ bytes: [UInt8], _ type: String, _ status: Int) -> Response {
        Response(
            status: .init(code: status),
            headers: [.contentType: type],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    // MARK: Files

    private func file(
        _ file: FileBody, _ request: Hummingbird.Request, _ context: LinliContext
    ) async throws -> Response {
        let etag = "\"\(file.etag)\""
        var headers: HTTPFields = [
            .contentType: file.type, .eTag: etag, .acceptRanges: "bytes",
            .cacheControl: "private, max-age=3600",
        ]
        if let name = file.downloadName {
            headers[.contentDisposition] = "attachment; filename*=UTF-8''\(name)"
        }
        if request.headers[.ifNoneMatch] == etag { return Response(status: .notModified, headers: headers) }
        let wanted = request.headers[.ifRange].map { $0 == etag } ?? true
        switch wanted ? ByteRange(header: request.headers[.range], size: file.size) : .whole {
        case .whole:
            let body = try await FileIO().loadFile(path: file.path, context: context)
            return Response(status: .ok, headers: headers, body: body)
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound)/\(file.size)"
            let body = try await FileIO().loadFile(path: file.path, range: range, context: context)
            return Response(status: .partialContent, headers: headers, body: body)
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(file.size)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
    }

    // MARK: Live updates

    /// A stream that ends when the browser leaves, the session is revoked or the server stops.
    private func live(
        _ wish: LiveHub.Wish, after: Int64?, _ request: Hummingbird.Request
    ) async throws -> Response {
        let hub = exchange.server.services.live
        let last = request.headers.value(.lastEventID).flatMap { Int64($0) } ?? after
        let (id, stream) = try await hub.listen(wish, holder: exchange.session?.holder, after: last)
        let body = ResponseBody { [request] writer in
            try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
            var output = writer
            do {
                try await request.body.consumeWithInboundCloseHandler { _ in
                    try await withGracefulShutdownHandler {
                        try await LiveStream.copy(stream, wish, hub, id, to: &output)
                    } onGracefulShutdown: {
                        hub.finish(id)
                    }
                } onInboundClosed: {
                    hub.finish(id)
                }
            } catch {
                // The browser went away in the middle of a write: nothing is owed to it.
                hub.finish(id)
            }
            writer = output
            try await writer.finish(nil)
        }
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        // Proxies that collect what they pass on would hold back every event.
        headers.set(.buffering, "no")
        return Response(status: .ok, headers: headers, body: body)
    }
}

/// The text of live streams.
enum LiveStream {
    @concurrent
    static func copy(
        _ stream: AsyncStream<LiveHub.Message>,
        _ wish: LiveHub.Wish,
        _ hub: LiveHub,
        _ id: Int,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        for await message in stream {
            try await writer.write(ByteBuffer(string: text(message, wish)))
        }
    }

    /// An event as browsers read it: topic, id and version only.
    static func text(_ message: LiveHub.Message, _ wish: LiveHub.Wish) -> String {
        switch message {
        case .resync(let sequence): return "id: \(sequence)\nevent: resync\ndata: {}\n\n"
        case .beat: return ": \n\n"
        case .bye: return "event: bye\ndata: {}\n\n"
        case .change(let event):
            var text = ""
            for topic in wish.names(of: event) {
                text += "id: \(event.sequence)\nevent: change\n"
                text += "data: {\"topic\":\"\(topic)\",\"id\":\"\(event.topic)\",\"version\":\(event.sequence)}\n\n"
            }
            return text
        }
    }
}
