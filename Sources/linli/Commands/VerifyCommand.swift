import Foundation
import LinliCore
import LinliKernel

/// `linli verify FILE [KEY]`: checks the data file of a case's evidence, anywhere and without a server.
enum VerifyCommand {
    /// No evidence is larger.
    private static let limit = 64 << 20

    static func run(_ invocation: Invocation) throws {
        let words = invocation.words
        guard (2...3).contains(words.count) else {
            throw Refusal("say `linli verify FILE`, or `linli verify FILE KEY` with the key the office made known")
        }
        let size = try? FileManager.default.attributesOfItem(atPath: words[1])[.size] as? Int
        // A file that cannot be read is told like one that is not there.
        guard let size, size <= limit, let data = FileManager.default.contents(atPath: words[1]) else {
            throw Refusal("\(words[1]) cannot be read")
        }
        let key = words.count == 3 ? Hex.decode(words[2]) : nil
        if let key, key.count != 32 { throw Refusal("the key has 64 hexadecimal digits") }
        let verdict = SignedFile.check(Array(data), key: key)
        var problems = verdict.problems
        print("audit: \(verdict.entries) entries lead to \(verdict.batches.count) signed batches")
        if verdict.hidden > 0 { print("audit: \(verdict.hidden) of them are given as their hash only") }
        print("words: \(verdict.words) texts are those that were written then")
        let folder = invocation.text("audit-roots")
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
}
