/// A language a page can be rendered in.
package enum Language: String, Sendable, CaseIterable {
    /// Simplified Chinese, the first language of every text.
    case zh
    /// English, complete beside it.
    case en

    /// The value of the `lang` attribute.
    package var tag: String { self == .zh ? "zh-CN" : "en" }
}

/// A sentence for people in both languages, kept as a pair until its reader is known.
///
/// Values inside are plain text: whoever renders the pair escapes it for its medium.
package struct Text: Sendable, Hashable {
    /// The Chinese wording.
    package let zh: String
    /// The English wording.
    package let en: String

    /// A pair of wordings that say the same.
    package init(_ zh: String, _ en: String) {
        self.zh = zh
        self.en = en
    }

    /// Something that reads the same in every language: a name, a number, a code.
    package init(same text: String) {
        self.init(text, text)
    }

    /// The wording in `language`.
    package subscript(_ language: Language) -> String {
        language == .zh ? zh : en
    }

    /// Both texts one after the other, each in its language.
    package static func + (left: Text, right: Text) -> Text {
        Text(left.zh + right.zh, left.en + right.en)
    }
}
