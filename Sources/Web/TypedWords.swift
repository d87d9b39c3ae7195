import HTTPTypes
import Hummingbird
import LinliCore
import LinliKernel
import LinliUI
import NIOCore

/// A form that was refused although nothing is wrong with what was typed: too old a page, too many at once, the store
/// away, the session over. It goes back to its person, ready to be sent again.
struct TypedForm: Sendable {
    let form: KeptForms.Kept

    /// Fields that are nobody's words, or too dear to stand in a page.
    private static let left: Set<String> = ["csrf", "password", "again", "current", "code", "offer"]

    /// Fields that pages fill in themselves: they are sent again, but say nothing to the person.
    private static let ours: Set<String> = ["once", "kept", "back", "version", "lat", "lon", "accuracy"]

    /// The form of a request; nil when there is nothing in it to lose.
    init?(_ form: Form, _ request: Hummingbird.Request) {
        let action = request.uri.description
        let fields = form.fields.filter { !TypedForm.left.contains($0.name) }
        guard fields.contains(where: { !$0.value.isEmpty }), action.hasPrefix("/"), !action.hasPrefix("//") else {
            return nil
        }
        self.form = KeptForms.Kept(
            action: action,
            fields: fields.map { .init($0.name, $0.value) },
            losesPhotos: request.headers[.contentType]?.hasPrefix("multipart/") == true
        )
    }

    init(_ form: KeptForms.Kept) {
        self.form = form
    }

    /// The page that sends it again: `title` and `words` say why, the longest value shows which form it was.
    func page(_ title: Text, _ words: Text, formToken: String, note: String) -> Page {
        let typed = form.fields.filter { !TypedForm.ours.contains($0.name) }
        let longest = typed.map(\.value).max { $0.count < $1.count } ?? ""
        let photos = Text("如果选过照片，提交以后要再添一次。", "Photos, if you chose any, must be added again afterwards.")
        return Page(
            title,
            frame: .plain,
            """
            <main id="main" class="card oops">
            \(icon("alert"))
            <h1>\(title)</h1>
            <p>\(words)</p>
            <blockquote class="note">\(String(longest.prefix(300)))</blockquote>
            \(when: form.losesPhotos, "<p class=\"note\">\(photos)</p>")
            <form method="post" action="\(form.action)">\(LinliUI.formToken(formToken))\
            \(each: form.fields, { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })
            <div class="btns"><button class="btn">\(Text("再提交一次", "Send it again"))</button>\
            <a class="btn ghost" href="/">\(Text("回首页", "Go to the home page"))</a></div>
            </form>
            <p class="note">\(note)</p>
            </main>
            """
        )
    }
}

extension RouteHandler {
    /// What becomes of the words of a form that was refused through no fault of theirs; nil for every other failure.
    ///
    /// Only for a form of our own pages: nobody is made to send what a stranger's page wrote.
    func typedWords(
        after error: LinliError, _ exchange: Exchange, _ request: Hummingbird.Request, _ context: LinliContext,
        _ path: String, _ form: Form
    ) async -> Response? {
        let isOld = error.id == Self.oldPage.id
        let isWordsFault = ![.unauthenticated, .unavailable, .tooMany].contains(error.kind) && !isOld
        guard request.method == .post, !exchange.wantsJSON, !isWordsFault, isOurs(request) else { return nil }
        let sent = form.fields.isEmpty ? await lateForm(exchange, request, context, path) : form
        guard let typed = TypedForm(sent, request) else { return nil }
        if error.kind == .unauthenticated { return await signInFirst(error, typed) }
        let title =
            isOld ? Text("页面放得太久了", "This page was open too long") : Text("没有提交成功", "It was not sent")
        let words =
            isOld
            ? Text("您填写的内容还在，再提交一次就行。", "What you entered is still here: just send it again.")
            : error.publicText + Text("您填写的内容还在。", " What you entered is still here.")
        let page = typed.page(
            title, words, formToken: exchange.formToken, note: "\(error.kind.status) · \(exchange.requestID)"
        )
        return Response(
            status: .init(code: error.kind.status),
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: Layout.render(page, for: exchange.reader("/"))))
        )
    }

    /// Signing in, with the form waiting behind it.
    private func signInFirst(_ error: LinliError, _ typed: TypedForm) async -> Response? {
        // A store that cannot keep it now says so elsewhere; then there is only the page that refuses.
        guard let token = try? await KeptForms.keep(typed.form, server.services.database) else { return nil }
        let isSecond = error.id == Exchange.needsSecondFactor.id
        let target = address(isSecond ? "/sign-in/second" : "/sign-in", [("next", "/continue/\(token)")])
        return Response(status: .seeOther, headers: [.location: target, .cacheControl: "no-store"])
    }

    /// A form that was refused before it was read, counted like one without an account.
    private func lateForm(
        _ exchange: Exchange, _ request: Hummingbird.Request, _ context: LinliContext, _ path: String
    ) async -> Form {
        let limit = server.settings.anonymousFormsPerMinute
        guard server.limiter.allows(remoteAddress(request, context), limit: limit, at: exchange.now),
            // What cannot be read cannot be given back.
            let sent = try? await read(exchange, request, context, path)
        else { return Form() }
        sent.uploads.forEach { removeTemporary($0.path) }
        return sent.form
    }

    /// Whether a browser says that one of our pages sent it; older ones name only the origin or the page.
    private func isOurs(_ request: Hummingbird.Request) -> Bool {
        let origin = server.settings.origin
        if let site = request.headers.value(.fetchSite) { return site == "same-origin" }
        if let sender = request.headers[.origin] { return sender == origin }
        return request.headers[.referer]?.hasPrefix(origin + "/") == true
    }

    /// The token of a form is not the one of its session or visit.
    static let oldPage = LinliError(
        .forbidden,
        "request.token",
        Text("页面放得太久了，请返回上一页刷新后再提交", "This page is too old: go back, reload and send again")
    )
}
