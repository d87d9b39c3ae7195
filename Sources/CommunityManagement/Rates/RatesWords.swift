import LinliCore
import LinliKernel
import LinliUI

/// How rates are said: never without what they are a share of.
struct RatesWords {
    let settings: RateSettings
    /// Which days months have.
    let calendar: AssessmentCalendar

    /// Numbers counted here are ours; the city's own come from its hotline.
    static let label: HTML = tag(Text("本系统自测", "Counted by this system"), .info)

    static let names = [Text("响应率", "Response"), Text("解决率", "Solved"), Text("满意率", "Satisfied")]

    func rates(_ sums: RateSums) -> [Rate] {
        [sums.responseRate, sums.solutionRate, sums.satisfactionRate(settings)]
    }

    /// `52/57`.
    static func fraction(_ rate: Rate) -> String { "\(rate.part)/\(rate.whole)" }

    /// What the denominator of a rate leaves out, so that nobody takes silence for consent.
    func rest(_ index: Int, _ sums: RateSums) -> Text {
        var parts: [Text] = []
        func add(_ count: Int, _ zh: String, _ en: String) {
            if count > 0 { parts.append(Text("\(zh) \(count)", "\(count) \(en)")) }
        }
        switch index {
        case 0:
            add(sums.rounds - sums.exclusions - sums.withdrawals - sums.due, "未到时限或无法联系", "not due or not reachable")
        case 1:
            add(sums.silent, "未答复", "no answer")
            add(sums.unreached, "联系不上", "not reached")
        default:
            add(sums.silent, "未答复", "no answer")
            add(sums.unreached, "联系不上", "not reached")
            add(sums.answered - sums.graded, "没评满意度", "gave no grade")
        }
        add(sums.exclusions, "不计入", "left out")
        return parts.dropFirst().reduce(parts.first ?? Text(same: "")) { $0 + Text("，", ", ") + $1 }
    }

    /// `91.2%（52/57，未答复 8，不计入 3）`.
    func sentence(_ index: Int, _ sums: RateSums) -> Text {
        let rate = rates(sums)[index]
        let rest = rest(index, sums)
        let behind = rest.zh.isEmpty ? Text(same: "") : Text("，", ", ") + rest
        return Text(same: "\(rate.percent)") + Text("（", " (") + Text(same: RatesWords.fraction(rate)) + behind
            + Text("）", ")")
    }

    /// The weighted score, or why there is none.
    func score(_ sums: RateSums) -> Text {
        guard let score = sums.score(settings) else {
            return Text("还算不出：三率里有一项分母是 0", "None yet: one of the three has no denominator")
        }
        let cents = score % 100
        return Text(same: "\(score / 100).\(cents < 10 ? "0" : "")\(cents)")
    }

    /// How the score is made.
    var weights: Text {
        let list = settings.weights.map { "\($0)" }
        return Text(
            "响应、解决、满意按 \(list.joined(separator: "：")) 加权",
            "Response, solved and satisfied weighted \(list.joined(separator: ":"))")
    }

    /// From which grade on somebody is satisfied.
    var satisfied: Text {
        let grade = settings.satisfiedFrom.name
        return Text("“\(grade.zh)”及以上算满意", "“\(grade.en)” and better count as satisfied")
    }

    /// The days of a month.
    func days(_ month: AssessmentMonth) -> Text {
        AssessmentDays.text(month, calendar)
    }

    /// 万人诉求比, or that nobody knows how many live there.
    static func density(_ requests: Int, _ population: Population?) -> Text {
        guard let population else { return Text("人口未录入", "Residents unknown") }
        let ratio = needsPerTenThousand(requests, population.residents)
        let cents = ratio % 100
        return Text(same: "\(ratio / 100).\(cents < 10 ? "0" : "")\(cents)")
    }

    /// How many needs are in the sums of a place and in those of none of its parts: of some only the wider place is known,
    /// others lie in a part that ended since. None where there are no parts to add up.
    static func unplaced(_ whole: RateSums, _ parts: [RateSums]) -> Int {
        guard !parts.isEmpty else { return 0 }
        return max(0, parts.reduce(whole.requests) { $0 - $1.requests })
    }

    /// Says below a list of parts how many needs are in none of them, so that nobody misses them in the total.
    static func unplacedNote(_ count: Int) -> HTML {
        guard count > 0 else { return .empty }
        return """
            <p class="pad note">\(Text("另有 \(count) 件算在合计里，不在上面：只知道在本地、说不准是哪一处，或者那一处已经撤并。",
                "In the total, but in no row above: \(count). It is not known where exactly, or the place has ended since."))</p>
            """
    }

    /// What a reason class of a request to leave a case out is called.
    static func exclusion(_ reason: String, _ types: CaseTypes) -> Text {
        if let name = CaseRequest.nameThere(reason) { return name }
        for type in types.all {
            for rule in type.requests where rule.kind == .exclude {
                if let choice = rule.reasons.first(where: { $0.id == reason }) { return choice.name }
            }
        }
        return Text(same: reason)
    }
}
