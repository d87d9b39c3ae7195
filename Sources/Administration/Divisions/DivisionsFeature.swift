import LinliCore
import LinliKernel

extension Feature {
    /// Divisions and grids 区划网格: the tree of an administrator's own divisions; communities and grids are added,
    /// renamed, and ended with a successor. Codes made up here stay marked 示例代码.
    ///
    /// For administrators, each within the divisions of their own duty. Page: `/admin/divisions`; for
    /// programs `/api/v1/admin/divisions`.
    package static let divisions = Feature(
        id: "divisions",
        name: Text("区划网格", "Divisions"),
        routes: DivisionsRoutes.all + DivisionsAdminAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("区划网格", "Divisions"),
                icon: "tree",
                path: "/admin/divisions",
                permission: .divisionsManage
            )
        ]
    )
}
