import Crypto
import LinliCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file whose content the deployment signed with the key of its audit.
///
/// It is one line of JSON: `{"format":…,"publicKey":…,"signature":…,"content":…}`. The signature is over the bytes of the
/// content as they stand there, so that nothing has to be written anew before it can be checked.
package enum SignedFile {
    /// The name of the format, also a part of what is signed.
    package static let format = "linli-bundle-1"
    private static let mark = Array(",\"content\":".utf8)

    /// The file with a content that is JSON.
    package static func make(_ content: [UInt8], _ keys: KeyRing) throws -> [UInt8] {
        let head = """
            {"format":"\(format)","publicKey":"\(Hex.encode(keys.publicKey))",\
            "signature":"\(Hex.encode(try keys.sign(signed(content))))"
            """
        return Array(head.utf8) + mark + content + Array("}\n".utf8)
    }

    /// What is signed of a content: never the 32 bytes that a batch of the audit signs.
    private static func signed(_ content: [UInt8]) -> [UInt8] {
        Array("\(format)\n\(Hex.encode(Array(SHA256.hash(data: Data(content)))))".utf8)
    }

    /// What was found in a file.
    package struct Verdict: Sendable, Equatable {
        /// Entries of the audit that lie in a signed batch.
        package var entries = 0
        /// Of those, how many are given as their hash only.
        package var hidden = 0
        /// Lines whose words an entry proves.
        package var words = 0
        /// Batches with a good signature.
        package var batches: [Int64: String] = [:]
        /// The key in the file.
        package var publicKey = ""
        /// Everything that does not add up.
        package var problems: [String] = []
    }

    /// Checks a file without the program that made it: the signature over its content, and each entry of the audit up
    /// to its signed root. `key` is the one the office made known; without it the key in the file is believed.
    package static func check(_ bytes: [UInt8], key: [UInt8]? = nil) -> Verdict {
        var verdict = Verdict()
        guard let content = content(of: bytes), let file = try? JSONValue.object(in: bytes),
            case .object(let inside)? = file["content"], case .object(let audit)? = inside["audit"],
            file.text("format") == format
        else {
            verdict.problems.append("this is not a bundle of linli, or it was written anew")
            return verdict
        }
        verdict.publicKey = file.text("publicKey")
        let known = key ?? Hex.decode(verdict.publicKey)
        if known != Hex.decode(verdict.publicKey) { verdict.problems.append("it was signed with another key") }
        guard let signing = try? Curve25519.Signing.PublicKey(rawRepresentation: Data(known)) else {
            verdict.problems.append("its public key is none")
            return verdict
        }
        if !signing.isValidSignature(Data(Hex.decode(file.text("signature"))), for: Data(signed(content))) {
            verdict.problems.append("the content is not what was signed")
        }
        BundleCheck(signing: signing, audit: audit, history: inside["history"]).run(&verdict)
        return verdict
    }

    private static func content(of bytes: [UInt8]) -> [UInt8]? {
        guard let end = bytes.lastIndex(of: 0x7D), bytes.count > mark.count else { return nil }
        let limit = min(bytes.count - mark.count, 1000)
        guard limit > 0, let start = (0..<limit).first(where: { bytes[$0..<($0 + mark.count)].elementsEqual(mark) }),
            start + mark.count < end
        else { return nil }
        return Array(bytes[(start + mark.count)..<end])
    }
}

/// The way from each entry of a file to a signed root.
private struct BundleCheck {
    let signing: Curve25519.Signing.PublicKey
    let audit: [String: JSONValue]
    let history: JSONValue?

    func run(_ verdict: inout SignedFile.Verdict) {
        var roots: [Int64: [UInt8]] = [:]
        for batch in objects(audit["batches"]) {
            let sequence = batch.integer("sequence") ?? 0
            let root = Hex.decode(batch.text("root"))
            let chained = AuditSealer.chain(
                previous: Hex.decode(batch.text("previous")), root: root, count: Int(batch.integer("entries") ?? 0))
            if chained != Hex.decode(batch.text("chained")) {
                verdict.problems.append("batch \(sequence) is not chained as it says")
            } else if !signing.isValidSignature(Data(Hex.decode(batch.text("signature"))), for: Data(chained)) {
                verdict.problems.append("the signature of batch \(sequence) is not good")
            } else {
                roots[sequence] = root
                verdict.batches[sequence] = Hex.encode(chained)
            }
        }
        var proved: [String: [String]] = [:]
        for (index, entry) in objects(audit["entries"]).enumerated() {
            guard let problem = problem(entry, roots) else {
                verdict.entries += 1
                guard case .object(let record)? = entry["record"] else {
                    verdict.hidden += 1
                    continue
                }
                let values = entry.texts("values")
                guard !values.isEmpty else { continue }
                let digest = SaltedDigest.digest(of: values, salt: Hex.decode(entry.text("salt")))
                if digest == Hex.decode(record.text("digest")) {
                    proved[record.text("id")] = values
                } else {
                    verdict.problems.append("the words of entry \(index + 1) are not those it was written with")
                }
                continue
            }
            verdict.problems.append("entry \(index + 1): \(problem)")
        }
        words(proved, &verdict)
    }

    /// Whether each line of the history that names an entry holds the words the entry was written with.
    private func words(_ proved: [String: [String]], _ verdict: inout SignedFile.Verdict) {
        for (index, line) in objects(history).enumerated() where !line.text("audit").isEmpty {
            if let values = proved[line.text("audit")], values.last == line.text("text") {
                verdict.words += 1
            } else {
                verdict.problems.append("line \(index + 1) of the history does not say what its entry proves")
            }
        }
    }

    private func problem(_ entry: [String: JSONValue], _ roots: [Int64: [UInt8]]) -> String? {
        let leaf = Hex.decode(entry.text("leaf"))
        if case .object(let record)? = entry["record"], AuditRecord.leaf(of: record) != leaf {
            return "it is not what its hash was made of"
        }
        guard let root = roots[entry.integer("batch") ?? 0] else { return "its batch is not proved" }
        let steps = objects(entry["proof"]).map { step in
            (isLeft: step.text("side") == "left", hash: Hex.decode(step.text("hash")))
        }
        return MerkleTree.root(leaf: leaf, proof: steps) == root ? nil : "it is not in its batch"
    }

    private func objects(_ value: JSONValue?) -> [[String: JSONValue]] {
        guard case .array(let list)? = value else { return [] }
        return list.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }
}

extension AuditRecord {
    /// The leaf of a record as a file says it.
    fileprivate static func leaf(of record: [String: JSONValue]) -> [UInt8] {
        leaf(
            of: [
                record.text("id"), record.text("at"), record.text("actorKind"), record.text("actor"),
                record.text("command"), record.text("subjectKind"), record.text("subject"), record.text("division"),
                record.text("fields"), record.text("reason"), record.text("request"),
                Base32.encode(Hex.decode(record.text("digest"))),
            ])
    }
}
