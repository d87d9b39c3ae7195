import LinliCore
import LinliKernel

extension Feature {
    /// One's own data 我的信息: which entry of the registers is mine, who has read it and what for, what I agreed to, and
    /// what I ask about it; for staff what waits for an answer.
    ///
    /// Pages: `/me/data`, `/me/data/readings`, `/me/data/export`, for staff `/registers/requests`; for programs
    /// `/api/v1/me/data…`, `/api/v1/data-requests…`.
    package static let ownData = Feature(
        id: "ownData",
        name: Text("我的信息", "My data"),
        routes: OwnDataRoutes.all + DataRequestRoutes.all + OwnDataAPI.all + DataRequestsAPI.all,
        menu: [
            MenuEntry(
                group: Text("社区", "Community"), Text("个人信息申请", "Data requests"), icon: "shield",
                path: "/registers/requests", permission: .peopleReveal)
        ],
        panels: [ConsentPanel.panel],
        ownData: OwnDataPart.ofAccount + OwnDataPart.ofEntry
    )
}
