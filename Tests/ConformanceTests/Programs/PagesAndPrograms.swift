import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// What a page can do a program can do: every page names the operations of the API that do the same, or stands in a short
/// list of those that only make sense in a browser.
@Suite("页面能做的，程序也能做")
struct PagesAndPrograms {
    @Test("每个页面都写明由哪些接口来做，或者为什么只在浏览器里有用") func everyPage() async throws {
        try await withHouse(.sqlite) { house in
            let routes = RoutesTests.routes(house.services)
            for complaint in PagePartners.all.complaints(of: routes) { Issue.record("\(complaint)") }
            #expect(PagePartners.all.partners.count > 250)
        }
    }

    /// What only makes sense in a browser is not to grow: an operation is missing sooner.
    @Test("只在浏览器里有用的不会变多") func browserOnly() {
        #expect(PagePartners.all.browser.count <= 40)
    }

    @Test("没有写明的页面、没有的接口、没有了的页面、进不去的接口，都查得出来") func canFail() {
        let nothing: Route.Handler = { _, _ in throw LinliError.notFound("test") }
        let made = Feature(
            id: "madeUp", name: Text("凭空", "Made up"),
            routes: [
                .get("/made-up", access: .permission(.casesRead), nothing),
                .post("/made-up/:id/step", access: .public, nothing),
                .get("/made-up/look", access: .signedIn, nothing),
                .document(
                    "/api/v1/made-up", id: "getMadeUp", "Nothing", access: .permission(.casesExport), type: "text/csv",
                    nothing),
                .document("/api/v1/made-up/open", id: "openMadeUp", "Nothing", type: "text/csv", nothing),
            ])
        func complaints(_ partners: String, browser: String = "") -> [String] {
            PagePartners(partners: [partners], browser: browser).complaints(of: made.routes)
        }
        let whole = """
            GET /made-up: getMadeUp openMadeUp
            GET /made-up/look: openMadeUp
            """
        #expect(complaints(whole, browser: "POST /made-up/:id/step: only with an account") == [])
        #expect(complaints("").count == 3)
        #expect(complaints("").first?.hasPrefix("GET /made-up/look: say which") == true)
        #expect(
            complaints(whole, browser: "POST /made-up/:id/step: short") == ["POST /made-up/:id/step: say why"])
        let wrong = """
            GET /made-up: getMadeUp
            GET /made-up/look: openMadeUp openMadeDown
            POST /made-up/:id/step: openMadeUp
            GET /made-up/gone: openMadeUp
            """
        #expect(
            complaints(wrong, browser: "GET /made-up/look: a page for eyes only") == [
                "GET /made-up/gone: this page is gone",
                "GET /made-up/look: stands twice",
                "GET /made-up/look: there is no operation openMadeDown",
                "GET /made-up: no operation of it is for \(Self.locked)",
                "POST /made-up/:id/step: no operation of it is for who has no account",
            ])
    }

    /// Roles that read cases and take no lists of them away.
    private static let locked = Role.all.filter {
        $0.permissions.contains(.casesRead) && !$0.permissions.contains(.casesExport)
    }.map(\.id).sorted().joined(separator: ", ")
}
