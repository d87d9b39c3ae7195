import Crypto
import Foundation
import LinliCore
import LinliKernel
import LinliSQL

/// A grid worker's phone without the phone: what `seal.js` and `unsent.js` make of a piece of work.
package struct PhoneWork: Sendable {
    /// The lease the work is done under.
    package let lease: OfflineLease

    /// A phone that holds a lease.
    package init(_ lease: OfflineLease) { self.lease = lease }

    /// Seals a piece of work to the server; `sizes` lies about how long its pictures are.
    package func sealed(
        _ key: String, part: String = "households", at: Instant, body: String, photos: [[UInt8]] = [],
        sizes lie: String? = nil
    ) throws -> [UInt8] {
        let sizes = lie ?? photos.map { String($0.count) }.joined(separator: ",")
        let words = Array(
            #"{"part":"\#(part)","at":\#(at.milliseconds),"body":\#(body),"photos":[\#(sizes)]}"#.utf8)
        let length = UInt32(words.count)
        let head = [24, 16, 8, 0].map { UInt8(length >> UInt32($0) & 0xFF) }
        let once = P256.KeyAgreement.PrivateKey()
        let open = Array(once.publicKey.x963Representation)
        let theirs = try P256.KeyAgreement.PublicKey(x963Representation: lease.publicKey)
        let info = Data("linli offline 1 \(lease.id) \(key)".utf8)
        let shared = try once.sharedSecretFromKeyAgreement(with: theirs).hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: Data(open + lease.publicKey), sharedInfo: info, outputByteCount: 32)
        let box = try AES.GCM.seal(Data(head + words + photos.flatMap { $0 }), using: shared, authenticating: info)
        return open + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }
}

extension PhoneWork {
    /// A small picture like no other of another name.
    package static func picture(_ name: String) -> [UInt8] { [0xFF, 0xD8, 0xFF, 0xE0] + Array(name.utf8) }
}

extension House {
    /// A signed-in session of somebody, past the second factor.
    package func session(_ phone: String) async throws -> Session {
        let context = try await context(phone)
        guard let account = context.actor.account else { throw LinliError.notFound("test.person") }
        let begun = try await services.signIn.open(account, nil, "test", context)
        let hash = services.database.keys.tokenHash(begun.token)
        let now = clock.clock.now
        // A code opens one door once, and tests open several in one moment.
        try await services.database.write(context, "test.verify") { tx in
            try tx.execute("UPDATE session SET is_verified = 1 WHERE token_hash = \(hash)")
            try tx.audit(Subject("account", account), fields: ["session"])
        }
        let session = try await services.database.read { try AccessStore.session(hash, at: now, $0) }
        guard let session else { throw LinliError.notFound("test.session") }
        return session
    }

    /// Puts somebody on the roster of the community for the next twelve hours.
    package func roster(_ phone: String) async throws {
        let context = try await context(phone)
        let unit = try await unit("幸福里社区居委会")
        guard let account = context.actor.account else { throw LinliError.notFound("test.person") }
        try await services.database.write(context, "units.roster") { tx in
            try UnitsStore.roster(account, unit, from: tx.now, until: tx.now.adding(hours: 12), tx)
        }
    }
}
