import LinliCore

/// The definition of a kind of case: data, versioned, checked when it is loaded. Running cases keep the version they
/// began with.
package struct CaseType: Sendable {
    /// Who may take a transition; the case says which people these are.
    package enum Performer: String, Sendable, CaseIterable {
        /// Who asked, signed in or by the secret link.
        case reporter
        /// A duty that dispatches where the case lies.
        case dispatcher
        /// A duty in the unit that has the case, or over its grid or community when that is who has it.
        case handler
        /// A duty that checks where the case lies.
        case checker
        /// The program, when a clock runs out.
        case clock
    }

    /// What a transition does besides moving the case; each is a named function of `CaseEffects`.
    package enum Effect: String, Sendable, CaseIterable {
        /// The unit given becomes the handler.
        case assignUnit
        /// The handler's unit loses the case; the reason class and basis are kept.
        case releaseUnit
        /// Somebody of the unit takes it in person.
        case takePersonally
        /// The case is marked as contested once more.
        case contest
        /// Stars and words are kept.
        case rate
    }

    /// What must hold; each is a named function of `CaseGuards`.
    package enum Guard: String, Sendable, CaseIterable {
        /// The case is to be checked by sampling.
        case sampled
        /// It is not.
        case notSampled
        /// Closed for not more than 30 days.
        case closedRecently
    }

    /// What a transition asks of who takes it.
    package enum Requirement: String, Sendable, CaseIterable {
        case text, photo, unit, reasonClass, stars
    }

    /// How a clock counts.
    package enum ClockKind: String, Sendable, CaseIterable {
        /// Around the clock.
        case natural
        /// Only in duty hours of working days.
        case working
    }

    /// How long a state may last.
    package struct Clock: Sendable, Equatable {
        /// Minutes of the kind below.
        package let minutes: Int
        /// What counts.
        package let kind: ClockKind
        /// Urgent cases: minutes around the clock.
        package let urgentMinutes: Int
    }

    /// A state of a case.
    package struct State: Sendable {
        package let id: String
        /// What staff read, `待派单`.
        package let name: Text
        /// What the resident reads, `已收到`.
        package let residentName: Text
        /// The resident's step, 1 to 4.
        package let step: Int
        /// Who is to act.
        package let owner: Performer?
        /// How long it may last; nil for final states.
        package let clock: Clock?
        /// Whether the case is over.
        package let isFinal: Bool
    }

    /// A way from states to a state.
    package struct Transition: Sendable {
        package let id: String
        /// The verb on the button.
        package let name: Text
        /// What the history says, `已派单`.
        package let done: Text
        package let from: [String]
        package let to: String
        package let by: [Performer]
        package let requires: [Requirement]
        package let allows: [Requirement]
        package let guards: [Guard]
        package let effects: [Effect]
        /// Whether the resident sees the words that came with it.
        package let isVisible: Bool
    }

    /// A field of the form.
    package struct Field: Sendable {
        package let id: String
        package let name: Text
        package let isRequired: Bool
        /// Longest text in characters.
        package let limit: Int
    }

    package let id: String
    package let version: Int
    package let name: Text
    /// What case numbers begin with, `SJ`.
    package let numberPrefix: String
    package let fields: [Field]
    package let states: [State]
    package let initial: String
    package let transitions: [Transition]

    /// The state with an id.
    ///
    /// - Throws: a fault: a stored case names a state its version does not have.
    package func state(_ id: String) throws -> State {
        guard let state = states.first(where: { $0.id == id }) else {
            throw LinliError.fault("caseType.state", "\(self.id) v\(version) has no state \(id)")
        }
        return state
    }

    /// Transitions that leave a state.
    package func transitions(from state: String) -> [Transition] {
        transitions.filter { $0.from.contains(state) }
    }
}

/// The case types a deployment knows, every version.
package struct CaseTypes: Sendable {
    private let versions: [String: [Int: CaseType]]

    /// Loads YAML definitions.
    ///
    /// - Throws: `CaseTypeProblem.several` naming every problem with its line.
    package init(yaml texts: [String]) throws {
        var versions: [String: [Int: CaseType]] = [:]
        for text in texts {
            let type = try CaseTypeLoader.load(text)
            versions[type.id, default: [:]][type.version] = type
        }
        self.versions = versions
    }

    /// A version of a type.
    package func type(_ id: String, version: Int) throws -> CaseType {
        guard let type = versions[id]?[version] else {
            throw LinliError.fault("caseType.unknown", "\(id) v\(version)")
        }
        return type
    }

    /// The newest version of a type: new cases begin with it.
    package func current(_ id: String) throws -> CaseType {
        guard let newest = versions[id]?.max(by: { $0.key < $1.key })?.value else {
            throw LinliError.fault("caseType.unknown", id)
        }
        return newest
    }

    /// The newest version of every type.
    package var all: [CaseType] {
        versions.keys.sorted().compactMap { id in versions[id]?.max(by: { $0.key < $1.key })?.value }
    }
}
