import CLibZip

/// The parts of a ZIP file, read one after the other within one allowance of unpacked bytes.
///
/// Whatever a part says its size is, what comes out is counted: a bomb is refused when it has used the allowance.
final class ZipArchive {
    private let handle: OpaquePointer
    private var allowance: Int
    /// A workbook has some dozens of parts.
    private static let maximumParts: Int64 = 5000

    /// Opens the file at `path`.
    ///
    /// - Throws: `SheetProblem.damaged` for what is no archive.
    init(_ path: String, allowance: Int) throws {
        var code: Int32 = 0
        guard let opened = zip_open(path, Int32(ZIP_RDONLY), &code) else { throw SheetProblem.damaged }
        handle = opened
        self.allowance = allowance
        guard zip_get_num_entries(opened, 0) <= ZipArchive.maximumParts else {
            zip_discard(opened)
            throw SheetProblem.tooLarge
        }
    }

    deinit { zip_discard(handle) }

    /// Whether there is a part with this name; the case of letters does not count, as in Windows.
    func has(_ name: String) -> Bool { zip_name_locate(handle, name, zip_flags_t(ZIP_FL_NOCASE)) >= 0 }

    /// Hands the bytes of a part on, piece by piece, until `take` has enough and says false.
    ///
    /// - Throws: `SheetProblem.damaged`, `SheetProblem.tooLarge`, or what `take` throws.
    func read(_ name: String, _ take: (UnsafeRawBufferPointer) throws -> Bool) throws {
        guard let part = zip_fopen(handle, name, zip_flags_t(ZIP_FL_NOCASE)) else { throw SheetProblem.damaged }
        defer { zip_fclose(part) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = zip_fread(part, buffer.baseAddress, zip_uint64_t(buffer.count))
            guard count >= 0 else { throw SheetProblem.damaged }
            guard count > 0 else { return }
            allowance -= Int(count)
            guard allowance >= 0 else { throw SheetProblem.tooLarge }
            guard try take(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)])) else { return }
        }
    }
}
