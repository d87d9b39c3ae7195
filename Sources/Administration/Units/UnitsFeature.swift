import LinliCore
import LinliKernel

extension Feature {
    /// Units 单位: the organizations that act in cases, whom to call there, which divisions a utility serves, and closing
    /// one that is no more.
    ///
    /// Administrators change them within the divisions of their own duty, auditors read. Pages: `/admin/units`,
    /// `/admin/units/new`, `/admin/units/:id`; for programs `/api/v1/admin/units`.
    package static let units = Feature(
        id: "units",
        name: Text("单位", "Units"),
        routes: UnitsRoutes.all + UnitsAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("单位", "Units"),
                icon: "building",
                path: "/admin/units",
                permission: .registersRead
            )
        ]
    )
}
