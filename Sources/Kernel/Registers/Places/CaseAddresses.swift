import LinliCore
import LinliSQL

/// The addresses of cases at a place that has another one now. What is being handled goes by the name that hangs on the
/// house today; what is closed keeps the address it was closed under. What people typed stays as they typed it, here and in
/// the full text, and what neighbours see stays as somebody cleared it.
enum CaseAddresses {
    /// Gives the open cases of a place its address, in one statement however many they are: whoever has one of them open
    /// just now loses nothing by it. The caller changes and notes the place itself.
    static func follow(_ place: ID<Place>, to address: String, _ tx: WriteTx) throws {
        let count = try tx.execute(
            """
            UPDATE case_item SET place_address = \(address)
            WHERE place_id = \(place) AND is_open = 1 AND place_address <> \(address)
            """
        )
        if count > 0 { try tx.audit(Subject("place", place), fields: ["caseAddress×\(count)"]) }
    }
}
