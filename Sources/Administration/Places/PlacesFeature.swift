import LinliCore
import LinliKernel

extension Feature {
    /// Places 地点: estates with their buildings and entrances, lanes and yards, villages and public spaces, whose they
    /// are, who manages them, and where they lie, with their area, photos and history; also many at once from a table or
    /// from GeoJSON; two that are one are joined, what is there no more ends.
    ///
    /// Administrators change them within the divisions of their own duty, auditors read. Pages: `/admin/places`,
    /// `/admin/places/import`, `/admin/places/areas`, `/admin/places/:id`; for programs `/api/v1/admin/places` and `/api/v1/admin/place-import`.
    package static let places = Feature(
        id: "places",
        name: Text("地点", "Places"),
        routes: PlacesRoutes.all + PlacesImportRoutes.all + PlacesTakeBackRoutes.all + PlacesShapesRoutes.all
            + PlacesAPI.all,
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("地点", "Places"),
                icon: "pin",
                path: "/admin/places",
                permission: .registersRead
            )
        ]
    )
}
