import LinliCore
import LinliSQL
import LinliStandards

extension RegisterQueries {
    /// The dwelling somebody means by an address, among those they may see, as it is kept or as people write it: 三号楼,
    /// 202室, with the city before it, or as one was spelled that was merged into it. Nil when there is none, or several.
    package static func dwelling(at address: String, _ actor: Actor, _ tx: ReadTx) throws -> DwellingRecord? {
        for spelling in try spellings(of: address, tx) {
            let found = try dwellings(spelled: spelling, tx).filter { actor.may(.peopleRead, in: $0.division) }
            if !found.isEmpty { return found.count == 1 ? found.first : nil }
        }
        return nil
    }

    private static func dwellings(spelled address: String, _ tx: ReadTx) throws -> [DwellingRecord] {
        let here = try tx.all(
            """
            SELECT \(DwellingRecord.columns) FROM dwelling d WHERE d.address = \(address) AND d.valid_to IS NULL
            ORDER BY d.id LIMIT 20
            """
        ) { try DwellingRecord($0) }
        guard here.isEmpty else { return here }
        return try tx.all(
            """
            SELECT \(DwellingRecord.columns) FROM dwelling g JOIN dwelling d ON d.id = g.merged_into
            WHERE g.address = \(address) AND g.merged_into IS NOT NULL AND d.valid_to IS NULL ORDER BY g.id LIMIT 1
            """
        ) { try DwellingRecord($0) }
    }

    /// An address as it was typed, as such addresses are usually kept, and as the place that stands in it has it.
    private static func spellings(of address: String, _ tx: ReadTx) throws -> [String] {
        let typed = String(address.trimmed.prefix(200))
        let plain = typed.filter { !$0.isWhitespace }
        var spellings = [typed, plain, AddressSpelling.normal(plain)]
        if plain.hasSuffix("室") { spellings.append(String(plain.dropLast())) }
        if let (place, text) = try PlacesStore.located(in: plain, tx) {
            for text in [text, AddressSpelling.normal(plain)] where text.contains(place.address) {
                var rest = ImportPlanner.rest(of: text, after: place.address).drop { "-－—".contains($0) }
                if rest.hasSuffix("室") { rest = rest.dropLast() }
                spellings.append(place.address + rest)
            }
        }
        var seen: Set<String> = []
        return spellings.filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}
