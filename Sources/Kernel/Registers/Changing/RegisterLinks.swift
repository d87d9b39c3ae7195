import LinliCore
import LinliSQL

/// A tie between two things of the registers.
package enum RegisterLinkRow {}

/// What one thing is to another.
/// - Source: GB/T 31000-2015 以房管人 [M]; the words are configured
package enum RegisterRelation: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case guardian, keeper, worksAt, owner, tenant, upkeep

    /// What people call it: “他的监护人是”.
    package var name: Text {
        switch self {
        case .guardian: Text("监护人", "Guardian")
        case .keeper: Text("照看人、代管人", "Looked after by")
        case .worksAt: Text("在此工作", "Works at")
        case .owner: Text("产权人", "Owner")
        case .tenant: Text("承租人", "Tenant")
        case .upkeep: Text("维护单位", "Kept up by")
        }
    }

    /// From which kinds to which it may lead.
    package var ends: (from: Set<RegisterKind>, to: Set<RegisterKind>) {
        switch self {
        case .guardian: ([.person], [.person, .organization])
        case .keeper: ([.person, .dwelling, .thing], [.person, .organization])
        case .worksAt: ([.person], [.organization])
        case .owner, .tenant: ([.dwelling], [.person, .organization])
        case .upkeep: ([.thing], [.organization])
        }
    }
}

/// A tie as the page of either end shows it.
package struct RegisterLink: Sendable {
    /// Its identifier.
    package let id: ID<RegisterLinkRow>
    /// What the one is to the other.
    package let relation: RegisterRelation
    /// Whether the page's subject is where it begins.
    package let isOutgoing: Bool
    /// The other end.
    package let other: RegisterSubject
    /// What people call the other end.
    package let name: String
    /// Where the other end lies.
    package let division: DivisionCode
    /// Since when.
    package let since: Instant
}

extension RegisterQueries {
    /// The ties of something, both ways.
    package static func links(of subject: RegisterSubject, _ tx: ReadTx) throws -> [RegisterLink] {
        let outgoing = try tx.all(
            """
            SELECT id, relation, to_kind, to_id, valid_from FROM register_link
            WHERE from_kind = \(subject.kind) AND from_id = \(subject.id) AND valid_to IS NULL ORDER BY id LIMIT 50
            """
        ) { try link($0, true, tx) }
        let incoming = try tx.all(
            """
            SELECT id, relation, from_kind, from_id, valid_from FROM register_link
            WHERE to_kind = \(subject.kind) AND to_id = \(subject.id) AND valid_to IS NULL ORDER BY id LIMIT 50
            """
        ) { try link($0, false, tx) }
        return (outgoing + incoming).compactMap { $0 }
    }

    private static func link(_ row: Row, _ isOutgoing: Bool, _ tx: ReadTx) throws -> RegisterLink? {
        let other = RegisterSubject(try row[2], try row[3] as Int64)
        guard let item = try item(other, tx) else { return nil }
        return RegisterLink(
            id: try row[0], relation: try row[1], isOutgoing: isOutgoing, other: other, name: item.name,
            division: item.division, since: try row[4])
    }

    /// The photos of something, the newest first.
    package static func photos(of subject: RegisterSubject, _ tx: ReadTx) throws -> [ID<StoredFile>] {
        try tx.all(
            """
            SELECT file_id FROM register_photo WHERE kind = \(subject.kind) AND subject_id = \(subject.id)
            ORDER BY id DESC LIMIT 30
            """
        ) { try $0[0] }
    }

    /// The content of a photo of something; nil when it is not its photo.
    package static func photo(
        _ file: ID<StoredFile>, of subject: RegisterSubject, _ tx: ReadTx
    ) throws -> (hash: String, size: Int)? {
        try tx.first(
            """
            SELECT f.hash, f.size FROM register_photo p JOIN stored_file f ON f.id = p.file_id
            WHERE p.file_id = \(file) AND p.kind = \(subject.kind) AND p.subject_id = \(subject.id)
            """
        ) { row in (try row[0], try row[1]) }
    }
}

extension RegisterQueries {
    /// What something is tied to, as staff see it: without who wants nothing but keeping.
    package static func shownLinks(of subject: RegisterSubject, _ tx: ReadTx) throws -> [RegisterLink] {
        try links(of: subject, tx).filter { try item($0.other, tx)?.restrictedAt == nil }
    }
}

extension RegisterCommands {
    /// Ties one thing to another.
    ///
    /// - Throws: `.invalid` where the relation does not fit the two, or ties them already.
    @discardableResult
    package static func link(
        _ subject: RegisterSubject, _ relation: RegisterRelation, to other: RegisterSubject, source: String = "staff",
        _ context: Context, _ database: Database
    ) async throws -> ID<RegisterLinkRow> {
        guard relation.ends.from.contains(subject.kind), relation.ends.to.contains(other.kind), subject != other else {
            throw LinliError.invalid(
                "registers.relation", [.init("relation", Text("这种关联对不上，请另选", "That tie does not fit; choose another"))])
        }
        let (item, target) = try await database.read { tx in
            let item = try open(subject, context, tx)
            guard let target = try RegisterQueries.item(other, tx), target.isHere, target.restrictedAt == nil,
                context.actor.may(.peopleRead, in: target.division)
            else {
                throw LinliError.invalid(
                    "registers.other", [.init("other", Text("没有找到要关联的登记", "The other entry was not found"))])
            }
            return (item, target)
        }
        let (already, linked): (SQL, LinliError) = (
            """
            SELECT 1 FROM register_link WHERE from_kind = \(subject.kind) AND from_id = \(subject.id)
            AND to_kind = \(other.kind) AND to_id = \(other.id) AND relation = \(relation) AND valid_to IS NULL LIMIT 1
            """,
            LinliError.invalid(
                "registers.linked",
                [.init("other", Text("这条关联已经有了，不用再加", "They are tied like this already"))])
        )
        let id: ID<RegisterLinkRow> = try database.newID()
        let history = try database.draft(.linked, fields: [relation.rawValue])
        try await database.write(context, "registers.link") { tx in
            try refuseGone(subject, tx)
            try refuseGone(other, tx)
            guard try !tx.exists(already) else { throw linked }
            try tx.execute(
                """
                INSERT INTO register_link (id, from_kind, from_id, to_kind, to_id, relation, valid_from)
                VALUES (\(id), \(subject.kind), \(subject.id), \(other.kind), \(other.id), \(relation), \(tx.now))
                """
            )
            try history.insert(subject, source: source, tx)
            try tell(item, .linked, fields: [relation.rawValue], tx)
            try tx.audit(other.subject(in: target.division), fields: [relation.rawValue])
        }
        return id
    }

    /// What hangs on an entry that was merged, ended or erased since it was read would be lost, or stay of who is erased.
    private static func refuseGone(_ subject: RegisterSubject, _ tx: ReadTx) throws {
        guard try RegisterQueries.item(subject, tx)?.isHere == true else {
            throw LinliError(
                .conflict, "registers.gone",
                Text(
                    "刚才有人合并或注销了这一条，所以没有保存。请重新打开，看了再做",
                    "Somebody has just merged or ended this entry, so nothing was saved. Open it again first"))
        }
    }

    /// Ends a tie.
    package static func unlink(
        _ id: ID<RegisterLinkRow>, of subject: RegisterSubject, _ context: Context, _ database: Database
    ) async throws {
        let item = try await database.read { try open(subject, context, $0) }
        let history = try database.draft(.unlinked)
        try await database.write(context, "registers.unlink") { tx in
            let count = try tx.execute(
                """
                UPDATE register_link SET valid_to = \(tx.now) WHERE id = \(id) AND valid_to IS NULL
                AND (from_kind = \(subject.kind) AND from_id = \(subject.id)
                OR to_kind = \(subject.kind) AND to_id = \(subject.id))
                """
            )
            guard count == 1 else { throw LinliError.notFound("registers.link") }
            try history.insert(subject, source: "staff", tx)
            try tell(item, .unlinked, tx)
        }
    }

    /// Attaches photos to something.
    package static func attach(
        _ files: [ID<StoredFile>], to subject: RegisterSubject, _ context: Context, _ database: Database
    ) async throws {
        guard !files.isEmpty else {
            throw LinliError.invalid("registers.photo", [.init("photos", Text("请选照片", "Please choose photos"))])
        }
        let item = try await database.read { try open(subject, context, $0) }
        let history = try database.draft(.photo)
        try await database.write(context, "registers.photo") { tx in
            try refuseGone(subject, tx)
            for file in files {
                try FileStore.use(file, by: tx.context.actor, tx)
                try tx.execute(
                    """
                    INSERT INTO register_photo (id, kind, subject_id, file_id, at, account_id)
                    VALUES (\(try tx.newID(RegisterLinkRow.self)), \(subject.kind), \(subject.id), \(file), \(tx.now),
                        \(tx.context.actor.account))
                    """
                )
            }
            try history.insert(subject, source: "staff", tx)
            try tell(item, .photo, tx)
        }
    }

    /// Takes a photo away.
    package static func detach(
        _ file: ID<StoredFile>, from subject: RegisterSubject, _ context: Context, _ database: Database
    ) async throws {
        let item = try await database.read { try open(subject, context, $0) }
        let history = try database.draft(.photo)
        try await database.write(context, "registers.removePhoto") { tx in
            let count = try tx.execute(
                """
                DELETE FROM register_photo
                WHERE file_id = \(file) AND kind = \(subject.kind) AND subject_id = \(subject.id)
                """
            )
            guard count > 0 else { throw LinliError.notFound("registers.photo") }
            try history.insert(subject, source: "staff", tx)
            try tell(item, .photo, tx)
        }
    }
}
