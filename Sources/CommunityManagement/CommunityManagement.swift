import Foundation
import LinliKernel

extension Feature {
    /// Community management 社区管理: the resident's home and needs, what neighbours see, the staff desk, follow-up and
    /// rates, evidence of cases, codes on walls; the grid worker's day, with and without a network; the registers of
    /// people, homes and things, what they say about oneself, who needs what, visits, forms from above, the map.
    package static let communityManagement: [Feature] = [
        .home, .needs, .publicCases, .desk, .whistles, .followUp, .rates, .clearing, .bundles, .exports, .orders,
        .wallCodes, .gridWork, .gridPeople, .gridMap, .registers, .registersAPI, .ownData, .search, .registerSheets,
        .care,
        .demandedForms, .visits, .patrols, .warnings, .workReports, .offlineWork, .casesAPI, .open311,
    ]
}

/// The definitions of cases this mode ships.
enum CaseTypeFiles {
    /// The YAML text of a definition; empty when the installation lacks it, which the loader refuses by name.
    static func text(_ id: String) -> String {
        let url = Bundle.module.url(forResource: "CaseTypes/\(id).casetype", withExtension: "yaml")
        // A missing file becomes an empty text: the loader says so in one place, at the start.
        return url.flatMap { try? String(contentsOf: $0, encoding: .utf8) } ?? ""
    }
}
