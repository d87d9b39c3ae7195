import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

@Suite("功能的声明")
struct CatalogueTests {
    private func feature(_ paths: [String]) -> Feature {
        let routes = paths.map { Route.get($0, access: .public) { _, _ in Reply(.empty) } }
        return Feature(id: "test", name: Text(same: "test"), routes: routes)
    }

    @Test("同一处的参数只有一个名字，否则路由会让程序停下")
    func parameters() throws {
        _ = try Catalogue([feature(["/a/:x", "/a/:x/b", "/a/:x/:y", "/b/:y", "/a"])])
        for paths in [["/a/:x", "/a/:y/b"], ["/a/:x/:y", "/a/:x/:z/c"], ["/:x/a", "/:y/b"]] {
            #expect(throws: LinliError.self) { try Catalogue([feature(paths)]) }
        }
    }

    @Test("同一条路径只声明一次")
    func twice() throws {
        #expect(throws: LinliError.self) { try Catalogue([feature(["/a/:x", "/a/:x"])]) }
        #expect(throws: LinliError.self) { try Catalogue([feature([]), feature([])]) }
    }
}
