import LinliCore
import LinliKernel

extension Feature {
    /// The registers 人、房、户、组织、部件: who and what is in a grid, where, in which state and since when; entered,
    /// corrected, moved, ended, joined; closely kept fields read for a purpose.
    ///
    /// For grid workers and community staff within their divisions. Pages: `/registers`, `/registers/places/:place`,
    /// `/registers/:kind/:id`.
    package static let registers = Feature(
        id: "registers",
        name: Text("人房台账", "Registers"),
        routes: RegistersRoutes.all + RegisterPlaceRoutes.all + RegisterItemRoutes.all,
        menu: [
            MenuEntry(
                group: Text("社区", "Community"), Text("人房台账", "People and homes"), icon: "people",
                path: "/registers", permission: .peopleRead)
        ],
        panels: [.casesAround, .thingsAround],
        placePanels: [.casesAround, .thingsInside]
    )
}
