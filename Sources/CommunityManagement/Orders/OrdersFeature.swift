import LinliCore
import LinliKernel

extension Feature {
    /// Orders of the city's hotline 12345: a sheet of them in, a case each with both clocks, one reply ready to be pasted
    /// back, what was asked there and ruled, and the official results beside our own.
    ///
    /// For dispatchers, who import and write rulings down, and for who handles such a case. Pages: `/desk/orders`,
    /// `/desk/orders/:id`, `/desk/orders/import/:kind`; API `/api/v1/orders`.
    package static let orders = Feature(
        id: "orders",
        name: Text("12345 工单", "12345 orders"),
        routes: OrdersRoutes.all + OrderRoutes.all + OrderImportRoutes.all + OrderResultsRoutes.all
            + OrdersAPI.routes,
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("12345 工单", "12345 orders"),
                icon: "phone",
                path: "/desk/orders",
                permission: .casesRead
            )
        ]
    )
}
