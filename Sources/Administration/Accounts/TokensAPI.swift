import LinliCore
import LinliKernel

/// Tokens of one's own account and of those one looks after, and the keys of programs of other organizations.
enum TokensAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/tokens", id: "listTokens", "Your own tokens that hold, the newest first", body: .nothing,
            reply: tokens
        ) { _, request, services in
            try await services.signIn.tokens(of: try account(request), at: request.context.now)
        },
        .api(
            .delete, "/api/v1/tokens/:id", id: "revokeToken", "End a token of your own at once", body: .nothing,
            reply: .nothing
        ) { _, request, services in
            try await services.signIn.revokeToken(try request.id(), of: try account(request), request.context)
            return Nothing()
        },
        .api(
            .post, "/api/v1/sign-out/everywhere", id: "signOutEverywhere",
            "End every session and every token of your own account, this one too, and forget its devices",
            body: .nothing, reply: .nothing
        ) { _, request, services in
            let account = try account(request)
            try await services.signIn.endEverywhere(account, request.context)
            try await services.live.recheck(account: account)
            return Nothing()
        },
        .api(
            .get, "/api/v1/admin/accounts/:id/tokens", id: "listAccountTokens",
            "Tokens of an account within your divisions that hold, the newest first",
            access: .permission(.accountsManage), body: .nothing, reply: tokens
        ) { _, request, services in
            let id: ID<Account> = try request.id()
            let divisions = AccountsRoutes.divisions(request)
            let now = request.context.now
            return try await services.database.read { tx in
                guard try AccountsStore.find(id, in: divisions, at: now, tx) != nil else {
                    throw LinliError.notFound("accounts.unknown")
                }
                return try AccessStore.tokens(of: id, at: now, tx)
            }
        },
        .api(
            .delete, "/api/v1/admin/accounts/:id/tokens/:token", id: "endAccountToken",
            "End a token of an account within your divisions at once",
            access: .permission(.accountsManage), body: .nothing, reply: .nothing
        ) { _, request, services in
            let token: ID<AccessToken> = try request.id("token")
            try await AccountsCommands(services).endToken(token, of: try request.id(), request.context)
            return Nothing()
        },
        .api(
            .get, "/api/v1/admin/keys", id: "listProgramKeys",
            "Keys of programs of other organizations (Open311), the oldest first, ended too; for who administers all",
            access: .permission(.accountsManage), body: .nothing, reply: keys
        ) { _, request, services in
            try await programKeys(request, services).all()
        },
        .api(
            .delete, "/api/v1/admin/keys/:id", id: "revokeProgramKey",
            "End the key of a program at once; for who administers all",
            access: .permission(.accountsManage), body: .nothing, reply: .nothing
        ) { _, request, services in
            try await programKeys(request, services).revoke(try request.id() as ID<ProgramKey>, request.context)
            return Nothing()
        },
    ]

    /// A key opens the whole deployment to a program, so that only who administers all of it sees and ends keys.
    private static func programKeys(_ request: Request, _ services: Services) async throws -> ProgramKeys {
        let context = request.context
        let tops = try await services.database.read { try DivisionsStore.tops(at: context.now, $0) }
        guard !tops.isEmpty, tops.allSatisfy({ context.actor.may(.accountsManage, in: $0) }) else {
            throw LinliError.forbidden("keys.deployment")
        }
        return ProgramKeys(services.database)
    }

    private static func account(_ request: Request) throws -> ID<Account> {
        guard let account = request.context.actor.account else { throw LinliError.notFound("tokens.account") }
        return account
    }

    private static let tokens = Schema<[TokenSummary]>(
        "TokenList",
        [
            SchemaProperty(
                "tokens",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier, for revokeToken"),
                        SchemaProperty("label", .text(limit: 80), required: true, "What it is for"),
                        SchemaProperty("createdAt", .moment, required: true, "When it was made"),
                        SchemaProperty("expiresAt", .moment, required: true, "When it ends by itself"),
                    ]),
                    limit: 200
                ),
                required: true, "Tokens"
            )
        ],
        decode: { _ in [] },
        encode: { tokens in
            let list = tokens.map { token -> JSONValue in
                .object([
                    "id": .text("\(token.id)"), "label": .text(token.label),
                    "createdAt": .text(token.createdAt.iso8601), "expiresAt": .text(token.expiresAt.iso8601),
                ])
            }
            return ["tokens": .array(list)]
        }
    )

    private static let keys = Schema<[ProgramKey]>(
        "ProgramKeyList",
        [
            SchemaProperty(
                "keys",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier, for revokeProgramKey"),
                        SchemaProperty("name", .text(limit: 40), required: true, "Which program it is for"),
                        SchemaProperty("createdAt", .moment, required: true, "When it was made"),
                        SchemaProperty("revokedAt", .moment, "When it ended; missing while it holds"),
                    ]),
                    limit: 1000
                ),
                required: true, "Keys"
            )
        ],
        decode: { _ in [] },
        encode: { keys in
            let list = keys.map { key -> JSONValue in
                var json: [String: JSONValue] = [
                    "id": .text("\(key.id)"), "name": .text(key.name), "createdAt": .text(key.createdAt.iso8601),
                ]
                json["revokedAt"] = key.revokedAt.map { .text($0.iso8601) }
                return .object(json)
            }
            return ["keys": .array(list)]
        }
    )
}
