import LinliCore
import Synchronization
import Testing

private enum Thing {}

/// A clock that a test sets.
private final class HandClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ moment: Instant) { milliseconds = Mutex(moment.milliseconds) }

    var clock: WallClock { WallClock { Instant(milliseconds: self.milliseconds.withLock { $0 }) } }

    func move(milliseconds change: Int64) { milliseconds.withLock { $0 += change } }
}

@Suite("标识")
struct IDTests {
    private static let noon = Instant(milliseconds: 1_795_320_000_000)

    @Test("写出再读回是同一个数", arguments: [0, 1, 31, 32, 4095, 1 << 22, 123_456_789_012_345, Int64.max])
    func roundTrip(value: Int64) throws {
        let id = ID<Thing>(rawValue: value)
        let text = id.description
        #expect(text.utf8.count == 13)
        #expect(ID<Thing>(text) == id)
        #expect(ID<Thing>(text.uppercased()) == id)
    }

    @Test("已知写法")
    func knownForms() {
        #expect(ID<Thing>(rawValue: 0).description == "0000000000000")
        #expect(ID<Thing>(rawValue: 31).description == "000000000000z")
        #expect(ID<Thing>(rawValue: 32).description == "0000000000010")
        #expect(ID<Thing>(rawValue: .max).description == "7zzzzzzzzzzzz")
    }

    @Test(
        "别的写法都不是标识",
        arguments: [
            "", "000000000000", "00000000000000", "8000000000000", "zzzzzzzzzzzzz", "000000000000i", "000000000000l",
            "000000000000o", "000000000000u", "000000000000-", "000000000000 ", "\u{10}000000000001", "00000000000é",
            "000000000000０",
        ]
    )
    func refused(text: String) {
        #expect(ID<Thing>(text) == nil)
    }

    @Test("文字的先后就是数的先后")
    func textOrder() {
        let values: [Int64] = [0, 1, 9, 10, 31, 32, 1023, 1 << 20, 1 << 40, .max / 3, .max]
        let ids = values.map { ID<Thing>(rawValue: $0) }
        #expect(ids.sorted() == ids)
        #expect(ids.map(\.description).sorted() == ids.map(\.description))
    }

    @Test("从零时起按毫秒、节点、序号排列")
    func layout() throws {
        let generator = IDGenerator(node: 5, clock: HandClock(IDTests.noon).clock)
        let id: ID<Thing> = try generator.next()
        #expect(id.issuedAt == IDTests.noon)
        #expect(id.rawValue >> 12 & 1023 == 5)
        #expect(id.rawValue & 4095 == 0)
    }

    @Test("同一毫秒里用完序号就向下一毫秒借，始终递增不重复")
    func borrowing() throws {
        let hand = HandClock(IDTests.noon)
        let generator = IDGenerator(node: 1, clock: hand.clock)
        var last = ID<Thing>(rawValue: -1)
        for _ in 0..<10_000 {
            let next: ID<Thing> = try generator.next()
            #expect(next > last)
            last = next
        }
        #expect(last.issuedAt == Instant(milliseconds: IDTests.noon.milliseconds + 2))
        hand.move(milliseconds: 1)
        let next: ID<Thing> = try generator.next()
        #expect(next > last)
    }

    @Test("时钟回拨两秒以内照发且仍递增，超过就停，恢复后再发")
    func clockBack() throws {
        let hand = HandClock(IDTests.noon)
        let generator = IDGenerator(node: 1, clock: hand.clock)
        let first: ID<Thing> = try generator.next()
        hand.move(milliseconds: -2000)
        let second: ID<Thing> = try generator.next()
        #expect(second > first)
        hand.move(milliseconds: -1)
        let error = #expect(throws: LinliError.self) { let _: ID<Thing> = try generator.next() }
        #expect(error?.kind == .unavailable)
        #expect(error?.retryAfterSeconds == 60)
        hand.move(milliseconds: 2001)
        let third: ID<Thing> = try generator.next()
        #expect(third > second)
    }

    @Test("没有节点租约就不发")
    func lease() throws {
        let generator = IDGenerator(node: nil, clock: HandClock(IDTests.noon).clock)
        #expect(throws: LinliError.self) { let _: ID<Thing> = try generator.next() }
        generator.hold(node: 1023)
        let id: ID<Thing> = try generator.next()
        #expect(id.rawValue >> 12 & 1023 == 1023)
        generator.hold(node: nil)
        #expect(throws: LinliError.self) { let _: ID<Thing> = try generator.next() }
    }

    @Test("多个任务同时要，没有一个重复")
    func concurrency() async throws {
        let generator = IDGenerator(node: 1, clock: .system)
        let all = try await withThrowingTaskGroup(of: [ID<Thing>].self) { group in
            for _ in 0..<8 {
                group.addTask { try (0..<2000).map { _ in try generator.next() } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(all).count == 16_000)
    }
}
