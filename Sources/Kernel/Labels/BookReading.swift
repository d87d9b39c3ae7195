import LinliCore
import Yams

/// Reads a book of rules that administrators write in YAML; what is wrong is noted with its line.
protocol BookReading {
    /// What is wrong with what was read so far.
    var problems: [LabelProblem] { get set }
}

extension BookReading {
    /// The whole of a text of at most `limit` bytes.
    ///
    /// - Throws: `LabelProblem.Several` for a text that is too long, empty or not YAML.
    static func compose(_ text: String, limit: Int) throws -> Node {
        guard text.utf8.count <= limit else { throw alone(Text("太长了", "That is too long")) }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw alone(Text("里面什么也没有", "The text is empty"))
            }
            return node
        } catch let error as YamlError {
            throw alone(error.words, line: error.line)
        }
    }

    private static func alone(_ text: Text, line: Int = 0) -> LabelProblem.Several {
        LabelProblem.Several(problems: [LabelProblem(line: line, text: text)])
    }

    mutating func note(_ node: Node, _ text: Text) {
        problems.append(LabelProblem(line: node.line, text: text))
    }

    /// The rule under `key` as `parse` reads its words, which begin at a line; `otherwise` when it cannot be read.
    mutating func rule<Rule>(
        _ node: Node, _ key: String, otherwise: Rule, _ parse: (String, Int) throws -> Rule
    ) -> Rule {
        guard let value = node[key]?.scalar else {
            note(node, Text("缺 \(key)", "“\(key)” is missing"))
            return otherwise
        }
        let isBlock = value.style == .literal || value.style == .folded
        do {
            return try parse(value.string, (value.mark?.line ?? node.line) + (isBlock ? 1 : 0))
        } catch let problem as LabelProblem {
            problems.append(problem)
        } catch {
            note(node, Text("规则读不懂", "The rule cannot be read"))
        }
        return otherwise
    }

    mutating func number(_ node: Node, _ key: String, _ range: ClosedRange<Int>) -> Int {
        guard let value = node[key]?.int, range.contains(value) else {
            note(
                node[key] ?? node,
                Text(
                    "\(key) 要填 \(range.lowerBound) 到 \(range.upperBound) 的整数",
                    "“\(key)” is a whole number from \(range.lowerBound) to \(range.upperBound)"))
            return range.lowerBound
        }
        return value
    }

    mutating func flag(_ node: Node, _ key: String) -> Bool {
        guard let value = node[key] else { return false }
        if value.bool == nil { note(value, Text("\(key) 只能是 true 或 false", "“\(key)” is true or false")) }
        return value.bool ?? false
    }
}
