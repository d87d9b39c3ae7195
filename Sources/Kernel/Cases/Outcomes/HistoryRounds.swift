import LinliCore

/// The rounds of one case as its history tells them: what its evidence must say, worked out from the lines that people
/// read, by nothing of what wrote the evidence.
struct HistoryRounds {
    /// A line of the history.
    struct Line {
        let at: Instant
        let isNote: Bool
        let name: String
        let from: String
        let to: String
        let unit: ID<Unit>?
    }

    /// A round as told.
    struct Round {
        let number: Int
        let dispatchedAt: Instant
        /// Whose it is; nil where no line says it.
        var unit: ID<Unit>?
        var isAccepted = false
        var contactedAt: Instant?
        var finishedAt: Instant?
        var answeredAt: Instant?
        var isSolved: Bool?
        var misses = 0
        var isWithdrawn = false
        /// Whether the system it came from took it back.
        var isReturned = false
    }

    private(set) var rounds: [Round] = []
    /// Whether several told it: whose word moved it is not in its history.
    private(set) var isShared = false
    /// Whether the history begins where cases begin.
    private(set) var isWhole = false
    private let type: CaseType
    private let reached: Set<Instant>
    /// When another system sent it to us, for what came from there.
    private let sent: Instant?
    /// How often the reporter had it done again.
    private(set) var contests = 0

    /// Reads a history from its first line to its last; `reached` says when somebody spoke with the reporter, `sent` when
    /// another system sent the case to us: its first round is ours from then on, and never from later than we had it.
    init(_ lines: [Line], _ type: CaseType, reached: Set<Instant>, sent: Instant?) {
        self.type = type
        self.reached = reached
        self.sent = sent.flatMap { sent in lines.first.map { min(sent, $0.at) } }
        isWhole = lines.first?.name == "report"
        for line in lines {
            if line.name == "report" {
                begin(line)
            } else if line.name == CaseMark.orderAgain.rawValue {
                // The system it came from sent it to us once more.
                contests += 1
            } else if line.isNote {
                hear(line)
            } else if let transition = type.transitions.first(where: { $0.id == line.name }) {
                move(line, transition)
            }
            if line.to == CaseType.State.merged.id { isShared = true }
        }
    }

    /// The round that runs now.
    private var isRunning: Bool { rounds.last?.number == contests + 1 }

    private func owner(of state: String) -> CaseType.Performer? { type.states.first { $0.id == state }?.owner }
    private func isFinal(_ state: String) -> Bool { type.states.first { $0.id == state }?.isFinal ?? true }

    private mutating func begin(_ line: Line) {
        if owner(of: line.to) == .handler { open(line) }
    }

    private mutating func open(_ line: Line) {
        let start = contests == 0 ? sent ?? line.at : line.at
        rounds.append(Round(number: contests + 1, dispatchedAt: start, unit: line.unit))
    }

    private mutating func with(_ body: (inout Round) -> Void) {
        guard isRunning, let last = rounds.indices.last else { return }
        body(&rounds[last])
    }

    /// A line that moved nothing.
    private mutating func hear(_ line: Line) {
        let mark = CaseMark(rawValue: line.name)
        switch mark {
        case .contact where reached.contains(line.at): with { $0.contactedAt = $0.contactedAt ?? line.at }
        case .followUpMissed: with { $0.misses += 1 }
        case .answeredSolved, .answeredUnsolved:
            with {
                $0.answeredAt = line.at
                $0.isSolved = mark == .answeredSolved
            }
        case .voiceJoined, .voiceSolved, .voiceLeft, .merged, .absorbed, .split, .splitOff: isShared = true
        // Whose it was before it was taken away says nothing about whose it is now. The unit of any other such line may be
        // one that only knows of it, as the district does of its copy, or the one that had it a moment before.
        case .against, .passedOn: with { if !$0.isAccepted { $0.unit = nil } }
        default: break
        }
    }

    private mutating func move(_ line: Line, _ transition: CaseType.Transition) {
        let next = owner(of: line.to)
        let isContest = transition.effects.contains(.contest)
        if next == .handler, !isContest, !isRunning { open(line) }
        with { round in
            if !round.isAccepted { round.unit = line.unit ?? round.unit }
            if transition.effects.contains(.takePersonally) || next == .reporter { round.isAccepted = true }
        }
        if next == .reporter {
            with { $0.finishedAt = line.at }
        } else if next == .handler, !isContest {
            redo()
        }
        if transition.guards.contains(.returned), isFinal(line.to) { with { $0.isReturned = true } }
        if transition.by == [.reporter] { speak(line, transition, isContest: isContest) }
        guard isContest else { return }
        contests += 1
        // What goes straight back to its unit is dispatched by that.
        if next == .handler { open(line) }
    }

    /// The work goes on: what was said about it does not count any more.
    private mutating func redo() {
        with { round in
            guard round.finishedAt != nil else { return }
            (round.finishedAt, round.answeredAt, round.isSolved, round.misses) = (nil, nil, nil, 0)
        }
    }

    private mutating func speak(_ line: Line, _ transition: CaseType.Transition, isContest: Bool) {
        let isAnswer = isContest || transition.effects.contains(.rate)
        let (wasOver, isOver) = (isFinal(line.from), isFinal(line.to))
        with { round in
            if !isAnswer, isOver { round.isWithdrawn = true }
            // After the end only silence can be broken.
            guard isAnswer, round.finishedAt != nil, !wasOver || round.answeredAt == nil else { return }
            round.answeredAt = line.at
            round.isSolved = !isContest
        }
    }
}
