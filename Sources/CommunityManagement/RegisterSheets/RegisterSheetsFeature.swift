import LinliCore
import LinliKernel

extension Feature {
    /// Sheets of the registers 台账表格: a whole sheet in, looked at row by row before, taken back as a whole; and out
    /// again, for a purpose.
    ///
    /// For community heads. Pages: `/desk/sheets` (imports so far, and a new one), `/desk/sheets/:draft` (what a sheet
    /// would do), `/desk/sheets/imports/:id` (how far it is), `/desk/sheets/export`.
    package static let registerSheets = Feature(
        id: "registerSheets",
        name: Text("台账导入导出", "Register sheets"),
        routes: RegisterSheetsRoutes.all + RegisterExportRoutes.all + RegisterSheetsAPI.all,
        menu: [
            MenuEntry(
                group: Text("社区", "Community"),
                Text("台账导入导出", "Import and export"),
                icon: "upload",
                path: "/desk/sheets",
                permission: .peopleImport
            )
        ]
    )
}
