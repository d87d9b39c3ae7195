import LinliCore
import LinliKernel

extension Feature {
    /// Reports of work 工作报表: visits, rounds, hazards, warnings, services and the time demanded forms took, by week, month
    /// or quarter and by place, counted out of the work itself when somebody looks.
    ///
    /// For who may see counts; the lines behind them, with addresses, go out for a purpose that the audit keeps. Page:
    /// `/desk/reports`; for programs `/api/v1/work-reports`.
    package static let workReports = Feature(
        id: "workReports",
        name: Text("工作报表", "Reports of work"),
        routes: WorkReportRoutes.all + WorkReportsAPI.all,
        migrations: [.workReports],
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("工作报表", "Reports of work"),
                icon: "chart",
                path: "/desk/reports",
                permission: .labelsCounts
            )
        ]
    )
}
