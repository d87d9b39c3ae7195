import Foundation
import LinliCore
import LinliStandards
import Testing

@testable import CommunityManagement

/// The options of categories are drawn once and kept: another catalogue, a choice or an opening is never served the old ones.
@Suite("类别下拉框")
struct CategoryOptionsTests {
    @Test("画一次留着用；选了哪项标哪项；换一份目录就是另一份") func drawnOnce() throws {
        let shared = try EventCatalogue.shared()
        let plain = CategoryOptions(catalogue: shared, selected: nil).html.string(.zh)
        #expect(plain.components(separatedBy: "<option").count - 1 == shared.all.count { !$0.isMajor })
        #expect(!plain.contains("selected"))
        for code in ["R0104", "C0118"] {
            let chosen = CategoryOptions(catalogue: shared, selected: code).html.string(.zh)
            #expect(chosen.contains("<option value=\"\(code)\" selected>"))
            #expect(chosen.replacing(" selected", with: "") == plain, "only one thing differs")
        }
        #expect(CategoryOptions(catalogue: shared, selected: "none").html.string(.zh) == plain)
        let other = try EventCatalogue(
            table: """
                R01 | 甲类 | First kind | commonParts | assistance | D7 | no |
                R0101 | 甲一 | First one | - | - | - | - | 甲一的事
                """)
        let drawn = CategoryOptions(catalogue: other, selected: nil).html.string(.zh)
        #expect(drawn.contains("甲一") && !drawn.contains("R0104"))
        #expect(CategoryOptions(catalogue: shared, selected: nil).html.string(.zh) == plain)
    }
}
