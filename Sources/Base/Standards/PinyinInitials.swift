import LinliCore

/// The first letters of how Chinese characters are read, so that `wf` finds 王芳.
///
/// A character with several readings has several letters: 单 is read dan and, as a surname, shan.
/// - Source: Unicode Han Database 15.0, see `Data/initials.txt`
package struct PinyinInitials: Sendable {
    /// Letters as bits, the lowest is `a`, by character.
    private let letters: [Unicode.Scalar: UInt32]

    /// The table this version came with, read once.
    ///
    /// - Throws: when the installation lacks the file or it does not fit.
    package static func shared() throws -> PinyinInitials { try bundled.get() }

    private static let bundled = Result { try PinyinInitials(table: standardData("initials")) }

    init(table text: String) throws {
        var letters: [Unicode.Scalar: UInt32] = [:]
        var problems: [TableInvalid.Problem] = []
        for row in TableRow.rows(of: text) {
            guard row.cells.count == 2, let letter = row.cells[0].utf8.first, row.cells[0].utf8.count == 1,
                (0x61...0x7A).contains(letter)
            else {
                problems.append(.init(row.line, Text("要写成“首字母 | 字”", "must be `letter | characters`")))
                continue
            }
            for scalar in row.cells[1].unicodeScalars { letters[scalar, default: 0] |= 1 << UInt32(letter - 0x61) }
        }
        guard problems.isEmpty else { throw TableInvalid(problems: problems) }
        self.letters = letters
    }

    /// The letters a character may begin with, in the order of the alphabet; none for what is no Chinese character.
    package func letters(of character: Unicode.Scalar) -> [UInt8] {
        guard let bits = letters[character] else { return [] }
        return (0..<26).filter { bits & (1 << $0) != 0 }.map { 0x61 + UInt8($0) }
    }

    /// What somebody may type for a text: `wf` for 王芳, `dxf` and `sxf` for 单雄飞, at most `limit` of them. Letters and
    /// digits in it stand for themselves; what has no reading is passed over.
    package func variants(of text: String, limit: Int = 4) -> [String] {
        var variants: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            var choices = letters(of: scalar)
            if choices.isEmpty {
                guard scalar.isASCII, scalar.properties.isAlphabetic || digitValue(scalar) != nil else { continue }
                choices = Array(scalar.properties.lowercaseMapping.utf8)
            }
            let longer = variants.flatMap { variant in choices.map { variant + [$0] } }
            variants = Array(longer.prefix(limit))
        }
        return variants.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
    }
}
