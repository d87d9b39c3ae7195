import LinliCore
import LinliKernel
import LinliUI

/// The page behind a link: a password to choose, twice.
struct SetupPage {
    /// Whose link it is; nil when it no longer opens.
    let setup: SignIn.Setup?
    let path: String
    let formToken: String
    let error: LinliError?

    var page: Page {
        Page(Text("设密码", "Choose a password"), frame: .plain, setup.map(form) ?? over)
    }

    private var over: HTML {
        let text = Text(
            "这个链接用过了，或者超过了 \(SignIn.setupDays) 天。请给您链接的人再发一个。",
            "This link was used already or is more than \(SignIn.setupDays) days old. Ask for another one."
        )
        return """
            <main id="main" class="card"><div class="pad">
            <h1>\(Text("设密码", "Choose a password"))</h1>
            \(notice(text, .warn))
            <p class="gap"><a class="btn ghost wide" href="/sign-in">\(Text("去登录", "Sign in"))</a></p>
            </div></main>
            """
    }

    private func form(_ setup: SignIn.Setup) -> HTML {
        """
        <main id="main" class="card">
        <form class="pad" method="post" action="\(path)">
        <h1>\(Text("设密码", "Choose a password"))</h1>
        \(LinliUI.formToken(formToken))
        \(problem(error))
        <p class="gap">\(Text(
            "\(setup.name)，您好。以后用手机 \(setup.phoneMask) 和这个密码登录。",
            "Hello \(setup.name). You will sign in with your phone \(setup.phoneMask) and this password."
        ))</p>
        \(field("password", Text("新密码", "New password"), hint: Text(
            "至少 8 位，大写字母、小写字母、数字、符号里要有三种。",
            "At least 8 characters with three of: capitals, small letters, digits, signs."
        )))
        \(field("again", Text("再填一遍", "Once more"), hint: nil))
        <div class="field"><button class="btn wide">\(Text("保存密码", "Save the password"))</button></div>
        </form>
        </main>
        """
    }

    private func field(_ name: String, _ label: Text, hint: Text?) -> HTML {
        let error = error?.text(for: name)
        return LinliUI.field(
            label, for: name, hint: hint, error: error,
            """
            <input id="\(name)" name="\(name)" type="password" maxlength="100" required autocomplete="new-password"\
            \(described(name, hint: hint != nil, error: error))>
            """
        )
    }
}
