import Administration
import Foundation
import LinliKernel
import LinliTestSupport
import Testing

/// What the documents say about the repository is true.
@Suite("文档与仓库一致")
struct DocumentsTests {
    @Test("教程里的每段代码就是测试里的那个文件，一字不差")
    func tutorial() throws {
        let folder = "Tests/ConformanceTests/Tutorial"
        var shown: Set<String> = []
        for page in try Repository.documents().filter({ $0.path.hasPrefix("docs/tutorials/") }) {
            for block in page.blocks where block.info.hasPrefix("swift tutorial:") {
                let path = String(block.info.dropFirst("swift tutorial:".count))
                #expect(path.hasPrefix(folder + "/"), "\(page.path): \(path) is not compiled")
                let isSame = try Repository.text(path) == block.text
                #expect(isSame, "\(page.path): \(path) differs")
                #expect(shown.insert(path).inserted, "\(page.path): \(path) is shown twice")
            }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: Repository.root + "/" + folder)
        #expect(Set(files.map { folder + "/" + $0 }) == shown)
        #expect(!shown.isEmpty)
    }

    @Test("写工单类型的教程：例子读得进去，每个词都讲到")
    func caseTypes() throws {
        let page = try Document("docs/tutorials/case-types.md")
        var loaded = 0
        for block in page.blocks where block.info == "yaml case-type" {
            let looked = CaseTypeLoader.look(block.text, as: "pianoTuning", above: 0)
            #expect(looked.problems.isEmpty, "\(looked.problems)")
            loaded += 1
        }
        #expect(loaded == 1)
        let words =
            CaseType.Performer.allCases.map(\.rawValue) + CaseType.Guard.allCases.map(\.rawValue)
            + CaseType.Effect.allCases.map(\.rawValue) + CaseType.Requirement.allCases.map(\.rawValue)
            + CaseType.Routing.allCases.map(\.rawValue) + CaseType.Opening.Door.allCases.map(\.rawValue)
            + CaseType.Field.Kind.allCases.map(\.rawValue) + CaseType.Rung.Action.allCases.map(\.rawValue)
            + CaseRequestKind.allCases.map(\.rawValue)
        let missing = words.filter { !page.spans.contains($0) }
        #expect(missing.isEmpty)
    }

    @Test("反引号里的每个路径都存在")
    func paths() throws {
        var count = 0
        for page in try Repository.documents() {
            for span in page.spans where Repository.looksLikePath(span) {
                #expect(Repository.exists(span), "\(page.path): there is no \(span)")
                count += 1
            }
        }
        #expect(count > 50)
    }

    @Test("每个站内链接都通向一个文件")
    func links() throws {
        var count = 0
        for page in try Repository.documents() {
            for target in page.links {
                #expect(Repository.exists(target), "\(page.path): the link to \(target) leads nowhere")
                count += 1
            }
        }
        #expect(count > 10)
    }

    @Test("中英两份 README 不到 150 行，标题一一对应")
    func readmes() throws {
        let english = try Document("README.md")
        let chinese = try Document("README.zh-CN.md")
        for page in [english, chinese] {
            #expect(page.lines.count < 150, "\(page.path) has \(page.lines.count) lines")
        }
        #expect(english.headings == chinese.headings)
        #expect(english.headings.count > 4)
    }

    @Test("README 里的演示账号真能登录", arguments: ["README.md", "README.zh-CN.md"])
    func demoLogins(_ path: String) throws {
        let page = try Document(path)
        #expect(page.spans.contains(Demo.password))
        var count = 0
        for line in page.lines {
            let cells = line.components(separatedBy: " | ")
            guard cells.count == 3, let phone = cells[2].split(separator: " ").first, phone.hasPrefix("199") else {
                continue
            }
            #expect(Demo.logins.contains { $0.name == cells[1] && $0.phone == phone }, "\(path): \(line)")
            count += 1
        }
        #expect(count > 8)
    }

    @Test("ARCHITECTURE 不超过 300 行，写到每个目标和每个内核部分")
    func architecture() throws {
        let page = try Document("ARCHITECTURE.md")
        #expect(page.lines.count <= 300)
        let package = try Repository.text("Package.swift")
        let targets = package.components(separatedBy: "house(").dropFirst()
            .compactMap { $0.components(separatedBy: "\"").dropFirst().first }
            .filter { $0.allSatisfy(\.isLetter) }
        #expect(targets.count > 8)
        let named = Set(page.spans)
        let missing = targets.filter { !named.contains($0) }
        #expect(missing.isEmpty)
        let parts = try FileManager.default.contentsOfDirectory(atPath: Repository.root + "/Sources/Kernel")
        let missingParts = parts.filter { !named.contains("Sources/Kernel/\($0)") }
        #expect(missingParts.isEmpty)
    }

    @Test("每个目标只引用 ARCHITECTURE 里写明的模块")
    func imports() throws {
        let platform: Set = ["Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "Glibc", "Darwin"]
        var targets = 0
        for line in try Document("ARCHITECTURE.md").lines where line.hasPrefix("| `") {
            let cells = line.components(separatedBy: " | ")
            guard cells.count == 4, let folder = Document.spans(in: cells[1]).first, folder.hasPrefix("Sources/") else {
                continue
            }
            let allowed = platform.union(Document.spans(in: cells[3]))
            for source in try Repository.sources(below: folder) {
                let lines = source.split(separator: "\n").map { $0.drop { $0 == " " } }
                for line in lines where line.hasPrefix("import ") {
                    let module = String(line.dropFirst("import ".count))
                    #expect(allowed.contains(module), "\(folder) imports \(module)")
                }
            }
            targets += 1
        }
        #expect(targets == 14)
    }

    @Test("提到的每个测试都在")
    func namedTests() throws {
        let tests = try Repository.sources(below: "Tests")
        var count = 0
        for page in try Repository.documents() {
            for span in page.spans {
                let parts = span.split(separator: ".").map(String.init)
                guard parts.count == 2, parts[0].hasSuffix("Tests"), parts[1] != "swift" else { continue }
                let (whole, more) = ("struct \(parts[0]) ", "extension \(parts[0]) ")
                let suite = tests.filter { $0.contains(whole) || $0.contains(more) }
                let isThere = suite.contains { $0.contains("func \(parts[1])(") }
                #expect(isThere, "\(page.path): there is no test \(span)")
                count += 1
            }
        }
        #expect(count > 10)
    }

    @Test("词汇表里的每个代码名都在代码里")
    func glossary() throws {
        let sources = try Repository.sources(below: "Sources").joined(separator: "\n")
        var words: Set<String> = []
        for line in try Document("docs/GLOSSARY.md").lines where line.hasPrefix("| ") {
            let cells = line.components(separatedBy: " | ")
            guard cells.count == 4, cells[1] != "English" else { continue }
            for name in Document.spans(in: cells[2]) {
                let isThere = name.split(separator: ".").allSatisfy { sources.contains(String($0)) }
                #expect(isThere, "\(name) is not in the code")
            }
            #expect(words.insert(cells[0]).inserted, "\(cells[0]) is settled twice")
        }
        #expect(words.count > 60)
    }

    @Test("性能表有基准程序填写的地方")
    func performance() throws {
        let text = try Repository.text("docs/PERFORMANCE.md")
        let begin = text.range(of: "<!-- bench:begin -->")
        let end = text.range(of: "<!-- bench:end -->")
        #expect(try #require(begin).upperBound < #require(end).lowerBound)
    }

    @Test("没有一个文件写死软件包仓库的地址")
    func registries() throws {
        // Parted, so that this file does not name them either.
        let hosts = [
            "registry.npmjs" + ".org", "pypi" + ".org", "files.pythonhosted" + ".org", "crates" + ".io",
            "proxy.golang" + ".org", "rubygems" + ".org", "repo.maven.apache" + ".org", "repo1.maven" + ".org",
        ]
        var count = 0
        for path in try Repository.files() {
            // Pictures and folders are no text.
            guard let text = try? Repository.text(path) else { continue }
            let named = hosts.filter { text.contains($0) }
            #expect(named.isEmpty, "\(path)")
            count += 1
        }
        #expect(count > 100)
    }
}

/// A Markdown file, taken apart.
private struct Document {
    /// A fenced block: what stands behind the fence, and its lines.
    struct Block {
        var info: String
        var text: String
    }

    let path: String
    let lines: [String]
    var blocks: [Block] = []
    /// What stands between backticks, outside of fenced blocks.
    var spans: [String] = []
    /// Where links inside the repository lead, from its root.
    var links: [String] = []
    /// The level of each heading.
    var headings: [Int] = []

    init(_ path: String) throws {
        self.path = path
        let text = try Repository.text(path)
        lines = text.components(separatedBy: "\n")
        var block: Block?
        for line in lines {
            if line.hasPrefix("```") {
                if let done = block { blocks.append(done) }
                block = block == nil ? Block(info: String(line.dropFirst(3)), text: "") : nil
            } else if block != nil {
                block?.text += line + "\n"
            } else {
                spans += Document.spans(in: line)
                links += Document.links(in: line, of: path)
                let level = line.prefix { $0 == "#" }.count
                if level > 0, line.dropFirst(level).hasPrefix(" ") { headings.append(level) }
            }
        }
    }

    static func spans(in line: String) -> [String] {
        line.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }

    private static func links(in line: String, of path: String) -> [String] {
        line.components(separatedBy: "](").dropFirst().compactMap { rest in
            guard let end = rest.firstIndex(of: ")") else { return nil }
            let target = rest[..<end].prefix { $0 != "#" }
            guard !target.isEmpty, !target.contains(":") else { return nil }
            var parts = path.split(separator: "/").dropLast().map(String.init)
            for part in target.split(separator: "/") {
                if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
            }
            return parts.joined(separator: "/")
        }
    }
}

/// The repository this file is part of.
private enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static let folders = ["Sources", "Tests", "docs", "packaging", ".ci"]

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: root + "/" + path, encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root + "/" + path)
    }

    /// Whether words between backticks mean a file or folder of the repository.
    static func looksLikePath(_ span: String) -> Bool {
        guard span.utf8.allSatisfy({ $0 == 0x2B || (0x2D...0x39).contains($0) || $0 == 0x5F || isLetter($0) }) else {
            return false
        }
        if span == "./linli" || span == "Package.swift" || span == ".swift-format" { return true }
        guard let slash = span.firstIndex(of: "/") else { return span.hasSuffix(".md") }
        return folders.contains(String(span[..<slash]))
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// Every Markdown file of ours.
    static func documents() throws -> [Document] {
        try files().filter { $0.hasSuffix(".md") && ($0.hasPrefix("docs/") || !$0.contains("/")) }.map(Document.init)
    }

    /// The Swift files below a folder.
    static func sources(below folder: String) throws -> [String] {
        try files().filter { $0.hasPrefix(folder + "/") && $0.hasSuffix(".swift") }.map(text)
    }

    /// Every file of ours, from the root; what is built or fetched is not.
    static func files() throws -> [String] {
        let manager = FileManager.default
        var found: [String] = []
        for name in try manager.contentsOfDirectory(atPath: root).sorted() {
            var isFolder: ObjCBool = false
            guard manager.fileExists(atPath: root + "/" + name, isDirectory: &isFolder) else { continue }
            if !isFolder.boolValue {
                found.append(name)
            } else if folders.contains(name) {
                let inside = manager.enumerator(atPath: root + "/" + name)?.compactMap { $0 as? String } ?? []
                found += inside.filter { !$0.contains("__pycache__") }.sorted().map { name + "/" + $0 }
            }
        }
        return found
    }
}
