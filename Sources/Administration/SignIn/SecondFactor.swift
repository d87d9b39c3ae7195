import LinliCore
import LinliKernel

/// The enrolment of a second factor: a secret is offered, and kept only once its first code was right.
///
/// Until then it travels in the form, sealed for this one account: a page that was opened and closed again leaves
/// nothing behind, and nobody who only knows a password ever sees a secret that is in use.
struct SecondFactorOffer: Sendable {
    /// The bytes an authenticator works with.
    let secret: [UInt8]
    /// The same, sealed, for the form's hidden field.
    let sealed: String

    /// A fresh secret for an account.
    static func fresh(_ account: ID<Account>, _ keys: KeyRing) throws -> SecondFactorOffer {
        let secret = randomBytes(20)
        return SecondFactorOffer(
            secret: secret,
            sealed: Base32.encode(try keys.seal(Base32.encode(secret), cell: cell(account)))
        )
    }

    /// The offer a form brings back; nil when it is not one of ours for this account.
    init?(_ sealed: String, _ account: ID<Account>, _ keys: KeyRing) {
        let cell = SecondFactorOffer.cell(account)
        // What does not open was changed on the way or made for somebody else: the form begins anew.
        guard let secret = try? keys.open(Base32.decode(sealed), cell: cell) else { return nil }
        self.init(secret: Base32.decode(secret), sealed: sealed)
    }

    private init(secret: [UInt8], sealed: String) {
        self.secret = secret
        self.sealed = sealed
    }

    private static func cell(_ account: ID<Account>) -> Cell { Cell("account", "totp_sealed", account.rawValue) }

    /// Keeps the secret when `code` is its code now.
    ///
    /// - Throws: `.invalid` when it is not.
    func accept(_ code: String, _ account: ID<Account>, _ services: Services, _ context: Context) async throws {
        guard TOTP.isValid(code, secret: secret, at: context.now) else {
            throw LinliError.invalid(
                "signIn.enrol",
                [.init("code", Text("动态码不对，请看验证器上最新的 6 位数字", "Wrong code; use the newest 6 digits of the app"))]
            )
        }
        let bytes = Base32.decode(sealed)
        let isKept = try await services.database.write(context, "access.enrol") { tx in
            try SignInStore.enrol(account, sealed: bytes, tx)
        }
        guard isKept else {
            throw LinliError(
                .conflict,
                "signIn.enrolled",
                Text("这个账号刚在别处设好了第二步验证，请填那边的动态码", "A second factor was just set up elsewhere; use its code")
            )
        }
    }
}
