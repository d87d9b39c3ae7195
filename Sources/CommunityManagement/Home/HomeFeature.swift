import LinliCore
import LinliKernel

extension Feature {
    /// The first page of residents: tell a need, call the committee or the property company, see how one's own cases
    /// stand and who the grid worker is.
    ///
    /// For everybody, signed in or not; elders get their own page with few large things. Pages: `/`.
    package static let home = Feature(id: "home", name: Text("居民首页", "Resident's home"), routes: HomeRoutes.all)
}
