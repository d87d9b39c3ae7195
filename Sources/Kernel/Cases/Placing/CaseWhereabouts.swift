import LinliCore
import LinliSQL
import LinliStandards

/// Where a case lies, as somebody corrects it: a place of the register or a division, with words and a point.
package struct CasePlaceDraft: Sendable {
    /// A place of the register; its address and its division then count.
    package var place: ID<Place>?
    /// Where it is, when the register does not have the place; without it the point says so.
    package var division: DivisionCode?
    /// Where exactly, in words.
    package var location: String
    /// Where on the map; without one the place's own counts, and while it stays there the one it has.
    package var point: GeoPoint?
    /// Why it is corrected.
    package var reason: String

    /// A correction.
    package init(
        place: ID<Place>? = nil, division: DivisionCode? = nil, location: String = "", point: GeoPoint? = nil,
        reason: String
    ) {
        self.place = place
        self.division = division
        self.location = location
        self.point = point
        self.reason = reason
    }

    /// Line ends and tabs, but nothing that no form types and one of the engines does not keep.
    static func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            ($0.value >= 0x20 && $0.value != 0x7F) || "\n\r\t".unicodeScalars.contains($0)
        }
    }

    /// What is wrong with its words, where a type takes so many for where it is; `known` is what stands there now.
    func problems(limit: Int, known: String) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        let words = location.trimmed
        if !CasePlaceDraft.isPlain(words) || words.unicodeScalars.count > limit, words != known {
            problems.append(.init("location", Text("最多 \(limit) 个字，不能有控制字符", "At most \(limit) plain characters")))
        }
        if !CasePlaceDraft.isPlain(reason) || reason.trimmed.isEmpty || reason.unicodeScalars.count > 1000 {
            problems.append(.init("text", Text("请写明理由，最多 1000 个字", "Please say why, at most 1,000 characters")))
        }
        return problems
    }
}

/// Where a case lies, as it is kept.
struct CaseWhereabouts: Equatable {
    var place: ID<Place>?
    var address: String
    var division: DivisionCode
    /// The words, with numbers masked.
    var location: String
    var latitude: Double?
    var longitude: Double?

    /// Where a case lies now.
    init(_ item: CaseRecord) {
        (place, address, division) = (item.place, item.placeAddress, item.division)
        (location, latitude, longitude) = (item.location, item.latitude, item.longitude)
    }

    /// In words for the history: the address with what was added to it, and whose grid that is.
    func words(at now: Instant, _ tx: ReadTx) throws -> String {
        let levels: [DivisionCode.Level] =
            division.level == .grid ? [.community, .grid] : division.level == .community ? [.community] : [.street]
        let names = try levels.map { level -> String in
            let code = division.ancestor(at: level)
            return try DivisionsStore.find(code, at: now, tx)?.name ?? code.description
        }
        let (spot, area) = (CaseRecord.whereabouts(address, location), names.joined(separator: " "))
        return spot.isEmpty ? area : "\(spot)（\(area)）"
    }

    /// What the history says of a correction: both, side by side.
    func corrected(to here: CaseWhereabouts, _ tx: WriteTx) throws -> String {
        let (before, after) = (try words(at: tx.now, tx), try here.words(at: tx.now, tx))
        return "地点由“\(before)”更正为“\(after)”"
    }
}

extension CaseCommands {
    /// Where a case lies from now on by a correction: the place's division, else the named one or the grid of the point.
    ///
    /// - Throws: `.invalid` naming what is missing, or cannot be together.
    func whereabouts(_ draft: CasePlaceDraft, of item: CaseRecord, _ tx: WriteTx) throws -> CaseWhereabouts {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        let field = type.fields.first { $0.id == "location" }
        var problems = draft.problems(limit: field?.limit ?? 120, known: item.location)
        let place = try draft.place.flatMap { try PlacesStore.find($0, tx) }
        if let id = draft.place, place == nil || place?.isHere == false && id != item.place {
            problems.append(.init("place", Text("地址库里没有这个地方，或者已经停用", "The register has no such place, or it ended")))
        }
        if place == nil, field?.isRequired == true, draft.location.trimmed.isEmpty {
            problems.append(.init("location", Text("请写清楚在哪里", "Please say where it is")))
        }
        guard problems.isEmpty else { throw LinliError.invalid("cases.place", problems) }
        if let point = draft.point, !point.isInChina { throw CaseCommands.elsewhere }
        let own = try draft.point.flatMap { point in
            try GridLocator.grid(latitude: point.latitude, longitude: point.longitude, at: tx.now, tx)
        }
        var here = CaseWhereabouts(item)
        here.division = try CaseCommands.division(place, draft.division, own)
        let isKnown = try place != nil || DivisionsStore.find(here.division, at: tx.now, tx) != nil
        guard isKnown, here.division.level >= .street else {
            throw LinliError.invalid(
                "cases.division",
                [.init("division", Text("没有这个街道、社区或网格，请核对区划代码", "There is no such street, community or grid"))])
        }
        let stays = place?.id == item.place && here.division == item.division
        (here.place, here.address) = (place?.id, place?.address ?? "")
        if let point = draft.point {
            (here.latitude, here.longitude) = (point.latitude, point.longitude)
        } else if !stays {
            (here.latitude, here.longitude) = (place?.latitude, place?.longitude)
        }
        // What is sent back as it was shown is masked already.
        if draft.location.trimmed != item.location {
            here.location = LiftedText(draft.location.trimmed, hiding: try tellerNames(of: item.id, tx)).masked
        }
        return here
    }

    /// The division of a corrected case: a point may say the grid of a wider one, and not lie in another.
    private static func division(
        _ place: PlaceSummary?, _ named: DivisionCode?, _ grid: DivisionCode?
    ) throws -> DivisionCode {
        if let place {
            guard let grid, !place.division.ancestor(at: .community).contains(grid) else { return place.division }
            throw elsewhere
        }
        guard let division = named ?? grid else {
            throw LinliError.invalid(
                "cases.division", [.init("division", Text("请选是哪里的事", "Please choose where it is"))])
        }
        guard let grid, grid != division else { return division }
        guard division.contains(grid) else { throw elsewhere }
        return grid
    }

    private static let elsewhere = LinliError.invalid(
        "cases.point",
        [
            .init(
                "latitude",
                Text("坐标不在所选的地方，请核对，或者不填", "The point does not lie there: please check it, or leave it out"))
        ])
}
