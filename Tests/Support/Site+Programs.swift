import Foundation
import LinliCore
import LinliKernel

/// A JSON object of a reply; what is not there reads as empty.
package struct Shown {
    private let value: Any?

    /// Reads a body; what is no JSON is empty.
    package init(_ answer: Site.Answer) {
        // What is no JSON shows as nothing, and the expectation says so.
        value = try? JSONSerialization.jsonObject(with: Data(answer.body))
    }

    private init(_ value: Any?) { self.value = value }

    /// A property of an object.
    package subscript(name: String) -> Shown { Shown((value as? [String: Any])?[name]) }
    /// The entries of a list.
    package var list: [Shown] { (value as? [Any] ?? []).map { Shown($0) } }
    /// A text, or what it is otherwise.
    package var text: String { value.map { "\($0)" } ?? "" }
    /// The names of an object.
    package var names: [String] { (value as? [String: Any] ?? [:]).keys.sorted() }
    /// Whether it is there and true.
    package var isTrue: Bool { value as? Bool == true }
}

extension Site {
    /// A program without a token and without cookies.
    package var bare: SiteVisitor { SiteVisitor(headers: [], formToken: nil, actor: .anonymous) }

    /// Calls the API and expects a status; what came back otherwise is thrown.
    package func shown(
        _ method: String = "GET", _ path: String, _ body: String? = nil, as visitor: SiteVisitor, status: Int = 200
    ) async throws -> Shown {
        let type = body == nil ? [] : [("Content-Type", "application/json")]
        let answer = try await ask(
            method, "/api/v1" + path, headers: visitor.headers + type, body: Array((body ?? "").utf8)
        )
        guard answer.status == status else {
            throw LinliError.fault("test.status", "\(method) \(path): \(answer.status) \(answer.text)")
        }
        return Shown(answer)
    }

    /// Sends a form with files to the API and expects a status; what came back otherwise is thrown.
    package func sent(
        _ path: String, _ fields: [(String, String)], files: [(field: String, name: String, bytes: [UInt8])],
        as visitor: SiteVisitor, key: String? = nil, status: Int = 201
    ) async throws -> Shown {
        let boundary = "linli-test-boundary"
        var body: [UInt8] = []
        for (name, value) in fields {
            let head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n"
            body += Array((head + value + "\r\n").utf8)
        }
        for file in files {
            let disposition = "form-data; name=\"\(file.field)\"; filename=\"\(file.name)\""
            let head = "--\(boundary)\r\nContent-Disposition: \(disposition)\r\n\r\n"
            body += Array(head.utf8) + file.bytes + Array("\r\n".utf8)
        }
        body += Array("--\(boundary)--\r\n".utf8)
        let headers = [("Content-Type", "multipart/form-data; boundary=\(boundary)")]
        let answer = try await ask(
            "POST", "/api/v1" + path,
            headers: visitor.headers + headers + (key.map { [("Idempotency-Key", $0)] } ?? []), body: body)
        guard answer.status == status else {
            throw LinliError.fault("test.status", "POST \(path): \(answer.status) \(answer.text)")
        }
        return Shown(answer)
    }

    /// Every entry of a list of the API, `limit` at a time.
    ///
    /// - Throws: for a page that is not full though another follows.
    package func whole(
        _ path: String, _ name: String, limit: Int = 1, as visitor: SiteVisitor
    ) async throws -> [Shown] {
        let start = "\(path)\(path.contains("?") ? "&" : "?")limit=\(limit)"
        var (all, next) = ([Shown](), start)
        while true {
            let page = try await shown("GET", next, as: visitor)
            all += page[name].list
            guard !page["next"].text.isEmpty else { return all }
            guard page[name].list.count == limit else { throw LinliError.fault("test.page", "\(next) is not full") }
            next = start + "&after=" + page["next"].text
        }
    }
}
