import Administration
import LinliCore
import LinliKernel
import LinliStandards
import LinliTestSupport
import Testing

/// What a case may be about whom.
struct ShieldStory: Sendable, CustomTestStringConvertible {
    let name: String
    let nature: NeedNature
    /// The units it is against, by name; chosen from a list, or found in the words.
    let units: [String]
    let text: String
    var isChosen = true
    /// Whether the unit also has somebody for each role there is.
    var isHiring = false
    /// Whether everybody asks after every event, too; else each route is asked by one of them, before and twice after.
    var isWhole = false

    var testDescription: String { name }

    /// Against two units at once, one of which has somebody for each role.
    static let several = ShieldStory(
        name: "投诉物业和居委会", nature: .complaint, units: ["幸福里社区居委会", "安居物业"], text: "互相推诿",
        isHiring: true, isWhole: true)

    static let all = [
        ShieldStory(name: "投诉物业公司", nature: .complaint, units: ["安居物业"], text: "收费不公开，态度很差"),
        ShieldStory(
            name: "举报街道中心", nature: .tipOff, units: ["东华门街道市民诉求处置中心"], text: "压着信访件不办", isWhole: true),
        several,
        ShieldStory(
            name: "举报网格员本人", nature: .tipOff, units: ["幸福里社区居委会"], text: "网格员李强收了商户的钱", isChosen: false),
    ]
}

/// Everybody of the units that a case is against.
enum ShieldPeople {
    /// For each set of roles an account of the demo that works for one of the units or holds a duty of it; and one more
    /// for every role that somebody of `hired` may have where the case lies.
    static func all(
        _ units: [ID<LinliKernel.Unit>], hired: ID<LinliKernel.Unit>?, _ site: Site
    ) async throws -> [ShieldWalk.Watcher] {
        var people: [ShieldWalk.Watcher] = []
        var kinds: Set<[String]> = []
        for person in DemoStaff.allCases {
            let actor = try await site.house.context(person).actor
            let interests = actor.scope.interests
            // Who works for one of them is kept out otherwise than who only has a duty of it.
            let isEmployed = actor.employer.map { units.contains($0) } ?? false
            let kind = actor.grants.map(\.role).sorted() + [isEmployed ? "employed" : ""]
            guard !Set(interests).isDisjoint(with: units), kinds.insert(kind).inserted else { continue }
            people.append(.init(name: person.rawValue, visitor: try await site.staff(person)))
        }
        guard let hired else { return people }
        for (number, role) in Role.all.enumerated() {
            let phone = "1390000400\(number)"
            try await hire(role, hired, phone, site.house)
            people.append(.init(name: role.id, visitor: try await site.program(phone: phone)))
        }
        return people
    }

    private static func hire(
        _ role: Role, _ unit: ID<LinliKernel.Unit>, _ phone: String, _ house: House
    ) async throws {
        let subject = subject(role, unit)
        let keys = house.services.database.keys
        try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.hire") { tx in
            let account = try AccessStore.insert(
                NewAccount(name: "某员工", phone: phone, unit: unit), keys: keys, tx)
            try AccessStore.grant(role, subject, to: account, tx)
        }
    }

    private static func subject(_ role: Role, _ unit: ID<LinliKernel.Unit>) -> Grant.Subject {
        switch role.id {
        case Role.unitHandler.id: .unit(unit)
        case Role.gridWorker.id: .division(DemoDivision.grid(1))
        case Role.communityStaff.id, Role.communityHead.id: .division(DemoDivision.happiness)
        case Role.dispatcher.id: .division(DemoDivision.street)
        case Role.districtOfficer.id: .division(DemoDivision.district)
        default: .division(DemoDivision.city)
        }
    }
}
