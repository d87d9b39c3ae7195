import LinliCore
import LinliSQL

/// What is entered at a place follows it to another address: a home that kept the old one would not be found by the new
/// one, and the next sheet would enter it once more. Open cases follow, too: `CaseAddresses`.
package enum PlaceReaddressing {
    /// Something entered at a place, and the address it gets.
    struct Entry: Sendable {
        let subject: RegisterSubject
        let address: String
    }

    /// Gives what lies in a place, and what is entered there, the address it has now: `old` becomes `new` where theirs
    /// begins with it. The caller changes and notes the place itself.
    package static func follow(in place: ID<Place>, from old: String, to new: String, _ tx: WriteTx) throws {
        try put(try rows(at: place, from: old, to: new, tx), of: place, tx)
        try CaseAddresses.follow(place, to: new, tx)
        try follow(try PlacesStore.children(of: place, tx), from: old, to: new, tx)
    }

    /// The same for places that lie somewhere else now.
    static func follow(_ places: [PlaceSummary], from old: String, to new: String, _ tx: WriteTx) throws {
        for change in try PlacesStore.readdress(places, from: old, to: new, tx) {
            try put(try rows(at: change.place, from: change.old, to: change.new, tx), of: change.place, tx)
            try CaseAddresses.follow(change.place, to: change.new, tx)
        }
    }

    /// The dwellings and organizations of a place whose addresses follow. What has ended keeps the address it had.
    static func rows(at place: ID<Place>, from old: String, to new: String, _ tx: ReadTx) throws -> [Entry] {
        guard old != new, !old.isEmpty else { return [] }
        var rows: [Entry] = []
        try tx.each(
            "SELECT id, address, number FROM dwelling WHERE place_id = \(place) AND valid_to IS NULL ORDER BY id"
        ) { row in
            let (id, was, number): (Int64, String, String) = (try row[0], try row[1], try row[2])
            if let address = moved(was, number, from: old, to: new) {
                rows.append(Entry(subject: RegisterSubject(.dwelling, id), address: address))
            }
        }
        try tx.each(
            "SELECT id, address FROM organization WHERE place_id = \(place) AND valid_to IS NULL ORDER BY id"
        ) { row in
            let (id, was): (Int64, String) = (try row[0], try row[1])
            if let address = moved(was, "", from: old, to: new) {
                rows.append(Entry(subject: RegisterSubject(.organization, id), address: address))
            }
        }
        return rows
    }

    /// The address of something in a place that was called `old`; nil where it stays. Where the new one only goes on
    /// behind the old (9号 and 9号院), an address that begins with the new one already does not get it twice.
    private static func moved(_ was: String, _ number: String, from old: String, to new: String) -> String? {
        let isNewAlready = new.hasPrefix(old) && was.hasPrefix(new)
        guard was == old + number || was.hasPrefix(old) && !isNewAlready else { return nil }
        return String((new + was.dropFirst(old.count)).prefix(200))
    }

    /// Writes the addresses with a line in the history of each, and their full text.
    static func put(_ rows: [Entry], of place: ID<Place>, _ tx: WriteTx) throws {
        guard !rows.isEmpty else { return }
        for row in rows {
            let (kind, id) = (row.subject.kind, row.subject.id)
            try tx.execute(
                """
                UPDATE \(RegisterQueries.table(of: kind)) SET address = \(row.address), version = version + 1
                WHERE id = \(id)
                """)
            let line = RegisterHistory.Draft(
                id: try tx.newID(), what: .changed, fields: ["\(kind.rawValue).address"], sealed: nil)
            try line.insert(row.subject, source: "rule", tx)
        }
        try RegisterSearch.index(rows.map(\.subject), tx)
        try tx.audit(Subject("place", place), fields: ["address×\(rows.count)"])
    }
}
