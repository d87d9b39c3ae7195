import LinliCore

/// What maps show below the grids: nothing, pictures of another server, or those of a file on this one.
package struct BaseMap: Sendable {
    /// Reads one picture of a file by zoom, column from the west and row from the north; nil where it has none.
    package typealias Read = @Sendable (_ zoom: Int, _ column: Int, _ row: Int) throws -> [UInt8]?

    /// Where pictures come from, with `{z}`, `{x}` and `{y}`; empty for no base map.
    package let template: String
    /// Who made the map; shown in its corner.
    package let attribution: String
    /// The other server pictures come from, `https://tiles.example.org`; nil for none.
    package let server: String?
    /// Reads the file of this server; nil for none.
    package let read: Read?

    private init(_ template: String, _ attribution: String, server: String?, read: Read?) {
        self.template = template
        self.attribution = attribution
        self.server = server
        self.read = read
    }

    /// The grids alone.
    package static let none = BaseMap("", "", server: nil, read: nil)

    /// A map of a file on this server.
    package static func file(attribution: String, read: @escaping Read) -> BaseMap {
        BaseMap("/tiles/{z}/{x}/{y}", attribution, server: nil, read: read)
    }

    /// A map of another server; nil when `template` is not `https://HOST/…{z}…{x}…{y}…`.
    ///
    /// Host and port go into the pages' policy as they are: nothing but their letters is let through.
    package init?(template: String, attribution: String) {
        let parts = template.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, ["http:", "https:"].contains(parts[0]), parts[1].isEmpty, !parts[2].isEmpty,
            parts[2].utf8.allSatisfy({ BaseMap.isOfHost($0) }), ["{z}", "{x}", "{y}"].allSatisfy(template.contains),
            template.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.init(template, attribution, server: parts[0] + "//" + parts[2], read: nil)
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5B, 0x5D: true
        default: false
        }
    }
}
