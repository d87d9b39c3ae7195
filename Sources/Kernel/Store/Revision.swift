import LinliCore
import LinliSQL

/// Something every node keeps in memory. A write that changes it raises its number, and each node reads it again within
/// two seconds, so that a change holds everywhere without a restart.
package enum Revision: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// Names of divisions, and what the place is called.
    case divisions
    /// Working days.
    case calendar
    /// Definitions of cases that were published here.
    case caseTypes
    /// Rules of dispatch and the catalogue of duties.
    case dispatch
}

extension WriteTx {
    /// Tells every node to read something again after the commit.
    package func raise(_ revision: Revision) throws {
        try execute(
            """
            INSERT INTO revision (name, number) VALUES (\(revision), 1)
            ON CONFLICT (name) DO UPDATE SET number = revision.number + 1
            """
        )
    }
}
