import LinliCore

extension Actor {
    /// What this person may see of what `permission` opens: the duties that do not allow it do not count, so that an
    /// administrator of a street who also walks one grid sees the cases of that grid alone.
    ///
    /// Interests come from every duty: whoever works for a unit stays out of what is said against it.
    package func scope(for permission: Permission) -> Scope {
        let narrowed = Actor(
            kind,
            name: name,
            grants: grants.filter { $0.permissions.contains(permission) },
            employer: employer
        ).scope
        return Scope(
            divisions: narrowed.divisions,
            units: narrowed.units,
            account: account,
            interests: scope.interests
        )
    }

    /// Whether this person may change what the whole deployment goes by: `permission` comes with a duty over a street or
    /// wider.
    package func isWide(for permission: Permission) -> Bool {
        scope(for: permission).divisions.contains { $0.level <= .street }
    }
}
