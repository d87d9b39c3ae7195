import Configuration
import Foundation
import LinliCore
import SystemPackage

/// One thing a person who runs the server can set: by flag, by environment or in the file, in this order.
struct Setting: Sendable {
    /// `--name`, `LINLI_NAME`, `name:`.
    let name: String
    /// Whether it is a switch without a value.
    let isSwitch: Bool
    /// What holds when nobody says anything.
    let initial: String
    /// What it is, for the table in docs/operations/configuration.md and `linli help`.
    let text: Text

    /// Every setting, in the order of the table.
    static let all: [Setting] = [
        Setting("data", "./data", Text("数据目录：数据库、照片、密钥都在里面", "Folder of everything: database, photos, keys")),
        Setting(
            "database", "",
            Text(
                "数据库：sqlite:路径 或 postgres://…；默认是数据目录里的 linli.db",
                "sqlite:PATH or postgres://…; by default linli.db in the data folder"
            )),
        Setting("host", "127.0.0.1", Text("监听地址", "Address to listen on")),
        Setting("port", "8080", Text("监听端口", "Port to listen on")),
        Setting(
            "origin", "",
            Text(
                "居民访问的网址，用在二维码里；https 开头时 Cookie 只走加密连接", "Address people use, for QR codes; https makes cookies secure"
            )),
        Setting("trust-proxy", nil, Text("前面有自己的反向代理，采信 X-Forwarded-For", "Believe X-Forwarded-For of our own proxy")),
        Setting(
            "key-file", "",
            Text(
                "主密钥文件；默认是数据目录里的 keys/master.key",
                "Master key; by default keys/master.key in the data folder"
            )),
        Setting("vendor-dir", "/usr/share/javascript", Text("Leaflet 所在目录（系统软件包）", "Where Leaflet's package lies")),
        Setting(
            "duty-hours", "09:00-12:00,13:30-18:00", Text("工作时间，用来算办理时限", "Duty hours, for clocks in working time")),
        Setting(
            "sampled-percent", "10",
            Text("居民确认后由街道抽查的比例（百分数）", "Share of confirmed cases the street checks, in percent")),
        Setting(
            "forms-per-minute", "30",
            Text("同一地址每分钟最多匿名提交几次，0 为不限", "Anonymous forms a minute from one address, 0 for no limit")),
        Setting("connections", "8", Text("PostgreSQL 连接数", "Connections to PostgreSQL")),
        Setting("log-level", "info", Text("日志级别：debug、info、notice、warning、error", "Log level")),
        Setting("demo", nil, Text("演示：验证码写进日志", "Demonstration: one-time codes appear in the log")),
        Setting("config", "", Text("设置文件（YAML）", "File of settings (YAML)")),
        Setting("scale", "0", Text("demo：再造这么多工单，用来压测", "demo: make this many more cases, for measurements")),
        Setting("logins", nil, Text("demo：用 JSON 列出演示账号", "demo: print the demo logins as JSON")),
        Setting("photos", nil, Text("demo：也画照片", "demo: draw photos too")),
        Setting("phone", "", Text("user：手机号", "user: phone number")),
        Setting("label", "", Text("user token：令牌的用途", "user token: what it is for")),
        Setting("seconds", "10", Text("bench：每项测多少秒", "bench: seconds per item")),
        Setting("connections-out", "64", Text("bench：并发连接数", "bench: concurrent connections")),
        Setting(
            "write", nil, Text("bench：把结果写进 docs/PERFORMANCE.md", "bench: write the tables into docs/PERFORMANCE.md")),
    ]

    private init(_ name: String, _ initial: String?, _ text: Text) {
        self.name = name
        isSwitch = initial == nil
        self.initial = initial ?? "false"
        self.text = text
    }

    /// `LINLI_TRUST_PROXY`.
    var environmentName: String {
        "LINLI_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
    }

    /// The table of docs/operations/configuration.md.
    static var markdown: String {
        var lines = ["| flag | environment | default | what |", "|---|---|---|---|"]
        for setting in all {
            let initial = setting.isSwitch ? "off" : setting.initial.isEmpty ? "–" : "`\(setting.initial)`"
            lines.append(
                "| `--\(setting.name)` | `\(setting.environmentName)` | \(initial) | \(setting.text.zh) · \(setting.text.en) |"
            )
        }
        return lines.joined(separator: "\n")
    }
}

/// What the command line says: words and settings, everything wrong with them told at once.
struct Invocation: Sendable {
    /// `serve`, or `user` and `code`.
    let words: [String]
    private let reader: ConfigReader

    /// What could not be understood, a sentence each.
    struct Misunderstood: Error {
        let sentences: [String]
    }

    /// Reads flags, environment and file.
    ///
    /// - Throws: `Misunderstood` with every problem.
    init(_ arguments: [String], environment: [String: String]) async throws {
        var words: [String] = []
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        var problems: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                words.append(argument)
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = parts.first, let setting = Setting.all.first(where: { $0.name == name }) else {
                problems.append("\(argument) is not a setting; `linli help` lists them")
                continue
            }
            let key = AbsoluteConfigKey([name])
            if setting.isSwitch {
                values[key] = ConfigValue(.string(parts.count > 1 ? parts[1] : "true"), isSecret: false)
            } else if parts.count > 1 {
                values[key] = ConfigValue(.string(parts[1]), isSecret: false)
            } else if let value = rest.first, !value.hasPrefix("--") {
                values[key] = ConfigValue(.string(value), isSecret: false)
                rest = rest.dropFirst()
            } else {
                problems.append("--\(name) needs a value")
            }
        }
        self.words = words
        var providers: [any ConfigProvider] = [InMemoryProvider(name: "flags", values: values)]
        var named: [AbsoluteConfigKey: ConfigValue] = [:]
        for setting in Setting.all {
            guard let value = environment[setting.environmentName] else { continue }
            named[AbsoluteConfigKey([setting.name])] = ConfigValue(.string(value), isSecret: false)
        }
        providers.append(InMemoryProvider(name: "environment", values: named))
        let path = ConfigReader(providers: providers).string(forKey: "config", default: "")
        if !path.isEmpty {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(path)))
            } catch {
                problems.append("the settings file \(path) cannot be read: \(error)")
            }
        }
        guard problems.isEmpty else { throw Misunderstood(sentences: problems) }
        reader = ConfigReader(providers: providers)
    }

    /// A setting as text.
    func text(_ name: String) -> String {
        let initial = Setting.all.first { $0.name == name }?.initial ?? ""
        return reader.string(forKey: ConfigKey([name]), default: initial)
    }

    /// A switch.
    func isOn(_ name: String) -> Bool {
        ["true", "1", "yes", "on"].contains(text(name).lowercased())
    }

    /// A setting as a whole number; nil when it is none.
    func number(_ name: String) -> Int? {
        Int(text(name))
    }
}
