import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliStandards
import LinliWeb

/// `linli user add|password|code|token --phone P`, `linli user key --name N [--revoke]`, `linli user keys`.
enum UserCommand {
    static func run(_ invocation: Invocation) async throws {
        switch invocation.words.dropFirst() {
        case ["add"], ["password"], ["code"], ["token"]: try await account(invocation)
        case ["key"]: try await ProgramKeyCommand.run(invocation)
        case ["keys"]: try await ProgramKeyCommand.list(invocation)
        default:
            let usage =
                "say `linli user add`, `password`, `code` or `token`, each with --phone P, `key --name N` or `keys`"
            _ = try await Plan(invocation, for: .existing) { _ in [usage] }
        }
    }

    private static func account(_ invocation: Invocation) async throws {
        let typed = invocation.text("phone")
        let phone = PhoneNumber(typed)?.number ?? typed
        let plan = try await checkedPlan(invocation)
        let node = try await Node.open(plan)
        do {
            // Last, so that a script can take the last line.
            print(try await outcome(invocation, phone, node))
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }

    /// The place, looked at together with what was said about the person. Whom to add is checked in the store, which
    /// knows units and divisions; only when the place will not do, what can be told without it is told at once.
    private static func checkedPlan(_ invocation: Invocation) async throws -> Plan {
        let problems: [String] =
            if invocation.words[1] == "add" {
                OperatorAccounts.problems(wish(invocation)).map(\.text.en)
            } else if PhoneNumber(invocation.text("phone")) == nil, invocation.isKnown("phone") {
                ["--phone must be a phone number of 11 digits"]
            } else {
                []
            }
        guard invocation.words[1] == "add" else {
            return try await Plan(invocation, for: .existing) { _ in problems }
        }
        do {
            return try await Plan(invocation, for: .existing)
        } catch let error as Invocation.Misunderstood {
            throw Invocation.Misunderstood(sentences: error.sentences + (invocation.lacksFile ? [] : problems))
        }
    }

    private static func wish(_ invocation: Invocation) -> OperatorAccounts.Wish {
        OperatorAccounts.Wish(
            phone: invocation.text("phone"), name: invocation.text("name").trimmed, role: invocation.text("role"),
            division: invocation.text("division"), unit: invocation.text("unit").trimmed
        )
    }

    private static func outcome(_ invocation: Invocation, _ phone: String, _ node: Node) async throws -> String {
        let database = node.services.database
        let context = Context.system("user", now: database.clock.now)
        let operators = OperatorAccounts(node.services)
        let origin = node.plan.web.origin
        if invocation.words[1] == "add" {
            let added = try await operators.add(wish(invocation), context)
            guard let path = added.setupPath else { return "this phone has an account: it got the duty" }
            return link(origin, path)
        }
        let account = try await database.read { try AccessStore.find(phone: phone, keys: database.keys, $0) }
        guard let account else { throw Refusal("nobody has this phone number") }
        switch invocation.words[1] {
        case "password":
            let path = try await operators.renew(
                phone: phone, forgetsSecondFactor: invocation.isOn("second-factor"), context
            )
            return link(origin, path)
        case "code":
            let summary = try await database.read { try AccessStore.account(account, at: context.now, $0) }
            guard summary?.hasSecondFactor == true else {
                throw Refusal("this account has no second factor yet: it is set up at the next sign-in")
            }
            let secret = try await node.services.signIn.secondFactorSecret(account, context)
            return TOTP.code(secret: secret, at: context.now)
        default:
            return try await node.services.signIn.makeToken(for: account, label: invocation.text("label"), context)
        }
    }

    private static func link(_ origin: String, _ path: String) -> String {
        """
        to choose a password, open this within \(SignIn.setupDays) days; it works once:
        \(origin)\(path)
        """
    }
}
