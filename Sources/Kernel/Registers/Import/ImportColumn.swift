import LinliCore
import LinliStandards

/// A column a sheet for the registers may have.
package struct ImportColumn: Sendable {
    /// The field it brings, or a word of ours for what is no field: `residence.tie`.
    package let id: String
    /// What people call it.
    package let name: Text
    /// Headings under which sheets bring it.
    package let headings: [String]
    /// The field, if it is one.
    package let field: RegisterField?

    init(_ field: RegisterField) {
        id = field.id
        name = field.name
        headings = [field.name.zh] + field.headings
        self.field = field
    }

    init(_ id: String, _ name: Text, _ headings: [String]) {
        self.id = id
        self.name = name
        self.headings = [name.zh] + headings
        field = nil
    }

    /// What somebody is to the head of the household.
    static let relation = "residence.relation"
    /// How somebody is tied to the dwelling.
    static let tie = "residence.tie"
    /// Where a thing or organization stands, in WGS 84.
    static let longitude = "point.longitude"
    static let latitude = "point.latitude"

    /// The columns of a sheet of a kind; special groups come by no sheet, and a point by its two
    /// numbers, which may have to be shifted.
    package static func of(_ kind: RegisterKind) -> [ImportColumn] {
        let own = RegisterField.of(kind).filter { $0.fieldClass < .special && $0.value != .point }
            .map { ImportColumn($0) }
        guard kind == .person else {
            return own + [
                ImportColumn(longitude, Text("经度", "Longitude"), ["lng", "lon", "longitude", "X"]),
                ImportColumn(latitude, Text("纬度", "Latitude"), ["lat", "latitude", "Y"]),
            ]
        }
        let home = RegisterField.of(.dwelling).filter { ["dwelling.address", "dwelling.number"].contains($0.id) }
        return own + home.map { ImportColumn($0) } + [
            ImportColumn(relation, Text("与户主关系", "To the head"), ["与户主的关系", "户主关系", "家庭关系", "关系"]),
            ImportColumn(tie, Text("人房关系", "Tie to the home"), ["居住关系", "居住类型", "房屋关系"]),
        ]
    }

    /// What a sheet of a kind cannot do without.
    package static func required(_ kind: RegisterKind) -> [String] {
        switch kind {
        case .person: ["person.name", "dwelling.address"]
        case .dwelling: ["dwelling.address"]
        default: ["\(kind.rawValue).name"]
        }
    }

    /// A heading without blanks, brackets and stars.
    package static func plain(_ heading: String) -> String {
        String(heading.filter { !$0.isWhitespace && !"*＊：:【】[]·_".contains($0) }.prefix(60))
    }

    /// What each heading is taken for, empty for a column that is left out: what somebody said of this heading before,
    /// then headings that are the same, then those that hold a known one of three characters or more.
    package static func suggest(_ headings: [String], _ kind: RegisterKind, remembered: [String: String]) -> [String] {
        let names = headings.map(plain)
        let columns = of(kind)
        var fields = [String](repeating: "", count: names.count)
        var settled: Set<Int> = []
        func take(_ index: Int, _ column: ImportColumn) {
            guard !settled.contains(index), !fields.contains(column.id) else { return }
            fields[index] = column.id
            settled.insert(index)
        }
        for (index, name) in names.enumerated() {
            guard let said = remembered[name] else { continue }
            if let column = columns.first(where: { $0.id == said }) { take(index, column) }
            settled.insert(index)
        }
        for column in columns {
            for heading in column.headings {
                for (index, name) in names.enumerated() where name == heading { take(index, column) }
            }
        }
        for column in columns {
            for heading in column.headings where heading.count >= 3 {
                for (index, name) in names.enumerated() where name.contains(heading) { take(index, column) }
            }
        }
        return fields
    }

    /// The row that names the columns: of the first ten the one with most headings we know.
    package static func heading(of rows: [[String]], _ kind: RegisterKind) -> Int {
        let scores = rows.prefix(10).map { suggest($0, kind, remembered: [:]).count { !$0.isEmpty } }
        let best = scores.max() ?? 0
        return best >= 2 ? scores.firstIndex(of: best) ?? 0 : 0
    }
}

/// A row of a sheet as the registers read it.
package struct ImportRow: Sendable {
    /// Its number as the sheet shows it.
    package let line: Int
    /// Checked values by column.
    package private(set) var values: [String: String] = [:]
    /// What is wrong with it.
    package var problems: [Text] = []
    /// What of it is doubtful and taken all the same, by the column.
    package private(set) var warnings: [(id: String, text: Text)] = []

    /// Reads the cells of a line by what its columns are taken for.
    package init(_ line: SheetDraft.Line, fields: [String], _ kind: RegisterKind, today: CivilDate) {
        self.line = line.number
        for (cell, id) in zip(line.cells, fields) where !id.isEmpty && !cell.trimmed.isEmpty {
            take(cell.trimmed, id, today)
        }
        for id in ImportColumn.required(kind) where values[id] == nil && problems.isEmpty {
            let name = RegisterField.named(id)?.name ?? Text(same: id)
            problems.append(Text("缺\(name.zh)", "\(name.en) is missing"))
        }
        checkPoint()
        if kind == .person { checkNumber(today) }
    }

    /// A number that says another birth or sex than the row does: the number is taken, and that is said.
    private mutating func checkNumber(_ today: CivilDate) {
        // What is no number was said to be wrong when its cell was read.
        guard let number = values["person.number"], let read = try? CitizenID(number, today: today) else { return }
        if let born = values["person.born"].flatMap({ RegisterValue.day($0) }), born != read.birthDate {
            warnings.append(
                (
                    "person.born",
                    Text(
                        "出生日期写的是 \(born)，证件号码里是 \(read.birthDate)，按证件号码登记",
                        "Birth: the row says \(born), the number \(read.birthDate), which is taken")
                ))
        }
        let sex = read.sex == .male ? Text("男", "male") : Text("女", "female")
        if let said = values["person.sex"], ["1", "2"].contains(said), said != (read.sex == .male ? "1" : "2") {
            let other = said == "1" ? Text("男", "male") : Text("女", "female")
            warnings.append(
                (
                    "person.sex",
                    Text(
                        "性别写的是\(other.zh)，证件号码里是\(sex.zh)，按证件号码登记",
                        "Sex: the row says \(other.en), the number \(sex.en), which is taken")
                ))
        }
    }

    /// Two numbers that are no place here are said, not dropped.
    private mutating func checkPoint() {
        let (longitude, latitude) = (self[ImportColumn.longitude], self[ImportColumn.latitude])
        guard !longitude.isEmpty || !latitude.isEmpty,
            RegisterValue.point(longitude: longitude, latitude: latitude) == nil
        else { return }
        problems.append(
            Text(
                "经纬度用不了（经度“\(longitude)”，纬度“\(latitude)”）：请写小数，经度 73 到 136、纬度 3 到 54，不知道就都空着",
                "Longitude “\(longitude)”, latitude “\(latitude)”: decimals from 73 to 136 and 3 to 54, or leave both empty"
            ))
    }

    /// The value of a column, empty without one.
    package subscript(id: String) -> String { values[id] ?? "" }

    private mutating func take(_ cell: String, _ id: String, _ today: CivilDate) {
        guard let field = RegisterField.named(id) else {
            values[id] = String(cell.prefix(20))
            return
        }
        do {
            let text = field.value == .day ? ImportRow.day(cell) : cell
            guard let checked = try RegisterValue.check(text, of: field, today: today) else { return }
            // Many sheets bring the head's number with each member; the first that is right stands.
            guard values[id] == nil else { return }
            values[id] = checked.value
            if let doubt = checked.warning {
                warnings.append((id, ImportRow.said(doubt, of: field)))
            }
        } catch let error as LinliError {
            let text = error.fields.first?.text ?? error.publicText
            problems.append(ImportRow.said(text, of: field))
        } catch {
            problems.append(Text("\(field.name.zh)看不懂", "\(field.name.en) cannot be read"))
        }
    }

    /// What is to be said of a field, which is named once.
    private static func said(_ text: Text, of field: RegisterField) -> Text {
        text.zh.hasPrefix(field.name.zh) ? text : Text("\(field.name.zh)：\(text.zh)", "\(field.name.en): \(text.en)")
    }

    /// A day as spreadsheets keep it, 18429 for 1950-06-15, or with a time of day behind it.
    private static func day(_ cell: String) -> String {
        if cell.utf8.count == 5, let serial = Int(cell) {
            return CivilDate(daysSinceEpoch: serial - 25_569).description
        }
        return cell.split(separator: " ").first.map(String.init) ?? cell
    }
}
