import LinliCore

/// The addresses of cases: links and patterns come from here, so that they cannot drift apart.
package enum CasePath {
    /// A case as its reporter sees it.
    package static func resident(_ id: ID<Case>) -> String { "/cases/\(id)" }
    /// A case as staff see it.
    package static func desk(_ id: ID<Case>) -> String { "/desk/cases/\(id)" }
    /// A case by its secret receipt, without an account.
    package static func receipt(_ token: String) -> String { "/r/\(token)" }
    /// A photo of a case that its reader may see.
    package static func photo(_ item: ID<Case>, _ file: ID<StoredFile>, isThumbnail: Bool = false) -> String {
        "/cases/\(item)/photos/\(file)\(isThumbnail ? "?size=small" : "")"
    }
    /// Where somebody joins a case by its number.
    package static func join(_ number: String) -> String { "/join/\(number)" }
    /// A public case as everybody sees it, by its number.
    package static func neighbour(_ number: String) -> String { "/neighbourhood/\(number)" }
    /// A photo of a public case that staff cleared.
    package static func neighbourPhoto(_ number: String, _ file: ID<StoredFile>, isThumbnail: Bool = false) -> String {
        "/neighbourhood/\(number)/photos/\(file)\(isThumbnail ? "?size=small" : "")"
    }
    /// The topic live updates of a case are told under.
    package static func topic(_ id: ID<Case>) -> String { "case/\(id)" }
}
