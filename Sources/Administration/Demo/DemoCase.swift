import LinliCore
import LinliKernel
import LinliStandards

/// A case of the demo: who tells what, and what happens with it.
struct DemoCase: Sendable {
    /// Who tells it.
    enum Teller: Sendable {
        /// Somebody with an account.
        case resident(DemoResident)
        /// Somebody with an account, for an elder of the family.
        case family(DemoResident, of: String)
        /// Somebody without an account, who leaves a name and a phone.
        case visitor(String, phone: String)
        /// Somebody who leaves nothing.
        case nobody
        /// Staff who write down what somebody told them.
        case counter(DemoStaff, name: String, phone: String)
        /// A grid worker on the round.
        case round(DemoStaff)
    }

    var teller: Teller
    var told: DemoTime
    /// The case type it is told as, and what its form was answered.
    var type = "need"
    var answers: [String: String] = [:]
    var nature: NeedNature
    var category: String
    var place: DemoPlace
    var spot: Spot
    var text: String
    var location = ""
    var scene: DemoScene?
    var disclosure: Disclosure?
    var isUrgent = false
    var against: DemoUnit?
    /// What a grid worker did on the spot.
    var settledWith: String?
    /// Whether who tells it wants neighbours to see it.
    var isWilling = false
    var moves: [DemoMove] = []

    init(
        _ teller: Teller, _ told: DemoTime, _ nature: NeedNature, _ category: String, at place: DemoPlace,
        _ spot: Spot, _ text: String
    ) {
        self.teller = teller
        self.told = told
        self.nature = nature
        self.category = category
        self.place = place
        self.spot = spot
        self.text = text
    }

    // What most cases do not have is added one by one: an initialiser with all of it would cost the compiler seconds.

    func near(_ location: String) -> DemoCase { with { $0.location = location } }
    func photographed(_ scene: DemoScene) -> DemoCase { with { $0.scene = scene } }
    func known(to disclosure: Disclosure) -> DemoCase { with { $0.disclosure = disclosure } }
    func urgent() -> DemoCase { with { $0.isUrgent = true } }
    func about(_ unit: DemoUnit) -> DemoCase { with { $0.against = unit } }
    func willing() -> DemoCase { with { $0.isWilling = true } }
    func settled(_ words: String) -> DemoCase { with { $0.settledWith = words } }
    func told(as type: String, _ answers: [String: String] = [:]) -> DemoCase {
        with { ($0.type, $0.answers) = (type, answers) }
    }
    func then(_ moves: DemoMove...) -> DemoCase { with { $0.moves = moves } }

    private func with(_ change: (inout DemoCase) -> Void) -> DemoCase {
        var copy = self
        change(&copy)
        return copy
    }

    /// Every case, in the order of the files.
    static let all: [DemoCase] =
        inEstate + inHomes + inLane + inLocust + inStreet + byOffices + byPipes + inVillage
        + byType + inDispute
}

/// When something happened, seen from the day the demo shows.
enum DemoTime: Sendable {
    /// So many days ago, at an hour of that day in Beijing.
    case daysAgo(Int, Int, Int)
    /// So many minutes ago; at most a few hours, so that it is still today or tonight.
    case minutesAgo(Int)

    func moment(_ now: Instant) -> Instant {
        switch self {
        case .daysAgo(let days, let hour, let minute):
            Instant(now.date.adding(days: -days), hour: hour, minute: minute)
        case .minutesAgo(let minutes): now.adding(minutes: -minutes)
        }
    }
}

/// What somebody does with a case.
enum DemoStep: Sendable {
    case dispatch(DemoStaff, to: DemoUnit, String)
    case accept(DemoStaff)
    /// Given back for a reason of its type, with the basis.
    case refuse(DemoStaff, String, String)
    case finish(DemoStaff, String)
    /// A step only some types have, by its name.
    case take(DemoStaff, String)
    /// Finished, with a photo of how it looks now.
    case show(DemoStaff, String)
    /// The reporter says it is solved; a check that was drawn by lot passes.
    case confirm(Int, String)
    /// The reporter says it is solved, and the street has yet to check; for urgent and contested cases.
    case confirmBeforeCheck(Int, String)
    case contest(String)
    case reopen(String)
    /// The reporter does not answer; a check that was drawn by lot passes.
    case lapse
    case pass(DemoStaff, String)
    case fail(DemoStaff, String)
    case withdraw(String)
    /// A remark for the resident to read.
    case tell(DemoStaff, String)
    /// A remark among staff.
    case note(DemoStaff, String)
    /// The reporter adds something.
    case add(String)
    /// Somebody else tells the same and joins; with their door.
    case join(DemoResident, String, home: String)
    /// Neighbours see it, or what was done, with every photo it has: a title, a place and words that name nobody; nil
    /// leaves the words as they were told.
    case publish(DemoStaff, String, at: String, String?, result: String)
    /// Units are called to the spot.
    case whistle(DemoWhistleStep)
}

/// A step and how long after the one before, or how long before now.
struct DemoMove: Sendable {
    enum When: Sendable {
        case minutesLater(Int)
        case minutesAgo(Int)
    }

    var when: When
    var step: DemoStep

    static func minutes(_ minutes: Int, _ step: DemoStep) -> DemoMove {
        DemoMove(when: .minutesLater(minutes), step: step)
    }
    static func hours(_ hours: Int, _ step: DemoStep) -> DemoMove { minutes(hours * 60, step) }
    static func days(_ days: Int, _ step: DemoStep) -> DemoMove { minutes(days * 1440, step) }
    static func ago(_ minutes: Int, _ step: DemoStep) -> DemoMove {
        DemoMove(when: .minutesAgo(minutes), step: step)
    }
}
