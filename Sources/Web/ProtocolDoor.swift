import LinliKernel

/// Where a protocol of its own begins: what its routes say of failures holds for everything below, also for what no route
/// of it answers. Web knows of a protocol only that its routes declare how they refuse.
struct ProtocolDoor: Sendable {
    /// What the paths of its routes have in common before their first parameter.
    private let parts: [Substring]
    /// How failures are said there.
    let refuse: Route.Refusal
    /// Where programs come with a key no cookie counts, for what is not there neither.
    let access: Access

    /// The door of a route; nil for one that says failures as our own pages do.
    init?(_ route: Route) {
        guard let refuse = route.refuse else { return nil }
        parts = Array(route.path.split(separator: "/").prefix { !$0.hasPrefix(":") })
        guard !parts.isEmpty else { return nil }
        self.refuse = refuse
        access = route.access.isKeyed ? .key(isRequired: false) : .public
    }

    /// Whether a path lies behind it.
    func leads(to path: [Substring]) -> Bool { path.starts(with: parts) }
}
