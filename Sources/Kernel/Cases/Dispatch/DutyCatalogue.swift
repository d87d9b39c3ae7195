import Foundation
import LinliCore
import LinliStandards

/// The catalogue of duties 派单目录: per category who leads, who helps, and whether a community may be asked at all.
package struct DutyCatalogue: Sendable {
    /// What a community may be asked.
    package enum Community: String, Sendable, CaseIterable {
        /// It may lead.
        case yes
        /// It may do a part.
        case help
        /// It may not be asked 社区工作准入.
        case no
    }

    /// What the catalogue says of a category.
    package struct Entry: Sendable, Equatable {
        /// A major or minor class.
        package let category: String
        /// Kinds of units that lead, the first that is found.
        package let leads: [UnitKind]
        /// Kinds of units that help.
        package let helps: [UnitKind]
        package let community: Community
        /// Law, rule or agreement.
        package let basis: String
    }

    /// A line that cannot be read, and what to do about it.
    package struct Problem: Error, Sendable, Equatable {
        package let line: Int
        package let text: Text
    }

    /// All problems of one text.
    package struct Invalid: Error, Sendable {
        package let problems: [Problem]
    }

    /// The version that was published; 0 for the one the program ships.
    package let version: Int
    private let entries: [String: Entry]

    /// Reads a catalogue; the form is described at the top of `Duties/duties.txt`.
    ///
    /// - Throws: `Invalid` with every line that is wrong.
    package init(_ text: String, version: Int, categories: EventCatalogue) throws {
        var entries: [String: Entry] = [:]
        var problems: [Problem] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = String(line).trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0).trimmed }
            switch DutyCatalogue.entry(cells, categories) {
            case .success(let entry) where entries[entry.category] == nil: entries[entry.category] = entry
            case .success(let entry):
                problems.append(
                    .init(line: index + 1, text: Text("\(entry.category) 写了两次", "\(entry.category) stands here twice")))
            case .failure(let problem): problems.append(.init(line: index + 1, text: problem.text))
            }
        }
        // What it does not name goes to no community: an empty one would bar every community from everything.
        if problems.isEmpty, entries.isEmpty {
            problems.append(.init(line: 1, text: Text("目录里一行也没有", "The catalogue has no line at all")))
        }
        guard problems.isEmpty else { throw Invalid(problems: problems) }
        self.version = version
        self.entries = entries
    }

    private struct Wrong: Error {
        let text: Text
    }

    private static func entry(_ cells: [String], _ categories: EventCatalogue) -> Result<Entry, Wrong> {
        guard cells.count == 5 else {
            return .failure(Wrong(text: Text("应有 5 格，用 | 隔开", "Five cells parted by | are needed")))
        }
        let known =
            cells[0].utf8.count == 3
            ? categories.majors().contains { $0.code == cells[0] } : categories[code: cells[0]] != nil
        guard known else {
            return .failure(Wrong(text: Text("没有类别“\(cells[0])”", "There is no category \(cells[0])")))
        }
        guard let community = Community(rawValue: cells[3]) else {
            return .failure(Wrong(text: Text("可派社区只能写 yes、help 或 no", "The fourth cell must be yes, help or no")))
        }
        var kinds: [[UnitKind]] = []
        for cell in cells[1...2] {
            let words = cell.split(separator: " ").map(String.init)
            let read = words.compactMap { UnitKind(rawValue: $0) }
            guard read.count == words.count else {
                let odd = words.first { UnitKind(rawValue: $0) == nil } ?? ""
                return .failure(Wrong(text: Text("没有这种单位：\(odd)", "There is no kind of unit \(odd)")))
            }
            kinds.append(read)
        }
        guard !kinds[0].isEmpty else {
            return .failure(Wrong(text: Text("请写主责单位", "Say who leads")))
        }
        if community != .yes, kinds[0].first.map(DutyCatalogue.isCommunity) == true {
            let text = Text("社区排在主责第一位，可派社区却不是 yes", "A community leads first, but the fourth cell is not yes")
            return .failure(Wrong(text: text))
        }
        return .success(
            Entry(category: cells[0], leads: kinds[0], helps: kinds[1], community: community, basis: cells[4]))
    }

    /// The text of the catalogue the program ships.
    package static func shippedText() throws -> String { try ShippedText.duties.get() }

    /// What it says of a category: its own line, or that of its major class.
    package subscript(category: String) -> Entry? {
        entries[category] ?? entries[String(category.prefix(3))]
    }

    /// Every line, in the order of the codes.
    package var all: [Entry] { entries.values.sorted { $0.category < $1.category } }

    /// Whether a kind of unit is a community.
    package static func isCommunity(_ kind: UnitKind) -> Bool { kind == .committee || kind == .village }

    /// Whether a unit may be sent a case of a category as the one who leads. What the catalogue does not have is out of a
    /// community's list 社区工作准入; a case nobody classified yet is anybody's to look at.
    package func mayLead(_ kind: UnitKind, _ category: String) -> Bool {
        guard DutyCatalogue.isCommunity(kind), !category.isEmpty else { return true }
        return self[category]?.community == .yes
    }

    /// Whether a unit may be asked for a part.
    package func mayHelp(_ kind: UnitKind, _ category: String) -> Bool {
        guard DutyCatalogue.isCommunity(kind), !category.isEmpty else { return true }
        return self[category].map { $0.community != .no } ?? false
    }
}
