import Foundation
import LinliCore
import LinliStandards
import Testing

/// A row of `Clocks/cases.txt`.
struct ClockCase: Sendable, CustomTestStringConvertible {
    /// What happens to the clock, or what somebody asks it.
    enum Step: Sendable {
        case pause(Instant)
        case resume(Instant)
        case extend(Int)
        case remaining(Instant, minutes: Int)
        case rest(minutes: Int, Instant)
    }

    /// How it ends.
    enum Outcome: Sendable {
        case due(Instant, calendarUnknown: Bool)
        case stands(minutes: Int)
    }

    /// A row that does not follow the form at the top of the file.
    struct Malformed: Error {
        let text: String
    }

    let id: String
    let rules: [String]
    let hours: DutyHours
    let counting: RunningClock.Counting
    let minutes: Int
    let start: Instant
    let steps: [Step]
    let outcome: Outcome
    let reckoning: String

    var testDescription: String { id }

    init(_ cells: [String]) throws {
        guard cells.count == 8, let hours = cells[2] == "office" ? .office : DutyHours(cells[2]) else {
            throw Malformed(text: cells.joined(separator: " | "))
        }
        let clock = cells[3].split(separator: " ")
        guard clock.count == 2, let counting = RunningClock.Counting(rawValue: String(clock[0])),
            let minutes = Int(clock[1])
        else { throw Malformed(text: cells[3]) }
        id = cells[0]
        rules = cells[1].split(separator: " ").map(String.init)
        self.hours = hours
        self.counting = counting
        self.minutes = minutes
        start = try ClockCase.moment(cells[4])
        steps = try cells[5].split(separator: ";").map { try ClockCase.step($0) }
        outcome = try ClockCase.outcome(cells[6])
        reckoning = cells[7]
    }

    private static func step(_ text: Substring) throws -> Step {
        let words = text.split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("pause", 3): return .pause(try moment(words[1] + " " + words[2]))
        case ("resume", 3): return .resume(try moment(words[1] + " " + words[2]))
        case ("extend", 2): return .extend(try number(words[1]))
        case ("at", 5) where words[3] == "left":
            return .remaining(try moment(words[1] + " " + words[2]), minutes: try number(words[4]))
        case ("rest", 5) where words[2] == "at":
            return .rest(minutes: try number(words[1]), try moment(words[3] + " " + words[4]))
        default: throw Malformed(text: String(text))
        }
    }

    private static func outcome(_ text: String) throws -> Outcome {
        let words = text.split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("stands", 2): return .stands(minutes: try number(words[1]))
        case (_, 2): return .due(try moment(text), calendarUnknown: false)
        case (_, 3) where words[2] == "unknown":
            return .due(try moment(words[0] + " " + words[1]), calendarUnknown: true)
        default: throw Malformed(text: text)
        }
    }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text) else { throw Malformed(text: text) }
        return number
    }

    /// `2026-02-14 10:00`, with seconds where they matter.
    static func moment(_ text: String) throws -> Instant {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let day = CivilDate(parts[0]) else { throw Malformed(text: text) }
        let time = parts[1].split(separator: ":").compactMap { Int($0) }
        guard (2...3).contains(time.count) else { throw Malformed(text: text) }
        return Instant(day, hour: time[0], minute: time[1], second: time.count == 3 ? time[2] : 0)
    }
}

/// The whole of `Clocks/cases.txt`.
struct ClockTable: Sendable {
    var rules: [String: String] = [:]
    var cases: [ClockCase] = []

    init(_ text: String) throws {
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.count == 3, cells[0] == "rule" {
                rules[cells[1]] = cells[2]
            } else {
                cases.append(try ClockCase(cells))
            }
        }
    }

    /// The table as it is in the bundle of the tests.
    static let shared = Result {
        guard let url = Bundle.module.url(forResource: "cases", withExtension: "txt", subdirectory: "Clocks") else {
            throw ClockCase.Malformed(text: "Clocks/cases.txt is missing")
        }
        return try ClockTable(String(contentsOf: url, encoding: .utf8))
    }
}
