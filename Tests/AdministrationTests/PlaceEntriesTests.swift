import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Places as entries of a register: area, history, version, photos, their end, and two that are one.
@Suite("地点作为台账：范围、历史、版本、照片、注销、合并")
struct PlaceEntriesTests {
    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    private static let square = """
        {"type":"Polygon","coordinates":[[[116.4028,39.9186],[116.4034,39.9186],[116.4034,39.9190],[116.4028,39.9190],\
        [116.4028,39.9186]]]}
        """

    private func estate(_ more: [(String, String)] = []) -> Form {
        form(
            more + [
                ("kind", "estate"), ("name", "和平里小区"), ("division", "110101001902001"), ("right", "commercial"),
                ("under", "110101001902"),
            ])
    }

    private func made(_ house: House, _ administrator: Context) async throws -> PlaceSummary {
        _ = try await house.send("/admin/places/new", estate(), administrator)
        return try await house.place("和平里小区")
    }

    @Test("范围画上、改掉、去掉；每次改动留历史，旧版本的表单不收", arguments: TestEngine.enabled)
    func area(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let place = try await made(house, administrator)
            #expect(place.version == 1 && place.source == "staff" && place.isHere)
            let path = "/admin/places/\(place.id)"
            func change(_ more: [(String, String)]) async throws -> String? {
                try await house.send(path + "/change", estate(more), administrator)
            }
            let drawn = try await change([
                ("version", "1"), ("area", Self.square), ("road", "北街"), ("door", "18号院"),
            ])
            #expect(drawn == path + "?done=change")
            let area = try await house.services.database.read { try PlaceAreas.find(place.id, $0) }
            #expect(area.map { (2000...2600).contains($0.squareMetres) } == true)
            #expect(try await change([("version", "1"), ("area", "")])?.contains("有人刚改过") == true)
            for (wrong, text) in [
                ("没有", "不是 GeoJSON"), (#"{"type":"Point","coordinates":[116.4,39.9]}"#, "Polygon 或 MultiPolygon"),
                (Self.square.replacing("116.", with: "16."), "不在国内"),
                // A bow tie.
                (
                    #"{"type":"Polygon","coordinates":[[[116.40,39.91],[116.41,39.92],[116.41,39.91],[116.40,39.925],[116.40,39.91]]]}"#,
                    "自己交叉"
                ),
            ] {
                #expect(try await change([("area", wrong)])?.contains(text) == true, "\(wrong)")
            }
            let page = try await house.open(path, query: [], administrator)
            #expect(page.contains("北街18号院") && page.contains("data-area-edit") && page.contains("没填 → 北街"))
            // What is sent as it was changes nothing; without the field the area stays.
            #expect(try await change([("road", "北街"), ("door", "18号院")]) == path + "?done=change")
            #expect(try await house.place("和平里小区").version == 2)
            _ = try await change([("area", ""), ("road", "北街"), ("door", "18号院")])
            #expect(try await house.services.database.read { try PlaceAreas.find(place.id, $0) } == nil)
            let whats = try await house.services.database.read { tx in
                try PlaceHistory.lines(of: place.id, house.services.database.keys, tx).map(\.what)
            }
            #expect(whats == [.changed, .changed, .entered])
        }
    }

    @Test("照片加上、去掉", arguments: TestEngine.enabled)
    func photos(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let place = try await made(house, administrator)
            let database = house.services.database
            let file = try await house.photo(administrator)
            try await PlaceRegister.attach([file], to: place.id, .registersManage, administrator, database)
            #expect(try await database.read { try PlaceRegister.photos(of: place.id, $0) } == [file])
            #expect(
                try await house.open("/admin/places/\(place.id)", query: [], administrator).contains("photos/\(file)"))
            // Who looks after another grid takes no pictures here.
            let worker = try await house.context(.gridWorker1)
            let refused = try await house.refusal {
                try await PlaceRegister.attach([file], to: place.id, .peopleEdit, worker, database)
            }
            #expect(refused == .notFound)
            try await PlaceRegister.detach(file, from: place.id, .registersManage, administrator, database)
            #expect(try await database.read { try PlaceRegister.photos(of: place.id, $0) }.isEmpty)
        }
    }

    @Test("注销了不能再选，工单还在；恢复时一起回来", arguments: TestEngine.enabled)
    func ending(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let place = try await made(house, administrator)
            let path = "/admin/places/\(place.id)"
            _ = try await house.send(
                path + "/inside", form([("kind", "building"), ("names", "1号楼\n2号楼")]), administrator)
            #expect(
                try await house.send(path + "/end", form([("reason", "demolished")]), administrator)
                    == path + "?done=end")
            let named = try await house.services.database.read { try PlacesStore.named(in: "和平里小区1号楼", $0) }
            #expect(named == nil)
            let tree = try await house.services.database.read {
                try PlacesStore.tree(in: DivisionCode(rawValue: 110_101_001_902_000), $0)
            }
            #expect(!tree.contains { $0.address.hasPrefix("和平里") })
            #expect(try await house.open(path, query: [], administrator).contains("已注销：拆除"))
            let closed = try await house.send(
                path + "/inside", form([("kind", "building"), ("names", "3号楼")]), administrator)
            #expect(closed?.contains("已经注销") == true)
            #expect(try await house.send(path + "/reopen", Form(), administrator) == path + "?done=reopen")
            #expect(try await house.place("和平里小区2号楼").isHere)
            // Homes are entered there: it cannot end.
            let lived = try await house.place("幸福里小区3号楼")
            _ = try await house.enterHome()
            let refused = try await house.send(
                "/admin/places/\(lived.id)/end", form([("reason", "demolished")]), administrator)
            #expect(refused?.contains("还登记着房屋") == true)
        }
    }

    @Test("两处合成一处：里面的、房屋、工单都过来，撤销了都回去", arguments: TestEngine.enabled)
    func merging(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let database = house.services.database
            // 幸福里小区三栋 is 幸福里小区3号楼 once more, with an entrance, a home and a case of its own.
            let estate = try await house.place("幸福里小区")
            let path = "/admin/places/\(estate.id)"
            _ = try await house.send(path + "/inside", form([("kind", "building"), ("names", "3栋")]), administrator)
            let double = try await house.place("幸福里小区3栋")
            _ = try await house.send(
                "/admin/places/\(double.id)/inside", form([("kind", "entrance"), ("names", "9单元")]), administrator)
            let survivor = try await house.place("幸福里小区3号楼")
            let page = try await house.open("/admin/places/\(survivor.id)", query: [], administrator)
            #expect(page.contains("幸福里小区3栋") && page.contains("地址相同"))
            let worker = try await house.context(.worker)
            let home = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "101", "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
                in: double.id, worker, database, house.services.registers)
            let merged = try await house.send(
                "/admin/places/\(survivor.id)/merge", form([("other", "幸福里小区3栋")]), administrator)
            #expect(merged == "/admin/places/\(survivor.id)?done=merge")
            let stayed = try await house.open("/admin/places/\(survivor.id)", query: [], administrator)
            #expect(stayed.contains("合并") && !stayed.contains("并入另一处"), "the one that stays has not ended")
            let back = "/admin/places/\(double.id)"
            #expect(stayed.contains("并进来的地点") && stayed.contains("幸福里小区3栋"))
            #expect(stayed.contains("href=\"\(back)\"") && stayed.contains("action=\"\(back)/split\""))
            let read = try await house.open("/registers/places/\(survivor.id)", query: [], worker)
            #expect(read.contains("并进来的地点") && read.contains("/registers/places/\(double.id)"))
            func place(of dwelling: ID<Dwelling>) async throws -> ID<Place>? {
                try await database.read { try RegisterQueries.dwelling(dwelling, $0)?.place }
            }
            func address() async throws -> String? {
                try await database.read { try RegisterQueries.dwelling(home, $0)?.address }
            }
            #expect(try await place(of: home) == survivor.id)
            #expect(try await address() == "幸福里小区3号楼101")
            #expect(try await house.place("幸福里小区3号楼9单元").parent == survivor.id)
            let gone = try await database.read { try PlacesStore.find(double.id, $0) }
            #expect(gone?.mergedInto == survivor.id && gone?.endReason == .merged)
            #expect(
                try await house.send("/admin/places/\(double.id)/split", Form(), administrator)
                    == "/admin/places/\(double.id)?done=split")
            #expect(try await place(of: home) == double.id)
            #expect(try await address() == "幸福里小区3栋101")
            #expect(try await house.place("幸福里小区3栋9单元").parent == double.id)
            #expect(try await house.place("幸福里小区3栋").isHere)
            let apart = try await house.open("/admin/places/\(survivor.id)", query: [], administrator)
            #expect(!apart.contains("并进来的地点"))
            // An estate and its own building are two things.
            let inside = try await house.send(
                "/admin/places/\(survivor.id)/merge", form([("other", "幸福里小区")]), administrator)
            #expect(inside?.contains("一处在另一处里面") == true)
            // The eighth building is the second grid's; what is added to the estate is the first's.
            _ = try await house.send(path + "/inside", form([("kind", "building"), ("names", "8栋")]), administrator)
            let eighth = try await house.place("幸福里小区8号楼")
            #expect(try await house.place("幸福里小区8栋").division != eighth.division)
            let across = try await house.send(
                "/admin/places/\(eighth.id)/merge", form([("other", "幸福里小区8栋")]), administrator)
            #expect(across?.contains("同一个网格") == true)
            #expect(try await house.place("幸福里小区8栋").isHere)
        }
    }

    @Test("改名：地址是系统拼的就跟着改，手写的不动；里面的房屋跟着走，按新名字搜得到", arguments: TestEngine.enabled)
    func renaming(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (administrator, head) = (try await house.context(.administrator), try await house.context(.head))
            let database = house.services.database
            let yard = try await house.place("多福巷7号院")
            func enter(_ number: String, _ address: String) async throws -> ID<Dwelling> {
                try await RegisterCommands.enterDwelling(
                    try House.typed([
                        "dwelling.number": number, "dwelling.kind": "flat", "dwelling.occupancy": "owner",
                        "dwelling.address": address,
                    ]), in: yard.id, head, database, house.services.registers)
            }
            let (home, typed) = (try await enter("北耳房", ""), try await enter("后院", "老七号后院"))
            func rename(_ name: String, _ address: String) async throws {
                let sent = try await house.send(
                    "/admin/places/\(yard.id)/change",
                    form([
                        ("kind", yard.kind.rawValue), ("name", name), ("address", address),
                        ("division", "\(yard.division)"), ("right", yard.propertyRight.rawValue),
                    ]), administrator)
                #expect(sent == "/admin/places/\(yard.id)?done=change")
            }
            func address(_ dwelling: ID<Dwelling>) async throws -> String? {
                try await database.read { try RegisterQueries.dwelling(dwelling, $0)?.address }
            }
            // Only the name: what the form brings along as the address was made of the old one.
            try await rename("7号东院", "多福巷7号院")
            #expect(try await house.place("多福巷7号东院").id == yard.id)
            #expect(try await address(home) == "多福巷7号东院北耳房")
            #expect(try await address(typed) == "老七号后院")
            let scope = head.actor.scope(for: .peopleRead)
            let hits = try await database.read { tx in
                try ["多福巷7号东院北耳房", "多福巷7号院北耳房"].map {
                    try RegisterFinder.find($0, .dwelling, in: scope, tx).hits.count
                }
            }
            #expect(hits == [1, 0])
            // Typed by hand: it stays when the name changes.
            try await rename("7号东院", "多福巷东七院")
            try await rename("七院", "多福巷东七院")
            #expect(try await house.place("多福巷东七院").name == "七院")
            #expect(try await address(home) == "多福巷东七院北耳房")
            // Emptied: made anew.
            try await rename("9号东院", "")
            #expect(try await address(home) == "多福巷9号东院北耳房")
            let line = try await database.read { tx in
                try RegisterHistory.lines(of: RegisterSubject(.dwelling, home), database.keys, tx).first
            }
            #expect(line?.what == .changed && line?.fields == ["dwelling.address"])
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("改名：没办完的工单跟着新地址走，里面楼里的也跟着；办完的留着当时的，住户写的话不动", arguments: TestEngine.enabled)
    func casesFollow(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (administrator, tenant) = (try await house.context(.administrator), try await house.context(.tenant))
            let (database, uses) = (house.services.database, house.services.features.placeUses)
            let building = try await house.place("幸福里小区3号楼2单元")
            var draft = try await house.draft()
            draft.location = "幸福里小区3号楼2单元电梯"
            let (open, closed) = (try await house.report(draft, tenant), try await house.report(draft, tenant))
            try await database.write(administrator, "test.close") { tx in
                try tx.execute("UPDATE case_item SET is_open = 0 WHERE id = \(closed)")
                try tx.audit(Subject("case", closed))
            }
            func address(_ id: ID<Case>) async throws -> [String] {
                try await database.read { tx in
                    try tx.first("SELECT place_address, location FROM case_item WHERE id = \(id)") { row -> [String] in
                        [try row[0], try row[1]]
                    } ?? []
                }
            }
            let estate = try await house.place("幸福里小区")
            func rename(_ name: String) async throws {
                let sent = try await house.send(
                    "/admin/places/\(estate.id)/change",
                    form([
                        ("kind", estate.kind.rawValue), ("name", name), ("address", name),
                        ("division", "\(estate.division)"), ("right", estate.propertyRight.rawValue),
                    ]), administrator)
                #expect(sent == "/admin/places/\(estate.id)?done=change")
            }
            try await rename("幸福家园")
            #expect(try await address(open) == ["幸福家园3号楼2单元", draft.location])
            #expect(try await address(closed) == ["幸福里小区3号楼2单元", draft.location])
            let head = try await house.context(.head)
            #expect(try await house.services.queries.view(open, head).placeNow == nil)
            #expect(try await house.services.queries.view(closed, head).placeNow == "幸福家园3号楼2单元")
            #expect(try await house.services.queries.view(closed, tenant).placeNow == nil)
            #expect(try await house.open("/desk/cases/\(closed)", query: [], head).contains("现在叫“幸福家园3号楼2单元”"))
            let scope = head.actor.scope(for: .casesRead)
            let found = try await database.read {
                try CaseSearch.find("幸福里小区3号楼2单元电梯", scope, at: administrator.now, $0).rows.map(\.id)
            }
            #expect(found.contains(open) && found.contains(closed), "the words are found as they were typed")
            // Joined with another entry of the same place, and parted again.
            let twin = try await house.place("幸福家园3号楼1单元")
            try await PlaceMerging.merge(building.id, into: twin.id, version: nil, uses, administrator, database)
            #expect(try await address(open).first == "幸福家园3号楼1单元")
            try await PlaceMerging.split(building.id, uses, administrator, database)
            #expect(try await address(open).first == "幸福家园3号楼2单元")
            #expect(try await address(closed).first == "幸福里小区3号楼2单元")
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("并过来的范围撤销时去掉；后来另画的不动", arguments: TestEngine.enabled)
    func drawnSince(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let (database, uses) = (house.services.database, house.services.features.placeUses)
            let place = try await made(house, administrator)
            let twin = form([
                ("kind", "estate"), ("name", "和平里北院"), ("division", "110101001902001"), ("right", "commercial"),
                ("under", "110101001902"), ("area", Self.square),
            ])
            _ = try await house.send("/admin/places/new", twin, administrator)
            let other = try await house.place("和平里北院")
            func area() async throws -> GeoArea? { try await database.read { try PlaceAreas.find(place.id, $0) } }
            func merge() async throws {
                try await PlaceMerging.merge(other.id, into: place.id, version: nil, uses, administrator, database)
            }
            try await merge()
            let brought = try await area()
            #expect(brought != nil)
            try await PlaceMerging.split(other.id, uses, administrator, database)
            #expect(try await area() == nil)
            try await merge()
            let path = "/admin/places/\(place.id)"
            let drawn = estate([("area", Self.square.replacing("39.9190", with: "39.9194"))])
            #expect(try await house.send(path + "/change", drawn, administrator) == path + "?done=change")
            try await PlaceMerging.split(other.id, uses, administrator, database)
            let left = try await area()
            #expect(left != nil && left != brought)
            #expect(try await database.read { try PlaceAreas.find(other.id, $0) } == brought)
        }
    }

    @Test("凡是引用地点的表，合并都认得") func everyUseIsDeclared() async throws {
        try await withHouse(.sqlite) { house in
            let found = try await house.services.database.read { tx -> [String] in
                try tx.all(
                    """
                    SELECT m.name || '.' || f."from" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
                    WHERE m.type = 'table' AND f."table" = 'place' ORDER BY 1
                    """
                ) { try $0[0] }
            }
            // What a place was joined with, and its own area, stay with it.
            let own: Set<String> = ["place.merged_into", "place_area.place_id"]
            let declared = Set(house.services.features.placeUses.map(\.name))
            #expect(found.count > 10)
            for name in found where !own.contains(name) { #expect(declared.contains(name), "\(name)") }
        }
    }

    @Test("GeoJSON 出去、进来：改范围、加新的，错一个都不存", arguments: TestEngine.enabled)
    func shapes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let place = try await made(house, administrator)
            func send(_ word: String, _ features: String) async throws -> String? {
                try await house.send(
                    "/admin/places/areas",
                    form([
                        ("under", "110101001902"), ("do", word),
                        ("geojson", #"{"type":"FeatureCollection","features":[\#(features)]}"#),
                    ]), administrator)
            }
            func feature(_ properties: String) -> String {
                #"{"type":"Feature","properties":{\#(properties)},"geometry":\#(Self.square)}"#
            }
            let known = feature(#""address":"和平里小区""#)
            let new = feature(#""kind":"building","name":"1号楼","parent":"和平里小区""#)
            let wrong = feature(#""address":"没有的小区""#)
            let looked = try await send("look", known + "," + new + "," + wrong)
            #expect(looked?.contains("改 1 处，新加 1 处，没有变 0 处，有错 1 处") == true)
            #expect(try await send("import", known + "," + wrong)?.contains("1 个不对") == true)
            #expect(
                try await send("import", known + "," + new) == "/admin/places?under=110101001902000&done=areas")
            let building = try await house.place("和平里小区1号楼")
            let areas = try await house.services.database.read { try PlaceAreas.find([place.id, building.id], $0) }
            #expect(areas.count == 2 && building.source == "import")
            #expect(try await send("look", known)?.contains("没有变 1 处") == true)
            let out = try await house.open(
                "/admin/places/areas.geojson", query: [("under", "110101001902")], administrator)
            #expect(out.contains("\(building.id)") && out.contains("116.4034"))
        }
    }
}
