import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Every column that holds a stored file says so to the schema: what it holds is not swept away as used by nobody.
@Suite("谁在用照片")
struct FileUsesTests {
    private static let endings = ["file_id", "_file", "photo_id", "picture_id", "image_id", "sheet_id"]

    @Test("名字像文件的列都登记了外键", arguments: TestEngine.enabled)
    func everyColumn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let known = Set(try await database.read { try FileUses.columns($0) })
            #expect(known.count >= 7)
            #expect(known.contains(FileColumn(table: "foreign_order", column: "sheet_file")))
            var found = 0
            for ending in Self.endings {
                let columns = try await database.read { tx in
                    try tx.all(SQL.columnsWithKeys(endingIn: ending)) {
                        FileColumn(table: try $0[0], column: try $0[1])
                    }
                }
                for column in columns {
                    #expect(known.contains(column), "\(column.table).\(column.column) refers to no stored_file")
                    found += 1
                }
            }
            #expect(found >= 7)
        }
    }
}
