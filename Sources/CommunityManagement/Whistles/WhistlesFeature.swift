import LinliCore
import LinliKernel

extension Feature {
    /// 吹哨报到: the community calls the street's offices to the spot, the street the district's departments; who comes
    /// signs in, what was agreed becomes tasks with their own clocks, who does not come is taken under supervision, and
    /// whoever whistled scores the units.
    ///
    /// For the community's and the street's own people, and for the units they call. Pages: `/desk/whistles`,
    /// `/desk/whistles/:id`, `/desk/whistles/units`, and from a case `/desk/cases/:id/whistle`; API
    /// `/api/v1/whistles`.
    package static let whistles = Feature(
        id: "whistles",
        name: Text("吹哨报到", "Whistles"),
        routes: WhistleRoutes.all + WhistleStepRoutes.all + WhistleAPI.routes,
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("吹哨", "Whistles"),
                icon: "speaker",
                path: "/desk/whistles",
                permission: .casesRead
            )
        ]
    )
}

/// The addresses of whistles.
enum WhistlePath {
    static let list = "/desk/whistles"
    static let units = "/desk/whistles/units"
    static func page(_ id: ID<Whistle>) -> String { "\(list)/\(id)" }
    static func new(_ id: ID<Case>) -> String { "\(CasePath.desk(id))/whistle" }
}
