import LinliCore
import LinliKernel
import LinliUI

/// The door: phone and one-time code, or phone and password.
struct SignInPage {
    /// How somebody shows who they are.
    enum Way: String {
        case code, password
    }

    let way: Way
    let phone: String
    /// Where to go afterwards.
    let next: String?
    let formToken: String
    /// A password was just chosen: they come from its page.
    var hasNewPassword = false
    /// The masked phone a code was just sent to.
    var sentTo: String?
    var error: LinliError?

    var page: Page {
        Page(Text("登录", "Sign in"), frame: .plain, body)
    }

    private var body: HTML {
        """
        <main id="main" class="card">
        <nav class="seg" aria-label="\(Text("登录方式", "Ways to sign in"))">\
        \(tab(.code, Text("手机验证码", "Code by message")))\(tab(.password, Text("密码", "Password")))</nav>
        <form class="pad" method="post" action="/sign-in">
        <h1 class="sr">\(Text("登录", "Sign in"))</h1>
        \(LinliUI.formToken(formToken))<input type="hidden" name="by" value="\(way.rawValue)">\
        \(next.map { "<input type=\"hidden\" name=\"next\" value=\"\($0)\">" as HTML })
        \(SignInPage.enterKey)
        \(problem(error))
        \(when: hasNewPassword, notice(Text("密码设好了，请登录。", "The password is set; please sign in."), .ok, icon: "done"))
        \(sentTo.map(sent))
        \(phoneField)
        \(way == .code ? codeField : passwordField)
        <div class="field"><button class="btn wide">\(Text("登录", "Sign in"))</button></div>
        <p class="hint gap">\(SignInPage.without)</p>
        </form>
        </main>
        """
    }

    /// The Enter key presses the first button of a form: it must sign in, not send another code.
    private static let enterKey: HTML = "<button class=\"sr\" tabindex=\"-1\" aria-hidden=\"true\"></button>"

    private static let without = HTML.pair(
        zh: "不登录也能 <a href=\"/report\">反映问题</a>、<a href=\"/find\">凭回执查进度</a>。",
        en: "Without signing in you can <a href=\"/report\">report a problem</a> or <a href=\"/find\">look one up</a>."
    )

    private func tab(_ other: Way, _ name: Text) -> HTML {
        let path = address("/sign-in", [("by", other.rawValue), ("next", next)])
        return "<a href=\"\(path)\"\(when: other == way, " aria-current=\"page\"")>\(name)</a>"
    }

    private func sent(_ phone: String) -> HTML {
        notice(
            Text(
                "如果 \(phone) 有账号，验证码已经发出，5 分钟内有效。",
                "If \(phone) has an account, a code is on its way; it is valid for 5 minutes."
            ),
            .ok,
            icon: "message"
        )
    }

    private var phoneField: HTML {
        let error = error?.text(for: "phone")
        return """
            <div class="field"><label for="phone">\(Text("手机号", "Mobile number"))</label>\
            <input id="phone" name="phone" type="tel" inputmode="numeric" autocomplete="tel" maxlength="20" required \
            value="\(phone)"\(described("phone", error: error))>\
            \(error.map { "<p class=\"err\" id=\"phone-error\">\($0)</p>" as HTML })</div>
            """
    }

    private var codeField: HTML {
        let error = error?.text(for: "code")
        return """
            <div class="field"><label for="code">\(Text("短信验证码", "Code"))</label>
            <div class="with"><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" \
            maxlength="6"\
            \(described("code", hint: true, error: error))>\
            <button class="btn ghost" name="send" value="code" formnovalidate>\(Text("发验证码", "Send a code"))</button>\
            </div>
            \(error.map { "<p class=\"err\" id=\"code-error\">\($0)</p>" as HTML })
            <p class="hint" id="code-hint">\
            \(Text("一般 1 分钟内收到；收不到就改用密码，或请居委会帮您登录。",
                "It usually takes a minute; otherwise use your password or ask the committee."))</p></div>
            """
    }

    private var passwordField: HTML {
        let error = error?.text(for: "password")
        return """
            <div class="field"><label for="password">\(Text("密码", "Password"))</label>\
            <input id="password" name="password" type="password" autocomplete="current-password" \
            maxlength="200" required\
            \(described("password", error: error))>\
            \(error.map { "<p class=\"err\" id=\"password-error\">\($0)</p>" as HTML })
            <p class="hint">\(Text("忘了密码就用手机验证码登录。", "Forgot it? Use a code by message."))</p></div>
            """
    }
}

/// The second step for staff: a code of their authenticator, with the authenticator's setting up before it once.
struct SecondFactorPage {
    let name: String
    /// The secret to set up; nil for who has one already.
    let offer: SecondFactorOffer?
    let next: String?
    let formToken: String
    var error: LinliError?

    var page: Page {
        Page(Text("第二步验证", "Second step"), frame: .plain, body)
    }

    private var body: HTML {
        """
        <main id="main" class="card">
        <form class="pad" method="post" action="/sign-in/second">
        <h1>\(offer == nil ? Text("第二步验证", "Second step") : Text("设第二步验证", "Set up the second step"))</h1>
        \(LinliUI.formToken(formToken))\(next.map { "<input type=\"hidden\" name=\"next\" value=\"\($0)\">" as HTML })
        \(problem(error))
        \(offer.map(enrolment))
        \(codeField)
        <div class="field"><button class="btn wide">\(Text("登录", "Sign in"))</button></div>
        <p class="hint gap">\(Text("这台设备验证一次就行。手机丢了请找管理员重设。",
            "Once per device. If you lost your phone, ask your administrator."))</p>
        </form>
        </main>
        """
    }

    private func enrolment(_ offer: SecondFactorOffer) -> HTML {
        let secret = Base32.encodeRFC4648(offer.secret)
        let label = percentEncoded("Linli:" + name)
        let link = "otpauth://totp/\(label)?secret=\(secret)&issuer=Linli"
        return """
            <input type="hidden" name="offer" value="\(offer.sealed)">
            <p class="gap">\(Text("工作人员登录多一步：在手机上装一个验证器，扫下面的码，以后看它给的 6 位数字。",
                "Staff sign in with one more step: scan this with an authenticator app and use its 6 digits."))</p>
            <div class="qr">\(qrCode(link, label: Text("验证器二维码", "QR code for the authenticator")))
            <p class="note">\(Text("扫不了就把这串字手工输入：", "Or type this in:"))</p>
            <p class="secret num">\(SecondFactorPage.grouped(secret))</p></div>
            """
    }

    /// `ABCD EFGH …`, as people can read it.
    static func grouped(_ secret: String) -> String {
        var groups = ""
        for (index, character) in secret.enumerated() {
            if index > 0, index % 4 == 0 { groups.append(" ") }
            groups.append(character)
        }
        return groups
    }

    private var codeField: HTML {
        let error = error?.text(for: "code")
        return """
            <div class="field gap"><label for="code">\(Text("验证器上的 6 位数字", "The 6 digits of your authenticator"))\
            </label>
            <p class="hint" id="code-hint">\
            \(Text("打开手机上的验证器，找到“Linli”。", "Open the authenticator on your phone and find “Linli”."))</p>
            <input class="code num" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" \
            maxlength="7" required\
            \(described("code", hint: true, error: error))>\
            \(error.map { "<p class=\"err\" id=\"code-error\">\($0)</p>" as HTML })</div>
            """
    }
}
