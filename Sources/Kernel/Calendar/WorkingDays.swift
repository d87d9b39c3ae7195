import LinliCore
import LinliSQL
import LinliStandards
import Synchronization

/// The working calendar every clock goes by, as this node knows it now: the years this version came with, and in their
/// place those an administrator has entered.
package final class WorkingDays: Sendable {
    private let bundled: WorkingCalendar
    private let held: Mutex<WorkingCalendar>

    /// The years this version came with, until `load`.
    package init(hours: DutyHours) throws {
        bundled = try WorkingCalendar.bundled(hours: hours)
        held = Mutex(bundled)
    }

    /// The calendar now.
    package var current: WorkingCalendar { held.withLock { $0 } }

    /// Reads the years of the store.
    package func load(_ database: Database) async throws {
        let years = try await database.read { try HolidaysStore.all($0) }
        var calendar = bundled
        for year in years {
            do {
                calendar = calendar.replacingYears(of: try WorkingCalendar(table: year.table, hours: bundled.hours))
            } catch {
                // Checked before it was stored: somebody has changed the store by hand.
                throw LinliError.fault("holidays.broken", "the stored holidays of \(year.year) cannot be read")
            }
        }
        let loaded = calendar
        held.withLock { $0 = loaded }
    }
}

/// The holidays of a year as an administrator entered them.
package struct HolidayYear: Sendable {
    /// The year.
    package let year: Int
    /// Its lines, as `Data/holidays.txt` has them.
    package let table: String
    /// When it was entered.
    package let savedAt: Instant
}

/// Every SQL text about holidays.
package enum HolidaysStore {
    /// Every year that was entered.
    package static func all(_ tx: ReadTx) throws -> [HolidayYear] {
        try tx.all("SELECT year, body, saved_at FROM holiday_year ORDER BY year") {
            HolidayYear(year: try $0[0], table: try $0[1], savedAt: try $0[2])
        }
    }

    /// One year, if it was entered.
    package static func find(_ year: Int, _ tx: ReadTx) throws -> HolidayYear? {
        try tx.first("SELECT year, body, saved_at FROM holiday_year WHERE year = \(year)") {
            HolidayYear(year: try $0[0], table: try $0[1], savedAt: try $0[2])
        }
    }

    /// Stores a year in place of what it had.
    package static func put(_ year: Int, table: String, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO holiday_year (year, body, saved_at) VALUES (\(year), \(table), \(tx.now))
            ON CONFLICT (year) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at
            """
        )
        try tx.raise(.calendar)
        try tx.audit(Subject("holidays", Int64(year)), fields: ["table"])
    }

    /// Forgets what was entered for a year.
    package static func remove(_ year: Int, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM holiday_year WHERE year = \(year)")
        try tx.raise(.calendar)
        try tx.audit(Subject("holidays", Int64(year)), fields: ["table"])
    }
}

extension Migration {
    /// Holidays an administrator entered, and what tells nodes to read again.
    static let calendar = Migration(
        "2026-11-25.12-calendar",
        """
        CREATE TABLE holiday_year (
            year INTEGER NOT NULL PRIMARY KEY CHECK (year BETWEEN 1950 AND 2200),
            body TEXT NOT NULL CHECK (length(body) <= 20000),
            saved_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE revision (
            name TEXT NOT NULL PRIMARY KEY CHECK (length(name) <= 40),
            number INTEGER NOT NULL
        ) STRICT;
        """
    )
}
