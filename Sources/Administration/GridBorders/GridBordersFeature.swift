import LinliCore
import LinliKernel

extension Feature {
    /// Borders of grids 网格边界: drawn elsewhere, brought as GeoJSON, looked at and checked for overlaps and gaps before
    /// they hold. From then on a point on the map finds its grid.
    ///
    /// Administrators change them within the divisions of their own duty, auditors read. Page: `/admin/grids`;
    /// for programs `/api/v1/admin/grids` and `/api/v1/admin/grid-trial`.
    package static let gridBorders = Feature(
        id: "gridBorders",
        name: Text("网格边界", "Grid borders"),
        routes: GridBordersRoutes.all + GridBordersAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("网格边界", "Grid borders"),
                icon: "map",
                path: "/admin/grids",
                permission: .registersRead
            )
        ]
    )
}
