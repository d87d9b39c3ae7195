import Foundation
import LinliCore
import LinliSQL

/// Reads tables of divisions into the store: the one this program ships and any file of the same form.
///
/// A table is CSV in UTF-8. Lines that begin with `#` are comments; the first other line names the columns: `level`
/// (1 province to 6 grid), `code` (6, 9, 12 or 15 digits) and `name`, in any order. With the columns `district_code` and
/// `street` (a name), a street or community without a code, or with one that another name holds, gets a made-up code in
/// the right place; see `DivisionCoding`.
package enum DivisionImport {
    /// What an import did.
    package struct Outcome: Sendable {
        /// Divisions that are new, or whose name or level changed.
        package var added = 0
        /// Divisions that were there already.
        package var unchanged = 0
        /// How many of all rows have a code that was made up here and is marked so.
        package var madeUp = 0
        /// Lines that were left out, each with its reason.
        package var skipped: [Skipped] = []
    }

    /// A line that was left out.
    package struct Skipped: Sendable {
        /// Its number, from 1.
        package let line: Int
        /// Why.
        package let text: Text
    }

    /// Rows per transaction: large enough to share its cost, small enough that nobody waits for it.
    private static let chunk = 250

    /// Adds what of the shipped table was never in the store; what an administrator or a newer table changed since stays.
    /// Returns how many were added.
    package static func ship(_ database: Database, _ context: Context) async throws -> Int {
        let entries = try DivisionTable.entries(try builtIn())
        let known = try await database.read { try DivisionsStore.everUsed($0) }
        let missing = entries.compactMap { entry in
            entry.code.flatMap { code in
                known.contains(code)
                    ? nil : NewDivision(code: code, level: entry.level, name: entry.name, isSynthetic: false)
            }
        }
        guard !missing.isEmpty else { return 0 }
        return try await database.write(context, "divisions.ship") { tx in
            // Two nodes of a new store may come here at once.
            let known = try DivisionsStore.everUsed(tx)
            return try DivisionsStore.put(missing.filter { !known.contains($0.code) }, source: "built-in", tx)
        }
    }

    /// The table this version came with: Beijing, its districts and its streets.
    ///
    /// - Throws: `.internal` when the installation lacks it.
    private static func builtIn() throws -> String {
        guard let url = Bundle.module.url(forResource: "beijing", withExtension: "csv", subdirectory: "Data") else {
            throw LinliError.fault("divisions.dataMissing", "Data/beijing.csv is not in the resource bundle")
        }
        return try String(contentsOf: url, encoding: .utf8)
    }

    /// Imports a table; doing it again changes nothing.
    ///
    /// Codes from the level `synthetic` down are marked as made up. By default these are communities and grids, because
    /// tables of communities with made-up codes are common and nothing in a code tells; nil says all are official.
    /// - Throws: `.invalid` naming every line that cannot be read; then nothing is imported.
    package static func run(
        text: String,
        source: String,
        database: Database,
        context: Context,
        synthetic: DivisionCode.Level? = .community
    ) async throws -> Outcome {
        let entries = try DivisionTable.entries(text)
        let (present, used) = try await database.read { tx in
            (try DivisionsStore.all(at: context.now, tx), try DivisionsStore.everUsed(tx))
        }
        var outcome = Outcome()
        var rows: [NewDivision] = []
        for coded in DivisionCoding.codes(for: entries, present: present, used: used) {
            switch coded.result {
            case .left(let reason): outcome.skipped.append(Skipped(line: coded.entry.line, text: reason))
            case .code(let code, let isMadeUp):
                let isSynthetic = isMadeUp || synthetic.map { coded.entry.level >= $0 } ?? false
                rows.append(
                    NewDivision(code: code, level: coded.entry.level, name: coded.entry.name, isSynthetic: isSynthetic)
                )
                if isMadeUp { outcome.madeUp += 1 }
            }
        }
        let source = String(source.prefix(120))
        for start in stride(from: 0, to: rows.count, by: chunk) {
            let part = Array(rows[start..<min(start + chunk, rows.count)])
            let written = try await database.write(context, "divisions.import") { tx in
                try DivisionsStore.put(part, source: source, tx)
            }
            outcome.added += written
            outcome.unchanged += part.count - written
        }
        return outcome
    }
}
