import LinliCore
import LinliSQL
import LinliStandards

extension ImportOutcome {
    /// Takes over what is doubtful of its row; of what is known only what would be changed.
    mutating func doubt(_ row: ImportRow) {
        let isKnown = if case .known = fate { true } else { false }
        let changed = Set(changes.map(\.field.id))
        warnings += row.warnings.filter { !isKnown || changed.contains($0.id) }.map { $0.text }
    }
}

/// Rows about dwellings, organizations and things.
extension ImportPlanner {
    /// Homes with what is known of them, whether or not anybody lives there.
    mutating func dwellings(_ rows: [ImportRow], _ entries: inout Entries, _ tx: ReadTx) throws -> [ImportOutcome] {
        let addresses = Set(rows.map(ImportPlanner.address)).filter { !$0.isEmpty && homes[$0] == nil }
        try findHomes(addresses.sorted(), tx)
        return try rows.map { row in
            let address = ImportPlanner.address(row)
            var outcome = ImportOutcome(line: row.line, fate: .wrong, title: address, address: address)
            outcome.problems = row.problems
            guard isFirst(address, row, &outcome) else { return outcome }
            switch try find(address, tx) {
            case .wrong(let problem): outcome.problems.append(problem)
            case .known(let home, let own):
                outcome.fate = .known(home.dwelling.rawValue)
                outcome.address = own
            case .new(let found):
                var dwelling = DwellingRecord(
                    id: found.id, place: found.place, kind: DwellingKind(rawValue: row["dwelling.kind"]) ?? found.kind,
                    number: found.number, floor: Int(row["dwelling.floor"]) ?? found.floor, address: found.address,
                    division: found.division, occupancy: Occupancy(rawValue: row["dwelling.occupancy"]) ?? .unknown,
                    entry: entry)
                dwelling.propertyRight = PropertyRight(rawValue: row["dwelling.propertyRight"])
                dwelling.areaSquareMetres = Double(row["dwelling.area"])
                dwelling.point = try located(row, tx)?.0
                entries.dwellings.append(dwelling)
                let home = HomeFound(dwelling: dwelling.id, household: nil, division: dwelling.division)
                (homes[dwelling.address], homes[address]) = (home, home)
                outcome.fate = .new
            }
            return outcome
        }
    }

    mutating func organizations(_ rows: [ImportRow], _ entries: inout Entries, _ tx: ReadTx) throws
        -> [ImportOutcome]
    {
        try rows.map { row in
            let (name, code) = (row["organization.name"], row["organization.creditCode"])
            let address = row["organization.address"]
            var outcome = ImportOutcome(line: row.line, fate: .wrong, title: name, address: address)
            outcome.problems = row.problems
            guard isFirst(code.isEmpty ? "\(name)|\(address)" : code, row, &outcome) else { return outcome }
            let condition: SQL =
                code.isEmpty ? "name = \(name) AND address = \(address)" : "credit_code = \(code)"
            if let id = try known("organization", condition, tx) {
                outcome.fate = .known(id)
                return outcome
            }
            let place = address.isEmpty ? nil : try self.place(address.filter { !$0.isWhitespace }, tx)
            var organization = OrganizationRecord(
                id: ID(rawValue: try ids()), name: name, division: place?.division ?? division, entry: entry)
            organization.kind = OrganizationKind(rawValue: row["organization.kind"]) ?? .other
            organization.creditCode = code
            organization.isCodeDoubtful = RegisterValue.isDoubtful(creditCode: code)
            organization.activity = row["organization.activity"]
            organization.staffCount = Int(row["organization.staffCount"])
            organization.contactName = row["organization.contactName"]
            organization.address = address
            organization.place = place?.id
            if let (point, grid) = try located(row, tx) {
                organization.point = point
                organization.division = place?.division ?? grid
            }
            entries.organizations.append((organization, PhoneNumber(row["organization.phone"])))
            outcome.fate = .new
            return outcome
        }
    }

    mutating func things(_ rows: [ImportRow], _ entries: inout Entries, _ tx: ReadTx) throws -> [ImportOutcome] {
        try rows.map { row in
            let (name, code, location) = (row["thing.name"], row["thing.code"], row["thing.location"])
            var outcome = ImportOutcome(line: row.line, fate: .wrong, title: name, address: location)
            outcome.problems = row.problems
            guard isFirst(code.isEmpty ? "\(name)|\(location)" : code, row, &outcome) else { return outcome }
            let condition: SQL = code.isEmpty ? "name = \(name) AND location = \(location)" : "code = \(code)"
            if let id = try known("thing", condition, tx) {
                outcome.fate = .known(id)
                return outcome
            }
            let place = location.isEmpty ? nil : try self.place(location.filter { !$0.isWhitespace }, tx)
            var thing = ThingRecord(
                id: ID(rawValue: try ids()), name: name, division: place?.division ?? division, entry: entry)
            thing.code = code
            thing.category = row["thing.category"]
            thing.state = ThingState(rawValue: row["thing.state"]) ?? .sound
            thing.competentBody = row["thing.competentBody"]
            thing.ownerBody = row["thing.ownerBody"]
            thing.upkeepBody = row["thing.upkeepBody"]
            thing.location = location
            thing.note = row["thing.note"]
            thing.place = place?.id
            if let doubt = try doubt(code: code, tx) { outcome.warnings.append(doubt) }
            if let (point, grid) = try located(row, tx) {
                thing.point = point
                thing.division = place?.division ?? grid
            }
            entries.things.append(thing)
            outcome.fate = .new
            return outcome
        }
    }

    /// What is doubtful of a component's code: its first six digits are a district, which somebody here should know.
    private mutating func doubt(code: String, _ tx: ReadTx) throws -> Text? {
        guard let district = ComponentCode(code)?.district, district != division.ancestor(at: .district) else {
            return nil
        }
        let isKnown = try districts[district] ?? tx.exists("SELECT 1 FROM division WHERE code = \(district)")
        districts[district] = isKnown
        guard !isKnown else { return nil }
        let digits = code.prefix(6)
        return Text("部件标识码：前六位 \(digits) 不是这里知道的区县，请核对", "Component code: no district known here is \(digits)")
    }

    /// Where a row says it stands, and the grid there; the division of the sheet where no grid of it holds the point.
    private func located(_ row: ImportRow, _ tx: ReadTx) throws -> (GeoPoint, DivisionCode)? {
        let (longitude, latitude) = (row[ImportColumn.longitude], row[ImportColumn.latitude])
        guard let point = RegisterValue.point(longitude: longitude, latitude: latitude) else { return nil }
        let grid = try GridLocator.grid(
            latitude: point.latitude, longitude: point.longitude, at: entry.validFrom, tx)
        return (point, grid.flatMap { division.contains($0) ? $0 : nil } ?? division)
    }

    /// Whether a row is right and the first of its kind in the sheet.
    private mutating func isFirst(_ key: String, _ row: ImportRow, _ outcome: inout ImportOutcome) -> Bool {
        guard row.problems.isEmpty else { return false }
        if let before = seen.updateValue(seen[key] ?? row.line, forKey: key) {
            outcome.problems.append(Text("和第 \(before) 行重复", "The same as row \(before)"))
            return false
        }
        return true
    }

    private func known(_ table: SQL, _ condition: SQL, _ tx: ReadTx) throws -> Int64? {
        try tx.value(
            """
            SELECT id FROM \(table) WHERE \(condition) AND valid_to IS NULL AND community BETWEEN
            \(division.ancestor(at: .community).range.lowerBound) AND \(division.range.upperBound) ORDER BY id LIMIT 1
            """)
    }
}
