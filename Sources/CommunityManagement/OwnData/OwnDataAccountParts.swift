import LinliCore
import LinliKernel
import LinliStandards

/// What is kept of an account: who one is here, what one told, what one was sent, where one is signed in.
extension OwnDataPart {
    static let ofAccount: [OwnDataPart] = [
        .account, .cases, .caseWords, .messages, .requests, .caseReadings, .duties, .sessions, .tokens,
    ]

    private static let account = OwnDataPart(
        "account", Text("账号", "Account"), of: .account, isClose: true
    ) { ask, services in
        let found = try await services.database.read { try OwnDataStore.account(ask.account, $0) }
        guard let found else { return [] }
        let cell = Cell("account", "phone_sealed", ask.account.rawValue)
        let phone = try await ask.open(
            [.init(Subject("account", ask.account), "phone_sealed", cell, found.phone)], services.database)
        var record = OwnDataRecord(at: found.createdAt)
        record.add("name", Text("姓名", "Name"), found.name)
        record.add("phone", Text("登录的手机号", "Phone one signs in with"), phone.first)
        record.add("home", Text("住在", "Lives in"), found.division.map { services.divisions.place($0) })
        record.add("address", Text("住址", "Address"), found.address)
        record.add(
            "messages", Text("短信通知", "Short messages"), found.wantsMessages ? "wanted" : "unwanted",
            found.wantsMessages ? Text("要", "Wanted") : Text("不要", "Not wanted"))
        return [record]
    }

    private static let cases = OwnDataPart(
        "cases", Text("我反映的事", "My needs"), of: .account
    ) { ask, services in
        let (told, mine) = try await services.database.read { tx in
            (
                try OwnDataStore.told(ask.account, tx),
                try services.queries.mine(.all, of: ask.account, limit: OwnDataPart.limit, tx)
            )
        }
        return mine.map { one in
            var record = OwnDataRecord(at: one.row.createdAt)
            let words = told[one.row.id]
            record.add("number", Text("编号", "Number"), one.row.number)
            record.add("title", Text("标题", "Title"), one.row.title)
            record.add("text", Text("我说的", "My words"), words?.text)
            record.add("where", Text("地点", "Where"), words?.whereabouts)
            let category = services.catalogue[code: one.row.category]?.name ?? Text(same: one.row.category)
            record.add("category", Text("类别", "Category"), one.row.category, category)
            record.add("state", Text("到哪一步了", "State"), one.state.id, one.state.name)
            record.add("unit", Text("承办单位", "Unit"), both: one.row.handlerName)
            if let disclosure = words?.disclosure {
                record.add("disclosure", Text("谁能知道是我", "Who may know me"), disclosure.rawValue, disclosure.name)
            }
            record.add("closedAt", Text("办结", "Closed"), words?.closedAt)
            return record
        }
    }

    private static let caseWords = OwnDataPart(
        "caseWords", Text("这些事里说过的话", "What was said about it"), of: .account
    ) { ask, services in
        try await services.database.read { try OwnDataStore.lines(ask.account, $0) }.map { line in
            var record = OwnDataRecord(at: line.at)
            record.add("number", Text("编号", "Number"), line.number)
            // Who wrote it for a unit is somebody else: the unit answers for it.
            record.add(
                "by", Text("谁说的", "By"), line.isOwn ? "self" : "staff",
                line.isOwn ? Text("我", "I") : line.unit ?? Text("工作人员", "Staff"))
            record.add("text", Text("内容", "Words"), line.text)
            return record
        }
    }

    private static let messages = OwnDataPart(
        "messages", Text("给我发的短信", "Messages sent to me"), of: .account
    ) { ask, services in
        try await services.database.read { try OwnDataStore.messages(ask.account, $0) }.map { message in
            var record = OwnDataRecord(at: message.at)
            record.add("number", Text("编号", "Number"), message.number)
            record.add("news", Text("为什么发", "Why"), message.news, OwnDataWords.news(message.news))
            return record
        }
    }

    private static let requests = OwnDataPart(
        "requests", Text("我的申请", "What I asked"), of: .account, isClose: true
    ) { ask, services in
        let all = try await services.database.read { try DataRequests.of(ask.account, $0) }
        let closed = all.filter { $0.closed != nil }
        let words = try await ask.open(closed.compactMap(\.closed), services.database)
        let byID = Dictionary(zip(closed.map(\.id), words), uniquingKeysWith: { first, _ in first })
        return all.map { request in
            var record = OwnDataRecord(at: request.openedAt)
            record.add("kind", Text("申请什么", "What"), request.kind.rawValue, request.kind.name)
            record.add("text", Text("说明", "In words"), byID[request.id])
            record.add("state", Text("到哪一步了", "State"), request.state, OwnDataWords.state(request))
            record.add("dueAt", Text("答复期限", "Answer due"), request.dueAt)
            record.add("decidedAt", Text("答复时间", "Answered"), request.decidedAt)
            record.add("reason", Text("答复", "Answer"), request.reason)
            return record
        }
    }

    private static let caseReadings = OwnDataPart(
        "caseReadings", Text("谁打开过我反映的事里的号码", "Who opened the numbers of my cases"), of: .account
    ) { ask, services in
        try await services.database.read { try CaseReadings.of(ask.account, limit: OwnDataPart.limit, $0) }
            .map { reading in
                var record = OwnDataRecord(at: reading.at)
                record.add("number", Text("编号", "Number"), reading.number)
                record.add("parts", Text("看了", "Read"), both: OwnDataWords.list(reading.parts.map(\.name)))
                record.add("purpose", Text("用途", "Purpose"), reading.purpose)
                record.add("unit", Text("单位", "Unit"), both: reading.unit)
                record.add("by", Text("谁", "Who"), OwnDataAsk.mask(reading.name))
                return record
            }
    }

    private static let duties = OwnDataPart(
        "duties", Text("我的职责", "My duties"), of: .account
    ) { ask, services in
        try await services.database.read { try OwnDataStore.duties(ask.account, $0) }.map { duty in
            var record = OwnDataRecord(at: duty.from)
            record.add("role", Text("职责", "Duty"), duty.role, Role.named(duty.role)?.name ?? Text(same: duty.role))
            record.add("division", Text("管哪里", "Where"), duty.division.map { services.divisions.place($0) })
            record.add("unit", Text("单位", "Unit"), both: duty.unit)
            record.add("until", Text("到", "Until"), duty.until)
            return record
        }
    }

    private static let sessions = OwnDataPart(
        "sessions", Text("登录过的设备", "Where I am signed in"), of: .account
    ) { ask, services in
        try await services.database.read { try OwnDataStore.sessions(ask.account, $0) }.map { session in
            var record = OwnDataRecord(at: session.at)
            record.add("device", Text("设备", "Device"), session.device)
            record.add("seenAt", Text("最近使用", "Last used"), session.seenAt)
            record.add("until", Text("到期", "Ends"), session.until)
            return record
        }
    }

    private static let tokens = OwnDataPart(
        "tokens", Text("程序用的令牌", "Tokens of programs"), of: .account
    ) { ask, services in
        try await services.signIn.tokens(of: ask.account, at: ask.context.now).map { token in
            var record = OwnDataRecord(at: token.createdAt)
            record.add("label", Text("用途", "What for"), token.label)
            record.add("until", Text("到期", "Ends"), token.expiresAt)
            return record
        }
    }
}
