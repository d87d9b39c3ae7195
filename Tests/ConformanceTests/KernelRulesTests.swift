import Foundation
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The kernel's parts stand in an order, and the program's own writes keep to the program's own tables.
@Suite("内核里的箭头只往下")
struct KernelRulesTests {
    /// The parts from below to above; those of one line know each other.
    private static let layers: [[String]] = [
        ["Store", "Audit", "Outbox"], ["Jobs", "Live"], ["Calendar", "Divisions", "Places", "Units"],
        ["Access", "Files"], ["Registers"],
        ["Labels"], ["Visits"], ["Warnings"], ["Cases"], ["Feature", "Operations", "Offline"],
    ]

    /// What a lower part says of a higher one all the same. This list may only shrink.
    private static let exceptions: Set<String> = [
        // The mark of a repeated request travels in the context and is stored with the write.
        "Store: IdempotencyMark",
        // Who acts may be a program with a key, and which key stands in its request.
        "Store: ProgramKey", "Access: Request", "Access: Route",
        // Photos come with forms.
        "Files: Form", "Files: Request", "Files: Services", "Files: Upload",
    ]

    @Test("一个部分只用它下面的部分") func order() throws {
        let files = try Self.files("Kernel")
        var home: [String: Set<String>] = [:]
        for file in files {
            for name in Self.declared(file.text) { home[name, default: []].insert(file.part) }
        }
        #expect(home.count > 60)
        var height: [String: Int] = [:]
        for (index, layer) in Self.layers.enumerated() { for part in layer { height[part] = index } }
        #expect(Set(files.map(\.part)).subtracting(height.keys).isEmpty, "where does this part stand?")
        var needed: Set<String> = []
        for file in files {
            for word in Self.words(file.text) {
                guard let parts = home[word], parts.count == 1, let part = parts.first else { continue }
                guard let mine = height[file.part], let theirs = height[part], mine < theirs else { continue }
                let exception = "\(file.part): \(word)"
                #expect(Self.exceptions.contains(exception), "\(file.path) says \(word), which stands above in \(part)")
                needed.insert(exception)
            }
        }
        #expect(Self.exceptions.subtracting(needed).isEmpty, "these exceptions are not needed any more")
    }

    @Test("系统自己的写入只碰系统自己的表") func systemWrites() throws {
        // What the program keeps for itself; tables of people's affairs change by `database.write` only.
        let own: Set<String> = [
            "event", "delivery", "job", "live_head", "live_event", "audit_entry", "audit_batch", "audit_head",
            "session", "login_code", "idempotency", "case_count", "number_block", "node_lease",
            // Definitions of cases that programs shipped, kept when an upgrade replaces them.
            "case_type_shipped",
            // Tries to sign in, counted before they are judged.
            "account",
            // Sealed words of a form that could not be taken, kept for an hour.
            "kept_form",
            // What jobs failed at, which messages went out, which contents are to go from the disk.
            "job_failure", "message_sent", "content_removal",
            // A word sealed with each key, to tell it from others.
            "key_proof",
            // Tables somebody is looking at before they are imported, sealed, for a day.
            "sheet_draft",
            // What subscribers derive from events, once each: sums, what closed cases teach, news for who follows.
            "rate_month", "suggestion_case", "suggestion_mark", "suggestion_nature", "suggestion_unit",
            "subscription_news", "register_count", "person_label", "label_due", "label_sweep", "label_count",
            "label_news", "visit_debt", "care_offer", "care_delivery", "care_return", "demanded_answer",
            "demanded_row_answer", "warning", "warning_signal", "warning_reason", "warning_look",
        ]
        var writes = 0
        for file in try Self.files("") {
            for body in Self.systemBodies(file.text) {
                for table in Self.changedTables(body) {
                    #expect(own.contains(table), "\(file.path): a system write changes \(table)")
                    writes += 1
                }
            }
        }
        #expect(writes > 15)
    }

    // MARK: Reading sources

    private struct SourceFile {
        var part: String
        var path: String
        var text: String
    }

    private static func files(_ folder: String) throws -> [SourceFile] {
        let root =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/Sources" + (folder.isEmpty ? "" : "/" + folder)
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
            return SourceFile(part: String(name.prefix { $0 != "/" }), path: name, text: text)
        }
    }

    /// Types at the outermost level.
    private static func declared(_ text: String) -> [String] {
        let kinds: Set<Substring> = ["struct", "enum", "class", "actor", "protocol"]
        return text.split(separator: "\n").compactMap { line in
            guard let first = line.first, first.isLowercase, !line.contains("private") else { return nil }
            let words = line.split(whereSeparator: { " :<{".contains($0) })
            guard let index = words.firstIndex(where: { kinds.contains($0) }), index < 3 else { return nil }
            return words.dropFirst(index + 1).first.map(String.init)
        }
    }

    /// Words of code that begin with a capital, without comments and texts.
    private static func words(_ text: String) -> Set<String> {
        var words: Set<String> = []
        var isBlock = false
        for line in text.split(separator: "\n") {
            if line.contains("\"\"\"") { isBlock.toggle() }
            guard !isBlock, !line.drop(while: { $0 == " " }).hasPrefix("//") else { continue }
            let code = line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 0 }.map(\.element).joined(separator: " ")
            for word in code.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
                if word.first?.isUppercase == true { words.insert(String(word)) }
            }
        }
        return words
    }

    /// The closures of `database.system`, of subscribers in the store, and the functions that take a `SystemTx`.
    private static func systemBodies(_ text: String) -> [Substring] {
        var bodies: [Substring] = []
        for mark in [".system {", ".system(.", ".inStore {", ".together {", "_ tx: SystemTx"] {
            var rest = text[...]
            while let found = rest.range(of: mark) {
                rest = rest[found.upperBound...]
                let isOpen = mark.hasSuffix("{")
                guard isOpen || rest.contains("{"),
                    let body = closure(isOpen ? rest : rest.drop { $0 != "{" }.dropFirst())
                else { continue }
                bodies.append(body)
            }
        }
        return bodies
    }

    /// What stands before the brace that closes an open one.
    private static func closure(_ text: Substring) -> Substring? {
        var depth = 1
        for index in text.indices {
            if text[index] == "{" { depth += 1 }
            if text[index] == "}" { depth -= 1 }
            if depth == 0 { return text[..<index] }
        }
        return nil
    }

    private static func changedTables(_ body: Substring) -> [String] {
        ["INSERT INTO ", "UPDATE ", "DELETE FROM "].flatMap { verb in
            body.components(separatedBy: verb).dropFirst().compactMap { rest -> String? in
                let name = rest.prefix { $0.isLetter || $0 == "_" }
                // `FOR UPDATE`, `DO UPDATE SET` name no table.
                return name.isEmpty || name == "SET" ? nil : String(name)
            }
        }
    }
}
