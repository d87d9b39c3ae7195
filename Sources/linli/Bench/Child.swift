import Foundation
import Glibc
import LinliCore
import Synchronization

/// A program started by the bench: what it prints goes to files, its CPU and memory are read from `/proc`.
///
/// It has a process group of its own, so that Ctrl-C reaches the bench alone, which then stops everything in order.
final class Child: Sendable {
    let id: pid_t
    private let name: String
    private let output: String
    private let status = Mutex<Int32?>(nil)

    /// Starts `program`; what it prints goes to the new files `output` and `output.errors`.
    init(_ program: String, _ arguments: [String], environment: [String: String], output: String) throws {
        name = ([(program as NSString).lastPathComponent] + arguments.prefix(2)).joined(separator: " ")
        self.output = output
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let errors = output + ".errors"
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The bench ignores these signals to watch for them, and its threads block many: a child inherits neither.
        var (ignored, blocked) = (sigset_t(), sigset_t())
        sigemptyset(&ignored)
        sigaddset(&ignored, SIGINT)
        sigaddset(&ignored, SIGTERM)
        posix_spawnattr_setsigdefault(&attributes, &ignored)
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let settings = environment.map { strdup($0.key + "=" + $0.value) } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, program, &actions, &attributes, words, settings)
        guard code == 0 else { throw Refusal("cannot start \(name): \(String(cString: strerror(code)))") }
        self.id = id
    }

    /// Runs a program to its end and returns what it printed.
    ///
    /// - Throws: one sentence with its own first words when it fails or takes longer than `seconds`.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String], output: String, within seconds: Int
    ) async throws -> String {
        let child = try Child(program, arguments, environment: environment, output: output)
        defer { child.stop() }
        let end = ContinuousClock.now + .seconds(seconds)
        while child.ended == nil {
            guard ContinuousClock.now < end else { throw Refusal("\(child.name) took longer than \(seconds) s") }
            try await Task.sleep(for: .milliseconds(10))
        }
        guard child.ended == 0 else { throw Refusal("\(child.name) failed: \(child.complaint)") }
        return child.printed
    }

    /// The exit status once it ended, 128 and more for a signal; nil while it runs.
    var ended: Int32? {
        status.withLock { status in
            if let status { return status }
            var word: Int32 = 0
            guard waitpid(id, &word, WNOHANG) == id else { return nil }
            status = word & 0x7F == 0 ? (word >> 8) & 0xFF : 128 + word & 0x7F
            return status
        }
    }

    /// What it has printed so far.
    var printed: String { Child.text(output) }

    /// The first line of what it complained about.
    var complaint: String {
        Child.text(output + ".errors").split(separator: "\n").first.map(String.init) ?? "it did not say why"
    }

    /// Ends it: asked first, forced after six seconds. Waits without a task, so that it works in a cancelled one.
    func stop() {
        guard ended == nil else { return }
        kill(id, SIGTERM)
        for _ in 0..<600 {
            if ended != nil { return }
            usleep(10_000)
        }
        kill(id, SIGKILL)
        while ended == nil { usleep(1000) }
    }

    // MARK: What it uses

    /// User and system time it has spent, in microseconds; the kernel counts in hundredths of a second.
    var cpuMicroseconds: Double {
        // The name of the program stands in brackets and may hold anything: fields count from the last one.
        let stat = Child.text("/proc/\(id)/stat")
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) * 1_000_000 / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// `VmRSS` or `VmHWM` in MiB.
    func memory(_ field: String) -> Double {
        let lines = Child.text("/proc/\(id)/status").split(separator: "\n")
        let words = lines.first { $0.hasPrefix(field + ":") }?.split(whereSeparator: \.isWhitespace)
        guard let words, words.count > 1, let kilobytes = Double(words[1]) else { return 0 }
        return kilobytes / 1024
    }

    private static func text(_ path: String) -> String {
        // Nothing yet, or gone: both read as empty, and whoever waits for words goes on waiting.
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}

/// User and system time this process has spent, in microseconds.
func ownCPUMicroseconds() -> Double {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    return seconds * 1_000_000 + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
}
