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

/// A guess at the nature of a need from its words, for a form to offer and a person to change.
package struct NatureSuggestion: Sendable, Hashable {
    /// How much speaks for the guess.
    package enum Certainty: Int, Sendable, CaseIterable, Comparable {
        /// No word spoke for it: it is the category's usual nature or 求助.
        case guess
        /// Words spoke for it, and some for another nature.
        case likely
        /// The person named it, or several words spoke for it and none for another.
        case sure

        package static func < (left: Certainty, right: Certainty) -> Bool { left.rawValue < right.rawValue }
    }

    /// The most likely nature.
    package let nature: NeedNature
    /// How sure that is.
    package let certainty: Certainty

    /// Weighs the words of `text`; `usual` is what the chosen category suggests when the words say nothing.
    ///
    /// Every cue counts once; naming the nature (我要投诉) counts as much as three. When two are equal, the one that
    /// protects the speaker more comes first: 举报, 投诉, 求助, 咨询, 建议.
    package init(for text: String, usual: NeedNature = .assistance) {
        var weights = [Int](repeating: 0, count: NatureSuggestion.cues.count)
        for match in NatureSuggestion.index.matches(in: text) {
            for cue in match.values { weights[cue / 4] += cue % 4 }
        }
        let scores = zip(NatureSuggestion.cues, weights).map { ($0.nature, $1) }
        var best = (usual, 0)
        for score in scores where score.1 > best.1 { best = score }
        let others = scores.filter { $0.0 != best.0 }.map { $0.1 }.max() ?? 0
        nature = best.0
        if best.1 == 0 {
            certainty = .guess
        } else {
            certainty = best.1 - others >= 2 ? .sure : .likely
        }
    }

    /// The words that speak for a nature: those that name it weigh three, the others one.
    private struct Cues: Sendable {
        let nature: NeedNature
        let named: [String]
        let words: [String]
    }

    /// A value is four times the place in `cues` and the weight.
    private static let index = KeywordIndex(
        cues.enumerated().flatMap { [($0.offset * 4 + 3, $0.element.named), ($0.offset * 4 + 1, $0.element.words)] }
    )

    private static let cues: [Cues] = [
        Cues(
            nature: .tipOff,
            named: ["举报", "检举", "揭发"],
            words: ["违法", "违规", "无证", "无照", "私自", "私拉", "偷偷", "非法", "赌博", "假冒", "群租"]
        ),
        Cues(
            nature: .complaint,
            named: ["投诉", "控告"],
            words: [
                "态度", "不作为", "推诿", "推脱", "踢皮球", "没人管", "不管", "敷衍", "不满", "反映多次", "多次反映",
                "说了多少次", "一直不", "一直没", "乱收费", "扰民", "太吵", "不给解决", "不处理", "凭什么", "不合理",
            ]
        ),
        Cues(
            nature: .assistance,
            named: ["求助", "帮帮", "救命", "求救"],
            words: [
                "帮忙", "帮我", "请派", "派人", "来修", "修一下", "坏了", "漏水", "停水", "停电", "不亮", "不热", "被困",
                "没水", "没电", "急", "困难", "怎么办啊", "需要有人", "麻烦",
            ]
        ),
        Cues(
            nature: .consultation,
            named: ["咨询", "请问", "想问", "问一下"],
            words: [
                "怎么办理", "如何办", "怎么申请", "如何申请", "什么时候", "多少钱", "在哪", "哪里", "什么材料", "什么条件",
                "什么手续", "能不能", "可不可以", "可以吗", "是否", "几点", "政策", "？",
            ]
        ),
        Cues(
            nature: .suggestion,
            named: ["建议", "提议", "倡议"],
            words: ["希望能", "希望增", "能否增", "增设", "最好能", "不如", "改进", "多设", "要是能", "应该设", "应当设"]
        ),
    ]
}
