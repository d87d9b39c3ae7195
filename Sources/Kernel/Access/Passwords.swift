import Crypto
import CryptoExtras
import Dispatch
import LinliCore
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Hashes passwords with scrypt on two threads of its own, so that nobody else waits for them.
///
/// - Source: configured, N=2¹⁴, r=8, p=5, stored with each hash
package final class Passwords: Sendable {
    private let lanes: [DispatchQueue]
    private let waiting = Mutex(0)
    private static let limit = 32
    private static let rounds = 1 << 14
    private static let blockSize = 8
    private static let parallelism = 5

    /// A hasher with two lanes.
    package init() {
        lanes = (1...2).map { DispatchQueue(label: "linli.password.\($0)") }
    }

    /// The stored form of a password.
    ///
    /// - Throws: `.unavailable` when 32 others wait already.
    package func hash(_ password: String) async throws -> String {
        let salt = randomBytes(16)
        let digest = try await derive(password, salt, Passwords.rounds, Passwords.blockSize, Passwords.parallelism)
        let parameters = "\(Passwords.rounds)$\(Passwords.blockSize)$\(Passwords.parallelism)"
        return "scrypt$\(parameters)$\(Base32.encode(salt))$\(Base32.encode(digest))"
    }

    /// Whether a password belongs to a stored form. An account without one takes as long, so that nobody can tell.
    ///
    /// - Throws: `.unavailable` when 32 others wait already.
    package func verify(_ password: String, _ stored: String?) async throws -> Bool {
        let parts = (stored ?? "").split(separator: "$").map(String.init)
        guard parts.count == 6, let rounds = Int(parts[1]), let size = Int(parts[2]), let lanes = Int(parts[3]) else {
            let salt = randomBytes(16)
            _ = try await derive(password, salt, Passwords.rounds, Passwords.blockSize, Passwords.parallelism)
            return false
        }
        let digest = try await derive(password, Base32.decode(parts[4]), rounds, size, lanes)
        return constantTimeEqual(Base32.decode(parts[5]), digest)
    }

    private func derive(
        _ password: String,
        _ salt: [UInt8],
        _ rounds: Int,
        _ blockSize: Int,
        _ parallelism: Int
    ) async throws -> [UInt8] {
        let position = waiting.withLock { waiting -> Int? in
            guard waiting < Passwords.limit else { return nil }
            waiting += 1
            return waiting
        }
        guard let position else {
            throw LinliError(
                .unavailable,
                "access.busy",
                Text("登录的人太多，请过几秒再试", "Many people are signing in; please try again in a few seconds"),
                retryAfterSeconds: 5
            )
        }
        defer { waiting.withLock { $0 -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            lanes[position % lanes.count].async {
                continuation.resume(
                    with: Result {
                        let key = try KDF.Scrypt.deriveKey(
                            from: Data(password.utf8),
                            salt: Data(salt),
                            outputByteCount: 32,
                            rounds: rounds,
                            blockSize: blockSize,
                            parallelism: parallelism,
                            maxMemory: 256 << 20
                        )
                        return key.withUnsafeBytes { Array($0) }
                    }
                )
            }
        }
    }
}

/// Whether two byte strings are equal, in a time that does not tell where they differ.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}

extension Base32 {
    /// Bytes from Crockford's text; characters outside the alphabet are skipped.
    package static func decode(_ text: String) -> [UInt8] {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else { continue }
            buffer = buffer << 5 | UInt32(digit)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }
}

/// One-time codes of an authenticator app.
///
/// - Source: RFC 6238 (30 s steps, 6 digits, SHA-1)
package enum TOTP {
    /// The code of a secret at a moment.
    package static func code(secret: [UInt8], at now: Instant) -> String {
        code(secret: secret, step: now.milliseconds / 30_000)
    }

    /// Whether a typed code is right now, one step before or one after.
    package static func isValid(_ typed: String, secret: [UInt8], at now: Instant) -> Bool {
        step(of: typed, secret: secret, at: now) != nil
    }

    /// The time step a typed code belongs to: now, one before or one after; nil when it is wrong.
    package static func step(of typed: String, secret: [UInt8], at now: Instant) -> Int64? {
        let step = now.milliseconds / 30_000
        let typed = Array(typed.utf8)
        return (step - 1...step + 1).last { constantTimeEqual(Array(code(secret: secret, step: $0).utf8), typed) }
    }

    static func code(secret: [UInt8], step: Int64) -> String {
        let message = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let mac = Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: secret)))
        let offset = Int(mac[mac.count - 1] & 15)
        let value =
            UInt32(mac[offset] & 0x7F) << 24 | UInt32(mac[offset + 1]) << 16 | UInt32(mac[offset + 2]) << 8
            | UInt32(mac[offset + 3])
        let digits = String(value % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }
}
