import LinliCore
import LinliKernel

extension Feature {
    /// Labels and services 标签与服务: the book by which people get labels and services are suggested, looked at and
    /// published with a reason; everybody is worked out again by and by.
    ///
    /// For administrators of a whole street or wider; auditors read. Page: `/admin/labels`; for programs
    /// `/api/v1/admin/labels`.
    package static let labels = Feature(
        id: "labels",
        name: Text("标签与服务", "Labels and services"),
        routes: LabelsRoutes.all + LabelsAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("标签与服务", "Labels and services"),
                icon: "flag",
                path: "/admin/labels",
                permission: .registersRead
            )
        ]
    )
}
