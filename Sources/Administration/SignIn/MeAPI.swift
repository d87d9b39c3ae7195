import LinliCore
import LinliKernel

/// What one's own account is written to about, for programs of residents.
enum MeAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/me/messages", id: "getMessages",
            "Whether short messages tell you what becomes of what you told", body: .nothing, reply: wanted
        ) { _, request, services in
            guard let account = request.context.actor.account else { throw LinliError.notFound("messages.account") }
            return try await services.database.read { try ReporterMessages.areWanted(by: account, $0) }
        },
        .api(
            .put, "/api/v1/me/messages", id: "setMessages",
            "Say whether short messages are to tell you what becomes of what you told", body: wanted, reply: wanted
        ) { isWanted, request, services in
            try await ReporterMessages.want(isWanted, request.context, services.database)
            return isWanted
        },
    ]

    private static let wanted = Schema<Bool>(
        "Messages", [SchemaProperty("wanted", .flag, required: true, "Whether they are wanted")],
        decode: { $0.flag("wanted") }, encode: { ["wanted": .flag($0)] }
    )
}
