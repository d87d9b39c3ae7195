import LinliCore
import LinliKernel
import LinliSQL

/// A table of places, line by line: what each line would do. The same is worked out for the preview and for the import,
/// so that what was shown is what is stored.
struct PlacesImport: Sendable {
    /// What a line does.
    enum Result: Sendable {
        /// Adds this place, inside the place with an address.
        case add(PlaceDraft, parent: String?)
        /// The address is there already.
        case present
        case wrong([Text])
    }

    struct Line: Sendable {
        let number: Int
        let name: String
        let address: String
        let result: Result
        /// As it came.
        var cells: [String] = []
    }

    /// Most bytes and lines of a table.
    static let maximumBytes = 60_000
    static let maximumLines = 1000

    private(set) var lines: [Line] = []
    /// The columns as the table names them, and what each is taken for: empty for what is left out.
    private(set) var headers: [String] = []
    private(set) var fields: [String] = []
    /// What was said of columns otherwise than they would have been taken for, to be remembered.
    private(set) var corrected: [String: String] = [:]
    /// What is wrong with the table as a whole.
    private(set) var problem: Text?

    var added: Int { lines.count { if case .add = $0.result { true } else { false } } }
    var wrong: Int { lines.count { if case .wrong = $0.result { true } else { false } } }

    private let community: DivisionCode
    private let divisions: Set<DivisionCode>
    private let units: [String: ID<Unit>]
    /// Kind, division and property right of every address, of the store and of the lines above.
    private var known: [String: (kind: PlaceKind, division: DivisionCode, right: PropertyRight)] = [:]

    /// What a table may begin with.
    static let template = """
        种类,名称,上级地址,网格,产权,谁来管,纬度,经度,路巷,门牌号
        小区,和平里小区,,1,商品房,安居物业,39.9143,116.4027,和平街,18号
        楼,1号楼,和平里小区,1,,,39.9145,116.4025
        单元,1单元,和平里小区1号楼,,,,,
        公共空间,和平广场,,2,公共空间,,39.9150,116.4030
        """

    /// Reads a table for a community; `said` is what somebody says of its columns, by their place.
    init(
        _ text: String, community: DivisionCode, said: [Int: String] = [:], at now: Instant, _ tx: ReadTx
    ) throws {
        self.community = community
        divisions = Set(try [community] + DivisionsStore.children(of: community, at: now, tx).map(\.code))
        let reachable = try UnitsStore.reachable(from: community, tx)
        units = Dictionary(reachable.map { ($0.name.zh, $0.id) }, uniquingKeysWith: { first, _ in first })
        for place in try PlacesStore.tree(in: community, tx) {
            known[place.address] = (place.kind, place.division, place.propertyRight)
        }
        try read(text, said, tx)
    }

    private mutating func read(_ text: String, _ said: [Int: String], _ tx: ReadTx) throws {
        guard text.utf8.count <= PlacesImport.maximumBytes else {
            problem = Text("表格太大：最多 60 KB，请分几次导入", "The table is too large: at most 60 KB, please import it in parts")
            return
        }
        let rows = CSV.lines(text)
        guard rows.count <= PlacesImport.maximumLines + 1 else {
            problem = Text("表格太长：最多 1000 行，请分几次导入", "The table is too long: at most 1,000 lines")
            return
        }
        guard let head = rows.first, let names = CSV.cells(head.line)?.map(\.trimmed) else {
            problem = Text("表格是空的", "The table is empty")
            return
        }
        headers = Array(names.prefix(PlaceColumn.maximum))
        let remembered = try SheetDrafts.remembered(
            PlaceColumn.sheet, headers.map(ImportColumn.plain), in: community, tx)
        let usual = PlaceColumn.suggest(headers, said: [:], remembered: remembered)
        fields = PlaceColumn.suggest(headers, said: said, remembered: remembered)
        var columns: [PlaceColumn: Int] = [:]
        for (index, field) in fields.enumerated() {
            if let column = PlaceColumn(rawValue: field) { columns[column] = index }
            if said[index] != nil, field != usual[index] { corrected[ImportColumn.plain(headers[index])] = field }
        }
        guard columns[.kind] != nil, columns[.name] != nil else {
            problem = Text("第一行要写列名，至少有种类和名称", "The first line names the columns: at least kind and name")
            return
        }
        for row in rows.dropFirst() {
            let cells = CSV.cells(row.line)
            var read = self.line(row.number, cells, columns)
            read.cells = cells ?? [String(decoding: row.line, as: UTF8.self)]
            lines.append(read)
        }
    }

    private mutating func line(_ number: Int, _ cells: [String]?, _ columns: [PlaceColumn: Int]) -> Line {
        guard let cells else {
            let text = Text("引号没有配对", "A quotation mark is not closed")
            return Line(number: number, name: "", address: "", result: .wrong([text]))
        }
        func cell(_ column: PlaceColumn) -> String {
            columns[column].flatMap { $0 < cells.count ? cells[$0].trimmed : nil } ?? ""
        }
        let (name, parentAddress) = (cell(.name), cell(.parent))
        let address = String((parentAddress + name).prefix(160))
        if known[address] != nil { return Line(number: number, name: name, address: address, result: .present) }
        var problems: [Text] = []
        let parent = parentAddress.isEmpty ? nil : known[parentAddress]
        if !parentAddress.isEmpty, parent == nil {
            problems.append(
                Text("没有“\(parentAddress)”，上级要写在前面", "There is no “\(parentAddress)”; what holds others comes first"))
        }
        let kind = PlaceKind.allCases.first {
            $0.rawValue == cell(.kind) || $0.name.zh.components.contains(cell(.kind))
        }
        let right = PropertyRight.allCases.first { $0.rawValue == cell(.right) || $0.name.zh == cell(.right) }
        var draft = PlaceDraft(
            kind: kind, name: name, division: grid(cell(.division)) ?? parent?.division,
            right: right
                ?? (cell(.right).isEmpty ? parent?.right ?? (kind == .publicSpace ? PropertyRight.none : nil) : nil),
            manager: units[cell(.manager)], latitude: cell(.latitude), longitude: cell(.longitude)
        )
        (draft.road, draft.door, draft.source) = (cell(.road), cell(.door), "import")
        if cell(.division).isEmpty, parent == nil { draft.division = community }
        if !cell(.manager).isEmpty, draft.manager == nil {
            problems.append(Text("没有单位叫“\(cell(.manager))”", "No unit is called “\(cell(.manager))”"))
        }
        problems += self.problems(of: draft, in: parent?.kind)
        guard problems.isEmpty, let kind = draft.kind, let division = draft.division, let right = draft.right else {
            return Line(number: number, name: name, address: address, result: .wrong(problems))
        }
        known[address] = (kind, division, right)
        let result = Result.add(draft, parent: parentAddress.isEmpty ? nil : parentAddress)
        return Line(number: number, name: name, address: address, result: result)
    }

    private func problems(of draft: PlaceDraft, in parent: PlaceKind?) -> [Text] {
        var problems = draft.problems(in: nil).filter { $0.name != "kind" }.map(\.text)
        if let kind = draft.kind, parent.map({ !$0.inside.contains(kind) }) ?? (kind == .entrance) {
            problems.append(Text("\(kind.name.zh)不能放在这里", "\(kind.name.en) cannot lie here"))
        }
        if draft.kind == nil {
            let kinds = PlaceKind.allCases.map { $0.name.zh }.joined(separator: "、")
            problems.append(Text("种类是其中之一：\(kinds)", "The kind is one of \(kinds)"))
        }
        return problems
    }

    /// A grid by its number in the community, or by any code of it.
    private func grid(_ text: String) -> DivisionCode? {
        if let number = Int64(text), (1...999).contains(number) {
            let code = DivisionCode(rawValue: community.rawValue + number)
            return divisions.contains(code) ? code : DivisionCode(rawValue: 0)
        }
        return DivisionCode(text).map { divisions.contains($0) ? $0 : DivisionCode(rawValue: 0) }
    }
}

extension String {
    /// The words of a name like 胡同、院子.
    fileprivate var components: [String] { split(separator: "、").map(String.init) + [self] }
}

extension PlacesCommands {
    /// Stores a table of places; a line that is wrong stops all of it. `said` is what somebody says of its columns.
    ///
    /// - Throws: `.invalid` when any line is wrong.
    func importTable(
        _ text: String, into community: DivisionCode, said: [Int: String] = [:], _ context: Context
    ) async throws -> PlacesImport {
        try await database.write(context, "places.import") { tx in
            guard context.actor.may(.registersManage, in: community) else {
                throw LinliError.notFound("places.community")
            }
            let table = try PlacesImport(text, community: community, said: said, at: tx.now, tx)
            guard table.problem == nil, table.wrong == 0 else {
                throw LinliError.invalid(
                    "places.table",
                    [
                        .init(
                            "table",
                            table.problem
                                ?? Text(
                                    "有 \(table.wrong) 行不对，请改好再导入", "\(table.wrong) lines are wrong; please correct them"
                                ))
                    ]
                )
            }
            var ids: [String: PlaceSummary] = [:]
            for place in try PlacesStore.tree(in: community, tx) { ids[place.address] = place }
            let first = try PlacesAdminStore.nextSortKey(in: community, tx)
            var count = 0
            for line in table.lines {
                guard case .add(let draft, let parent) = line.result else { continue }
                let place = try draft.checked(in: parent.flatMap { ids[$0] }, sortKey: first + count)
                try PlacesCommands.check(place, context, tx)
                let id = try PlacesStore.insert(place, tx)
                try PlaceHistory.note(.entered, of: id, source: draft.source, tx)
                ids[place.address] = try PlacesStore.find(id, tx)
                count += 1
            }
            try tx.audit(Subject("division", community.rawValue, division: community), fields: ["places"])
            try tx.emit("place.changed", Subject("division", community.rawValue, division: community))
            return table
        }
    }
}
