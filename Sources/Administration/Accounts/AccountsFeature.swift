import LinliCore
import LinliKernel

extension Feature {
    /// Accounts and duties 账号: who works here, what each may do over which division or in which unit, and until when.
    ///
    /// For administrators, each within the divisions of their own duty (GB/T 22239: least privilege, administration and
    /// audit in different hands). Pages: `/admin/accounts`, `/admin/accounts/new`, `/admin/accounts/:id`.
    package static let accounts = Feature(
        id: "accounts",
        name: Text("账号", "Accounts"),
        routes: AccountsRoutes.all,
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
