import LinliCore

/// A person who can sign in: a resident or a member of staff.
package enum Account {}

/// An organization that acts in cases: a committee, an office, a company, a station.
package enum Unit {}

/// A name for one thing a role may do, `cases.dispatch`.
package struct Permission: Sendable, Hashable {
    /// The stable name.
    package let key: String
    /// What an administrator reads.
    package let name: Text

    /// A permission; its key is unique in the program.
    package init(_ key: String, _ name: Text) {
        self.key = key
        self.name = name
    }

    package static func == (left: Permission, right: Permission) -> Bool { left.key == right.key }
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// A duty somebody holds: a role over a division or in a unit, for a time.
package struct Grant: Sendable {
    /// Over what.
    package enum Subject: Sendable, Hashable {
        case division(DivisionCode)
        case unit(ID<Unit>)
    }

    /// Its identifier.
    package let id: ID<Grant>
    /// The role's id; see `Role`.
    package let role: String
    /// Over what it holds.
    package let subject: Subject
    /// What the role may do.
    package let permissions: Set<Permission>
    /// For a duty over a division the unit it is done for: the committee of a community, the centre of a street, the office
    /// of a district. Who holds it stays out of what is said against that unit, whoever employs them.
    package let office: ID<Unit>?

    /// A duty; see the properties.
    package init(
        id: ID<Grant>, role: String, subject: Subject, permissions: Set<Permission>, office: ID<Unit>? = nil
    ) {
        self.id = id
        self.role = role
        self.subject = subject
        self.permissions = permissions
        self.office = office
    }

    /// The unit whose cases this duty opens: its own, or the committee for who handles cases of a whole community. What is
    /// given to a committee may lie elsewhere, in a street that knows no better or in the community next door.
    package var unit: ID<Unit>? {
        switch subject {
        case .unit(let id): id
        case .division(let code): code.level == .community && permissions.contains(.casesHandle) ? office : nil
        }
    }
}

/// Who acts.
package struct Actor: Sendable {
    /// How we know.
    package enum Kind: Sendable, Equatable {
        /// Nobody signed in.
        case anonymous
        /// Nobody signed in, but holding the secret link of one case.
        case receipt(caseID: Int64)
        /// A signed-in account.
        case account(ID<Account>)
        /// A program of somebody else, by its key; see `ProgramKeys`.
        case key(ID<ProgramKey>, name: String)
        /// The program itself, in the named job.
        case system(String)
    }

    /// How we know who it is.
    package let kind: Kind
    /// The name shown in histories; empty for anonymous people.
    package let name: String
    /// The duties held now; empty for residents.
    package let grants: [Grant]
    /// The unit the person works for, if any.
    package let employer: ID<Unit>?

    /// Somebody who acts.
    package init(_ kind: Kind, name: String = "", grants: [Grant] = [], employer: ID<Unit>? = nil) {
        self.kind = kind
        self.name = name
        self.grants = grants
        self.employer = employer
    }

    /// Nobody signed in.
    package static let anonymous = Actor(.anonymous)

    /// The account, when one is signed in.
    ///
    /// Not inlined: where two of these switches met in one function, the optimizer of Swift 6.3.1 crashed ("Found
    /// ownership error" in copy propagation); debug builds do not run that pass.
    @inline(never)
    package var account: ID<Account>? {
        if case .account(let id) = kind { id } else { nil }
    }

    /// Whether any duty is held: staff see the desk.
    package var isStaff: Bool { !grants.isEmpty }

    /// Whether any duty allows `permission`.
    package func may(_ permission: Permission) -> Bool {
        grants.contains { $0.permissions.contains(permission) }
    }

    /// Whether a duty over `division`, or over a wider one, allows `permission`.
    package func may(_ permission: Permission, in division: DivisionCode) -> Bool {
        grants.contains { grant in
            guard case .division(let code) = grant.subject else { return false }
            return code.contains(division) && grant.permissions.contains(permission)
        }
    }

    /// Whether a duty for one of `units` allows `permission`.
    package func may(_ permission: Permission, for units: some Sequence<ID<Unit>>) -> Bool {
        let units = Set(units)
        return grants.contains { grant in
            guard let unit = grant.unit else { return false }
            return units.contains(unit) && grant.permissions.contains(permission)
        }
    }

    /// What this person may see.
    package var scope: Scope {
        let divisions = grants.compactMap { grant -> DivisionCode? in
            if case .division(let code) = grant.subject { code } else { nil }
        }
        let units = grants.compactMap(\.unit)
        // A division inside another one adds nothing.
        let widest = Set(divisions).filter { code in
            !divisions.contains { $0 != code && $0.contains(code) }
        }
        return Scope(
            divisions: widest.sorted(),
            units: Set(units).sorted(),
            account: account,
            interests: Set(units + grants.compactMap(\.office) + [employer].compactMap { $0 }).sorted()
        )
    }
}

/// What somebody may see: rows whose division lies in one of theirs, or that name their unit or themselves as a party.
package struct Scope: Sendable, Equatable {
    /// Divisions, none inside another.
    package let divisions: [DivisionCode]
    /// Units they act for.
    package let units: [ID<Unit>]
    /// Themselves.
    package let account: ID<Account>?
    /// Units they act or work for: a case against one of these is invisible to them.
    package let interests: [ID<Unit>]

    /// A scope; see the properties.
    package init(
        divisions: [DivisionCode],
        units: [ID<Unit>],
        account: ID<Account>?,
        interests: [ID<Unit>]
    ) {
        self.divisions = divisions
        self.units = units
        self.account = account
        self.interests = interests
    }

    /// Whether a row of `division` is inside.
    package func contains(_ division: DivisionCode) -> Bool {
        divisions.contains { $0.contains(division) }
    }
}

/// Who asks, when, and in which language: the first argument of every command and query.
package struct Context: Sendable {
    /// Who acts.
    package let actor: Actor
    /// The moment all rules of this request go by.
    package let now: Instant
    /// The reader's language.
    package let language: Language
    /// Ties log lines, audit entries and error pages together.
    package let requestID: String
    /// Stored with the request's write, so that a repeated request is known.
    let mark: IdempotencyMark?

    /// A request's context.
    package init(actor: Actor, now: Instant, language: Language = .zh, requestID: String = "-") {
        self.init(actor: actor, now: now, language: language, requestID: requestID, mark: nil)
    }

    private init(actor: Actor, now: Instant, language: Language, requestID: String, mark: IdempotencyMark?) {
        self.actor = actor
        self.now = now
        self.language = language
        self.requestID = requestID
        self.mark = mark
    }

    func marked(_ mark: IdempotencyMark) -> Context {
        Context(actor: actor, now: now, language: language, requestID: requestID, mark: mark)
    }

    /// The same request without its mark: what it does is done again when it is asked again, and its reply is not kept.
    package var unmarked: Context { Context(actor: actor, now: now, language: language, requestID: requestID) }

    /// The same request by nobody: for what must not lead back to who asked.
    package func anonymous() -> Context { acting(as: .anonymous) }

    /// The same request by somebody else.
    package func acting(as actor: Actor) -> Context {
        Context(actor: actor, now: now, language: language, requestID: requestID, mark: mark)
    }

    /// The program's own context in a job.
    package static func system(_ job: String, now: Instant) -> Context {
        Context(actor: Actor(.system(job)), now: now, requestID: job)
    }
}
