import LinliCore
import LinliKernel

extension Feature {
    /// Taking a list of cases away 导出: what the desk's list shows with its filter, as a spreadsheet or CSV, for a purpose
    /// that the audit keeps and the sheet says at its top.
    ///
    /// For who dispatches. Never with who told a case, and numbers in texts stay masked. Page: `/desk/export`, from the
    /// desk's list; for programs `/api/v1/exports/cases`, `….xlsx`.
    package static let exports = Feature(
        id: "exports",
        name: Text("导出工单", "Export of cases"),
        routes: ExportRoutes.all
    )
}
