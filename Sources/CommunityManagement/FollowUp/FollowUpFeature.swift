import LinliCore
import LinliKernel

extension Feature {
    /// 回访: who was asked how it went and has not answered, with a script to say on the phone and a form for what comes
    /// of the call.
    ///
    /// For the street's centre and the district; whoever did the work does not call. Pages: `/desk/follow-up`,
    /// `/desk/follow-up/:id`.
    package static let followUp = Feature(
        id: "followUp",
        name: Text("回访", "Follow-up"),
        routes: FollowUpRoutes.all,
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("回访", "Follow-up"),
                icon: "phone",
                path: "/desk/follow-up",
                permission: .casesFollowUp
            )
        ]
    )
}
