import CLibPQ
import LinliSQL

/// What a statement said when it failed, sorted into what to do about it.
///
/// Only parts without values are kept: PostgreSQL's details quote the row, which may be somebody's.
struct PostgresFailure {
    /// What the caller is told.
    let error: SQLError
    /// The connection is gone.
    let isLost: Bool
    /// Another transaction was faster: the same again may work.
    let isConflict: Bool
    /// A prepared statement does not fit a table that was changed since.
    let isStalePlan: Bool

    /// A failure that never reached the server.
    init(_ error: SQLError) {
        self.error = error
        isLost = false
        isConflict = false
        isStalePlan = false
    }

    /// Reads `result`, which may be nil, and looks at the connection it came from.
    init(_ result: OpaquePointer?, of connection: OpaquePointer?, key: String) {
        let state = PostgresFailure.field(result, .state) ?? ""
        // What the server says has a state. An error without one is libpq's own: it could not send or receive, even if
        // it still believes in the connection (seen after a failed write in a pipeline).
        let isGone = state.isEmpty || PQstatus(connection) != CONNECTION_OK
        isLost = isGone || state.hasPrefix("57P") || state.hasPrefix("08")
        isConflict = state == "40001" || state == "40P01"
        isStalePlan = state == "0A000" && PostgresFailure.field(result, .function) == "RevalidateCachedQuery"
        error =
            isLost
            ? .unreachable("the connection to PostgreSQL was lost")
            : PostgresFailure.error(result, state, key)
    }

    private static func error(_ result: OpaquePointer?, _ state: String, _ key: String) -> SQLError {
        let message = field(result, .message) ?? "no answer"
        switch state {
        case "23505": return .unique(columns(result))
        case "40001", "40P01": return .busy("others changed the same rows (\(state))")
        case "55P03": return .busy("a row stayed locked by others (\(state))")
        case "57014": return .busy("a statement took too long (\(state)): \(key)")
        case "53100", "58030": return .full("\(message) (\(state))")
        default: break
        }
        switch state.prefix(2) {
        case "23": return .constraint(message)
        // The words of class 22 quote the value.
        case "22": return .constraint("a value does not fit its column or function (\(state)): \(key)")
        default: return .failed("\(message) (\(state)): \(key)")
        }
    }

    /// `person.phone` of the table and of the detail `Key (phone)=(…) already exists.`, whatever its language.
    private static func columns(_ result: OpaquePointer?) -> String {
        let table = field(result, .table) ?? "?"
        let detail = field(result, .detail) ?? ""
        guard let open = detail.firstIndex(of: "("), let close = detail[open...].firstRange(of: ")=(") else {
            return table + "." + (field(result, .constraint) ?? "?")
        }
        let columns = detail[detail.index(after: open)..<close.lowerBound]
        return columns.split(separator: ", ").map { table + "." + $0 }.joined(separator: ", ")
    }

    /// libpq's codes for the parts of a message are character macros, which Swift does not import.
    private enum Field: Character {
        case state = "C"
        case message = "M"
        case detail = "D"
        case table = "t"
        case constraint = "n"
        case function = "R"
    }

    private static func field(_ result: OpaquePointer?, _ field: Field) -> String? {
        field.rawValue.asciiValue
            .flatMap { PQresultErrorField(result, Int32($0)) }
            .map { String(cString: $0) }
    }
}
