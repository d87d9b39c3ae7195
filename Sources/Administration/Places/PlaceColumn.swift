import LinliCore
import LinliKernel

/// A column a table of places may have, in the order of the template.
enum PlaceColumn: String, CaseIterable, Sendable {
    case kind, name, parent, division, right, manager, latitude, longitude, road, door

    /// What people call it; the Chinese name heads the template.
    var title: Text {
        switch self {
        case .kind: Text("种类", "Kind")
        case .name: Text("名称", "Name")
        case .parent: Text("上级地址", "Address it lies in")
        case .division: Text("网格", "Grid")
        case .right: Text("产权", "Property right")
        case .manager: Text("谁来管", "Who manages it")
        case .latitude: Text("纬度", "Latitude")
        case .longitude: Text("经度", "Longitude")
        case .road: Text("路巷", "Road")
        case .door: Text("门牌号", "Door number")
        }
    }

    /// What other tables call it.
    private var others: [String] {
        switch self {
        case .kind: ["类型", "地点种类", "类别"]
        case .name: ["地点名称", "小区名称"]
        case .parent: ["上级", "所属地点", "所在小区"]
        case .division: ["所属网格", "网格号"]
        case .right: ["产权性质"]
        case .manager: ["物业公司", "物业", "管理单位"]
        case .latitude: ["lat"]
        case .longitude: ["lng", "lon"]
        case .road: ["道路", "街路巷", "街巷"]
        case .door: ["门牌", "门楼牌号"]
        }
    }

    /// Most columns of a table.
    static let maximum = 60
    /// What its columns are remembered under.
    static let sheet = "place"

    /// What a form says of the columns, by their place in the table.
    static func said(in form: Form) -> [Int: String] {
        var said: [Int: String] = [:]
        for field in form.fields where field.name.hasPrefix("column-") {
            guard let index = Int(field.name.dropFirst("column-".count)), (0..<maximum).contains(index) else {
                continue
            }
            said[index] = field.value
        }
        return said
    }

    /// What each heading is taken for, empty for what is left out: what somebody says of it now, or said of such a heading
    /// before, then what it is called here, then elsewhere. No column is taken twice.
    static func suggest(_ headers: [String], said: [Int: String], remembered: [String: String]) -> [String] {
        var fields = [String](repeating: "", count: headers.count)
        var settled: Set<Int> = []
        func take(_ index: Int, _ field: String) {
            guard settled.insert(index).inserted else { return }
            if PlaceColumn(rawValue: field) != nil, !fields.contains(field) { fields[index] = field }
        }
        for index in headers.indices {
            if let field = said[index] { take(index, field) }
        }
        for (index, header) in headers.enumerated() {
            if let field = remembered[ImportColumn.plain(header)] { take(index, field) }
        }
        for column in allCases where !fields.contains(column.rawValue) {
            for words in [[column.rawValue, column.title.zh], column.others] {
                guard let index = headers.indices.first(where: { !settled.contains($0) && words.contains(headers[$0]) })
                else { continue }
                take(index, column.rawValue)
                break
            }
        }
        return fields
    }
}
