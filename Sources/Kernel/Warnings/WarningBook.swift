import Crypto
import Foundation
import LinliCore
import LinliSQL
import LinliStandards
import Synchronization

/// The rules of warnings of a deployment, as one text that administrators may change.
package struct WarningBook: Sendable {
    /// In the order of the text.
    package private(set) var rules: [WarningRule]
    /// So many days after a visit to an elder who lives alone was due, silence is a signal; nil where no rule counts it.
    package private(set) var silence: Int?
    /// What it was read from.
    package let text: String
    /// The numbers a setting gives, where it gave some.
    private var numbers = ""

    init(rules: [WarningRule], silence: Int?, text: String) {
        self.rules = rules
        self.silence = silence
        self.text = text
    }

    /// The rule with an id; nil for one that was taken out.
    package subscript(_ id: String) -> WarningRule? { rules.first { $0.id == id } }

    /// Tells a book from every other: what changed is seen by it.
    package var mark: String {
        SHA256.hash(data: Data((text + "\u{0}" + numbers).utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The same rules with the numbers of a setting.
    package func with(_ numbers: WarningNumbers) -> WarningBook {
        var book = self
        for index in book.rules.indices {
            guard let number = numbers.values[book.rules[index].id] else { continue }
            book.rules[index].when = book.rules[index].when.counting(number.count)
            book.rules[index].days = number.days
        }
        if let silent = numbers.values["silent"], silence != nil { book.silence = silent.days }
        book.numbers = numbers.words
        return book
    }

    // MARK: Shipped and read

    /// The text the program ships.
    package static func shippedText() throws -> String { try ShippedText.warnings.get() }

    /// The rules the program ships.
    package static func shipped() throws -> WarningBook { try read(try shippedText()) }

    /// The book of a text; what was read before is not read again.
    ///
    /// - Throws: `LabelProblem.Several` with every problem and its line.
    package static func read(_ text: String) throws -> WarningBook {
        if let known = recent.withLock({ $0.first { $0.text == text } }) { return known }
        let book = try WarningBookLoader.load(text, try EventCatalogue.shared())
        recent.withLock { $0 = Array(([book] + $0).prefix(4)) }
        return book
    }

    /// The last few, because every signal asks for the one that holds.
    private static let recent = Mutex<[WarningBook]>([])

    /// The book that holds: the newest that was published, else the shipped one with the numbers of the setting.
    package static func current(_ numbers: WarningNumbers, _ tx: ReadTx) throws -> WarningBook {
        let stored: String? = try tx.value("SELECT text FROM warning_book ORDER BY version DESC LIMIT 1")
        guard let stored else { return try shipped().with(numbers) }
        return try read(stored)
    }
}

/// Counts and days of shipped rules as a setting gives them, `quarrels=3/30,kind=8/7`.
package struct WarningNumbers: Sendable, Equatable {
    /// One rule's.
    package struct Number: Sendable, Equatable {
        /// How many of what the rule counts first.
        package let count: Int
        /// Within how many days.
        package let days: Int
    }

    /// By the id of the rule.
    package let values: [String: Number]

    /// No numbers: the shipped ones hold.
    package init() { values = [:] }

    /// Nil for what cannot be read, or for a rule that is not in the book.
    package init?(_ text: String, for book: WarningBook) {
        var values: [String: Number] = [:]
        for part in text.split(separator: ",") {
            let words = part.split(separator: "=").map { $0.filter { $0 != " " } }
            guard words.count == 2, book[words[0]] != nil else { return nil }
            let numbers = words[1].split(separator: "/").compactMap { Int($0) }
            guard numbers.count == 2, (1...1000).contains(numbers[0]), (1...365).contains(numbers[1]) else {
                return nil
            }
            values[words[0]] = Number(count: numbers[0], days: numbers[1])
        }
        self.values = values
    }

    fileprivate var words: String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.count)/\($0.value.days)" }.joined(separator: ",")
    }
}

extension WarningRule {
    /// What it says, in words for people; `category` names a code.
    package func words(_ category: (String) -> Text) -> Text {
        let when = when.words(category)
        let alike = isAlike ? Text("、同一类", " and of one kind") : Text(same: "")
        return Text(
            "\(days) 天里，\(area.name.zh)\(alike.zh)：\(when.zh)，就提醒。提醒以后 \(quietDays) 天内同一件事不再另提醒，只添原因。",
            """
            Within \(days) days, at \(area.name.en)\(alike.en): \(when.en). For \(quietDays) days after a warning the \
            same is added to its reasons and warns nobody again.
            """)
    }

    /// Who is told, in words; `usual` is the number of days of the deployment.
    package func told(usual: Int) -> Text {
        switch street {
        case .usual:
            Text(
                "社区先看到；\(usual) 天没人看，街道也看到。",
                "The community sees it first; after \(usual) days without a look the street sees it too.")
        case .after(days: 0): Text("社区和街道同时看到。", "The community and the street see it at once.")
        case .after(let days):
            Text(
                "社区先看到；\(days) 天没人看，街道也看到。",
                "The community sees it first; after \(days) days without a look the street sees it too.")
        case .never: Text("只有社区看到。", "Only the community sees it.")
        }
    }
}

extension EventCatalogue {
    /// What people call a category by its code; what it begins with where it is no code of its own.
    package func name(of code: String) -> Text { self[code: code]?.name ?? Text(same: code) }
}
