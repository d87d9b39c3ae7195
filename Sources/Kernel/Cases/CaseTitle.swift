/// What lists show of a case: the beginning of its words.
enum CaseTitle {
    /// The first sentence of a text as it is kept, names and numbers lifted.
    static func of(_ text: String) -> String {
        // By scalars: comparing whole characters cost a twentieth of the creation.
        let words = text.unicodeScalars.drop(while: endsSentence)
        return cut(String(Substring(words.prefix { !endsSentence($0) })))
    }

    private static func endsSentence(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "。", "！", "？", "\r", "\n", "!", "?": true
        default: false
        }
    }

    /// The first 40 characters, fewer where they are made of many code points, as emoji are: the store counts those.
    private static func cut(_ line: String) -> String {
        var title = line.prefix(40)
        while title.unicodeScalars.count > 60 { title = title.dropLast() }
        return String(title)
    }
}
