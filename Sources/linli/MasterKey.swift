import Foundation
import LinliCore
import LinliKernel

/// The master key's file: a line of base 32 per key, oldest first, readable by its owner only.
enum MasterKey {
    /// Reads the keys; makes the first one when `mayCreate`.
    ///
    /// - Throws: one plain sentence when there is none and none may be made, or it cannot be read.
    static func load(_ path: String, mayCreate: Bool) throws -> KeyRing {
        if !FileManager.default.fileExists(atPath: path) {
            guard mayCreate else { throw Refusal(missing(path)) }
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try write(Base32.encode(randomBytes(32)) + "\n", to: path)
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Refusal("the master key \(path) cannot be read: check its owner and rights")
        }
        let masters = lines(of: text).map { Base32.decode($0) }
        guard !masters.isEmpty, masters.allSatisfy({ $0.count == 32 }) else {
            throw Refusal("the master key \(path) is damaged: each line must have 52 characters")
        }
        return try KeyRing(masters: masters) {
            // A file that is being replaced now is read at the next value that needs it.
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return lines(of: text).map { Base32.decode($0) }
        }
    }

    /// The keys in a file, also in one that came by another system: with other line ends, blanks or capitals.
    private static func lines(of text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { line in line.filter { !$0.isWhitespace }.lowercased() }
            .filter { !$0.isEmpty }
    }

    /// What is said when there is none.
    static func missing(_ path: String) -> String {
        "the master key \(path) is missing: without it the phone numbers in the database stay sealed. "
            + "Put it back from your recovery sheet (linli key import)."
    }

    /// Adds a master key behind those that are there, whole or not at all; they stay, for what they have sealed.
    ///
    /// - Throws: one plain sentence when there is none yet, or it cannot be written.
    static func add(to path: String) throws -> Int {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Refusal("there is no master key at \(path): name the server's folder with --data")
        }
        var lines = lines(of: text)
        guard lines.count < 255 else { throw Refusal("there are 255 master keys already") }
        lines.append(Base32.encode(randomBytes(32)))
        let beginning = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: beginning) }
        let isWritten = FileManager.default.createFile(
            atPath: beginning, contents: Data((lines.joined(separator: "\n") + "\n").utf8),
            attributes: [.posixPermissions: 0o600])
        guard isWritten, let file = FileHandle(forReadingAtPath: beginning) else {
            throw Refusal("the master key cannot be written to \(path)")
        }
        try file.synchronize()
        try file.close()
        guard rename(beginning, path) == 0 else {
            throw Refusal("the master key cannot be written to \(path): \(String(cString: strerror(errno)))")
        }
        return lines.count
    }
}

extension MasterKey {
    /// Writes a key where there is none: whole and on disk, or not at all, and never in place of another one.
    static func write(_ text: String, to path: String) throws {
        let beginning = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
        // What a start that was killed has left there holds nothing that anybody used.
        try? FileManager.default.removeItem(atPath: beginning)
        defer { try? FileManager.default.removeItem(atPath: beginning) }
        let isWritten = FileManager.default.createFile(
            atPath: beginning, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]
        )
        guard isWritten, let file = FileHandle(forReadingAtPath: beginning) else {
            throw Refusal("the master key cannot be written to \(path)")
        }
        try file.synchronize()
        try file.close()
        // A link fails where a file is: another node that starts on the same folder was faster, and its key counts.
        guard link(beginning, path) == 0 || errno == EEXIST else {
            throw Refusal("the master key cannot be written to \(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// One plain sentence that ends the program.
struct Refusal: Error {
    let sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }
}
