import LinliCore

extension LinliError {
    /// The status under which a form is shown again with everything that was typed; nil for a failure that typing
    /// cannot mend, which the handler throws on.
    package var formStatus: Int? {
        switch kind {
        case .invalid, .mismatch: 422
        case .conflict: 409
        case .tooLarge: 413
        case .unsupported: 415
        case .malformed, .unauthenticated, .forbidden, .notFound, .wrongMethod, .tooMany, .unavailable, .internal: nil
        }
    }

    /// What is wrong with one field of the form.
    package func text(for field: String) -> Text? {
        fields.first { $0.name == field }?.text
    }
}
