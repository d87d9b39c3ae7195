import LinliCore
import LinliKernel

/// The audit for programs of auditors: what the page shows, with the same line left behind.
enum AuditTrailAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/audit", id: "listAuditLines",
            "Lines of the audit, the newest first, without values; each call leaves a line itself",
            access: .permission(.auditRead), query: query, body: .nothing, reply: reply
        ) { _, request, services in
            let filter = try AuditTrailRoutes.filter(request.query, orThrow: .malformed)
            return try await AuditTrailRoutes.look(filter, request.context, services)
        }
    ]

    private static let query = [
        SchemaProperty("kind", .text(limit: 40), "Kind of subject, such as case or account"),
        SchemaProperty("id", .id, "Identifier of the subject; with `kind`"),
        SchemaProperty("command", .text(limit: 60), "A command, or with a dot at its end all that begin so"),
        SchemaProperty("from", .shaped(.day), "The first day"),
        SchemaProperty("until", .shaped(.day), "The last day"),
        SchemaProperty("after", .id, "`next` of the page before"),
    ]

    private static let line: [SchemaProperty] = [
        SchemaProperty("id", .id, required: true, "Identifier of the line"),
        SchemaProperty("at", .moment, required: true, "When"),
        SchemaProperty(
            "actor", .text(limit: 60), required: true, "account, anonymous, receipt, key:NAME or system:JOB"),
        SchemaProperty("account", .id, "The account, where one acted"),
        SchemaProperty(
            "roles", .list(.text(limit: 40), limit: 20), required: true, "The duties the account held then"),
        SchemaProperty("command", .text(limit: 60), required: true, "What was done"),
        SchemaProperty("subjectKind", .text(limit: 40), required: true, "To what kind of thing"),
        SchemaProperty("subject", .id, "To which; missing for what there is once"),
        SchemaProperty("division", .text(limit: 15), "Where that belongs"),
        SchemaProperty(
            "fields", .list(.text(limit: 200), limit: 200), required: true, "Names of what changed or was read"),
        SchemaProperty("reason", .text(limit: 500), "Why, where a reason was asked for"),
        SchemaProperty("request", .text(limit: 60), required: true, "Ties it to lines of the log"),
        SchemaProperty("batch", .integer(1...Int64(Int32.max)), "The batch it is sealed in; missing while it waits"),
    ]

    private static let reply = Schema<AuditTrailRoutes.Found>(
        "AuditLines",
        [
            SchemaProperty("lines", .list(.object(line), limit: 50), required: true, "Lines"),
            SchemaProperty(
                "next", .id,
                "`after` of the next page; missing on the last. A page may be short, or empty, where lines are rare"),
            SchemaProperty("sealedBatches", .integer(0...Int64(Int32.max)), required: true, "Batches sealed so far"),
            SchemaProperty("sealedAt", .moment, "When the newest was"),
            SchemaProperty("root", .text(limit: 64), required: true, "The chain's root there, hexadecimal"),
            SchemaProperty(
                "waiting", .integer(0...Int64(AuditTrailStore.counted)), required: true,
                "Lines that wait to be sealed, counted to ten thousand"),
        ],
        decode: { _ in throw LinliError.notFound("audit.schema") },
        encode: { found in
            var json: [String: JSONValue] = [
                "lines": .array(found.lines.map { .object(object($0)) }),
                "sealedBatches": .int(found.seal.batch), "root": .text(Hex.encode(found.seal.root)),
                "waiting": .int(Int64(found.seal.waiting)),
            ]
            json["next"] = found.next.map { .text("\(ID<AuditLine>(rawValue: $0))") }
            json["sealedAt"] = found.seal.sealedAt.map { .text($0.iso8601) }
            return json
        }
    )

    private static func object(_ line: AuditLine) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(ID<AuditLine>(rawValue: line.id))"), "at": .text(line.at.iso8601),
            "actor": .text(line.actorKind), "roles": .array(line.roles.map { .text($0) }),
            "command": .text(line.command), "subjectKind": .text(line.subject.kind),
            "fields": .array(line.fields.map { .text($0) }), "request": .text(line.requestID),
        ]
        if line.actorKind == "account" { json["account"] = .text("\(ID<Account>(rawValue: line.actorID))") }
        if line.subject.id != 0 { json["subject"] = .text("\(ID<Subject>(rawValue: line.subject.id))") }
        json["division"] = line.subject.division.map { .text("\($0)") }
        json["reason"] = line.reason.map { .text($0) }
        json["batch"] = line.batch.map { .int($0) }
        return json
    }
}
