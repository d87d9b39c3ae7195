import LinliSQL
import LinliSQLite
import LinliTestSupport
import Testing

/// A base map in a file: its pictures, its edge, and files that are none.
@Suite("底图文件")
struct MBTilesTests {
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3, 4]

    private func withFile(_ tile: [UInt8], _ body: (String) throws -> Void) async throws {
        try await withTemporaryDirectory { folder in
            let path = folder + "/map.mbtiles"
            try await closing(try SQLiteEngine(path: path)) { engine in
                try await engine.write(.claim) { connection in
                    try connection.run(
                        script: """
                            CREATE TABLE metadata (name TEXT, value TEXT);
                            CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
                            INSERT INTO metadata VALUES ('attribution', '© <a href="https://example.org">示例地图</a>');
                            """
                    )
                    // Row 1 from the north of four is row 2 from the south.
                    try connection.execute(
                        "INSERT INTO tiles (zoom_level, tile_column, tile_row, tile_data) VALUES (2, 3, 2, \(tile))"
                    )
                }
            }
            try body(path)
        }
    }

    @Test("从北数行，没有的瓦片和不存在的编号都是空的") func pictures() async throws {
        try await withFile(Self.png) { path in
            let map = try MBTiles(path: path)
            #expect(map.attribution == "© 示例地图")
            #expect(try map.tile(zoom: 2, column: 3, row: 1) == Self.png)
            for (zoom, column, row) in [(2, 3, 2), (2, 4, 1), (2, -1, 1), (99, 0, 0), (-1, 0, 0), (2, 3, 1 << 40)] {
                #expect(try map.tile(zoom: zoom, column: column, row: row) == nil)
            }
        }
    }

    @Test("矢量瓦片和别的文件用一句话说明") func refused() async throws {
        try await withFile([0x1F, 0x8B, 8, 0]) { path in
            let error = #expect(throws: SQLError.self) { _ = try MBTiles(path: path) }
            guard case .unreachable(let text) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(text.contains("holds no pictures"))
        }
        try await withSQLiteFile(migrations: []) { path in
            let error = #expect(throws: SQLError.self) { _ = try MBTiles(path: path) }
            guard case .unreachable(let text) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(text.contains("is not an MBTiles file"))
        }
    }
}
