import LinliCore
import LinliKernel
import LinliStandards

extension CaseBundle {
    /// The content of the signed file. Names of fields are the API's; what only people read is Chinese.
    var json: [UInt8] {
        var json = JSONWriter(capacity: 64 << 10)
        json.object { json in
            json.field("madeAt", madeAt.iso8601)
            json.field("madeBy", maker)
            json.field("purpose", purpose)
            json.key("case")
            writeCase(into: &json)
            if let revealed {
                json.key("reporter")
                json.object { json in
                    json.field("name", revealed.name)
                    json.field("phone", revealed.phone)
                    json.field("email", revealed.email)
                    json.key("words")
                    json.array { words in
                        for text in revealed.words { words.value(text) }
                    }
                }
            }
            json.key("history")
            json.array { list in
                for line in lines { write(line, into: &list) }
            }
            json.key("clocks")
            json.array { list in
                for clock in clocks { write(clock, into: &list) }
            }
            json.key("requests")
            json.array { list in
                for request in view.requests { write(request, into: &list) }
            }
            json.key("photos")
            json.array { list in
                for photo in photos {
                    list.object { json in
                        json.field("kind", photo.kind)
                        json.field("at", photo.at.iso8601)
                        json.field("sha256", photo.hash)
                        json.field("bytes", Int64(photo.size))
                    }
                }
            }
            json.key("audit")
            audit.write(into: &json)
        }
        return json.bytes
    }

    private func writeCase(into json: inout JSONWriter) {
        let item = view.item
        json.object { json in
            json.field("id", "\(item.id)")
            json.field("number", item.number)
            json.field("type", item.type)
            json.field("typeVersion", Int64(item.typeVersion))
            json.field("state", item.state)
            json.field("stateName", view.state.name.zh)
            json.field("nature", item.nature.rawValue)
            json.field("category", item.category)
            json.field("title", item.title)
            json.field("text", item.text)
            json.field("audit", textAudit.map { "\($0)" } ?? "")
            json.field("location", item.whereabouts)
            json.field("division", item.division.description)
            json.field("source", item.source.rawValue)
            json.field("reporterMask", CaseHistory(view: view).reporter.zh)
            json.field("unit", view.unit?.name.zh)
            json.field("createdAt", item.createdAt.iso8601)
            json.field("dueAt", item.isOpen ? item.dueAt.iso8601 : nil)
            json.field("dueBy", view.dueBy?.iso8601)
            json.field("closedAt", item.closedAt?.iso8601)
            json.field("order", view.order?.number)
            json.key("answers")
            json.object { json in
                for (name, answer) in item.answers.sorted(by: { $0.key < $1.key }) {
                    json.key(dynamic: name)
                    json.value(answer)
                }
            }
        }
    }

    private func write(_ line: Line, into json: inout JSONWriter) {
        let history = CaseHistory(view: view)
        json.object { json in
            json.field("at", line.entry.at.iso8601)
            json.field("step", line.entry.transition)
            json.field("state", line.entry.toState)
            json.field("what", history.heading(line.entry).zh)
            json.field("who", history.who(line.entry).zh)
            json.field("reason", view.type.returnReason(line.entry.reasonClass)?.name.zh ?? line.entry.reasonClass)
            json.field("text", line.entry.text)
            json.field("isVisible", line.entry.isVisible)
            json.key("answers")
            json.object { json in
                for (name, answer) in line.entry.answers.sorted(by: { $0.key < $1.key }) {
                    json.key(dynamic: name)
                    json.value(answer)
                }
            }
            json.field("audit", line.audit.map { "\($0)" } ?? "")
        }
    }

    private func write(_ clock: BundleClock, into json: inout JSONWriter) {
        json.object { json in
            json.field("clock", clock.clock)
            json.field("round", Int64(clock.round))
            json.field("minutes", clock.length.map { Int64($0.minutes) })
            json.field("counting", clock.length?.counting.rawValue)
            json.field("startedAt", clock.startedAt.iso8601)
            json.field("dueAt", clock.dueAt?.iso8601)
            json.field("stoppedAt", clock.stoppedAt?.iso8601)
            json.field("isLate", clock.isLate)
            json.field("lateSeconds", clock.lateSeconds)
        }
    }

    private func write(_ request: CaseRequest, into json: inout JSONWriter) {
        json.object { json in
            json.field("kind", request.kind.rawValue)
            json.field("state", request.state.rawValue)
            json.field("reason", request.reasonClass)
            json.field("text", request.text)
            json.field("minutes", Int64(request.minutes))
            json.field("askedAt", request.askedAt.iso8601)
            json.field("decidedAt", request.decidedAt?.iso8601)
            json.field("decision", request.decision)
        }
    }
}
