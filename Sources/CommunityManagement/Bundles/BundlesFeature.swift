import LinliCore
import LinliKernel

extension Feature {
    /// Evidence of one case 证据包: what was told, who did what and when, what was answered, photos by their hash, and
    /// the entries of the audit with what proves each of them; as a PDF for people and as a signed file for programs,
    /// which `linli verify` checks without this server.
    ///
    /// For who dispatches where the case lies, for complaints, reviews and courts. It stands on a case's page of the
    /// desk, and for programs at `/api/v1/cases/:id/evidence.pdf` and `….json`; every download is in the audit with its
    /// purpose.
    package static let bundles = Feature(
        id: "bundles",
        name: Text("证据包", "Evidence of a case"),
        routes: BundleRoutes.all + BundleAPI.all
    )
}
