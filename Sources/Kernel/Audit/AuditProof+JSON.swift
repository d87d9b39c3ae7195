import LinliCore

extension AuditProof {
    /// Writes it as a program reads it: hashes in hexadecimal, identifiers as texts, because they are larger than what
    /// many programs take for a number.
    package func write(into json: inout JSONWriter) {
        json.object { json in
            json.field("publicKey", Hex.encode(publicKey))
            json.field("waiting", Int64(waiting))
            json.key("batches")
            json.array { list in
                for batch in batches { AuditProof.write(batch, into: &list) }
            }
            json.key("entries")
            json.array { list in
                for entry in entries { AuditProof.write(entry, into: &list) }
            }
        }
    }

    private static func write(_ batch: Batch, into json: inout JSONWriter) {
        json.object { json in
            json.field("sequence", Int64(batch.sequence))
            json.field("entries", Int64(batch.entries))
            json.field("previous", Hex.encode(batch.previous))
            json.field("root", Hex.encode(batch.root))
            json.field("chained", Hex.encode(batch.chained))
            json.field("signature", Hex.encode(batch.signature))
            json.field("sealedAt", batch.sealedAt.iso8601)
        }
    }

    private static func write(_ entry: Entry, into json: inout JSONWriter) {
        json.object { json in
            if let record = entry.record {
                json.key("record")
                write(record, into: &json)
            }
            json.field("leaf", Hex.encode(entry.leaf))
            json.field("batch", entry.batch)
            json.key("proof")
            json.array { steps in
                for step in entry.path {
                    steps.object { json in
                        json.field("side", step.isLeft ? "left" : "right")
                        json.field("hash", Hex.encode(step.hash))
                    }
                }
            }
            guard !entry.values.isEmpty else { return }
            json.field("salt", Hex.encode(entry.salt))
            json.key("values")
            json.array { values in
                for value in entry.values { values.value(value) }
            }
        }
    }

    private static func write(_ record: AuditRecord, into json: inout JSONWriter) {
        json.object { json in
            json.field("id", "\(record.id)")
            json.field("at", "\(record.at.milliseconds)")
            json.field("actorKind", record.actorKind)
            json.field("actor", "\(record.actorID)")
            json.field("command", record.command)
            json.field("subjectKind", record.subject.kind)
            json.field("subject", "\(record.subject.id)")
            json.field("division", record.subject.division?.description ?? "")
            json.field("fields", record.fields)
            json.field("reason", record.reason ?? "")
            json.field("request", record.requestID)
            json.field("digest", Hex.encode(record.digest ?? []))
        }
    }
}
