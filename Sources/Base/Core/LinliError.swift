/// What went wrong, said once for the person and once for the log.
///
/// `publicText` is shown to people and never carries a private value; `detail` goes to the log only.
package struct LinliError: Error, Sendable {
    /// The class of a failure: one place in Web maps it to status, page, JSON and log level.
    package enum Kind: String, Sendable, CaseIterable {
        /// Something typed is missing or wrong; `fields` says what.
        case invalid
        /// The address asks for something that cannot be: an unknown or wrong parameter; `fields` says which.
        case malformed
        /// Nobody is signed in, or the session is over.
        case unauthenticated
        /// The person is known and may not do this.
        case forbidden
        /// It does not exist, or the reader may not know that it does.
        case notFound
        /// It is there, but not for this method.
        case wrongMethod
        /// Somebody changed it first, or it is not in the state this needs.
        case conflict
        /// The same idempotency key came with another body.
        case mismatch
        /// Larger than the limit.
        case tooLarge
        /// Too often.
        case tooMany
        /// Not a type this server takes.
        case unsupported
        /// A part that this needs is busy or away; trying again may help.
        case unavailable
        /// A fault of ours.
        case `internal`
    }

    /// A field of a form and what is wrong with it.
    package struct Field: Sendable, Hashable {
        /// The field's name in the form or JSON body.
        package let name: String
        /// What to do about it.
        package let text: Text

        /// A field and its sentence.
        package init(_ name: String, _ text: Text) {
            self.name = name
            self.text = text
        }
    }

    /// The class of the failure.
    package let kind: Kind
    /// A stable name, `cases.alreadyClosed`.
    package let id: String
    /// What happened and what to do, for the person.
    package let publicText: Text
    /// For the log only.
    package let detail: String
    /// What is wrong with which field; only for `.invalid` and `.malformed`.
    package let fields: [Field]
    /// When trying again makes sense, in seconds.
    package let retryAfterSeconds: Int?

    /// A failure; see the properties.
    package init(
        _ kind: Kind,
        _ id: String,
        _ publicText: Text,
        detail: String = "",
        fields: [Field] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.kind = kind
        self.id = id
        self.publicText = publicText
        self.detail = detail
        self.fields = fields
        self.retryAfterSeconds = retryAfterSeconds
    }
}

extension LinliError {
    /// A form that cannot be taken as it is.
    package static func invalid(_ id: String, _ fields: [Field]) -> LinliError {
        let first = fields.first?.text ?? Text("请检查填写的内容", "Please check what you entered")
        return LinliError(.invalid, id, first, fields: fields)
    }

    /// It is not there, or not for this reader; both sound the same on purpose.
    package static func notFound(_ id: String) -> LinliError {
        LinliError(
            .notFound,
            id,
            Text("没有找到，或者您没有查看权限", "Not found, or not for you to see")
        )
    }

    /// The person is known but lacks the permission; `permission` goes to the log.
    package static func forbidden(_ permission: String) -> LinliError {
        LinliError(
            .forbidden,
            "access.forbidden",
            Text("您的岗位没有这项权限，如需办理请联系管理员", "Your role does not allow this. Please ask your administrator"),
            detail: permission
        )
    }

    /// A fault of ours; `detail` says which.
    package static func fault(_ id: String, _ detail: String) -> LinliError {
        LinliError(
            .internal,
            id,
            Text("系统出了点问题，已经记录下来，请稍后再试", "Something went wrong on our side. It has been recorded; please try again"),
            detail: detail
        )
    }
}
