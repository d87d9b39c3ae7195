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
        /// Walks the grid the case lies in: verifies what was told and checks what was done, on the spot.
        case collector
        /// Decides at the level of a dispute whose it is: the street, or the district when a body of the district is in it.
        case arbiter
        /// Reviews an objection, and has not handled the case.
        case reviewer
        /// Belongs to the unit that has it and did not take the step before: what one did, another of the unit checks.
        case colleague
        /// The unit that leads the case this one is a part of.
        case lead
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
        /// One refusal more is counted.
        case countRefusal
        /// The unit must take it: a ruling ends the chain of refusals.
        case bind
    }

    /// What must hold; each is a named function of `CaseGuards`.
    package enum Guard: String, Sendable, CaseIterable {
        /// The case is to be checked by sampling.
        case sampled
        /// It is not.
        case notSampled
        /// Closed for not more days than the type says.
        case closedRecently
        /// Nobody has refused it yet.
        case neverRefused
        /// It was refused before, and no ruling has ended that.
        case refusedBefore
        /// Nobody has contested the result yet.
        case neverContested
        /// It was contested before, and may be once more: see `reviews`.
        case contestedBefore
        /// Every part another unit must do is done.
        case partsDone
        /// The system it came from agreed that it is not ours.
        case returned
        /// Somebody asked for it, or joined who did: they are to judge what was done.
        case asked
        /// Nobody did: a grid worker found it.
        case notAsked
    }

    /// What a transition asks of who takes it, besides fields of the definition.
    package enum Requirement: String, Sendable, CaseIterable {
        case text, photo, unit, reasonClass, stars
    }

    /// What of its cases neighbours may see.
    package enum Visibility: String, Sendable, CaseIterable {
        /// Facilities and environment in public space, once staff cleared them; the rest only where its reporter wishes.
        case place
        /// Nothing, whoever wishes it.
        case none
    }

    /// How the first unit is found.
    package enum Routing: String, Sendable, CaseIterable {
        /// Rules of the deployment, then whose it is; see `CaseRouting`.
        case ownership
        /// It begins in its first state with nobody.
        case none
        /// Whoever makes it names the unit.
        case given
    }

    /// A state of a case.
    package struct State: Sendable {
        package let id: String
        /// What staff read, `待派单`.
        package let name: Text
        /// What the resident reads, `已收到`.
        package let residentName: Text
        /// The tab of the desk it is listed under; see `CaseFilter.Tab`.
        package let tab: String
        /// What must happen before the deadline, `签收`; nil where nobody has to act.
        package let verb: Text?
        /// The resident's step, 1 to 4.
        package let step: Int
        /// Who is to act.
        package let owner: Performer?
        /// How long it may last; nil for final states.
        package let clock: Clock?
        /// What happens when its clock runs on; empty for nothing.
        package let ladder: [Rung]
        /// Whether the case is over.
        package let isFinal: Bool
    }

    /// A class of reasons for giving a case back 退单.
    package struct ReturnReason: Sendable, Equatable {
        package let id: String
        /// What staff choose between.
        package let name: Text
        /// Whether the basis must be given in words.
        package let needsBasis: Bool
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
        /// Fields of the definition that must be filled in with it.
        package let requiredFields: [String]
        /// Fields of the definition that may be filled in with it.
        package let allowedFields: [String]
        package let guards: [Guard]
        package let effects: [Effect]
        /// Whether the resident sees the words that came with it.
        package let isVisible: Bool
    }

    package let id: String
    package let version: Int
    package let name: Text
    /// What case numbers begin with, `SJ`.
    package let numberPrefix: String
    /// How the first unit is found.
    package let routing: Routing
    /// What is asked besides the text, when it is told or with a step.
    package let fields: [Field]
    /// Why a unit may give a case back 退单.
    package let returnReasons: [ReturnReason]
    package let states: [State]
    /// The state it begins in with nobody to act.
    package let initial: String
    /// The state it begins in when its unit is known; `initial` unless the definition says otherwise.
    package let assigned: String
    /// The state it begins in when it was settled on the spot; nil when that cannot be.
    package let settled: String?
    /// The state it begins in when a grid worker found it, who has seen it already; `initial` unless the definition says
    /// otherwise.
    package let found: String?
    /// Who may begin one, and between what they choose; nil when only the program does.
    package let opening: Opening?
    package let transitions: [Transition]
    /// Clocks that run across states.
    package let clocks: [CaseClockRule]
    /// What a handler may ask for, and who decides.
    package let requests: [RequestRule]
    /// How many days after the end its personal data are kept; nil for without end.
    package let retentionDays: Int?
    /// What of its cases neighbours may see; what its place and category allow unless the definition says otherwise.
    package let visibility: Visibility
    /// For how many days after the end a reporter may ask for it again: 30 unless the definition says otherwise.
    package let reopenDays: Int
    /// How many reviews there are of one case: 2 unless the definition says otherwise. After a redo and two reviews the
    /// answer stands, as with letters and visits: handled, reviewed and reviewed once more. Without an end everybody who
    /// may review would have had a hand in it at last.
    ///
    /// - Source: 信访工作条例 (2022), where it is the rule for letters and visits; here by analogy, configured
    package let reviews: Int
    /// For how many days somebody may be called about how it went; nil for the setting of the deployment.
    package let rating: Rating?

    /// The state with an id.
    ///
    /// - Throws: a fault: a stored case names a state its version does not have.
    package func state(_ id: String) throws -> State {
        if id == State.merged.id { return .merged }
        guard let state = states.first(where: { $0.id == id }) else {
            throw LinliError.fault("caseType.state", "\(self.id) v\(version) has no state \(id)")
        }
        return state
    }

    /// The reason for giving a case back with an id.
    package func returnReason(_ id: String) -> ReturnReason? { returnReasons.first { $0.id == id } }

    /// Transitions that leave a state.
    package func transitions(from state: String) -> [Transition] {
        transitions.filter { $0.from.contains(state) }
    }
}
