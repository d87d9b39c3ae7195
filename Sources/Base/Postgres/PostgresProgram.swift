import Foundation
import LinliSQL

/// A program as a child process, run to its end.
///
/// Not Foundation's `Process`: it learns of the end by a socket that every other child inherits, so that a server
/// started at the wrong moment would hold up a backup for as long as it runs.
package enum PostgresProgram {
    /// Runs `pg_dump` or the like. It finds the database in its environment: nothing secret is an argument.
    ///
    /// - Throws: `SQLError.failed` with the first line of what it says.
    static func run(_ name: String, _ arguments: [String], at address: PostgresAddress) async throws {
        guard let path = path(of: name) else {
            throw SQLError.failed("\(name) is not installed: install postgresql-client")
        }
        let environment = address.environment.merging(["LC_ALL": "C"]) { $1 }
        let (status, words) = try await run(path, arguments, environment: environment, reading: STDERR_FILENO)
        if status != 0 { throw SQLError.failed("\(name) failed: \(words.split(separator: "\n").first ?? "")") }
    }

    /// The newest one of Debian's and Red Hat's places, else the one in PATH.
    private static func path(of name: String) -> String? {
        let versions = (1...40).reversed()
        let inPlaces = versions.flatMap { ["/usr/lib/postgresql/\($0)/bin/\(name)", "/usr/pgsql-\($0)/bin/\(name)"] }
        let inPath = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
        return (inPlaces + inPath).first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs the program at `path` on a thread of its own, with this process's environment and `environment`.
    ///
    /// - Returns: the exit status (128 and more for a signal) and what it wrote to `descriptor`, 1 or 2; nobody reads
    ///   the other.
    /// - Throws: `SQLError.failed` when it cannot be started.
    package static func run(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        reading descriptor: Int32
    ) async throws -> (status: Int32, output: String) {
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                continuation.resume(with: Result { try runNow(path, arguments, all, descriptor) })
            }
            thread.name = "linli-child"
            thread.start()
        }
    }

    private static func runNow(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String],
        _ descriptor: Int32
    ) throws -> (status: Int32, output: String) {
        // A file, closed in every other child that is started meanwhile: nobody waits for the end of a pipe that
        // some server keeps open.
        let name = NSTemporaryDirectory() + "linli-" + UUID().uuidString
        let file = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SQLError.failed("cannot start \(path): cannot write \(name)") }
        unlink(name)
        let reader = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for other in STDIN_FILENO...STDERR_FILENO where other != descriptor {
            posix_spawn_file_actions_addopen(&actions, other, "/dev/null", O_RDWR, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, file, descriptor)
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let settings = environment.map { strdup($0.key + "=" + $0.value) } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &actions, nil, words, settings)
        guard code == 0 else { throw SQLError.failed("cannot start \(path): \(String(cString: strerror(code)))") }
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1 && errno == EINTR {}
        try reader.seek(toOffset: 0)
        let output = try reader.readToEnd() ?? Data()
        let signal = status & 0x7F
        return (signal == 0 ? (status >> 8) & 0xFF : 128 + signal, String(decoding: output, as: UTF8.self))
    }
}
