import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The one box for programs, and what an entry says of where it is.
@Suite("查找接口：一个框找全部；完整号码要用途，下班的不行；登记在哪里、坐标")
struct SearchAPITests {
    @Test("按词找人、房、地点、工单；完整号码只能 POST；没有权限的、下班的不行", arguments: TestEngine.enabled)
    func finding(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            _ = try await house.report(try await house.draft(), try await house.context(.tenant))
            try await withSite(house) { site in
                let worker = try await site.program(for: .worker)
                let people = try await site.shown("GET", "/find?q=cxy", as: worker)["hits"].list
                #expect(people.contains { $0["id"].text == "\(home.person)" && $0["kind"].text == "person" })
                let address = "%E5%B9%B8%E7%A6%8F%E9%87%8C"
                let all = try await site.shown("GET", "/find?q=\(address)%201201", as: worker)["hits"].list
                #expect(all.contains { $0["kind"].text == "dwelling" && $0["id"].text == "\(home.dwelling)" })
                let places = try await site.shown("GET", "/find?q=\(address)", as: worker)["hits"].list
                #expect(places.contains { $0["kind"].text == "place" })
                let one = try await site.shown("GET", "/find?q=\(address)&kind=dwelling", as: worker)["hits"].list
                #expect(!one.isEmpty && one.allSatisfy { $0["kind"].text == "dwelling" })
                let lift = try await site.shown("GET", "/find?q=%E7%94%B5%E6%A2%AF", as: worker)["hits"].list
                #expect(lift.contains { $0["kind"].text == "case" })
                _ = try await site.shown("GET", "/find?q=13800138000", as: worker, status: 422)
                let whole = #"{"number":"13800138000","purpose":"visit","note":"约时间"}"#
                let found = try await site.shown("POST", "/find", whole, as: worker)["hits"].list
                #expect(found.map { $0["id"].text } == ["\(home.person)"])
                let readings = try await house.services.database.read {
                    try RegisterReading.readings(of: home.subject, $0)
                }
                #expect(readings.first?.purpose == .visit && readings.first?.note == "约时间")
                let words = whole.replacing("13800138000", with: "cxy")
                _ = try await site.shown("POST", "/find", words, as: worker, status: 422)
                let bare = #"{"number":"13800138000"}"#
                _ = try await site.shown("POST", "/find", bare, as: worker, status: 422)
                _ = try await site.shown("GET", "/find?q=%E5%B0%BE%E5%8F%B73K21", as: worker, status: 422)
                let end = #"{"number":"3K21","purpose":"visit"}"#
                #expect(try await site.shown("POST", "/find", end, as: worker)["hits"].list.isEmpty)
                let walker = try await site.program(for: .gridWorker1)
                _ = try await site.shown("POST", "/find", whole, as: walker, status: 403)
                let other = try await site.program(for: .locustHead)
                #expect(try await site.shown("POST", "/find", whole, as: other)["hits"].list.isEmpty)
                let dispatcher = try await site.program(for: .dispatcher)
                _ = try await site.shown("POST", "/find", whole, as: dispatcher, status: 403)
                _ = try await site.shown("GET", "/find?q=cxy", as: dispatcher, status: 403)
            }
        }
    }

    @Test("登记在哪个地点、哪处房屋、坐标；没有自己的坐标用地点的", arguments: TestEngine.enabled)
    func places(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let place = try await house.place("幸福里小区3号楼2单元")
            try await withSite(house) { site in
                let worker = try await site.program(for: .worker)
                let path = "/registers/dwelling/\(home.dwelling)"
                let dwelling = try await site.shown("GET", path, as: worker)
                #expect(dwelling["place"].text == "\(place.id)")
                #expect(dwelling["latitude"].text == place.latitude.map { "\($0)" })
                let point = #"{"fields":{"dwelling.point":"116.402,39.9148"}}"#
                let moved = try await site.shown("PUT", path, point, as: worker)
                #expect(moved["latitude"].text == "39.9148" && moved["longitude"].text == "116.402")
                #expect(moved["fields"]["dwelling.point"].text == "39.9148,116.402")
                let wrong = point.replacing("116.402,39.9148", with: "2,3")
                let answer = try await site.shown("PUT", path, wrong, as: worker, status: 422)
                #expect(answer["fields"].list.map { $0["name"].text } == ["dwelling.point"])
                let household = try await site.shown("GET", "/registers/household/\(home.household)", as: worker)
                #expect(household["dwelling"].text == "\(home.dwelling)" && household["place"].text == "\(place.id)")
                let person = try await site.shown("GET", "/registers/person/\(home.person)", as: worker)
                #expect(person["place"].text.isEmpty && person["latitude"].text.isEmpty)
            }
        }
    }
}
