import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What only the words of a case say, marked until somebody confirms or corrects it.
struct DeskConfirm {
    let page: DeskCase

    /// The mark in lists and on the case's page.
    static func mark(_ doubt: CaseDoubt) -> HTML {
        let what: Text =
            switch doubt {
            case [.category]: Text("类别待确认", "Kind unconfirmed")
            case [.nature]: Text("性质待确认", "Nature unconfirmed")
            default: Text("性质、类别待确认", "Nature and kind unconfirmed")
            }
        return tag(what, .warn)
    }

    /// The question with its answer in one tap; the correction stands beside it.
    var html: HTML {
        let item = page.view.item
        guard !item.doubt.isEmpty, page.view.standing.isDispatcher || page.view.standing.isHandler else {
            return .empty
        }
        let forms = DeskForms(page: page)
        return """
            <form class="pad row" method="post" action="\(forms.base)/confirm-kind">\(forms.hidden)\
            <span class="hint">\(Text(
                "“\(item.nature.name.zh)、\(DeskWords.category(item.category, page.catalogue).zh)”是按内容推断的，把握不够。",
                "“\(item.nature.name.en), \(DeskWords.category(item.category, page.catalogue).en)” was guessed from the words."
            ))</span>\
            <button class="btn weak sm">\(icon("done", small: true))\(Text("对，就是这类", "Yes, that is right"))</button>\
            </form>
            """
    }
}

extension CaseFilter.Tab {
    /// Whether counting it stops at `DeskStore.countLimit`.
    var isCut: Bool { [.soon, .late, .unconfirmed].contains(self) }
}
