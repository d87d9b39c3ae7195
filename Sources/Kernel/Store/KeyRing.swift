import Crypto
import LinliCore
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where a secret lives. Its ciphertext is bound to this place: moved elsewhere it does not open.
package struct Cell: Sendable, Hashable {
    /// The table.
    package let table: String
    /// The column.
    package let column: String
    /// The row's identifier.
    package let row: Int64

    /// A place for a secret.
    package init(_ table: String, _ column: String, _ row: Int64) {
        self.table = table
        self.column = column
        self.row = row
    }

    var bytes: Data { Data("\(table).\(column).\(row)".utf8) }
}

/// The keys of a deployment, all derived from one master key that is never in the database and never in a backup.
///
/// A sealed value is `key id (1 byte) · nonce (12) · ciphertext · tag (16)`, AES-256-GCM.
package struct KeyRing: Sendable {
    private let data: DataKeys
    /// Codes that have taken in their key already: beginning with the key costs more than a short value.
    private let indexCode: HMAC<SHA256>
    private let tokenCode: HMAC<SHA256>
    private let signingKey: Curve25519.Signing.PrivateKey

    /// The ring of `masters`, 32 bytes each, oldest first; the last one seals. Looking up, tokens and signatures stay
    /// with the first, so that they survive a rotation. `reload` reads the masters again when a value turns up that a
    /// newer one sealed: another process has rotated them.
    ///
    /// - Throws: a fault when a key has another length or there is none.
    package init(masters: [[UInt8]], reload: @escaping @Sendable () -> [[UInt8]] = { [] }) throws {
        guard let first = masters.first, masters.allSatisfy({ $0.count == 32 }), masters.count < 256 else {
            throw LinliError.fault("keys.length", "a master key has 32 bytes")
        }
        let derive = DataKeys.derive
        data = DataKeys(masters, reload)
        indexCode = HMAC(key: derive(first, "index"))
        tokenCode = HMAC(key: derive(first, "token"))
        signingKey = try derive(first, "audit").withUnsafeBytes {
            try Curve25519.Signing.PrivateKey(rawRepresentation: Data($0))
        }
    }

    /// Encrypts `secret` for `cell`.
    package func seal(_ secret: String, cell: Cell) throws -> [UInt8] {
        let (id, key) = data.newest
        let box = try AES.GCM.seal(Data(secret.utf8), using: key, authenticating: cell.bytes)
        return [id] + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// Decrypts what `seal` made for the same cell.
    ///
    /// - Throws: a fault when the key is gone or the value was changed or moved.
    package func open(_ sealed: [UInt8], cell: Cell) throws -> String {
        guard sealed.count >= 29, let key = data.key(sealed[0]) else {
            let place = "\(cell.table).\(cell.column)"
            throw LinliError.fault("secrets.noKey", "\(place) is sealed with a key this server lacks")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: Data(sealed.dropFirst()))
            let data = try AES.GCM.open(box, using: key, authenticating: cell.bytes)
            return String(decoding: data, as: UTF8.self)
        } catch {
            throw LinliError.fault("secrets.broken", "\(cell.table).\(cell.column) of row \(cell.row) does not open")
        }
    }

    /// The keyed hash under which a value is found again, without saying what it is; `kind` keeps phones and numbers
    /// apart.
    package func index(_ value: String, kind: String) -> [UInt8] {
        KeyRing.code(of: "\(kind):\(value)", indexCode)
    }

    /// The keyed hash of a token that is stored in place of the token.
    package func tokenHash(_ token: String) -> [UInt8] {
        KeyRing.code(of: token, tokenCode)
    }

    private static func code(of text: String, _ keyed: HMAC<SHA256>) -> [UInt8] {
        var (code, text) = (keyed, text)
        text.withUTF8 { code.update(data: UnsafeRawBufferPointer($0)) }
        return Array(code.finalize())
    }

    /// Which master key seals now, counted from 1.
    package var newest: UInt8 { data.newest.id }

    /// Takes master keys that have been added to the file since.
    package func renew() { data.renew() }

    /// Proof that a form came from the session it was given to.
    package func formToken(session: String) -> String {
        Base32.encode(tokenHash("form:" + session).prefix(16))
    }

    /// A secret that is made again from the key each time it is needed. It is never a form token: who chooses their own
    /// cookie reads the form token of any words they like on the next page.
    package func secret(of words: String) -> String {
        Base32.encode(tokenHash("secret:" + words).prefix(16))
    }

    /// Signs a sealed batch of the audit.
    package func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        Array(try signingKey.signature(for: Data(bytes)))
    }

    /// The key with which others check what we signed: given to whoever asks.
    package var publicKey: [UInt8] { Array(signingKey.publicKey.rawRepresentation) }

    /// Whether `signature` is ours.
    package func isSignature(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        signingKey.publicKey.isValidSignature(Data(signature), for: Data(bytes))
    }

    /// A random salt and the digest of values with it; erasing the salt erases what the digest could prove.
    func saltedDigest(of values: [String]) -> SaltedDigest? {
        guard !values.isEmpty else { return nil }
        let salt = randomBytes(16)
        return SaltedDigest(salt: salt, digest: SaltedDigest.digest(of: values, salt: salt))
    }
}

/// The keys that seal values, one per master key; more may come while the server runs.
private final class DataKeys: Sendable {
    private let held: Mutex<[SymmetricKey]>
    private let reload: @Sendable () -> [[UInt8]]

    /// There is at least one master.
    init(_ masters: [[UInt8]], _ reload: @escaping @Sendable () -> [[UInt8]]) {
        held = Mutex(masters.map { DataKeys.derive($0, "secret") })
        self.reload = reload
    }

    static func derive(_ master: [UInt8], _ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: master),
            info: Data("linli \(purpose)".utf8),
            outputByteCount: 32
        )
    }

    var newest: (id: UInt8, key: SymmetricKey) {
        held.withLock { (UInt8($0.count), $0[$0.count - 1]) }
    }

    /// The key with a number; one that is not known yet may have been added by another process.
    func key(_ id: UInt8) -> SymmetricKey? {
        func look() -> SymmetricKey? {
            held.withLock { id > 0 && Int(id) <= $0.count ? $0[Int(id) - 1] : nil }
        }
        if let key = look() { return key }
        guard id > 0 else { return nil }
        renew()
        return look()
    }

    func renew() {
        let masters = reload()
        guard masters.allSatisfy({ $0.count == 32 }), masters.count < 256 else { return }
        held.withLock { keys in
            guard masters.count > keys.count else { return }
            keys += masters.dropFirst(keys.count).map { DataKeys.derive($0, "secret") }
        }
    }
}

/// A digest that proves a value to who knows it, and its salt.
struct SaltedDigest: Sendable {
    var salt: [UInt8]
    var digest: [UInt8]
}

/// Bytes nobody can guess.
package func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 7)
    // Eight at a time: each is a call of the system.
    while bytes.count < count {
        withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
}

/// A token nobody can guess, 32 characters, 160 bits.
package func randomToken() -> String {
    Base32.encode(randomBytes(20))
}

/// Crockford's base 32 in lower case, without padding.
package enum Base32 {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let rfcAlphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// The bytes as text.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String { encode(bytes, alphabet) }

    /// The bytes in the alphabet of RFC 4648, as authenticator apps want their secret.
    package static func encodeRFC4648(_ bytes: some Sequence<UInt8>) -> String { encode(bytes, rfcAlphabet) }

    private static func encode(_ bytes: some Sequence<UInt8>, _ alphabet: [UInt8]) -> String {
        var text: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
