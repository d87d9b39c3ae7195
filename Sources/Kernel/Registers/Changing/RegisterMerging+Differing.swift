import LinliCore
import LinliSQL
import LinliStandards

/// Two people with different numbers, sexes or births are hardly one: they are merged only by somebody who says that they
/// are, and why.
extension RegisterMerging {
    /// The word by which the history keeps why two entries that differ are of one person.
    static let because = "because"

    /// What of two people is known of both and not the same, in words that name both values.
    private static func differences(
        _ one: RegisterSubject, _ other: RegisterSubject, _ tx: ReadTx
    ) throws -> [Text] {
        guard one.kind == .person,
            let here = try RegisterQueries.person(ID(rawValue: one.id), tx),
            let there = try RegisterQueries.person(ID(rawValue: other.id), tx)
        else { return [] }
        var found: [Text] = []
        func add(_ zh: String, _ en: String, _ first: Text, _ second: Text) {
            let both: Text = first + Text(" 和 ", " and ") + second
            found.append(Text("\(zh)不一样（\(both.zh)）", "\(en) differs (\(both.en))"))
        }
        let isOther = try tx.exists(
            """
            SELECT 1 FROM person a JOIN person b ON b.number_hash <> a.number_hash
            WHERE a.id = \(one.id) AND b.id = \(other.id)
            """)
        if isOther { add("号码", "the number", Text(same: here.numberMask), Text(same: there.numberMask)) }
        if [1, 2].contains(here.sex), [1, 2].contains(there.sex), here.sex != there.sex {
            add("性别", "the sex", sex(here.sex), sex(there.sex))
        }
        if let born = here.born, let theirs = there.born, born != theirs {
            add("出生日期", "the birth", born.full, theirs.full)
        }
        return found
    }

    private static func sex(_ sex: Int) -> Text { sex == 1 ? Text("男", "male") : Text("女", "female") }

    /// What the history keeps of why two that differ are one; nil where nothing differs.
    ///
    /// - Throws: `.invalid` naming what differs where nobody said why.
    static func sureness(
        _ other: RegisterSubject, _ survivor: RegisterSubject, _ reason: String?, _ tx: ReadTx
    ) throws -> String? {
        let found = try differences(survivor, other, tx)
        guard let first = found.first else { return nil }
        let words = PersonalNumbers.replacing(in: String((reason ?? "").trimmed.prefix(200))) { $0.masked }
        guard words.isEmpty else { return words }
        let all = found.dropFirst().reduce(first) { $0 + Text("，", ", ") + $1 }
        var problems: [LinliError.Field] = [
            .init("same", all + Text("。确认是同一个人吗？", ". Are they one person?"))
        ]
        if reason != nil {
            problems.append(
                .init("because", Text("请写明凭什么确认是同一个人", "Please say how you know that they are one person")))
        }
        throw LinliError.invalid("registers.different", problems)
    }
}
