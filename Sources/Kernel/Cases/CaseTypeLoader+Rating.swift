import LinliCore
import Yams

extension CaseType {
    /// How it is asked how it went. Who is asked, where and by when is the state of the reporter and its clock; the five
    /// grades are the same for every type, because the rates count them together.
    package struct Rating: Sendable, Equatable {
        /// For how many days after they were asked somebody may be called about it.
        package let days: Int
    }

    /// Who is asked how it went, in which state, and by when.
    package var ratingWords: Text {
        let asking = states.filter { $0.owner == .reporter }
        guard !asking.isEmpty else { return Text("不问谁", "nobody is asked") }
        let places = asking.map { state -> Text in
            let span = state.clock.map { CaseType.span($0.minutes) } ?? Text("不限", "no limit")
            return Text("“\(state.name.zh)”，\(span.zh)内答复", "“\(state.name.en)”, to answer within \(span.en)")
        }
        let calls =
            rating.map { Text("问后 \($0.days) 天内可以打电话回访", "called for \($0.days) days after that") }
            ?? Text("打电话回访的天数按系统设置", "called for as many days as the settings say")
        return Text("问诉求人：", "the reporter is asked: ") + CaseType.joined(places) + Text("；", "; ") + calls
    }
}

/// For how many days they may be called.
extension CaseTypeLoader {
    mutating func rating(_ root: Node) -> CaseType.Rating? {
        guard let node = root["rating"], !isKept || node["days"] != nil else { return nil }
        return CaseType.Rating(days: number(node, "days"))
    }

    /// Days to call belong where somebody is asked: elsewhere nobody would ever be called, and nobody would see why.
    mutating func checkRating(_ type: CaseType, _ root: Node) {
        guard let rating = type.rating, let node = root["rating"] else { return }
        let place = node["days"] ?? node
        if !type.asksReporter {
            note(
                place,
                Text(
                    "没有由诉求人负责的状态，就不问谁，rating 不写",
                    "no state belongs to the reporter: nobody is asked, and rating is left out"))
        } else if !(1...366).contains(rating.days) {
            note(place, Text("rating 的 days 是 1 到 366", "days of rating is from 1 to 366"))
        }
    }
}
