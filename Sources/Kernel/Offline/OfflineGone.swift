import LinliCore
import LinliSQL

extension OfflineLease {
    /// How many a phone is told of at once; of a grid there are a few.
    /// - Source: configured, no source
    private static let most = 1000

    /// Who went along and is to lie on no phone any more, before its lease is over: whose entry is only kept since then, at
    /// their wish, and whose was erased, in the whole community: they may have moved to another grid of it in between.
    /// Their identifiers, and nothing else of them.
    package func gone(_ tx: ReadTx) throws -> [ID<Person>] {
        // What goes along was read a little before the lease began.
        let since = issuedAt.adding(minutes: -5)
        let community = division.ancestor(at: .community)
        let restricted: [ID<Person>] = try tx.all(
            """
            SELECT id FROM person WHERE community = \(community) AND restricted_at >= \(since)
            ORDER BY restricted_at, id LIMIT \(OfflineLease.most)
            """
        ) { try $0[0] }
        let erased: [ID<Person>] = try tx.all(
            """
            SELECT id FROM person WHERE valid_to >= \(since) AND community = \(community)
            AND end_reason = \(RegisterErasing.reason) ORDER BY valid_to, id LIMIT \(OfflineLease.most)
            """
        ) { try $0[0] }
        return restricted + erased
    }

    /// The announced visits of its grid that were closed since because their household moved away or ended: nobody is to be
    /// sent there by a phone that has not heard of it.
    package func goneVisits(_ tx: ReadTx) throws -> [ID<Visit>] {
        try tx.all(
            """
            SELECT v.id FROM visit v WHERE v.ended_at >= \(issuedAt.adding(minutes: -5)) AND v.forgotten_at IS NULL
            AND \(RegisterQueries.place("v", division)) AND v.result = \(VisitResult.gone)
            ORDER BY v.ended_at, v.id LIMIT \(OfflineLease.most)
            """
        ) { try $0[0] }
    }
}
