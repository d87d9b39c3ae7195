import Foundation
import LinliCore
import LinliStandards
import Testing

@Suite("推荐用的语料")
struct SuggestionTextsTests {
    @Test("写错的表说得出每一行错在哪")
    func invalidTable() throws {
        let table = """
            # 注释
            R0201 | assistance | 电梯里有人
            R0201 | assistance
            R02 | assistance | 大类
            R9999 | assistance | 没有
            R0201 | help | 不对
            R0201 | assistance |
            """
        let catalogue = try EventCatalogue.shared()
        let error = #expect(throws: TableInvalid.self) { try SuggestionText.read(table, catalogue) }
        #expect(try #require(error).problems.map(\.line) == [3, 4, 5, 6, 7])
    }

    @Test("出厂知识覆盖检验的每一类，每类至少十句")
    func coverage() throws {
        let catalogue = try EventCatalogue.shared()
        let seed = Dictionary(grouping: try SuggestionText.seed(catalogue), by: \.category)
        let texts = Dictionary(grouping: try SuggestionText.evaluation(catalogue), by: \.category)
        #expect(Set(texts.keys) == Set(seed.keys))
        let resident = catalogue.all.filter { $0.scheme == .resident && !$0.isMajor && $0.code != "R2901" }
        #expect(resident.allSatisfy { (texts[$0.code]?.count ?? 0) >= 10 && (seed[$0.code]?.count ?? 0) >= 10 })
    }

    /// A sentence without signs.
    private func plain(_ text: some StringProtocol) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.isAlphabetic }))
    }

    /// The runs of letters in a text that are long enough to be recognised.
    private func clauses(_ text: some StringProtocol) -> [String] {
        text.unicodeScalars.split { !$0.properties.isAlphabetic && !("0"..."9").contains($0) }
            .map { String(String.UnicodeScalarView($0)) }
            .filter { $0.count >= 5 && $0.unicodeScalars.allSatisfy { !$0.isASCII } }
    }

    @Test("检验语料没有一句出现在代码、演示、测试、关键词或出厂知识里")
    func sharesNoSentence() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        var elsewhere: Set<String> = []
        var files = 0
        for folder in ["Sources", "Tests"] {
            let names = FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.compactMap { $0 as? String } ?? []
            for name in names where !name.hasSuffix("suggestion-texts.txt") {
                guard ["swift", "yaml", "txt", "js", "py"].contains(where: { name.hasSuffix("." + $0) }) else {
                    continue
                }
                files += 1
                elsewhere.formUnion(clauses(try String(contentsOfFile: "\(root)/\(folder)/\(name)", encoding: .utf8)))
            }
        }
        #expect(files > 200 && elsewhere.count > 5000)
        for text in try SuggestionText.evaluation(try EventCatalogue.shared()) {
            for clause in clauses(text.text) where elsewhere.contains(clause) {
                Issue.record("“\(clause)” stands elsewhere")
            }
        }
    }

    @Test("也没有一句和出厂知识相近：一句不含另一句，六成的字对不相同")
    func sharesNoCloseSentence() throws {
        let catalogue = try EventCatalogue.shared()
        let seed = try SuggestionText.seed(catalogue).map { plain($0.text) }
        let pairs = seed.map(neighbours)
        var places: [String: [Int]] = [:]
        for (place, found) in pairs.enumerated() { for pair in found { places[pair, default: []].append(place) } }
        for text in try SuggestionText.evaluation(catalogue) {
            let own = neighbours(plain(text.text))
            var shared: [Int: Int] = [:]
            for pair in own { for place in places[pair] ?? [] { shared[place, default: 0] += 1 } }
            for (place, common) in shared {
                let whole = own.count + pairs[place].count - common
                #expect(common * 10 < whole * 6, "\(text.text) ~ \(seed[place])")
                // Four pairs are five letters: a whole short sentence inside a longer one.
                let shorter = min(own.count, pairs[place].count)
                if shorter >= 4, common == shorter {
                    let (a, b) = (plain(text.text), seed[place])
                    #expect(!a.contains(b) && !b.contains(a), "\(a) ~ \(b)")
                }
            }
        }
    }

    private func neighbours(_ text: String) -> Set<String> {
        let letters = Array(text)
        return Set(zip(letters, letters.dropFirst()).map { String([$0, $1]) })
    }

    // MARK: Marks

    @Test("字和相邻的字对各算一次；数字、标点不算，字对也不跨过去")
    func features() {
        #expect(TextFeatures("电梯").hashes.count == 3)
        #expect(TextFeatures("电梯").length == 2)
        #expect(TextFeatures("电梯电梯").hashes.count == 4)
        #expect(TextFeatures("电，梯").hashes.count == 2)
        #expect(TextFeatures("13812345678 110101199003070011").hashes.isEmpty)
        #expect(TextFeatures("3号楼12层").hashes == TextFeatures("9号楼88层").hashes)
        #expect(TextFeatures("ＷＩＦＩ").hashes == TextFeatures("wifi").hashes)
        #expect(TextFeatures("电 梯").hashes == TextFeatures("电梯").hashes)
        #expect(TextFeatures("电梯").hashes == TextFeatures("电梯").hashes.sorted())
    }

    /// Stores keep these numbers: a change would make them mean something else.
    @Test("同样的字永远是同样的号码")
    func stableHashes() {
        #expect(TextFeatures("电梯").hashes == [30315, 36326, 50600])
    }
}
