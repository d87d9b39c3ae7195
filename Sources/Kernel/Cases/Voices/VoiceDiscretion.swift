import LinliCore
import LinliSQL

/// When a complaint was one of several: what a unit wrote beside its steps then, and what it photographed, may be about
/// another of those who complained. Nobody of them reads or sees it, who told the case first as little as the others.
struct SharedTimes {
    private let times: [(since: Instant, until: Instant?)]

    /// Those of the case that was told; none for what does not protect who told it.
    init(of told: CaseRecord, _ tx: ReadTx) throws {
        guard told.nature.isProtected else {
            times = []
            return
        }
        times = try tx.all("SELECT since, until FROM case_voice WHERE case_id = \(told.id) ORDER BY id") { row in
            (since: try row[0], until: try row[1])
        }
    }

    /// Whether somebody else spoke in it at a moment.
    func contain(_ moment: Instant) -> Bool {
        times.contains { time in time.since <= moment && time.until.map { moment < $0 } ?? true }
    }

    /// The photos that who told it sees.
    func seen(_ photos: [CasePhoto]) -> [CasePhoto] {
        photos.filter { $0.kind != "after" || !contain($0.at) }
    }
}

extension CaseEntry {
    /// The line of the case `told` as who told it reads it; nil for what is not theirs. Who complained does not even read
    /// that another did: of a step of another nothing is left.
    func forTeller(of told: CaseRecord, _ shared: SharedTimes, _ type: CaseType) -> CaseEntry? {
        let line = seen(by: told.id, in: told.id, type)
        guard told.nature.isProtected else { return line }
        guard line.transition == transition else { return nil }
        // What stands without a name is their own word; a call to them is about theirs.
        let isUnits = kind == "note" && !actorName.isEmpty && transition != CaseMark.followUp.rawValue
        return isUnits && shared.contain(at) && !isFor(told) ? nil : line
    }
}
