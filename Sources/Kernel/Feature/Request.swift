import LinliCore

/// What a feature sees of a request: no HTTP types, no sockets.
package struct Request: Sendable {
    /// What the client wants to do.
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// What the client wants to do.
    package let method: Method
    /// The path without the query, decoded.
    package let path: String
    /// Parts of the path by name, decoded.
    package let parameters: [String: String]
    /// The query.
    package let query: Form
    /// The fields of a posted form, empty for anything else.
    package let form: Form
    /// Files of a posted form, already on disk under a temporary name.
    package let uploads: [Upload]
    /// The body of an API request.
    package let body: [UInt8]
    /// Who asks, when, in which language.
    package let context: Context
    /// The signed-in session, if any.
    package let session: Session?
    /// How the person wants pages to look.
    package let preferences: Preferences
    /// What a form of this page must carry back.
    package let formToken: String
    /// The `Idempotency-Key` header.
    package let idempotencyKey: String?
    /// Where the request came from, for rate limits only; never stored in clear.
    package let remoteAddress: String
    /// A short word about the browser, for the list of devices.
    package let userAgent: String
    /// The token of the device cookie, if any.
    package let deviceToken: String?
    /// The public address of this server, `https://linli.example`, for links in QR codes.
    package let origin: String

    /// A request; Web and tests make them.
    package init(
        method: Method = .get,
        path: String,
        parameters: [String: String] = [:],
        query: Form = Form(),
        form: Form = Form(),
        uploads: [Upload] = [],
        body: [UInt8] = [],
        context: Context,
        session: Session? = nil,
        preferences: Preferences = Preferences(),
        formToken: String = "",
        idempotencyKey: String? = nil,
        remoteAddress: String = "",
        userAgent: String = "",
        deviceToken: String? = nil,
        origin: String = ""
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters
        self.query = query
        self.form = form
        self.uploads = uploads
        self.body = body
        self.context = context
        self.session = session
        self.preferences = preferences
        self.formToken = formToken
        self.idempotencyKey = idempotencyKey
        self.remoteAddress = remoteAddress
        self.userAgent = userAgent
        self.deviceToken = deviceToken
        self.origin = origin
    }

    /// The same request whose first write stores `mark`.
    func marked(_ mark: IdempotencyMark) -> Request { with(context.marked(mark)) }

    /// The same request in another context.
    func with(_ context: Context) -> Request {
        Request(
            method: method, path: path, parameters: parameters, query: query, form: form, uploads: uploads,
            body: body, context: context, session: session, preferences: preferences,
            formToken: formToken, idempotencyKey: idempotencyKey, remoteAddress: remoteAddress,
            userAgent: userAgent, deviceToken: deviceToken, origin: origin
        )
    }

    /// The identifier in the path under `name`.
    ///
    /// - Throws: `.notFound` when it is not one.
    package func id<Entity>(_ name: String = "id") throws -> ID<Entity> {
        guard let id = parameters[name].flatMap({ ID<Entity>($0) }) else {
            throw LinliError.notFound("request.id")
        }
        return id
    }
}

/// Fields of a form or a query, in their order; a name may occur more than once.
package struct Form: Sendable {
    /// Every field.
    package let fields: [(name: String, value: String)]

    /// A form of fields.
    package init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields
    }

    /// The first value of a field without surrounding blanks; nil when it is missing or empty.
    package subscript(name: String) -> String? {
        for field in fields where field.name == name {
            let value = field.value.trimmed
            return value.isEmpty ? nil : value
        }
        return nil
    }

    /// Every value of a field.
    package func all(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// The field as a whole number.
    package func int(_ name: String) -> Int? { self[name].flatMap { Int($0) } }

    /// The field as a number; nil for what is not finite.
    package func double(_ name: String) -> Double? {
        self[name].flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The field as an identifier.
    package func id<Entity>(_ name: String) -> ID<Entity>? { self[name].flatMap { ID<Entity>($0) } }
}

extension String {
    /// Without blanks and line ends around it.
    package var trimmed: String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace || $0 == "\u{3000}" }
        guard let start = firstIndex(where: { !isBlank($0) }), let end = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[start...end])
    }
}

/// A file that came with a form, on disk under a temporary name; who does not keep it need not delete it.
package struct Upload: Sendable {
    /// The form's field.
    package let field: String
    /// The name it had at the sender's, for display only.
    package let filename: String
    /// Where it is now.
    package let path: String
    /// Its size in bytes.
    package let size: Int

    /// An upload.
    package init(field: String, filename: String, path: String, size: Int) {
        self.field = field
        self.filename = filename
        self.path = path
        self.size = size
    }
}

/// How a person wants pages to look; kept in a cookie so that it works before signing in.
package struct Preferences: Sendable, Equatable {
    /// Language, nil until chosen: then the browser's first.
    package var language: Language?
    /// Elder mode: large letters, few things at once.
    package var isElder: Bool
    /// Dark colours.
    package var isDark: Bool

    /// Preferences; by default none.
    package init(language: Language? = nil, isElder: Bool = false, isDark: Bool = false) {
        self.language = language
        self.isElder = isElder
        self.isDark = isDark
    }

    /// The cookie's value, `zh.elder.dark`.
    package var cookie: String {
        [language?.rawValue ?? "-", isElder ? "elder" : "-", isDark ? "dark" : "-"].joined(separator: ".")
    }

    /// Reads the cookie; anything odd counts as not chosen.
    package init(cookie: String) {
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false)
        self.init(
            language: parts.first.flatMap { Language(rawValue: String($0)) },
            isElder: parts.count > 1 && parts[1] == "elder",
            isDark: parts.count > 2 && parts[2] == "dark"
        )
    }
}
