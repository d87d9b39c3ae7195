import Foundation
import LinliKernel
import Subprocess

/// Reads the Chinese words in screenshots with Tesseract, in a child process with limits.
///
/// The program is optional: where it or its Chinese is not installed, nothing is read.
package struct TesseractReader: PictureReader {
    private let child = LimitedChild()
    private let program: String

    /// What was tried on drawn screenshots of chats at four sizes, as PNG and as the JPEG that is kept: one column of
    /// lines (6) read the most, and thresholds by neighbourhood also read white words in coloured bubbles.
    private static let options = [
        "-l", "chi_sim", "--psm", "6", "-c", "thresholding_method=2", "-c", "thresholding_kfactor=0.2",
    ]

    /// A reader that works on two pictures at once, with the program of this name.
    package init(program: String = "tesseract") {
        self.program = program
    }

    package func isReady() async -> Bool {
        // A program that cannot be started is one that is not there.
        let languages = try? await LimitedChild.run([program, "--list-langs"])
        guard let languages, languages.isDone else { return false }
        return languages.output.split(whereSeparator: \.isNewline).contains("chi_sim")
    }

    package func lines(of path: String) async -> [PictureLine]? {
        // Without words a screenshot is still a photo, whatever the program had against it.
        let ended = try? await child.alone {
            try await LimitedChild.run(
                [program, path, "-"] + TesseractReader.options + ["tsv"], environment: ["OMP_THREAD_LIMIT": "1"]
            )
        }
        guard let ended, ended.isDone else { return nil }
        return TesseractReader.lines(in: ended.output)
    }

    /// A word as the program's table has it.
    private struct Word {
        let line: [Substring]
        let left: Int
        let top: Int
        let width: Int
        let height: Int
        let sureness: Double
        let text: String
    }

    /// The lines of its table: level, page, block, paragraph, line, word, left, top, width, height, sureness, text.
    ///
    /// A face beside a message is read as a sign of its own size: what is far taller than the words of the picture is
    /// none, and neither is what the program is not half sure of.
    static func lines(in table: String) -> [PictureLine] {
        let words = table.split(whereSeparator: \.isNewline).compactMap { row -> Word? in
            let cells = row.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells.count == 12, cells[0] == "5", let left = Int(cells[6]), let top = Int(cells[7]),
                let width = Int(cells[8]), let height = Int(cells[9]), let sureness = Double(cells[10])
            else { return nil }
            let text = cells[11].filter { !$0.isWhitespace }
            guard !text.isEmpty else { return nil }
            return Word(
                line: Array(cells[1...4]), left: left, top: top, width: width, height: height, sureness: sureness,
                text: String(text)
            )
        }
        // The box of a last word may be as high as its line: some 1.65 times as high as a word.
        let tallest = middle(words.map(\.height)) * 9 / 5
        var lines: [[Word]] = []
        for word in words where word.height <= tallest || word.text.count > 3 {
            if lines.last?.last?.line == word.line {
                lines[lines.count - 1].append(word)
            } else {
                lines.append([word])
            }
        }
        return lines.compactMap(line)
    }

    private static func line(_ words: [Word]) -> PictureLine? {
        // What is unsure at an end is the rim of a bubble or a face; within, it may be a hard sign.
        let isUnsure: (Word) -> Bool = { $0.sureness < 20 }
        let begun = Array(words.drop(while: isUnsure))
        let kept = Array(begun.reversed().drop(while: isUnsure).reversed())
        let sureness = kept.reduce(0) { $0 + $1.sureness } / Double(max(kept.count, 1))
        guard let first = kept.first, sureness >= 50 else { return nil }
        let right = kept.map { $0.left + $0.width }.max() ?? first.left
        // Of single words the table often has the height of the whole line.
        return PictureLine(
            spaced(kept.map(\.text)), left: first.left, top: middle(kept.map(\.top)), width: right - first.left,
            height: middle(kept.map(\.height))
        )
    }

    private static func middle(_ numbers: [Int]) -> Int {
        let sorted = numbers.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    /// Chinese words stand without blanks between them; Latin ones do not.
    private static func spaced(_ words: [String]) -> String {
        words.reduce(into: "") { text, word in
            let isLatin = [text.last, word.first].allSatisfy { $0.map { $0.isASCII && $0.isLetter } ?? false }
            text += (isLatin ? " " : "") + word
        }
    }
}
