import LinliCore
import LinliKernel

extension Feature {
    /// Dispatch 派单管理: rules of a place that come before the question whose it is, tried on last month's cases before
    /// they hold, and the versioned catalogue of duties 派单目录.
    ///
    /// For the street's centre and the district's command centre, each over its own divisions. Pages: `/admin/dispatch`
    /// (rules), `/admin/duties` (catalogue); for programs `/api/v1/admin/dispatch/rules` and `/api/v1/admin/duties`.
    package static let dispatch = Feature(
        id: "dispatch",
        name: Text("派单管理", "Dispatch"),
        routes: DispatchRoutes.all + DutiesRoutes.all + DispatchAPI.all,
        menu: [
            MenuEntry(
                group: Text("派单", "Dispatch"),
                Text("派单规则", "Rules"),
                icon: "filter",
                path: "/admin/dispatch",
                permission: .dispatchManage
            ),
            MenuEntry(
                group: Text("派单", "Dispatch"),
                Text("派单目录", "Duties"),
                icon: "list",
                path: "/admin/duties",
                permission: .dispatchManage
            ),
        ]
    )
}
