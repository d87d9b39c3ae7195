import LinliCore
import LinliStandards

/// A place with what a program asks of it: who looks after it, its address in the standard form, its area, what lies
/// directly in it, its photos and its history.
package struct PlaceDetail: Sendable {
    /// The place.
    package let place: PlaceSummary
    /// What lies directly in it and is there.
    package let children: [PlaceSummary]
    /// Its own manager, or that of what it lies in.
    package let manager: UnitSummary?
    /// Its address in the standard form, and what does not fit.
    package let address: PlaceAddress
    /// Its area on the map.
    package let area: GeoArea?
    /// Its photos.
    package let photos: [ID<StoredFile>]
    /// What was done to it.
    package let history: [PlaceHistory.Line]
    /// The places that were joined with it.
    package let merged: [MergedPlace]
    private let names: DivisionNames

    /// Reads it; the caller has checked who asks.
    package init(_ place: PlaceSummary, _ services: Services, _ tx: ReadTx) throws {
        self.place = place
        names = services.divisions
        children = try PlacesStore.children(of: place.id, tx).filter(\.isHere)
        manager = try PlacesStore.manager(of: place, tx)
        address = PlaceAddress(try PlacesStore.chain(of: place.id, tx)) { services.divisions.known($0) }
        area = try PlaceAreas.find(place.id, tx)
        photos = try PlaceRegister.photos(of: place.id, tx)
        history = try PlaceHistory.lines(of: place.id, services.database.keys, tx)
        merged = try MergedPlace.find(into: place.id, tx)
    }

    /// What a place is to a program in a list.
    package static let listed = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("kind", .choice(PlaceKind.allCases.map(\.rawValue)), required: true, "What it is"),
        SchemaProperty("name", .text(limit: 60), required: true, "Its own name"),
        SchemaProperty("address", .text(limit: 160), required: true, "Its whole address"),
        SchemaProperty("division", .text(limit: 15), required: true, "Where it lies, 15 digits"),
        SchemaProperty(
            "right", .choice(PropertyRight.allCases.map(\.rawValue)), required: true, "Whose the buildings are"),
        SchemaProperty("parent", .id, "The place it lies in"),
        SchemaProperty("manager", .id, "The unit that looks after shared parts, when it is its own"),
        SchemaProperty("road", .text(limit: 40), "The road or lane; missing: as what it lies in"),
        SchemaProperty("door", .text(limit: 20), "The house number there; missing: as what it lies in"),
        SchemaProperty("latitude", .number(-90...90), "WGS84"),
        SchemaProperty("longitude", .number(-180...180), "WGS84"),
        SchemaProperty("version", .integer(1...Int64(Int32.max)), required: true, "Grows with every change"),
        SchemaProperty("source", .text(limit: 40), required: true, "Who or what said so"),
        SchemaProperty("since", .moment, "Since when it is entered; missing for what was there before that was noted"),
        SchemaProperty("endedAt", .moment, "Since when it is there no more"),
        SchemaProperty("endReason", .choice(PlaceEndReason.allCases.map(\.rawValue)), "Why"),
        SchemaProperty("mergedInto", .id, "The place that stands for it"),
    ]

    /// A place in a list.
    package static func json(_ place: PlaceSummary) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(place.id)"), "kind": .text(place.kind.rawValue), "name": .text(place.name),
            "address": .text(place.address), "division": .text("\(place.division)"),
            "right": .text(place.propertyRight.rawValue), "version": .int(Int64(place.version)),
            "source": .text(place.source),
        ]
        json["parent"] = place.parent.map { .text("\($0)") }
        json["manager"] = place.manager.map { .text("\($0)") }
        if !place.road.isEmpty { json["road"] = .text(place.road) }
        if !place.door.isEmpty { json["door"] = .text(place.door) }
        json["latitude"] = place.latitude.map { .real($0) }
        json["longitude"] = place.longitude.map { .real($0) }
        if place.validFrom.milliseconds > 0 { json["since"] = .text(place.validFrom.iso8601) }
        json["endedAt"] = place.validTo.map { .text($0.iso8601) }
        json["endReason"] = place.endReason.map { .text($0.rawValue) }
        json["mergedInto"] = place.mergedInto.map { .text("\($0)") }
        return json
    }

    /// What a place alone is to a program.
    package static let properties =
        listed + [
            SchemaProperty("managerName", .text(limit: 80), "Who looks after it, or after what it lies in"),
            SchemaProperty("managerPhone", .text(limit: 40), "Their duty phone"),
            SchemaProperty(
                "standardAddress", .text(limit: 400), required: true,
                "Divisions, road, house number, estate, building, entrance"),
            SchemaProperty(
                "remarks", .list(.text(limit: 400), limit: 10), required: true,
                "What of it does not fit the standard form"),
            SchemaProperty("area", .text(limit: 200_000), "Its area, a GeoJSON geometry as text, WGS 84"),
            SchemaProperty(
                "inside", .list(.object(listed), limit: 1000), required: true, "What lies directly in it"),
            SchemaProperty("photos", .list(.id, limit: 30), required: true, "Photos, the newest first"),
            SchemaProperty(
                "merged",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier"),
                        SchemaProperty("address", .text(limit: 160), required: true, "Its whole address"),
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty("by", .text(limit: 60), required: true, "Who; empty for the program"),
                    ]), limit: 20), required: true, "Places that were joined with it, the last first"),
            SchemaProperty(
                "history",
                .list(
                    .object([
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty(
                            "what", .choice(RegisterHistory.What.allCases.map(\.rawValue)), required: true,
                            "What was done"),
                        SchemaProperty("actor", .text(limit: 60), required: true, "By whom; empty for the program"),
                        SchemaProperty("source", .text(limit: 40), required: true, "Who or what said so"),
                        SchemaProperty(
                            "changes",
                            .list(
                                .object([
                                    SchemaProperty("field", .text(limit: 60), required: true, "What was different"),
                                    SchemaProperty("old", .text(limit: 400), required: true, "Before"),
                                    SchemaProperty("new", .text(limit: 400), required: true, "After"),
                                ]), limit: 20), required: true, "Values before and after"),
                    ]), limit: 50), required: true, "What was done to it, the newest first"),
        ]

    /// The place alone.
    package var json: [String: JSONValue] {
        var json = PlaceDetail.json(place)
        json["managerName"] = manager.map { .text($0.name.zh) }
        if let phone = manager?.phone, !phone.isEmpty { json["managerPhone"] = .text(phone) }
        json["standardAddress"] = .text(address.text)
        json["remarks"] = .array(address.remarks.map { .text($0.zh) })
        if let area {
            var shape = JSONWriter()
            area.writeGeoJSON(to: &shape)
            json["area"] = .text(String(decoding: shape.bytes, as: UTF8.self))
        }
        json["inside"] = .array(children.map { .object(PlaceDetail.json($0)) })
        json["photos"] = .array(photos.map { .text("\($0)") })
        json["merged"] = .array(
            merged.map { other in
                .object([
                    "id": .text("\(other.place.id)"), "address": .text(other.place.address),
                    "at": .text(other.at.iso8601), "by": .text(other.actor),
                ])
            })
        json["history"] = .array(history.map(line))
        return json
    }

    private func line(_ line: PlaceHistory.Line) -> JSONValue {
        .object([
            "at": .text(line.at.iso8601), "what": .text(line.what.rawValue), "actor": .text(line.actor),
            "source": .text(line.source),
            "changes": .array(
                line.changes(names).map { change in
                    .object([
                        "field": .text(change.field.zh), "old": .text(change.old.zh), "new": .text(change.new.zh),
                    ])
                }),
        ])
    }
}
