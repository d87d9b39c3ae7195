import LinliCore

/// What a person wants by telling something.
///
/// - Source: 北京市接诉即办工作条例 (2021), Art. 2
package enum NeedNature: String, Sendable, CaseIterable {
    /// 咨询: an answer.
    case consultation
    /// 求助: help.
    case assistance
    /// 投诉: redress against somebody who treated them badly.
    case complaint
    /// 举报: action against somebody who breaks the law.
    case tipOff
    /// 建议: something better.
    case suggestion

    /// What people call it.
    package var name: Text {
        switch self {
        case .consultation: Text("咨询", "question")
        case .assistance: Text("求助", "request for help")
        case .complaint: Text("投诉", "complaint")
        case .tipOff: Text("举报", "tip-off")
        case .suggestion: Text("建议", "suggestion")
        }
    }
}
