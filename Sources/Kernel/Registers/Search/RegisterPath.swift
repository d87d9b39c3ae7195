import LinliCore

/// Where the page of something in the registers is: said once, because many features lead there.
package enum RegisterPath {
    /// The route of these pages; who leads there asks whether it is declared.
    package static let pattern = "/registers/:kind/:id"

    /// The page of a place.
    package static func place(_ id: ID<Place>) -> String { "/registers/places/\(id)" }

    /// The page of one thing.
    package static func desk(_ subject: RegisterSubject) -> String {
        "/registers/\(subject.kind.rawValue)/\(ID<RegisterItem>(rawValue: subject.id))"
    }
}
