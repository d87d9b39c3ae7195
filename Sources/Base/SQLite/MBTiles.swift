import Foundation
import GRDB
import LinliSQL

/// A base map in a file, read and never written.
///
/// - Source: MBTiles 1.3 (rows count from the south)
package final class MBTiles: Sendable {
    private let queue: DatabaseQueue
    /// Who made the map, as the file says; empty when it does not.
    package let attribution: String

    /// Opens the file at `path`.
    ///
    /// - Throws: `SQLError.unreachable` with one plain sentence when it is no MBTiles file or does not hold pictures.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            let (credit, sample) = try queue.read { database in
                (
                    try String.fetchOne(database, sql: "SELECT value FROM metadata WHERE name = 'attribution'"),
                    try Data.fetchOne(database, sql: "SELECT tile_data FROM tiles LIMIT 1")
                )
            }
            attribution = MBTiles.plain(credit ?? "")
            guard let sample, MBTiles.type(of: Array(sample.prefix(12))) != nil else {
                throw SQLError.unreachable(
                    "\(path) holds no pictures: a base map needs PNG, JPEG or WebP tiles, not vectors"
                )
            }
        } catch let error as DatabaseError {
            throw SQLError.unreachable("\(path) is not an MBTiles file: \(error.message ?? "\(error.resultCode)")")
        }
    }

    /// The picture of a tile, rows counted from the north; nil where the map has none.
    package func tile(zoom: Int, column: Int, row: Int) throws -> [UInt8]? {
        guard (0...24).contains(zoom), (0..<(1 << zoom)).contains(column), (0..<(1 << zoom)).contains(row) else {
            return nil
        }
        let fromSouth = (1 << zoom) - 1 - row
        do {
            return try queue.read { database in
                try Data.fetchOne(
                    database,
                    sql: "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                    arguments: [zoom, column, fromSouth]
                )
            }.map(Array.init)
        } catch let error as DatabaseError {
            throw SQLError.failed("the base map cannot be read: \(error.message ?? "\(error.resultCode)")")
        }
    }

    /// The media type of a picture by its first bytes; nil for what is none.
    package static func type(of head: [UInt8]) -> String? {
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
        if head.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if head.starts(with: Array("RIFF".utf8)), head.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            return "image/webp"
        }
        return nil
    }

    /// Without markup: files often give their credit as a link.
    private static func plain(_ text: String) -> String {
        var depth = 0
        let letters = text.filter { letter in
            if letter == "<" { depth += 1 }
            defer { if letter == ">", depth > 0 { depth -= 1 } }
            return depth == 0
        }
        return String(letters.prefix(200))
    }
}
