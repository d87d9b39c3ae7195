import Crypto
import CryptoExtras
import Foundation
import LinliCore
import LinliKernel

/// `linli key export|import|rotate|reseal|public`: the recovery sheet of the master keys, wrapped with a passphrase; a new
/// master key, and everything encrypted again with it while the server goes on; the key others check signatures with.
enum KeyCommand {
    /// - Source: configured; scrypt N=2¹⁵, r=8, p=1 and AES-256-GCM
    private static let rounds = 1 << 15

    static func run(_ invocation: Invocation) async throws {
        let words = invocation.words.dropFirst()
        if words == ["reseal"] { return try await reseal(invocation) }
        if words == ["rotate"] { return try await rotate(invocation) }
        let plan = try await Plan(invocation, for: .key) { problems(invocation, $0) }
        switch words.first {
        case "export":
            guard let text = try? String(contentsOfFile: plan.keyFile, encoding: .utf8) else {
                throw Refusal(none(plan))
            }
            let passphrase = try ask("Passphrase for the recovery sheet (12 characters or more): ")
            guard passphrase.count >= 12 else { throw Refusal("the passphrase needs 12 characters or more") }
            print(try sheet(of: text, passphrase))
        case "import":
            let key = try open(sheet(invocation) ?? "", try ask("Passphrase of the recovery sheet: "))
            try FileManager.default.createDirectory(
                atPath: (plan.keyFile as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try MasterKey.write(key, to: plan.keyFile)
            print("the key is back at \(plan.keyFile)")
        case "public": print(Hex.encode(try MasterKey.load(plan.keyFile, mayCreate: false).publicKey))
        default: throw Refusal(usage)
        }
    }

    /// Adds a master key, and to the store the word that proves it.
    private static func rotate(_ invocation: Invocation) async throws {
        let plan = try await Plan(invocation, for: .existing) { problems(invocation, $0) }
        let node = try await Node.open(plan)
        let count: Int
        do {
            count = try await StoreCopies.rotate(node.services.database) { try MasterKey.add(to: plan.keyFile) }
        } catch {
            await node.close()
            throw error
        }
        await node.close()
        print(
            """
            master key \(count) is in \(plan.keyFile); make a new recovery sheet now: linli key export
            then encrypt what is stored with it, while the server goes on: linli key reseal
            """)
    }

    /// What is wrong with the command's own words, and with the key where it works on.
    private static func problems(_ invocation: Invocation, _ plan: Plan) -> [String] {
        let words = invocation.words.dropFirst()
        let isThere = FileManager.default.fileExists(atPath: plan.keyFile)
        let isKnown = invocation.isKnown("data") || invocation.isGiven("key-file")
        switch words.first {
        case "export" where words.count == 1, "rotate" where words.count == 1:
            return isThere || !isKnown ? [] : [none(plan)]
        case "public" where words.count == 1: return isThere || !isKnown ? [] : [MasterKey.missing(plan.keyFile)]
        case "import" where words.count == 2:
            let over = isThere && isKnown ? ["\(plan.keyFile) exists: a key is never overwritten"] : []
            let file = "the recovery sheet \(words.last ?? "") cannot be read: check its name and rights"
            return over + (sheet(invocation) == nil ? [file] : [])
        case "import": return ["say `linli key import FILE`, where FILE holds the recovery sheet"]
        default: return [usage]
        }
    }

    private static func none(_ plan: Plan) -> String {
        "there is no master key at \(plan.keyFile): name the server's folder with --data"
    }

    /// The text of the recovery sheet; nil when it cannot be read.
    private static func sheet(_ invocation: Invocation) -> String? {
        invocation.words.last.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
    }

    private static let usage = "say `linli key export`, `import FILE`, `rotate`, `reseal` or `public`"

    /// Encrypts everything again with the newest key; begun again it goes on. A running server takes the new key from the
    /// file with the first value that it sealed, and what it sealed with the old one meanwhile is found by the second round.
    private static func reseal(_ invocation: Invocation) async throws {
        let node = try await Node.open(try await Plan(invocation, for: .existing))
        let database = node.services.database
        var total = 0
        do {
            while true {
                let context = Context.system("keys", now: database.clock.now)
                let count = try await Resealing.all(context, database) { column, count in
                    if count > 0 { print("\(column.table).\(column.column): \(count)") }
                }
                total += count
                if count == 0 { break }
            }
        } catch {
            await node.close()
            throw error
        }
        await node.close()
        print("\(total) values are encrypted with master key \(database.keys.newest)")
    }

    /// The sheet: salt and sealed key in lines of 32 letters that can be typed from paper.
    static func sheet(of key: String, _ passphrase: String) throws -> String {
        let salt = randomBytes(16)
        let box = try AES.GCM.seal(Data(key.utf8), using: try derive(passphrase, salt))
        let letters = Base32.encode(salt + Array(box.combined ?? Data()))
        let lines = Array(letters).chunks(of: 32).map { String($0) }
        return (["LINLI RECOVERY SHEET · 邻里主密钥恢复单"] + lines + ["END"]).joined(separator: "\n")
    }

    /// The key in a sheet.
    ///
    /// - Throws: one sentence when the passphrase is wrong or the sheet was mistyped.
    static func open(_ sheet: String, _ passphrase: String) throws -> String {
        let bytes = Base32.decode(letters(of: sheet))
        guard bytes.count > 44,
            let box = try? AES.GCM.SealedBox(combined: Data(bytes.dropFirst(16))),
            let data = try? AES.GCM.open(box, using: try derive(passphrase, Array(bytes.prefix(16))))
        else { throw Refusal("the passphrase is wrong, or a letter of the sheet is") }
        return String(decoding: data, as: UTF8.self)
    }

    /// The letters of a sheet as it comes back from paper or from another system: in capitals, with blanks, with line ends
    /// of any kind, with what is easily misread as the letters and digits it is meant to be.
    private static func letters(of sheet: String) -> String {
        var lines = sheet.split(whereSeparator: \.isNewline)
            .map { line in line.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) } }
            .filter { !$0.isEmpty && !$0.contains("linli") }
        // Only the last line: three letters of the key may be the same.
        if lines.last == "end" { lines.removeLast() }
        return String(
            lines.joined().map { letter -> Character in
                switch letter {
                case "o": "0"
                case "i", "l": "1"
                default: letter
                }
            })
    }

    private static func derive(_ passphrase: String, _ salt: [UInt8]) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: Data(passphrase.utf8), salt: Data(salt), outputByteCount: 32, rounds: rounds, blockSize: 8,
            parallelism: 1, maxMemory: 256 << 20
        )
    }

    /// Asks on the terminal, or takes LINLI_PASSPHRASE for scripts.
    private static func ask(_ question: String) throws -> String {
        if let given = ProcessInfo.processInfo.environment["LINLI_PASSPHRASE"] { return given }
        FileHandle.standardError.write(Data(question.utf8))
        guard let line = readLine() else { throw Refusal("a passphrase is needed") }
        return line
    }
}
