import LinliCore
import LinliSQL

extension Permission {
    /// See people, dwellings, organizations and things of one's divisions, numbers masked.
    package static let peopleRead = Permission("people.read", Text("查看人、房、组织、部件台账", "See people and things"))
    /// Enter and change them.
    package static let peopleEdit = Permission("people.edit", Text("登记、更正台账", "Enter and correct"))
    /// Read closely kept fields for a purpose.
    package static let peopleReveal = Permission("people.reveal", Text("按用途查看敏感信息", "Read sensitive fields"))
    /// Read fields of special groups, where a deployment has them at all.
    package static let peopleSpecial = Permission("people.special", Text("查看特殊人群信息", "Read special groups"))
    /// Bring in whole sheets, and take such an import back.
    package static let peopleImport = Permission("people.import", Text("导入表格", "Import sheets"))
    /// Take data out, for a purpose.
    package static let peopleExport = Permission("people.export", Text("导出数据", "Export"))
}

/// What is entered together: dwellings, the households in them, the people of these.
package struct RegisterBatch: Sendable {
    /// Dwellings to enter.
    package var dwellings: [DwellingRecord] = []
    /// Households to enter.
    package var households: [HouseholdRecord] = []
    /// People to enter, sealed.
    package var people: [SealedPerson] = []
    /// Organizations to enter.
    package var organizations: [OrganizationRecord] = []
    /// Things to enter.
    package var things: [ThingRecord] = []

    /// Nothing yet.
    package init() {}

    /// What it adds to the head-counts.
    package var delta: RegisterCounts.Delta {
        var delta = RegisterCounts.Delta()
        for dwelling in dwellings { delta.add(1, .dwelling, in: dwelling.division) }
        for household in households { delta.add(1, .household, in: household.division) }
        for person in people { delta.add(1, .person, in: person.person.division) }
        for organization in organizations { delta.add(1, .organization, in: organization.division) }
        for thing in things { delta.add(1, .thing, in: thing.division) }
        return delta
    }
}

/// Entering and changing what stands in the registers.
package enum RegisterCommands {
    /// Enters a batch inside a write: the rows, one audit entry, one event with what it adds to the counts.
    ///
    /// `subject` names what the entry and the event are about: an import, a household, a demo. Its division must hold
    /// everything in the batch.
    package static func enter(_ batch: RegisterBatch, as subject: Subject, _ tx: WriteTx) throws {
        try RegisterInsert.dwellings(batch.dwellings, tx)
        try RegisterInsert.households(batch.households, tx)
        try RegisterInsert.people(batch.people, tx)
        try RegisterInsert.organizations(batch.organizations, tx)
        try RegisterInsert.things(batch.things, tx)
        let fields = [
            ("person", batch.people.count), ("household", batch.households.count),
            ("dwelling", batch.dwellings.count), ("organization", batch.organizations.count),
            ("thing", batch.things.count),
        ].filter { $0.1 > 0 }.map { "\($0.0)×\($0.1)" }
        try tx.audit(subject, fields: fields)
        try tx.emit("registers.changed", subject, facts: ["what": "entered", "counts": batch.delta.text])
    }
}
