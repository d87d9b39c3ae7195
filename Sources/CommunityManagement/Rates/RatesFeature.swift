import LinliCore
import LinliKernel

extension Feature {
    /// 响应率、解决率、满意率: how the work was judged by who asked, by month, place, unit and kind, with every number's
    /// denominator and the cases behind it.
    ///
    /// For everyone who reads cases, in their own scope; the public page shows divisions and finished months. Pages:
    /// `/desk/rates`, `/desk/rates/heat`, `/desk/rates/cases`, `/rates`; API `/api/v1/rates…`.
    package static let rates = Feature(
        id: "rates",
        name: Text("三率", "Three rates"),
        routes: RatesRoutes.all + RatesListsAPI.all,
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("三率", "Three rates"),
                icon: "chart",
                path: "/desk/rates",
                permission: .casesRead
            )
        ]
    )
}
