import LinliCore
import LinliKernel

extension Feature {
    /// Signing in 登录: phone with a one-time code or a password, a second factor for staff once per device, one's own
    /// account and how pages look.
    ///
    /// For everybody with an account; telling a need does not take one. Pages: `/sign-in`, `/sign-in/second`,
    /// `/setup/:token`, `/me`. For programs: `/api/v1/me/messages`.
    package static let signIn = Feature(
        id: "signIn",
        name: Text("登录", "Sign in"),
        routes: SignInRoutes.all + SetupRoutes.all + MeRoutes.all + MeAPI.all
    )
}
