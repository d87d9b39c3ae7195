import LinliCore
import LinliSQL
import LinliStandards

/// When a complaint was one of several: what a unit wrote beside its steps then, and what it photographed, may be about
/// another of those who complained. Nobody of them reads or sees it, who told the case first as little as the others.
struct SharedTimes {
    private let times: [(since: Instant, until: Instant?)]

    /// Those of the case that was told. One that protects nobody, any more, has them still with those who are protected:
    /// what it is called today does not show them to its teller.
    ///
    /// A voice that came along with another keeps since when it speaks in any case; in this one it does from when it left
    /// the one before.
    init(of told: CaseRecord, _ tx: ReadTx) throws {
        let isProtected = told.nature.isProtected
        let rows: [(since: Instant, left: Instant?, until: Instant?, nature: NeedNature)] = try tx.all(
            """
            SELECT v.since, v.until, c.nature, (
                SELECT max(p.until) FROM case_voice p WHERE p.voice_id = v.voice_id AND p.id < v.id)
            FROM case_voice v JOIN case_item c ON c.id = v.voice_id WHERE v.case_id = \(told.id)
            """
        ) { row in (since: try row[0], left: try row[3], until: try row[1], nature: try row[2]) }
        times = rows.filter { isProtected || $0.nature.isProtected }.map { row in
            (since: max(row.since, row.left ?? row.since), until: row.until)
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

    /// Whether the last time it was to be done again was such a time.
    func containContest(in lines: [CaseEntry], _ type: CaseType) -> Bool {
        let contests = Set(type.transitions.filter { $0.effects.contains(.contest) }.map(\.id))
        return lines.last { contests.contains($0.transition) }.map { contain($0.at) } ?? false
    }
}

extension CaseEntry {
    /// The line of the case `told` as who told it reads it; nil for what is not theirs. Who complained does not even read
    /// that another did: of a step of another nothing is left.
    func forTeller(of told: CaseRecord, _ shared: SharedTimes, _ type: CaseType) -> CaseEntry? {
        let line = seen(by: told.id, in: told.id, type)
        guard told.nature.isProtected || shared.contain(at) else { return line }
        guard line.transition == transition else { return nil }
        // What stands without a name is their own word; a call to them is about theirs.
        let isUnits = kind == "note" && !actorName.isEmpty && transition != CaseMark.followUp.rawValue
        return isUnits && shared.contain(at) && !isForEach ? nil : line
    }
}
