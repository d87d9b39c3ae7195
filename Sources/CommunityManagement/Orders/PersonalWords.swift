import LinliStandards

/// Words of people for the audit.
enum PersonalWords {
    /// Without the numbers somebody typed into them.
    static func masked(_ text: String) -> String { PersonalNumbers.replacing(in: text) { $0.masked } }
}
