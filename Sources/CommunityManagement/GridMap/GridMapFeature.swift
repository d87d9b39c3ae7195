import LinliCore
import LinliKernel

extension Feature {
    /// The map of grids 网格地图: every grid of a district in one picture, coloured by what is open and overdue, with people
    /// and things as counts, cases and buildings as points near by.
    ///
    /// For whoever sees cases of a division, within it; counts of people for who may read the register. Page: `/desk/map`;
    /// for programs `/api/v1/map/…`.
    package static let gridMap = Feature(
        id: "gridMap",
        name: Text("网格地图", "Map of grids"),
        routes: GridMapRoutes.all + GridMapAPI.all,
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("地图", "Map"),
                icon: "map",
                path: "/desk/map",
                permission: .casesRead
            )
        ]
    )
}
