import LinliCore
import Yams

/// What is alike in every text of YAML that administrators write: where something stands, names, texts in both languages.
extension Node {
    /// The line it begins at, from 1; 0 when it has none.
    var line: Int { mark?.line ?? 0 }

    /// What stands under each of its keys, in the order of the text; nil when it is no mapping.
    var entries: [(String, Node)]? {
        self.mapping?.compactMap { pair in pair.key.string.map { ($0, pair.value) } }
    }

    /// Its `zh`, of at most `limit` characters, and its `en`, of twice as many; nil when one is missing or longer.
    func text(upTo limit: Int) -> Text? {
        guard let zh = self["zh"]?.string, let en = self["en"]?.string, !zh.isEmpty, !en.isEmpty, zh.count <= limit,
            en.count <= 2 * limit
        else { return nil }
        return Text(zh, en)
    }
}

extension YamlError {
    /// The line where reading stopped, from 1; 0 when it has none.
    var line: Int {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: 0
        }
    }

    /// What is wrong, in words.
    var words: Text {
        guard case .duplicatedKeysInMapping(let keys, _) = self else {
            return Text("不是 YAML：\(self)", "not YAML: \(self)")
        }
        return Text("同一处写了两遍：\(keys.joined(separator: "、"))", "written twice: \(keys.joined(separator: ", "))")
    }
}

extension String {
    /// Whether it may name something in such a text: letters and digits, at most `limit`.
    func isName(upTo limit: Int) -> Bool {
        !isEmpty && count <= limit && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
}
