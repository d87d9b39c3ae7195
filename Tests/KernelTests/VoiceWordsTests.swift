import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// What each of several who told the same says: theirs for themselves and for staff, nobody else's.
@Suite("一起反映的人各说各的")
struct VoiceWordsTests {
    /// A dark lamp in the square, told by the tenant and joined by a young mother; its unit is the property company.
    private func joined(_ house: House) async throws -> (lead: ID<Case>, voice: ID<Case>) {
        let lead = try await told(house, "路灯不亮", try await house.context(.tenant))
        let voice = try await house.services.commands.join(
            try await number(lead, house), try await lamp(house, "晚上看不见路"), try await house.context(.youngMother)
        ).id
        return (lead, voice)
    }

    private func lamp(_ house: House, _ text: String) async throws -> CaseDraft {
        var draft = try await house.draft(text, category: "C0118", at: "幸福里小广场")
        (draft.spot, draft.isWilling) = (.street, true)
        return draft
    }

    private func told(_ house: House, _ text: String, _ context: Context) async throws -> ID<Case> {
        let id = try await house.report(try await lamp(house, text), context)
        let property = try await house.unit("安居物业")
        let unit: SQL = "SELECT coalesce(handler_unit, 0) FROM case_item WHERE id = \(id)"
        if try await house.value(unit, as: Int64.self) != property.rawValue {
            try await house.take(CaseStep("dispatch", unit: property), id, house.context(.dispatcher))
        }
        return id
    }

    private func number(_ id: ID<Case>, _ house: House) async throws -> String {
        try await house.value("SELECT number FROM case_item WHERE id = \(id)") ?? ""
    }

    @Test("一起反映的人说没解决：自己看到是自己说的，先反映的人看不到他的话，工作人员知道是谁", arguments: TestEngine.enabled)
    func contests(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (lead, voice) = try await joined(house)
            let (first, second) = (try await house.context(.tenant), try await house.context(.youngMother))
            try await house.finish(lead)
            var step = CaseStep("contest", text: "我家1203窗口看还是黑的，我腿不好")
            step.photos = [try await house.photo(second)]
            try await house.take(step, voice, second)
            #expect(try await house.state(lead) == "received")
            let queries = house.services.queries
            let theirs = try await queries.reporterView(lead, first)
            #expect(theirs.entries.allSatisfy { !$0.text.contains("1203") && $0.said == nil })
            #expect(theirs.entries.contains { $0.transition == CaseMark.voiceUnsolved.rawValue && $0.text.isEmpty })
            #expect(!theirs.entries.contains { $0.transition == "contest" })
            #expect(theirs.voices.isContestedByOther && theirs.photos.isEmpty)
            let plain = try await queries.view(lead, first)
            #expect(plain.entries.allSatisfy { !$0.text.contains("1203") })
            let own = try await queries.reporterView(voice, second)
            let said = own.entries.first { $0.transition == CaseMark.saidUnsolved.rawValue }
            #expect(said?.text.contains("1203") == true)
            #expect(!own.voices.isContestedByOther && own.photos.count == 1)
            // Staff read it with the case, and whose it is; the voice's own history has it too.
            let desk = try await queries.view(lead, try await house.context(.dispatcher))
            let line = try #require(desk.entries.first { $0.transition == "contest" })
            #expect(line.text.contains("1203") && line.said?.voice == voice)
            #expect(line.said?.number == (try await number(voice, house)))
            let evidence = try await queries.view(voice, try await house.context(.dispatcher))
            #expect(evidence.entries.contains { $0.text.contains("1203") })
            #expect(try await house.outcomes(lead).first?.isSolved == nil)
            #expect(try await house.outcomes(voice).first?.isSolved == false)
        }
    }

    @Test("早先没有记是谁说的：原话只有工作人员看到，不算先反映的人说的，也不算哪一位的", arguments: TestEngine.enabled)
    func unattributed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (lead, voice) = try await joined(house)
            let (first, second) = (try await house.context(.tenant), try await house.context(.youngMother))
            try await house.finish(lead)
            try await house.take(CaseStep("contest", text: "还是黑"), voice, second)
            let chair = try await house.context(.ownersChair)
            let alone = try await told(house, "另一盏灯不亮", chair)
            try await house.finish(alone)
            try await house.take(CaseStep("contest", text: "也没好"), alone, chair)
            // As a program kept it that did not keep whose step it was, and then the step of the schema.
            let step = try #require(
                Migration.unattributedLines.script.split(separator: ";").first { $0.contains("UPDATE case_entry") })
            let update = SQL(stringLiteral: String(step))
            _ = try await house.services.database.system { tx in
                try tx.execute("UPDATE case_entry SET said_in = NULL, text = '我家1203还是黑' WHERE said_in IS NOT NULL")
                try tx.execute("DELETE FROM case_entry WHERE transition = 'saidUnsolved'")
                return try tx.execute(update)
            }
            let queries = house.services.queries
            for (id, reader) in [(lead, first), (voice, second)] {
                let view = try await queries.reporterView(id, reader)
                #expect(view.entries.allSatisfy { !$0.text.contains("1203") && $0.transition != "contest" })
                #expect(view.entries.count { $0.transition == CaseMark.voiceUnsolved.rawValue } == 1)
                #expect(view.voices.isContestedByOther)
            }
            let desk = try await queries.view(lead, try await house.context(.dispatcher))
            let line = try #require(desk.entries.first { $0.transition == "contest" })
            #expect(line.text.contains("1203") && line.said == nil && line.isUnattributed)
            // Who alone told a case said what stands there.
            let own = try await queries.reporterView(alone, chair)
            let said = own.entries.first { $0.transition == "contest" }
            #expect(said?.text == "也没好" && said?.isUnattributed == false)
        }
    }

    @Test("评价记录说得清是谁答的：先反映的人自己说的还给他；一起反映的人说的仍不算谁的", arguments: TestEngine.enabled)
    func attributedAgain(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (first, second) = (try await house.context(.tenant), try await house.context(.youngMother))
            let (lead, voice) = try await joined(house)
            try await house.finish(lead)
            try await house.take(CaseStep("contest", text: "我看还是黑"), lead, first)
            let other = try await told(house, "另一盏灯不亮", try await house.context(.ownersChair))
            let third = try await house.services.commands.join(
                try await number(other, house), try await lamp(house, "这盏也黑"), second
            ).id
            try await house.finish(other)
            try await house.take(CaseStep("contest", text: "没好"), third, second)
            // As the step before left both, which could not tell them apart.
            let step = try #require(
                Migration.attributedAgain.script.split(separator: ";").first { $0.contains("UPDATE case_entry") })
            let update = SQL(stringLiteral: String(step))
            _ = try await house.services.database.system { tx in
                try tx.execute(
                    """
                    UPDATE case_entry SET said_in = NULL, is_unattributed = 1
                    WHERE transition = 'contest' AND case_id IN (\(lead), \(other))
                    """
                )
                return try tx.execute(update)
            }
            let (queries, dispatcher) = (house.services.queries, try await house.context(.dispatcher))
            for (id, isKnown) in [(lead, true), (other, false)] {
                let line = try await queries.view(id, dispatcher).entries.first { $0.transition == "contest" }
                #expect(line?.isUnattributed == !isKnown)
            }
            let own = try await queries.reporterView(lead, first)
            #expect(own.entries.contains { $0.transition == "contest" && $0.text == "我看还是黑" })
            #expect(!own.voices.isContestedByOther)
            let theirs = try await queries.reporterView(voice, second)
            #expect(theirs.voices.isContestedByOther && theirs.entries.allSatisfy { !$0.text.contains("我看还是黑") })
        }
    }

    @Test("名单里：说解决的、说没解决的、撤回的，各标各的", arguments: TestEngine.enabled)
    func list(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (lead, voice) = try await joined(house)
            let other = try await house.services.commands.join(
                try await number(lead, house), try await lamp(house, "我也看到了"),
                try await house.context(.ownersChair)
            ).id
            let chair = try await house.context(.ownersChair)
            try await house.take(CaseStep("withdraw", text: "不用了"), other, chair)
            try await house.finish(lead)
            // The last to answer closes it, and grades for themselves.
            var yes = CaseStep("confirm")
            yes.stars = 5
            try await house.take(yes, lead, try await house.context(.tenant))
            yes.stars = 2
            try await house.take(yes, voice, try await house.context(.youngMother))
            #expect(try await house.value("SELECT stars FROM case_item WHERE id = \(voice)", as: Int.self) == 2)
            #expect(try await house.value("SELECT stars FROM case_item WHERE id = \(lead)", as: Int.self) == 5)
            let view = try await house.services.queries.view(lead, try await house.context(.dispatcher))
            #expect(view.voices.list.map(\.isSolved) == [true, nil])
            #expect(view.voices.list.map(\.hasLeft) == [false, true])
            #expect(view.voices.list.first?.grade?.rawValue == 2 && view.voices.list.first?.answeredAt != nil)
            #expect(view.item.accusation.isEmpty, "the last of the columns is still whom it is against")
            try await house.proveRates()
        }
    }

    @Test("撤回一次就完了：自己看到已撤回，不再问，也不能再要求重办", arguments: TestEngine.enabled)
    func leaves(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (lead, voice) = try await joined(house)
            let second = try await house.context(.youngMother)
            try await house.take(CaseStep("withdraw", text: "搬走了"), voice, second)
            let again = try await house.refusal { try await house.take(CaseStep("withdraw"), voice, second) }
            #expect(again == .conflict)
            let notes: SQL = "SELECT count(*) FROM case_entry WHERE transition = 'voiceLeft' AND case_id = \(voice)"
            #expect(try await house.value(notes, as: Int.self) == 1)
            house.clock.advance(minutes: 5)
            try await house.finish(lead)
            let queries = house.services.queries
            let view = try await queries.reporterView(voice, second)
            #expect(view.voices.hasLeft && view.state.id == "withdrawn" && view.transitions.isEmpty)
            #expect(!view.item.isOpen && !view.entries.contains { $0.text == "修好了" })
            let account = try #require(second.actor.account)
            let (open, all) = try await house.services.database.read { tx in
                (
                    try queries.mine(.rating, of: account, limit: 50, tx).map(\.row.id),
                    try queries.mine(.all, of: account, limit: 50, tx)
                )
            }
            #expect(!open.contains(voice))
            #expect(all.first { $0.row.id == voice }?.state.id == "withdrawn")
            let contest = try await house.refusal {
                try await house.take(CaseStep("contest", text: "还是黑"), voice, second)
            }
            #expect(contest == .conflict)
            #expect(try await house.state(lead) == "confirming")
            let late = try await house.refusal {
                try await house.services.commands.answer(isSolved: true, grade: nil, text: "", of: voice, second)
            }
            #expect(late == .conflict)
            // Done again for the others, it is no other round of whoever left.
            try await house.take(
                CaseStep("contest", text: "一闪一闪"), lead, try await house.context(.tenant))
            let property = try await house.unit("安居物业")
            let redo = CaseStep("dispatch", text: "请换人", unit: property)
            try await house.take(redo, lead, try await house.context(.dispatcher))
            #expect(try await house.outcomes(lead).count == 2)
            #expect(try await house.outcomes(voice).allSatisfy { $0.isWithdrawn && $0.round == 1 })
            try await house.proveRates()
        }
    }

    @Test("公开的并过去以后：跟着那一件走，有去那一件的路；撤回就撤下", arguments: TestEngine.enabled)
    func neighbours(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let lead = try await told(house, "路灯不亮", try await house.context(.tenant))
            house.clock.advance(minutes: 30)
            let (second, chair) = (try await house.context(.youngMother), try await house.context(.ownersChair))
            let other = try await told(house, "灯又坏了一盏", second)
            let third = try await told(house, "这边也黑", chair)
            let (head, dispatcher) = (try await house.context(.head), try await house.context(.dispatcher))
            for id in [lead, other, third] {
                try await commands.publish(Clearing(title: "路灯", text: "路灯不亮。", address: ""), of: id, head)
            }
            for id in [other, third] { try await commands.merge(id, into: lead, reason: "同一盏灯", dispatcher) }
            let (leadNumber, number) = (try await self.number(lead, house), try await self.number(other, house))
            func seen(_ number: String) async throws -> PublicCase {
                try await house.services.database.read { try house.services.queries.publicCase(number, $0) }
            }
            let joined = try await seen(number)
            #expect(joined.row.leadNumber == leadNumber && joined.row.isOpen && joined.row.state.id == "dispatched")
            let thirdNumber = try await self.number(third, house)
            try await house.take(CaseStep("withdraw"), third, chair)
            #expect(try await house.refusal { _ = try await seen(thirdNumber) } == .notFound)
            try await house.finish(lead)
            try await commands.publish(
                Clearing(title: "路灯", text: "路灯不亮。", result: "换了灯泡。", address: ""), of: lead, head)
            let done = try await seen(number)
            #expect(done.row.state.id == "confirming" && done.row.result == "换了灯泡。")
            #expect(done.lines.contains { $0.what.zh == "办理完成" } && done.lines.count { $0.what.zh == "已收到" } == 1)
            // Kept from neighbours, the other one is not named any more; how far it is still holds.
            try await commands.withhold(lead, head)
            let alone = try await seen(number)
            #expect(alone.row.leadNumber == nil && alone.row.state.id == "confirming" && alone.row.result.isEmpty)
        }
    }
}
