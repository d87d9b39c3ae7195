import LinliCore
import LinliKernel

/// What is kept of an entry of the registers besides its fields: consents, readings, changes, labels, visits.
extension OwnDataPart {
    static let ofEntry: [OwnDataPart] = [.consents, .readings, .changes, .labels, .visits]

    private static let consents = OwnDataPart(
        "consents", Text("同意过的事", "What was agreed to"), of: .entry
    ) { ask, services in
        guard let person = ask.person else { return [] }
        return try await services.database.read { try DataConsents.of(person.id, $0) }.map { consent in
            var record = OwnDataRecord(at: consent.givenAt)
            record.add("purpose", Text("用途", "Purpose"), consent.purpose.rawValue, consent.purpose.name)
            record.add("version", Text("文本版本", "Version of the text"), consent.version)
            record.add(
                "kind", Text("谁同意的", "By"), consent.isByGuardian ? "guardian" : "separate",
                consent.isByGuardian ? Text("监护人", "The guardian") : Text("本人", "The person"))
            if let channel = consent.channel {
                record.add("channel", Text("怎么同意的", "How"), channel.rawValue, channel.name)
            }
            record.add("withdrawnAt", Text("撤回", "Withdrawn"), consent.withdrawnAt)
            if consent.isOutgrown(on: ask.context.now.date), let day = consent.endsOn {
                let years = Guardianship.years
                record.add("endedOn", Text("满 \(years) 周岁，不再算数", "Ended at \(years)"), "\(day)")
            }
            return record
        }
    }

    private static let readings = OwnDataPart(
        "readings", Text("谁看过登记的敏感信息", "Who read what is closely kept"), of: .entry
    ) { ask, services in
        guard let person = ask.person else { return [] }
        let readings = try await services.database.read {
            try Reading.named(try RegisterReading.told(person.id, limit: OwnDataPart.limit, $0), $0)
        }
        return readings.map { reading in
            var record = OwnDataRecord(at: reading.at)
            let fields = OwnDataWords.list(reading.fields.map(\.name) + reading.besides)
            record.add(
                "fields", Text("看了", "Read"), both: reading.isOfHousehold ? OwnDataWords.what(reading) : fields)
            record.add(
                "purpose", Text("用途", "Purpose"), reading.purpose?.rawValue ?? reading.command,
                OwnDataWords.purpose(reading))
            if reading.openedAt == nil { record.add("note", Text("说明", "Note"), ask.masked(reading.note)) }
            record.add("unit", Text("单位", "Unit"), both: reading.unit)
            record.add("by", Text("谁", "Who"), OwnDataAsk.mask(reading.name))
            return record
        }
    }

    private static let changes = OwnDataPart(
        "changes", Text("登记的变动", "Changes of the entry"), of: .entry
    ) { ask, services in
        guard let person = ask.person else { return [] }
        let (keys, subject) = (services.database.keys, RegisterSubject(.person, person.id))
        let lines = try await services.database.read {
            try RegisterHistory.lines(of: subject, limit: OwnDataPart.limit, keys, $0)
        }
        return lines.map { line in
            var record = OwnDataRecord(at: line.at)
            record.add("what", Text("做了什么", "What"), line.what.rawValue, line.what.name)
            let names = line.fields.compactMap { RegisterField.named($0)?.name }
            record.add("fields", Text("哪些项目", "Which fields"), both: OwnDataWords.list(names))
            record.add("source", Text("来源", "Source"), line.source)
            record.add("by", Text("谁", "Who"), OwnDataAsk.mask(line.actor))
            return record
        }
    }

    private static let labels = OwnDataPart(
        "labels", Text("给我的标签", "Labels"), of: .entry, isClose: true
    ) { ask, services in
        guard let person = ask.person else { return [] }
        let shown = try await LabelReading.own(person.id, ask.context, services.database)
        let labels: [OwnDataRecord] = shown.labels.map { held in
            var record = OwnDataRecord(at: ask.context.now)
            record.add("label", Text("标签", "Label"), held.label.id, held.label.name)
            record.add(
                "by", Text("谁定的", "By"), held.isByHand ? "staff" : "rule",
                held.isByHand ? Text("工作人员", "Staff") : Text("按规则算出", "A rule"))
            record.add("because", Text("因为", "Because"), both: OwnDataWords.list(held.because))
            return record
        }
        let entitled: [OwnDataRecord] = shown.services.map { service, because in
            var record = OwnDataRecord(at: ask.context.now)
            record.add("service", Text("可以享受的服务", "May have"), service.id, service.name)
            record.add("because", Text("因为", "Because"), both: OwnDataWords.list(because))
            return record
        }
        return labels + entitled
    }

    /// Visits of the households one lives or lived in, while one did; words about others who live there are masked, and who
    /// else signed is theirs.
    private static let visits = OwnDataPart(
        "visits", Text("对我家的走访", "Visits to my home"), of: .entry
    ) { ask, services in
        guard let person = ask.person else { return [] }
        let households = Array(Set(ask.homes.compactMap(\.household))).sorted()
        let (visits, answers) = try await services.database.read { tx in
            let all = try VisitQueries.visits(of: households, limit: OwnDataPart.limit, tx)
            let mine = all.filter { visit in
                ask.homes.contains { $0.household == visit.household && $0.holds(at: visit.startsAt) }
            }
            return (mine, try OwnDataStore.answers(of: mine.map(\.id), tx))
        }
        return visits.map { visit in
            var record = OwnDataRecord(at: visit.startsAt)
            record.add("way", Text("方式", "How"), visit.way.rawValue, visit.way.name)
            record.add("state", Text("到哪一步了", "State"), visit.state.rawValue, visit.state.name)
            record.add("reason", Text("为什么", "Why"), ask.masked(visit.reason))
            record.add("address", Text("住址", "Address"), visit.address)
            record.add("by", Text("谁", "Who"), OwnDataAsk.mask(visit.workerName))
            record.add("wish", Text("我说的", "My words"), ask.masked(visit.wish))
            if let result = visit.result {
                record.add("result", Text("结果", "Result"), result.rawValue, result.name)
            }
            record.add("note", Text("记了什么", "What was noted"), ask.masked(visit.note))
            if visit.signer.contains(person.name) {
                record.add("signer", Text("签名", "Signed"), ask.masked(visit.signer))
            }
            let said = answers[visit.id] ?? []
            record.add(
                "answers", Text("问到的", "Asked"),
                said.map { "\($0.question)：\(ask.masked($0.value))" }.joined(separator: "；"))
            return record
        }
    }
}
