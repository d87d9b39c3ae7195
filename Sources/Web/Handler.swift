import Foundation
import HTTPTypes
import Hummingbird
import LinliCore
import LinliKernel
import LinliUI
import Logging
import NIOCore

/// Turns a declared route into what Hummingbird calls: reads the body, checks access and origin, answers.
struct RouteHandler: Sendable {
    let route: Route
    let server: ServerParts
    private let kind: RouteClass

    init(route: Route, server: ServerParts) {
        self.route = route
        self.server = server
        kind = RouteClass(route)
    }

    func respond(_ request: Hummingbird.Request, _ context: LinliContext) async -> Response {
        let start = ContinuousClock.now
        let path = percentDecoded(request.uri.path)
        var response: Response
        var id = "-"
        do {
            let exchange = try await Exchange(request, route: route, server: server)
            id = exchange.requestID
            response = await answer(exchange, request, context, path)
            if exchange.isNewVisit, route.access.isPublic {
                let cookie = LinliKernel.Cookie("linli_visit", exchange.visitToken, maxAgeSeconds: 86_400 * 30)
                response.headers.append(setCookie(cookie, server.settings))
            }
        } catch {
            response = await outage(error, request, context, path)
        }
        let spent = ContinuousClock.now - start
        server.metrics.count(kind, status: Int(response.status.code), spent)
        server.logger.info(
            "request",
            metadata: [
                "method": "\(route.method.rawValue)", "route": "\(route.path)", "status": "\(response.status.code)",
                "ms": "\(spent.components.attoseconds / 1_000_000_000_000_000 + spent.components.seconds * 1000)",
                "request": "\(id)",
            ]
        )
        return response
    }

    private func answer(
        _ exchange: Exchange, _ request: Hummingbird.Request, _ context: LinliContext, _ path: String
    ) async -> Response {
        var form = Form()
        do {
            try checkReads(exchange, request, context)
            try exchange.checkAccess()
            let sent = try await read(exchange, request, context, path)
            form = sent.form
            defer { sent.uploads.forEach { removeTemporary($0.path) } }
            try checkOrigin(exchange, sent, request)
            let incoming = try await sent.admitted(to: route, server.services.database)
            try checkRate(exchange, incoming)
            let reply = try await route.handle(incoming, server.services)
            return try await ReplyWriter(exchange: exchange, path: path).write(reply, request, context)
        } catch {
            let plain = (error as? LinliError) ?? LinliError.fault("request.unexpected", "\(error)")
            await trace(plain, exchange)
            return await refused(plain, exchange, request, context, path, form)
        }
    }

    /// The store is away and cannot say who asks: they get a page all the same, and their words back.
    private func outage(
        _ error: any Error, _ request: Hummingbird.Request, _ context: LinliContext, _ path: String
    ) async -> Response {
        let plain = (error as? LinliError) ?? LinliError.fault("request.failed", "\(error)")
        // Without the store nothing is asked of it, so nothing can fail.
        guard let exchange = try? await Exchange(request, route: route, server: server, hasStore: false) else {
            return Response(status: .serviceUnavailable)
        }
        return await refused(plain, exchange, request, context, path, Form())
    }

    private func refused(
        _ error: LinliError, _ exchange: Exchange, _ request: Hummingbird.Request, _ context: LinliContext,
        _ path: String, _ form: Form
    ) async -> Response {
        log(error, exchange)
        var response = await refusal(error, exchange, request, context, path, form)
        if let seconds = error.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    private func log(_ error: LinliError, _ exchange: Exchange) {
        server.logger.log(
            level: error.kind.logLevel,
            "refused",
            metadata: [
                "id": "\(error.id)", "kind": "\(error.kind.rawValue)", "detail": "\(error.detail)",
                "request": "\(exchange.requestID)",
            ]
        )
    }

    /// A failure in the words of the route's protocol, else in ours.
    private func refusal(
        _ error: LinliError, _ exchange: Exchange, _ request: Hummingbird.Request, _ context: LinliContext,
        _ path: String, _ form: Form
    ) async -> Response {
        guard let refuse = route.refuse else {
            guard var response = await typedWords(after: error, exchange, request, context, path, form) else {
                return failure(error, exchange, request)
            }
            addSecurityHeaders(&response.headers)
            return response
        }
        do {
            let reply = refuse(error, path, exchange.language)
            return try await ReplyWriter(exchange: exchange, path: path).write(reply, request, context)
        } catch {
            return failure(LinliError.fault("request.refusal", "\(error)"), exchange, request)
        }
    }

    private func failure(_ error: LinliError, _ exchange: Exchange, _ request: Hummingbird.Request) -> Response {
        var response: Response
        if exchange.wantsJSON {
            let json = ErrorPages.problem(error, requestID: exchange.requestID, exchange.language)
            response = Response(
                status: .init(code: error.kind.status),
                headers: [.contentType: "application/problem+json", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(bytes: json.bytes))
            )
        } else if error.kind == .unauthenticated, request.method == .get || request.method == .head {
            let isSecond = error.id == Exchange.needsSecondFactor.id
            let target = address(isSecond ? "/sign-in/second" : "/sign-in", [("next", request.uri.description)])
            response = Response(status: .seeOther, headers: [.location: target, .cacheControl: "no-store"])
        } else {
            let reader = exchange.reader("/")
            let page = ErrorPages.page(error, requestID: exchange.requestID, for: reader)
            let bytes = Layout.render(page, for: reader)
            response = Response(
                status: .init(code: error.kind.status),
                headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(bytes: bytes))
            )
        }
        addSecurityHeaders(&response.headers)
        return response
    }

    // MARK: Reading

    func read(
        _ exchange: Exchange, _ request: Hummingbird.Request, _ context: LinliContext, _ path: String
    ) async throws -> LinliKernel.Request {
        var parameters: [String: String] = [:]
        for (name, value) in context.parameters { parameters[String(name)] = percentDecoded(value) }
        var form = Form()
        var uploads: [Upload] = []
        var body: [UInt8] = []
        if route.method != .get {
            let type = request.headers[.contentType] ?? ""
            try route.operation?.check(contentType: type)
            if type.hasPrefix("multipart/form-data") {
                (form, uploads) = try await readMultipart(request, type)
            } else if type.hasPrefix("image/") {
                uploads = [try await spool(request)]
            } else {
                let limit = exchange.wantsJSON ? 1 << 20 : 256 << 10
                body = try await collect(request, limit: limit)
                if type.hasPrefix("application/x-www-form-urlencoded") {
                    form = Form(urlEncodedFields(String(decoding: body, as: UTF8.self)))
                }
            }
        }
        return LinliKernel.Request(
            method: route.method,
            path: path,
            parameters: parameters,
            query: Form(urlEncodedFields(request.uri.query ?? "")),
            form: form,
            uploads: uploads,
            body: body,
            context: exchange.context,
            session: exchange.session,
            preferences: exchange.preferences,
            formToken: exchange.formToken,
            idempotencyKey: key(request),
            remoteAddress: remoteAddress(request, context),
            userAgent: String((request.headers.first(.userAgent) ?? "").prefix(400)),
            deviceToken: exchange.deviceToken,
            origin: server.settings.origin
        )
    }

    /// What makes a repeated request the same; an operation of the API refuses one that is too long.
    private func key(_ request: Hummingbird.Request) -> String? {
        let key = request.headers.value(.idempotencyKey)
        return route.operation == nil ? key.map { String($0.prefix(100)) } : key
    }

    private func readMultipart(_ request: Hummingbird.Request, _ type: String) async throws -> (Form, [Upload]) {
        guard var reader = MultipartReader(contentType: type, folder: server.settings.temporaryFolder) else {
            throw MultipartReader.broken("no boundary")
        }
        var total = 0
        do {
            for try await chunk in request.body {
                total += chunk.readableBytes
                guard total <= MultipartReader.bodyLimit else { throw FileStore.tooLarge }
                try reader.feed(chunk.readableBytesView)
            }
            return try reader.finish()
        } catch {
            reader.abandon()
            throw error
        }
    }

    /// Writes a body that is one picture to disk; beyond the limit it is counted but not kept.
    private func spool(_ request: Hummingbird.Request) async throws -> Upload {
        let path = server.settings.temporaryFolder + "/" + randomToken()
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: path)
        else { throw LinliError.fault("uploads.disk", path) }
        // Closing cannot fail in a way that matters: what was written is read again right away.
        defer { try? file.close() }
        var size = 0
        for try await chunk in request.body {
            size += chunk.readableBytes
            guard size <= FileStore.formLimit else { throw FileStore.tooLarge }
            if size <= FileStore.limit { try file.write(contentsOf: Data(chunk.readableBytesView)) }
        }
        return Upload(field: "file", filename: "upload", path: path, size: size)
    }

    private func collect(_ request: Hummingbird.Request, limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= limit else {
                throw LinliError(
                    .tooLarge,
                    "request.tooLarge",
                    Text("提交的内容太长了，请删短一些", "That is too long; please shorten it")
                )
            }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }

    func remoteAddress(_ request: Hummingbird.Request, _ context: LinliContext) -> String {
        if server.settings.trustsProxy, let forwarded = request.headers.value(.forwardedFor) {
            return String(forwarded.split(separator: ",").last?.trimmingPrefix(while: { $0 == " " }) ?? "")
        }
        return context.remoteAddress
    }

    func removeTemporary(_ path: String) {
        // Moved into the store already when the handler kept it.
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension Access {
    var isPublic: Bool {
        if case .public = self { true } else { false }
    }

    var isKeyed: Bool {
        if case .key = self { true } else { false }
    }
}

/// What Hummingbird carries along: the client's address.
struct LinliContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress ?? ""
    }

    var maxUploadSize: Int { MultipartReader.bodyLimit }
}

/// The headers every answer carries: no script or style but our own files, no frame around us, nothing sniffed.
func addSecurityHeaders(_ headers: inout HTTPFields) {
    for field in securityHeaders { headers.append(field) }
}

private let securityHeaders: [HTTPField] = {
    let contentSecurityPolicy = """
        default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; \
        script-src 'self'; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; \
        form-action 'self'; frame-ancestors 'none'
        """
    let permissions = "camera=(self), microphone=(self), geolocation=(self)"
    let named: [(HTTPField.Name?, String)] = [
        (.contentSecurityPolicy, contentSecurityPolicy), (.xContentTypeOptions, "nosniff"),
        (.referrerPolicy, "same-origin"), (.permissionsPolicy, permissions),
    ]
    return named.compactMap { name, value in name.map { HTTPField(name: $0, value: value) } }
}()

func setCookie(_ cookie: LinliKernel.Cookie, _ settings: WebSettings) -> HTTPField {
    var text = "\(cookie.name)=\(cookie.value); Path=/; Max-Age=\(cookie.maxAgeSeconds); HttpOnly; SameSite=Lax"
    if settings.isSecure { text += "; Secure" }
    return HTTPField(name: .setCookie, value: text)
}

/// Names that HTTPTypes does not have, made once. A name that cannot be one is nil and never there.
extension HTTPField.Name? {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")
    static let forwardedFor = HTTPField.Name("X-Forwarded-For")
    static let fetchSite = HTTPField.Name("Sec-Fetch-Site")
    static let formToken = HTTPField.Name("X-Form-Token")
    static let lastEventID = HTTPField.Name("Last-Event-ID")
    static let buffering = HTTPField.Name("X-Accel-Buffering")
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")
    static let permissionsPolicy = HTTPField.Name("Permissions-Policy")
}

extension HTTPFields {
    /// The first header of a name. The subscript joins all of them, which costs ten times as much.
    func first(_ name: HTTPField.Name) -> String? {
        for field in self where field.name == name { return field.value }
        return nil
    }

    /// The header of a name made above.
    func value(_ name: HTTPField.Name?) -> String? {
        name.flatMap { self[$0] }
    }

    /// Sets the header of a name made above.
    mutating func set(_ name: HTTPField.Name?, _ value: String) {
        if let name { self[name] = value }
    }
}
