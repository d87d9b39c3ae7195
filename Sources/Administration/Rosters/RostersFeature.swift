import LinliCore
import LinliKernel

extension Feature {
    /// Rosters 值班表: who of a unit is on duty when, week by week; residents see the name, and urgent cases find it.
    ///
    /// Administrators change them within the divisions of their own duty, auditors read. Pages: `/admin/rosters`,
    /// `/admin/rosters/:unit`; for programs `/api/v1/admin/rosters`.
    package static let rosters = Feature(
        id: "rosters",
        name: Text("值班", "Rosters"),
        routes: RostersRoutes.all + RostersAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("值班", "Rosters"),
                icon: "clock",
                path: "/admin/rosters",
                permission: .registersRead
            )
        ]
    )
}
