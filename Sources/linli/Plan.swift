import Foundation
import LinliKernel
import LinliStandards
import LinliWeb
import Logging

/// What to run, checked: every mistake is found before anything is opened.
struct Plan: Sendable {
    enum Store: Sendable {
        case sqlite(path: String)
        case postgres(url: String)
    }

    let data: String
    let store: Store
    let keyFile: String
    let web: WebSettings
    let hours: DutyHours
    let cases: CaseSettings
    let connections: Int
    let isDemo: Bool
    let logLevel: Logger.Level

    /// Checks the settings.
    ///
    /// - Throws: `Invocation.Misunderstood` with a sentence for each mistake.
    init(_ invocation: Invocation) throws {
        var problems: [String] = []
        data = invocation.text("data")
        do {
            for folder in [data, data + "/keys", data + "/tmp", data + "/files"] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: data + "/keys")
        } catch {
            problems.append("the data folder \(data) cannot be created or written: choose another with --data")
        }
        let database = invocation.text("database")
        if database.isEmpty {
            store = .sqlite(path: data + "/linli.db")
        } else if database.hasPrefix("sqlite:") {
            store = .sqlite(path: String(database.dropFirst(7)))
        } else if database.hasPrefix("postgres://") || database.hasPrefix("postgresql://") {
            store = .postgres(url: database)
        } else {
            store = .sqlite(path: "")
            problems.append("--database must be sqlite:PATH or postgres://USER@HOST/NAME")
        }
        let port = invocation.number("port") ?? -1
        if !(0...65_535).contains(port) { problems.append("--port must be a number from 0 to 65535") }
        if let hours = DutyHours(invocation.text("duty-hours")) {
            self.hours = hours
        } else {
            hours = .office
            problems.append("--duty-hours must look like 09:00-12:00,13:30-18:00")
        }
        let sampled = invocation.number("sampled-percent") ?? -1
        if !(0...100).contains(sampled) { problems.append("--sampled-percent must be a number from 0 to 100") }
        cases = CaseSettings(sampledPercent: sampled)
        connections = invocation.number("connections") ?? 0
        if !(1...16).contains(connections) { problems.append("--connections must be a number from 1 to 16") }
        if let level = Logger.Level(rawValue: invocation.text("log-level")) {
            logLevel = level
        } else {
            logLevel = .info
            problems.append("--log-level must be debug, info, notice, warning or error")
        }
        let forms = invocation.number("forms-per-minute") ?? -1
        if forms < 0 { problems.append("--forms-per-minute must be a number") }
        let keys = invocation.text("key-file")
        keyFile = keys.isEmpty ? data + "/keys/master.key" : keys
        isDemo = invocation.isOn("demo")
        web = WebSettings(
            host: invocation.text("host"),
            port: port,
            origin: invocation.text("origin"),
            trustsProxy: invocation.isOn("trust-proxy"),
            temporaryFolder: data + "/tmp",
            vendorFolder: invocation.text("vendor-dir"),
            anonymousFormsPerMinute: forms,
            version: linliVersion
        )
        guard problems.isEmpty else { throw Invocation.Misunderstood(sentences: problems) }
    }
}

/// The version of this program.
let linliVersion = "0.1.0"
