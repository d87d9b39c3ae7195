import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import Logging

/// The program: one word says what to do.
@main
struct Linli {
    static func main() async {
        do {
            let invocation = try await Invocation(
                Array(CommandLine.arguments.dropFirst()),
                environment: ProcessInfo.processInfo.environment
            )
            try await run(invocation)
        } catch let error as Invocation.Misunderstood {
            end(error.sentences)
        } catch let error as Refusal {
            end([error.sentence])
        } catch let error as SQLError {
            end([sentence(error)])
        } catch let error as LinliError {
            end([error.detail.isEmpty ? error.publicText.en : error.detail])
        } catch let error as CaseTypeProblem.Several {
            end(error.problems.map { "case type: \($0)" })
        } catch {
            end(["\(error)"])
        }
    }

    private static func run(_ invocation: Invocation) async throws {
        switch invocation.words.first ?? "help" {
        case "serve": try await ServeCommand.run(invocation)
        case "migrate": try await MaintenanceCommands.migrate(invocation)
        case "demo": try await DemoCommand.run(invocation)
        case "import": try await ImportCommand.run(invocation)
        case "user": try await UserCommand.run(invocation)
        case "backup": try await BackupCommand.backup(invocation)
        case "restore": try await BackupCommand.restore(invocation)
        case "key": try KeyCommand.run(invocation)
        case "doctor": try await MaintenanceCommands.doctor(invocation)
        case let word where word.hasPrefix("bench"): try await BenchCommand.run(invocation)
        case "features": try MaintenanceCommands.features()
        case "settings": print(Setting.markdown)
        case "version": print("linli \(linliVersion)")
        case "help": print(help)
        case let word: throw Refusal("\(word) is not a command; `linli help` lists them")
        }
    }

    /// Says what is wrong, a line each, and ends with status 1.
    private static func end(_ sentences: [String]) -> Never {
        for sentence in sentences { FileHandle.standardError.write(Data("linli: \(sentence)\n".utf8)) }
        exit(1)
    }

    private static func sentence(_ error: SQLError) -> String {
        switch error {
        case .unreachable(let text), .full(let text), .failed(let text), .busy(let text), .constraint(let text),
            .unique(let text), .outcomeUnknown(let text):
            text
        case .null, .unknownWord: "\(error)"
        }
    }

    private static let help = """
        linli \(linliVersion): the server of a neighbourhood

          linli serve                     open the neighbourhood
          linli migrate                   bring the database up to date
          linli demo [--scale N] [--photos] [--logins]
          linli import divisions FILE     read a table of divisions
          linli user code --phone P       print the current second factor of a demo account
          linli user token --phone P      make a bearer token for programs
          linli backup FOLDER             copy the database and the photos while serving
          linli restore FOLDER            bring a backup back into an empty place
          linli key export|import FILE    the recovery sheet of the master key
          linli doctor                    check what can be checked
          linli bench [ITEM …]            measure this machine; --database, --seconds, --write
          linli features                  list what this program declares
          linli settings                  the table of settings

        Settings: --data DIR, --database sqlite:PATH | postgres://…, --host, --port, --config FILE, …
        """
}
