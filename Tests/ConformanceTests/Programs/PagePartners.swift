import Foundation
import LinliKernel

/// Which operations of the API do what each page does, and which pages have none.
///
/// A line is `METHOD /path: operation operation`, of an exception `METHOD /path: why`.
struct PagePartners: Sendable {
    /// The operations of each page, those of a page that fills a form in among them.
    let partners: [String: [String]]
    /// Pages that only make sense in a browser, and why.
    let browser: [String: String]
    /// Pages that stand twice.
    let repeated: [String]

    /// Reads both lists.
    init(partners: [String], browser: String) {
        let lines = partners.flatMap(PagePartners.lines)
        let alone = PagePartners.lines(browser)
        var known: [String: [String]] = [:]
        for line in lines { known[line.page, default: []] += line.text.split(separator: " ").map { String($0) } }
        self.partners = known
        self.browser = Dictionary(alone.map { ($0.page, $0.text) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<String> = []
        repeated = (lines + alone).map { $0.page }.filter { !seen.insert($0).inserted }
    }

    private static func lines(_ text: String) -> [(page: String, text: String)] {
        text.split(separator: "\n").compactMap { line -> (page: String, text: String)? in
            let parts = line.components(separatedBy: ": ")
            guard parts.count > 1 else { return nil }
            return (parts[0], parts.dropFirst().joined(separator: ": "))
        }
    }

    /// Every page there is an entry for.
    var pages: Set<String> { Set(partners.keys).union(browser.keys) }

    // MARK: What is wrong

    /// What does not hold of some routes: pages without an entry, entries without a page or an operation, and pages that
    /// let in whom none of their operations does.
    func complaints(of routes: [Route]) -> [String] {
        let pages = routes.filter { !$0.path.hasPrefix("/api/") }
        let names = Set(pages.map(RoutesTests.name))
        let operations = Dictionary(
            routes.compactMap { route in route.operation.map { ($0.id, route.access) } },
            uniquingKeysWith: { first, _ in first })
        var complaints = repeated.map { "\($0): stands twice" }
        for name in names.subtracting(self.pages) {
            complaints.append("\(name): say which operation does it, or why only a browser needs it")
        }
        for name in self.pages.subtracting(names) { complaints.append("\(name): this page is gone") }
        for (name, reason) in browser where reason.count < 10 { complaints.append("\(name): say why") }
        for page in pages {
            let name = RoutesTests.name(page)
            guard let ids = partners[name] else { continue }
            for id in ids where operations[id] == nil { complaints.append("\(name): there is no operation \(id)") }
            if let locked = PagePartners.lockedOut(page.access, ids.compactMap { operations[$0] }) {
                complaints.append("\(name): no operation of it is for \(locked)")
            }
        }
        return complaints.sorted()
    }

    /// Who opens a page and may call none of its operations; nil when there is nobody. What stands open for all staff is
    /// decided by its handler.
    private static func lockedOut(_ page: Access, _ operations: [Access]) -> String? {
        var isPublic = false
        var isForTokens = false
        var roles: Set<String> = []
        for operation in operations {
            switch operation {
            case .public: (isPublic, isForTokens) = (true, true)
            case .token, .signedIn: isForTokens = true
            case .permission(let permission): roles.formUnion(holders(permission))
            case .staff, .key: break
            }
        }
        switch page {
        case .public: return isPublic ? nil : "who has no account"
        case .signedIn: return isForTokens ? nil : "everybody who signs in"
        case .permission(let permission):
            let left = isForTokens ? [] : holders(permission).subtracting(roles)
            return left.isEmpty ? nil : left.sorted().joined(separator: ", ")
        case .staff, .token, .key: return nil
        }
    }

    private static func holders(_ permission: Permission) -> Set<String> {
        Set(Role.all.filter { $0.permissions.contains(permission) }.map(\.id))
    }
}
