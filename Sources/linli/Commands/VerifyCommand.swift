import Foundation
import LinliCore
import LinliKernel

/// `linli verify FILE [KEY]`: checks the data file of a case's evidence, anywhere and without a server.
enum VerifyCommand {
    /// No evidence is larger.
    private static let limit = 64 << 20

    static func run(_ invocation: Invocation) throws {
        let words = invocation.words
        let key = words.count == 3 ? Hex.decode(words[2]) : nil
        let data = words.count > 1 ? content(words[1]) : nil
        let folder = invocation.text("audit-roots")
        var wrong = invocation.problems
        if !(2...3).contains(words.count) {
            wrong.append("say `linli verify FILE`, or `linli verify FILE KEY` with the key the office made known")
        } else if data == nil {
            wrong.append("\(words[1]) cannot be read")
        }
        if let key, key.count != 32 { wrong.append("the key has 64 hexadecimal digits") }
        if !folder.isEmpty, !FileManager.default.fileExists(atPath: folder) {
            wrong.append("the folder \(folder) of --audit-roots does not exist")
        }
        guard wrong.isEmpty, let data else { throw Invocation.Misunderstood(sentences: wrong) }
        let verdict = SignedFile.check(Array(data), key: key)
        var problems = verdict.problems
        print("audit: \(verdict.entries) entries lead to \(verdict.batches.count) signed batches")
        if verdict.hidden > 0 { print("audit: \(verdict.hidden) of them are given as their hash only") }
        print("words: \(verdict.words) texts are those that were written then")
        if !folder.isEmpty {
            let laidDown = try AuditRoots(folder: folder).compare(verdict.batches)
            print("audit roots: \(laidDown.found) of the batches were laid down in \(folder)")
            if let problem = laidDown.problem { problems.append(problem) }
        }
        guard problems.isEmpty else { throw Invocation.Misunderstood(sentences: problems) }
        print(
            key == nil
                ? "signed with \(verdict.publicKey): compare it with the key the office made known"
                : "signed with the key you gave")
        print("all is well")
    }

    /// A file that cannot be read is told like one that is not there, or is no evidence.
    private static func content(_ path: String) -> Data? {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        guard let size, size <= limit else { return nil }
        return FileManager.default.contents(atPath: path)
    }
}
