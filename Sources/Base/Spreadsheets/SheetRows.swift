/// The rows of one sheet as they are read; gives each on as soon as it is complete.
///
/// A formula is never worked out: what was stored as its result counts. Cells that were merged all show what the first
/// of them holds, in rows that hold something themselves.
final class SheetRows: XMLSink {
    private let book: Workbook
    private let limits: SheetLimits
    private var merged: [MergedCells]
    private let give: (SheetRow) throws -> Void

    private var given = 0
    private var row = 0
    private var cells: [String] = []
    private var column = -1
    private var kind = ""
    private var style: Int?
    private var value: [UInt8] = []
    private var isInside = false
    private var phonetic = 0

    init(
        _ book: Workbook, _ merged: [MergedCells], _ limits: SheetLimits, _ give: @escaping (SheetRow) throws -> Void
    ) {
        self.book = book
        self.merged = merged
        self.limits = limits
        self.give = give
    }

    func start(_ name: String, _ attributes: XMLAttributes) throws {
        switch name {
        case "row":
            let number = attributes["r"].flatMap { Int($0) } ?? row + 1
            guard number > row, number <= CellReference.maximumRow else { throw SheetProblem.damaged }
            row = number
            column = -1
            cells.removeAll(keepingCapacity: true)
        case "c":
            let named = attributes["r"].flatMap { CellReference($0)?.column }
            column = named ?? column + 1
            kind = attributes["t"] ?? "n"
            style = attributes["s"].flatMap { Int($0) }
            value.removeAll(keepingCapacity: true)
        case "v": isInside = true
        case "t": isInside = phonetic == 0
        case "rPh": phonetic += 1
        default: break
        }
    }

    func end(_ name: String) throws {
        switch name {
        case "v", "t": isInside = false
        case "rPh": phonetic -= 1
        case "c": try keep(book.text(value, kind: kind, style: style))
        case "row": try finish()
        default: break
        }
    }

    func text(_ text: UnsafeBufferPointer<UInt8>) {
        if isInside { value.append(contentsOf: text) }
    }

    private func keep(_ text: String) throws {
        guard !text.isEmpty else { return }
        guard column >= 0, column < limits.columns else { throw SheetProblem.tooManyColumns(limits.columns) }
        while cells.count <= column { cells.append("") }
        cells[column] = text
    }

    private func finish() throws {
        guard cells.contains(where: { !$0.isEmpty }) else { return }
        for index in merged.indices where merged[index].rows.contains(row) {
            if row == merged[index].rows.lowerBound {
                let first = merged[index].columns.lowerBound
                merged[index].text = cells.indices.contains(first) ? cells[first] : ""
            }
            guard !merged[index].text.isEmpty else { continue }
            for column in merged[index].columns where column < limits.columns {
                while cells.count <= column { cells.append("") }
                cells[column] = merged[index].text
            }
        }
        let row = SheetRow(number: row, cells: cells)
        guard row.cells.contains(where: { !$0.isEmpty }) else { return }
        given += 1
        guard given <= limits.rows else { throw SheetProblem.tooManyRows(limits.rows) }
        try give(row)
    }
}

/// A block of cells that was merged into one.
struct MergedCells {
    let rows: ClosedRange<Int>
    let columns: ClosedRange<Int>
    /// What its first cell holds, once that was read.
    var text = ""

    /// Reads `B2:C5`; nil for anything else.
    init?(_ reference: String) {
        let corners = reference.split(separator: ":").compactMap { CellReference($0) }
        guard corners.count == 2, corners[0].row <= corners[1].row, corners[0].column <= corners[1].column else {
            return nil
        }
        rows = corners[0].row...corners[1].row
        columns = corners[0].column...corners[1].column
    }
}

/// The merged cells of a sheet: they stand behind its rows and are read first.
final class MergedList: XMLSink {
    private(set) var all: [MergedCells] = []
    /// More than this and the sheet is a drawing, not a table: what is merged beyond stays in its first cell.
    private static let maximum = 2000

    func start(_ name: String, _ attributes: XMLAttributes) throws {
        guard name == "mergeCell", all.count < MergedList.maximum, let reference = attributes["ref"],
            let cells = MergedCells(reference)
        else { return }
        all.append(cells)
    }

    func end(_: String) throws {}
    func text(_: UnsafeBufferPointer<UInt8>) {}
}

/// The place of a cell: `BC12`.
struct CellReference {
    let row: Int
    /// From 0.
    let column: Int

    static let maximumRow = 1_048_576
    private static let maximumColumn = 16_384

    /// Reads `BC12`; nil for anything else.
    init?(_ text: some StringProtocol) {
        var column = 0
        var row = 0
        for byte in text.utf8 {
            switch byte {
            case 0x41...0x5A where row == 0: column = column * 26 + Int(byte - 0x40)
            case 0x30...0x39 where column > 0: row = row * 10 + Int(byte - 0x30)
            case 0x24: continue
            default: return nil
            }
            guard column <= CellReference.maximumColumn, row <= CellReference.maximumRow else { return nil }
        }
        guard row > 0 else { return nil }
        self.row = row
        self.column = column - 1
    }
}
