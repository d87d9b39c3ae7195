import LinliCore
import LinliKernel

extension Feature {
    /// Plans of grids 网格方案: a community's grids drawn on a map as a draft, checked for overlaps and gaps, published
    /// to hold from a day on. Versions are kept; what lies in the grids follows on the day.
    ///
    /// Administrators change them within the divisions of their own duty, auditors read. Pages: `/admin/grid-plans`,
    /// `/admin/grid-plans/:id`; for programs `/api/v1/admin/grid-plans`.
    package static let gridPlans = Feature(
        id: "gridPlans",
        name: Text("网格方案", "Grid plans"),
        routes: GridPlansRoutes.all + GridPlansAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("画网格", "Draw grids"),
                icon: "edit",
                path: "/admin/grid-plans",
                permission: .registersRead
            )
        ]
    )
}
