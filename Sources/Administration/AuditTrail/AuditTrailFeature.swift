import LinliCore
import LinliKernel

extension Feature {
    /// The audit 审计, to be read: who did what to which thing, when and why, by subject, command and day, and how far it is
    /// sealed.
    ///
    /// For auditors (GB/T 22239: the audit in other hands than administration). An auditor of the whole deployment reads
    /// everything, one of a part what belongs to that part. Nothing here shows a value; each look leaves its own line. Page:
    /// `/admin/audit`; for programs `/api/v1/admin/audit`.
    package static let auditTrail = Feature(
        id: "auditTrail",
        name: Text("审计", "Audit"),
        routes: AuditTrailRoutes.all + AuditTrailAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("审计", "Audit"),
                icon: "shield",
                path: "/admin/audit",
                permission: .auditRead
            )
        ]
    )
}
