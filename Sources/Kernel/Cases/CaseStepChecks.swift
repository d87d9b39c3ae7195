import LinliCore

/// Whether what comes with a step is what its transition asks for.
extension CaseCommands {
    /// A step as it is kept: with the answers its transition asks for and no others, numbers in them masked.
    ///
    /// - Throws: `.invalid` naming what is missing or wrong.
    func checked(
        _ step: CaseStep, _ transition: CaseType.Transition, _ type: CaseType, _ item: CaseRecord
    ) throws -> CaseStep {
        var problems = CaseCommands.problems(ofAnswers: step, transition, type, item)
        for requirement in transition.requires {
            switch requirement {
            case .text where step.text.trimmed.isEmpty:
                problems.append(.init("text", Text("请写明情况", "Please write what happened")))
            case .photo where step.photos.isEmpty:
                problems.append(.init("photos", Text("请附一张照片", "Please add a photo")))
            case .unit where step.unit == nil:
                problems.append(.init("unit", Text("请选承办单位", "Please choose a unit")))
            case .reasonClass:
                problems += CaseCommands.problems(
                    ofReason: step, type, isBasisAsked: transition.requires.contains(.text))
            case .stars where step.stars == nil:
                problems.append(.init("stars", Text("请打个分", "Please choose the stars")))
            default: break
            }
        }
        if step.text.count > 2000 {
            problems.append(.init("text", Text("最多 2000 个字", "At most 2,000 characters")))
        }
        if let stars = step.stars, !(1...5).contains(stars) {
            problems.append(.init("stars", Text("请选 1 到 5 颗星", "Please choose 1 to 5 stars")))
        }
        guard problems.isEmpty else { throw LinliError.invalid("cases.step", problems) }
        var kept = step
        if !transition.requires.contains(.reasonClass) { kept.reasonClass = "" }
        kept.answers = CaseType.Field.kept(type.fields(with: transition, told: item.answers), step.answers)
            .mapValues { LiftedText($0).masked }
        return kept
    }

    /// What is wrong with the fields that came with a step.
    private static func problems(
        ofAnswers step: CaseStep, _ transition: CaseType.Transition, _ type: CaseType, _ item: CaseRecord
    ) -> [LinliError.Field] {
        let fields = type.fields(with: transition, told: item.answers)
        var problems = CaseType.Field.problems(fields, step.answers)
        // Words that stand in no form would be lost without a sign.
        let asked = Set(transition.requiredFields + transition.allowedFields)
        problems += step.answers.keys.filter { !asked.contains($0) }.sorted().map {
            .init($0, Text("这一步不填这一项", "This step does not ask for it"))
        }
        let isTooLong = Facts.encode(CaseType.Field.kept(fields, step.answers)).unicodeScalars.count > mostAnswers
        if isTooLong, let longest = step.answers.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }) {
            problems.append(.init(longest.key, Text("合起来太长，请写短些", "Too long together; please write less")))
        }
        return problems.map { .init("answers.\($0.name)", $0.text) }
    }

    /// How many characters the answers of a step may have in all, as the store keeps them, with room for masks.
    private static let mostAnswers = 7500

    /// What is missing of why a case is given back; the words themselves are asked for elsewhere where every reason
    /// needs them.
    private static func problems(
        ofReason step: CaseStep, _ type: CaseType, isBasisAsked: Bool
    ) -> [LinliError.Field] {
        guard let reason = type.returnReason(step.reasonClass) else {
            return [.init("reasonClass", Text("请选退单理由", "Please choose a reason"))]
        }
        guard reason.needsBasis, !isBasisAsked, step.text.trimmed.isEmpty else { return [] }
        return [.init("text", Text("这个理由要写明依据", "This reason needs its basis"))]
    }
}
