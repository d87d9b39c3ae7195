import LinliCore
import LinliKernel

extension Feature {
    /// Accounts and duties 账号: who works here, what each may do over which division or in which unit, and until when.
    ///
    /// For administrators, each within the divisions of their own duty (GB/T 22239: least privilege, administration and
    /// audit in different hands). Pages: `/admin/accounts`, `/admin/accounts/new`, `/admin/accounts/:id`. For programs:
    /// `/api/v1/admin/accounts`, `/api/v1/admin/keys`, and for everybody their own tokens, `/api/v1/tokens`, and leaving
    /// everywhere at once.
    package static let accounts = Feature(
        id: "accounts",
        name: Text("账号", "Accounts"),
        routes: AccountsRoutes.all + AccountsAPI.all + TokensAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("账号", "Accounts"),
                icon: "user",
                path: "/admin/accounts",
                permission: .accountsManage
            )
        ]
    )
}
