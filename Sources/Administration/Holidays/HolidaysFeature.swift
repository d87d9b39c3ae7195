import LinliCore
import LinliKernel

extension Feature {
    /// Holidays 节假日: the holidays and make-up days of a year, typed in from the State Council's yearly notice, looked
    /// at and stored; clocks on every node go by them within two seconds.
    ///
    /// For administrators of a whole street or wider, because every clock of the deployment goes by them; auditors
    /// read. Page: `/admin/holidays`; for programs `/api/v1/admin/holidays/:year`.
    package static let holidays = Feature(
        id: "holidays",
        name: Text("节假日", "Holidays"),
        routes: HolidaysRoutes.all + HolidaysAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("节假日", "Holidays"),
                icon: "calendar",
                path: "/admin/holidays",
                permission: .registersRead
            )
        ]
    )
}
