import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import Logging
import NIOCore

/// The program: one word says what to do.
@main
struct Linli {
    static func main() async {
        Linli.setLoops()
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
        } catch let error as CaseTypeProblem.Several {
            end(error.problems.map { "case type: \($0)" })
        } catch let error as LinliError where !error.fields.isEmpty {
            end(error.fields.map(\.text.en))
        } catch {
            end([sentence(error)])
        }
    }

    /// Half as many event loops as cores: loops only carry bytes, everything else is done by the pool, and fewer loops wake
    /// up less often for more connections each. Said once, before any loop is there.
    private static func setLoops() {
        let wanted = ProcessInfo.processInfo.environment["NIO_SINGLETON_GROUP_LOOP_COUNT"]
        if wanted == nil { NIOSingletons.groupLoopCountSuggestion = max(1, System.coreCount / 2) }
    }

    private static func run(_ invocation: Invocation) async throws {
        let word = invocation.words.first ?? "help"
        // These tell what is wrong with the place, or with their own words, as well.
        if !tellsAll.contains(word), isKnown(word) { try invocation.understood() }
        switch word {
        case "serve": try await ServeCommand.run(invocation)
        case "migrate": try await MaintenanceCommands.migrate(invocation)
        case "demo": try await DemoCommand.run(invocation)
        case "import": try await ImportCommand.run(invocation)
        case "user": try await UserCommand.run(invocation)
        case "backup": try await BackupCommand.run(invocation)
        case "restore": try await RestoreCommand.run(invocation)
        case "key": try await KeyCommand.run(invocation)
        case "verify": try VerifyCommand.run(invocation)
        case "doctor": try await MaintenanceCommands.doctor(invocation)
        case let word where word.hasPrefix("bench"): try await BenchCommand.run(invocation)
        case "rates": try await RatesCommand.run(invocation)
        case "features": try MaintenanceCommands.features()
        case "settings": print(Setting.markdown)
        case "version": print("linli \(linliVersion)")
        case "help": print(help)
        default:
            let close = Setting.closest(to: word, among: commands)
            let guess = close.map { "; did you mean \($0)?" } ?? "; `linli help` lists them"
            throw Invocation.Misunderstood(sentences: ["\(word) is not a command" + guess] + invocation.problems)
        }
    }

    private static func isKnown(_ word: String) -> Bool { commands.contains(word) || word.hasPrefix("bench") }

    private static let tellsAll: Set = [
        "serve", "migrate", "demo", "import", "user", "backup", "restore", "key", "doctor", "rates", "verify",
        "bench",
    ]
    private static let commands = tellsAll.sorted() + ["features", "settings", "version", "help"]

    /// Says what is wrong, a line each, and ends with status 1.
    private static func end(_ sentences: [String]) -> Never {
        for sentence in sentences { FileHandle.standardError.write(Data("linli: \(sentence)\n".utf8)) }
        exit(1)
    }

    /// An error as one sentence.
    static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as SQLError: sentence(error)
        case let error as Refusal: error.sentence
        case let error as LinliError: error.detail.isEmpty ? error.publicText.en : error.detail
        default: "\(error)"
        }
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
          linli demo city [--fraction 0.1]  a made-up city of ten million people, for measurements
          linli import divisions FILE     read a table of divisions
          linli import population FILE    read how many people live where
          linli user add --phone P --name N --role R --division CODE [--unit NAME]
                                          add a member of staff; prints the link to choose a password last
          linli user password --phone P [--second-factor]
                                          a new such link, for who forgot it (or lost the phone)
          linli user code --phone P       print the current second factor of a demo account
          linli user token --phone P      make a bearer token for programs
          linli user key --name N         make the key of a program (Open311); --revoke ends it
          linli user keys                 list the keys of programs
          linli backup FOLDER             copy the database and the photos while serving
          linli restore FOLDER            bring a backup back into an empty place
          linli key public                the key with which others check what this server signed
          linli verify FILE [KEY]         check the evidence of a case, without a server
          linli key export|import FILE    the recovery sheet of the master keys
          linli key rotate                add a master key; what is stored stays readable
          linli key reseal                encrypt everything with the newest one, while serving
          linli doctor                    check what can be checked
          linli rates recount [--month YYYYMM] [--repair]
                                          prove that the monthly sums equal the evidence; make them anew
          linli bench [ITEM …]            measure this machine; --database, --seconds, --write
          linli bench suggestions         how often a suggested category is right
          linli bench scale|rates         with a million cases
          linli bench city                the registers in the city of `linli demo city`; --database
          linli bench import              a sheet of 20,000 people brought in; --database
          linli bench storm               hours of work in minutes, a node killed; --seconds 300
          linli features                  list what this program declares
          linli settings                  the table of settings

        Settings: --data DIR, --database sqlite:PATH | postgres://…, --host, --port, --config FILE, …
        """
}
