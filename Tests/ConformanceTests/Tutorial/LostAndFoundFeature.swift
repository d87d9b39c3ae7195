import LinliCore
import LinliKernel

extension Feature {
    /// Lost and found 失物招领: what people handed in to the committee, shown to everybody until its owner comes.
    ///
    /// For residents without an account, and for whoever registers needs in a community. Pages:
    /// `/lost-and-found/COMMUNITY` (the board), `/desk/lost-and-found`. - Source: 民法典 (2021), Art. 314–318
    package static let lostAndFound = Feature(
        id: "lostAndFound",
        name: Text("失物招领", "Lost and found"),
        routes: LostAndFoundRoutes.all,
        migrations: [.lostAndFound],
        menu: [
            MenuEntry(
                group: Text("社区", "Community"),
                Text("失物招领", "Lost and found"),
                icon: "box",
                path: "/desk/lost-and-found",
                permission: .casesReport
            )
        ]
    )
}
