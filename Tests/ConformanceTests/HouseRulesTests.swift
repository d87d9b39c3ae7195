import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Rules of the house that a reader would otherwise have to remember.
@Suite("代码的规矩")
struct HouseRulesTests {
    /// The Swift files below `folder` with their lines.
    private static func sources(_ folder: String) throws -> [(path: String, lines: [Substring])] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let names = FileManager.default.enumerator(atPath: root + "/" + folder)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let text = try String(contentsOfFile: "\(root)/\(folder)/\(name)", encoding: .utf8)
            return ("\(folder)/\(name)", text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    @Test("文件不超过 400 行", arguments: ["Sources", "Tests"]) func files(_ folder: String) throws {
        let files = try Self.sources(folder)
        #expect(files.count > 20)
        for file in files { #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines") }
    }

    @Test("函数不超过 60 行") func functions() throws {
        var count = 0
        for file in try Self.sources("Sources") {
            for (index, line) in file.lines.enumerated() where Self.beginsFunction(line) {
                let indent = line.prefix { $0 == " " }
                let rest = file.lines[index...].prefix(500)
                // A requirement of a protocol has no body: a blank line or a closing brace comes before any opening one.
                let head = rest.prefix { !$0.isEmpty && !$0.hasSuffix("{") && !$0.hasSuffix("}") }
                guard !line.hasSuffix("}"), rest.dropFirst(head.count).first?.hasSuffix("{") == true,
                    let end = rest.firstIndex(where: { $0 == indent + "}" })
                else { continue }
                #expect(end - index < 60, "\(file.path):\(index + 1) has \(end - index + 1) lines")
                count += 1
            }
        }
        #expect(count > 500)
    }

    private static func beginsFunction(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        return words.contains("func") || words.contains { $0.hasPrefix("init(") }
    }

    @Test("不写会让程序崩掉的话，不留待办") func forbiddenWords() throws {
        let forbidden = ["try" + "!", "fatal" + "Error(", " as" + "! ", "TO" + "DO", "FIX" + "ME"]
        for file in try Self.sources("Sources") {
            for (index, line) in file.lines.enumerated() {
                for word in forbidden where line.contains(word) {
                    Issue.record("\(file.path):\(index + 1) says \(word)")
                }
            }
        }
    }

    @Test("时间由上下文给，内核和各功能不看系统的钟") func timeIsGiven() throws {
        let clocks = ["Date()", "Date.now", "WallClock.system", "clock: .system", "gettime", "timeIntervalSinceNow"]
        // How old a content is says the disk, in its own time.
        let exceptions: Set = ["Sources/Kernel/Files/StoredFile.swift", "Sources/Kernel/Files/FileContents.swift"]
        var found: Set<String> = []
        for folder in ["Kernel", "CommunityManagement", "Administration", "UI", "Base/Standards"] {
            for file in try Self.sources("Sources/" + folder) {
                for line in file.lines where clocks.contains(where: { line.contains($0) }) {
                    #expect(exceptions.contains(file.path), "\(file.path) reads a clock: \(line)")
                    found.insert(file.path)
                }
            }
        }
        #expect(found == exceptions)
    }

    @Test("没有推迟到提交才查的约束", arguments: [Dialect.sqlite, .postgres]) func deferrable(_ dialect: Dialect) throws {
        for migration in try Catalogue(House.features).migrations {
            let text = migration.text(for: dialect).uppercased()
            #expect(!text.contains("DEFERR" + "ABLE"), "\(migration.id)")
        }
    }
}
