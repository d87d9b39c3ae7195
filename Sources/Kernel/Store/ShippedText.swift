import Foundation
import LinliCore

/// The texts of rules that the program ships, each read once by a process: every signal and every page asks for the rules
/// that hold, and these hold until an administrator publishes others.
enum ShippedText {
    static let labels = read("labels", "yaml", in: "Book")
    static let warnings = read("warnings", "yaml", in: "Rules")
    static let duties = read("duties", "txt", in: "Duties")

    private static func read(_ name: String, _ kind: String, in folder: String) -> Result<String, any Error> {
        Result {
            guard let url = Bundle.module.url(forResource: name, withExtension: kind, subdirectory: folder) else {
                throw LinliError.fault("\(name).missing", "\(folder)/\(name).\(kind) is not in the resource bundle")
            }
            return try String(contentsOf: url, encoding: .utf8)
        }
    }
}
