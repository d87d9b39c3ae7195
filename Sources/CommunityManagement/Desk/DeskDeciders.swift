import LinliCore
import LinliKernel
import LinliUI

/// Who may do what a case waits for, where its reader may not: otherwise one only sees that there is no button.
extension DeskCase {
    /// A line with their names; nothing where the reader may, or where it waits for neither a ruling nor a review.
    var deciders: HTML {
        let names = view.deciders
        let who = Text(names.joined(separator: "、"), names.joined(separator: ", "))
        let words: Text
        switch view.state.owner {
        case .reviewer where !view.standing.isReviewer:
            words =
                names.isEmpty
                ? Text("复核要由没有经手的人办，现在没有人可以复核，请告诉上一级", "Nobody here may review it: please tell the level above")
                : Text("复核要由没有经手的人办：\(who.zh)", "Only who had no hand in it reviews: \(who.en)")
        case .arbiter where !view.standing.isArbiter:
            words =
                names.isEmpty
                ? Text("现在没有人可以裁定，请告诉上一级", "Nobody here may rule: please tell the level above")
                : Text("由谁办，由他们裁定：\(who.zh)", "They decide whose it is: \(who.en)")
        default: return .empty
        }
        return "<p class=\"note pad\">\(words)</p>"
    }
}
