import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Everything the page of a place shows, read at once.
struct RegisterPlaceView: Sendable {
    let around: PlaceAround
    let detail: PlaceDetail
    let parent: PlaceSummary?
    let survivor: PlaceSummary?
    let dwellings: [RegistersStore.DwellingRow]
    let organizations: [OrganizationRecord]
    let things: [ThingRecord]
    /// Of an office building: its floors with the organizations on each.
    let floors: [BusinessFloor]
    /// The areas of what lies directly in it.
    let map: PlaceMap

    var place: PlaceSummary { detail.place }

    /// Reads it for somebody.
    ///
    /// - Throws: `.notFound` out of sight.
    init(_ id: ID<Place>, _ actor: Actor, _ services: Services, _ tx: ReadTx) throws {
        guard let place = try PlacesStore.find(id, tx), actor.may(.peopleRead, in: place.division) else {
            throw LinliError.notFound("registers.place")
        }
        around = try PlaceAround(place, tx) { actor.may(.peopleRead, in: $0) }
        detail = try PlaceDetail(place, services, tx)
        parent = try place.parent.flatMap { try PlacesStore.find($0, tx) }
        survivor = try place.mergedInto.flatMap { try PlacesStore.find($0, tx) }
        things = try RegisterQueries.things(at: [id], limit: 200, tx)
        map = try PlaceMap(place, children: detail.children, services.baseMap, tx)
        let rooms = detail.children.filter { $0.kind == .floor }
        let own = place.kind == .businessBuilding ? [id] + rooms.map(\.id) : [id]
        dwellings = try RegistersStore.dwellings(at: own, tx)
        organizations = try RegistersStore.organizations(at: own, tx)
        floors =
            place.kind == .businessBuilding ? BusinessFloor.groups(rooms, dwellings, organizations) : []
    }
}

/// A place: where it lies, its buildings, dwellings, organizations and things, its photos and its history.
struct RegisterPlacePage {
    let frame: RegisterFrame
    let view: RegisterPlaceView
    let panels: [HTML]
    let mayEdit: Bool
    let formToken: String
    let names: DivisionNames
    let now: Instant
    var done: String?
    var error: LinliError?
    var keptPhotos: [String] = []

    private var place: PlaceSummary { view.place }
    private var base: String { "/registers/places/\(place.id)" }
    private var isOpen: Bool { mayEdit && place.isHere }

    var page: Page {
        let history = card(Text("历史", "History"), PlaceWords.history(view.detail.history, names, now: now))
        return frame.page(
            Text(same: place.address), back: back, top: "\(problem(error))\(notices)",
            main: "\(contents)\(each: panels, { $0 })\(history)",
            side: "\(facts)\(map)\(pictures)\(when: view.floors.isEmpty, firms)\(parts)\(joined)")
    }

    private var contents: HTML {
        view.floors.isEmpty ? "\(inside)\(homes)" : "\(floors)\(inside)"
    }

    private var back: (path: String, name: Text) {
        view.parent.map { ("/registers/places/\($0.id)", Text(same: $0.name)) }
            ?? ("/registers?under=\(place.division.short)", Text(same: names.place(place.division)))
    }

    private var notices: HTML {
        """
        \(when: done == "photo", notice(Text("已保存。", "Saved."), .ok, icon: "done"))
        \(PlaceWords.ended(place).map { notice($0, .warn) })
        \(view.survivor.map { survivor -> HTML in
            """
            <div class="alert warn"><div class="bd">\(Text("并入了：", "Joined with: "))\
            <a href="/registers/places/\(survivor.id)">\(survivor.address)</a></div></div>
            """
        })
        """
    }

    private var facts: HTML {
        let manager = view.detail.manager
        return card(
            Text("这处地方", "This place"),
            """
            <dl class="kv"><dt>\(Text("种类", "Kind"))</dt><dd>\(place.kind.name)</dd>\
            <dt>\(Text("标准地址", "Standard address"))</dt><dd>\(view.detail.address.text)</dd>\
            <dt>\(Text("产权", "Property right"))</dt><dd>\(place.propertyRight.name)</dd>\
            <dt>\(Text("谁来管", "Manager"))</dt><dd>\(manager?.name ?? Text("没有物业", "Nobody"))</dd>\
            \(manager.flatMap { $0.phone.isEmpty ? nil : $0.phone }.map { phone -> HTML in
                "<dt>\(Text("值班电话", "Duty phone"))</dt><dd class=\"num\"><a href=\"tel:\(phone)\">\(phone)</a></dd>"
            })<dt>\(Text("网格", "Grid"))</dt><dd>\(names.place(place.division))</dd>\
            <dt>\(Text("来源", "Source"))</dt><dd>\(PlaceWords.source(place.source))</dd>\
            \(when: place.validFrom.milliseconds > 0, since)</dl>
            """)
    }

    private var since: HTML {
        "<dt>\(Text("登记时间", "Since"))</dt><dd>\(place.validFrom.date.full)</dd>"
    }

    private var map: HTML {
        let drawing = view.map.html(source: "\(base)/area.geojson", path: base)
        return drawing.isEmpty ? .empty : card(Text("地图", "Map"), drawing)
    }

    /// What lies directly in it; the floors of an office building stand in a card of their own.
    private var inside: HTML {
        let children = view.detail.children.filter { view.floors.isEmpty || $0.kind != .floor }
        guard !children.isEmpty else { return .empty }
        return card(
            Text("里面有", "Inside"),
            """
            <ul>\(each: children, { child in
                cell("/registers/places/\(child.id)", "\(child.name)", "\(child.kind.name)")
            })</ul>
            """)
    }

    private var homes: HTML {
        let shared = view.dwellings.filter { $0.dwelling.kind == .facility }
        let own = view.dwellings.filter { $0.dwelling.kind != .facility }
        let empty = emptyState(
            Text("这里还没有登记房屋", "No dwelling is entered here"),
            Text("按门牌一户一户加；有表格的可以整表导入。", "Add them by door, or import a sheet."), icon: "door")
        let households = own.reduce(0) { $0 + $1.households }
        return card(
            Text("房屋", "Dwellings"),
            """
            \(when: place.kind == .courtyard && households > 0, """
                <p class="pad note">\(Text("本院 \(households) 户", "\(households) households in this yard"))</p>
                """)
            \(own.isEmpty && view.detail.children.isEmpty ? empty : "<ul>\(each: own, row)</ul>")
            \(when: !shared.isEmpty || isOpen && place.kind == .courtyard, """
                <div class="pad row"><h3>\(Text("共用的水龙头、厕所等", "Shared taps, toilets and the like"))</h3>\
                <span class="sp"></span>\(facility)</div>
                <ul>\(each: shared, row)</ul>
                """)
            """, more: add("dwelling", Text("加房屋", "Add a dwelling")))
    }

    private var facility: HTML {
        guard isOpen else { return .empty }
        let path = address(
            "/registers/dwelling/new",
            [("place", "\(place.id)"), ("dwelling.kind", DwellingKind.facility.rawValue)])
        return "<a href=\"\(path)\">\(Text("加共用设施", "Add a shared one"))</a>"
    }

    private func row(_ row: RegistersStore.DwellingRow) -> HTML {
        let dwelling = row.dwelling
        let total = Text(
            "\(row.households) 户 · \(row.people) 人", "\(row.households) households · \(row.people) people")
        return cell(
            RegisterWords.path(RegisterSubject(.dwelling, dwelling.id)), "\(dwelling.number)",
            "\(dwelling.kind.name) · \(dwelling.occupancy.name)\(when: row.people > 0, " · \(total)")")
    }

    // MARK: Office buildings

    private var floors: HTML {
        card(
            Text("楼层和单位", "Floors and who is there"), "\(each: view.floors, floor)",
            more: "\(add("organization", Text("加组织", "Add one"))) \(add("dwelling", Text("加房屋", "Add a dwelling")))")
    }

    private func floor(_ floor: BusinessFloor) -> HTML {
        let more: HTML =
            isOpen
            ? floor.place.map { place -> HTML in
                "<a href=\"/registers/organization/new?place=\(place)\">\(Text("加组织", "Add one"))</a>"
            } ?? .empty : .empty
        let name: HTML =
            floor.place.map { place -> HTML in
                "<a href=\"/registers/places/\(place)\">\(floor.name)</a>"
            } ?? "\(floor.name)"
        return """
            <div class="pad row"><h3>\(name)</h3><span class="note">\
            \(Text("\(floor.organizations.count) 家单位", "\(floor.organizations.count) organizations"))</span>\
            <span class="sp"></span>\(more)</div>
            <ul>\(each: floor.organizations, firm)\(each: floor.offices, row)</ul>
            """
    }

    private func firm(_ firm: OrganizationRecord) -> HTML {
        cell(
            RegisterWords.path(RegisterSubject(.organization, firm.id)), "\(firm.name)", "\(firm.kind.name)",
            icon: "building")
    }

    private var firms: HTML {
        guard isOpen || !view.organizations.isEmpty else { return .empty }
        return card(
            Text("组织", "Organizations"), "<ul>\(each: view.organizations, firm)</ul>",
            more: add("organization", Text("加组织", "Add one")))
    }

    private var parts: HTML {
        guard isOpen || !view.things.isEmpty else { return .empty }
        return card(
            Text("部件、设施", "Things"),
            """
            <ul>\(each: view.things, { thing in
                cell(
                    RegisterWords.path(RegisterSubject(.thing, thing.id)), "\(thing.name)",
                    "\(thing.state.name) · \(thing.location)")
            })</ul>
            """, more: add("thing", Text("加部件", "Add one")))
    }

    private func add(_ kind: String, _ name: Text) -> HTML {
        isOpen ? "<a href=\"/registers/\(kind)/new?place=\(place.id)\">\(name)</a>" : .empty
    }

    /// The places that were joined with it; undoing it is for administrators.
    private var joined: HTML {
        guard !view.detail.merged.isEmpty else { return .empty }
        return card(
            Text("并进来的地点", "Joined with this one"),
            """
            <ul>\(each: view.detail.merged, { merged in
                cell(
                    "/registers/places/\(merged.place.id)", "\(merged.place.address)",
                    "\(merged.at.date.full)\(when: !merged.actor.isEmpty, " · \(merged.actor)")")
            })</ul>
            """)
    }

    // MARK: Photos

    private var pictures: HTML {
        let photos = view.detail.photos
        guard !photos.isEmpty || isOpen else { return .empty }
        return card(
            Text("照片", "Photos"),
            """
            \(when: !photos.isEmpty, "<div class=\"shots\">\(each: photos, picture)</div>")
            \(when: isOpen, """
                <form class="pad stack" method="post" action="\(base)/photos" enctype="multipart/form-data">\
                \(LinliUI.formToken(formToken))
                \(PhotoPicker(id: "photos", kept: keptPhotos, error: error, isOptional: false).html)
                <button class="btn ghost">\(Text("加照片", "Add photos"))</button></form>
                """)
            """)
    }

    private func picture(_ file: ID<StoredFile>) -> HTML {
        """
        <figure><a href="\(base)/photos/\(file)"><img src="\(base)/photos/\(file)?size=small" \
        alt="\(Text("\(place.name)的照片", "Photo of \(place.name)"))" loading="lazy"></a>\(when: isOpen, """
            <figcaption><form method="post" action="\(base)/remove-photo">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="file" value="\(file)"><button class="btn ghost sm">\
            \(Text("去掉", "Remove"))</button></form></figcaption>
            """)</figure>
        """
    }
}

/// A floor of an office building: who has it, and the rooms.
struct BusinessFloor: Sendable {
    /// Where it stands: −1 for the first basement; what says no floor comes last.
    let number: Int
    let name: Text
    /// The floor as a place of its own.
    let place: ID<Place>?
    var organizations: [OrganizationRecord] = []
    /// Rooms nobody is entered in.
    var offices: [RegistersStore.DwellingRow] = []

    /// The floors from below to above: those that are places, and those that rooms and addresses tell of.
    static func groups(
        _ places: [PlaceSummary], _ dwellings: [RegistersStore.DwellingRow], _ organizations: [OrganizationRecord]
    ) -> [BusinessFloor] {
        var floors: [Int: BusinessFloor] = [:]
        var numbers: [ID<Place>: Int] = [:]
        for (index, place) in places.enumerated() {
            // A floor whose name is no number keeps its place among the others.
            let number = number(of: place.name) ?? 10_000 + index
            numbers[place.id] = number
            floors[number] = BusinessFloor(number: number, name: Text(same: place.name), place: place.id)
        }
        func floor(_ number: Int?) -> Int {
            let number = number ?? .max
            if floors[number] == nil { floors[number] = BusinessFloor(number: number, name: name(number), place: nil) }
            return number
        }
        let rooms = Dictionary(dwellings.map { ($0.dwelling.id, $0) }, uniquingKeysWith: { first, _ in first })
        var taken: Set<ID<Dwelling>> = []
        for organization in organizations {
            let room = organization.dwelling.flatMap { rooms[$0] }
            if let room { taken.insert(room.dwelling.id) }
            let number =
                organization.place.flatMap { numbers[$0] } ?? room?.dwelling.floor ?? number(in: organization.address)
            floors[floor(number)]?.organizations.append(organization)
        }
        for row in dwellings where !taken.contains(row.dwelling.id) {
            floors[floor(numbers[row.dwelling.place] ?? row.dwelling.floor)]?.offices.append(row)
        }
        return floors.values.sorted { $0.number < $1.number }
    }

    /// 十二层, 12F, B1, 地下一层.
    static func number(of name: String) -> Int? {
        let plain = AddressSpelling.normal(name)
        let digits = plain.filter { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), (1...200).contains(number) else { return nil }
        return plain.hasPrefix("B") || plain.contains("地下") ? -number : number
    }

    /// The floor an address says: what stands before 层.
    private static func number(in address: String) -> Int? {
        let plain = AddressSpelling.normal(address)
        guard let end = plain.firstIndex(of: "层") else { return nil }
        let digits = plain[..<end].reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
        guard let number = Int(String(digits)), (1...200).contains(number) else { return nil }
        return plain[..<end].dropLast(digits.count).hasSuffix("地下") ? -number : number
    }

    private static func name(_ number: Int) -> Text {
        if number == .max { return Text("没写楼层", "No floor said") }
        return number < 0 ? Text("地下\(-number)层", "Basement \(-number)") : Text("\(number)层", "Floor \(number)")
    }
}
