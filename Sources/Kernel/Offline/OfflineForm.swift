import LinliCore

/// What of a piece of work its person completes or corrects on the desk: what is known filled in, what nobody chose left
/// empty, to be asked.
package struct OfflineForm: Sendable {
    /// One thing that is asked.
    package struct Control: Sendable {
        /// How it is answered.
        package enum Kind: Sendable {
            /// One of some; `empty` is how nothing chosen reads.
            case choice([(value: String, text: Text)], empty: Text)
            /// A few words in one line, or in several.
            case line(limit: Int)
            case words(limit: Int)
        }

        /// The stable name.
        package let id: String
        /// What is asked.
        package let name: Text
        /// How it is answered.
        package let kind: Kind
        /// What is known of it; empty for what nobody chose.
        package let value: String
        /// What helps to answer it.
        package let hint: Text?
        /// Whether it may stay empty.
        package let isOptional: Bool
        /// Puts an answer into the words of the work.
        package let set: @Sendable (String, inout [String: JSONValue]) -> Void

        /// Something asked; see the properties. Without `set` the answer is the text of this name.
        package init(
            _ id: String, _ name: Text, _ kind: Kind, value: String, hint: Text? = nil, isOptional: Bool = false,
            set: (@Sendable (String, inout [String: JSONValue]) -> Void)? = nil
        ) {
            self.id = id
            self.name = name
            self.kind = kind
            self.value = value
            self.hint = hint
            self.isOptional = isOptional
            let plain: @Sendable (String, inout [String: JSONValue]) -> Void = { answer, body in
                body[id] = .text(answer)
            }
            self.set = set ?? plain
        }
    }

    /// Which photos may be added.
    package struct Photos: Sendable {
        /// Whether it may do without.
        package let isOptional: Bool
        /// Whether it takes those of how something looks now that it is settled, too.
        package let takesAfter: Bool

        /// Photos to add.
        package init(isOptional: Bool, takesAfter: Bool) {
            self.isOptional = isOptional
            self.takesAfter = takesAfter
        }
    }

    /// What was added on the desk.
    package struct Added: Sendable {
        /// What was seen.
        package var photos: [ID<StoredFile>] = []
        /// How it looks now that it is settled.
        package var after: [ID<StoredFile>] = []
        /// What is wrong with one that could not be taken.
        package var problem: LinliError?

        /// Nothing.
        package init() {}

        /// The same beside photos that came along; more than one piece of work takes are none, as nobody could take one
        /// away again.
        func beside(_ known: Int) -> Added {
            guard known + photos.count + after.count > FormPhotos.limit, !photos.isEmpty || !after.isEmpty else {
                return self
            }
            var none = Added()
            none.problem = VisitOutcome.tooManyPhotos
            return none
        }
    }

    /// What the work is about, where its title does not say it.
    package var about: Text?
    /// What cannot be completed here, and what to do instead.
    package var missing: Text?
    /// The page on which the same is done with a network.
    package var path: String?
    /// What is asked, in its order.
    package var controls: [Control] = []
    /// Which photos may be added; nil for none.
    package var photos: Photos?

    /// Nothing is asked yet.
    package init() {}

    /// The words of the work with what was answered; what was not answered counts as it is shown, so that nothing goes that
    /// nobody chose.
    func completed(_ body: [String: JSONValue], _ answers: [String: String]) -> [String: JSONValue] {
        var body = body
        for control in controls { control.set(answers[control.id] ?? control.value, &body) }
        return body
    }
}

extension OfflinePresent {
    /// What its person can complete or correct of work that was not taken; nil where its part asks nothing of its own, or
    /// they may not see it now.
    package static func form(
        of entry: OfflineStore.Undecided, _ context: Context, _ services: Services
    ) async throws -> OfflineForm? {
        guard entry.outcome.kind != .conflict,
            let form = services.features.offline.first(where: { $0.id == entry.part })?.form
        else { return nil }
        do {
            return try await form(entry, context, services)
        } catch let error as LinliError where [.notFound, .invalid, .forbidden].contains(error.kind) {
            return nil
        }
    }
}
