import LinliCore
import LinliKernel

extension Feature {
    /// Finding 查找: one box for people, dwellings, organizations, things, places and cases, each as far as the reader may
    /// see it.
    ///
    /// For all staff, from the box on top of every page of the desk. Pages: `/desk/find`; what is typed ahead comes from
    /// `/desk/find/ahead`; for programs there is `/api/v1/find`.
    package static let search = Feature(
        id: "search",
        name: Text("查找", "Finding"),
        routes: SearchRoutes.all + SearchAPI.all
    )
}
