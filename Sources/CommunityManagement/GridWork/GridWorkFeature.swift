import LinliCore
import LinliKernel

extension Feature {
    /// The grid worker's phone 网格员移动页: what is to be done in one's grids today, and telling a case from where one
    /// stands, also without a network and settled on the spot.
    ///
    /// For grid workers and others who handle cases on foot. Pages: `/grid` (today), `/grid/report` and
    /// `/grid/roster` (one's own duty); for programs `/api/v1/roster`.
    package static let gridWork = Feature(
        id: "gridWork",
        name: Text("网格工作", "Grid work"),
        routes: GridWorkRoutes.all + GridRoster.all,
        offline: [.gridCases]
    )
}
