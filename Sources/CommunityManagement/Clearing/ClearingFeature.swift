import LinliCore
import LinliKernel

extension Feature {
    /// Clearing 公开审核: staff read what somebody told, take out what neighbours need not know, choose the photos, and only
    /// then the case is public.
    ///
    /// For community heads and dispatchers. Pages: `/desk/publication` (what waits), and the card on a case's page of the
    /// desk.
    package static let clearing = Feature(
        id: "clearing",
        name: Text("公开审核", "Clearing"),
        routes: ClearingRoutes.all,
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("公开审核", "Clearing"),
                icon: "globe",
                path: "/desk/publication",
                permission: .casesPublish
            )
        ]
    )
}
