import Foundation
import LinliCore
import LinliKernel

/// A table of text, aligned so that it reads well on a terminal and is Markdown at the same time.
struct TextTable: Sendable {
    let header: [String]
    var rows: [[String]] = []

    var lines: [String] {
        let widths = header.indices.map { column in ([header] + rows).map { TextTable.width($0[column]) }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            "| "
                + zip(cells, widths).map { cell, width in
                    cell + String(repeating: " ", count: width - TextTable.width(cell))
                }.joined(separator: " | ") + " |"
        }
        let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
        return [line(header), rule] + rows.map(line)
    }

    /// Columns on a terminal: a Chinese character takes two.
    private static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ((0x2E80...0xFFDC).contains($1.value) ? 2 : 1) }
    }
}

/// A bar and whether it was cleared.
struct BenchBar: Sendable {
    let words: String
    let isMet: Bool

    /// Several bars as two cells: what was asked for, and whether it was.
    static func cells(_ bars: [BenchBar]) -> [String] {
        guard !bars.isEmpty else { return ["–", "–"] }
        return [
            bars.map(\.words).joined(separator: "; "), bars.map { $0.isMet ? "yes" : "no" }.joined(separator: "; "),
        ]
    }
}

/// What one run found, ready to print and to write down.
struct BenchReport: Sendable {
    /// `SQLite`, or `PostgreSQL, 1,000,000 cases`.
    let title: String
    private let introduction: String
    private var blocks: [[String]] = []

    init(_ title: String, _ settings: BenchSettings) {
        self.title = title
        let build = BenchSettings.isDebugBuild ? "DEBUG build: no figure here means anything" : "release build"
        let connections = settings.isPostgres ? ", \(settings.storeConnections) connections to PostgreSQL" : ""
        introduction =
            "\(WallClock.system.now.date), \(Machine.description); \(build); \(Int(settings.seconds)) s per item after "
            + "\(Int(settings.warmUpSeconds)) s of warm-up, \(settings.connections) connections\(connections)."
    }

    mutating func add(_ table: TextTable) { blocks.append(table.lines) }
    mutating func add(_ sentences: [String]) { blocks.append(sentences) }

    var text: String {
        let all = [["### \(title)"], [introduction]] + blocks
        return all.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    /// Puts the report in place of the one with the same title, between the marks of the file.
    ///
    /// - Throws: one sentence when the file or its marks are missing.
    func write(to path: String = "docs/PERFORMANCE.md") throws {
        let (begin, end) = ("<!-- bench:begin -->", "<!-- bench:end -->")
        guard let document = try? String(contentsOfFile: path, encoding: .utf8),
            let from = document.range(of: begin),
            let to = document.range(of: end, range: from.upperBound..<document.endIndex)
        else { throw Refusal("\(path) is not here, or has no lines \(begin) and \(end)") }
        let old = document[from.upperBound..<to.lowerBound]
        // What stands before the first heading is only the word that nothing was measured yet.
        var sections = old.components(separatedBy: "### ").dropFirst().map { "### " + $0.trimmed + "\n" }
        let heading = "### \(title)\n"
        if let index = sections.firstIndex(where: { $0.hasPrefix(heading) }) {
            sections[index] = text
        } else {
            sections.append(text)
        }
        let new = document[..<from.upperBound] + "\n" + sections.joined(separator: "\n") + document[to.lowerBound...]
        do {
            try String(new).write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw Refusal("\(path) cannot be written")
        }
        print("written into \(path)")
    }
}

/// The machine everything ran on.
enum Machine {
    /// Cores, processor, kernel.
    static var description: String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let memory = ProcessInfo.processInfo.physicalMemory >> 30
        return "\(cores) cores (\(processor)), \(memory) GiB, Linux \(read("/proc/sys/kernel/osrelease"))"
    }

    /// How many processes wanted to run in the last minute.
    static var load: String {
        read("/proc/loadavg").split(separator: " ").first.map(String.init) ?? "?"
    }

    private static var processor: String {
        let line = read("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { String($0).trimmed } ?? "unknown processor"
    }

    private static func read(_ path: String) -> String {
        // A system without it is described by less.
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmed ?? ""
    }
}

/// `3,123`.
func grouped(_ number: Double) -> String {
    let digits = String(Int(max(0, number.rounded())))
    return digits.count <= 3 ? digits : grouped(Double(digits.dropLast(3)) ?? 0) + "," + digits.suffix(3)
}

/// A number with so many decimals.
func decimal(_ number: Double, _ places: Int = 1) -> String {
    String(format: "%.\(places)f", number)
}
