import LinliCore
import LinliKernel

extension Feature {
    /// The staff desk 工作台: one list of everything that waits, what will be late first, with a case's page, its steps
    /// and the registering of what somebody says on the phone or at the counter.
    ///
    /// For everyone who reads cases: grid workers, community and street staff, handling units, the district. Pages:
    /// `/desk` (list with details beside it), `/desk/cases/:id`, `/desk/new`, `/desk/search`; for who is on duty
    /// `/desk/alerts`, `/desk/handover`, `/desk/supervised`; for the district `/desk/copies`. For programs `/api/v1/case-counts`;
    /// the rest is the cases API.
    package static let desk = Feature(
        id: "desk",
        name: Text("工作台", "Desk"),
        routes: DeskRoutes.all + DeskVoicesRoutes.all + DeskCallerRoutes.all + DeskPasteRoutes.all + DeskCaseRoutes.all
            + DeskWorkRoutes.all + DeskIntakeRoutes.all + DeskAlertRoutes.all + DeskSupervisionRoutes.all
            + DeskHandoverRoutes.all + DeskAssignRoutes.all + DeskTemplateRoutes.all + DeskViewRoutes.all
            + DeskBulkRoutes.all + DeskCopiesRoutes.all + DeskPlaceRoutes.all,
        migrations: [.handovers, .deskTools],
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("工单", "Cases"),
                icon: "desk",
                path: "/desk",
                permission: .casesRead
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("登记诉求", "Register a need"),
                icon: "plus",
                path: "/desk/new",
                permission: .casesReport
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("来电、来访", "Callers"),
                icon: "phone",
                path: "/desk/caller",
                permission: .casesReport
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("群里粘贴", "From a chat group"),
                icon: "copy",
                path: "/desk/paste",
                permission: .casesReport
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("提醒", "Alerts"),
                icon: "bell",
                path: "/desk/alerts",
                permission: .casesRead
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("交接班", "Hand over"),
                icon: "refresh",
                path: "/desk/handover",
                permission: .casesRead
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("督办", "Supervision"),
                icon: "flag",
                path: "/desk/supervised",
                permission: .casesRead
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("抄送", "Copies"),
                icon: "copy",
                path: "/desk/copies",
                permission: .casesSupervise
            ),
            MenuEntry(
                group: Text("工作", "Work"),
                Text("答复模板", "Answers"),
                icon: "message",
                path: "/desk/templates",
                permission: .casesHandle
            ),
        ],
        offline: [.handover]
    )
}
