import Foundation
import Glibc
import LinliPostgres
import LinliSQL
import LinliSQLite
import LinliWeb

/// Looks at the place a plan wants to work on, changes nothing, and says everything that would stop it.
struct PlaceCheck {
    let plan: Plan
    /// Settings that a file may hold which could not be read: what depends on them is not looked at.
    let unknown: Set<String>
    private(set) var problems: [String] = []

    private let files = FileManager.default

    init(plan: Plan, unknown: Set<String>) {
        self.plan = plan
        self.unknown = unknown
    }

    mutating func run() async {
        if isKnown("data") { checkFolders() }
        if isKnown("key-file") { checkKey() }
        if plan.purpose != .key, isKnown("database") { await checkStore() }
        if plan.purpose == .serve, isKnown("port") { checkPort() }
        if isKnown("tiles") { checkTiles() }
    }

    private func isKnown(_ setting: String) -> Bool { !unknown.contains(setting) }

    // MARK: Folders and files

    private mutating func checkFolders() {
        let isThere = files.fileExists(atPath: plan.data)
        if plan.purpose == .existing, !isThere {
            problems.append("there is no data folder \(plan.data): name the one of the server with --data")
            return
        }
        for folder in [plan.data, plan.data + "/keys", plan.data + "/tmp", plan.data + "/files"] {
            guard let problem = problem(withFolder: folder) else { continue }
            problems.append(problem)
            // What is wrong with the folder is wrong with everything in it.
            if folder == plan.data { return }
        }
    }

    /// Why a folder cannot be used or made.
    private func problem(withFolder path: String) -> String? {
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: path, isDirectory: &isFolder) else {
            let above = (absolute(path) as NSString).deletingLastPathComponent
            return above == path
                ? nil
                : problem(withFolder: above).map { _ in
                    "the folder \(path) cannot be created: check the rights of the folder above, or choose another with --data"
                }
        }
        if !isFolder.boolValue { return "\(path) is a file, but a folder is needed there" }
        return files.isWritableFile(atPath: path) && files.isReadableFile(atPath: path)
            ? nil : "the folder \(path) cannot be written: check its owner and rights"
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : files.currentDirectoryPath + "/" + path
    }

    private mutating func checkKey() {
        guard files.fileExists(atPath: plan.keyFile) else { return }
        do {
            _ = try MasterKey.load(plan.keyFile, mayCreate: false)
        } catch {
            problems.append((error as? Refusal)?.sentence ?? "the master key \(plan.keyFile) cannot be read")
        }
    }

    // MARK: The store

    private mutating func checkStore() async {
        switch plan.store {
        case .sqlite(let path): if let problem = problem(withFile: path) { problems.append(problem) }
        case .postgres(let url):
            do {
                let engine = try await PostgresEngine(url: url, connections: 1)
                await engine.close()
            } catch {
                problems.append(Linli.sentence(error))
            }
        }
    }

    private func problem(withFile path: String) -> String? {
        // Said already: the setting could not be understood, or the folder is wrong.
        guard !path.isEmpty else { return nil }
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: path, isDirectory: &isFolder) else {
            if plan.purpose == .existing {
                guard files.fileExists(atPath: plan.data) else { return nil }
                return
                    "there is no store at \(path): name the server's folder with --data, or make one with `linli migrate`"
            }
            let folder = (absolute(path) as NSString).deletingLastPathComponent
            guard folder != absolute(plan.data), !files.isWritableFile(atPath: folder) else { return nil }
            return "the folder \(folder) for the database does not exist or cannot be written"
        }
        if isFolder.boolValue { return "the database \(path) is a folder" }
        guard files.isReadableFile(atPath: path), files.isWritableFile(atPath: path) else {
            return "the database \(path) cannot be read and written: check its owner and rights"
        }
        return PlaceCheck.isSQLite(path) ? nil : "\(path) is not an SQLite database"
    }

    /// Whether a file is empty or begins as SQLite's do.
    private static func isSQLite(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        // A file that cannot be read any further is not one.
        defer { try? file.close() }
        guard let head = try? file.read(upToCount: 16), !head.isEmpty else { return true }
        return head == Data("SQLite format 3\u{0}".utf8)
    }

    private mutating func checkTiles() {
        guard let path = plan.tilesFile else { return }
        guard files.fileExists(atPath: path) else {
            problems.append("the base map \(path) of --tiles does not exist")
            return
        }
        do {
            _ = try MBTiles(path: path)
        } catch {
            problems.append(Linli.sentence(error))
        }
    }

    // MARK: The port

    /// Takes the port for a moment, to say in one sentence what stands in the way.
    private mutating func checkPort() {
        let (host, port) = (plan.web.host, plan.web.port)
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let address = found else {
            problems.append("--host \(host) is not an address: name one of this machine, such as 127.0.0.1 or 0.0.0.0")
            return
        }
        defer { freeaddrinfo(found) }
        let socket = Glibc.socket(address.pointee.ai_family, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return }
        defer { Glibc.close(socket) }
        var on: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard bind(socket, address.pointee.ai_addr, address.pointee.ai_addrlen) != 0 else { return }
        switch errno {
        case EADDRINUSE:
            problems.append("port \(port) on \(host) is in use by another program: choose another with --port")
        case EADDRNOTAVAIL: problems.append("--host \(host) is not an address of this machine")
        case EACCES: problems.append("port \(port) needs the rights of root: choose one from 1024 up with --port")
        default: problems.append("port \(port) on \(host) cannot be used: \(String(cString: strerror(errno)))")
        }
    }
}
