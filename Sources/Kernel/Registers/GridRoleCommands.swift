import LinliCore
import LinliSQL
import LinliStandards

/// Somebody to add to a grid, as typed.
package struct GridRoleDraft: Sendable {
    /// What they are to do.
    package var kind: GridRoleKind?
    /// Who it is; not needed with an entry of the register.
    package var name = ""
    /// Their phone; none when it is empty.
    package var phone = ""
    /// The building or entrance of a steward.
    package var place: ID<Place>?
    /// Their entry in the register; found by name and phone when nobody says it.
    package var person: ID<Person>?
    /// From which day to which.
    package var from: CivilDate?
    package var until: CivilDate?
    /// Whether a day was typed that is none.
    package var hasWrongDate = false

    /// Nobody yet.
    package init() {}
}

/// What may be done with the people of a grid: by administrators within their divisions, and by the head of the community.
package struct GridRoleCommands: Sendable {
    let database: Database

    /// Commands over `database`.
    package init(_ database: Database) { self.database = database }

    /// Adds somebody from a day on, today if none is said. Whoever has an entry in the community's register or an account
    /// under this name and phone is linked with it.
    ///
    /// - Throws: `.invalid` naming each field, `.notFound` for a grid of others.
    package func add(
        _ draft: GridRoleDraft, to grid: DivisionCode, _ context: Context
    ) async throws -> ID<GridRole> {
        var draft = draft
        draft.name = draft.name.trimmed
        if let person = draft.person { draft.name = try await name(of: person, grid, context) }
        let phone = PhoneNumber(draft.phone)
        let problems = problems(draft, phone, on: context.now.date)
        guard problems.isEmpty, let kind = draft.kind else { throw LinliError.invalid("gridRoles.add", problems) }
        let (role, keys) = (draft, database.keys)
        return try await database.write(context, "gridRoles.add") { tx in
            try GridRoleCommands.check(grid, context, tx)
            let place = kind == .steward ? role.place : nil
            if let place, try PlacesStore.find(place, tx)?.division != grid {
                throw LinliError.invalid(
                    "gridRoles.place",
                    [.init("place", Text("请选这个网格里的楼、单元", "Please choose a building of this grid"))]
                )
            }
            let from = role.from.map { $0 == context.now.date ? tx.now : Instant($0) } ?? tx.now
            let until = role.until.map { Instant($0.adding(days: 1)) }
            let isThere = try GridRolesStore.isThere(
                kind, role.name, phone: phone, at: place, from: from, until: until, in: grid, tx)
            if isThere { throw GridRoleCommands.twice(role.name, kind) }
            let known = try phone.map { try GridRoleCommands.known(role.name, $0, grid, keys, tx) }
            let id = try GridRolesStore.insert(
                kind, role.name, phone: phone, person: role.person ?? known?.person, account: known?.account,
                at: place, from: from, until: until, in: grid, tx)
            try tx.emit("grid.peopleChanged", Subject("division", grid.rawValue, division: grid))
            return id
        }
    }

    private static func twice(_ name: String, _ kind: GridRoleKind) -> LinliError {
        LinliError.invalid(
            "gridRoles.twice",
            [
                .init(
                    "name",
                    Text(
                        "“\(name)”已经是这里的\(kind.name.zh)；同名的另一位，请填手机号",
                        "“\(name)” is a \(kind.name.en.lowercased()) here already; enter the phone of somebody else of that name"
                    ))
            ])
    }

    private func problems(
        _ draft: GridRoleDraft, _ phone: PhoneNumber?, on today: CivilDate
    ) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        if draft.kind == nil { problems.append(.init("kind", Text("请选做什么", "Please choose what they do"))) }
        if draft.name.isEmpty || draft.name.count > 20 {
            problems.append(
                .init("name", Text("请填名称，最多 20 个字", "Please enter a name of at most 20 characters")))
        } else if !PersonalNumbers.find(in: draft.name).isEmpty {
            problems.append(
                .init("name", Text("名称里不要写手机号或证件号", "No phone or citizen number in a name, please")))
        }
        if !draft.phone.trimmed.isEmpty, phone == nil { problems.append(.init("phone", PhoneNumber.hint)) }
        if draft.hasWrongDate || draft.until.map({ $0 < max(draft.from ?? today, today) }) == true {
            problems.append(
                .init("until", Text("日子不对：到哪天要在从哪天之后", "The last day must not be before the first one")))
        }
        if draft.kind == .steward, draft.place == nil {
            problems.append(.init("place", Text("楼门长请选哪个楼、单元", "Please choose the building of a steward")))
        }
        return problems
    }

    /// The name an entry of the register has, for who may see it there.
    private func name(of person: ID<Person>, _ grid: DivisionCode, _ context: Context) async throws -> String {
        let record = try await database.read { try RegisterQueries.person(person, $0) }
        guard let record, record.entry.validTo == nil, context.actor.may(.peopleRead, in: record.division),
            grid.ancestor(at: .community).contains(record.division)
        else {
            throw LinliError.invalid(
                "gridRoles.person",
                [.init("person", Text("本社区名册里没有这个人", "Nobody of the community's register"))])
        }
        return record.name
    }

    /// Whose name and phone these are: the only such entry of the community's register, and the account.
    private static func known(
        _ name: String, _ phone: PhoneNumber, _ grid: DivisionCode, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> (person: ID<Person>?, account: ID<Account>?) {
        let hash = RegisterHash.phone.of(phone.number, keys)
        let people: [ID<Person>] = try tx.all(
            """
            SELECT id FROM person WHERE phone_hash = \(hash) AND name = \(name) AND valid_to IS NULL
            AND community = \(grid.ancestor(at: .community)) ORDER BY id LIMIT 2
            """
        ) { try $0[0] }
        let account: ID<Account>? = try tx.value(
            """
            SELECT id FROM account WHERE phone_index = \(keys.index(phone.number, kind: "phone"))
            AND name = \(name) AND status = 'active' LIMIT 1
            """)
        return (people.count == 1 ? people.first : nil, account)
    }

    /// Ends somebody's work.
    ///
    /// - Throws: `.notFound` for who has ended, and in a grid of others.
    package func end(_ id: ID<GridRole>, in grid: DivisionCode, _ context: Context) async throws {
        try await database.write(context, "gridRoles.end") { tx in
            try GridRoleCommands.check(grid, context, tx)
            guard try GridRolesStore.end(id, in: grid, tx) else {
                throw LinliError.notFound("gridRoles.unknown")
            }
            try tx.emit("grid.peopleChanged", Subject("division", grid.rawValue, division: grid))
        }
    }

    private static func check(_ grid: DivisionCode, _ context: Context, _ tx: ReadTx) throws {
        guard grid.level == .grid, context.actor.may(.gridPeopleManage, in: grid),
            try DivisionsStore.find(grid, at: context.now, tx) != nil
        else { throw LinliError.notFound("gridRoles.grid") }
    }

    /// Somebody the reader may see.
    ///
    /// - Throws: `.notFound` for everybody else.
    package func find(_ id: ID<GridRole>, _ context: Context) async throws -> GridRole {
        guard let role = try await database.read({ try GridRolesStore.find(id, at: context.now, $0) }),
            context.actor.may(.gridPeopleRead, in: role.division)
        else { throw LinliError.notFound("gridRoles.unknown") }
        return role
    }

    /// Their phone in clear, to call them; noted before it is shown.
    ///
    /// - Throws: as `find`, `.notFound` without a phone, `.forbidden` for who may not read closely kept fields now.
    package func phone(of id: ID<GridRole>, _ context: Context) async throws -> PhoneNumber {
        let role = try await find(id, context)
        let (sealed, onDuty) = try await database.read { tx -> ([UInt8]??, Bool) in
            (
                try tx.first("SELECT phone_sealed FROM grid_role WHERE id = \(id)") { try $0[0] },
                try RegisterReading.isOnDuty(context, tx)
            )
        }
        try RegisterReading.check([.sensitive], context, role.division, onDuty: onDuty)
        guard let sealed = sealed ?? nil else { throw LinliError.notFound("gridRoles.phone") }
        if let person = role.person {
            // It is a number of theirs that the register knows them by: they see that somebody read it, and why.
            let reason = "\(ReadingPurpose.visit.rawValue): 联系网格岗位"
            try await database.write(context, "registers.read", reason: reason) { tx in
                try tx.audit(
                    RegisterSubject(.person, person).subject(in: role.division), fields: ["person.phone"])
            }
        }
        let clear = try await database.reveal(
            context, purpose: "联系网格岗位", role.subject, [(Cell("grid_role", "phone_sealed", id.rawValue), sealed)])
        guard let phone = clear.first.flatMap({ PhoneNumber($0) }) else {
            throw LinliError.notFound("gridRoles.phone")
        }
        return phone
    }
}
