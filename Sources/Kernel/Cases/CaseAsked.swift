import LinliCore
import LinliSQL

/// Whether anybody was asked how a case went: where nobody was, no answer stayed out, and nobody is said to have been
/// silent.
enum CaseAsked {
    /// 1 where somebody was asked about the case `c`, or the case `l` it speaks in, 0 else: what a grid worker found is
    /// nobody's to judge until a resident joins it, and who left staff neither name nor phone cannot be asked.
    static let column: SQL = """
        CASE WHEN coalesce(l.source, c.source) NOT IN ('grid', 'part', 'staff') THEN 1
        WHEN EXISTS (SELECT 1 FROM case_item v WHERE v.id = coalesce(l.id, c.id) AND \(asks)) THEN 1
        WHEN EXISTS (SELECT 1 FROM case_item v WHERE v.speaks_in = coalesce(l.id, c.id) AND \(asks)) THEN 1
        ELSE 0 END
        """

    private static let asks: SQL = """
        v.source NOT IN ('grid', 'part') AND (v.source <> 'staff' OR \(isKnown("v")) OR v.had_teller = 1)
        """

    /// Whether who told the case `alias` can be asked by what is kept of them; once that is cleared, `had_teller` says so.
    static func isKnown(_ alias: SQL) -> SQL {
        """
        (\(alias).reporter_id IS NOT NULL OR (\(alias).disclosure <> 'anonymous' AND \(alias).reporter_mask <> ''))
        """
    }

    /// Whether somebody was asked about a case.
    static func somebody(about id: ID<Case>, _ tx: ReadTx) throws -> Bool {
        try tx.value(
            """
            SELECT \(column) FROM case_item c LEFT JOIN case_item l ON l.id = c.speaks_in WHERE c.id = \(id)
            """
        ) ?? true
    }
}

extension CaseType {
    /// Whether a step is the clock's where an answer was awaited and none came.
    package func isLapse(_ transition: Transition) -> Bool {
        transition.by == [.clock]
            && transition.from.contains { from in states.first { $0.id == from }?.owner == .reporter }
    }

    /// What the history says of a step; of a lapse only then that no answer came when somebody was asked for one.
    package func done(_ transition: Transition, wasAsked: Bool) -> Text {
        guard !wasAsked, isLapse(transition) else { return transition.done }
        let state = states.first { $0.id == transition.to }?.name ?? Text(same: transition.to)
        return Text("没有要回访的居民，到时转为“\(state.zh)”", "No resident to ask; when the time was over: \(state.en)")
    }
}
