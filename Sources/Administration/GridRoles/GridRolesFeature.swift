import LinliCore
import LinliKernel

extension Feature {
    /// Who does what in a grid 网格岗位: head, workers, building stewards and volunteers with from when to when. Workers hold
    /// a duty of an account and are appointed there; residents see who walks their grid and the duty phone, not more.
    ///
    /// Administrators change it within the divisions of their own duty and heads of communities in theirs; who works there
    /// and auditors read. Page: `/admin/grid-roles/:code`.
    package static let gridRoles = Feature(
        id: "gridRoles",
        name: Text("网格岗位", "People of grids"),
        routes: [
            .get("/admin/grid-roles/:code", access: .permission(.gridPeopleRead), GridRolesRoutes.show),
            .post(
                "/admin/grid-roles/:code/add", access: .permission(.gridPeopleManage), GridRolesRoutes.add),
            .post(
                "/admin/grid-roles/:code/end", access: .permission(.gridPeopleManage), GridRolesRoutes.end),
        ]
    )
}
