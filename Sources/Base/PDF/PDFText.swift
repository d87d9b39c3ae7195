/// Texts as they can be set: nothing invisible, and broken into lines.
package enum PDFText {
    /// A text in which everything is seen: what turns the direction of writing, has no sign of its own or none that
    /// the library can set is written as its code, `[U+202E]`.
    package static func visible(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case _ where scalar == "\n": shown.unicodeScalars.append(scalar)
            case _ where scalar == "\t" || scalar == "\u{A0}": shown += " "
            case _ where scalar == "\r" || (0xFE00...0xFE0F).contains(scalar.value): break
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                shown += code(scalar)
            case _ where scalar.value > 0xFFFF: shown += code(scalar)
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    private static func code(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "[U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
    }

    /// The lines of a text that are at most `width` wide; `measure` says how wide a character is.
    ///
    /// Chinese breaks anywhere but before a closing mark and behind an opening one, Latin words at their spaces, and a
    /// word that is wider than a line wherever it must.
    package static func lines(
        _ text: String, width: Float, measure: (Unicode.Scalar) -> Float
    ) -> [String] {
        visible(text).split(separator: "\n", omittingEmptySubsequences: false).flatMap {
            broken(Array($0.unicodeScalars), width, measure)
        }
    }

    private static func broken(
        _ scalars: [Unicode.Scalar], _ width: Float, _ measure: (Unicode.Scalar) -> Float
    ) -> [String] {
        var lines: [String] = []
        var start = 0
        var chance: Int?
        var used: Float = 0
        var index = 0
        while index < scalars.count {
            used += measure(scalars[index])
            if used > width, index > start {
                let cut = chance ?? index
                lines.append(line(scalars[start..<cut]))
                start = cut
                while start < scalars.count, scalars[start] == " " { start += 1 }
                index = start
                used = 0
                chance = nil
                continue
            }
            if index + 1 < scalars.count, mayBreak(scalars[index], scalars[index + 1]) { chance = index + 1 }
            index += 1
        }
        if start < scalars.count || lines.isEmpty { lines.append(line(scalars[start...])) }
        return lines
    }

    private static func line(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        let end = scalars.lastIndex { $0 != " " }.map { $0 + 1 } ?? scalars.startIndex
        var line = String.UnicodeScalarView()
        line.append(contentsOf: scalars[scalars.startIndex..<end])
        return String(line)
    }

    private static func mayBreak(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        if closing.contains(right) || opening.contains(left) { return false }
        return left == " " || left.value >= 0x2E80 || right.value >= 0x2E80
    }

    private static let closing = Set("，。、；：？！）》」』】”’…—,.;:?!)]}%".unicodeScalars)
    private static let opening = Set("（《「『【“‘([{".unicodeScalars)
}
