/// Finds telephone numbers and citizen ID numbers in what people write, so that they can be kept encrypted and shown
/// masked in place.
///
/// When in doubt it finds: a number wrongly lifted can be revealed again, one overlooked is public. It reads spaces,
/// dashes, full-width digits, +86, mobile numbers parted by dots (138.0013.8000), 15-digit ID numbers and ID numbers with
/// one digit mistyped. It does not read digits written as 一三八. Time is linear in the length of the text.
package enum PersonalNumbers {
    /// What a number is.
    package enum Kind: String, Sendable, CaseIterable {
        /// A mobile number.
        case mobile
        /// A landline with its area code, or without it right after the word 电话 or 座机.
        case landline
        /// A citizen ID number.
        case citizenID
    }

    /// A number and where it stands. `description` is the mask.
    package struct Found: Sendable, Hashable, CustomStringConvertible {
        /// What it is.
        package let kind: Kind
        /// Its place in the text, with the +86 before it and the spaces inside.
        package let range: Range<String.Index>
        /// Digits as `PhoneNumber.number` and `CitizenID.number` have them; 15-digit ID numbers upgraded.
        package let value: String
        /// What may be shown.
        package let masked: String

        package var description: String { kind.rawValue + " " + masked }
    }

    /// Every number in `text`, in order, without overlap.
    package static func find(in text: String) -> [Found] {
        guard text.unicodeScalars.contains(where: { digitValue($0) != nil }) else { return [] }
        let scan = DigitRuns(text)
        var found: [Found] = []
        var index = 0
        while index < scan.runs.count {
            if let (match, next) = PersonalNumberMatcher(scan: scan, first: index).match() {
                found.append(match)
                index = next
            } else {
                index += 1
            }
        }
        return found
    }

    /// `text` with `replacement` in the place of every number.
    package static func replacing(in text: String, with replacement: (Found) -> String) -> String {
        var output = String.UnicodeScalarView()
        var written = text.startIndex
        for found in find(in: text) {
            output.append(contentsOf: text.unicodeScalars[written..<found.range.lowerBound])
            output.append(contentsOf: replacement(found).unicodeScalars)
            written = found.range.upperBound
        }
        output.append(contentsOf: text.unicodeScalars[written...])
        return String(output)
    }
}

/// The runs of digits of a text and what stands between them.
struct DigitRuns {
    /// What parts a run from the one before.
    enum Gap {
        /// Anything else: the runs have nothing to do with each other.
        case apart
        /// Spaces or dashes.
        case light
        /// A bracket among them, as after an area code.
        case bracket
        /// One dot and nothing else.
        case dot
    }

    struct Run {
        var start: String.Index
        var end: String.Index
        /// Its place in `digits`.
        var digits: Range<Int>
        var gap: Gap
    }

    let text: String
    private(set) var runs: [Run] = []
    /// The digits of all runs in ASCII, one after the other.
    private(set) var digits: [UInt8] = []

    init(_ text: String) {
        self.text = text
        var gap = Gap.apart
        var gapLength = 0
        var isInside = false
        let scalars = text.unicodeScalars
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let next = scalars.index(after: index)
            if let digit = digitValue(scalar) {
                if !isInside {
                    runs.append(Run(start: index, end: next, digits: digits.count..<digits.count, gap: gap))
                    isInside = true
                }
                digits.append(digit + 0x30)
                runs[runs.count - 1].end = next
                runs[runs.count - 1].digits = runs[runs.count - 1].digits.lowerBound..<digits.count
            } else {
                if isInside { (gap, gapLength, isInside) = (.light, 0, false) }
                gapLength += 1
                gap = DigitRuns.widened(gap, by: narrowed(scalar), length: gapLength)
            }
            index = next
        }
    }

    /// At most four characters may stand between the groups of one number.
    private static func widened(_ gap: Gap, by scalar: Unicode.Scalar, length: Int) -> Gap {
        if length == 1, scalar == "." || scalar == "·" { return .dot }
        guard gap != .apart, gap != .dot, length <= 4 else { return .apart }
        if scalar == "(" || scalar == ")" { return .bracket }
        return scalar == " " || isDash(scalar) || isInvisible(scalar) ? gap : .apart
    }

    func before(_ index: String.Index) -> Unicode.Scalar? {
        index > text.startIndex ? narrowed(text.unicodeScalars[text.unicodeScalars.index(before: index)]) : nil
    }

    func after(_ index: String.Index) -> Unicode.Scalar? {
        index < text.endIndex ? narrowed(text.unicodeScalars[index]) : nil
    }
}
