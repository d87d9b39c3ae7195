import Configuration
import Foundation
import LinliCore
import Synchronization
import SystemPackage

/// What the command line says: words and settings. What is wrong with it is kept, so that a command can tell it
/// together with what is wrong beyond it.
struct Invocation: Sendable {
    /// `serve`, or `user` and `code`.
    let words: [String]
    /// What could not be understood, a sentence each.
    let problems: [String]
    /// Whether the settings file was asked for and could not be read: what it says is not known.
    let lacksFile: Bool
    private let reader: ConfigReader

    /// What could not be understood or does not fit, a sentence each.
    struct Misunderstood: Error {
        let sentences: [String]
    }

    /// Commands that take settings and no other words.
    private static let alone: Set = ["serve", "migrate", "doctor", "features", "settings", "version", "help"]

    /// Names of the environment that are no settings: a passphrase for scripts, and what tests use.
    private static let otherNames = ["LINLI_PASSPHRASE"]
    private static let testPrefix = "LINLI_TEST_"

    /// Reads flags, environment and file.
    init(_ arguments: [String], environment: [String: String]) async throws {
        var flags = Flags()
        flags.read(arguments)
        words = flags.words
        var problems = flags.problems
        // After a flag that is none, a word may be its value.
        if problems.isEmpty, let word = words.first, Invocation.alone.contains(word), words.count > 1 {
            problems.append("\(word) stands alone: \(words.dropFirst().joined(separator: " ")) says nothing to it")
        }
        var providers: [any ConfigProvider] = [InMemoryProvider(name: "flags", values: flags.values)]
        var named: [AbsoluteConfigKey: ConfigValue] = [:]
        let known = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.environmentName, $0.name) })
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("LINLI_") {
            if let setting = known[name] {
                named[AbsoluteConfigKey([setting])] = ConfigValue(.string(value), isSecret: false)
            } else if !name.hasPrefix(Invocation.testPrefix), !Invocation.otherNames.contains(name) {
                let close = Setting.closest(to: name, among: known.keys.sorted())
                problems.append("\(name) in the environment is not a setting" + Invocation.guess(close))
            }
        }
        providers.append(InMemoryProvider(name: "environment", values: named))
        let path = ConfigReader(providers: providers).string(forKey: "config", default: "")
        var lacksFile = false
        if !path.isEmpty {
            let file = await SettingsFile(path)
            problems += file.problems
            if let provider = file.provider { providers.append(provider) }
            lacksFile = file.provider == nil
        }
        self.lacksFile = lacksFile
        reader = ConfigReader(providers: providers)
        for setting in Setting.all where setting.isSwitch {
            let value = reader.string(forKey: ConfigKey([setting.name]), default: "false").lowercased()
            guard !Setting.on.contains(value), !Setting.off.contains(value) else { continue }
            problems.append("--\(setting.name) is a switch: it is on or off, not \(value)")
        }
        self.problems = problems
    }

    /// `; did you mean --port?`
    static func guess(_ name: String?) -> String {
        name.map { "; did you mean \($0)?" } ?? "; `linli settings` lists them"
    }

    /// Goes on only when everything was understood.
    ///
    /// - Throws: `Misunderstood` with every problem.
    func understood() throws {
        guard problems.isEmpty else { throw Misunderstood(sentences: problems) }
    }

    /// A setting as text.
    func text(_ name: String) -> String {
        let initial = Setting.all.first { $0.name == name }?.initial ?? ""
        return reader.string(forKey: ConfigKey([name]), default: initial)
    }

    /// Whether a setting was named at all, by flag, in the environment, or in the file if there is one that could be read.
    func isGiven(_ name: String) -> Bool {
        let value: String? = reader.string(forKey: ConfigKey([name]))
        return value != nil
    }

    /// Whether what a setting says is known: not when only a file that could not be read may say it.
    func isKnown(_ name: String) -> Bool {
        !lacksFile || isGiven(name)
    }

    /// A switch.
    func isOn(_ name: String) -> Bool {
        Setting.on.contains(text(name).lowercased())
    }

    /// A setting as a whole number; nil when it is none.
    func number(_ name: String) -> Int? {
        Int(text(name))
    }
}

/// What stands behind `linli`, taken apart.
private struct Flags {
    var words: [String] = []
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    var problems: [String] = []

    mutating func read(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                words.append(argument)
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
            let name = parts.first ?? ""
            let setting = Setting.all.first { $0.name == name }
            guard let setting else {
                let close = Setting.closest(to: name)
                problems.append("--\(name) is not a setting" + Invocation.guess(close.map { "--\($0)" }))
                // What follows is most likely its value, and no word.
                let takesValue = Setting.all.first { $0.name == close }.map { !$0.isSwitch } ?? false
                if takesValue, parts.count == 1, rest.first?.hasPrefix("--") == false { rest = rest.dropFirst() }
                continue
            }
            if setting.isSwitch {
                set(name, parts.count > 1 ? parts[1] : "true")
            } else if parts.count > 1 {
                set(name, parts[1])
            } else if let value = rest.first, !value.hasPrefix("--") {
                set(name, value)
                rest = rest.dropFirst()
            } else {
                problems.append("--\(name) needs a value")
            }
        }
    }

    private mutating func set(_ name: String, _ value: String) {
        values[AbsoluteConfigKey([name])] = ConfigValue(.string(value), isSecret: false)
    }
}

/// The file of settings, and what is wrong with it.
private struct SettingsFile {
    var provider: (any ConfigProvider)?
    var problems: [String] = []

    init(_ path: String) async {
        let names = Names()
        let options = YAMLSnapshot.ParsingOptions(
            // Asked once for every name in the file, which is the only way to learn them.
            secretsSpecifier: .dynamic { name, _ in
                names.add(name)
                return false
            }
        )
        do {
            provider = try await FileProvider<YAMLSnapshot>(parsingOptions: options, filePath: FilePath(path))
        } catch {
            problems.append(SettingsFile.sentence(path, error))
        }
        for name in names.all where !Setting.all.contains(where: { $0.name == name }) {
            problems.append("\(path): \(name) is not a setting" + Invocation.guess(Setting.closest(to: name)))
        }
    }

    private static func sentence(_ path: String, _ error: any Error) -> String {
        var isFolder: ObjCBool = false
        let files = FileManager.default
        guard files.fileExists(atPath: path, isDirectory: &isFolder) else { return "there is no settings file \(path)" }
        if isFolder.boolValue { return "the settings file \(path) is a folder" }
        guard files.isReadableFile(atPath: path) else {
            return "the settings file \(path) cannot be read: check its owner and rights"
        }
        // The parser begins with the line it stopped at.
        let line = "\(error)".split(separator: ":").first.flatMap { Int($0) }.map { ", see line \($0)" } ?? ""
        return "the settings file \(path) is not a list of `name: value` lines" + line
    }

    private final class Names: Sendable {
        private let found = Mutex<Set<String>>([])

        func add(_ name: String) { found.withLock { _ = $0.insert(name) } }
        var all: [String] { found.withLock { $0.sorted() } }
    }
}
