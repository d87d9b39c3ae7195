import LinliCore
import LinliSQL

/// What somebody decided about work that both sides changed: the same for every part that takes some back.
package enum OfflineDecision {
    /// What a phone decided in its favour says only which earlier work it means: with that work's own words and pictures,
    /// at its own hour, so that it can be decided once more when somebody was faster again. `name` is the word of the body
    /// that says what the work is about.
    ///
    /// - Throws: `.invalid` for what is decided already.
    package static func whole(
        _ entry: OfflineEntry, about name: String, _ database: Database
    ) async throws -> OfflineEntry {
        guard entry.body.text("kind") == "mine" else { return entry }
        let (settles, account, keys) = (entry.body.text("settles"), entry.lease.account, database.keys)
        let earlier = try await database.read { try OfflineStore.undecided(key: settles, of: account, keys, $0) }
        guard let earlier, earlier.part == entry.part, earlier.body.text(name) == entry.body.text(name) else {
            throw decided
        }
        var body = earlier.body
        // How it stood when it was done stays known beside what it is decided over.
        body["was"] = .text(OfflineDecision.was(earlier.body))
        body["before"] = .text(entry.body.text("before"))
        body["changes"] = nil
        return OfflineEntry(key: entry.key, lease: entry.lease, part: entry.part, at: earlier.at, body: body)
    }

    /// How a thing stood as far as who did the work knew: as it was compared where it is decided on the desk, as the phone
    /// saw it else.
    package static func before(_ body: [String: JSONValue]) -> String {
        if case .array(let changes)? = body["changes"], case .object(let change)? = changes.first {
            return change.text("before")
        }
        return body.text("before")
    }

    /// How a thing stood when the work was done, as far as the phone knew, however often it was decided about since.
    package static func was(_ body: [String: JSONValue]) -> String {
        let was = body.text("was")
        return was.isEmpty ? body.text("before") : was
    }

    /// Puts the earlier work away that an entry decides, in the write that takes it.
    package static func settle(_ entry: OfflineEntry, _ tx: WriteTx) throws {
        let settles = entry.body.text("settles")
        if !settles.isEmpty { try OfflineStore.settle(key: settles, of: entry.lease.account, tx) }
    }

    /// Refuses to do over what was decided meanwhile on the desk: the last decision stands. What is not known here is
    /// decided for the first time.
    ///
    /// - Throws: `.invalid` for what is decided already.
    static func checkOpen(_ entry: OfflineEntry, _ database: Database) async throws {
        let (settles, account) = (entry.body.text("settles"), entry.lease.account)
        // The desk decides over the entry itself; what that once decided does not matter any more.
        guard !settles.isEmpty, !entry.key.hasPrefix(OfflineSync.desk), !givesWay(entry) else { return }
        if try await database.read({ try OfflineStore.isDecided(key: settles, of: account, $0) }) { throw decided }
    }

    /// Whether it says only that what stands there shall stay: that can be said twice.
    private static func givesWay(_ entry: OfflineEntry) -> Bool {
        switch entry.body.text("kind") {
        case "theirs": return true
        case "edit":
            guard case .array(let changes)? = entry.body["changes"] else { return true }
            return changes.isEmpty
        default: return false
        }
    }

    /// Whether its person does not want the earlier work any more, neither here nor on their phone.
    static func putsAway(_ entry: OfflineEntry) -> Bool { entry.body.text("kind") == "drop" }

    /// Puts the work away that an entry names, and what that was to do over in turn.
    static func settleAll(_ entry: OfflineEntry, _ keys: KeyRing, _ tx: WriteTx) throws {
        let account = entry.lease.account
        var key = entry.body.text("settles")
        while !key.isEmpty, let earlier = try OfflineStore.undecided(key: key, of: account, keys, tx) {
            try OfflineStore.settle(key: key, of: account, tx)
            key = earlier.body.text("kind") == "mine" ? earlier.body.text("settles") : ""
        }
    }

    /// The pictures of what was not taken, for the entry that corrects it; none for other entries.
    static func pictures(correctedBy entry: OfflineEntry, _ database: Database) async throws -> OfflinePictures {
        let (settles, account, keys) = (entry.body.text("settles"), entry.lease.account, database.keys)
        guard !settles.isEmpty, entry.body.text("kind").isEmpty else { return .none }
        let earlier = try await database.read { try OfflineStore.undecided(key: settles, of: account, keys, $0) }
        // What is finished on the phone after all brings its own.
        guard let earlier, earlier.part == entry.part, !earlier.body.flag("unfinished") else { return .none }
        return earlier.pictures
    }

    private static let decided = LinliError.invalid(
        "offline.decided",
        [
            .init(
                "entry",
                Text("这一条已经决定过，或没有传到服务器上", "This was decided already, or never reached the server"))
        ])
}
