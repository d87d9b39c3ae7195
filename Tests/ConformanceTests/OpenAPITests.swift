import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliTestSupport
import LinliWeb
import Testing

/// The description of the API is whole: every route under `/api/v1` is in it, and it names nothing that is not there.
/// Whether it is a valid OpenAPI document a known validator says, in `Tests/Operations/api.py`.
@Suite("接口文档")
struct OpenAPITests {
    private func document(_ house: House) async throws -> [String: Any] {
        try await withSite(house) { site in
            let answer = try await site.ask("GET", "/api/v1/openapi.json")
            return try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
        }
    }

    @Test("每条接口都在文档里，各有各的名字") func whole() async throws {
        try await withHouse(.sqlite) { house in
            let routes = house.services.features.routes.filter { $0.path.hasPrefix("/api/") }
            let bare = routes.filter { $0.operation == nil }.map(\.path)
            #expect(bare.isEmpty, "not described")
            let names = routes.compactMap(\.operation?.id)
            #expect(Set(names).count == names.count, "an operation's name stands twice")
            let document = try await document(house)
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            #expect(paths.values.map(\.count).reduce(0, +) == routes.count)
            #expect(paths["/api/v1/grids.geojson"] != nil)
        }
    }

    /// `/things/trial` beside `/things/:id` answers to what is said of things, and a program cannot tell the two apart.
    @Test("固定的路径不占用带参数路径的方法") func beside() async throws {
        try await withHouse(.sqlite) { house in
            let routes = house.services.features.routes.filter { $0.path.hasPrefix("/api/") }
            let methods = Dictionary(grouping: routes, by: \.path).mapValues { Set($0.map(\.method)) }
            let paths = methods.keys.map { ($0, $0.split(separator: "/")) }
            for (path, words) in paths {
                for (other, pattern) in paths where pattern.count == words.count && other != path {
                    let isBeside = zip(words, pattern).allSatisfy {
                        $0 == $1 || ($1.hasPrefix(":") && !$0.hasPrefix(":"))
                    }
                    guard isBeside else { continue }
                    #expect(
                        methods[other, default: []].isSubset(of: methods[path, default: []]), "\(path) and \(other)")
                }
            }
        }
    }

    @Test("一个名字只有一种结构") func schemas() async throws {
        try await withHouse(.sqlite) { house in
            var known: [String: String] = [:]
            for operation in house.services.features.routes.compactMap(\.operation) {
                for (name, properties) in Self.named(operation) {
                    let shape = properties.map { "\($0.name) \($0.isRequired) \($0.meaning)" }.joined(separator: "\n")
                    let other = known.updateValue(shape, forKey: name)
                    #expect(other == nil || other == shape, "\(name) is two things")
                }
            }
            #expect(known.count > 30)
        }
    }

    private static func named(_ operation: LinliKernel.Operation) -> [(String, [SchemaProperty])] {
        var named: [(String, [SchemaProperty])] = []
        switch operation.body {
        case .json(let name, let properties), .form(let name, let properties): named.append((name, properties))
        case .picture, nil: break
        }
        if case .json(let name, let properties) = operation.answer { named.append((name, properties)) }
        return named
    }

    @Test("写出来的引用都有着落，每个操作都写了失败时的样子") func references() async throws {
        try await withHouse(.sqlite) { house in
            let document = try await document(house)
            var references: Set<String> = []
            collect(document, &references)
            #expect(references.count > 20)
            for reference in references {
                var value: Any? = document
                for part in reference.split(separator: "/").dropFirst() {
                    value = (value as? [String: Any])?[String(part)]
                }
                #expect(value != nil, "\(reference) leads nowhere")
            }
            let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
            for (path, methods) in paths {
                for (method, operation) in methods {
                    let statuses = Set((operation["responses"] as? [String: Any] ?? [:]).keys)
                    #expect(statuses.isSuperset(of: ["400", "429", "503"]), "\(method) \(path)")
                    #expect(operation["security"] != nil, "\(method) \(path)")
                }
            }
        }
    }

    private func collect(_ value: Any, _ references: inout Set<String>) {
        if let object = value as? [String: Any] {
            if let reference = object["$ref"] as? String { references.insert(reference) }
            for member in object.values { collect(member, &references) }
        } else if let list = value as? [Any] {
            for member in list { collect(member, &references) }
        }
    }

    @Test("读得太多也有上限：没登录的按地址，登录的按账号") func reads() async throws {
        try await withHouse(.sqlite) { house in
            try await withSite(house, { ($0.requestsPerMinute, $0.accountRequestsPerMinute) = (3, 5) }) { site in
                let path = "/api/v1/divisions"
                func statuses(_ count: Int, _ visitor: SiteVisitor) async throws -> [Int] {
                    var statuses: [Int] = []
                    for _ in 0..<count { statuses.append(try await site.open(path, as: visitor).status) }
                    return statuses
                }
                let program = try await site.program(for: .dispatcher)
                #expect(try await statuses(4, site.stranger) == [200, 200, 200, 429])
                #expect(try await statuses(6, program) == [200, 200, 200, 200, 200, 429])
                let limited = try await site.open("/api/v1/me", as: program)
                let seconds = limited["retry-after"].flatMap { Int($0) } ?? 0
                #expect(limited.status == 429 && (1...60).contains(seconds))
                #expect(limited["content-type"] == "application/problem+json")
                #expect(try await site.open("/assets/0/linli.css", as: site.stranger).status == 200, "files are free")
                #expect(try await site.open("/health", as: site.stranger).status == 200)
                house.clock.advance(minutes: 1)
                #expect(try await statuses(1, program) == [200])
            }
        }
    }
}
