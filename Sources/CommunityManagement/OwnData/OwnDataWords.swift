import LinliCore
import LinliKernel

/// What pages and programs call things of one's own data.
enum OwnDataWords {
    /// What a rung of the clock of a request did.
    static func rung(_ action: CaseType.Rung.Action) -> Text {
        switch action {
        case .remind: Text("已提醒", "Reminded")
        case .supervise: Text("到期没有答复，已报街道督办", "Due without an answer: the street supervises")
        case .raise: Text("超期没有答复，已报区里", "Overdue: the district was told")
        }
    }

    /// Several names in one line.
    static func list(_ names: [Text]) -> Text {
        Text(names.map(\.zh).joined(separator: "，"), names.map(\.en).joined(separator: ", "))
    }

    /// What was done to an entry, and to which fields.
    static func change(_ change: DataRequestChange) -> Text {
        let names = change.fields.map { RegisterWords.field($0) }.filter { !$0.zh.isEmpty }
        return names.isEmpty ? change.what.name : change.what.name + Text("：", ": ") + list(names)
    }

    /// Where a request stands.
    static func state(_ request: DataRequest) -> Text {
        switch request.state {
        case "open":
            Text("正在办，\(request.dueAt.date.full.zh)前答复", "Worked on; answer by \(request.dueAt.date.full.en)")
        case "done": Text("已办", "Done")
        default: Text("没有办", "Refused")
        }
    }

    /// What a reading was for, or how it happened.
    static func purpose(_ reading: Reading) -> Text {
        if let purpose = reading.purpose { return purpose.words(for: reading.serviceName) }
        return switch reading.command {
        case "registers.export": Text("导出", "Export")
        case "registers.offline": Text("下载到手机", "Download to a phone")
        default: Text("查看", "Read")
        }
    }

    /// What was read: which fields, or the household on a worker's phone.
    static func what(_ reading: Reading) -> Text {
        guard reading.isOfHousehold else {
            let names = reading.fields.map(\.name) + reading.besides
            return Text(names.map(\.zh).joined(separator: "、"), names.map(\.en).joined(separator: ", "))
        }
        guard let opened = reading.openedAt?.dayAndTime else {
            return Text("您家这一户，下载到工作手机（号码有掩码）", "Your household, taken along on a work phone, numbers masked")
        }
        return Text(
            "您家这一户，\(opened.zh)在工作手机上打开（没有网络）",
            "Your household, opened on a work phone without a network, \(opened.en)")
    }

    /// Why a message about a case was sent.
    static func news(_ news: String) -> Text {
        switch news {
        case "asked": Text("请您评价", "Asked how it went")
        case "reminded": Text("提醒评价", "Reminded to answer")
        case "paused": Text("暂停办理", "Paused")
        case "extended": Text("延长时间", "More time")
        case "reviewed": Text("复核", "Reviewed")
        case "ended": Text("有了结果", "Ended")
        default: Text(same: news)
        }
    }
}
