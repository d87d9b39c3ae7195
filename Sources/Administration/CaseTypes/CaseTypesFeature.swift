import LinliCore
import LinliKernel

extension Feature {
    /// Case types 工单类型: their graph drawn, a draft of the next version tried on last month's cases, published with a
    /// reason; running cases keep theirs.
    ///
    /// For administrators of a street or wider. Pages: `/admin/case-types` (list), `/admin/case-types/…` (one type).
    package static let caseTypes = Feature(
        id: "caseTypes",
        name: Text("工单类型", "Case types"),
        routes: CaseTypesRoutes.all + CaseTypesAPI.all,
        menu: [
            MenuEntry(
                group: Text("派单", "Dispatch"),
                Text("工单类型", "Case types"),
                icon: "tree",
                path: "/admin/case-types",
                permission: .caseTypesManage
            )
        ]
    )
}
