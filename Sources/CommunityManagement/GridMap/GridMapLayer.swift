import LinliCore
import LinliKernel
import LinliUI

/// What the grids are coloured by.
enum GridMapLayer: Sendable, Equatable {
    case open, late, people, things, devices
    /// People who have a label.
    case group(Label)

    /// What stands in addresses: `devices`, `group.elderAlone`.
    var id: String {
        switch self {
        case .open: "open"
        case .late: "late"
        case .people: "people"
        case .things: "things"
        case .devices: "devices"
        case .group(let label): "group.\(label.id)"
        }
    }

    var name: Text {
        switch self {
        case .open: Text("未结工单", "Open cases")
        case .late: Text("超时工单", "Overdue cases")
        case .people: Text("人口", "People")
        case .things: Text("部件设施", "Things")
        case .devices: Text("要修的设备", "Devices to repair")
        case .group(let label): label.name
        }
    }

    /// Its name in a list, labels below others set in.
    var indented: Text {
        if case .group(let label) = self { return label.indented }
        return name
    }

    static func == (left: GridMapLayer, right: GridMapLayer) -> Bool { left.id == right.id }

    static let plain: [GridMapLayer] = [.open, .late, .people, .things, .devices]

    /// The groups a reader may see counts of: never special ones, and only with a right to counts of people here.
    static func groups(_ book: LabelBook, for actor: Actor, in division: DivisionCode) -> [Label] {
        guard actor.may(.labelsCounts, in: division) || actor.may(.peopleRead, in: division) else { return [] }
        return book.tree { $0.fieldClass < .special }
    }

    /// The layer an address names; the first for one that there is not.
    static func named(_ id: String?, _ groups: [Label]) -> GridMapLayer {
        if let plain = plain.first(where: { $0.id == id }) { return plain }
        return groups.first { "group.\($0.id)" == id }.map { .group($0) } ?? .open
    }

    /// How a grid is coloured, 0 to 3: cases by what is open and overdue, all else by thirds of the most there is.
    func level(_ figures: GridFigures, most: Int) -> Int {
        if self == .open { return figures.late > 0 ? 3 : figures.open > 4 ? 2 : figures.open > 0 ? 1 : 0 }
        let value = figures.value(of: self)
        if value <= 0 { return value < 0 ? 1 : 0 }
        return 1 + min(2, 3 * value / (most + 1))
    }

    /// What the four colours mean.
    var legend: [Text] {
        self == .open
            ? [Text("没有", "None"), Text("有", "Some"), Text("较多", "Many"), Text("有超时", "Some overdue")]
            : [Text("没有", "None"), Text("少", "Few"), Text("中", "More"), Text("多", "Most")]
    }
}
