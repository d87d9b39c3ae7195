import LinliCore

/// A page: a title, a body and the frame it stands in.
package struct Page: Sendable {
    /// What surrounds the body.
    package enum Frame: Sendable, Equatable {
        /// Resident's phone-first frame; the bottom tab that is current.
        case resident(Tab)
        /// The staff desk; the path of the menu entry that is current.
        case desk(String)
        /// The grid worker's phone frame.
        case grid(String)
        /// The app a grid worker's phone keeps: the same for everybody, so that it may be stored there.
        case phone
        /// Nothing but the page: sign-in, errors.
        case plain
    }

    /// The resident's bottom tabs.
    package enum Tab: Sendable, CaseIterable {
        case home, report, mine, me
        /// None of them is current.
        case elsewhere
    }

    /// What the browser's tab says.
    package let title: Text
    /// The content.
    package let body: HTML
    /// What surrounds it.
    package let frame: Frame

    /// A page.
    package init(_ title: Text, frame: Frame, _ body: HTML) {
        self.title = title
        self.frame = frame
        self.body = body
    }
}

/// A cookie to set; always HttpOnly, SameSite=Lax, and Secure behind TLS.
package struct Cookie: Sendable, Equatable {
    /// Its name.
    package let name: String
    /// Its value; empty deletes it.
    package let value: String
    /// How long it lives.
    package let maxAgeSeconds: Int

    /// A cookie.
    package init(_ name: String, _ value: String, maxAgeSeconds: Int) {
        self.name = name
        self.value = value
        self.maxAgeSeconds = maxAgeSeconds
    }
}

/// What a feature answers; Web turns it into HTTP.
package struct Reply: Sendable {
    /// The content.
    package enum Content: Sendable {
        /// A whole page in its frame.
        case page(Page)
        /// A part of a page.
        case fragment(HTML)
        /// JSON.
        case json([UInt8])
        /// Another media type, rendered already.
        case bytes([UInt8], type: String)
        /// Go there instead, with GET.
        case redirect(String)
        /// A stored file.
        case file(FileBody)
        /// A stream of live changes.
        case live(LiveHub.Wish, after: Int64?)
        /// Nothing.
        case empty
    }

    /// The content.
    package let content: Content
    /// The HTTP status.
    package let status: Int
    /// Cookies to set.
    package var cookies: [Cookie] = []
    /// More headers: names in lower case.
    package var headers: [(name: String, value: String)] = []

    /// A reply.
    package init(_ content: Content, status: Int = 200) {
        self.content = content
        self.status = status
    }

    /// A page.
    package static func page(_ page: Page, status: Int = 200) -> Reply { Reply(.page(page), status: status) }
    /// A part of a page.
    package static func fragment(_ html: HTML) -> Reply { Reply(.fragment(html)) }
    /// JSON.
    package static func json(_ writer: JSONWriter, status: Int = 200) -> Reply {
        Reply(.json(writer.bytes), status: status)
    }
    /// Go there with GET.
    package static func redirect(_ path: String) -> Reply { Reply(.redirect(path), status: 303) }

    /// The same with a cookie.
    package func setting(_ cookie: Cookie) -> Reply {
        var reply = self
        reply.cookies.append(cookie)
        return reply
    }

    /// The same with a header.
    package func adding(_ name: String, _ value: String) -> Reply {
        var reply = self
        reply.headers.append((name, value))
        return reply
    }
}

/// A stored file to send, whole or in ranges.
package struct FileBody: Sendable {
    /// Where it is on disk.
    package let path: String
    /// Its size in bytes.
    package let size: Int
    /// Its media type, found by content.
    package let type: String
    /// Its content's hash, the strong entity tag.
    package let etag: String
    /// The name to save it under; nil shows it in place.
    package let downloadName: String?

    /// A file to send.
    package init(path: String, size: Int, type: String, etag: String, downloadName: String? = nil) {
        self.path = path
        self.size = size
        self.type = type
        self.etag = etag
        self.downloadName = downloadName
    }
}
