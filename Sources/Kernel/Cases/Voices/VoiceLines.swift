import LinliCore
import LinliSQL

extension VoicesStore {
    /// Whether somebody may read a line of a history: those of merging and splitting name another case, which may have turned
    /// out to be against a unit of theirs since.
    static func mayRead(_ entry: CaseEntry, _ scope: Scope, _ tx: ReadTx) throws -> Bool {
        let joints: [CaseMark] = [.merged, .absorbed, .split, .splitOff]
        guard !scope.interests.isEmpty, joints.map(\.rawValue).contains(entry.transition) else { return true }
        let number = String(entry.text.prefix { $0 != " " })
        let other = try tx.first(
            "SELECT c.against_unit, \(Accusation.members("c.against_unit")) FROM case_item c WHERE c.number = \(number)"
        ) { Accusation(key: try $0[0], members: try $0[1]) }
        return !(other?.concerns(scope) ?? false)
    }
}
