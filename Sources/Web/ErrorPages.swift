import LinliCore
import LinliKernel
import LinliUI
import Logging

extension LinliError.Kind {
    /// The one place that maps a kind of failure to its HTTP status.
    package var status: Int {
        switch self {
        case .invalid: 422
        case .malformed: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .wrongMethod: 405
        case .conflict: 409
        case .mismatch: 422
        case .tooLarge: 413
        case .tooMany: 429
        case .unsupported: 415
        case .unavailable: 503
        case .internal: 500
        }
    }

    /// How loud the log says it.
    var logLevel: Logger.Level {
        switch self {
        case .internal: .error
        case .unavailable: .warning
        default: .info
        }
    }
}

/// What a person sees when something is not as it should be: what happened and what to do, no details.
enum ErrorPages {
    /// The page; staff are led back to their desk, everybody else to what a receipt leads to.
    static func page(_ error: LinliError, requestID: String, for reader: Reader) -> Page {
        let (symbol, title) = look(error.kind)
        let (path, name) = desk(of: reader) ?? ("/find", Text("凭回执查进度", "Look up by receipt"))
        return Page(
            title,
            frame: .plain,
            """
            <main id="main" class="card oops">
            \(icon(symbol))
            <h1>\(title)</h1>
            <p>\(error.publicText)</p>
            <div class="btns"><a class="btn" href="/">\(Text("回首页", "Go to the home page"))</a>\
            <a class="btn ghost" href="\(path)">\(name)</a></div>
            <p class="note">\(error.kind.status) · \(requestID)</p>
            </main>
            """
        )
    }

    /// Where staff work: their desk of cases, else the first entry of their menu; nil for who is no staff.
    private static func desk(of reader: Reader) -> (String, Text)? {
        let name = Text("回工作台", "Back to the desk")
        if reader.account?.actor.may(.casesRead) == true { return ("/desk", name) }
        return reader.menu.first.map { ($0.path, name) }
    }

    private static func look(_ kind: LinliError.Kind) -> (String, Text) {
        switch kind {
        case .notFound: ("search", Text("没有这一页", "There is no such page"))
        case .wrongMethod: ("search", Text("这个网址不能直接打开", "This address cannot be opened like that"))
        case .forbidden, .unauthenticated: ("shield", Text("这里不归您看", "Not for you to see"))
        case .tooMany: ("clock", Text("请慢一点", "Please slow down"))
        case .unavailable: ("clock", Text("现在有点忙", "Busy right now"))
        case .internal: ("tools", Text("系统出了点问题", "Something went wrong"))
        case .invalid, .malformed, .conflict, .mismatch, .tooLarge, .unsupported:
            ("alert", Text("没有提交成功", "It was not sent"))
        }
    }

    static let wrongMethod = Page(
        Text("这个网址不能直接打开", "This address cannot be opened like that"),
        frame: .plain,
        """
        <main id="main" class="card oops">
        \(icon("search"))
        <h1>\(Text("这个网址不能直接打开", "This address cannot be opened like that"))</h1>
        <p>\(Text("它只接收页面上提交的内容，请从首页进去。", "It only takes what a page sends; please begin at the home page."))</p>
        <div class="btns"><a class="btn" href="/">\(Text("回首页", "Go to the home page"))</a></div>
        </main>
        """
    )

    static let offline = Page(
        Text("没有网络", "No network"),
        frame: .plain,
        """
        <main id="main" class="card oops" data-shell>
        \(icon("offline"))
        <h1>\(Text("现在没有网络", "There is no network right now"))</h1>
        <p>\(Text("已经写好的内容会留在这台手机里，有网了会自动提醒您。急事请打电话。", "What you wrote stays on this phone until there is a network. If it is urgent, please call."))</p>
        <div class="calls"><a href="tel:110">110<small>\(Text("报警", "Police"))</small></a>\
        <a href="tel:119">119<small>\(Text("火警", "Fire"))</small></a>\
        <a href="tel:120">120<small>\(Text("急救", "Ambulance"))</small></a></div>
        <div class="btns"><a class="btn" href="/">\(Text("再试一次", "Try again"))</a></div>
        </main>
        """
    )

    /// The same failure for a program: problem details.
    ///
    /// - Source: RFC 9457
    static func problem(_ error: LinliError, requestID: String, _ language: Language) -> JSONWriter {
        var writer = JSONWriter()
        // What is hidden and what is not there are told apart by the log alone.
        let id = error.kind == .notFound ? "notFound" : error.id
        writer.object { json in
            json.field("type", "urn:linli:problem:\(id)")
            json.field("title", error.publicText[language])
            json.field("status", Int64(error.kind.status))
            json.field("id", id)
            json.field("requestId", requestID)
            if !error.fields.isEmpty {
                json.key("fields")
                json.array { list in
                    for field in error.fields {
                        list.object { entry in
                            entry.field("name", field.name)
                            entry.field("message", field.text[language])
                        }
                    }
                }
            }
        }
        return writer
    }
}
