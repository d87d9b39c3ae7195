/// Where the parts of a workbook are and what its sheets are called.
///
/// - Source: ECMA-376 part 1 §18.2, part 2 §9
struct WorkbookParts {
    /// The sheets that are not hidden, in their order: what each is called and where it is.
    let sheets: [(name: String, path: String)]
    let sharedStrings: String?
    let styles: String?
    /// Whether days are counted from 1904, as on old Macintoshes.
    let countsFrom1904: Bool

    /// Finds the parts of `archive`.
    ///
    /// - Throws: `SheetProblem.damaged` when it holds no sheet.
    init(_ archive: ZipArchive) throws {
        let root = archive.has("_rels/.rels") ? try Relations(archive, "_rels/.rels", of: "") : nil
        let book = root?.target(ofType: "officeDocument") ?? "xl/workbook.xml"
        guard archive.has(book) else { throw SheetProblem.unknownKind }
        let list = SheetList()
        try XMLStream.read(book, of: archive, into: list)
        let folder = book.split(separator: "/").dropLast().joined(separator: "/")
        let name = book.split(separator: "/").last.map(String.init) ?? ""
        let relations = try Relations(archive, WorkbookParts.joined(folder, "_rels/\(name).rels"), of: folder)
        sheets = list.sheets.filter { !$0.isHidden }.compactMap { sheet in
            relations.targets[sheet.relation].flatMap { archive.has($0) ? (sheet.name, $0) : nil }
        }
        guard !sheets.isEmpty else { throw SheetProblem.damaged }
        sharedStrings = relations.target(ofType: "sharedStrings").flatMap { archive.has($0) ? $0 : nil }
        styles = relations.target(ofType: "styles").flatMap { archive.has($0) ? $0 : nil }
        countsFrom1904 = list.countsFrom1904
    }

    /// A path inside the archive: `target` from `folder`, or from the root when it begins with a slash.
    static func joined(_ folder: String, _ target: String) -> String {
        var parts = target.hasPrefix("/") ? [] : folder.split(separator: "/")
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }
}

/// The sheets as the workbook lists them.
private final class SheetList: XMLSink {
    var sheets: [(name: String, relation: String, isHidden: Bool)] = []
    var countsFrom1904 = false

    func start(_ name: String, _ attributes: XMLAttributes) throws {
        switch name {
        case "workbookPr": countsFrom1904 = ["1", "true"].contains(attributes["date1904"] ?? "")
        case "sheet":
            guard sheets.count < 1000, let relation = attributes["id"] else { throw SheetProblem.damaged }
            sheets.append((attributes["name"] ?? "", relation, (attributes["state"] ?? "visible") != "visible"))
        default: break
        }
    }

    func end(_: String) throws {}
    func text(_: UnsafeBufferPointer<UInt8>) {}
}

/// What one part refers to.
private final class Relations: XMLSink {
    private let folder: String
    var targets: [String: String] = [:]
    private var types: [String: String] = [:]

    init(_ archive: ZipArchive, _ part: String, of folder: String) throws {
        self.folder = folder
        guard archive.has(part) else { throw SheetProblem.damaged }
        try XMLStream.read(part, of: archive, into: self)
    }

    /// The first part of a kind; its name's last word is the same in both variants of the standard.
    func target(ofType type: String) -> String? {
        types.filter { $0.value == type }.keys.sorted().first.flatMap { targets[$0] }
    }

    func start(_ name: String, _ attributes: XMLAttributes) throws {
        guard name == "Relationship", let id = attributes["Id"], let target = attributes["Target"],
            attributes["TargetMode"] != "External", targets.count < 5000
        else { return }
        targets[id] = WorkbookParts.joined(folder, target)
        types[id] = attributes["Type"]?.split(separator: "/").last.map(String.init)
    }

    func end(_: String) throws {}
    func text(_: UnsafeBufferPointer<UInt8>) {}
}
