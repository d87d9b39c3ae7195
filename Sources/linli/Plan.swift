import Foundation
import LinliKernel
import LinliPostgres
import LinliSQL
import LinliStandards
import LinliWeb
import Logging

/// What to run, checked: every mistake is found and told at once, before anything is opened or made.
struct Plan: Sendable {
    enum Store: Sendable {
        case sqlite(path: String)
        case postgres(url: String)
    }

    /// What a command needs of the place it works on.
    enum Purpose: Sendable {
        /// Serves: may make the store, and needs the port.
        case serve
        /// May make the store.
        case create
        /// Works on a store that is there: a mistyped folder must not become a new one.
        case existing
        /// Looks after the master key, and leaves the store alone.
        case key
    }

    let purpose: Purpose
    let data: String
    let store: Store
    let keyFile: String
    /// Where roots of the audit are laid down, if a folder was named.
    let auditRoots: AuditRoots?
    let web: WebSettings
    /// The base map of another server, if one was named.
    let baseMap: BaseMap?
    /// The file of the base map, if one was named, and what it is credited with.
    let tilesFile: String?
    let tilesAttribution: String
    let hours: DutyHours
    let cases: CaseSettings
    let registers: RegisterSettings
    let offline: OfflineSettings
    let connections: Int
    let isDemo: Bool
    let logLevel: Logger.Level

    /// Checks the settings and the place, and makes the folders that are missing. What a command `found` wrong with its
    /// own words and settings is told with the rest.
    ///
    /// - Throws: `Invocation.Misunderstood` with a sentence for each mistake.
    init(
        _ invocation: Invocation, for purpose: Purpose, also found: (Plan) -> [String] = { _ in [] }
    ) async throws {
        var problems = invocation.problems
        self.init(invocation, purpose, &problems)
        problems += found(self)
        // Without its file of settings nothing is known about the place but what was said beside it.
        let unknown = invocation.lacksFile ? Setting.all.map(\.name).filter { !invocation.isGiven($0) } : []
        var check = PlaceCheck(plan: self, unknown: Set(unknown))
        await check.run()
        problems += check.problems
        guard problems.isEmpty else { throw Invocation.Misunderstood(sentences: problems) }
        // A mistyped folder must not appear because somebody wanted to print its key.
        if purpose != .key { try makeFolders() }
    }

    private init(_ invocation: Invocation, _ purpose: Purpose, _ problems: inout [String]) {
        self.purpose = purpose
        data = invocation.text("data")
        store = Plan.store(invocation, data, &problems)
        let port = Plan.number("port", 0...65_535, invocation, &problems)
        let origin = invocation.text("origin")
        if !origin.isEmpty, !["http", "https"].contains(URL(string: origin)?.scheme ?? "") {
            problems.append("--origin must be the address people use, such as https://linli.example.org")
        }
        if let hours = DutyHours(invocation.text("duty-hours")) {
            self.hours = hours
        } else {
            hours = .office
            problems.append("--duty-hours must look like 09:00-12:00,13:30-18:00")
        }
        cases = Plan.cases(invocation, &problems)
        registers = Plan.registers(invocation, &problems)
        offline = Plan.offline(invocation, &problems)
        connections = Plan.number("connections", 1...16, invocation, &problems)
        if let level = Logger.Level(rawValue: invocation.text("log-level")) {
            logLevel = level
        } else {
            logLevel = .info
            problems.append("--log-level must be debug, info, notice, warning or error")
        }
        let keys = invocation.text("key-file")
        keyFile = keys.isEmpty ? data + "/keys/master.key" : keys
        auditRoots = Plan.auditRoots(invocation, &problems)
        isDemo = invocation.isOn("demo")
        let tiles = invocation.text("tiles")
        tilesAttribution = String(invocation.text("tiles-attribution").prefix(200))
        let isAddress = tiles.contains("://")
        baseMap = isAddress ? BaseMap(template: tiles, attribution: tilesAttribution) : nil
        tilesFile = tiles.isEmpty || isAddress ? nil : tiles
        if isAddress, baseMap == nil {
            problems.append("--tiles must be an MBTiles file or look like https://tiles.example.org/{z}/{x}/{y}.png")
        }
        let vendor = invocation.text("vendor-dir")
        let isUsual = Setting.all.contains { $0.name == "vendor-dir" && $0.initial == vendor }
        if !isUsual, !FileManager.default.fileExists(atPath: vendor) {
            problems.append("the folder \(vendor) of --vendor-dir does not exist")
        }
        web = WebSettings(
            host: invocation.text("host"),
            port: port,
            origin: origin,
            trustsProxy: invocation.isOn("trust-proxy"),
            temporaryFolder: data + "/tmp",
            vendorFolder: vendor,
            anonymousFormsPerMinute: Plan.number("forms-per-minute", 0...1_000_000, invocation, &problems),
            accountFormsPerMinute: Plan.number("account-forms-per-minute", 0...1_000_000, invocation, &problems),
            requestsPerMinute: Plan.number("requests-per-minute", 0...1_000_000, invocation, &problems),
            accountRequestsPerMinute: Plan.number("account-requests-per-minute", 0...1_000_000, invocation, &problems),
            version: linliVersion
        )
    }

    private static func registers(_ invocation: Invocation, _ problems: inout [String]) -> RegisterSettings {
        var registers = RegisterSettings(
            hasSpecialGroups: invocation.isOn("special-groups"),
            rightsDays: Plan.number("rights-days", 1...60, invocation, &problems),
            remindDays: Plan.number("rights-remind-days", 0...30, invocation, &problems),
            raiseDays: Plan.number("rights-raise-days", 1...60, invocation, &problems),
            keptDays: Plan.number("kept-days", 0...36_500, invocation, &problems),
            keptOrganizationDays: Plan.number("kept-organization-days", 0...36_500, invocation, &problems),
            keptHomeDays: Plan.number("kept-home-days", 0...36_500, invocation, &problems),
            providerDays: Plan.number("provider-days", 0...3650, invocation, &problems),
            smallestGroup: Plan.number("smallest-group", 1...100, invocation, &problems))
        do {
            if let kinds = DeviceKinds(invocation.text("device-kinds"), try EventCatalogue.shared()) {
                registers.devices = kinds
            } else {
                problems.append("--device-kinds must be codes of components such as C0118,C02")
            }
        } catch {
            problems.append("the catalogue of categories cannot be read: \(error)")
        }
        return registers
    }

    private static func cases(_ invocation: Invocation, _ problems: inout [String]) -> CaseSettings {
        var cases = CaseSettings(
            sampledPercent: Plan.number("sampled-percent", 0...100, invocation, &problems),
            confirmBelowPercent: Plan.number("confirm-below-percent", 0...100, invocation, &problems),
            repeatDays: Plan.number("repeat-days", 1...366, invocation, &problems),
            orderLeadHours: Plan.number("order-lead-hours", 0...240, invocation, &problems),
            rates: Plan.rates(invocation, &problems),
            handlerCap: Plan.number("handler-cap", 0...1000, invocation, &problems)
        )
        let origin = invocation.text("origin")
        cases.origin = origin.isEmpty ? "http://\(invocation.text("host")):\(invocation.text("port"))" : origin
        cases.similar.metres = Plan.number("similar-metres", 10...5000, invocation, &problems)
        cases.similar.count = Plan.number("similar-count", 1...SimilarSettings.most, invocation, &problems)
        cases.whistles = Plan.whistles(invocation, &problems)
        do {
            let book = try WarningBook.shipped()
            if let numbers = WarningNumbers(invocation.text("warning-rules"), for: book) {
                cases.warningNumbers = numbers
            } else {
                problems.append("--warning-rules must look like quarrels=3/30,kind=8/7")
            }
        } catch {
            problems.append("the shipped rules of warnings cannot be read: \(error)")
        }
        if let copies = DistrictCopies(rawValue: invocation.text("district-copies")) {
            cases.districtCopies = copies
        } else {
            problems.append("--district-copies must be orders, all or none")
        }
        cases.warningDays = Plan.number("warning-days", 0...90, invocation, &problems)
        cases.trackDays = Plan.number("track-days", 1...90, invocation, &problems)
        cases.signInMetres = Plan.number("sign-in-metres", 10...1000, invocation, &problems)
        cases.visitKeptDays = Plan.number("kept-visit-days", 0...36_500, invocation, &problems)
        if let days = VisitDays(invocation.text("visit-days")) {
            cases.visitDays = days
        } else {
            problems.append("--visit-days must be five numbers of days such as 7,15,30,30,180")
        }
        return cases
    }

    private static func offline(_ invocation: Invocation, _ problems: inout [String]) -> OfflineSettings {
        var offline = OfflineSettings()
        offline.hours = number("offline-hours", 1...24, invocation, &problems)
        offline.keptDays = number("offline-kept-days", 1...3650, invocation, &problems)
        if let fields = OfflineSettings.fields(invocation.text("offline-fields")) {
            offline.fields = fields
        } else {
            problems.append("--offline-fields must be fields of people that are not special, such as person.careLevel")
        }
        return offline
    }

    private static func auditRoots(_ invocation: Invocation, _ problems: inout [String]) -> AuditRoots? {
        let folder = invocation.text("audit-roots")
        guard !folder.isEmpty else { return nil }
        if !FileManager.default.fileExists(atPath: folder) {
            problems.append("the folder \(folder) of --audit-roots does not exist")
        }
        return AuditRoots(folder: folder)
    }

    private static func rates(_ invocation: Invocation, _ problems: inout [String]) -> RateSettings {
        var rates = RateSettings()
        rates.cutoff = number("month-cutoff", 1...31, invocation, &problems)
        rates.attempts = number("follow-up-attempts", 1...20, invocation, &problems)
        rates.callHours = number("follow-up-call-hours", 1...720, invocation, &problems)
        rates.callDays = number("follow-up-call-days", 1...366, invocation, &problems)
        let weights = invocation.text("rate-weights").split(separator: ",").compactMap { Int(String($0).trimmed) }
        if weights.count == 3, weights.allSatisfy({ (0...1000).contains($0) }), weights.contains(where: { $0 > 0 }) {
            rates.weights = weights
        } else {
            problems.append("--rate-weights must be three numbers such as 10,45,45")
        }
        let grades: [String: Satisfaction] = ["basic": .basic, "satisfied": .satisfied, "very": .very]
        if let grade = grades[invocation.text("satisfied-from")] {
            rates.satisfiedFrom = grade
        } else {
            problems.append("--satisfied-from must be basic, satisfied or very")
        }
        return rates
    }

    private static func whistles(_ invocation: Invocation, _ problems: inout [String]) -> Whistle.Times {
        var times = Whistle.Times()
        let minutes = invocation.text("whistle-minutes").split(separator: ",").compactMap { Int(String($0).trimmed) }
        if minutes.count == 3, minutes.allSatisfy({ (1...100_000).contains($0) }) {
            (times.daily, times.emergency, times.campaign) = (minutes[0], minutes[1], minutes[2])
        } else {
            problems.append("--whistle-minutes must be three numbers such as 450,30,1350")
        }
        return times
    }

    private static func store(_ invocation: Invocation, _ data: String, _ problems: inout [String]) -> Store {
        let database = invocation.text("database")
        if database.isEmpty { return .sqlite(path: data + "/linli.db") }
        if database.hasPrefix("sqlite:"), database.count > 7 { return .sqlite(path: String(database.dropFirst(7))) }
        if database.hasPrefix("postgres://") || database.hasPrefix("postgresql://") { return .postgres(url: database) }
        problems.append("--database must be sqlite:PATH or postgres://USER@HOST/NAME")
        return .sqlite(path: "")
    }

    private static func number(
        _ name: String, _ range: ClosedRange<Int>, _ invocation: Invocation, _ problems: inout [String]
    ) -> Int {
        if let number = invocation.number(name), range.contains(number) { return number }
        problems.append("--\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        return range.lowerBound
    }

    private func makeFolders() throws {
        do {
            for folder in [data, data + "/keys", data + "/tmp", data + "/files"] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: data + "/keys")
        } catch {
            throw Refusal("the data folder \(data) cannot be created or written: choose another with --data")
        }
    }
}

/// The version of this program.
let linliVersion = "0.1.0"
