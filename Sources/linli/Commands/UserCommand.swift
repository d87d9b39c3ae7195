import Foundation
import LinliCore
import LinliKernel
import LinliStandards

/// `linli user code|token --phone P`.
enum UserCommand {
    static func run(_ invocation: Invocation) async throws {
        guard invocation.words.count == 2, ["code", "token"].contains(invocation.words[1]) else {
            throw Refusal("say `linli user code --phone P` or `linli user token --phone P`")
        }
        guard let phone = PhoneNumber(invocation.text("phone"))?.number else {
            throw Refusal("--phone must be a phone number of 11 digits")
        }
        let node = try await Node.open(try Plan(invocation))
        let database = node.services.database
        let account = try await database.read { try AccessStore.find(phone: phone, keys: database.keys, $0) }
        guard let account else {
            await node.close()
            throw Refusal("nobody has this phone number")
        }
        let context = Context.system("user", now: database.clock.now)
        if invocation.words[1] == "code" {
            let secret = try await node.services.signIn.secondFactorSecret(account, context)
            print(TOTP.code(secret: secret, at: context.now))
        } else {
            let label = invocation.text("label")
            print(try await node.services.signIn.makeToken(for: account, label: label, context))
        }
        await node.close()
    }
}
