import LinliCore
import LinliSQL

extension Migration {
    /// Labels somebody follows, and whose labels of these changed.
    static let labelNews = Migration(
        "2026-11-27.10-label-news",
        """
        CREATE TABLE label_follow (
            label INTEGER NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE label_news (
            person_id INTEGER NOT NULL PRIMARY KEY REFERENCES person (id),
            at INTEGER NOT NULL
        ) STRICT;
        """
    )
}

/// Who got or lost a label that somebody goes by, such as a plan of visits: only these are noted, so that a new book for a
/// whole city makes no rows that nobody reads.
package enum LabelNews {
    /// Begins to note who gets or loses a label. The caller audits.
    package static func follow(_ label: Int64, _ tx: WriteTx) throws {
        try tx.execute(
            "INSERT INTO label_follow (label, at) VALUES (\(label), \(tx.now)) ON CONFLICT (label) DO NOTHING")
    }

    /// Ends it. The caller knows that nobody else goes by the label, and audits.
    package static func unfollow(_ label: Int64, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM label_follow WHERE label = \(label)")
    }

    /// Notes people whose followed labels changed, or perhaps the reasons for them that a visit may go by. The row is
    /// written again when it is there: whoever takes it at this moment waits, and looks at what is true after it.
    static func note(_ changed: [(person: ID<Person>, label: Int64)], _ tx: SystemTx) throws {
        guard !changed.isEmpty else { return }
        let labels = Set(changed.map(\.label)).sorted()
        let followed = Set(
            try tx.all("SELECT label FROM label_follow WHERE label IN \(SQL.list(labels))") { try $0[0] as Int64 })
        guard !followed.isEmpty else { return }
        for person in Set(changed.filter { followed.contains($0.label) }.map(\.person)).sorted() {
            try tx.execute(
                """
                INSERT INTO label_news (person_id, at) VALUES (\(person), \(tx.now))
                ON CONFLICT (person_id) DO UPDATE SET at = excluded.at
                """
            )
        }
    }

    /// Takes some of them away; what is read of them afterwards in the same transaction is what changed.
    package static func take(limit: Int, _ tx: SystemTx) throws -> [ID<Person>] {
        let people: [ID<Person>] = try tx.all(
            "SELECT person_id FROM label_news ORDER BY person_id LIMIT \(limit)"
        ) { try $0[0] }
        if !people.isEmpty { try tx.execute("DELETE FROM label_news WHERE person_id IN \(SQL.list(people))") }
        return people
    }
}
