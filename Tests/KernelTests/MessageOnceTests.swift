import Administration
import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

@testable import LinliKernel

/// A short message goes out once, also when another one of its event fails or the program is ended in between.
@Suite("短信只发一次")
struct MessageOnceTests {
    /// Two people of the property company are on duty, and what comes to it rings them; returns their phones in order.
    private func onDuty(_ house: House) async throws -> [String] {
        let unit = try await house.unit("安居物业")
        let people = [
            try await house.context(.propertyHandler).actor.account,
            try await house.context(.propertyManager).actor.account,
        ].compactMap { $0 }
        let now = house.clock.clock.now
        try await house.services.database.write(.system("test", now: now), "test.roster") { tx in
            try tx.execute("DELETE FROM duty_shift")
            for account in people {
                try UnitsStore.roster(account, unit, from: now.adding(hours: -1), until: now.adding(hours: 9), tx)
            }
            try tx.audit(Subject("unit", 1))
        }
        return [DemoStaff.propertyHandler.phone, DemoStaff.propertyManager.phone].sorted()
    }

    private func ring(_ house: House) async throws -> String {
        var draft = try await house.draft("3号楼2单元电梯困人了")
        draft.isUrgent = true
        let id = try await house.report(draft, try await house.context(.tenant))
        return try #require(try await house.value("SELECT number FROM case_item WHERE id = \(id)", as: String.self))
    }

    private func phones(_ number: String, _ house: House) -> [String] {
        house.messages.all.filter { $0.text.zh.contains(number) }.map(\.phone)
    }

    @Test("几个人里有一个没发成：再发时只补他那条", arguments: TestEngine.enabled)
    func oneOfSeveral(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let both = try await onDuty(house)
            let number = try await ring(house)
            let before = house.messages.keys.count
            let second = both[1]
            house.messages.fail { phone, count in phone == second && count < before + 3 ? .refused : nil }
            await house.deliver()
            #expect(phones(number, house) == [both[0]])
            house.messages.fail(nil)
            house.clock.advance(minutes: 1)
            await house.deliver()
            #expect(phones(number, house) == both)
            // The first was not even handed over again.
            let handed = house.messages.keys.dropFirst(before)
            #expect(handed.count == 3 && Set(handed).count == 2)
        }
    }

    @Test("发出去了、程序没来得及记就断了：再交给通道的是同一个编号，认编号的通道不发第二遍", arguments: TestEngine.enabled)
    func endedInBetween(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let both = try await onDuty(house)
            let number = try await ring(house)
            let before = house.messages.keys.count
            house.messages.fail { _, count in count == before + 1 ? .unheard : nil }
            await house.deliver()
            #expect(phones(number, house) == [both[0]])
            house.messages.fail(nil)
            house.clock.advance(minutes: 1)
            await house.deliver()
            #expect(phones(number, house) == both)
            let handed = Array(house.messages.keys.dropFirst(before))
            #expect(handed.count == 3 && handed[0] == handed[1] && handed[1] != handed[2])
            // The key says nothing of who got it.
            #expect(handed.allSatisfy { key in both.allSatisfy { !key.description.contains($0) } })
            let noted: Int? = try await house.value(
                "SELECT count(*) FROM message_sent WHERE id = \(handed[0].description)")
            #expect(noted == 1)
        }
    }

    @Test("同一个人的两件事是两条，同一件事的两个人也是两条", arguments: TestEngine.enabled)
    func keys(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let both = try await onDuty(house)
            let (first, second) = (try await ring(house), try await ring(house))
            await house.deliver()
            #expect(phones(first, house) == both && phones(second, house) == both)
            #expect(Set(house.messages.keys).count == house.messages.keys.count)
        }
    }
}
