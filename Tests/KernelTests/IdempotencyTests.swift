import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What a program gets that sends a request again, because it does not know whether the first one arrived.
@Suite("同一个请求发两次")
struct IdempotencyTests {
    private static let body = """
        {"text": "3号楼2单元电梯坏了", "category": "R0202", "division": "110101001901001"}
        """

    private func receipt(_ answer: (status: Int, text: String)) -> Substring {
        answer.text.split(separator: "\"receipt\":\"").last.map { $0.prefix(while: { $0 != "\"" }) } ?? ""
    }

    private func cases(_ house: House) async throws -> Int {
        try await house.value("SELECT count(*) FROM case_item", as: Int.self) ?? 0
    }

    /// As if the server had ended between the write and keeping its reply.
    private func loseReplies(_ house: House) async throws {
        try await house.services.database.system { tx in
            _ = try tx.execute("UPDATE idempotency SET status = 0, reply = \([UInt8]())")
        }
    }

    @Test("答复和第一次一样，只有一件事；答复里的回执在库里看不到", arguments: TestEngine.enabled)
    func sameReply(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let before = try await cases(house)
            let first = try await house.call("/api/v1/cases", Self.body, key: "k1", resident)
            let second = try await house.call("/api/v1/cases", Self.body, key: "k1", resident)
            #expect(first.status == 201 && first.text == second.text && receipt(first).count >= 26)
            #expect(try await cases(house) == before + 1)
            let kept: [UInt8]? = try await house.value("SELECT reply FROM idempotency")
            #expect(kept?.isEmpty == false)
            #expect(!String(decoding: kept ?? [], as: UTF8.self).contains(receipt(first)))
        }
    }

    @Test("同一个键换了内容要拒绝，第一次还没办完要说等一等", arguments: TestEngine.enabled)
    func otherBodyOrRunning(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            _ = try await house.call("/api/v1/cases", Self.body, key: "k1", resident)
            let other = Self.body.replacing("坏了", with: "不动")
            let mismatch = try await house.refusal {
                _ = try await house.call("/api/v1/cases", other, key: "k1", resident)
            }
            #expect(mismatch == .mismatch)
            try await loseReplies(house)
            let running = try await house.refusal {
                _ = try await house.call("/api/v1/cases", Self.body, key: "k1", resident)
            }
            #expect(running == .conflict)
        }
    }

    @Test("办完了答复却丢了：过一分钟再发，得到那件事本来的答复", arguments: TestEngine.enabled)
    func lostReply(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let before = try await cases(house)
            let first = try await house.call("/api/v1/cases", Self.body, key: "k1", resident)
            try await loseReplies(house)
            house.clock.advance(minutes: 2)
            let again = try await house.call("/api/v1/cases", Self.body, key: "k1", resident)
            #expect(again.status == 201 && again.text == first.text)
            let third = try await house.call("/api/v1/cases", Self.body, key: "k1", resident)
            #expect(third.text == first.text)
            #expect(try await cases(house) == before + 1)
        }
    }

    @Test("一步办完了答复却丢了：得到这件事现在的样子，不再走一步", arguments: TestEngine.enabled)
    func lostStep(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let handler = try await house.context(.propertyHandler)
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let path = "/api/v1/cases/\(id)/transitions"
            let body = "{\"transition\": \"accept\"}"
            _ = try await house.call(path, body, key: "k2", handler)
            let version: Int? = try await house.value("SELECT version FROM case_item WHERE id = \(id)")
            try await loseReplies(house)
            house.clock.advance(minutes: 2)
            let again = try await house.call(path, body, key: "k2", handler)
            #expect(again.status == 200 && again.text.contains("\"state\":\"handling\""))
            #expect(try await house.value("SELECT version FROM case_item WHERE id = \(id)") == version)
        }
    }
}
