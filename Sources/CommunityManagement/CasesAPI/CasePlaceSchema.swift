import LinliCore
import LinliKernel
import LinliStandards

extension CaseWorkSchemas {
    /// Where a case lies, as it is corrected.
    static let place = Schema<CasePlaceDraft>(
        "CasePlace",
        [
            SchemaProperty("place", .id, "A place of the register; its address and division then count"),
            SchemaProperty(
                "division", .shaped(.division),
                "Where, without a place: 9, 12 or 15 digits; without it the grid of the point"),
            SchemaProperty("location", .text(limit: 200), "Where exactly; what is there now goes"),
            SchemaProperty("latitude", .number(-90...90), "WGS84; without a point that of the place counts"),
            SchemaProperty("longitude", .number(-180...180), "WGS84"),
            SchemaProperty("text", .text(limit: 1000), required: true, "The reason, which the reporter reads"),
        ],
        decode: { json in
            let (latitude, longitude) = (json.number("latitude"), json.number("longitude"))
            guard (latitude == nil) == (longitude == nil) else {
                let missing = latitude == nil ? "latitude" : "longitude"
                throw LinliError.invalid(
                    "cases.place",
                    [.init(missing, Text("经纬度要一起给出", "latitude and longitude come together"))])
            }
            let point = latitude.flatMap { latitude in
                longitude.flatMap { GeoPoint(longitude: $0, latitude: latitude) }
            }
            return CasePlaceDraft(
                place: json.id("place"), division: DivisionCode(json.text("division")),
                location: json.text("location"), point: point, reason: json.text("text"))
        },
        encode: { _ in [:] }
    )
}
