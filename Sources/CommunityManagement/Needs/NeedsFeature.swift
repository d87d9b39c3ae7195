import LinliCore
import LinliKernel

extension Feature {
    /// Needs as residents meet them: telling one with a photo and a place, with or without an account, following it by
    /// account or secret receipt, answering whether it was solved, and joining what others told already.
    ///
    /// For everybody. Pages: `/report`, `/join/…`, `/r/…` (receipt), `/cases/…`, `/mine`, `/find`. Who reports is protected as
    /// docs say: see `NeedForm.disclosure` and the kernel's `Standing`.
    package static let needs = Feature(
        id: "needs",
        name: Text("反映问题", "Needs"),
        routes: ReportRoutes.all + JoinRoutes.all + NeedCaseRoutes.all + MyNeedsRoutes.all,
        caseTypes: ["need", "repair", "gridEvent", "task"].map(CaseTypeFiles.text)
    )
}
