import CLibZip
import Foundation
import LinliSpreadsheets
import LinliTestSupport
import Testing

/// Makes workbooks by hand, also such as no program writes.
enum ZipFile {
    /// Writes an archive of parts.
    static func write(_ parts: [(name: String, bytes: [UInt8])], to path: String) throws {
        var code: Int32 = 0
        let archive = try #require(zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code))
        for (name, bytes) in parts {
            // libzip frees the copy when the archive is closed.
            let copy = try #require(malloc(max(bytes.count, 1)))
            copy.copyMemory(from: bytes, byteCount: bytes.count)
            let source = zip_source_buffer(archive, copy, zip_uint64_t(bytes.count), 1)
            #expect(zip_file_add(archive, name, source, 0) >= 0)
        }
        #expect(zip_close(archive) == 0)
    }

    /// The parts of a workbook with one sheet.
    static func workbook(
        rows: String, texts: String? = nil, styles: String? = nil, properties: String = "", merged: String = ""
    ) -> [(name: String, bytes: [UInt8])] {
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        var parts: [(String, String)] = [
            (
                "_rels/.rels",
                "<Relationships><Relationship Id=\"r1\" Type=\"\(kind)/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
            (
                "xl/workbook.xml",
                """
                <workbook xmlns:r="\(kind)">\(properties)<sheets><sheet name="藏" state="hidden" sheetId="2" r:id="h"/>\
                <sheet name="工单" sheetId="1" r:id="s"/></sheets></workbook>
                """
            ),
            (
                "xl/_rels/workbook.xml.rels",
                """
                <Relationships><Relationship Id="s" Type="\(kind)/worksheet" Target="/xl/worksheets/sheet1.xml"/>\
                <Relationship Id="h" Type="\(kind)/worksheet" Target="worksheets/hidden.xml"/>\
                <Relationship Id="t" Type="\(kind)/sharedStrings" Target="sharedStrings.xml"/>\
                <Relationship Id="y" Type="\(kind)/styles" Target="styles.xml"/></Relationships>
                """
            ),
            (
                "xl/worksheets/sheet1.xml",
                "\(head)<worksheet><sheetData>\(rows)</sheetData>\(merged)</worksheet>"
            ),
            ("xl/worksheets/hidden.xml", "<worksheet><sheetData/></worksheet>"),
        ]
        if let texts { parts.append(("xl/sharedStrings.xml", head + texts)) }
        if let styles { parts.append(("xl/styles.xml", head + styles)) }
        return parts.map { ($0.0, Array($0.1.utf8)) }
    }

    /// The rows of a workbook made of these parts.
    static func rows(
        _ parts: [(name: String, bytes: [UInt8])], _ limits: SheetLimits = SheetLimits()
    ) async throws -> [SheetRow] {
        try await withTemporaryDirectory { folder in
            let path = folder + "/a.xlsx"
            try write(parts, to: path)
            return try Sheet.rows(file: path, limits)
        }
    }

    /// The rows of a text file.
    static func rows(_ bytes: [UInt8], _ limits: SheetLimits = SheetLimits()) async throws -> [SheetRow] {
        try await withTemporaryDirectory { folder in
            let path = folder + "/a.csv"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return try Sheet.rows(file: path, limits)
        }
    }
}
