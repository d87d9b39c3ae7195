import LinliCore
import LinliKernel

extension Feature {
    /// Rules of warnings 预警规则: what signals together warn, as a text that is drafted, tried on the last months and
    /// published with a reason.
    ///
    /// For administrators of a whole street or wider; auditors read. Page: `/admin/warnings`; for programs
    /// `/api/v1/admin/warnings`.
    package static let warningRules = Feature(
        id: "warningRules",
        name: Text("预警规则", "Rules of warnings"),
        routes: WarningRulesRoutes.all + WarningRulesAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("预警规则", "Rules of warnings"),
                icon: "flag",
                path: "/admin/warnings",
                permission: .registersRead
            )
        ]
    )
}
