import Foundation
import LinliCore
import LinliSQL
import LinliStandards
import Synchronization

/// A label people may have by a rule or by hand: 高龄独居, 孕产妇.
package struct Label: Sendable {
    /// The stable name.
    package let id: String
    /// What people call it.
    package let name: Text
    /// The heading it stands under.
    package let group: Text
    /// What it asks; nil: staff give it by hand only.
    package let rule: LabelRule?
    /// Whether families with it are shown to who looks after them (需要关照的家庭).
    package let isCare: Bool
    /// The facts it tells of, also through labels it asks for and those below it.
    package let fields: Set<RegisterField>
    /// How closely it is kept: as the closest of its facts and of what stands below it, or closer where the book says so.
    package let fieldClass: FieldClass
    /// What it stands below, the nearest first: who has it has these too.
    package let above: [String]
    /// The labels above it that its rule asks for.
    let asksAbove: Set<String>

    /// What it stands directly below.
    package var parent: String? { above.first }
}

extension Label {
    /// What the audit calls a reading of it: the closely kept facts its reasons `told`; those it would ask for where it
    /// was given by hand or holds otherwise, else the label itself. Nothing for one that everybody sees.
    package func noted(_ told: Set<RegisterField> = []) -> Set<String> {
        Label.noted(told, fields, fieldClass, "label.\(id)")
    }

    fileprivate static func noted(
        _ told: Set<RegisterField>, _ fields: Set<RegisterField>, _ fieldClass: FieldClass, _ name: String
    ) -> Set<String> {
        let reasons = told.filter { $0.fieldClass > .basic }
        guard reasons.isEmpty, fieldClass > .basic else { return Set(reasons.map(\.id)) }
        let asked = fields.filter { $0.fieldClass > .basic }
        return asked.isEmpty ? [name] : Set(asked.map(\.id))
    }
}

extension CareService {
    /// What the audit calls a reading that somebody may have it or has it, as of a label.
    package func noted(_ told: Set<RegisterField> = []) -> Set<String> {
        Label.noted(told, fields, fieldClass, "service.\(id)")
    }
}

/// A service people may be entitled to, who gives it, and what proves that it reached them.
package struct CareService: Sendable {
    /// What must come with a delivery.
    package enum Evidence: String, Sendable, CaseIterable {
        case photo, sign, note

        /// What people call it.
        package var name: Text {
            switch self {
            case .photo: Text("照片", "Photo")
            case .sign: Text("签收人", "Who signed")
            case .note: Text("说明", "Note")
            }
        }
    }

    /// The stable name.
    package let id: String
    /// What people call it.
    package let name: Text
    /// What a person gets, in their words.
    package let what: Text
    /// Who may have it.
    package let rule: LabelRule
    /// Which kinds of units give it.
    package let units: [UnitKind]
    /// What must come with a delivery.
    package let evidence: [Evidence]
    /// The law or notice it rests on, or "configured".
    package let basis: String
    /// After how many days it is due again; nil: once.
    package let everyDays: Int?
    /// How long nobody asks again who said no.
    package let askAgainDays: Int
    /// The facts that tell who may have it.
    package let fields: Set<RegisterField>
    /// How closely it is kept that somebody may have it.
    package let fieldClass: FieldClass
}

/// The labels and services of a deployment, as one text that administrators may change.
package struct LabelBook: Sendable {
    /// In the order of the text: a label asks for those above it only.
    package let labels: [Label]
    /// In the order of the text.
    package let services: [CareService]
    /// What it was read from.
    package let text: String

    init(labels: [Label], services: [CareService], text: String) {
        self.labels = labels
        self.services = services
        self.text = text
        labelsByID = Dictionary(labels.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        servicesByID = Dictionary(services.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        below = Dictionary(grouping: labels.filter { $0.parent != nil }) { $0.parent ?? "" }
        fields = Set(labels.flatMap(\.fields) + services.flatMap(\.fields))
    }

    private let labelsByID: [String: Label]
    private let servicesByID: [String: CareService]
    private let below: [String: [Label]]
    /// Services of earlier books: nobody is told of them any more, and who has one is known by its name and class.
    private var past: [String: CareService] = [:]
    /// Every fact some rule looks at.
    package let fields: Set<RegisterField>

    /// The label with an id.
    package subscript(label id: String) -> Label? { labelsByID[id] }
    /// The service with an id.
    package subscript(service id: String) -> CareService? { servicesByID[id] }
    /// The service with an id, also one of an earlier book that was asked for by `remembering`.
    package subscript(kept id: String) -> CareService? { servicesByID[id] ?? past[id] }
    /// What stands directly below a label, in the order of the text.
    package func children(of id: String) -> [Label] { below[id] ?? [] }

    /// What a person has on a day: labels by id, services as `service:id`, and the next day it may change by itself.
    /// Rules may ask for labels that somebody gave by `hand`; who has a label has all above it.
    package func evaluate(
        _ sight: LabelSight, hand: Set<String>
    ) -> (held: Set<String>, entitled: Set<String>, nextDay: Int?) {
        var walk = LabelWalk(sight, hand: hand, self)
        var entitled: Set<String> = []
        var days: [Int] = []
        for label in labels {
            guard let rule = label.rule else { continue }
            if let day = rule.nextChange(walk.sight) { days.append(day) }
            if walk.answer(rule, of: label) == true { walk.give(label) }
        }
        for service in services {
            if let day = service.rule.nextChange(walk.sight) { days.append(day) }
            if service.rule.holds(walk.sight) == true { entitled.insert(service.id) }
        }
        return (walk.given, entitled, days.min())
    }

    // MARK: Shipped and read

    /// The text the program ships.
    package static func shippedText() throws -> String { try ShippedText.labels.get() }

    /// The book of a text; what was read before is not read again.
    ///
    /// - Throws: `LabelProblem.Several` with every problem and its line.
    package static func read(_ text: String) throws -> LabelBook {
        if let known = recent.withLock({ $0.first { $0.text == text } }) { return known }
        let book = try LabelBookLoader.load(text)
        recent.withLock { $0 = Array(([book] + $0).prefix(8)) }
        return book
    }

    /// The last few, because every page asks for the one that holds.
    private static let recent = Mutex<[LabelBook]>([])

    /// How many earlier books are looked through for a service that is not in the one that holds.
    /// - Source: configured, no source
    private static let remembered = 50

    /// The same book with what earlier ones said of some services that it does not have; the newest that had one counts. What
    /// no book had, or one that cannot be read any more, stays unknown.
    package func remembering(_ services: Set<String>, _ tx: ReadTx) throws -> LabelBook {
        var missing = services.filter { self[kept: $0] == nil }
        guard !missing.isEmpty else { return self }
        var book = self
        func look(_ text: String) {
            // A book that is not read any more says nothing: what it had is kept as closely as can be.
            guard let old = try? LabelBook.read(text) else { return }
            for id in missing.sorted() {
                guard let service = old[service: id] else { continue }
                book.past[id] = service
                missing.remove(id)
            }
        }
        let ids: [Int64] = try tx.all(
            "SELECT id FROM label_book ORDER BY id DESC LIMIT \(LabelBook.remembered)"
        ) { try $0[0] }
        for id in ids where !missing.isEmpty {
            let text: String? = try tx.value("SELECT text FROM label_book WHERE id = \(id)")
            if let text { look(text) }
        }
        if !missing.isEmpty { look(try LabelBook.shippedText()) }
        return book
    }

    /// The book that holds: the newest that was published, else the shipped one.
    package static func current(_ tx: ReadTx) throws -> LabelBook {
        let stored: String? = try tx.value("SELECT text FROM label_book ORDER BY id DESC LIMIT 1")
        return try read(try stored ?? shippedText())
    }
}
